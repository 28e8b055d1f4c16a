//! A column buffer: values of one field type, appended one at a time.

use super::Bitmap;
use super::slot::{DecimalBuffer, DecimalSlot, Slot, VarBytes};
use crate::cast;
use crate::types::FieldType;
use crate::value::{Date, Decimal, Duration, Field, I256, Misfit, Point, Time, Timestamp, Value};

/// The greatest precision of a decimal in 128 bits.
const NARROW_PRECISION: u8 = 38;

/// The values of one column, in Arrow's memory layout.
///
/// Nulls and unchanged values have a place among the data too, whose content means nothing. A bitmap exists only from
/// the first null, or the first unchanged value, on.
#[derive(Debug, Clone)]
pub struct Column {
    field_type: FieldType,
    data: ColumnData,
    len: usize,
    gaps: Option<Box<Gaps>>,
}

/// Which rows hold no value.
#[derive(Debug, Clone)]
struct Gaps {
    /// A set bit for each row with a value.
    validity: Bitmap,
    null_count: usize,
    /// A set bit for each row that the source did not send; such a row is null, too.
    unchanged: Option<Bitmap>,
}

/// The buffers of the values.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// `UInt`.
    UInt(Vec<u64>),
    /// `Int`.
    Int(Vec<i64>),
    /// `Int8`.
    Int8(Vec<i8>),
    /// `Float`.
    Float(Vec<f64>),
    /// `Boolean`, a bit per row.
    Boolean(Bitmap),
    /// `String`, `Text`, `Json`, and `Decimal` without a size as canonical decimal text.
    Utf8 {
        /// Where each text starts, and where the last one ends: one more than there are rows.
        offsets: Vec<i32>,
        /// The texts one after another: UTF-8.
        bytes: Vec<u8>,
    },
    /// `Binary`.
    Binary {
        /// Where each value starts, and where the last one ends: one more than there are rows.
        offsets: Vec<i32>,
        /// The values one after another.
        bytes: Vec<u8>,
    },
    /// `Decimal` of a precision up to 38: the mantissas.
    Decimal128(Vec<i128>),
    /// `Decimal` of a greater precision: the mantissas; also `U128` and `I128`, of precision 39 and scale 0.
    Decimal256(Vec<I256>),
    /// `Timestamp`: units since 1970-01-01T00:00:00Z.
    Timestamp(Vec<i64>),
    /// `Date`: days since 1970-01-01.
    Date(Vec<i32>),
    /// `Point`: x and y of the first row, x and y of the second, and so on.
    Point(Vec<f64>),
    /// `Duration`: units.
    Duration(Vec<i64>),
}

/// A column taken apart, to be turned into another library's buffers without a copy.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnParts {
    /// The type of the column.
    pub field_type: FieldType,
    /// The values.
    pub data: ColumnData,
    /// The number of rows.
    pub len: usize,
    /// A set bit for each row with a value; absent where no row is null.
    pub validity: Option<Bitmap>,
    /// A set bit for each row that the source did not send; absent where there is none. Such a row is null, too.
    pub unchanged: Option<Bitmap>,
}

