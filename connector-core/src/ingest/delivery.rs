//! What goes from a source's thread to the consumer.

use crate::checkpoint::Checkpoint;
use crate::columns::Batch;

/// One delivery of a stream.
#[derive(Debug)]
pub enum Delivery {
    /// A new snapshot begins: store this before its first row, and replace what an earlier one left.
    SnapshotStarted {
        /// The position of the snapshot.
        at: Checkpoint,
        /// About how many rows it has, where the source can tell: see
        /// [`ChangeStream::estimated_rows`](crate::ChangeStream::estimated_rows).
        estimated_rows: Option<u64>,
    },
    /// Rows.
    Batch(Batch),
    /// A table was emptied.
    Truncate {
        /// The table's place in the run's list of sources.
        table: usize,
        /// The position of the change.
        end: Checkpoint,
    },
    /// Columns were added to a table, or one was given a wider type.
    SchemaChanged {
        /// The table's place in the run's list of sources.
        table: usize,
        /// What changed, in a person's words.
        what: String,
        /// Whether the change is to be taken on: the stream ends here, and its position is the one before.
        ends: bool,
        /// Where the stream stands.
        end: Checkpoint,
    },
    /// Everything up to here was delivered.
    Reached(Checkpoint),
}

impl Delivery {
    /// Where the stream stands after it.
    pub fn end(&self) -> &Checkpoint {
        match self {
            Self::Batch(batch) => &batch.end,
            Self::SnapshotStarted { at: end, .. }
            | Self::Truncate { end, .. }
            | Self::SchemaChanged { end, .. }
            | Self::Reached(end) => end,
        }
    }

    /// The bytes that it holds in memory.
    pub fn byte_size(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.byte_size(),
            _ => 0,
        }
    }
}
