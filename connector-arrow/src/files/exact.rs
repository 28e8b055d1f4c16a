//! Types that Parquet lacks, as others that hold the same values.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Decimal128Type, Decimal256Type, TimestampMillisecondType, TimestampSecondType,
};
use arrow_array::{ArrayRef, PrimitiveArray, StringArray};
use arrow_buffer::i256;
use arrow_schema::{ArrowError, DataType, TimeUnit as ArrowUnit};
use connector_core::{Column, ColumnData, FieldType, I256, TimeUnit, Value};

use crate::arrays::array;

/// Digits of a decimal in 128 and in 256 bits.
const NARROW: u32 = 38;
const WIDE: u32 = 76;

/// What takes the place of a type that Parquet lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// Seconds, as milliseconds.
    Milliseconds,
    /// A decimal whose last digits are zeros, with these digits written: of a precision, after so many more zeros.
    Zeros { precision: u8, more: u32 },
    /// A decimal that would have more than 76 digits, as text.
    Text,
}

impl Instead {
    /// What takes the place of this type; `None`: Parquet has it.
    pub(super) fn of(field_type: FieldType) -> Option<Self> {
        match field_type {
            FieldType::Timestamp(TimeUnit::Second) => Some(Self::Milliseconds),
            FieldType::Decimal(Some(size)) if size.scale() < 0 => {
                let more = u32::from(size.scale().unsigned_abs());
                let precision = u32::from(size.precision()) + more;
                match u8::try_from(precision) {
                    Ok(precision) if u32::from(precision) <= WIDE => {
                        Some(Self::Zeros { precision, more })
                    }
                    _ => Some(Self::Text),
                }
            }
            _ => None,
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Milliseconds => DataType::Timestamp(ArrowUnit::Millisecond, Some("UTC".into())),
            Self::Zeros { precision, .. } if u32::from(precision) <= NARROW => {
                DataType::Decimal128(precision, 0)
            }
            Self::Zeros { precision, .. } => DataType::Decimal256(precision, 0),
            Self::Text => DataType::Utf8,
        }
    }

    pub(super) fn array(self, column: &Column) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Milliseconds => milliseconds(column),
            Self::Zeros { precision, more } if u32::from(precision) <= NARROW => {
                let zeros = 10_i128.pow(more);
                let values = (0..column.len()).map(|row| {
                    mantissa(column, row)
                        .and_then(I256::to_i128)
                        .map(|value| value * zeros)
                });
                let values: PrimitiveArray<Decimal128Type> = values.collect();
                Ok(Arc::new(values.with_precision_and_scale(precision, 0)?))
            }
            Self::Zeros { precision, more } => {
                let values = (0..column.len()).map(|row| {
                    let value = mantissa(column, row)?.checked_mul_pow10(more)?;
                    let (low, high) = value.to_parts();
                    Some(i256::from_parts(low, high))
                });
                let values: PrimitiveArray<Decimal256Type> = values.collect();
                Ok(Arc::new(values.with_precision_and_scale(precision, 0)?))
            }
            Self::Text => {
                let texts = (0..column.len()).map(|row| match column.value(row) {
                    Value::Decimal(decimal) => Some(decimal.to_string()),
                    _ => None,
                });
                Ok(Arc::new(texts.collect::<StringArray>()))
            }
        }
    }
}

fn milliseconds(column: &Column) -> Result<ArrayRef, ArrowError> {
    let seconds = array(column.clone().into_parts())?;
    let seconds = seconds.as_primitive::<TimestampSecondType>();
    let milliseconds = seconds.try_unary::<_, TimestampMillisecondType, _>(|count| {
        count.checked_mul(1000).ok_or_else(|| {
            ArrowError::InvalidArgumentError(format!(
                "the timestamp of {count} seconds does not fit: Parquet has milliseconds"
            ))
        })
    })?;
    Ok(Arc::new(milliseconds.with_timezone("UTC")))
}

fn mantissa(column: &Column, row: usize) -> Option<I256> {
    if column.is_null(row) {
        return None;
    }
    match column.data() {
        ColumnData::Decimal128(values) => values.get(row).map(|value| I256::from(*value)),
        ColumnData::Decimal256(values) => values.get(row).copied(),
        _ => None,
    }
}
