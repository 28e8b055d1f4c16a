//! Runs of a whole configuration: connections, their sources, and the sinks that they go to.
//!
//! ```no_run
//! use connector_core::pipeline::{App, RunOptions};
//! use connector_core::registry::Registry;
//! use connector_core::sink::Jsonl;
//!
//! # fn main() -> connector_core::Result<()> {
//! let registry = Registry::new().sink::<Jsonl>(); // and `.connector::<…>()`
//! let app = App::load("dozer.yaml", &registry)?;
//! let summary = app.run(&RunOptions { once: true, ..RunOptions::default() })?;
//! println!("{} rows", summary.rows());
//! # Ok(())
//! # }
//! ```

mod attempt;
mod dead_letters;
mod drain;
mod drift;
mod expected;
mod fan_out;
mod guarantee;
mod held;
mod lock;
mod one;
mod outcome;
mod replay;
mod report;
mod run;
mod selection;
mod verify;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use drift::Drift;
pub use guarantee::Guarantee;
pub use held::Held;
pub use lock::{Difference, LockFile};
pub use one::Pipeline;
pub use outcome::{OnFailure, Outcome};
pub use replay::{KeptRow, Replayed};
pub use report::{Report, RunEvent, Silent};
pub use run::{ConnectionSummary, RunOptions, Summary};
pub use verify::{SinkVerification, Verification, VerifyOptions};

use crate::config::{AppConfig, ConnectionConfig, SourceConfig, TaggedNode};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::IngestOptions;
use crate::registry::{Registry, SinkMaker};

use crate::sink::SinkTarget;
use crate::types::{SourceSchema, TableInfo};
use crate::validation::ValidationResults;

/// A configuration whose connectors are known: what `connector ls`, `migrate` and `app run` work on.
#[derive(Debug)]
pub struct App {
    config: AppConfig,
    connections: Vec<AppConnection>,
    sinks: Vec<AppSink>,
}

/// One connection of an [`App`], with the sources that come from it.
#[derive(Debug, Clone)]
pub struct AppConnection {
    /// The connection's name.
    pub name: String,
    /// Its connector.
    pub connector: Arc<dyn Connector>,
    /// The sources that come from it, as selections of tables.
    pub tables: Vec<TableInfo>,
    sources: Vec<SourceConfig>,
    settings: TaggedNode,
    /// Whether the source has answered once.
    answered: Arc<AtomicBool>,
}

/// One sink of an [`App`]: opened anew for each connection.
struct AppSink {
    name: String,
    open: SinkMaker,
}

impl App {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, or something in it is wrong: with file, line and column.
    pub fn load(path: impl Into<PathBuf>, registry: &Registry) -> Result<Self> {
        Self::new(AppConfig::load(path.into())?, registry)
    }

