//! One run of a whole configuration.

use std::path::PathBuf;
use std::sync::Arc;

use super::attempt::Attempts;
use super::fan_out::FanOut;
use super::report::{Report, Silent};
use super::{App, AppConnection, Held, Pipeline};
use crate::checkpoint::Checkpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::sink::Sink;
use crate::source::Cancellation;
use crate::types::SourceSchema;

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

impl ConnectionSummary {
    /// Nothing was done yet.
    pub(super) fn of(connection: &str) -> Self {
        Self {
            connection: connection.to_owned(),
            rows: Vec::new(),
            rejected: 0,
            nulled: 0,
            checkpoint: None,
        }
    }
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
    /// Runs every connection that has sources, side by side, until each is at its end or the run is stopped. One that
    /// breaks off for a reason that may pass is tried again from what is stored.
    ///
    /// # Errors
    /// What the first connection that failed, in the order of the configuration, failed with; what is stored is complete.
    /// Whether the others go on meanwhile is [`OnFailure`](super::OnFailure); [`Held::outcomes`] tells of each. When another
    /// process holds the application: see [`hold`](Self::hold).
    pub fn run(&self, options: &RunOptions) -> Result<Summary> {
        self.hold()?.run(options)
    }

    /// Forgets the position of a connection in every sink: the next run takes a new snapshot.
    ///
    /// # Errors
    /// When a sink cannot be reached, or another process holds the application: see [`hold`](Self::hold).
    pub fn reset(&self, connection: &AppConnection) -> Result<()> {
        self.hold()?.reset(connection)
    }
}

impl Held<'_> {
    /// As [`App::run`].
    ///
    /// # Errors
    /// As [`App::run`].
    pub fn run(&self, options: &RunOptions) -> Result<Summary> {
        let outcomes = self.outcomes(options)?.into_iter();
        let connections = outcomes.map(|outcome| outcome.result);
        Ok(Summary {
            connections: connections.collect::<Result<Vec<_>>>()?,
        })
    }

    /// As [`App::reset`].
    ///
    /// # Errors
    /// As [`App::reset`].
    pub fn reset(&self, connection: &AppConnection) -> Result<()> {
        let schemas = connection.schemas()?.into_iter().map(Arc::new).collect();
        self.app
            .open_sinks(connection, schemas)
            .and_then(|(mut sinks, _)| sinks.reset())
            .map_err(|error| of_run(connection, error))
    }
}

impl App {
    pub(super) fn run_connection(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
    ) -> Result<ConnectionSummary> {
        let mut pipeline = self.pipeline(connection)?;
        for sink in &self.sinks {
            pipeline = pipeline.into_boxed(&sink.name, (sink.open)()?);
        }
        pipeline.run_with(options)
    }

    /// The run of a connection, without its sinks.
    pub(super) fn pipeline(&self, connection: &AppConnection) -> Result<Pipeline> {
        let mut pipeline = Pipeline::shared(Arc::clone(&connection.connector))
            .named(&self.config().app_name, &connection.name)
            .tables(connection.tables.clone())
            .memory(self.memory())
            .state_directory(self.state_directory())
            .retry(self.config().retry)
            .reached(connection.has_answered());
        for source in &connection.sources {
            pipeline = pipeline.on_misfit(&source.name, source.on_misfit);
        }
        for (source, policy) in self.schema_changes(connection)? {
            pipeline = pipeline.on_schema_change(source, policy);
        }
        Ok(pipeline.locked_by(self.lock_file()))
    }

    /// Makes the tables of a connection's sources in the sinks that keep some, and widens those of sources that evolve, as a run
    /// does when it begins; gives what was made, a line each. What is stored there stays. Sources that are not those of the stored
    /// position are left to the run, which says what to do.
    ///
    /// # Errors
    /// When a sink cannot be reached or written, or holds a table of this name that is not its own.
    pub fn prepare_sinks(&self, connection: &AppConnection) -> Result<Vec<String>> {
        let mut sinks = self.unopened()?;
        sinks.retain(|(_, sink)| sink.makes_tables());
        if sinks.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = self.pipeline(connection)?;
        pipeline.sinks = sinks;
        // It is about to be written with the schemas as they are.
        pipeline.lock = None;
        let options = RunOptions::default();
        let sinks = match Attempts::new(pipeline, &options).open() {
            Ok((sinks, ..)) => sinks.into_sinks(),
            Err(error) if error.kind() == ErrorKind::Drift => return Ok(Vec::new()),
            Err(error) => return Err(of_run(connection, error)),
        };
        let made = |(name, sink): &(String, Box<dyn Sink>)| {
            let lines = sink.made().into_iter();
            lines
                .map(|line| format!("sink `{name}`: {line}"))
                .collect::<Vec<_>>()
        };
        Ok(sinks.iter().flat_map(made).collect())
    }

    /// What is stored of a connection: the earliest checkpoint of the sinks.
    ///
    /// # Errors
    /// When a sink cannot be reached.
    pub fn stored(&self, connection: &AppConnection) -> Result<Option<Checkpoint>> {
        let schemas = connection.schemas()?.into_iter().map(Arc::new).collect();
        self.open_sinks(connection, schemas)
            .map(|(_, checkpoint)| checkpoint)
            .map_err(|error| of_run(connection, error))
    }

    fn open_sinks(
        &self,
        connection: &AppConnection,
        schemas: Vec<Arc<SourceSchema>>,
    ) -> Result<(FanOut, Option<Checkpoint>)> {
        let target = self.target(connection, schemas);
        FanOut::open(&mut self.unopened()?, &target, &Silent)
    }

    /// The sinks, not opened yet.
    pub(super) fn unopened(&self) -> Result<Vec<(String, Box<dyn Sink>)>> {
        let sinks = self.sinks.iter();
        sinks
            .map(|sink| Ok((sink.name.clone(), (sink.open)()?)))
            .collect()
    }

    /// Where positions and dead letters are kept: `state` of the configuration, or `.dozer` beside the lock file.
    pub(super) fn state_directory(&self) -> PathBuf {
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

/// An error that need not be the connector's: what a sink finds wrong has no place in the connection's settings.
pub(super) fn of_run(connection: &AppConnection, error: Error) -> Error {
    error.with_context(format!("connection `{}`", connection.name))
}
