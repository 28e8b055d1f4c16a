//! Values for columns of every field type: one for each number, and those at the edges of the type.

use connector_core::{
    ColumnInfo, Date, Decimal, DecimalSize, Duration, Field, FieldType, Point, TimeUnit, Timestamp,
};

/// A value of a column's field type. Those of a key column are all different; of the values of a nullable column, every
/// third is null.
pub fn sample(column: &ColumnInfo, number: u64) -> Field {
    if column.nullable && column.key.is_none() && number % 3 == 2 {
        return Field::Null;
    }
    column
        .field_type()
        .map_or(Field::Null, |field_type| of_type(field_type, number))
}

fn of_type(field_type: FieldType, number: u64) -> Field {
    let signed = i64::try_from(number).unwrap_or(i64::MAX);
    match field_type {
        FieldType::UInt => Field::UInt(number),
        FieldType::U128 => Field::U128(u128::from(number) << 64),
        FieldType::Int => Field::Int(signed),
        FieldType::Int8 => Field::Int8(i8::try_from(signed % 128).unwrap_or(0)),
        FieldType::I128 => Field::I128(i128::from(signed) << 64),
        FieldType::Float => {
            Field::Float(f64::from(u32::try_from(number).unwrap_or(u32::MAX)) + 0.5)
        }
        FieldType::Boolean => Field::Boolean(number.is_multiple_of(2)),
        FieldType::String => Field::String(format!("text {number}")),
        FieldType::Text => Field::Text(format!("text {number}")),
        FieldType::Binary => Field::Binary(number.to_be_bytes().to_vec()),
        FieldType::Decimal(size) => decimal(size, number),
        FieldType::Timestamp(_) => Field::Timestamp(Timestamp::from_unit(signed, TimeUnit::Second)),
        FieldType::Date => Field::Date(Date::from_days(
            i32::try_from(number % 100_000).unwrap_or(0),
        )),
        FieldType::Json => Field::Json(format!("[\"n {number}\"]")),
        FieldType::Point => {
            let x = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
            Field::Point(Point::new(x, -x))
        }
        FieldType::Duration(_) => Field::Duration(Duration::from_unit(signed, TimeUnit::Second)),
    }
}

fn decimal(size: Option<DecimalSize>, number: u64) -> Field {
    let scale = size.map_or(2, DecimalSize::scale);
    Field::Decimal(Decimal::from_i128(i128::from(number) * 10 + 5, scale))
}

/// The least, the greatest and the odd values of a field type.
pub(crate) fn edges(field_type: FieldType) -> Vec<Field> {
    match field_type {
        FieldType::UInt => [0, 1, u64::MAX].map(Field::UInt).into(),
        FieldType::U128 => [0, 1, u128::MAX].map(Field::U128).into(),
        FieldType::Int => [i64::MIN, -1, 0, 1, i64::MAX].map(Field::Int).into(),
        FieldType::Int8 => [i8::MIN, -1, 0, i8::MAX].map(Field::Int8).into(),
        FieldType::I128 => [i128::MIN, 0, i128::MAX].map(Field::I128).into(),
        FieldType::Float => [
            0.0,
            -1.5,
            0.1,
            f64::MIN_POSITIVE,
            f64::MIN,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ]
        .map(Field::Float)
        .into(),
        FieldType::Boolean => [false, true].map(Field::Boolean).into(),
        FieldType::String => texts().map(Field::String).collect(),
        FieldType::Text => texts().map(Field::Text).collect(),
        FieldType::Binary => vec![
            Field::Binary(Vec::new()),
            Field::Binary(vec![0]),
            Field::Binary((0..=u8::MAX).collect()),
            Field::Binary(vec![0xff; 70_000]),
        ],
        FieldType::Decimal(size) => decimals(size),
        FieldType::Timestamp(_) => instants(),
        FieldType::Date => [
            (1, 1, 1),
            (1969, 12, 31),
            (1970, 1, 1),
            (2024, 2, 29),
            (9999, 12, 31),
        ]
        .into_iter()
        .filter_map(|(year, month, day)| Date::new(year, month, day).map(Field::Date))
        .collect(),
        FieldType::Json => [
            "null",
            "{}",
            "[]",
            "[1,2.50,\"a \\\"b\\\"\"]",
            "{\"æ\":[null,true]}",
        ]
        .map(|text| Field::Json(text.to_owned()))
        .into(),
        FieldType::Point => [(0.0, 0.0), (-1.5, 1e300), (f64::MIN, f64::MAX)]
            .map(|(x, y)| Field::Point(Point::new(x, y)))
            .into(),
        FieldType::Duration(_) => [0, 1, -1, 86_399_999_999]
            .map(|count| Field::Duration(Duration::from_unit(count, TimeUnit::Micro)))
            .into(),
    }
}

fn texts() -> impl Iterator<Item = String> {
    let short = [
        "",
        " ",
        "it's",
        "\"quoted\"",
        "a\\b",
        "line\nbreak\ttab",
        "NULL",
        "\\N",
        "æøå 🦀",
        "\u{feff}x",
    ];
    let long = "long æ ".repeat(10_000);
    short.map(str::to_owned).into_iter().chain([long])
}

fn decimals(size: Option<DecimalSize>) -> Vec<Field> {
    let plain = |mantissa, scale| Field::Decimal(Decimal::from_i128(mantissa, scale));
    match size {
        None => vec![
            plain(0, 0),
            plain(-1, 0),
            plain(150, 2),
            plain(1, 30),
            plain(i128::MAX, 10),
        ],
        Some(size) => {
            let digits = u32::from(size.precision()).min(38);
            let greatest = 10_i128
                .checked_pow(digits)
                .map_or(i128::MAX, |power| power - 1);
            [0, 1, -1, greatest, -greatest]
                .map(|mantissa| plain(mantissa, size.scale()))
                .into()
        }
    }
}

fn instants() -> Vec<Field> {
    let years = [(1, 1, 1), (1900, 2, 28), (2038, 1, 19), (9999, 12, 31)];
    let days = years.into_iter().filter_map(|(year, month, day)| {
        let days = i64::from(Date::new(year, month, day)?.days());
        Some(Timestamp::from_unit(days * 86_400, TimeUnit::Second))
    });
    [
        Timestamp::EPOCH,
        Timestamp::from_unit(-1, TimeUnit::Micro),
        Timestamp::from_unit(1_709_251_199_999_999, TimeUnit::Micro),
    ]
    .into_iter()
    .chain(days)
    .map(Field::Timestamp)
    .collect()
}
