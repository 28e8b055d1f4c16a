//! Running a pipeline: again and again, while what breaks it off may pass.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::dead_letters::DeadLetters;
use super::drain::Drain;
use super::drift::take_on;
use super::expected::Expected;
use super::fan_out::FanOut;
use super::one::{Pipeline, batch_bytes};
use super::reader;
use super::report::{RunEvent, notices};
use super::run::{ConnectionSummary, RunOptions};
use super::selection::{Opening, Selection, Wanted};
use super::worker::Worker;
use crate::backoff::Backoff;
use crate::checkpoint::{Checkpoint, Phase};
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{IngestOptions, Ingestor, OnSchemaChange, Until};
use crate::types::{SourceSchema, TableInfo};

/// How often a stop is looked for while an attempt is waited for.
const LOOK: Duration = Duration::from_millis(100);

/// A pipeline with what its attempts share.
#[derive(Debug)]
pub(super) struct Attempts<'o> {
    pipeline: Pipeline,
    options: &'o RunOptions,
    /// Where the run ends: the same for every attempt.
    until: Option<Until>,
    /// What all attempts have stored.
    summary: ConnectionSummary,
    /// Whether the source and the sinks could be opened once: until then, who cannot be reached may have a wrong address.
    begun: bool,
}

impl<'o> Attempts<'o> {
    pub(super) fn new(pipeline: Pipeline, options: &'o RunOptions) -> Self {
        let begun = pipeline.reached;
        let summary = ConnectionSummary::of(&pipeline.connection);
        Self {
            pipeline,
            options,
            until: None,
            summary,
            begun,
        }
    }

    /// Runs until the source is at its end, the run is stopped, or it fails for good.
    pub(super) fn run(mut self) -> Result<ConnectionSummary> {
        let mut backoff = Backoff::with(self.pipeline.retry);
        loop {
            let stored = self.summary.checkpoint.clone();
            let error = match self.attempt() {
                // What is stored goes on with the columns as they are now.
                Ok(true) if !self.options.cancellation.is_cancelled() => continue,
                Ok(_) => {
                    let connection = &self.summary.connection;
                    self.report(&RunEvent::Finished { connection });
                    return Ok(self.summary);
                }
                Err(error) => error,
            };
            if self.summary.checkpoint != stored {
                backoff.reset();
            }
            let can_pass = error.was_reached() || (self.begun && error.is_transient());
            if !can_pass || self.options.cancellation.is_cancelled() {
                return Err(error);
            }
            backoff.failed();
            if !backoff.goes_on() {
                return Err(backoff.given_up(error));
            }
            self.wait(&backoff, &error);
            if self.options.cancellation.is_cancelled() {
                return Ok(self.summary);
            }
        }
    }

    fn report(&self, event: &RunEvent<'_>) {
        self.options.report.event(event);
    }

    fn wait(&self, backoff: &Backoff, error: &Error) {
        self.report(&RunEvent::Retrying {
            connection: &self.summary.connection,
            error,
            wait: backoff.left(),
        });
        while !backoff.is_due(LOOK) && !self.options.cancellation.is_cancelled() {}
    }

    /// Opens everything and runs until the source is at its end, columns are to be taken on (`true`), or something fails.
    fn attempt(&mut self) -> Result<bool> {
        // Asked before the sinks are taken: the next attempt needs them, whatever fails here.
        let until = match self.until {
            Some(until) => until,
            None if self.options.once => (self.pipeline.connector)
                .current_position()?
                .map_or(Until::CaughtUp, Until::Position),
            None => Until::Stopped,
        };
        self.until = Some(until);
        let (mut sinks, mut from, mut selection) = self.open()?;
        sinks.pass_over(std::mem::take(&mut selection.passed_over));
        if let Some(from) = &mut from {
            from.selection.clear();
            from.passed_over.clear();
        }
        if !sinks.keeps_positions() {
            // Nobody but this run knows how far it has come.
            from = (self.summary.checkpoint.clone())
                .filter(|checkpoint| checkpoint.phase == Phase::Changes);
        }
        if self.summary.rows.is_empty() {
            self.summary.rows = (selection.schemas.iter())
                .map(|schema| (schema.name.clone(), 0))
                .collect();
        }
        self.begun = true;
        self.report(&RunEvent::Started {
            connection: &self.summary.connection,
            from: from.as_ref(),
        });
        let letters = DeadLetters::open(
            &self.pipeline.state_directory,
            &self.pipeline.connection,
            &selection.schemas,
        );
        let (sinks, result) = match letters {
            Ok(letters) => {
                let Selection {
                    tables, schemas, ..
                } = selection;
                self.deliver(sinks, letters, from, until, tables, schemas)
            }
            Err(error) => (sinks, Err(error)),
        };
        // As they were, for the next attempt.
        self.pipeline.sinks = sinks.into_sinks();
        result
    }

