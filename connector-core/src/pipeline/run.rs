//! One run: every connection's rows into the sinks, with checkpoints.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dead_letters::DeadLetters;
use super::fan_out::FanOut;
use super::report::{Report, RunEvent, Silent};
use super::worker::Worker;
use super::{App, AppConnection};
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{Delivery, IngestOptions, IngestionIterator, Ingestor, Until};
use crate::sink::SinkTarget;
use crate::source::Cancellation;
use crate::types::SourceSchema;

/// A commit is made at the latest when so much was written.
const COMMIT_BYTES: usize = 8 << 20;
/// A commit is made at the latest after so long, while changes keep coming.
const COMMIT_EVERY: Duration = Duration::from_millis(500);

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Stop at the position that is current when the run starts.
    pub once: bool,
    /// Stops the run when it is set.
    pub cancellation: Cancellation,
    /// Takes what the run says.
    pub report: Arc<dyn Report>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            once: false,
            cancellation: Cancellation::new(),
            report: Arc::new(Silent),
        }
    }
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// One for each connection with sources.
    pub connections: Vec<ConnectionSummary>,
}

/// What a run did for one connection.
#[derive(Debug, Clone)]
pub struct ConnectionSummary {
    /// The connection.
    pub connection: String,
    /// Rows written, by source. An update is one.
    pub rows: Vec<(String, u64)>,
    /// Rows that went to the dead-letter file.
    pub rejected: u64,
    /// Values that became null because they did not fit.
    pub nulled: u64,
    /// The last checkpoint that was stored.
    pub checkpoint: Option<Checkpoint>,
}

impl Summary {
    /// Rows written, all in all.
    pub fn rows(&self) -> u64 {
        self.connections
            .iter()
            .flat_map(|connection| &connection.rows)
            .map(|(_, rows)| rows)
            .sum()
    }
}

impl App {
    /// Runs every connection that has sources, side by side, until each is at its end or the run is stopped.
    ///
    /// # Errors
    /// The first thing that failed; the other connections are stopped, and what is stored is complete.
    pub fn run(&self, options: &RunOptions) -> Result<Summary> {
        let active: Vec<&AppConnection> = self
            .connections
            .iter()
            .filter(|connection| !connection.tables.is_empty())
            .collect();
        if active.is_empty() {
            return Err(Error::config(
                "the configuration has no sources: there is nothing to run",
            ));
        }
        if self.sinks.is_empty() {
            return Err(
                Error::config("the configuration has no sinks: rows have nowhere to go")
                    .with_help("add one under `sinks`, `!Null` to only count"),
            );
        }
        let results: Vec<Result<ConnectionSummary>> = std::thread::scope(|scope| {
            let run = |connection| move || self.run_one(connection, options);
            let threads: Vec<_> = active
                .iter()
                .map(|&connection| scope.spawn(run(connection)))
                .collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::protocol("a sink panicked")))
            };
            threads.into_iter().map(join).collect()
        });
        let connections = results.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(Summary { connections })
    }

    fn run_one(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
    ) -> Result<ConnectionSummary> {
        let result = self.run_connection(connection, options);
        if result.is_err() {
            options.cancellation.cancel();
        }
        result.map_err(|error| error.with_context(format!("connection `{}`", connection.name)))
    }

    fn run_connection(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
    ) -> Result<ConnectionSummary> {
        let schemas = connection
            .connector
            .get_schemas(Some(connection.tables.clone()))?;
        let schemas: Vec<Arc<SourceSchema>> = schemas.into_iter().map(Arc::new).collect();
        let (sinks, from) = self.open_sinks(connection, schemas.clone())?;
        options.report.event(&RunEvent::Started {
            connection: &connection.name,
            from: from.as_ref(),
        });
        let until = match options.once {
            false => Until::Stopped,
            true => connection
                .connector
                .current_position()?
                .map_or(Until::CaughtUp, Until::Position),
        };
        let memory = self
            .config()
            .memory
            .map_or(IngestOptions::default().queue_bytes, |memory| {
                usize::try_from(memory.bytes()).unwrap_or(usize::MAX)
            });
        let (ingestor, deliveries) = Ingestor::initialize_channel(IngestOptions {
            checkpoint: from,
            until,
            batch_bytes: (memory / 4).clamp(1 << 12, 1 << 20),
            queue_bytes: memory,
            on_misfit: connection
                .sources
                .iter()
                .map(|source| (source.name.clone(), source.on_misfit))
                .collect(),
            redelivery: sinks.bears_redelivery(),
            reader: format!("{}/{}", self.config().app_name, connection.name),
            cancellation: options.cancellation.clone(),
        });
        let worker = Worker::start(
            &connection.name,
            Arc::clone(&connection.connector),
            ingestor,
            connection.tables.clone(),
        )?;
        let mut drain = Drain {
            sinks,
            dead_letters: DeadLetters::new(&self.state_directory(), &connection.name),
            report: options.report.as_ref(),
            pending: None,
            written: 0,
            last_commit: Instant::now(),
            in_snapshot: false,
            summary: ConnectionSummary {
                connection: connection.name.clone(),
                rows: schemas
                    .iter()
                    .map(|schema| (schema.name.clone(), 0))
                    .collect(),
                rejected: 0,
                nulled: 0,
                checkpoint: None,
            },
        };
        let mut deliveries = deliveries;
        let drained = drain.run(&mut deliveries);
        if drained.is_err() {
            options.cancellation.cancel();
        }
        // Without a consumer, a source that waits for room gives up at once.
        drop(deliveries);
        let sourced = worker.join();
        drained?;
        match sourced {
            Err(error) if error.kind() != ErrorKind::Cancelled => Err(error),
            _ => {
                options.report.event(&RunEvent::Finished {
                    connection: &connection.name,
                });
                Ok(drain.summary)
            }
        }
    }

    /// Forgets the position of a connection in every sink: the next run takes a new snapshot.
    ///
    /// # Errors
    /// When a sink cannot be reached.
    pub fn reset(&self, connection: &AppConnection) -> Result<()> {
        let schemas = connection.schemas()?.into_iter().map(Arc::new).collect();
        self.open_sinks(connection, schemas)?.0.reset()
    }

    /// What is stored of a connection: the earliest checkpoint of the sinks.
    ///
    /// # Errors
    /// When a sink cannot be reached.
    pub fn stored(&self, connection: &AppConnection) -> Result<Option<Checkpoint>> {
        let schemas = connection.schemas()?.into_iter().map(Arc::new).collect();
        Ok(self.open_sinks(connection, schemas)?.1)
    }

    fn open_sinks(
        &self,
        connection: &AppConnection,
        schemas: Vec<Arc<SourceSchema>>,
    ) -> Result<(FanOut, Option<Checkpoint>)> {
        let target = SinkTarget {
            app: self.config().app_name.clone(),
            connection: connection.name.clone(),
            schemas,
        };
        let sinks = self
            .sinks
            .iter()
            .map(|sink| Ok((sink.name.clone(), (sink.open)()?)));
        FanOut::open(sinks.collect::<Result<Vec<_>>>()?, &target)
    }

    /// Where positions and dead letters are kept: `state` of the configuration, or `.dozer` beside the lock file.
    fn state_directory(&self) -> PathBuf {
        let beside = || {
            self.config()
                .lock
                .parent()
                .unwrap_or(std::path::Path::new("."))
                .join(".dozer")
        };
        self.config().state.clone().unwrap_or_else(beside)
    }
}