impl ColumnData {
    /// Whether a row takes as many bytes as its value has.
    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Utf8 { .. } | Self::Binary { .. })
    }

    /// The bytes of all texts, or of all binary values.
    pub(crate) fn variable_bytes(&self) -> usize {
        match self {
            Self::Utf8 { bytes, .. } | Self::Binary { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }

    fn with_capacity(field_type: FieldType, rows: usize) -> Self {
        let offsets = || {
            let mut offsets = Vec::with_capacity(rows + 1);
            offsets.push(0);
            offsets
        };
        match field_type {
            FieldType::UInt => Self::UInt(Vec::with_capacity(rows)),
            FieldType::Int => Self::Int(Vec::with_capacity(rows)),
            FieldType::Int8 => Self::Int8(Vec::with_capacity(rows)),
            FieldType::Float => Self::Float(Vec::with_capacity(rows)),
            FieldType::Boolean => Self::Boolean(Bitmap::with_capacity(rows)),
            FieldType::String | FieldType::Text | FieldType::Json | FieldType::Decimal(None) => {
                Self::Utf8 {
                    offsets: offsets(),
                    bytes: Vec::new(),
                }
            }
            FieldType::Binary => Self::Binary {
                offsets: offsets(),
                bytes: Vec::new(),
            },
            FieldType::Decimal(Some(size)) if size.precision() <= NARROW_PRECISION => {
                Self::Decimal128(Vec::with_capacity(rows))
            }
            FieldType::Decimal(Some(_)) | FieldType::U128 | FieldType::I128 => {
                Self::Decimal256(Vec::with_capacity(rows))
            }
            FieldType::Timestamp(_) => Self::Timestamp(Vec::with_capacity(rows)),
            FieldType::Date => Self::Date(Vec::with_capacity(rows)),
            FieldType::Point => Self::Point(Vec::with_capacity(rows * 2)),
            FieldType::Duration(_) => Self::Duration(Vec::with_capacity(rows)),
        }
    }

    fn push_default(&mut self) {
        match self {
            Self::UInt(values) => values.push(0),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => values.push(0),
            Self::Int8(values) => values.push(0),
            Self::Float(values) => values.push(0.0),
            Self::Boolean(bits) => bits.push(false),
            Self::Utf8 { offsets, .. } | Self::Binary { offsets, .. } => {
                offsets.push(offsets.last().copied().unwrap_or_default());
            }
            Self::Decimal128(values) => values.push(0),
            Self::Decimal256(values) => values.push(I256::ZERO),
            Self::Date(values) => values.push(0),
            Self::Point(values) => values.extend([0.0, 0.0]),
        }
    }

    fn truncate(&mut self, len: usize) {
        match self {
            Self::UInt(values) => values.truncate(len),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => {
                values.truncate(len);
            }
            Self::Int8(values) => values.truncate(len),
            Self::Float(values) => values.truncate(len),
            Self::Boolean(bits) => bits.truncate(len),
            Self::Utf8 { offsets, bytes } | Self::Binary { offsets, bytes } => {
                offsets.truncate(len + 1);
                let end = offsets.last().copied().unwrap_or_default();
                bytes.truncate(usize::try_from(end).unwrap_or_default());
            }
            Self::Decimal128(values) => values.truncate(len),
            Self::Decimal256(values) => values.truncate(len),
            Self::Date(values) => values.truncate(len),
            Self::Point(values) => values.truncate(len * 2),
        }
    }

    fn byte_size(&self) -> usize {
        match self {
            Self::UInt(values) => size_of_val(values.as_slice()),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => {
                size_of_val(values.as_slice())
            }
            Self::Int8(values) => values.len(),
            Self::Float(values) | Self::Point(values) => size_of_val(values.as_slice()),
            Self::Boolean(bits) => bits.as_bytes().len(),
            Self::Utf8 { offsets, bytes } | Self::Binary { offsets, bytes } => {
                size_of_val(offsets.as_slice()) + bytes.len()
            }
            Self::Decimal128(values) => size_of_val(values.as_slice()),
            Self::Decimal256(values) => size_of_val(values.as_slice()),
            Self::Date(values) => size_of_val(values.as_slice()),
        }
    }
}

/// The bytes of one row.
#[inline]
fn slice<'a>(offsets: &[i32], bytes: &'a [u8], row: usize) -> Option<&'a [u8]> {
    let start = usize::try_from(*offsets.get(row)?).ok()?;
    let end = usize::try_from(*offsets.get(row + 1)?).ok()?;
    bytes.get(start..end)
}

impl Column {
    /// An empty column.
    pub fn new(field_type: FieldType) -> Self {
        Self::with_capacity(field_type, 0)
    }

    /// An empty column with room for so many rows; texts and bytes themselves find their room as they come.
    pub fn with_capacity(field_type: FieldType, rows: usize) -> Self {
        let data = ColumnData::with_capacity(field_type, rows);
        Self {
            field_type,
            data,
            len: 0,
            gaps: None,
        }
    }

    /// The type of every value.
    pub const fn field_type(&self) -> FieldType {
        self.field_type
    }

    /// The number of rows.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of rows without a value, unchanged ones among them.
    pub fn null_count(&self) -> usize {
        self.gaps.as_ref().map_or(0, |gaps| gaps.null_count)
    }

    /// The bytes in use by values and bitmaps.
    pub fn byte_size(&self) -> usize {
        let bits = |bitmap: &Bitmap| bitmap.as_bytes().len();
        let gaps = self.gaps.as_ref().map_or(0, |gaps| {
            bits(&gaps.validity) + gaps.unchanged.as_ref().map_or(0, bits)
        });
        self.data.byte_size() + gaps
    }

    /// The buffers of the values.
    pub const fn data(&self) -> &ColumnData {
        &self.data
    }

    /// The buffers, to be turned into another library's without a copy.
    pub fn into_parts(self) -> ColumnParts {
        let gaps = self.gaps.filter(|gaps| gaps.null_count > 0);
        let (validity, unchanged) = match gaps {
            Some(gaps) => (Some(gaps.validity), gaps.unchanged),
            None => (None, None),
        };
        let unchanged = unchanged.filter(|bits| bits.count_ones() > 0);
        ColumnParts {
            field_type: self.field_type,
            data: self.data,
            len: self.len,
            validity,
            unchanged,
        }
    }

