//! What a run says while it goes on.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint::Checkpoint;
use crate::columns::RejectedRow;
use crate::error::Error;
use crate::source::{Notice, Notices};

/// Takes what a run says: for progress, logs and metrics.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take what a run says",
    label = "not a report",
    note = "implement `connector_core::pipeline::Report` for it: its `event` is called with each event of the run"
)]
pub trait Report: Debug + Send + Sync {
    /// Something happened. Called on the run's threads: it must not block for long.
    fn event(&self, event: &RunEvent<'_>);
}

/// What a run says.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// A connection begins, or goes on from a checkpoint.
    Started {
        /// The connection.
        connection: &'a str,
        /// Where it goes on from; `None` at the start.
        from: Option<&'a Checkpoint>,
    },
    /// A snapshot begins.
    SnapshotStarted {
        /// The connection.
        connection: &'a str,
        /// Its position.
        lsn: u64,
        /// About how many rows it has, of all sources together; `None` where the source cannot tell of one of them. It is not
        /// counted, so that there may be more.
        estimated_rows: Option<u64>,
    },
    /// A snapshot is complete and stored.
    SnapshotDone {
        /// The connection.
        connection: &'a str,
        /// Its position.
        lsn: u64,
    },
    /// Rows were written, and are not durable yet.
    Written {
        /// The connection.
        connection: &'a str,
        /// The source.
        source: &'a str,
        /// How many rows.
        rows: usize,
    },
    /// Everything up to here is durable.
    Committed {
        /// The connection.
        connection: &'a str,
        /// The position.
        checkpoint: &'a Checkpoint,
    },
    /// A row did not fit and went to the dead-letter file.
    Rejected {
        /// The connection.
        connection: &'a str,
        /// The row.
        row: &'a RejectedRow,
    },
    /// Values did not fit and became null.
    Nulled {
        /// The connection.
        connection: &'a str,
        /// How many.
        values: u64,
    },
    /// A connection broke off, and is tried again from what is stored.
    Retrying {
        /// The connection.
        connection: &'a str,
        /// Why it broke off.
        error: &'a Error,
        /// How long is waited before.
        wait: Duration,
    },
    /// A connection failed for good, and the others go on.
    Failed {
        /// The connection.
        connection: &'a str,
        /// Why.
        error: &'a Error,
    },
    /// Something that a person should know.
    Warning {
        /// The connection.
        connection: &'a str,
        /// What.
        message: &'a str,
    },
    /// Something that is good to know: that what was warned of is over, say.
    Info {
        /// The connection.
        connection: &'a str,
        /// What.
        message: &'a str,
    },
    /// A connection came to its end.
    Finished {
        /// The connection.
        connection: &'a str,
    },
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Report for Silent {
    fn event(&self, _event: &RunEvent<'_>) {}
}

/// What a connection's source says, as events of the run.
pub(super) fn notices(connection: &str, report: &Arc<dyn Report>) -> Notices {
    let (connection, report) = (connection.to_owned(), Arc::clone(report));
    Notices::to(move |notice| {
        let connection = &connection;
        report.event(&match notice {
            Notice::Warning(message) => RunEvent::Warning {
                connection,
                message,
            },
            Notice::Info(message) => RunEvent::Info {
                connection,
                message,
            },
        });
    })
}
