//! What a sink's directory holds: the checkpoint, and the files that count.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use connector_core::Checkpoint;
use serde::{Deserialize, Serialize};

use crate::ChangeColumn;

/// The manifest of one connection. It is replaced as a whole, and that is the step in which rows become stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// How the files are written: the ending of their names.
    pub(crate) files: String,
    /// `None`: nothing was stored yet.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The number of the next file.
    pub(crate) next: u64,
    /// By source. A source's directory is this sink's own.
    pub(crate) sources: BTreeMap<String, Held>,
}

/// The files of a source, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) directory: String,
    pub(crate) files: Vec<FileEntry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    /// Below the sink's directory.
    pub(crate) path: String,
    /// Up to the checkpoint.
    pub(crate) bytes: u64,
    /// The rows and where they lie in the stream.
    #[serde(flatten)]
    pub(crate) range: Range,
    /// A hash of the columns.
    pub(crate) schema: String,
}

/// How many rows, and the least and the greatest `(lsn, seq)` among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    pub(crate) rows: u64,
    pub(crate) first: (u64, u64),
    pub(crate) last: (u64, u64),
}

impl Range {
    /// Of rows as a file holds them.
    pub(crate) fn of(rows: &RecordBatch) -> Self {
        let positions = |column: ChangeColumn| {
            let column = rows.column_by_name(column.name());
            column.and_then(|column| column.as_primitive_opt::<UInt64Type>())
        };
        let mut range = Self::default();
        if let (Some(lsn), Some(seq)) = (positions(ChangeColumn::Lsn), positions(ChangeColumn::Seq))
        {
            let positions = lsn
                .values()
                .iter()
                .copied()
                .zip(seq.values().iter().copied());
            positions.for_each(|position| range.add(position));
        }
        range
    }

    /// One more row.
    fn add(&mut self, position: (u64, u64)) {
        if self.rows == 0 {
            (self.first, self.last) = (position, position);
        }
        self.rows += 1;
        self.first = self.first.min(position);
        self.last = self.last.max(position);
    }

    /// Both together.
    pub(crate) fn join(&mut self, other: Self) {
        if self.rows == 0 {
            *self = other;
        } else if other.rows > 0 {
            self.rows += other.rows;
            self.first = self.first.min(other.first);
            self.last = self.last.max(other.last);
        }
    }
}

impl Manifest {
    /// Every file.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &FileEntry> {
        self.sources.values().flat_map(|held| &held.files)
    }
}