    /// Opens the sinks for what is read, which is settled with what they hold; what is taken on is locked.
    pub(super) fn open(&mut self) -> Result<(FanOut, Option<Checkpoint>, Selection)> {
        let report = self.options.report.as_ref();
        let pipeline = &mut self.pipeline;
        let tables = if let Some(tables) = &pipeline.tables {
            tables.clone()
        } else {
            let schemas = pipeline.connector.get_schemas(None)?;
            schemas.iter().map(selected).collect()
        };
        let wanted = Wanted {
            tables,
            schema_change: pipeline.schema_change.clone(),
        };
        let locked = match &pipeline.lock {
            Some(lock) => lock.read()?.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let opening = Opening {
            wanted: &wanted,
            connector: pipeline.connector.as_ref(),
            locked: &locked,
            app: &pipeline.app,
            connection: &pipeline.connection,
        };
        let (sinks, from, selection) = opening.open(&mut pipeline.sinks, report)?;
        if let Some(lock) = &pipeline.lock {
            for schema in &selection.schemas {
                if wanted.policy(&schema.name) == Some(OnSchemaChange::Evolve)
                    && let Err(error) = take_on(lock, schema, opening.connector)
                {
                    pipeline.sinks = sinks.into_sinks();
                    return Err(error);
                }
            }
        }
        for (source, columns) in &selection.widened {
            let message = format!("source `{source}` goes on with `{}`", columns.join("`, `"));
            report.event(&RunEvent::Info {
                connection: &pipeline.connection,
                message: &message,
            });
        }
        Ok((sinks, from, selection))
    }

    fn deliver(
        &mut self,
        sinks: FanOut,
        dead_letters: DeadLetters,
        from: Option<Checkpoint>,
        until: Until,
        tables: Vec<TableInfo>,
        schemas: Vec<Arc<SourceSchema>>,
    ) -> (FanOut, Result<bool>) {
        let pipeline = &self.pipeline;
        let cancellation = self.options.cancellation.child();
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
            checkpoint: from,
            until,
            batch_bytes: (pipeline.batch_bytes).unwrap_or_else(|| batch_bytes(pipeline.memory)),
            queue_bytes: pipeline.memory,
            on_misfit: pipeline.on_misfit.clone(),
            schema_change: pipeline.schema_change.clone(),
            redelivery: sinks.bears_redelivery(),
            reader: reader(&pipeline.app, &pipeline.connection),
            cancellation: cancellation.clone(),
            notices: notices(&pipeline.connection, &self.options.report),
        });
        let connector = Arc::clone(&pipeline.connector);
        let worker = match Worker::start(&pipeline.connection, connector, ingestor, tables) {
            Ok(worker) => worker,
            Err(error) => return (sinks, Err(error)),
        };
        let expected = Expected::new(
            schemas,
            &pipeline.schema_change,
            pipeline.connector.as_ref(),
        );
        let report = self.options.report.as_ref();
        let mut drain = Drain::new(sinks, expected, dead_letters, report, &mut self.summary);
        let drained = drain.run(&mut deliveries, &cancellation);
        if drained.is_err() {
            cancellation.cancel();
        }
        // Without a consumer, a source that waits for room gives up at once.
        drop(deliveries);
        let sourced = worker.join();
        let result = match (drained, ended(sourced)) {
            // A source that was left behind may still hold what another attempt needs.
            (Err(error), Err(left)) if !left.is_transient() => Err(error.permanent()),
            (drained, sourced) => drained.and(sourced),
        };
        let (sinks, evolves) = drain.into_sinks();
        (sinks, result.map(|()| evolves))
    }
}

/// A source that was asked to stop has done what it was asked.
fn ended(sourced: Result<()>) -> Result<()> {
    sourced.or_else(|error| match error.kind() {
        ErrorKind::Cancelled => Ok(()),
        _ => Err(error),
    })
}

/// The selection that gives this schema.
fn selected(schema: &SourceSchema) -> TableInfo {
    let table = TableInfo::select(&schema.table_name).with_name(&schema.name);
    TableInfo {
        schema: schema.namespace.clone(),
        ..table
    }
}
