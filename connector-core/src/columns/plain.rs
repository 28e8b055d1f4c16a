//! Many values at once into a column of their own kind.

use super::{Column, ColumnData};
use crate::types::FieldType;
use crate::value::{Date, Decimal, Duration, Point, Time, Timestamp, UuidText, Value};

/// A kind of value with columns of its own, to which many are appended at once.
pub(crate) trait Plain: Sized {
    /// Appends the values; `None` is null. `false`: the column is of another kind, or a value does not fit, and what was
    /// appended is to be taken back.
    fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool;
}

/// Kinds whose values lie in the buffer one after another, as they are.
macro_rules! fixed {
    ($($rust:ty => $layout:ident, $stored:expr;)+) => {$(
        impl Plain for $rust {
            #[inline]
            fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
                let (_, ColumnData::$layout(buffer), mut nulls) = column.open() else {
                    return false;
                };
                buffer.extend(values.map(|value| nulls.or_mark(value.map($stored))));
                true
            }
        }
    )+};
}

fixed! {
    i64 => Int, |number| number;
    u64 => UInt, |number| number;
    i8 => Int8, |number| number;
    f64 => Float, |number| number;
    Date => Date, Date::days;
}

/// Kinds that are counted in units, which the column chooses.
macro_rules! counted {
    ($($rust:ident),+) => {$(
        impl Plain for $rust {
            #[inline]
            fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
                let (FieldType::$rust(unit), ColumnData::$rust(buffer), mut nulls) = column.open() else {
                    return false;
                };
                let mut fits = true;
                buffer.extend(values.map(|value| {
                    nulls.or_mark(value.map(|value| {
                        value.to_unit(unit).unwrap_or_else(|| {
                            fits = false;
                            0
                        })
                    }))
                }));
                fits
            }
        }
    )+};
}

counted!(Timestamp, Duration);

impl Plain for bool {
    #[inline]
    fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
        let (_, ColumnData::Boolean(bits), mut nulls) = column.open() else {
            return false;
        };
        bits.append_all(values.map(|value| nulls.or_mark(value)));
        true
    }
}

impl Plain for Point {
    #[inline]
    fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
        let (_, ColumnData::Point(buffer), mut nulls) = column.open() else {
            return false;
        };
        buffer.reserve(values.size_hint().0 * 2);
        for value in values {
            buffer.extend(nulls.or_mark(value.map(|point| [point.x, point.y])));
        }
        true
    }
}

impl Plain for &str {
    #[inline]
    fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
        let (FieldType::String | FieldType::Text, ColumnData::Utf8(texts), mut nulls) =
            column.open()
        else {
            return false;
        };
        texts.append_all(values.map(|text| nulls.or_mark(text)))
    }
}

impl Plain for &[u8] {
    #[inline]
    fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
        let (_, ColumnData::Binary { offsets, bytes }, mut nulls) = column.open() else {
            return false;
        };
        offsets.extend(values.map(|value| {
            bytes.extend_from_slice(nulls.or_mark(value));
            i32::try_from(bytes.len()).unwrap_or(i32::MAX)
        }));
        // Else there is no room for them in a column.
        i32::try_from(bytes.len()).is_ok()
    }
}

/// Kinds that their own columns take by a cast, value by value.
macro_rules! cast {
    ($($rust:ty => $own:pat, $value:expr;)+) => {$(
        impl Plain for $rust {
            fn append_all(values: impl Iterator<Item = Option<Self>>, column: &mut Column) -> bool {
                if !matches!(column.field_type, $own) {
                    return false;
                }
                for value in values {
                    match value.map($value) {
                        None => column.push_null(),
                        Some(value) if column.push(value).is_err() => return false,
                        Some(_) => {}
                    }
                }
                true
            }
        }
    )+};
}

cast! {
    i128 => FieldType::I128, Value::I128;
    u128 => FieldType::U128, Value::U128;
    Decimal => FieldType::Decimal(_), Value::Decimal;
    Time => FieldType::Duration(_), Value::Time;
    UuidText => FieldType::String | FieldType::Text, |id: UuidText| Value::Uuid(id.0);
}
