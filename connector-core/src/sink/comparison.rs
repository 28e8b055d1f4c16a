//! What a sink holds, beside what its source has.

use serde::Serialize;

use crate::columns::Batch;
use crate::error::Result;

/// A comparison of what a sink holds with a new snapshot. See [`Sink::compare`](super::Sink::compare).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not compare a sink with its source",
    label = "not a comparison",
    note = "implement `connector_core::sink::Comparison` for it: `take` and `finish`"
)]
pub trait Comparison {
    /// Takes rows of the snapshot.
    ///
    /// # Errors
    /// When they cannot be kept until the end.
    fn take(&mut self, batch: &Batch) -> Result<()>;

    /// The snapshot is complete. Gives one result for each source, in the target's order, with at most `listed`
    /// differing rows each; the counts are exact.
    ///
    /// # Errors
    /// When the sink cannot be read, or was written meanwhile.
    fn finish(self: Box<Self>, listed: usize) -> Result<Vec<Compared>>;
}

/// What was found of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Compared {
    /// The source's name.
    pub source: String,
    /// The rows of the snapshot.
    pub rows: u64,
    /// Rows of the snapshot that the sink lacks.
    pub missing: u64,
    /// Rows of the sink that the snapshot lacks.
    pub extra: u64,
    /// Rows that are in both under one key, with other values. 0 where there is no key.
    pub different: u64,
    /// The first of them.
    pub listed: Vec<Mismatch>,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// In which way.
    pub kind: MismatchKind,
    /// The columns that tell the row apart, with their values as text: the key, or every column where there is none.
    pub key: Vec<(String, String)>,
    /// The columns whose values differ; none for a row that only one side has.
    pub columns: Vec<ColumnMismatch>,
}

/// In which way a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MismatchKind {
    /// The sink lacks the row.
    Missing,
    /// Only the sink has the row.
    Extra,
    /// Both have the row, with other values.
    Different,
}

/// A column of a row whose values differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnMismatch {
    /// The column.
    pub column: String,
    /// The source's value as text; of a long one, the part where the two begin to differ.
    pub source: String,
    /// The sink's value in the same way.
    pub sink: String,
}

impl Compared {
    /// How many rows differ.
    pub fn differing(&self) -> u64 {
        self.missing + self.extra + self.different
    }
}
