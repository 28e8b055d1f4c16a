//! Rust's types as columns.

use std::sync::Arc;

use super::{ColumnValue, FromValue, Rejected};
use crate::columns::{RowReader, RowWriter};
use crate::types::FieldType;
use crate::value::{Date, Decimal, Duration, Misfit, Point, Time, Timestamp, Value};

/// How many values of a type go into a column at once: each as a kind that has columns of its own.
macro_rules! push_all_as {
    ($plain:expr) => {
        #[inline]
        fn push_all_into<'v>(
            values: impl Iterator<Item = Option<&'v Self>>,
            rows: &mut crate::columns::RowsWriter<'_>,
        ) where
            Self: 'v,
        {
            rows.push_all(values.map(|value| value.map($plain)));
        }
    };
}

/// Types of other crates that convert to and from a type of ours.
#[cfg(any(feature = "chrono", feature = "jiff"))]
macro_rules! converted {
    ($($rust:ty => $ours:ty;)+) => {$(
        impl ColumnValue for $rust {
            const FIELD_TYPE: crate::types::FieldType = <$ours as ColumnValue>::FIELD_TYPE;

            #[inline]
            fn with_value<R>(&self, take: impl FnOnce(crate::value::Value<'_>) -> R) -> R {
                <$ours>::from(*self).with_value(take)
            }

            #[inline]
            fn text_bytes(&self) -> Option<usize> {
                Some(0)
            }

            push_all_as!(|value| <$ours>::from(*value));
        }

        impl<'r> FromValue<'r> for $rust {
            fn from_value(value: crate::value::Value<'r>) -> Result<Self, crate::value::Misfit> {
                let ours = <$ours>::from_value(value)?;
                Self::try_from(ours)
                    .map_err(|_| crate::value::Misfit::OutOfRange(<$ours as ColumnValue>::FIELD_TYPE))
            }
        }
    )+};
}

mod around;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "uuid")]
mod uuid;

/// The misfit of a value of no use to the type; null has its own.
#[cold]
fn wrong_kind(value: Value<'_>) -> Misfit {
    match value {
        Value::Null => Misfit::Null,
        Value::Unchanged => Misfit::Unchanged,
        other => Misfit::WrongKind {
            found: other.kind(),
        },
    }
}

/// Types whose columns are never null, one line each: the field type, to the value, the bytes of its text, as
/// what many go into a column, out of the value.
///
/// The provided methods are written out, so that they are compiled here and not in every crate with rows.
macro_rules! column_values {
    ($($rust:ty => $field:expr, $to:expr, $bytes:expr, $plain:expr, { $($from:pat => $read:expr),+ $(,)? };)+) => {$(
        impl ColumnValue for $rust {
            const FIELD_TYPE: FieldType = $field;

            #[inline]
            fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
                let to: fn(&Self) -> Value<'_> = $to;
                take(to(self))
            }

            #[inline]
            fn push_into(&self, row: &mut RowWriter<'_>) {
                let to: fn(&Self) -> Value<'_> = $to;
                row.push_known(self, to(self));
            }

            #[inline]
            fn text_bytes(&self) -> Option<usize> {
                let bytes: fn(&Self) -> usize = $bytes;
                Some(bytes(self))
            }

            push_all_as!($plain);
        }

        impl<'r> FromValue<'r> for $rust {
            #[inline]
            fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
                match value {
                    $($from => $read,)+
                    other => Err(wrong_kind(other)),
                }
            }

            fn read_from(row: &mut RowReader<'r>) -> Result<Self, Rejected> {
                row.read_usual(<Self as ColumnValue>::FIELD_TYPE, Self::from_value)
            }

            fn read_optional_from(row: &mut RowReader<'r>) -> Result<Option<Self>, Rejected> {
                row.read_usual(<Self as ColumnValue>::FIELD_TYPE, Option::from_value)
            }
        }
    )+};
}

