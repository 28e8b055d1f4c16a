//! `!Null`: counts rows and keeps nothing.

use serde::Deserialize;

use super::{Delivery, Sink, SinkConfig, SinkTarget};
use crate::checkpoint::Checkpoint;
use crate::columns::Batch;
use crate::config::{ConfigKey, ConnectorConfig};
use crate::error::Result;

/// The settings of the sink that counts rows and keeps nothing. It has none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Null {}

impl ConnectorConfig for Null {
    const NAME: &'static str = "null";
    const DESCRIPTION: &'static str = "Counts rows and keeps nothing.";

    fn keys() -> Vec<ConfigKey> {
        Vec::new()
    }
}

impl SinkConfig for Null {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(NullSink::default()))
    }
}

/// The sink that counts rows and keeps nothing. On its own, every run begins at the start.
#[derive(Debug, Clone, Default)]
pub struct NullSink {
    rows: u64,
}

impl NullSink {
    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Sink for NullSink {
    fn open(&mut self, _target: &SinkTarget) -> Result<Option<Checkpoint>> {
        Ok(None)
    }

    fn start_snapshot(&mut self, _checkpoint: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.rows += batch.rows() as u64;
        Ok(())
    }

    fn truncate(&mut self, _table: usize, _at: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn commit(&mut self, _checkpoint: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn delivery(&self) -> Delivery {
        Delivery::Append
    }

    fn keeps_positions(&self) -> bool {
        false
    }

    fn keeps_rows(&self) -> bool {
        false
    }
}
