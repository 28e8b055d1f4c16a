//! `!Parquet`: Parquet files in a directory for each source, and a manifest that says which of them count.

mod file;
mod layout;
mod merge;
mod settings;
mod store;

use connector_core::sink::{Comparison, Delivery, Sink, SinkConfig, SinkTarget};
use connector_core::{Batch, Checkpoint, Error, Result};

pub use settings::{Compression, Parquet};

use self::store::Store;

impl SinkConfig for Parquet {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(ParquetSink::new(self.clone())?))
    }
}

/// The sink that writes Parquet files.
///
/// A file is written under another name, synced and renamed, and counts from when the manifest names it: rows and
/// checkpoint are stored in one step. What no manifest names is left of a run that broke off, and is removed when the sink is
/// opened. A snapshot is written beside, and takes the place of the old files with the manifest of its commit.
#[derive(Debug)]
pub struct ParquetSink {
    settings: Parquet,
    store: Option<Store>,
}

impl ParquetSink {
    /// A sink with these settings, not opened yet.
    ///
    /// # Errors
    /// When a limit is 0.
    pub fn new(settings: Parquet) -> Result<Self> {
        settings.check()?;
        Ok(Self {
            settings,
            store: None,
        })
    }

    fn store(&mut self) -> Result<&mut Store> {
        self.store
            .as_mut()
            .ok_or_else(|| Error::protocol("the `!Parquet` sink was used before it was opened"))
    }
}

impl Sink for ParquetSink {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        // One that was opened before holds the lock until it is gone.
        self.store = None;
        let store = Store::open(&self.settings, target)?;
        let stored = store.checkpoint();
        self.store = Some(store);
        Ok(stored)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.store()?.start_snapshot(checkpoint)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        let store = self.store()?;
        batch.tables.iter().try_for_each(|rows| store.write(rows))
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        self.store()?.truncate(table, at.position())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.store()?.commit(checkpoint)
    }

    fn reset(&mut self) -> Result<()> {
        self.store()?.reset()
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }

    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        Ok(Some(Box::new(self.store()?.compare()?)))
    }
}
