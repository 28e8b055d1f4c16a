//! What the run's threads say, kept for the thread that prints. They never wait for an output.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use connector_core::pipeline::{Report, RunEvent};
use connector_core::{Checkpoint, Error, RejectedRow};

use crate::log::{Level, Told};
use crate::output::{grouped, position};

/// Rejected rows are told one by one up to so many for each connection; all are in the dead-letter file.
const REJECTED_TOLD: u64 = 10;

/// Takes what a run says.
#[derive(Debug)]
pub(crate) struct Progress {
    connections: Mutex<BTreeMap<String, ConnectionProgress>>,
    notes: Mutex<Sender<Note>>,
}

/// How far a connection is.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionProgress {
    pub(crate) rows: u64,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) snapshot: Option<SnapshotProgress>,
    pub(crate) finished: bool,
    rejected: BTreeMap<String, u64>,
}

/// A snapshot that is being read.
#[derive(Debug, Clone)]
pub(crate) struct SnapshotProgress {
    /// The rows that were written before it.
    pub(crate) before: u64,
    /// About how many it has.
    pub(crate) estimated_rows: Option<u64>,
    pub(crate) began: Instant,
}

/// What is to be printed.
#[derive(Debug)]
pub(crate) enum Note {
    Line {
        level: Level,
        connection: Option<String>,
        message: String,
    },
    /// The run is over.
    End,
}

struct Over<'p>(&'p Progress);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.send(Note::End);
    }
}

impl Progress {
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> (Self, Receiver<Note>) {
        let (notes, receiver) = channel();
        let connections = names.map(|name| (name.to_owned(), ConnectionProgress::default()));
        let progress = Self {
            connections: Mutex::new(connections.collect()),
            notes: Mutex::new(notes),
        };
        (progress, receiver)
    }

    /// How far every connection is, by name.
    pub(crate) fn now(&self) -> Vec<(String, ConnectionProgress)> {
        let connections = locked(&self.connections);
        connections
            .iter()
            .map(|(name, state)| (name.clone(), state.clone()))
            .collect()
    }

    /// Rejected rows by connection and source.
    pub(crate) fn rejected(&self) -> BTreeMap<(String, String), u64> {
        let connections = locked(&self.connections);
        let rows = connections.iter().flat_map(|(name, state)| {
            let counts = state.rejected.iter();
            counts.map(|(source, rows)| ((name.clone(), source.clone()), *rows))
        });
        rows.collect()
    }

    /// Says that the run is over when this is dropped, also by a panic.
    pub(crate) fn ends_here(&self) -> impl Drop {
        Over(self)
    }

    fn send(&self, note: Note) {
        // Nobody listens after the end.
        let _ = locked(&self.notes).send(note);
    }

    fn line(&self, level: Level, connection: Option<&str>, message: String) {
        self.send(Note::Line {
            level,
            connection: connection.map(str::to_owned),
            message,
        });
    }

    fn update<R>(
        &self,
        connection: &str,
        change: impl FnOnce(&mut ConnectionProgress) -> R,
    ) -> Option<R> {
        locked(&self.connections).get_mut(connection).map(change)
    }

    /// Told at once where others go on; at the end the error is told whole.
    fn fail(&self, connection: &str, error: &Error) {
        let others = {
            let mut connections = locked(&self.connections);
            if let Some(state) = connections.get_mut(connection) {
                state.finished = true;
                state.snapshot = None;
            }
            connections.values().any(|state| !state.finished)
        };
        if others {
            let message = format!(
                "failed, and the other connections go on: {}",
                Told::of(error).message
            );
            self.line(Level::Error, Some(connection), message);
        }
    }

    fn reject(&self, connection: &str, row: &RejectedRow) {
        let total = self.update(connection, |state| {
            *state.rejected.entry(row.source.clone()).or_default() += 1;
            state.rejected.values().sum::<u64>()
        });
        let level = if total <= Some(REJECTED_TOLD) {
            Level::Warn
        } else {
            Level::Debug
        };
        let message = format!(
            "rejected a row of source `{}` at position ({}, {}): column `{}`: {}",
            row.source, row.error.lsn, row.error.seq, row.error.column, row.error.misfit
        );
        self.line(level, Some(connection), message);
        if total == Some(REJECTED_TOLD) {
            let message = "further rejected rows are counted and kept, and not told".to_owned();
            self.line(Level::Warn, Some(connection), message);
        }
    }
}

impl Report for Progress {
    fn event(&self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Started { connection, from } => {
                let message = from.map_or_else(
                    || "starts at the beginning".to_owned(),
                    |from| format!("goes on from {}", position(from)),
                );
                self.line(Level::Info, Some(connection), message);
            }
            RunEvent::SnapshotStarted {
                connection,
                lsn,
                estimated_rows,
            } => {
                self.update(connection, |state| {
                    state.snapshot = Some(SnapshotProgress {
                        before: state.rows,
                        estimated_rows: *estimated_rows,
                        began: Instant::now(),
                    });
                });
                let about = estimated_rows.map_or_else(String::new, |rows| {
                    format!(", about {} rows", grouped(rows))
                });
                let message = format!("snapshot started at {lsn}{about}");
                self.line(Level::Info, Some(connection), message);
            }
            RunEvent::SnapshotDone { connection, lsn } => {
                let rows = self.update(connection, |state| {
                    state.snapshot = None;
                    state.rows
                });
                let rows = rows.unwrap_or_default();
                let message = format!("snapshot done at {lsn}, {rows} rows so far");
                self.line(Level::Info, Some(connection), message);
            }
            RunEvent::Written {
                connection, rows, ..
            } => {
                self.update(connection, |state| state.rows += *rows as u64);
            }
            RunEvent::Committed {
                connection,
                checkpoint,
            } => {
                self.update(connection, |state| {
                    state.checkpoint = Some((*checkpoint).clone());
                });
                let message = format!("stored up to {}", position(checkpoint));
                self.line(Level::Debug, Some(connection), message);
            }
            RunEvent::Rejected { connection, row } => self.reject(connection, row),
            RunEvent::Nulled { connection, values } => {
                let message = format!("{values} values that did not fit became null");
                self.line(Level::Debug, Some(connection), message);
            }
            RunEvent::Retrying {
                connection,
                error,
                wait,
            } => {
                self.update(connection, |state| state.snapshot = None);
                let told = Told::of(error);
                let help = told
                    .help
                    .map_or_else(String::new, |help| format!(" ({help})"));
                let message = format!(
                    "broke off, and is tried again from what is stored in {:.1} s: {}{help}",
                    wait.as_secs_f64(),
                    told.message
                );
                self.line(Level::Warn, Some(connection), message);
            }
            RunEvent::Failed { connection, error } => self.fail(connection, error),
            RunEvent::Warning {
                connection,
                message,
            } => {
                self.line(Level::Warn, Some(connection), (*message).to_owned());
            }
            RunEvent::Info {
                connection,
                message,
            } => {
                self.line(Level::Info, Some(connection), (*message).to_owned());
            }
            RunEvent::Finished { connection } => {
                let rows = self.update(connection, |state| {
                    state.finished = true;
                    state.rows
                });
                let message = format!("finished, {} rows", rows.unwrap_or_default());
                self.line(Level::Info, Some(connection), message);
            }
            _ => {}
        }
    }
}

/// A thread that panicked while it counted leaves counts that can still be read.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