macro_rules! integers {
    ($($rust:ty => $field:ident, $variant:ident as $wide:ty, $plain:expr;)+) => {column_values! {$(
        $rust => FieldType::$field, |number| Value::$variant(*number as $wide), |_| 0, $plain, {
            Value::Int(number) => <$rust>::try_from(number).map_err(|_| Misfit::OutOfRange(FieldType::$field)),
            Value::UInt(number) => <$rust>::try_from(number).map_err(|_| Misfit::OutOfRange(FieldType::$field)),
            Value::I128(number) => <$rust>::try_from(number).map_err(|_| Misfit::OutOfRange(FieldType::$field)),
            Value::U128(number) => <$rust>::try_from(number).map_err(|_| Misfit::OutOfRange(FieldType::$field)),
        };
    )+}};
}

mod integers {
    use super::{
        ColumnValue, FieldType, FromValue, Misfit, Rejected, RowReader, RowWriter, Value,
        wrong_kind,
    };

    integers! {
        i8 => Int8, Int as i64, |number| *number;
        i16 => Int, Int as i64, |number| i64::from(*number);
        i32 => Int, Int as i64, |number| i64::from(*number);
        i64 => Int, Int as i64, |number| *number;
        isize => Int, Int as i64, |number| *number as i64;
        i128 => I128, I128 as i128, |number| *number;
        u8 => UInt, UInt as u64, |number| u64::from(*number);
        u16 => UInt, UInt as u64, |number| u64::from(*number);
        u32 => UInt, UInt as u64, |number| u64::from(*number);
        u64 => UInt, UInt as u64, |number| *number;
        usize => UInt, UInt as u64, |number| *number as u64;
        u128 => U128, U128 as u128, |number| *number;
    }
}

column_values! {
    bool => FieldType::Boolean, |value| Value::Bool(*value), |_| 0, |value| *value, {
        Value::Bool(value) => Ok(value),
    };
    f64 => FieldType::Float, |number| Value::Float(*number), |_| 0, |number| *number, {
        Value::Float(number) => Ok(number),
    };
    // Every `f32` is an `f64`; back, only what was one.
    f32 => FieldType::Float, |number| Value::Float(f64::from(*number)), |_| 0, |number| f64::from(*number), {
        Value::Float(number) => narrow(number),
    };
    String => FieldType::String, |text| Value::Text(text), String::len, String::as_str, {
        Value::Text(text) | Value::Json(text) | Value::DecimalText(text) => Ok(text.to_owned()),
    };
    Box<str> => FieldType::String, |text| Value::Text(text), |text| text.len(), |text| &**text, {
        Value::Text(text) | Value::Json(text) | Value::DecimalText(text) => Ok(text.into()),
    };
    Arc<str> => FieldType::String, |text| Value::Text(text), |text| text.len(), |text| &**text, {
        Value::Text(text) | Value::Json(text) | Value::DecimalText(text) => Ok(text.into()),
    };
    Vec<u8> => FieldType::Binary, |bytes| Value::Bytes(bytes), Vec::len, Vec::as_slice, {
        Value::Bytes(bytes) => Ok(bytes.to_owned()),
    };
    Box<[u8]> => FieldType::Binary, |bytes| Value::Bytes(bytes), |bytes| bytes.len(), |bytes| &**bytes, {
        Value::Bytes(bytes) => Ok(bytes.into()),
    };
    Decimal => FieldType::DECIMAL, |number| Value::Decimal(*number), |_| DECIMAL_BYTES, |number| *number, {
        Value::Decimal(number) => Ok(number),
        Value::Text(text) | Value::DecimalText(text) => text.parse(),
        Value::Int(number) => Ok(Decimal::from_i128(number.into(), 0)),
        Value::UInt(number) => Ok(Decimal::from_i128(number.into(), 0)),
        Value::I128(number) => Ok(Decimal::from_i128(number, 0)),
        Value::U128(number) => Ok(Decimal::from(number)),
    };
    Timestamp => FieldType::TIMESTAMP, |instant| Value::Timestamp(*instant), |_| 0, |instant| *instant, {
        Value::Timestamp(instant) => Ok(instant),
        Value::Text(text) => text.parse(),
    };
    Date => FieldType::Date, |date| Value::Date(*date), |_| 0, |date| *date, {
        Value::Date(date) => Ok(date),
        Value::Text(text) => text.parse(),
    };
    Time => FieldType::DURATION, |time| Value::Time(*time), |_| 0, |time| *time, {
        Value::Time(time) => Ok(time),
        Value::Duration(since_midnight) => time_of_day(since_midnight),
        Value::Text(text) => text.parse(),
    };
    Duration => FieldType::DURATION, |length| Value::Duration(*length), |_| 0, |length| *length, {
        Value::Duration(length) => Ok(length),
        Value::Time(time) => Ok(time.into()),
        Value::Text(text) => text.parse(),
    };
    Point => FieldType::Point, |point| Value::Point(*point), |_| 0, |point| *point, {
        Value::Point(point) => Ok(point),
    };
}

