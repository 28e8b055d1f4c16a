//! One connector into its sinks.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use super::dead_letters::DeadLetters;
use super::drain::Drain;
use super::drift::take_on;
use super::fan_out::FanOut;
use super::lock::LockFile;
use super::reader;
use super::report::RunEvent;
use super::run::{ConnectionSummary, RunOptions};
use super::selection::{Opening, Selection, Wanted};
use super::worker::Worker;
use crate::checkpoint::Checkpoint;
use crate::columns::OnMisfit;
use crate::connector::Connector;
use crate::error::{ErrorKind, Result};
use crate::ingest::{IngestOptions, Ingestor, OnSchemaChange, Until};
use crate::sink::Sink;
use crate::types::{SourceSchema, TableInfo};

/// One connector into its sinks: a run without a configuration file.
///
/// ```no_run
/// # use connector_core::{connector::Connector, sink::{Jsonl, JsonlSink}, pipeline::Pipeline};
/// # fn run(connector: impl Connector + 'static) -> connector_core::Result<()> {
/// let summary = Pipeline::from(connector).into(JsonlSink::new(Jsonl::new("out"))).run()?;
/// println!("stored up to {:?}", summary.checkpoint);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Pipeline {
    app: String,
    connection: String,
    connector: Arc<dyn Connector>,
    tables: Option<Vec<TableInfo>>,
    on_misfit: HashMap<String, OnMisfit>,
    schema_change: HashMap<String, OnSchemaChange>,
    lock: Option<LockFile>,
    sinks: Vec<(String, Box<dyn Sink>)>,
    memory: usize,
    batch_bytes: Option<usize>,
    state_directory: PathBuf,
}

impl Pipeline {
    /// A run of all tables of a connector, without a sink yet.
    pub fn from(connector: impl Connector + 'static) -> Self {
        Self::shared(Arc::new(connector))
    }

    /// As [`from`](Self::from), for a connector that others use, too.
    pub fn shared(connector: Arc<dyn Connector>) -> Self {
        Self {
            app: "pipeline".to_owned(),
            connection: "connection".to_owned(),
            connector,
            tables: None,
            on_misfit: HashMap::new(),
            schema_change: HashMap::new(),
            lock: None,
            sinks: Vec::new(),
            memory: IngestOptions::default().queue_bytes,
            batch_bytes: None,
            state_directory: PathBuf::from(".dozer"),
        }
    }

    /// Adds a sink.
    #[must_use]
    pub fn into(self, sink: impl Sink + 'static) -> Self {
        let name = format!("sink {}", self.sinks.len() + 1);
        self.into_boxed(name, Box::new(sink))
    }

    /// Adds a sink under a name.
    #[must_use]
    pub fn into_boxed(mut self, name: impl Into<String>, sink: Box<dyn Sink>) -> Self {
        self.sinks.push((name.into(), sink));
        self
    }

    /// Names the application and the connection: sinks and sources keep what they keep under these names. A connector that
    /// is shared is told by whoever shares it.
    #[must_use]
    pub fn named(mut self, app: impl Into<String>, connection: impl Into<String>) -> Self {
        self.app = app.into();
        self.connection = connection.into();
        let name = reader(&self.app, &self.connection);
        if let Some(connector) = Arc::get_mut(&mut self.connector) {
            connector.named(&name);
        }
        self
    }

    /// Selects tables and columns.
    #[must_use]
    pub fn tables(mut self, tables: Vec<TableInfo>) -> Self {
        self.tables = Some(tables);
        self
    }

    /// What to do with values of a source that do not fit.
    #[must_use]
    pub fn on_misfit(mut self, source: impl Into<String>, policy: OnMisfit) -> Self {
        self.on_misfit.insert(source.into(), policy);
        self
    }

    /// What to do when a column is added to the table of a source, of which all columns are read. Unless it is said, the column
    /// is passed over, and no warning is given.
    #[must_use]
    pub fn on_schema_change(mut self, source: impl Into<String>, policy: OnSchemaChange) -> Self {
        self.schema_change.insert(source.into(), policy);
        self
    }

    /// The lock file that columns are written into when they are taken on, where there is one.
    pub(super) fn locked_by(mut self, lock: LockFile) -> Self {
        self.lock = Some(lock);
        self
    }

