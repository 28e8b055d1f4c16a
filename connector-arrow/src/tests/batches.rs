//! Batches to convert, and record batches read back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float64Type, Int8Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use connector_core::{
    Column, Date, Decimal, DecimalSize, Duration, Field, FieldDefinition, FieldType, I256, Point,
    ReplicationChangesTrackingType, RowOp, Schema, SourceSchema, TableBatch, TimeUnit, Timestamp,
};

const UNITS: [TimeUnit; 4] = [
    TimeUnit::Second,
    TimeUnit::Milli,
    TimeUnit::Micro,
    TimeUnit::Nano,
];

pub(crate) fn decimal(precision: u8, scale: i8) -> FieldType {
    FieldType::Decimal(Some(DecimalSize::new(precision, scale).unwrap()))
}

/// Every field type, with every unit and every layout of a decimal.
pub(crate) fn field_types() -> Vec<FieldType> {
    let mut types = FieldType::ALL.to_vec();
    types.extend(UNITS.map(FieldType::Timestamp));
    types.extend(UNITS.map(FieldType::Duration));
    types.extend([
        decimal(1, 0),
        decimal(10, 2),
        decimal(38, 38),
        decimal(39, 0),
        decimal(76, 76),
        decimal(2, 5),
        decimal(5, -3),
        decimal(40, 60),
        decimal(10, 50),
        decimal(40, -76),
    ]);
    types
}

/// Some values of the type, its least and its greatest among them.
pub(crate) fn samples(field_type: FieldType) -> Vec<Field> {
    let text = ["", "æøå", "nul\0", &"long ".repeat(100)].map(str::to_owned);
    match field_type {
        FieldType::UInt => [0, 1, u64::MAX].map(Field::UInt).to_vec(),
        FieldType::U128 => [0, 1, u128::MAX].map(Field::U128).to_vec(),
        FieldType::Int => [i64::MIN, -1, 0, i64::MAX].map(Field::Int).to_vec(),
        FieldType::Int8 => [i8::MIN, -1, 0, i8::MAX].map(Field::Int8).to_vec(),
        FieldType::I128 => [i128::MIN, -1, 0, i128::MAX].map(Field::I128).to_vec(),
        FieldType::Float => [-0.0, f64::NAN, f64::INFINITY, f64::MIN]
            .map(Field::Float)
            .to_vec(),
        FieldType::Boolean => [true, false, true].map(Field::Boolean).to_vec(),
        FieldType::String => text.map(Field::String).to_vec(),
        FieldType::Text => text.map(Field::Text).to_vec(),
        FieldType::Json => ["null", "{\"a\":[1,2]}"]
            .map(|json| Field::Json(json.to_owned()))
            .to_vec(),
        FieldType::Binary => [vec![], vec![0, 255], vec![7; 300]]
            .map(Field::Binary)
            .to_vec(),
        FieldType::Decimal(None) => ["0", "-12.50", &"9".repeat(90)]
            .map(|text| Field::cast(field_type, connector_core::Value::Text(text)).unwrap())
            .to_vec(),
        FieldType::Decimal(Some(size)) => {
            let most: I256 = "9".repeat(size.precision().into()).parse().unwrap();
            [most, I256::ZERO, most.checked_neg().unwrap()]
                .map(|mantissa| Field::Decimal(Decimal::new(mantissa, size.scale()).unwrap()))
                .to_vec()
        }
        FieldType::Timestamp(unit) => [i64::MIN, -1, 0, i64::MAX]
            .map(|count| Field::Timestamp(Timestamp::from_unit(count, unit)))
            .to_vec(),
        FieldType::Date => [Date::MIN, Date::from_days(0), Date::MAX]
            .map(Field::Date)
            .to_vec(),
        FieldType::Point => [Point::new(1.5, -2.5), Point::new(f64::INFINITY, -0.0)]
            .map(Field::Point)
            .to_vec(),
        FieldType::Duration(unit) => [i64::MIN, -1, 0, i64::MAX]
            .map(|count| Field::Duration(Duration::from_unit(count, unit)))
            .to_vec(),
    }
}

pub(crate) fn column(field_type: FieldType, values: &[Field]) -> Column {
    let mut column = Column::new(field_type);
    for value in values {
        column.push(value.as_value()).unwrap();
    }
    column
}

pub(crate) fn definition(name: &str, typ: FieldType) -> FieldDefinition {
    FieldDefinition {
        name: name.to_owned(),
        typ,
        nullable: true,
        external_type: None,
        description: None,
        number: None,
    }
}

