//! Where a cast value goes.

use super::{Bitmap, Texts};
use crate::types::{DecimalSize, FieldType, TimeUnit};
use crate::value::{I256, Misfit};

/// The end of a column's buffer, by what its type means; a cast appends one value or returns an error.
pub(crate) enum Slot<'a> {
    UInt(&'a mut Vec<u64>),
    U128(&'a mut Vec<I256>),
    Int(&'a mut Vec<i64>),
    Int8(&'a mut Vec<i8>),
    I128(&'a mut Vec<I256>),
    Float(&'a mut Vec<f64>),
    Boolean(&'a mut Bitmap),
    /// `String` and `Text`.
    Text(&'a mut Texts),
    Binary(VarBytes<'a>),
    /// `Decimal` without a size: canonical text.
    DecimalText(&'a mut Texts),
    Decimal(DecimalSlot<'a>),
    Timestamp(&'a mut Vec<i64>, TimeUnit),
    Date(&'a mut Vec<i32>),
    Json(&'a mut Texts),
    Point(&'a mut Vec<f64>),
    Duration(&'a mut Vec<i64>, TimeUnit),
}

impl Slot<'_> {
    /// The type of the column; `String` stands for `Text`, too.
    pub(crate) fn field_type(&self) -> FieldType {
        match self {
            Self::UInt(_) => FieldType::UInt,
            Self::U128(_) => FieldType::U128,
            Self::Int(_) => FieldType::Int,
            Self::Int8(_) => FieldType::Int8,
            Self::I128(_) => FieldType::I128,
            Self::Float(_) => FieldType::Float,
            Self::Boolean(_) => FieldType::Boolean,
            Self::Text(_) => FieldType::String,
            Self::Binary(_) => FieldType::Binary,
            Self::DecimalText(_) => FieldType::DECIMAL,
            Self::Decimal(end) => FieldType::Decimal(Some(end.size)),
            Self::Timestamp(_, unit) => FieldType::Timestamp(*unit),
            Self::Date(_) => FieldType::Date,
            Self::Json(_) => FieldType::Json,
            Self::Point(_) => FieldType::Point,
            Self::Duration(_, unit) => FieldType::Duration(*unit),
        }
    }
}

/// The end of a column of decimals of one size.
pub(crate) struct DecimalSlot<'a> {
    pub(super) size: DecimalSize,
    pub(super) buffer: DecimalBuffer<'a>,
}

pub(super) enum DecimalBuffer<'a> {
    Narrow(&'a mut Vec<i128>),
    Wide(&'a mut Vec<I256>),
}

impl DecimalSlot<'_> {
    pub(crate) fn size(&self) -> DecimalSize {
        self.size
    }

    /// Appends a mantissa that fits the size.
    pub(crate) fn push_short(self, mantissa: i64) {
        match self.buffer {
            DecimalBuffer::Narrow(values) => values.push(i128::from(mantissa)),
            DecimalBuffer::Wide(values) => values.push(I256::from(mantissa)),
        }
    }

    /// Appends a mantissa that was made to fit the size.
    pub(crate) fn push(self, mantissa: I256) -> Result<(), Misfit> {
        match self.buffer {
            DecimalBuffer::Narrow(values) => values.push(
                mantissa
                    .to_i128()
                    .ok_or(Misfit::OutOfRange(FieldType::Decimal(Some(self.size))))?,
            ),
            DecimalBuffer::Wide(values) => values.push(mantissa),
        }
        Ok(())
    }
}

/// The end of a buffer of bytes of any length.
pub(crate) struct VarBytes<'a> {
    pub(super) offsets: &'a mut Vec<i32>,
    pub(super) bytes: &'a mut Vec<u8>,
}

impl VarBytes<'_> {
    /// Appends a value as it is.
    pub(crate) fn push(self, value: &[u8]) -> Result<(), Misfit> {
        self.push_plain(value).map(drop).ok_or(Misfit::TooLong)
    }

    /// The same, and gives the value's bytes; `None` where there is no room for them in a column.
    #[inline]
    pub(super) fn push_plain(self, value: &[u8]) -> Option<usize> {
        let end = i32::try_from(self.bytes.len() + value.len()).ok()?;
        self.bytes.extend_from_slice(value);
        self.offsets.push(end);
        Some(value.len())
    }
}
