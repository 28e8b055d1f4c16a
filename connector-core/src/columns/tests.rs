//! A column against a plain vector.

use proptest::prelude::*;

use super::{Bitmap, Column, ColumnData, Texts};
use crate::types::{DecimalSize, FieldType, TimeUnit};
use crate::value::{Date, Decimal, Duration, Field, I256, Misfit, Point, Timestamp, Value};

fn sized(precision: u8, scale: i8) -> FieldType {
    FieldType::Decimal(DecimalSize::new(precision, scale))
}

fn field_types() -> impl Strategy<Value = FieldType> {
    let mut types = FieldType::ALL.to_vec();
    types.extend([sized(38, 2), sized(39, 2), sized(76, -3)]);
    types.extend([
        FieldType::Timestamp(TimeUnit::Second),
        FieldType::Duration(TimeUnit::Nano),
    ]);
    prop::sample::select(types)
}

/// Values of every kind, of which many fit each type.
fn values() -> impl Strategy<Value = Field> {
    prop_oneof![
        Just(Field::Null),
        Just(Field::Unchanged),
        any::<u64>().prop_map(Field::UInt),
        any::<i64>().prop_map(Field::Int),
        (-3_i64..3).prop_map(Field::Int),
        any::<i128>().prop_map(Field::I128),
        any::<u128>().prop_map(Field::U128),
        any::<f64>().prop_map(Field::Float),
        any::<bool>().prop_map(Field::Boolean),
        ".{0,12}".prop_map(Field::String),
        "-?[0-9]{1,20}(\\.[0-9]{1,4})?".prop_map(Field::String),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(Field::Binary),
        (any::<i128>(), -5_i8..5)
            .prop_map(|(mantissa, scale)| Field::Decimal(Decimal::from_i128(mantissa, scale))),
        any::<i64>()
            .prop_map(|count| Field::Timestamp(Timestamp::from_unit(count, TimeUnit::Micro))),
        any::<i64>().prop_map(|count| Field::Duration(Duration::from_unit(count, TimeUnit::Micro))),
        any::<i32>().prop_map(|days| Field::Date(Date::from_days(days))),
        any::<(f64, f64)>().prop_map(|pair| Field::Point(pair.into())),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Push(Field),
    Truncate(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        9 => values().prop_map(Step::Push),
        1 => any::<prop::sample::Index>().prop_map(Step::Truncate),
    ];
    prop::collection::vec(step, 0..80)
}

fn rows(column: &Column) -> Vec<Field> {
    (0..column.len())
        .map(|row| Field::from_value(column.field_type(), column.value(row)))
        .collect()
}

proptest! {
    #[test]
    fn a_column_holds_what_was_pushed_and_not_cut_off(field_type in field_types(), steps in steps()) {
        let mut column = Column::new(field_type);
        let mut model = Vec::new();
        for step in steps {
            match step {
                Step::Push(field) => match Field::cast(field_type, field.as_value()) {
                    Ok(held) => {
                        prop_assert_eq!(column.push(field.as_value()), Ok(()));
                        model.push(held);
                    }
                    Err(misfit) => prop_assert_eq!(column.push(field.as_value()), Err(misfit)),
                },
                Step::Truncate(index) => {
                    let len = index.index(model.len() + 1);
                    column.truncate(len);
                    model.truncate(len);
                }
            }
            prop_assert_eq!(column.len(), model.len());
        }
        prop_assert_eq!(rows(&column), model.clone());
        let gaps = model.iter().filter(|field| field.is_null() || field.is_unchanged()).count();
        prop_assert_eq!(column.null_count(), gaps);

        let mut copy = Column::new(field_type);
        for row in (0..column.len()).rev() {
            prop_assert_eq!(copy.push_from(&column, row), Ok(()));
        }
        let mut backwards = rows(&copy);
        backwards.reverse();
        prop_assert_eq!(backwards, model.clone());

        let parts = column.into_parts();
        prop_assert_eq!(parts.validity.is_some(), gaps > 0);
        prop_assert_eq!(parts.unchanged.is_some(), model.iter().any(Field::is_unchanged));
        for bitmap in parts.validity.iter().chain(&parts.unchanged) {
            prop_assert_eq!(bitmap.len(), model.len());
        }
    }

    #[test]
    fn a_decimal_in_a_column_is_what_fits_its_size(
        mantissa in prop_oneof![any::<i128>(), any::<i64>().prop_map(i128::from), (-100_000_i128..100_000)],
        scale in prop_oneof![-40_i8..40, -3_i8..5, any::<i8>()],
        precision in 1_u8..=76,
        column_scale in prop_oneof![-3_i8..5, -40_i8..40],
    ) {
        let number = Decimal::from_i128(mantissa, scale);
        let Some(size) = DecimalSize::new(precision, column_scale) else {
            return Ok(());
        };
        let mut column = Column::new(FieldType::Decimal(Some(size)));
        let fitted = number.fit(size).map(|mantissa| Decimal::new(mantissa, column_scale).unwrap());
        match (column.push_decimal(number), fitted) {
            (Ok(()), Ok(fitted)) => prop_assert_eq!(column.value(0), Value::Decimal(fitted)),
            (pushed, fitted) => {
                prop_assert_eq!(pushed.unwrap_err(), fitted.unwrap_err());
                prop_assert!(column.is_empty());
            }
        }
    }

    #[test]
    fn a_bitmap_is_a_vector_of_bits(bits in prop::collection::vec(any::<bool>(), 0..70), cut in 0..80_usize, more in any::<bool>()) {
        let mut bitmap: Bitmap = bits.iter().copied().collect();
        let mut model = bits;
        bitmap.truncate(cut);
        model.truncate(cut);
        bitmap.push(more);
        model.push(more);
        prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), model.clone());
        prop_assert_eq!(bitmap.count_ones(), model.iter().filter(|bit| **bit).count());
        prop_assert_eq!(bitmap.as_bytes().len(), model.len().div_ceil(8));
        prop_assert_eq!(bitmap.get(model.len()), None);
        prop_assert_eq!(Bitmap::filled(true, model.len()), model.iter().map(|_| true).collect());
    }
}