/// The text of a decimal number is no longer: 76 digits, and as many zeros as a scale can ask for.
const DECIMAL_BYTES: usize = 256;

/// The `f32` that this number was, if it was one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the cast is checked by casting back"
)]
fn narrow(number: f64) -> Result<f32, Misfit> {
    let narrow = number as f32;
    if f64::from(narrow) == number || number.is_nan() {
        Ok(narrow)
    } else {
        Err(Misfit::Inexact)
    }
}

fn time_of_day(since_midnight: Duration) -> Result<Time, Misfit> {
    u64::try_from(since_midnight.total_nanos())
        .ok()
        .and_then(Time::from_nanos)
        .ok_or_else(|| Misfit::syntax("a time of day: it is between 00:00:00 and 24:00:00"))
}

/// `std`'s durations, which are never negative.
impl ColumnValue for std::time::Duration {
    const FIELD_TYPE: FieldType = FieldType::DURATION;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        // One that core's duration cannot hold goes on as a number, which columns of durations refuse.
        take(
            Duration::try_from(*self)
                .map_or_else(|_| Value::U128(self.as_nanos()), Value::Duration),
        )
    }
}

impl<'r> FromValue<'r> for std::time::Duration {
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        Duration::from_value(value)?
            .try_into()
            .map_err(|_| Misfit::OutOfRange(<Self as ColumnValue>::FIELD_TYPE))
    }
}

impl ColumnValue for str {
    const FIELD_TYPE: FieldType = FieldType::String;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Text(self))
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        row.push_known(self, Value::Text(self));
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        Some(self.len())
    }

    push_all_as!(|text| text);
}

impl<'r> FromValue<'r> for &'r str {
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        match value {
            Value::Text(text) | Value::Json(text) | Value::DecimalText(text) => Ok(text),
            other => Err(wrong_kind(other)),
        }
    }
}

impl ColumnValue for [u8] {
    const FIELD_TYPE: FieldType = FieldType::Binary;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Bytes(self))
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        row.push_known(self, Value::Bytes(self));
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        Some(self.len())
    }

    push_all_as!(|bytes| bytes);
}

impl<'r> FromValue<'r> for &'r [u8] {
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(wrong_kind(other)),
        }
    }
}

impl<const N: usize> ColumnValue for [u8; N] {
    const FIELD_TYPE: FieldType = FieldType::Binary;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Bytes(self))
    }

    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        row.push_known(self, Value::Bytes(self));
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        Some(self.len())
    }

    push_all_as!(<[u8; N]>::as_slice);
}

impl<'r, const N: usize> FromValue<'r> for [u8; N] {
    #[inline]
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        let bytes = <&[u8]>::from_value(value)?;
        let wrong_length =
            |_| Misfit::Other(format!("{} bytes, where the field holds {N}", bytes.len()));
        bytes.try_into().map_err(wrong_length)
    }
}

