//! Every buffer is where the column had it.

use crate::{arrays, record_batch};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::Buffer;
use connector_core::{ColumnData, Field, FieldType, RowOp};

use super::batches::{batch, column, decimal, field_types, samples};

/// Where the buffers of a column's values start, in Arrow's order: offsets, then values.
fn starts(data: &ColumnData) -> Vec<*const u8> {
    match data {
        ColumnData::UInt(values) => vec![values.as_ptr().cast()],
        ColumnData::Int(values) | ColumnData::Timestamp(values) | ColumnData::Duration(values) => {
            vec![values.as_ptr().cast()]
        }
        ColumnData::Int8(values) => vec![values.as_ptr().cast()],
        ColumnData::Float(values) | ColumnData::Point(values) => vec![values.as_ptr().cast()],
        ColumnData::Boolean(bits) => vec![bits.as_bytes().as_ptr()],
        ColumnData::Utf8(texts) => {
            vec![texts.offsets().as_ptr().cast(), texts.content().as_ptr()]
        }
        ColumnData::Binary { offsets, bytes } => {
            vec![offsets.as_ptr().cast(), bytes.as_ptr()]
        }
        ColumnData::Decimal128(values) => vec![values.as_ptr().cast()],
        ColumnData::Decimal256(values) => vec![values.as_ptr().cast()],
        ColumnData::Date(values) => vec![values.as_ptr().cast()],
    }
}

/// Where the buffers of an array's values start.
fn arrow_starts(array: &ArrayRef) -> Vec<*const u8> {
    let data = match array.as_fixed_size_list_opt() {
        Some(pairs) => pairs.values().to_data(),
        None => array.to_data(),
    };
    data.buffers().iter().map(Buffer::as_ptr).collect()
}

#[test]
fn no_buffer_moves_whatever_the_type_and_with_or_without_nulls() {
    for field_type in field_types()
        .into_iter()
        .filter(|one| *one != decimal(10, 50))
    {
        for gap in [None, Some(Field::Null), Some(Field::Unchanged)] {
            let mut values = vec![samples(field_type); 50].concat();
            let has_gap = gap.is_some();
            values.extend(gap);
            values.extend(samples(field_type));
            let parts = column(field_type, &values).into_parts();
            let data = starts(&parts.data);
            let validity = parts.validity.as_ref().map(|bits| bits.as_bytes().as_ptr());
            assert_eq!(validity.is_some(), has_gap);

            let array = arrays::array(parts).unwrap();
            assert_eq!(arrow_starts(&array), data, "{field_type}");
            let nulls = array.nulls().map(|nulls| nulls.buffer().as_ptr());
            assert_eq!(nulls, validity, "{field_type}");
        }
    }
}

#[test]
fn a_batch_holds_the_buffers_of_its_columns() {
    let column = column(FieldType::U128, &samples(FieldType::U128));
    let data = starts(column.data());
    let rows = record_batch(batch(vec![column])).unwrap();
    assert_eq!(arrow_starts(rows.column(0)), data);
}

#[test]
fn operations_and_positions_stay_where_they_are() {
    let mut given = batch(vec![column(FieldType::Int, &samples(FieldType::Int))]);
    given.ops = vec![
        RowOp::Insert,
        RowOp::UpdateBefore,
        RowOp::UpdateAfter,
        RowOp::Delete,
    ];
    let starts: [*const u8; 3] = [
        given.ops.as_ptr().cast(),
        given.lsn.as_ptr().cast(),
        given.seq.as_ptr().cast(),
    ];
    let rows = record_batch(given).unwrap();
    let keys = rows.column(1).as_dictionary::<Int8Type>().keys();
    assert_eq!(keys.values().inner().as_ptr(), starts[0]);
    for (place, start) in [(2, starts[1]), (3, starts[2])] {
        let positions = rows.column(place).as_primitive::<UInt64Type>();
        assert_eq!(positions.values().inner().as_ptr(), start);
    }
}