#[test]
fn every_type_has_its_layout() {
    let text = |text: &str| {
        let mut texts = Texts::with_capacity(1);
        texts.push(text).unwrap();
        ColumnData::Utf8(texts)
    };
    let cases = [
        (FieldType::UInt, Value::UInt(7), ColumnData::UInt(vec![7])),
        (
            FieldType::U128,
            Value::U128(u128::MAX),
            ColumnData::Decimal256(vec![I256::from(u128::MAX)]),
        ),
        (FieldType::Int, Value::Int(-7), ColumnData::Int(vec![-7])),
        (FieldType::Int8, Value::Int(-7), ColumnData::Int8(vec![-7])),
        (
            FieldType::I128,
            Value::I128(-7),
            ColumnData::Decimal256(vec![I256::from(-7_i64)]),
        ),
        (
            FieldType::Float,
            Value::Float(0.5),
            ColumnData::Float(vec![0.5]),
        ),
        (
            FieldType::Boolean,
            Value::Bool(true),
            ColumnData::Boolean(Bitmap::filled(true, 1)),
        ),
        (FieldType::String, Value::Text("é"), text("é")),
        (FieldType::Text, Value::Text(""), text("")),
        (
            FieldType::Binary,
            Value::Bytes(b"\xff"),
            ColumnData::Binary {
                offsets: vec![0, 1],
                bytes: vec![0xff],
            },
        ),
        (FieldType::DECIMAL, Value::Text("+007.50e1"), text("75.0")),
        (
            sized(38, 2),
            Value::Text("7.5"),
            ColumnData::Decimal128(vec![750]),
        ),
        (
            sized(39, 2),
            Value::Text("7.5"),
            ColumnData::Decimal256(vec![I256::from(750_i64)]),
        ),
        (
            FieldType::TIMESTAMP,
            Value::Text("1970-01-01T00:00:01Z"),
            ColumnData::Timestamp(vec![1_000_000]),
        ),
        (
            FieldType::Date,
            Value::Text("1969-12-31"),
            ColumnData::Date(vec![-1]),
        ),
        (FieldType::Json, Value::Json("{}"), text("{}")),
        (
            FieldType::Point,
            Value::Point(Point::new(1.0, 2.0)),
            ColumnData::Point(vec![1.0, 2.0]),
        ),
        (
            FieldType::DURATION,
            Value::Text("PT1S"),
            ColumnData::Duration(vec![1_000_000]),
        ),
    ];
    for (field_type, value, data) in cases {
        let mut column = Column::with_capacity(field_type, 4);
        column.push(value).unwrap();
        assert_eq!(column.data(), &data, "{field_type}");
        column.push_null();
        column.push_unchanged();
        let parts = column.into_parts();
        assert_eq!(parts.validity.map(Bitmap::into_bytes), Some(vec![0b001]));
        assert_eq!(parts.unchanged.map(Bitmap::into_bytes), Some(vec![0b100]));
    }
}

#[test]
fn no_bitmap_exists_before_the_first_null() {
    let mut column = Column::new(FieldType::Int);
    for number in 0..10 {
        column.push_i64(number).unwrap();
    }
    assert_eq!(column.byte_size(), 80);
    column.push_null();
    assert_eq!(column.byte_size(), 88 + 2);
    assert_eq!(column.clone().into_parts().unchanged, None);
    column.truncate(10);
    assert_eq!(column.into_parts().validity, None);
}

#[test]
fn a_row_past_the_end_is_null() {
    let mut column = Column::new(FieldType::Boolean);
    column.push_bool(true).unwrap();
    assert_eq!(column.value(0), Value::Bool(true));
    assert_eq!(column.value(1), Value::Null);
    assert!(column.is_null(1) && !column.is_unchanged(1));
}

#[test]
fn a_failed_push_leaves_no_trace() {
    let mut column = Column::new(FieldType::Point);
    column.push_unchanged();
    let before = column.clone().into_parts();
    assert!(column.push_str("(1,x)").is_err());
    assert_eq!(
        column.push_bytes(b"x"),
        Err(Misfit::WrongKind { found: "bytes" })
    );
    assert_eq!(column.into_parts(), before);
}