    /// The bytes of rows that may wait between the source and the sinks.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// The bytes at which a batch is closed; a share of the memory unless set.
    #[must_use]
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = Some(bytes);
        self
    }

    /// Where dead letters go.
    #[must_use]
    pub fn state_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.state_directory = directory.into();
        self
    }

    /// Runs until the source is at its end or the run is stopped.
    ///
    /// # Errors
    /// What the source or a sink failed with. What is stored is complete.
    pub fn run(self) -> Result<ConnectionSummary> {
        self.run_with(&RunOptions::default())
    }

    /// As [`run`](Self::run), once only, stoppable, or with a report.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_with(mut self, options: &RunOptions) -> Result<ConnectionSummary> {
        let wanted = self.wanted()?;
        let until = if options.once {
            self.connector
                .current_position()?
                .map_or(Until::CaughtUp, Until::Position)
        } else {
            Until::Stopped
        };
        let mut before: Option<ConnectionSummary> = None;
        loop {
            let pass = self.pass(&wanted, until, before.as_ref(), options)?;
            let (mut summary, sinks, evolves) = pass;
            if let Some(before) = before.take() {
                summary.add(before);
            }
            if !evolves {
                options.report.event(&RunEvent::Finished {
                    connection: &self.connection,
                });
                return Ok(summary);
            }
            before = Some(summary);
            self.sinks = sinks.into_sinks();
        }
    }

    /// What is read: all tables, unless they are chosen.
    fn wanted(&self) -> Result<Wanted> {
        let tables = match &self.tables {
            Some(tables) => tables.clone(),
            None => {
                let schemas = self.connector.get_schemas(None)?;
                schemas.iter().map(selected).collect()
            }
        };
        Ok(Wanted {
            tables,
            schema_change: self.schema_change.clone(),
        })
    }

    /// Runs until the end, or until columns are to be taken on; `before` is what the passes before this one did.
    fn pass(
        &mut self,
        wanted: &Wanted,
        until: Until,
        before: Option<&ConnectionSummary>,
        options: &RunOptions,
    ) -> Result<(ConnectionSummary, FanOut, bool)> {
        let (mut sinks, mut from, selection) = self.open(wanted, options)?;
        sinks.pass_over(selection.passed_over.iter().cloned());
        if let Some(from) = &mut from {
            from.selection.clear();
            from.passed_over.clear();
        } else if let Some(before) = before.filter(|_| !sinks.keeps_positions()) {
            from.clone_from(&before.checkpoint);
        }
        if before.is_none() {
            options.report.event(&RunEvent::Started {
                connection: &self.connection,
                from: from.as_ref(),
            });
        }
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
            checkpoint: from,
            until,
            batch_bytes: self.batch_bytes.unwrap_or_else(|| batch_bytes(self.memory)),
            queue_bytes: self.memory,
            on_misfit: self.on_misfit.clone(),
            schema_change: self.schema_change.clone(),
            redelivery: sinks.bears_redelivery(),
            reader: reader(&self.app, &self.connection),
            cancellation: options.cancellation.clone(),
        });
        let connector = Arc::clone(&self.connector);
        let worker = Worker::start(&self.connection, connector, ingestor, selection.tables)?;
        let summary = ConnectionSummary {
            connection: self.connection.clone(),
            rows: (selection.schemas.iter())
                .map(|schema| (schema.name.clone(), 0))
                .collect(),
            rejected: 0,
            nulled: 0,
            checkpoint: None,
        };
        let dead_letters = DeadLetters::new(&self.state_directory, &self.connection);
        let mut drain = Drain::new(sinks, dead_letters, options.report.as_ref(), summary);
        let drained = drain.run(&mut deliveries, &options.cancellation);
        if drained.is_err() {
            options.cancellation.cancel();
        }
        // Without a consumer, a source that waits for room gives up at once.
        drop(deliveries);
        let sourced = worker.join();
        drained?;
        match sourced {
            Err(error) if error.kind() != ErrorKind::Cancelled => Err(error),
            _ => Ok(drain.into_parts()),
        }
    }

    /// Opens the sinks for what is read, which is settled with what they hold.
    fn open(
        &mut self,
        wanted: &Wanted,
        options: &RunOptions,
    ) -> Result<(FanOut, Option<Checkpoint>, Selection)> {
        let locked = match &self.lock {
            Some(lock) => lock.read()?.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let report = options.report.as_ref();
        let opening = Opening {
            wanted,
            connector: self.connector.as_ref(),
            locked: &locked,
            app: &self.app,
            connection: &self.connection,
        };
        let (sinks, from, selection) = opening.open(std::mem::take(&mut self.sinks), report)?;
        if let Some(lock) = &self.lock {
            for schema in &selection.schemas {
                if wanted.policy(&schema.name) == Some(OnSchemaChange::Evolve) {
                    take_on(lock, schema)?;
                }
            }
        }
        for (source, columns) in &selection.widened {
            let message = format!("source `{source}` goes on with `{}`", columns.join("`, `"));
            report.event(&RunEvent::Evolved {
                connection: &self.connection,
                message: &message,
            });
        }
        Ok((sinks, from, selection))
    }
}

/// The size of a batch, so that a few fit into the memory for waiting rows.
pub(super) fn batch_bytes(memory: usize) -> usize {
    (memory / 4).clamp(1 << 12, 1 << 20)
}

/// The selection that gives this schema.
fn selected(schema: &SourceSchema) -> TableInfo {
    let table = TableInfo::select(&schema.table_name).with_name(&schema.name);
    TableInfo {
        schema: schema.namespace.clone(),
        ..table
    }
}
