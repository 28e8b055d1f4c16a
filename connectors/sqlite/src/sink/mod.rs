//! SQLite as a sink: rows by key, or as a multiset without one; the checkpoint in the same transaction.

mod compare;
mod store;
mod table;

use connector_core::prelude::*;
use connector_core::sink::{Comparison, Delivery, Sink, SinkConfig, SinkTarget};
use connector_core::{Batch, ErrorKind};
use serde::Deserialize;

use self::store::Store;

/// Writes rows into a SQLite file, one table for each source: by primary key where there is one, else as a multiset. The
/// checkpoint is stored in the same transaction.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "sqlite")]
#[serde(deny_unknown_fields)]
pub struct SqliteSink {
    /// The database file; it is made if it does not exist.
    path: ConfigPath,
}

impl SqliteSink {
    /// Writes into this file.
    pub fn new(path: impl Into<std::path::PathBuf>) -> Self {
        Self {
            path: ConfigPath::new(path),
        }
    }

    /// The sink itself, not opened yet.
    pub fn writer(&self) -> SqliteWriter {
        SqliteWriter {
            settings: self.clone(),
            store: None,
            made: Vec::new(),
        }
    }
}

impl SinkConfig for SqliteSink {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(self.writer()))
    }
}

/// The sink that writes into a SQLite file.
#[derive(Debug)]
pub struct SqliteWriter {
    settings: SqliteSink,
    store: Option<Store>,
    /// What was made by opening it.
    made: Vec<String>,
}

impl SqliteWriter {
    fn with<'s, T>(&'s mut self, write: impl FnOnce(&'s mut Store) -> Result<T>) -> Result<T> {
        let Some(store) = &mut self.store else {
            return Err(Error::protocol(
                "the `!Sqlite` sink was used before it was opened",
            ));
        };
        write(store).map_err(of_sink)
    }
}

impl Sink for SqliteWriter {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        // One that was opened before holds the file until it is gone.
        self.store = None;
        let store = Store::open(self.settings.path.as_path(), target).map_err(of_sink)?;
        let stored = store.checkpoint()?;
        self.made.extend_from_slice(&store.made);
        self.store = Some(store);
        Ok(stored)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.with(|store| store.start_snapshot(checkpoint))
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.with(|store| store.write(batch))
    }

    fn truncate(&mut self, table: usize, _at: &Checkpoint) -> Result<()> {
        self.with(|store| store.truncate(table))
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.with(|store| store.commit(checkpoint))
    }

    fn reset(&mut self) -> Result<()> {
        self.with(Store::reset)
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }

    fn stores_by_key(&self) -> bool {
        true
    }

    fn makes_tables(&self) -> bool {
        true
    }

    fn made(&self) -> Vec<String> {
        self.made.clone()
    }

    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        self.with(Store::compare).map(Some)
    }
}

/// An error met while writing is the sink's; that the disk is full may pass.
fn of_sink(error: Error) -> Error {
    let code = error.downcast_ref::<rusqlite::Error>();
    let code = code.and_then(rusqlite::Error::sqlite_error_code);
    let error = if code == Some(rusqlite::ErrorCode::DiskFull) {
        error.transient()
    } else {
        error
    };
    match error.kind() {
        ErrorKind::Source => error.with_kind(ErrorKind::Sink),
        _ => error,
    }
}