    /// Keeps the first `len` rows: what takes back a row that failed in a later column.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.data.truncate(len);
        self.len = len;
        if let Some(gaps) = &mut self.gaps {
            gaps.validity.truncate(len);
            gaps.null_count = len - gaps.validity.count_ones();
            if let Some(unchanged) = &mut gaps.unchanged {
                unchanged.truncate(len);
            }
        }
    }

    /// Whether the row is null or unchanged, or past the end.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        match &self.gaps {
            None => row >= self.len,
            Some(gaps) => gaps.validity.get(row) != Some(true),
        }
    }

    /// Whether the source did not send the row's value.
    #[inline]
    pub fn is_unchanged(&self, row: usize) -> bool {
        let unchanged = self.gaps.as_ref().and_then(|gaps| gaps.unchanged.as_ref());
        unchanged.is_some_and(|bits| bits.get(row) == Some(true))
    }

    /// The text of a row, as it lies in the buffer; `None` where it is null, past the end, or the column holds no text.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&str> {
        if self.is_null(row) {
            return None;
        }
        match &self.data {
            ColumnData::Utf8 { offsets, bytes } => {
                slice(offsets, bytes, row).and_then(|text| std::str::from_utf8(text).ok())
            }
            _ => None,
        }
    }

    /// The value of a row; null past the end.
    pub fn value(&self, row: usize) -> Value<'_> {
        if self.is_null(row) {
            return if self.is_unchanged(row) {
                Value::Unchanged
            } else {
                Value::Null
            };
        }
        self.value_at(row).unwrap_or(Value::Null)
    }

    fn value_at(&self, row: usize) -> Option<Value<'_>> {
        Some(match &self.data {
            ColumnData::UInt(values) => Value::UInt(*values.get(row)?),
            ColumnData::Int(values) => Value::Int(*values.get(row)?),
            ColumnData::Int8(values) => Value::Int(i64::from(*values.get(row)?)),
            ColumnData::Float(values) => Value::Float(*values.get(row)?),
            ColumnData::Boolean(bits) => Value::Bool(bits.get(row)?),
            ColumnData::Utf8 { .. } => {
                let text = self.text(row)?;
                match self.field_type {
                    FieldType::Json => Value::Json(text),
                    FieldType::Decimal(_) => text
                        .parse()
                        .map_or(Value::DecimalText(text), Value::Decimal),
                    _ => Value::Text(text),
                }
            }
            ColumnData::Binary { offsets, bytes } => Value::Bytes(slice(offsets, bytes, row)?),
            ColumnData::Decimal128(values) => {
                Value::Decimal(Decimal::from_i128(*values.get(row)?, self.scale()))
            }
            ColumnData::Decimal256(values) => {
                let value = *values.get(row)?;
                match self.field_type {
                    FieldType::U128 => Value::U128(value.to_u128()?),
                    FieldType::I128 => Value::I128(value.to_i128()?),
                    _ => Value::Decimal(Decimal::from_column(value, self.scale())),
                }
            }
            ColumnData::Timestamp(values) => match self.field_type {
                FieldType::Timestamp(unit) => {
                    Value::Timestamp(Timestamp::from_unit(*values.get(row)?, unit))
                }
                _ => return None,
            },
            ColumnData::Date(values) => Value::Date(Date::from_days(*values.get(row)?)),
            ColumnData::Point(values) => {
                Value::Point(Point::new(*values.get(row * 2)?, *values.get(row * 2 + 1)?))
            }
            ColumnData::Duration(values) => match self.field_type {
                FieldType::Duration(unit) => {
                    Value::Duration(Duration::from_unit(*values.get(row)?, unit))
                }
                _ => return None,
            },
        })
    }

    fn scale(&self) -> i8 {
        match self.field_type {
            FieldType::Decimal(Some(size)) => size.scale(),
            _ => 0,
        }
    }

    /// Appends a value, cast into the column's type. On an error nothing was appended.
    #[inline]
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

    /// Appends a null.
    #[inline]
    pub fn push_null(&mut self) {
        self.push_gap(false);
    }

    /// Appends a value that the source did not send; it is null, too.
    #[inline]
    pub fn push_unchanged(&mut self) {
        self.push_gap(true);
    }

    fn push_gap(&mut self, unchanged: bool) {
        self.data.push_default();
        let gaps = self.gaps.get_or_insert_with(|| {
            let validity = Bitmap::filled(true, self.len);
            Box::new(Gaps {
                validity,
                null_count: 0,
                unchanged: None,
            })
        });
        gaps.validity.push(false);
        gaps.null_count += 1;
        if unchanged && gaps.unchanged.is_none() {
            gaps.unchanged = Some(Bitmap::filled(false, self.len));
        }
        if let Some(bits) = &mut gaps.unchanged {
            bits.push(unchanged);
        }
        self.len += 1;
    }

    /// The value is in the data: now it is a row.
    #[inline]
    fn keep(&mut self) {
        self.len += 1;
        if let Some(gaps) = &mut self.gaps {
            gaps.validity.push(true);
            if let Some(bits) = &mut gaps.unchanged {
                bits.push(false);
            }
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
        self.push_cast(value, cast::duration)
    }

    /// Appends a JSON document that the driver vouches for; text of unknown worth goes through
    /// [`push_str`](Self::push_str).
    #[inline]
    pub fn push_json(&mut self, text: &str) -> Result<(), Misfit> {
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
