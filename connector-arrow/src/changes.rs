//! What each row says of its change, as columns.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{ArrayRef, DictionaryArray, Int8Array, Int32Array, ListArray, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field};
use connector_core::{Bitmap, RowOp, SourceSchema};

use crate::schema::may_be_unsent;

/// A column that says of each row to which change it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeColumn {
    /// `_op`: what the row is, as `+I`, `-U`, `+U` or `-D`.
    Op,
    /// `_lsn`: the commit position of the transaction.
    Lsn,
    /// `_seq`: the number of the change in its transaction, from 1; in a snapshot the number of the row.
    Seq,
    /// `_unchanged`: the names of the columns that the source did not send; null where it sent all. Tables
    /// without updates and deletes have no such column.
    Unchanged,
}

impl ChangeColumn {
    /// Every column of the change, in the order of a record batch.
    pub const ALL: [Self; 4] = [Self::Op, Self::Lsn, Self::Seq, Self::Unchanged];

    /// The column's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Op => "_op",
            Self::Lsn => "_lsn",
            Self::Seq => "_seq",
            Self::Unchanged => "_unchanged",
        }
    }

    pub(crate) fn field(self) -> Field {
        let data_type = match self {
            Self::Op => DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)),
            Self::Lsn | Self::Seq => DataType::UInt64,
            Self::Unchanged => DataType::List(Arc::new(unchanged_item())),
        };
        Field::new(self.name(), data_type, self == Self::Unchanged)
    }

    /// Whether batches of the source have the column.
    pub(crate) fn is_in(self, source: &SourceSchema) -> bool {
        self != Self::Unchanged || may_be_unsent(source)
    }
}

fn unchanged_item() -> Field {
    let data_type = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Field::new("item", data_type, false)
}

/// The symbols of the operations, at the place of each operation's number.
static SYMBOLS: LazyLock<ArrayRef> = LazyLock::new(|| {
    let ops = [
        RowOp::Insert,
        RowOp::UpdateBefore,
        RowOp::UpdateAfter,
        RowOp::Delete,
    ];
    Arc::new(StringArray::from_iter_values(ops.map(RowOp::symbol)))
});

/// The operations; their numbers are the keys, in the same memory.
pub(crate) fn ops(ops: Vec<RowOp>) -> Result<ArrayRef, ArrowError> {
    // An operation is a byte below 4: `collect` stays in the vector's memory and changes nothing in it.
    let keys: Vec<i8> = ops.into_iter().map(|op| (op as u8).cast_signed()).collect();
    let keys = Int8Array::new(keys.into(), None);
    Ok(Arc::new(DictionaryArray::<Int8Type>::try_new(
        keys,
        Arc::clone(&SYMBOLS),
    )?))
}

/// The names of the columns without a sent value, by row; `unsent` has a bitmap for each column that has such rows.
pub(crate) fn unchanged(
    rows: usize,
    names: &ArrayRef,
    unsent: &[(i32, Bitmap)],
) -> Result<ArrayRef, ArrowError> {
    let item = Arc::new(unchanged_item());
    if unsent.is_empty() {
        return Ok(Arc::new(ListArray::new_null(item, rows)));
    }
    let total = unsent.iter().map(|(_, bits)| bits.count_ones()).sum();
    if i32::try_from(total).is_err() {
        let reason =
            "more than 2147483647 values of a batch were not sent\nhelp: make the batches smaller";
        return Err(ArrowError::InvalidArgumentError(reason.to_owned()));
    }
    let mut places = Vec::<i32>::with_capacity(total);
    let mut lengths = Vec::with_capacity(rows);
    for row in 0..rows {
        let before = places.len();
        let in_row = unsent
            .iter()
            .filter(|(_, bits)| bits.get(row) == Some(true));
        places.extend(in_row.map(|(place, _)| *place));
        lengths.push(places.len() - before);
    }
    let nulls: NullBuffer = lengths.iter().map(|length| *length > 0).collect();
    let places = Int32Array::new(places.into(), None);
    let names = DictionaryArray::<Int32Type>::try_new(places, Arc::clone(names))?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(
        item,
        offsets,
        Arc::new(names),
        Some(nulls),
    )?))
}

/// The names that [`unchanged`] lists, at the places of their columns.
pub(crate) fn column_names(source: &SourceSchema) -> ArrayRef {
    let names = source.schema.fields.iter().map(|field| field.name.as_str());
    let names = StringArray::from_iter_values(names);
    Arc::new(names)
}