/// Takes deliveries into the sinks.
struct Drain<'r> {
    sinks: FanOut,
    dead_letters: DeadLetters,
    report: &'r dyn Report,
    /// A complete position that is written and not committed.
    pending: Option<Checkpoint>,
    written: usize,
    last_commit: Instant,
    in_snapshot: bool,
    summary: ConnectionSummary,
}

impl Drain<'_> {
    fn run(&mut self, deliveries: &mut IngestionIterator) -> Result<()> {
        loop {
            let delivery = match deliveries.next_within(COMMIT_EVERY) {
                Err(_) => return self.commit(deliveries),
                Ok(delivery) => delivery,
            };
            let idle = delivery.is_none();
            if let Some(delivery) = delivery {
                self.take(delivery, deliveries)?;
            }
            let due = self.written >= COMMIT_BYTES || self.last_commit.elapsed() >= COMMIT_EVERY;
            if idle || due || deliveries.is_drained() {
                self.commit(deliveries)?;
            }
        }
    }

    fn take(&mut self, delivery: Delivery, deliveries: &IngestionIterator) -> Result<()> {
        match delivery {
            Delivery::SnapshotStarted(checkpoint) => {
                self.commit(deliveries)?;
                self.sinks.start_snapshot(&checkpoint)?;
                self.in_snapshot = true;
                let connection = &self.summary.connection;
                self.report.event(&RunEvent::SnapshotStarted {
                    connection,
                    lsn: checkpoint.lsn,
                });
            }
            Delivery::Batch(batch) => {
                self.dead_letters.write(&batch.rejected)?;
                self.sinks.write(&batch)?;
                self.count(&batch);
                self.written += batch.byte_size();
                self.pending = batch.end.complete.then(|| batch.end.clone());
            }
            Delivery::Truncate { table, end } => {
                self.sinks.truncate(table, &end)?;
                self.pending = None;
            }
            Delivery::Reached(end) => self.pending = Some(end),
        }
        Ok(())
    }

    fn count(&mut self, batch: &Batch) {
        let connection = self.summary.connection.as_str();
        for table in &batch.tables {
            let changes = table
                .ops
                .iter()
                .filter(|op| **op != crate::columns::RowOp::UpdateBefore)
                .count();
            if let Some((source, rows)) = self.summary.rows.get_mut(table.table) {
                *rows += changes as u64;
                self.report.event(&RunEvent::Written {
                    connection,
                    source,
                    rows: changes,
                });
            }
        }
        for row in &batch.rejected {
            self.report.event(&RunEvent::Rejected { connection, row });
        }
        if batch.nulled > 0 {
            self.report.event(&RunEvent::Nulled {
                connection,
                values: batch.nulled,
            });
        }
        self.summary.rejected += batch.rejected.len() as u64;
        self.summary.nulled += batch.nulled;
    }

    fn commit(&mut self, deliveries: &IngestionIterator) -> Result<()> {
        let Some(checkpoint) = self.pending.take() else {
            return Ok(());
        };
        self.sinks.commit(&checkpoint)?;
        self.written = 0;
        self.last_commit = Instant::now();
        let connection = self.summary.connection.as_str();
        if self.in_snapshot && checkpoint.phase == Phase::Changes {
            self.in_snapshot = false;
            self.report.event(&RunEvent::SnapshotDone {
                connection,
                lsn: checkpoint.lsn,
            });
        }
        self.report.event(&RunEvent::Committed {
            connection,
            checkpoint: &checkpoint,
        });
        // Only now may the source forget what is stored.
        deliveries.confirm(checkpoint.clone());
        self.summary.checkpoint = Some(checkpoint);
        Ok(())
    }
}
