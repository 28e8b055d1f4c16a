//! Columns as Arrow arrays, in the same memory.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float64Type, Int8Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt64Type,
};
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer, i256};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use connector_core::{Bitmap, ColumnData, ColumnParts, I256};

use crate::schema::{data_type, point_item};
use crate::texts;

/// The array of a column, of the Arrow type that belongs to its field type.
pub(crate) fn array(column: ColumnParts) -> Result<ArrayRef, ArrowError> {
    let nulls = column
        .validity
        .map(|bits| NullBuffer::new(boolean_buffer(bits)));
    let of_type = data_type(column.field_type);
    Ok(match column.data {
        ColumnData::UInt(values) => primitive::<UInt64Type>(values, nulls, of_type)?,
        ColumnData::Int(values) => primitive::<Int64Type>(values, nulls, of_type)?,
        ColumnData::Int8(values) => primitive::<Int8Type>(values, nulls, of_type)?,
        ColumnData::Float(values) => primitive::<Float64Type>(values, nulls, of_type)?,
        ColumnData::Boolean(bits) => Arc::new(BooleanArray::new(boolean_buffer(bits), nulls)),
        ColumnData::Utf8(values) => texts::array(values, nulls)?,
        ColumnData::Binary { offsets, bytes } => {
            let offsets = OffsetBuffer::new(offsets.into());
            Arc::new(BinaryArray::try_new(
                offsets,
                Buffer::from_vec(bytes),
                nulls,
            )?)
        }
        ColumnData::Decimal128(values) if matches!(of_type, DataType::Decimal256(..)) => {
            let wide: Vec<i256> = values.into_iter().map(i256::from_i128).collect();
            primitive::<Decimal256Type>(wide, nulls, of_type)?
        }
        ColumnData::Decimal128(values) => primitive::<Decimal128Type>(values, nulls, of_type)?,
        ColumnData::Decimal256(values) => {
            primitive::<Decimal256Type>(arrow_integers(values), nulls, of_type)?
        }
        ColumnData::Timestamp(values) => timestamps(values, nulls, of_type)?,
        ColumnData::Date(values) => primitive::<Date32Type>(values, nulls, of_type)?,
        ColumnData::Point(values) => {
            let coordinates = primitive::<Float64Type>(values, None, DataType::Float64)?;
            let item = Arc::new(point_item());
            Arc::new(FixedSizeListArray::try_new(item, 2, coordinates, nulls)?)
        }
        ColumnData::Duration(values) => durations(values, nulls, of_type)?,
    })
}

fn primitive<T: ArrowPrimitiveType>(
    values: Vec<T::Native>,
    nulls: Option<NullBuffer>,
    of_type: DataType,
) -> Result<ArrayRef, ArrowError> {
    let values = PrimitiveArray::<T>::try_new(ScalarBuffer::from(values), nulls)?;
    if !PrimitiveArray::<T>::is_compatible(&of_type) {
        return Err(mismatch(&of_type));
    }
    Ok(Arc::new(values.with_data_type(of_type)))
}

fn timestamps(
    values: Vec<i64>,
    nulls: Option<NullBuffer>,
    of_type: DataType,
) -> Result<ArrayRef, ArrowError> {
    match of_type {
        DataType::Timestamp(TimeUnit::Second, _) => {
            primitive::<TimestampSecondType>(values, nulls, of_type)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            primitive::<TimestampMillisecondType>(values, nulls, of_type)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            primitive::<TimestampNanosecondType>(values, nulls, of_type)
        }
        of_type => primitive::<TimestampMicrosecondType>(values, nulls, of_type),
    }
}

fn durations(
    values: Vec<i64>,
    nulls: Option<NullBuffer>,
    of_type: DataType,
) -> Result<ArrayRef, ArrowError> {
    match of_type {
        DataType::Duration(TimeUnit::Second) => {
            primitive::<DurationSecondType>(values, nulls, of_type)
        }
        DataType::Duration(TimeUnit::Millisecond) => {
            primitive::<DurationMillisecondType>(values, nulls, of_type)
        }
        DataType::Duration(TimeUnit::Nanosecond) => {
            primitive::<DurationNanosecondType>(values, nulls, of_type)
        }
        of_type => primitive::<DurationMicrosecondType>(values, nulls, of_type),
    }
}

/// Arrow would panic on a type of another layout.
fn mismatch(of_type: &DataType) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("the column's layout is not that of {of_type}"))
}

/// The same integers under Arrow's name for them.
///
/// Both types are a low half before a high half, so that `collect` stays in the vector's memory, as it does for items of
/// equal size and alignment, and each step writes what it has read: the optimizer leaves no loop.
fn arrow_integers(values: Vec<I256>) -> Vec<i256> {
    let convert = |value: I256| {
        let (low, high) = value.to_parts();
        i256::from_parts(low, high)
    };
    values.into_iter().map(convert).collect()
}

fn boolean_buffer(bits: Bitmap) -> BooleanBuffer {
    let len = bits.len();
    BooleanBuffer::new(Buffer::from_vec(bits.into_bytes()), 0, len)
}
