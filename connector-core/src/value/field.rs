//! One value of a record, owned.

use super::{Date, Decimal, Duration, Point, Timestamp, UuidText, Value};
use crate::types::FieldType;

/// One value of a record, owned: a variant per field type, and null and unchanged.
///
/// Floats are equal where their bits are, so a NaN equals itself and 0 does not equal -0.
#[derive(Debug, Clone, Default)]
pub enum Field {
    /// No value.
    #[default]
    Null,
    /// The source did not send the value, because it did not change.
    Unchanged,
    /// Of a `UInt` column.
    UInt(u64),
    /// Of a `U128` column.
    U128(u128),
    /// Of an `Int` column.
    Int(i64),
    /// Of an `Int8` column.
    Int8(i8),
    /// Of an `I128` column.
    I128(i128),
    /// Of a `Float` column.
    Float(f64),
    /// Of a `Boolean` column.
    Boolean(bool),
    /// Of a `String` column.
    String(String),
    /// Of a `Text` column.
    Text(String),
    /// Of a `Binary` column.
    Binary(Vec<u8>),
    /// Of a `Decimal` column.
    Decimal(Decimal),
    /// Of a `Decimal` column without a size, where the number has more digits than [`Decimal`] holds.
    DecimalText(String),
    /// Of a `Timestamp` column.
    Timestamp(Timestamp),
    /// Of a `Date` column.
    Date(Date),
    /// Of a `Json` column.
    Json(String),
    /// Of a `Point` column.
    Point(Point),
    /// Of a `Duration` column.
    Duration(Duration),
}

impl Field {
    /// A value as it was read out of a column of this type.
    ///
    /// The type tells apart what one kind of value stands for (`Int` and `Int8`, `String` and `Text`). Nothing is cast: a
    /// value of a kind that the column never gives keeps its own kind. To cast, see [`cast`](Self::cast).
    pub fn from_value(field_type: FieldType, value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Unchanged => Self::Unchanged,
            Value::Bool(value) => Self::Boolean(value),
            Value::Int(value) => match i8::try_from(value) {
                Ok(small) if field_type == FieldType::Int8 => Self::Int8(small),
                _ => Self::Int(value),
            },
            Value::UInt(value) => Self::UInt(value),
            Value::I128(value) => Self::I128(value),
            Value::U128(value) => Self::U128(value),
            Value::Float(value) => Self::Float(value),
            Value::Text(text) if field_type == FieldType::Text => Self::Text(text.to_owned()),
            Value::Text(text) if field_type == FieldType::Json => Self::Json(text.to_owned()),
            Value::Text(text) => Self::String(text.to_owned()),
            Value::Bytes(bytes) => Self::Binary(bytes.to_owned()),
            Value::Decimal(value) => Self::Decimal(value),
            Value::DecimalText(text) => Self::DecimalText(text.to_owned()),
            Value::Timestamp(value) => Self::Timestamp(value),
            Value::Date(value) => Self::Date(value),
            Value::Time(value) => Self::Duration(value.into()),
            Value::Duration(value) => Self::Duration(value),
            Value::Json(text) => Self::Json(text.to_owned()),
            Value::Uuid(bytes) => Self::String(UuidText(bytes).to_string()),
            Value::Point(value) => Self::Point(value),
        }
    }

    /// The value, borrowed.
    pub fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Unchanged => Value::Unchanged,
            Self::UInt(value) => Value::UInt(*value),
            Self::U128(value) => Value::U128(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Int8(value) => Value::Int(i64::from(*value)),
            Self::I128(value) => Value::I128(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Boolean(value) => Value::Bool(*value),
            Self::String(text) | Self::Text(text) => Value::Text(text),
            Self::Binary(bytes) => Value::Bytes(bytes),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::DecimalText(text) => Value::DecimalText(text),
            Self::Timestamp(value) => Value::Timestamp(*value),
            Self::Date(value) => Value::Date(*value),
            Self::Json(text) => Value::Json(text),
            Self::Point(value) => Value::Point(*value),
            Self::Duration(value) => Value::Duration(*value),
        }
    }

    /// Whether it is null; an unchanged value is not.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the source did not send it.
    pub const fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Unchanged, Self::Unchanged) => true,
            (Self::UInt(left), Self::UInt(right)) => left == right,
            (Self::U128(left), Self::U128(right)) => left == right,
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::Int8(left), Self::Int8(right)) => left == right,
            (Self::I128(left), Self::I128(right)) => left == right,
            (Self::Float(left), Self::Float(right)) => left.to_bits() == right.to_bits(),
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::String(left), Self::String(right))
            | (Self::Text(left), Self::Text(right))
            | (Self::DecimalText(left), Self::DecimalText(right))
            | (Self::Json(left), Self::Json(right)) => left == right,
            (Self::Binary(left), Self::Binary(right)) => left == right,
            (Self::Decimal(left), Self::Decimal(right)) => left == right,
            (Self::Timestamp(left), Self::Timestamp(right)) => left == right,
            (Self::Date(left), Self::Date(right)) => left == right,
            (Self::Point(left), Self::Point(right)) => {
                left.x.to_bits() == right.x.to_bits() && left.y.to_bits() == right.y.to_bits()
            }
            (Self::Duration(left), Self::Duration(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Field {}
