//! Compares what the sinks hold with a new snapshot of the sources.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::one::batch_bytes;
use super::report::Silent;
use super::selection::{Opening, Wanted};
use super::worker::Worker;
use super::{App, AppConnection, reader};
use crate::checkpoint::{Checkpoint, Phase};
use crate::config::SourceConfig;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{Delivery, IngestOptions, IngestionIterator, Ingestor, OnSchemaChange, Until};
use crate::sink::{Compared, Comparison};
use crate::source::Cancellation;
use crate::types::TableInfo;

/// How to verify.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The most differing rows to list of each source; the counts are exact.
    pub listed: usize,
    /// Stops it when it is set.
    pub cancellation: Cancellation,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            listed: 20,
            cancellation: Cancellation::new(),
        }
    }
}

/// What was found of one connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The connection.
    pub connection: String,
    /// The position of the snapshot that the sinks were compared with; 0 where the source gives none.
    pub lsn: u64,
    /// Rows of the snapshot that did not fit and were compared with nothing.
    pub rejected: u64,
    /// What was found in each sink.
    pub sinks: Vec<SinkVerification>,
}

/// What was found in one sink.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SinkVerification {
    /// The sink.
    pub sink: String,
    /// The checkpoint that it holds.
    pub checkpoint: Option<Checkpoint>,
    /// Whether the sink stands at the position of the snapshot. Otherwise rows differ for that alone.
    pub caught_up: bool,
    /// What was found of each source; `None`: the sink cannot be read back.
    pub sources: Option<Vec<Compared>>,
}

impl Verification {
    /// How many rows differ, all in all.
    pub fn differing(&self) -> u64 {
        let sources = self.sinks.iter().filter_map(|sink| sink.sources.as_ref());
        sources.flatten().map(Compared::differing).sum()
    }
}

/// A snapshot that was taken to its end.
#[derive(Default)]
struct Taken {
    lsn: u64,
    rejected: u64,
    complete: bool,
}

impl App {
    /// Compares what the sinks hold of a connection with a new snapshot of its sources. Changes neither: best after
    /// a run that has caught up.
    ///
    /// # Errors
    /// When no sink can be read back, or what the source or a sink failed with.
    pub fn verify(
        &self,
        connection: &AppConnection,
        options: &VerifyOptions,
    ) -> Result<Verification> {
        self.verify_connection(connection, options)
            .map_err(|error| error.with_context(format!("connection `{}`", connection.name)))
    }

    fn verify_connection(
        &self,
        connection: &AppConnection,
        options: &VerifyOptions,
    ) -> Result<Verification> {
        let whole = connection.sources.iter().filter(|it| it.columns.is_empty());
        // What was added since and is not stored is not compared.
        let ignore = |source: &SourceConfig| (source.name.clone(), OnSchemaChange::Ignore);
        let wanted = Wanted {
            tables: connection.tables.clone(),
            schema_change: whole.map(ignore).collect(),
        };
        let opening = Opening {
            wanted: &wanted,
            connector: connection.connector.as_ref(),
            locked: &BTreeMap::new(),
            app: &self.config().app_name,
            connection: &connection.name,
        };
        let (opened, _, selection) = opening.open(&mut self.unopened()?, &Silent)?;
        let target = self.target(connection, selection.schemas);
        let mut sinks = Vec::new();
        for (name, mut sink) in opened.into_sinks() {
            let checkpoint = sink.open(&target).map_err(of_sink(&name))?;
            sinks.push((name, sink, checkpoint));
        }
        let mut comparisons = Vec::new();
        for (name, sink, _) in &mut sinks {
            comparisons.push((name.as_str(), sink.compare().map_err(of_sink(name))?));
        }
        if comparisons.iter().all(|(_, it)| it.is_none()) {
            return Err(Error::config(
                "no sink can be read back, so there is nothing to compare with",
            )
            .with_help("`!Sqlite`, `!Postgres`, `!Parquet` and `!Arrow` files can be read back"));
        }
        let taken = self.take_snapshot(connection, selection.tables, options, &mut comparisons)?;
        let found = comparisons
            .into_iter()
            .map(|(name, comparison)| {
                let finish = |it: Box<dyn Comparison + '_>| it.finish(options.listed);
                comparison.map(finish).transpose().map_err(of_sink(name))
            })
            .collect::<Result<Vec<_>>>()?;
        let sinks = sinks.into_iter().zip(found);
        Ok(Verification {
            connection: connection.name.clone(),
            lsn: taken.lsn,
            rejected: taken.rejected,
            sinks: sinks
                .map(|((name, _, checkpoint), sources)| SinkVerification {
                    sink: name,
                    caught_up: checkpoint
                        .as_ref()
                        .is_some_and(|it| stands_at(it, taken.lsn)),
                    checkpoint,
                    sources,
                })
                .collect(),
        })
    }

    /// Takes a new snapshot into the comparisons, under a reader's name of its own.
    fn take_snapshot(
        &self,
        connection: &AppConnection,
        tables: Vec<TableInfo>,
        options: &VerifyOptions,
        comparisons: &mut [(&str, Option<Box<dyn Comparison + '_>>)],
    ) -> Result<Taken> {
        let policy = |source: &SourceConfig| (source.name.clone(), source.on_misfit);
        let memory = self.memory();
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
            until: Until::Snapshot,
            batch_bytes: batch_bytes(memory),
            queue_bytes: memory,
            on_misfit: connection
                .sources
                .iter()
                .map(policy)
                .collect::<HashMap<_, _>>(),
            reader: format!(
                "{} verify",
                reader(&self.config().app_name, &connection.name)
            ),
            cancellation: options.cancellation.clone(),
            ..IngestOptions::default()
        });
        let connector = Arc::clone(&connection.connector);
        let worker = Worker::start(&connection.name, connector, ingestor, tables)?;
        let taken = drain(&mut deliveries, comparisons);
        drop(deliveries);
        let ended = worker.join();
        let taken = taken?;
        match ended {
            Err(error) if error.kind() != ErrorKind::Cancelled => return Err(error),
            _ => {}
        }
        if !taken.complete {
            return Err(Error::new(
                ErrorKind::Cancelled,
                "stopped before everything was compared",
            ));
        }
        Ok(taken)
    }
}

fn drain(
    deliveries: &mut IngestionIterator,
    comparisons: &mut [(&str, Option<Box<dyn Comparison + '_>>)],
) -> Result<Taken> {
    let mut taken = Taken::default();
    while let Some(delivery) = deliveries.next_delivery() {
        match delivery {
            Delivery::SnapshotStarted { at, .. } => taken.lsn = at.lsn,
            Delivery::Batch(batch) => {
                taken.rejected += batch.rejected.len() as u64;
                for (name, comparison) in &mut *comparisons {
                    if let Some(comparison) = comparison {
                        comparison.take(&batch).map_err(of_sink(name))?;
                    }
                }
            }
            Delivery::Reached(_) => taken.complete = true,
            Delivery::Truncate { .. } | Delivery::SchemaChanged { .. } => {}
        }
    }
    Ok(taken)
}

/// Whether a sink with this checkpoint holds what the source had at `lsn`, and nothing later.
fn stands_at(checkpoint: &Checkpoint, lsn: u64) -> bool {
    checkpoint.phase == Phase::Changes && checkpoint.complete && checkpoint.lsn == lsn
}

fn of_sink(name: &str) -> impl Fn(Error) -> Error + '_ {
    move |error| error.with_context(format!("sink `{name}`"))
}
