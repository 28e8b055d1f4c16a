//! One connector into its sinks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::attempt::Attempts;
use super::lock::LockFile;
use super::reader;
use super::run::{ConnectionSummary, RunOptions};
use crate::backoff::RetryPolicy;
use crate::columns::OnMisfit;
use crate::connector::Connector;
use crate::error::Result;
use crate::ingest::{IngestOptions, OnSchemaChange};
use crate::sink::Sink;
use crate::types::TableInfo;

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
    pub(super) app: String,
    pub(super) connection: String,
    pub(super) connector: Arc<dyn Connector>,
    pub(super) tables: Option<Vec<TableInfo>>,
    pub(super) on_misfit: HashMap<String, OnMisfit>,
    pub(super) schema_change: HashMap<String, OnSchemaChange>,
    pub(super) lock: Option<LockFile>,
    pub(super) sinks: Vec<(String, Box<dyn Sink>)>,
    pub(super) memory: usize,
    pub(super) batch_bytes: Option<usize>,
    pub(super) state_directory: PathBuf,
    pub(super) retry: RetryPolicy,
    /// Whether the source has answered already.
    pub(super) reached: bool,
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
            retry: RetryPolicy::default(),
            reached: false,
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

    /// How often what breaks off is tried again.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The source has answered before: where it cannot be reached now, that may pass.
    pub(super) fn reached(mut self, reached: bool) -> Self {
        self.reached = reached;
        self
    }

    /// Runs until the source is at its end or the run is stopped. Once it has begun, a failure that may pass (a lost
    /// connection, say, or a full disk) is not the end: it is tried again from what is stored, for up to five minutes unless
    /// [`retry`](Self::retry) says otherwise.
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
    pub fn run_with(self, options: &RunOptions) -> Result<ConnectionSummary> {
        Attempts::new(self, options).run()
    }
}

/// The size of a batch, so that a few fit into the memory for waiting rows.
pub(super) fn batch_bytes(memory: usize) -> usize {
    (memory / 4).clamp(1 << 12, 1 << 20)
}