    /// Opens the connectors of a configuration.
    ///
    /// # Errors
    /// When a tag is not known or settings are wrong.
    pub fn new(config: AppConfig, registry: &Registry) -> Result<Self> {
        let connection = |connection: &ConnectionConfig| -> Result<AppConnection> {
            let sources = config
                .sources
                .iter()
                .filter(|source| source.connection == connection.name);
            let sources: Vec<SourceConfig> = sources.cloned().collect();
            let mut connector = registry.open_connector(&connection.config)?;
            connector.named(&reader(&config.app_name, &connection.name));
            Ok(AppConnection {
                name: connection.name.clone(),
                connector: Arc::from(connector),
                tables: sources.iter().map(selection).collect(),
                sources,
                settings: connection.config.clone(),
                answered: Arc::default(),
            })
        };
        let connections = config
            .connections
            .iter()
            .map(connection)
            .collect::<Result<Vec<_>>>()?;
        let sinks = config.sinks.iter().map(|sink| {
            let maker = registry.sink_maker(&sink.config)?;
            Ok(AppSink {
                name: sink.name.clone(),
                open: maker,
            })
        });
        let sinks = sinks.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            config,
            connections,
            sinks,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &AppConfig {
        &self.config
    }

    /// The connections, in the order of the configuration.
    pub fn connections(&self) -> &[AppConnection] {
        &self.connections
    }

    /// The names of the sinks.
    pub fn sink_names(&self) -> impl Iterator<Item = &str> {
        self.sinks.iter().map(|sink| sink.name.as_str())
    }

    /// Whether a sink writes to this process's standard output, which is then nobody else's.
    ///
    /// # Errors
    /// When the settings of a sink do not go together.
    pub fn takes_stdout(&self) -> Result<bool> {
        for sink in &self.sinks {
            if (sink.open)()?.takes_stdout() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a run guarantees for a connection: the weakest of its sinks.
    ///
    /// # Errors
    /// When the settings of a sink do not go together.
    pub fn guarantee(&self, connection: &AppConnection) -> Result<Option<Guarantee>> {
        let replay = connection.connector.replay();
        let mut weakest = None;
        for sink in &self.sinks {
            let sink = (sink.open)()?;
            if self.sinks.len() > 1 && !sink.keeps_rows() {
                continue;
            }
            let guarantee = Guarantee::of(replay, sink.delivery());
            weakest = Some(weakest.map_or(guarantee, |weakest: Guarantee| weakest.min(guarantee)));
        }
        Ok(weakest)
    }

    /// What the sinks are opened for, for one connection.
    fn target(&self, connection: &AppConnection, schemas: Vec<Arc<SourceSchema>>) -> SinkTarget {
        SinkTarget {
            app: self.config.app_name.clone(),
            connection: connection.name.clone(),
            schemas,
            widened: Vec::new(),
        }
    }

    /// The bytes of rows that may wait between a source and the sinks.
    fn memory(&self) -> usize {
        let set = self
            .config
            .memory
            .map(|memory| usize::try_from(memory.bytes()));
        set.map_or(IngestOptions::default().queue_bytes, |bytes| {
            bytes.unwrap_or(usize::MAX)
        })
    }

    /// The lock file of the schemas.
    pub fn lock_file(&self) -> LockFile {
        LockFile::new(&self.config.lock, &self.config.app_name)
    }

    /// The schemas of all sources, in the order of the configuration's connections.
    ///
    /// # Errors
    /// As [`Connector::get_schemas`], with the connection's name.
    pub fn schemas(&self) -> Result<Vec<SourceSchema>> {
        let mut schemas = Vec::new();
        for connection in self
            .connections
            .iter()
            .filter(|connection| !connection.tables.is_empty())
        {
            schemas.extend(connection.schemas()?);
        }
        Ok(schemas)
    }
}

impl AppConnection {
    /// Checks the connection alone.
    ///
    /// # Errors
    /// When its settings are wrong, the source cannot be reached, or it lacks what a run needs.
    pub fn check(&self) -> Result<()> {
        self.noted(self.connector.validate(None))
            .map_err(|error| match error.kind() {
                // No table was named: what is wrong is in the settings.
                ErrorKind::Config => self.settings.place(error),
                _ => self.named(error),
            })
    }

    /// Checks the connection, then every selected table and column.
    ///
    /// # Errors
    /// As [`check`](Self::check). What is wrong with a table is a finding.
    pub fn validate(&self) -> Result<ValidationResults> {
        self.check()?;
        if self.tables.is_empty() {
            return Ok(Vec::new());
        }
        self.asked(self.connector.validate_schemas(&self.tables))
    }

    /// The schemas of the connection's sources.
    ///
    /// # Errors
    /// As [`Connector::get_schemas`].
    pub fn schemas(&self) -> Result<Vec<SourceSchema>> {
        self.asked(self.connector.get_schemas(Some(self.tables.clone())))
    }

    /// Sets up what following the sources needs. Returns a line for each thing done.
    ///
    /// # Errors
    /// As [`Connector::prepare`].
    pub fn prepare(&self) -> Result<Vec<String>> {
        self.asked(self.connector.prepare(&self.tables))
    }

    /// Whether a failure of this connection may pass: it was there, as the error says or as it has answered before. Who
    /// cannot be reached at all may have a wrong address.
    pub fn can_pass(&self, error: &Error) -> bool {
        error.was_reached() || (self.has_answered() && error.is_transient())
    }

    fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    fn asked<T>(&self, answer: Result<T>) -> Result<T> {
        self.noted(answer).map_err(|error| self.named(error))
    }

    /// Notes that the source was there.
    fn noted<T>(&self, answer: Result<T>) -> Result<T> {
        if answer.is_ok() {
            self.answered.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// An error of the connector: with the place of the key that it names in the connection's settings, or else with the
    /// connection's name.
    pub fn named(&self, error: Error) -> Error {
        if error.key().is_some() {
            return self.settings.place(error);
        }
        error.with_context(format!("connection `{}`", self.name))
    }
}

/// The name under which a connection of an application keeps in its source what it keeps there.
fn reader(app: &str, connection: &str) -> String {
    format!("{app}/{connection}")
}

fn selection(source: &SourceConfig) -> TableInfo {
    TableInfo {
        schema: source.schema.clone(),
        ..TableInfo::select(&source.table_name)
            .with_name(&source.name)
            .columns(source.columns.iter().map(String::as_str))
    }
}

impl std::fmt::Debug for AppSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppSink")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
