//! Appending values: the natural pair of kind and type first, then the casts.

use super::data::slice;
use super::slot::{DecimalBuffer, DecimalSlot, Slot, VarBytes};
use super::{Column, ColumnData};
use crate::cast;
use crate::types::FieldType;
use crate::value::{Date, Decimal, Duration, Field, Misfit, Point, Time, Timestamp, Value};

impl Column {
    /// Appends a value, cast into the column's type. On an error nothing was appended.
    #[inline]
    pub fn push(&mut self, value: Value<'_>) -> Result<(), Misfit> {
        self.push_known(value)
    }

    /// The same where the kind of value is known to the compiler: what is left is the append of that kind.
    #[expect(
        clippy::inline_always,
        reason = "it is called where one arm of the match is left"
    )]
    #[inline(always)]
    pub(crate) fn push_known(&mut self, value: Value<'_>) -> Result<(), Misfit> {
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

    /// Casts a value by its kind's rule.
    fn push_cast<T>(
        &mut self,
        value: T,
        cast: impl FnOnce(T, Slot<'_>) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        let slot = self.slot()?;
        cast(value, slot)?;
        self.keep();
        Ok(())
    }

    /// The end of the buffers, by the meaning of the type.
    fn slot(&mut self) -> Result<Slot<'_>, Misfit> {
        Ok(match (&mut self.data, self.field_type) {
            (ColumnData::UInt(values), _) => Slot::UInt(values),
            (ColumnData::Int(values), _) => Slot::Int(values),
            (ColumnData::Int8(values), _) => Slot::Int8(values),
            (ColumnData::Float(values), _) => Slot::Float(values),
            (ColumnData::Boolean(bits), _) => Slot::Boolean(bits),
            (ColumnData::Utf8 { offsets, bytes }, field_type) => {
                let end = VarBytes { offsets, bytes };
                match field_type {
                    FieldType::Json => Slot::Json(end),
                    FieldType::Decimal(_) => Slot::DecimalText(end),
                    _ => Slot::Text(end),
                }
            }
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
        if let ColumnData::Boolean(bits) = &mut self.data {
            bits.push(value);
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::boolean)
    }

    /// Appends a signed integer.
    #[inline]
    pub fn push_i64(&mut self, value: i64) -> Result<(), Misfit> {
        if let ColumnData::Int(values) = &mut self.data {
            values.push(value);
            self.keep();
            return Ok(());
        }
        self.push_cast(i128::from(value), cast::signed)
    }

    /// Appends an unsigned integer.
    #[inline]
    pub fn push_u64(&mut self, value: u64) -> Result<(), Misfit> {
        if let ColumnData::UInt(values) = &mut self.data {
            values.push(value);
            self.keep();
            return Ok(());
        }
        self.push_cast(i128::from(value), cast::signed)
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
        if let ColumnData::Float(values) = &mut self.data {
            values.push(value);
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::float)
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) -> Result<(), Misfit> {
        if let ColumnData::Utf8 { offsets, bytes } = &mut self.data
            && matches!(self.field_type, FieldType::String | FieldType::Text)
        {
            VarBytes { offsets, bytes }.push(text.as_bytes())?;
            self.keep();
            return Ok(());
        }
        self.push_cast(text, cast::text)
    }

    /// Appends bytes.
    #[inline]
    pub fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        if let ColumnData::Binary {
            offsets,
            bytes: buffer,
        } = &mut self.data
        {
            VarBytes {
                offsets,
                bytes: buffer,
            }
            .push(bytes)?;
            self.keep();
            return Ok(());
        }
        self.push_cast(bytes, cast::bytes)
    }

    /// Appends a decimal number.
    #[inline]
    pub fn push_decimal(&mut self, value: Decimal) -> Result<(), Misfit> {
        self.push_cast(value, cast::decimal)
    }

    /// Appends a decimal number of any length by its text.
    pub fn push_decimal_text(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_cast(text, cast::decimal_text)
    }

    /// Appends an instant.
    #[inline]
    pub fn push_timestamp(&mut self, value: Timestamp) -> Result<(), Misfit> {
        if let (ColumnData::Timestamp(values), FieldType::Timestamp(unit)) =
            (&mut self.data, self.field_type)
            && let Some(count) = value.to_unit(unit)
        {
            values.push(count);
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::timestamp)
    }

    /// Appends a calendar day.
    #[inline]
    pub fn push_date(&mut self, value: Date) -> Result<(), Misfit> {
        if let ColumnData::Date(values) = &mut self.data {
            values.push(value.days());
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::date)
    }

    /// Appends a time of day.
    #[inline]
    pub fn push_time(&mut self, value: Time) -> Result<(), Misfit> {
        self.push_cast(value, cast::time)
    }

    /// Appends a length of time.
    #[inline]
    pub fn push_duration(&mut self, value: Duration) -> Result<(), Misfit> {
        if let (ColumnData::Duration(values), FieldType::Duration(unit)) =
            (&mut self.data, self.field_type)
            && let Some(count) = value.to_unit(unit)
        {
            values.push(count);
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::duration)
    }

    /// Appends a JSON document that the driver vouches for; text of unknown worth goes through
    /// [`push_str`](Self::push_str).
    #[inline]
    pub fn push_json(&mut self, text: &str) -> Result<(), Misfit> {
        if let ColumnData::Utf8 { offsets, bytes } = &mut self.data
            && self.field_type == FieldType::Json
        {
            VarBytes { offsets, bytes }.push(text.as_bytes())?;
            self.keep();
            return Ok(());
        }
        self.push_cast(text, cast::json)
    }

    /// Appends a UUID, its first byte first.
    #[inline]
    pub fn push_uuid(&mut self, bytes: [u8; 16]) -> Result<(), Misfit> {
        self.push_cast(bytes, cast::uuid)
    }

    /// Appends a point.
    #[inline]
    pub fn push_point(&mut self, value: Point) -> Result<(), Misfit> {
        if let ColumnData::Point(values) = &mut self.data {
            values.extend([value.x, value.y]);
            self.keep();
            return Ok(());
        }
        self.push_cast(value, cast::point)
    }

    /// Appends a row of another column; where the types differ, it is cast.
    pub fn push_from(&mut self, other: &Self, row: usize) -> Result<(), Misfit> {
        if self.field_type == other.field_type && !other.is_null(row) {
            // The text is in the column's form already.
            if let (
                ColumnData::Utf8 { offsets, bytes },
                ColumnData::Utf8 {
                    offsets: starts,
                    bytes: texts,
                },
            ) = (&mut self.data, &other.data)
            {
                let text = slice(starts, texts, row).unwrap_or_default();
                VarBytes { offsets, bytes }.push(text)?;
                self.keep();
                return Ok(());
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
