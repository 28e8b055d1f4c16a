//! Appending values: the natural pair of kind and type first, then the casts.

use super::slot::{DecimalBuffer, DecimalSlot, Slot, VarBytes};
use super::{Column, ColumnData};
use crate::cast;
use crate::types::{DecimalSize, FieldType};
use crate::value::{Date, Decimal, Duration, Field, Misfit, Point, Time, Timestamp, Value, utf8};

/// A text that was found not to be UTF-8 after it had been appended.
#[derive(Debug)]
pub(crate) struct NotUtf8 {
    pub(crate) row: usize,
    pub(crate) misfit: Misfit,
    pub(crate) preview: String,
}

impl Column {
    /// Appends a value, cast into the column's type. On an error nothing was appended.
    pub fn push(&mut self, value: Value<'_>) -> Result<(), Misfit> {
        match value {
            Value::Null => {
                self.push_null();
                Ok(())
            }
            Value::Unchanged => {
                self.push_unchanged();
                Ok(())
            }
            Value::Bool(value) => self.push_bool(value),
            Value::Int(value) => self.push_i64(value),
            Value::UInt(value) => self.push_u64(value),
            Value::I128(value) => self.push_i128(value),
            Value::U128(value) => self.push_u128(value),
            Value::Float(value) => self.push_f64(value),
            Value::Text(text) => self.push_str(text),
            Value::Bytes(bytes) => self.push_bytes(bytes),
            Value::Decimal(value) => self.push_decimal(value),
            Value::DecimalText(text) => self.push_decimal_text(text),
            Value::Timestamp(value) => self.push_timestamp(value),
            Value::Date(value) => self.push_date(value),
            Value::Time(value) => self.push_time(value),
            Value::Duration(value) => self.push_duration(value),
            Value::Json(text) => self.push_json(text),
            Value::Uuid(bytes) => self.push_uuid(bytes),
            Value::Point(value) => self.push_point(value),
        }
    }

