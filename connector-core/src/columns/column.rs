//! A column buffer: values of one field type.

use super::data::slice;
use super::marks::Marks;
use super::{Bitmap, ColumnData};
use crate::types::FieldType;
use crate::value::{Date, Decimal, Duration, Point, Timestamp, Value};

/// The values of one column, in Arrow's memory layout.
///
/// Nulls and unchanged values have a place among the data too, whose content means nothing. A bitmap exists only from
/// the first null, or the first unchanged value, on.
#[derive(Debug, Clone)]
pub struct Column {
    pub(super) field_type: FieldType,
    pub(super) data: ColumnData,
    gaps: Option<Box<Gaps>>,
}

/// Which rows hold no value: appending one leaves this alone.
#[derive(Debug, Clone, Default)]
struct Gaps {
    /// The rows without a value.
    nulls: Marks,
    null_count: usize,
    /// The rows that the source did not send; they are null, too.
    unchanged: Marks,
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
            gaps: None,
        }
    }

    /// An empty column of the same type, with room for what is in this one.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            field_type: self.field_type,
            data: self.data.emptied(self.field_type, self.len()),
            gaps: None,
        }
    }

    /// The type of every value.
    pub const fn field_type(&self) -> FieldType {
        self.field_type
    }

    /// The number of rows.
    #[inline]
    pub const fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows without a value, unchanged ones among them.
    pub fn null_count(&self) -> usize {
        self.gaps.as_ref().map_or(0, |gaps| gaps.null_count)
    }

    /// The bytes in use by values and bitmaps.
    pub fn byte_size(&self) -> usize {
        let len = self.len();
        let gaps = (self.gaps.as_ref()).map_or(0, |gaps| {
            gaps.nulls.byte_size(len) + gaps.unchanged.byte_size(len)
        });
        self.data.byte_size() + gaps
    }

    /// The bytes of the last row's text; 0 where each value takes as many as the next.
    #[inline]
    pub(super) fn last_bytes(&self) -> usize {
        match &self.data {
            ColumnData::Utf8(texts) => last_of(texts.offsets()),
            ColumnData::Binary { offsets, .. } => last_of(offsets),
            _ => 0,
        }
    }

    /// The buffers of the values.
    pub const fn data(&self) -> &ColumnData {
        &self.data
    }

    /// The buffers, to be turned into another library's without a copy.
    pub fn into_parts(self) -> ColumnParts {
        let len = self.len();
        let mut validity = None;
        let mut unchanged = None;
        if let Some(gaps) = self.gaps.filter(|gaps| gaps.null_count > 0) {
            validity = Some(gaps.nulls.into_unmarked(len));
            if gaps.unchanged.count() > 0 {
                unchanged = Some(gaps.unchanged.into_bitmap(len));
            }
        }
        ColumnParts {
            field_type: self.field_type,
            data: self.data,
            len,
            validity,
            unchanged,
        }
    }

    /// Keeps the first `len` rows: what takes back a row that failed in a later column.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        self.data.truncate(len);
        if let Some(gaps) = &mut self.gaps {
            gaps.nulls.truncate(len);
            gaps.null_count = gaps.nulls.count();
            gaps.unchanged.truncate(len);
        }
    }

    /// Whether the row is null or unchanged, or past the end.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.has_gap(row) || row >= self.len()
    }

    #[inline]
    fn has_gap(&self, row: usize) -> bool {
        (self.gaps.as_ref()).is_some_and(|gaps| gaps.nulls.has(row))
    }

    /// Whether the source did not send the row's value.
    #[inline]
    pub fn is_unchanged(&self, row: usize) -> bool {
        (self.gaps.as_ref()).is_some_and(|gaps| gaps.unchanged.has(row))
    }

    /// The text of a row, as it lies in the buffer; `None` where it is null, past the end, or the column holds no text.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&str> {
        if self.has_gap(row) {
            return None;
        }
        match &self.data {
            ColumnData::Utf8(texts) => texts.get(row),
            _ => None,
        }
    }

    /// The value of a row; null past the end.
    pub fn value(&self, row: usize) -> Value<'_> {
        self.value_in_line(row)
    }

    /// The same, for a caller that takes one kind of value: the other layouts are then out of its way.
    #[expect(
        clippy::inline_always,
        reason = "half of the instructions of reading a derived row"
    )]
    #[inline(always)]
    pub(super) fn value_in_line(&self, row: usize) -> Value<'_> {
        if self.has_gap(row) {
            return if self.is_unchanged(row) {
                Value::Unchanged
            } else {
                Value::Null
            };
        }
        self.value_at(row).unwrap_or(Value::Null)
    }

    /// The value of a row where it is there, and lies as values of type `usual` do, which the compiler knows: no other layout is
    /// looked at.
    #[expect(
        clippy::inline_always,
        reason = "what is left is one look at the layout"
    )]
    #[inline(always)]
    pub(super) fn usual_value(&self, usual: FieldType, row: usize) -> Option<Value<'_>> {
        if self.has_gap(row) {
            return None;
        }
        Some(match (usual, &self.data) {
            (FieldType::Int, ColumnData::Int(values)) => Value::Int(*values.get(row)?),
            (FieldType::UInt, ColumnData::UInt(values)) => Value::UInt(*values.get(row)?),
            (FieldType::Float, ColumnData::Float(values)) => Value::Float(*values.get(row)?),
            (FieldType::Boolean, ColumnData::Boolean(bits)) => Value::Bool(bits.get(row)?),
            (FieldType::String, ColumnData::Utf8(texts))
                if matches!(self.field_type, FieldType::String | FieldType::Text) =>
            {
                Value::Text(texts.get(row)?)
            }
            (FieldType::Timestamp(_), ColumnData::Timestamp(values)) => match self.field_type {
                FieldType::Timestamp(unit) => {
                    Value::Timestamp(Timestamp::from_unit(*values.get(row)?, unit))
                }
                _ => return None,
            },
            (FieldType::Date, ColumnData::Date(values)) => {
                Value::Date(Date::from_days(*values.get(row)?))
            }
            _ => return None,
        })
    }

    #[expect(clippy::inline_always, reason = "as the only caller")]
    #[inline(always)]
    fn value_at(&self, row: usize) -> Option<Value<'_>> {
        Some(match &self.data {
            ColumnData::UInt(values) => Value::UInt(*values.get(row)?),
            ColumnData::Int(values) => Value::Int(*values.get(row)?),
            ColumnData::Int8(values) => Value::Int(i64::from(*values.get(row)?)),
            ColumnData::Float(values) => Value::Float(*values.get(row)?),
            ColumnData::Boolean(bits) => Value::Bool(bits.get(row)?),
            ColumnData::Utf8(texts) => {
                let text = texts.get(row)?;
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

    pub(super) fn scale(&self) -> i8 {
        match self.field_type {
            FieldType::Decimal(Some(size)) => size.scale(),
            _ => 0,
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

    #[inline]
    fn push_gap(&mut self, unchanged: bool) {
        let row = self.data.push_default();
        let gaps = self.gaps.get_or_insert_default();
        gaps.nulls.mark(row);
        gaps.null_count += 1;
        if unchanged {
            gaps.unchanged.mark(row);
        }
    }

    /// The buffers of the values, and what notes the nulls among those that are about to be appended.
    #[inline]
    pub(super) fn open(&mut self) -> (FieldType, &mut ColumnData, Nulls<'_>) {
        let row = self.len();
        let nulls = Nulls {
            gaps: &mut self.gaps,
            row,
            count: 0,
        };
        (self.field_type, &mut self.data, nulls)
    }
}

/// Notes the nulls among values that are appended one after another.
#[derive(Debug)]
pub(super) struct Nulls<'c> {
    gaps: &'c mut Option<Box<Gaps>>,
    /// The row of the next value.
    row: usize,
    count: usize,
}

impl Nulls<'_> {
    /// The next value, or one that means nothing in the place of a null.
    #[expect(clippy::inline_always, reason = "as it is called for each value")]
    #[inline(always)]
    pub(super) fn or_mark<T: Default>(&mut self, value: Option<T>) -> T {
        let value = value.unwrap_or_else(|| {
            self.mark();
            T::default()
        });
        self.row += 1;
        value
    }

    #[inline]
    fn mark(&mut self) {
        self.gaps.get_or_insert_default().nulls.mark(self.row);
        self.count += 1;
    }
}

impl Drop for Nulls<'_> {
    fn drop(&mut self) {
        if let Some(gaps) = self.gaps {
            gaps.null_count += self.count;
        }
    }
}

/// The bytes of the last value.
#[inline]
fn last_of(offsets: &[i32]) -> usize {
    match offsets {
        [.., start, end] => usize::try_from(end - start).unwrap_or(0),
        _ => 0,
    }
}
