//! Where rows go: the [`Sink`] trait, and the sinks that need no driver.
//!
//! What the lines of [`Jsonl`] and [`Stdout`] look like is in `FORMATS.md` of this crate.

mod comparison;
mod json;
mod jsonl;
mod null;
mod private;
mod state_file;
mod stdout;

use std::fmt::Debug;
use std::sync::Arc;

pub use comparison::{ColumnMismatch, Compared, Comparison, Mismatch, MismatchKind};
pub use json::{Debezium, JsonFormat};
pub use jsonl::{Jsonl, JsonlSink, file_safe};
pub use null::{Null, NullSink};
pub use private::open_private;
pub(crate) use private::{
    append_private, make_private_directory, private_directory, replace_private,
};
pub use state_file::StateFile;
pub(crate) use state_file::sync_directory_of;
pub use stdout::{Stdout, StdoutSink};

use crate::checkpoint::Checkpoint;
use crate::columns::Batch;
use crate::config::ConnectorConfig;
use crate::error::Result;
use crate::types::SourceSchema;

/// What a sink is opened for.
#[derive(Debug, Clone)]
pub struct SinkTarget {
    /// The application's name.
    pub app: String,
    /// The connection whose rows come: a sink keeps one checkpoint for each.
    pub connection: String,
    /// The sources, in the order in which batches name them.
    pub schemas: Vec<Arc<SourceSchema>>,
    /// The sources whose stored rows may lack columns at the end of their schema: such a column is added, null for all rows.
    pub widened: Vec<String>,
}

/// How a sink takes what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Rows and checkpoint are stored in one step: nothing is stored twice.
    Transactional,
    /// Rows are stored by key: what is stored twice is there once.
    Idempotent,
    /// Rows are added: what is given twice is there twice.
    Append,
}

/// A place that rows go to. One sink serves one connection.
///
/// The order of calls: [`open`](Self::open); then [`start_snapshot`](Self::start_snapshot), [`write`](Self::write)
/// and [`truncate`](Self::truncate) as the stream has them; [`commit`](Self::commit) at a point that is complete.
/// What was written since the last commit is forgotten when the run breaks off.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sink",
    label = "rows cannot be written to it",
    note = "implement `connector_core::sink::Sink` for it; of the settings of one, `SinkConfig::sink` gives the sink"
)]
pub trait Sink: Send + Debug {
    /// Makes ready for these sources, takes back what a broken run left behind, and gives the checkpoint that is
    /// stored. A run that tries again after a failure opens the same sink again: what it has open is then to be left.
    ///
    /// A sink that is open is opened anew when its sources change, or where the checkpoint tells that they differ from what is
    /// stored: what was written since the last commit is forgotten. One whose rows do not fit the schemas says so when
    /// they are written, not here: a new snapshot replaces them.
    ///
    /// # Errors
    /// When the sink cannot be reached or written, or holds something that is not its own.
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>>;

    /// A new snapshot begins. `checkpoint` is durable when this returns; at the commit after the snapshot, its rows
    /// replace, in one step, what the sink held of these sources.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()>;

    /// Writes rows.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn write(&mut self, batch: &Batch) -> Result<()>;

    /// Empties a table, named by its place in [`SinkTarget::schemas`]; `at` is the position of the change.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()>;

    /// Makes everything that was written durable, together with the checkpoint.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()>;

    /// Forgets the checkpoint of this connection: the next run begins with a new snapshot.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn reset(&mut self) -> Result<()>;

    /// How the sink takes what it is given.
    fn delivery(&self) -> Delivery;

    /// Whether the sink keeps a checkpoint. One that does not has no say in where a run begins.
    fn keeps_positions(&self) -> bool {
        true
    }

    /// Whether rows that are given to the sink are anywhere afterwards. One that keeps none weakens what the others guarantee by
    /// nothing.
    fn keeps_rows(&self) -> bool {
        true
    }

    /// Whether rows of a source that has a key are stored by it, so that a row that is written again takes the place of the
    /// one that is there. Only such a sink is given rows that were rejected, once they fit.
    fn stores_by_key(&self) -> bool {
        false
    }

    /// Whether the sink writes to this process's standard output, which is then nobody else's.
    fn takes_stdout(&self) -> bool {
        false
    }

    /// Whether to open the sink makes tables for its sources: `dozer migrate` then opens it, so that they are there before the first
    /// row.
    fn makes_tables(&self) -> bool {
        false
    }

    /// What was made or altered by opening the sink, a line each, in a person's words.
    fn made(&self) -> Vec<String> {
        Vec::new()
    }

    /// Begins to compare what an opened sink holds with a new snapshot of its sources; changes nothing of it.
    /// `None`: the sink cannot be read back.
    ///
    /// # Errors
    /// When the sink cannot be read.
    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        Ok(None)
    }
}

/// The settings of a sink, which open it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the settings of a sink",
    label = "opens no sink",
    note = "derive `Debug`, `Deserialize` and `ConnectorConfig`, and implement `connector_core::sink::SinkConfig`: its `sink` opens the sink"
)]
pub trait SinkConfig: ConnectorConfig + Debug + Send + Sync + 'static {
    /// A sink with these settings, not opened yet.
    ///
    /// # Errors
    /// When the settings do not go together.
    fn sink(&self) -> Result<Box<dyn Sink>>;
}

impl Sink for Box<dyn Sink> {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        (**self).open(target)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        (**self).start_snapshot(checkpoint)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        (**self).write(batch)
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        (**self).truncate(table, at)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        (**self).commit(checkpoint)
    }

    fn reset(&mut self) -> Result<()> {
        (**self).reset()
    }

    fn delivery(&self) -> Delivery {
        (**self).delivery()
    }

    fn keeps_positions(&self) -> bool {
        (**self).keeps_positions()
    }

    fn keeps_rows(&self) -> bool {
        (**self).keeps_rows()
    }

    fn stores_by_key(&self) -> bool {
        (**self).stores_by_key()
    }

    fn takes_stdout(&self) -> bool {
        (**self).takes_stdout()
    }

    fn makes_tables(&self) -> bool {
        (**self).makes_tables()
    }

    fn made(&self) -> Vec<String> {
        (**self).made()
    }

    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        (**self).compare()
    }
}