    /// Appends a value whose kind is the column's own, and gives the bytes of its text; `None` where it has to be cast.
    #[expect(
        clippy::inline_always,
        reason = "where the kind of value is known to the compiler, one arm is left of the match"
    )]
    #[inline(always)]
    pub(super) fn push_plain(&mut self, value: Value<'_>) -> Option<usize> {
        match (value, &mut self.data) {
            (Value::Bool(value), ColumnData::Boolean(bits)) => bits.push(value),
            (Value::Int(value), ColumnData::Int(values)) => values.push(value),
            (Value::UInt(value), ColumnData::UInt(values)) => values.push(value),
            (Value::Float(value), ColumnData::Float(values)) => values.push(value),
            (Value::Text(text), ColumnData::Utf8(texts))
                if matches!(self.field_type, FieldType::String | FieldType::Text) =>
            {
                return texts.push_plain(text);
            }
            (Value::Json(text), ColumnData::Utf8(texts)) if self.field_type == FieldType::Json => {
                return texts.push_plain(text);
            }
            (Value::Bytes(value), ColumnData::Binary { offsets, bytes }) => {
                return VarBytes { offsets, bytes }.push_plain(value);
            }
            (Value::Timestamp(value), ColumnData::Timestamp(values)) => match self.field_type {
                FieldType::Timestamp(unit) => values.push(value.to_unit(unit)?),
                _ => return None,
            },
            (Value::Duration(value), ColumnData::Duration(values)) => match self.field_type {
                FieldType::Duration(unit) => values.push(value.to_unit(unit)?),
                _ => return None,
            },
            (Value::Date(value), ColumnData::Date(values)) => values.push(value.days()),
            (Value::Decimal(value), ColumnData::Decimal128(values)) => match self.field_type {
                FieldType::Decimal(Some(size)) => {
                    values.push(cast::short_decimal(value, size)?.into());
                }
                _ => return None,
            },
            (Value::Point(value), ColumnData::Point(values)) => values.extend([value.x, value.y]),
            _ => return None,
        }
        Some(0)
    }

    /// The same of bytes that are to be UTF-8. Unless they are to be validated `now`, they have to be
    /// [validated](Self::validate_texts) later.
    #[expect(clippy::inline_always, reason = "as `push_plain`")]
    #[inline(always)]
    pub(super) fn push_utf8(&mut self, bytes: &[u8], now: bool) -> Option<usize> {
        match &mut self.data {
            ColumnData::Utf8(texts)
                if matches!(self.field_type, FieldType::String | FieldType::Text) =>
            {
                if now {
                    texts.push_plain(utf8(bytes).ok()?)
                } else {
                    texts.push_unvalidated(bytes)
                }
            }
            _ => None,
        }
    }

    /// Validates the texts that were not validated where they were appended.
    ///
    /// # Errors
    /// The first row whose text is not UTF-8.
    pub(crate) fn validate_texts(&mut self) -> Result<(), NotUtf8> {
        let ColumnData::Utf8(texts) = &mut self.data else {
            return Ok(());
        };
        let Err(row) = texts.validate() else {
            return Ok(());
        };
        self.not_utf8(row).map_or(Ok(()), Err)
    }

    /// What is said of a row's text, where it is not UTF-8.
    pub(crate) fn not_utf8(&self, row: usize) -> Option<NotUtf8> {
        let ColumnData::Utf8(texts) = &self.data else {
            return None;
        };
        let text = texts.bytes(row)?;
        let misfit = utf8(text).err()?;
        let preview = Value::Bytes(text).preview();
        Some(NotUtf8 {
            row,
            misfit,
            preview,
        })
    }

    /// The same as [`push`](Self::push) where the kind of value is known to the compiler.
    #[expect(clippy::inline_always, reason = "as what it calls first")]
    #[inline(always)]
    pub(crate) fn push_known(&mut self, value: Value<'_>) -> Result<(), Misfit> {
        match self.push_plain(value) {
            Some(_) => Ok(()),
            None => self.push(value),
        }
    }

    /// Appends a value as it is, or casts it by its kind's rule.
    #[expect(clippy::inline_always, reason = "as what it calls first")]
    #[inline(always)]
    fn push_or_cast<T>(
        &mut self,
        value: Value<'_>,
        raw: T,
        cast: impl FnOnce(T, Slot<'_>) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        match self.push_plain(value) {
            Some(_) => Ok(()),
            None => self.push_cast(raw, cast),
        }
    }

    /// Appends a number to a column of decimals of up to 38 digits: what databases without decimals of their own keep prices as.
    /// `false` where this way does not tell.
    #[inline]
    fn push_short(&mut self, mantissa: impl FnOnce(DecimalSize) -> Option<i64>) -> bool {
        let (ColumnData::Decimal128(values), FieldType::Decimal(Some(size))) =
            (&mut self.data, self.field_type)
        else {
            return false;
        };
        let Some(mantissa) = mantissa(size) else {
            return false;
        };
        values.push(i128::from(mantissa));
        true
    }

    /// Casts a value by its kind's rule.
    fn push_cast<T>(
        &mut self,
        value: T,
        cast: impl FnOnce(T, Slot<'_>) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        cast(value, self.slot()?)
    }

    /// The end of the buffers, by the meaning of the type.
    fn slot(&mut self) -> Result<Slot<'_>, Misfit> {
        Ok(match (&mut self.data, self.field_type) {
            (ColumnData::UInt(values), _) => Slot::UInt(values),
            (ColumnData::Int(values), _) => Slot::Int(values),
            (ColumnData::Int8(values), _) => Slot::Int8(values),
            (ColumnData::Float(values), _) => Slot::Float(values),
            (ColumnData::Boolean(bits), _) => Slot::Boolean(bits),
            (ColumnData::Utf8(texts), field_type) => match field_type {
                FieldType::Json => Slot::Json(texts),
                FieldType::Decimal(_) => Slot::DecimalText(texts),
                _ => Slot::Text(texts),
            },
            (ColumnData::Binary { offsets, bytes }, _) => Slot::Binary(VarBytes { offsets, bytes }),
            (ColumnData::Decimal128(values), FieldType::Decimal(Some(size))) => {
                Slot::Decimal(DecimalSlot {
                    size,
                    buffer: DecimalBuffer::Narrow(values),
                })
            }
            (ColumnData::Decimal256(values), FieldType::Decimal(Some(size))) => {
                Slot::Decimal(DecimalSlot {
                    size,
                    buffer: DecimalBuffer::Wide(values),
                })
            }
            (ColumnData::Decimal256(values), FieldType::U128) => Slot::U128(values),
            (ColumnData::Decimal256(values), _) => Slot::I128(values),
            (ColumnData::Timestamp(values), FieldType::Timestamp(unit)) => {
                Slot::Timestamp(values, unit)
            }
            (ColumnData::Date(values), _) => Slot::Date(values),
            (ColumnData::Point(values), _) => Slot::Point(values),
            (ColumnData::Duration(values), FieldType::Duration(unit)) => {
                Slot::Duration(values, unit)
            }
            // `with_capacity` pairs type and layout, and neither changes.
            (ColumnData::Decimal128(_) | ColumnData::Timestamp(_) | ColumnData::Duration(_), _) => {
                return Err(Misfit::Other(
                    "the column's layout is not its type's".to_owned(),
                ));
            }
        })
    }

    /// Appends a boolean.
    #[inline]
    pub fn push_bool(&mut self, value: bool) -> Result<(), Misfit> {
        self.push_or_cast(Value::Bool(value), value, cast::boolean)
    }

    /// Appends a signed integer.
    #[inline]
    pub fn push_i64(&mut self, value: i64) -> Result<(), Misfit> {
        if self.push_short(|size| cast::short_integer(value, size)) {
            return Ok(());
        }
        self.push_or_cast(Value::Int(value), i128::from(value), cast::signed)
    }

    /// Appends an unsigned integer.
    #[inline]
    pub fn push_u64(&mut self, value: u64) -> Result<(), Misfit> {
        self.push_or_cast(Value::UInt(value), i128::from(value), cast::signed)
    }

    /// Appends a signed integer of 128 bits.
    #[inline]
    pub fn push_i128(&mut self, value: i128) -> Result<(), Misfit> {
        self.push_cast(value, cast::signed)
    }

    /// Appends an unsigned integer of 128 bits.
    #[inline]
    pub fn push_u128(&mut self, value: u128) -> Result<(), Misfit> {
        self.push_cast(value, cast::unsigned)
    }

    /// Appends a floating-point number.
    #[inline]
    pub fn push_f64(&mut self, value: f64) -> Result<(), Misfit> {
        if self.push_short(|size| cast::short_float(value, size)) {
            return Ok(());
        }
        self.push_or_cast(Value::Float(value), value, cast::float)
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_or_cast(Value::Text(text), text, cast::text)
    }

    /// Appends bytes.
    #[inline]
    pub fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        self.push_or_cast(Value::Bytes(bytes), bytes, cast::bytes)
    }

    /// Appends a decimal number.
    #[inline]
    pub fn push_decimal(&mut self, value: Decimal) -> Result<(), Misfit> {
        self.push_or_cast(Value::Decimal(value), value, cast::decimal)
    }

    /// Appends a decimal number of any length by its text.
    #[inline]
    pub fn push_decimal_text(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_cast(text, cast::decimal_text)
    }

    /// Appends an instant.
    #[inline]
    pub fn push_timestamp(&mut self, value: Timestamp) -> Result<(), Misfit> {
        self.push_or_cast(Value::Timestamp(value), value, cast::timestamp)
    }

    /// Appends a calendar day.
    #[inline]
    pub fn push_date(&mut self, value: Date) -> Result<(), Misfit> {
        self.push_or_cast(Value::Date(value), value, cast::date)
    }

    /// Appends a time of day.
    #[inline]
    pub fn push_time(&mut self, value: Time) -> Result<(), Misfit> {
        self.push_cast(value, cast::time)
    }

    /// Appends a length of time.
    #[inline]
    pub fn push_duration(&mut self, value: Duration) -> Result<(), Misfit> {
        self.push_or_cast(Value::Duration(value), value, cast::duration)
    }

    /// Appends a JSON document that the driver vouches for; text of unknown worth goes through
    /// [`push_str`](Self::push_str).
    #[inline]
    pub fn push_json(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_or_cast(Value::Json(text), text, cast::json)
    }

    /// Appends a UUID, its first byte first.
    #[inline]
    pub fn push_uuid(&mut self, bytes: [u8; 16]) -> Result<(), Misfit> {
        self.push_cast(bytes, cast::uuid)
    }

    /// Appends a point.
    #[inline]
    pub fn push_point(&mut self, value: Point) -> Result<(), Misfit> {
        self.push_or_cast(Value::Point(value), value, cast::point)
    }

    /// Appends a row of another column; where the types differ, it is cast.
    pub fn push_from(&mut self, other: &Self, row: usize) -> Result<(), Misfit> {
        if self.field_type == other.field_type && !other.is_null(row) {
            // The text is in the column's form already.
            if let (ColumnData::Utf8(texts), ColumnData::Utf8(others)) =
                (&mut self.data, &other.data)
            {
                return texts.push(others.get(row).unwrap_or_default());
            }
        }
        self.push(other.value(row))
    }
}

impl Field {
    /// Casts a value into a type, by the rules of [`Column::push`].
    pub fn cast(field_type: FieldType, value: Value<'_>) -> Result<Self, Misfit> {
        let mut column = Column::new(field_type);
        column.push(value)?;
        Ok(Self::from_value(field_type, column.value(0)))
    }
}
