//! One connector into its sinks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::dead_letters::DeadLetters;
use super::drain::Drain;
use super::fan_out::{FanOut, same_selection};
use super::reader;
use super::report::{Report, RunEvent};
use super::run::{ConnectionSummary, RunOptions};
use super::worker::Worker;
use crate::columns::OnMisfit;
use crate::connector::Connector;
use crate::error::{ErrorKind, Result};
use crate::ingest::{IngestOptions, Ingestor, Until};
use crate::sink::{Sink, SinkTarget};
use crate::source::{Notice, Notices, Replay};
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
    pub fn run_with(self, options: &RunOptions) -> Result<ConnectionSummary> {
        let schemas = self.connector.get_schemas(self.tables.clone())?;
        let schemas: Vec<Arc<SourceSchema>> = schemas.into_iter().map(Arc::new).collect();
        let tables = match self.tables {
            Some(tables) => tables,
            None => schemas.iter().map(|schema| selected(schema)).collect(),
        };
        let target = SinkTarget {
            app: self.app.clone(),
            connection: self.connection.clone(),
            schemas: schemas.clone(),
        };
        let (sinks, mut from) = FanOut::open(self.sinks, &target, options.report.as_ref())?;
        if let Some(from) = &mut from {
            if self.connector.replay() == Replay::Changes {
                same_selection(from, &schemas)?;
            }
            from.selection.clear();
        }
        options.report.event(&RunEvent::Started {
            connection: &self.connection,
            from: from.as_ref(),
        });
        let until = if options.once {
            self.connector
                .current_position()?
                .map_or(Until::CaughtUp, Until::Position)
        } else {
            Until::Stopped
        };
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
            checkpoint: from,
            until,
            batch_bytes: self.batch_bytes.unwrap_or_else(|| batch_bytes(self.memory)),
            queue_bytes: self.memory,
            on_misfit: self.on_misfit,
            redelivery: sinks.bears_redelivery(),
            reader: reader(&self.app, &self.connection),
            cancellation: options.cancellation.clone(),
            notices: notices(&self.connection, &options.report),
        });
        let worker = Worker::start(&self.connection, self.connector, ingestor, tables)?;
        let summary = ConnectionSummary {
            connection: self.connection.clone(),
            rows: schemas
                .iter()
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
            _ => {
                options.report.event(&RunEvent::Finished {
                    connection: &self.connection,
                });
                Ok(drain.summary())
            }
        }
    }
}

/// What the source says, as events of the run.
fn notices(connection: &str, report: &Arc<dyn Report>) -> Notices {
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
