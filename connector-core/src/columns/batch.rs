//! Batches: a stretch of a stream as columns.

use std::sync::Arc;

use super::{CastError, Column};
use crate::checkpoint::{Checkpoint, Phase};
use crate::types::{Record, SourceSchema};
use crate::value::Field;

/// What a row of a [`TableBatch`] is. An update is two rows, `-U` then `+U`, with one `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RowOp {
    /// `+I`: the row is new, or was read in a snapshot.
    Insert = 0,
    /// `-U`: the row as it was before an update.
    UpdateBefore = 1,
    /// `+U`: the row as it is after an update.
    UpdateAfter = 2,
    /// `-D`: the row as it was before it was deleted.
    Delete = 3,
}

impl RowOp {
    /// The two-character name: `+I`, `-U`, `+U`, `-D`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Insert => "+I",
            Self::UpdateBefore => "-U",
            Self::UpdateAfter => "+U",
            Self::Delete => "-D",
        }
    }
}

/// A stretch of a stream: the rows of every table between two positions.
#[derive(Debug)]
pub struct Batch {
    /// Whether the rows are of a snapshot.
    pub phase: Phase,
    /// The rows, by table. Tables without rows are left out.
    pub tables: Vec<TableBatch>,
    /// Rows that did not fit and go to the dead-letter file.
    pub rejected: Vec<RejectedRow>,
    /// The ends of the transactions within the batch, where the connector keeps a state of its own for each.
    pub commits: Vec<Checkpoint>,
    /// How many values became null because they did not fit.
    pub nulled: u64,
    /// Where the stream stands after the batch.
    pub end: Checkpoint,
}

/// The rows of one table in a [`Batch`].
#[derive(Debug, Clone)]
pub struct TableBatch {
    /// The table's place in the run's list of sources.
    pub table: usize,
    /// The schema of the rows.
    pub schema: Arc<SourceSchema>,
    /// What each row is.
    pub ops: Vec<RowOp>,
    /// The commit position of each row.
    pub lsn: Vec<u64>,
    /// The number of each row's change in its transaction, from 1. In a snapshot, the number of the row.
    pub seq: Vec<u64>,
    /// The values, one column for each field of the schema.
    pub columns: Vec<Column>,
}

/// A row that did not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectedRow {
    /// The source's name.
    pub source: String,
    /// What the row is.
    pub op: RowOp,
    /// The value that does not fit, and where it is.
    pub error: CastError,
    /// The row as far as it can be printed: column and value.
    pub row: Vec<(String, Option<String>)>,
    /// The values that are bytes, and so no text.
    pub bytes: Vec<(String, Vec<u8>)>,
    /// The columns that the source did not send.
    pub unsent: Vec<String>,
    /// Whether a value is neither printed nor among the bytes, though it is not null.
    pub incomplete: bool,
}

impl Batch {
    /// How many rows the batch holds.
    pub fn rows(&self) -> usize {
        self.tables.iter().map(TableBatch::len).sum()
    }

    /// The bytes that the batch's buffers use.
    pub fn byte_size(&self) -> usize {
        self.tables.iter().map(TableBatch::byte_size).sum()
    }

    /// Every row in the order of the stream: the places of its table batch and of the row in it.
    pub fn in_order(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut next = vec![0_usize; self.tables.len()];
        std::iter::from_fn(move || {
            let (place, _) = (self.tables.iter().zip(&next).enumerate())
                .filter_map(|(place, (table, row))| Some((place, table.position(*row)?)))
                .min_by_key(|(_, position)| *position)?;
            let row = next.get_mut(place)?;
            *row += 1;
            Some((place, *row - 1))
        })
    }
}

impl TableBatch {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// `(lsn, seq)` of a row.
    pub fn position(&self, row: usize) -> Option<(u64, u64)> {
        Some((*self.lsn.get(row)?, *self.seq.get(row)?))
    }

    /// The bytes that the buffers use.
    pub fn byte_size(&self) -> usize {
        self.ops.len() * 17 + self.columns.iter().map(Column::byte_size).sum::<usize>()
    }

    /// One row as a record.
    pub fn record(&self, row: usize) -> Record {
        let fields = self.schema.schema.fields.iter().zip(&self.columns);
        Record {
            values: fields
                .map(|(field, column)| Field::from_value(field.typ, column.value(row)))
                .collect(),
        }
    }
}
