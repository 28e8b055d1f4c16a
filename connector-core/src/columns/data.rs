//! The buffers of a column's values.

use super::{Bitmap, Texts};
use crate::types::FieldType;
use crate::value::I256;

/// The greatest precision of a decimal in 128 bits.
const NARROW_PRECISION: u8 = 38;

/// The buffers of the values.
#[derive(Debug, Clone, PartialEq)]
// With a tag of its own: to find it in a niche is an instruction more for each value that is read.
#[repr(u8)]
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
    Utf8(Texts),
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

impl ColumnData {
    /// The number of rows.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::UInt(values) => values.len(),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => values.len(),
            Self::Int8(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Boolean(bits) => bits.len(),
            Self::Utf8(texts) => texts.len(),
            Self::Binary { offsets, .. } => offsets.len().saturating_sub(1),
            Self::Decimal128(values) => values.len(),
            Self::Decimal256(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Point(values) => values.len() / 2,
        }
    }

    /// The bytes of all texts, or of all binary values.
    pub(super) fn variable_bytes(&self) -> usize {
        match self {
            Self::Utf8(texts) => texts.content_bytes(),
            Self::Binary { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }

    pub(super) fn with_capacity(field_type: FieldType, rows: usize) -> Self {
        match field_type {
            FieldType::UInt => Self::UInt(Vec::with_capacity(rows)),
            FieldType::Int => Self::Int(Vec::with_capacity(rows)),
            FieldType::Int8 => Self::Int8(Vec::with_capacity(rows)),
            FieldType::Float => Self::Float(Vec::with_capacity(rows)),
            FieldType::Boolean => Self::Boolean(Bitmap::with_capacity(rows)),
            FieldType::String | FieldType::Text | FieldType::Json | FieldType::Decimal(None) => {
                Self::Utf8(Texts::with_capacity(rows))
            }
            FieldType::Binary => {
                let mut offsets = Vec::with_capacity(rows + 1);
                offsets.push(0);
                Self::Binary {
                    offsets,
                    bytes: Vec::new(),
                }
            }
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

    /// Empty buffers of the same layout, with room for what is in these.
    pub(super) fn emptied(&self, field_type: FieldType, rows: usize) -> Self {
        let mut fresh = Self::with_capacity(field_type, rows);
        // A little more, so that a batch of longer texts does not copy all to make room for the last of them.
        let room = |bytes: usize| bytes + bytes / 16;
        match (self, &mut fresh) {
            (Self::Utf8(texts), Self::Utf8(fresh)) => fresh.reserve(room(texts.content_bytes())),
            (Self::Binary { bytes, .. }, Self::Binary { bytes: fresh, .. }) => {
                fresh.reserve(room(bytes.len()));
            }
            _ => {}
        }
        fresh
    }

    /// Appends a value that means nothing, and gives its row.
    #[inline]
    pub(super) fn push_default(&mut self) -> usize {
        /// The row is the number of values before it.
        #[inline]
        fn push<T: Default>(values: &mut Vec<T>) -> usize {
            values.push(T::default());
            values.len() - 1
        }
        match self {
            Self::UInt(values) => push(values),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => push(values),
            Self::Int8(values) => push(values),
            Self::Float(values) => push(values),
            Self::Boolean(bits) => {
                bits.push(false);
                bits.len() - 1
            }
            Self::Utf8(texts) => {
                texts.push_empty();
                texts.len() - 1
            }
            Self::Binary { offsets, .. } => {
                offsets.push(offsets.last().copied().unwrap_or_default());
                offsets.len().saturating_sub(2)
            }
            Self::Decimal128(values) => push(values),
            Self::Decimal256(values) => push(values),
            Self::Date(values) => push(values),
            Self::Point(values) => {
                values.extend([0.0, 0.0]);
                values.len() / 2 - 1
            }
        }
    }

    pub(super) fn truncate(&mut self, len: usize) {
        match self {
            Self::UInt(values) => values.truncate(len),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => {
                values.truncate(len);
            }
            Self::Int8(values) => values.truncate(len),
            Self::Float(values) => values.truncate(len),
            Self::Boolean(bits) => bits.truncate(len),
            Self::Utf8(texts) => texts.truncate(len),
            Self::Binary { offsets, bytes } => {
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

    pub(super) fn byte_size(&self) -> usize {
        match self {
            Self::UInt(values) => size_of_val(values.as_slice()),
            Self::Int(values) | Self::Timestamp(values) | Self::Duration(values) => {
                size_of_val(values.as_slice())
            }
            Self::Int8(values) => values.len(),
            Self::Float(values) | Self::Point(values) => size_of_val(values.as_slice()),
            Self::Boolean(bits) => bits.as_bytes().len(),
            Self::Utf8(texts) => texts.byte_size(),
            Self::Binary { offsets, bytes } => size_of_val(offsets.as_slice()) + bytes.len(),
            Self::Decimal128(values) => size_of_val(values.as_slice()),
            Self::Decimal256(values) => size_of_val(values.as_slice()),
            Self::Date(values) => size_of_val(values.as_slice()),
        }
    }
}

/// The bytes of one row.
#[inline]
pub(super) fn slice<'a>(offsets: &[i32], bytes: &'a [u8], row: usize) -> Option<&'a [u8]> {
    let start = usize::try_from(*offsets.get(row)?).ok()?;
    let end = usize::try_from(*offsets.get(row + 1)?).ok()?;
    bytes.get(start..end)
}