pub(crate) fn source(fields: Vec<FieldDefinition>) -> SourceSchema {
    SourceSchema {
        name: "readings".to_owned(),
        namespace: None,
        table_name: "readings".to_owned(),
        schema: Schema {
            fields,
            primary_index: Vec::new(),
        },
        replication_type: ReplicationChangesTrackingType::FullChanges,
        description: None,
    }
}

/// A batch of inserts; the fields are called `c0`, `c1` and so on.
pub(crate) fn batch(columns: Vec<Column>) -> TableBatch {
    let fields = (columns.iter().enumerate())
        .map(|(place, column)| definition(&format!("c{place}"), column.field_type()));
    batch_of(source(fields.collect()), columns)
}

pub(crate) fn batch_of(source: SourceSchema, columns: Vec<Column>) -> TableBatch {
    let rows = columns.first().map_or(0, Column::len);
    TableBatch {
        table: 0,
        schema: Arc::new(source),
        ops: vec![RowOp::Insert; rows],
        lsn: (0..rows as u64).map(|row| row / 2).collect(),
        seq: (0..rows as u64).map(|row| row % 2 + 1).collect(),
        columns,
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

/// The value of a row as Arrow has it, as a field of the type.
pub(crate) fn field_of(field_type: FieldType, array: &ArrayRef, row: usize) -> Field {
    if array.is_null(row) {
        return Field::Null;
    }
    let wide = || {
        let (low, high) = primitive::<Decimal256Type>(array, row).to_parts();
        I256::from_parts(low, high)
    };
    match field_type {
        FieldType::UInt => Field::UInt(primitive::<UInt64Type>(array, row)),
        FieldType::U128 => Field::U128(wide().to_u128().unwrap()),
        FieldType::Int => Field::Int(primitive::<Int64Type>(array, row)),
        FieldType::Int8 => Field::Int8(primitive::<Int8Type>(array, row)),
        FieldType::I128 => Field::I128(wide().to_i128().unwrap()),
        FieldType::Float => Field::Float(primitive::<Float64Type>(array, row)),
        FieldType::Boolean => Field::Boolean(array.as_boolean().value(row)),
        FieldType::String => Field::String(array.as_string::<i32>().value(row).to_owned()),
        FieldType::Text => Field::Text(array.as_string::<i32>().value(row).to_owned()),
        FieldType::Json => Field::Json(array.as_string::<i32>().value(row).to_owned()),
        FieldType::Binary => Field::Binary(array.as_binary::<i32>().value(row).to_owned()),
        FieldType::Decimal(None) => {
            let text = array.as_string::<i32>().value(row);
            Field::cast(field_type, connector_core::Value::Text(text)).unwrap()
        }
        FieldType::Decimal(Some(size)) => {
            let narrow = array.as_primitive_opt::<Decimal128Type>();
            let mantissa = narrow.map_or_else(wide, |array| I256::from(array.value(row)));
            Field::Decimal(Decimal::new(mantissa, size.scale()).unwrap())
        }
        FieldType::Timestamp(unit) => {
            let count = match unit {
                TimeUnit::Second => primitive::<TimestampSecondType>(array, row),
                TimeUnit::Milli => primitive::<TimestampMillisecondType>(array, row),
                TimeUnit::Micro => primitive::<TimestampMicrosecondType>(array, row),
                TimeUnit::Nano => primitive::<TimestampNanosecondType>(array, row),
            };
            Field::Timestamp(Timestamp::from_unit(count, unit))
        }
        FieldType::Date => Field::Date(Date::from_days(primitive::<Date32Type>(array, row))),
        FieldType::Point => {
            let pair = array.as_fixed_size_list().value(row);
            Field::Point(Point::new(
                primitive::<Float64Type>(&pair, 0),
                primitive::<Float64Type>(&pair, 1),
            ))
        }
        FieldType::Duration(unit) => {
            let count = match unit {
                TimeUnit::Second => primitive::<DurationSecondType>(array, row),
                TimeUnit::Milli => primitive::<DurationMillisecondType>(array, row),
                TimeUnit::Micro => primitive::<DurationMicrosecondType>(array, row),
                TimeUnit::Nano => primitive::<DurationNanosecondType>(array, row),
            };
            Field::Duration(Duration::from_unit(count, unit))
        }
    }
}

/// The rows of a column as fields; what was not sent reads as null, as it does in Arrow.
pub(crate) fn fields(column: &Column) -> Vec<Field> {
    (0..column.len())
        .map(|row| {
            let value = Some(row).filter(|row| !column.is_null(*row));
            value.map_or(Field::Null, |row| {
                Field::from_value(column.field_type(), column.value(row))
            })
        })
        .collect()
}