/// Any JSON. Its text is built anew for every row.
impl ColumnValue for serde_json::Value {
    const FIELD_TYPE: FieldType = FieldType::Json;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Json(&self.to_string()))
    }
}

impl<'r> FromValue<'r> for serde_json::Value {
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        let text = <&str>::from_value(value)?;
        serde_json::from_str(text).map_err(|error| Misfit::Syntax {
            what: format!("JSON: {error}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::types::TimeUnit;

    fn read<'r, T: FromValue<'r>>(value: Value<'r>) -> Result<T, Misfit> {
        T::from_value(value)
    }

    #[test]
    fn integers_are_read_out_of_every_integer_in_range() {
        assert_eq!(read(Value::Int(-1)), Ok(-1_i8));
        assert_eq!(read(Value::U128(255)), Ok(255_u8));
        assert_eq!(
            read::<u8>(Value::Int(256)),
            Err(Misfit::OutOfRange(FieldType::UInt))
        );
        assert_eq!(
            read::<u64>(Value::I128(-1)),
            Err(Misfit::OutOfRange(FieldType::UInt))
        );
        assert_eq!(
            read::<i64>(Value::UInt(u64::MAX)),
            Err(Misfit::OutOfRange(FieldType::Int))
        );
        assert!(matches!(
            read::<i64>(Value::Float(1.0)),
            Err(Misfit::WrongKind { .. })
        ));
    }

    #[test]
    fn a_narrow_float_is_read_only_if_nothing_is_lost() {
        assert_eq!(read(Value::Float(0.5)), Ok(0.5_f32));
        assert_eq!(read(Value::Float(f64::NEG_INFINITY)), Ok(f32::NEG_INFINITY));
        assert!(read::<f32>(Value::Float(f64::NAN)).is_ok_and(f32::is_nan));
        assert_eq!(read::<f32>(Value::Float(0.1)), Err(Misfit::Inexact));
        assert_eq!(read::<f32>(Value::Float(1e300)), Err(Misfit::Inexact));
    }

    #[test]
    fn null_is_read_by_options_alone() {
        assert_eq!(read::<String>(Value::Null), Err(Misfit::Null));
        assert_eq!(read::<Option<String>>(Value::Null), Ok(None));
        assert_eq!(read::<serde_json::Value>(Value::Null), Err(Misfit::Null));
        assert_eq!(read::<Option<u8>>(Value::Unchanged), Err(Misfit::Unchanged));
    }

    #[test]
    fn times_and_durations_are_read_out_of_each_other() {
        let hour = Duration::from_unit(3_600, TimeUnit::Second);
        assert_eq!(
            read(Value::Duration(hour)).map(|time: Time| time.to_string()),
            Ok("01:00:00".to_owned())
        );
        let day_and_more = Duration::from_unit(86_401, TimeUnit::Second);
        assert!(read::<Time>(Value::Duration(day_and_more)).is_err());
        assert!(read::<Time>(Value::Duration(Duration::from_unit(-1, TimeUnit::Second))).is_err());
        assert!(
            read::<std::time::Duration>(Value::Duration(Duration::from_unit(-1, TimeUnit::Nano)))
                .is_err()
        );
    }

    #[test]
    fn a_duration_beyond_the_type_is_refused_by_its_column() {
        let mut column = crate::columns::Column::new(FieldType::DURATION);
        assert!(
            std::time::Duration::MAX
                .with_value(|value| column.push(value))
                .is_err()
        );
        assert_eq!(column.len(), 0);
    }

    #[test]
    fn bytes_of_another_length_are_no_array() {
        assert_eq!(read(Value::Bytes(&[1, 2])), Ok([1, 2]));
        assert!(read::<[u8; 3]>(Value::Bytes(&[1, 2])).is_err());
        assert!(matches!(
            read::<Cow<'_, str>>(Value::Text("a")),
            Ok(Cow::Borrowed("a"))
        ));
    }
}
