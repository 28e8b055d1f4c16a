//! `!Stdout`: lines of JSON on the process's standard output.

use std::io::{ErrorKind as IoErrorKind, Write};

use serde::Deserialize;

use super::json::{Encoder, FormatKeys, FormatName, JsonFormat};
use super::{Delivery, Sink, SinkConfig, SinkTarget};
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::Batch;
use crate::config::{ConfigKey, ConnectorConfig};
use crate::error::{Error, ErrorKind, Result};

/// The settings of the sink that writes lines of JSON to standard output.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stdout {
    #[serde(default)]
    format: FormatName,
    #[serde(default)]
    keys: bool,
    #[serde(default)]
    schemas: bool,
    #[serde(default)]
    tombstones: bool,
}

impl Stdout {
    /// Lines of this form.
    pub fn new(format: JsonFormat) -> Self {
        let FormatKeys {
            format,
            keys,
            schemas,
            tombstones,
        } = format.into();
        Self {
            format,
            keys,
            schemas,
            tombstones,
        }
    }

    fn format(self) -> Result<JsonFormat> {
        let keys = FormatKeys {
            format: self.format,
            keys: self.keys,
            schemas: self.schemas,
            tombstones: self.tombstones,
        };
        keys.format()
    }
}

impl ConnectorConfig for Stdout {
    const NAME: &'static str = "stdout";
    const DESCRIPTION: &'static str = "Writes lines of JSON to standard output.";

    fn keys() -> Vec<ConfigKey> {
        FormatKeys::described().into()
    }
}

impl SinkConfig for Stdout {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(StdoutSink::new(self.format()?)))
    }
}

/// The sink that writes lines of JSON to standard output. It keeps no position: on its own, every run begins at the start.
///
/// Lines come as the rows do, before the position is stored: a run that goes on after a break writes again what came after
/// the last whole transaction. Lines of several connections come whole, in any order among each other.
#[derive(Debug)]
pub struct StdoutSink {
    format: JsonFormat,
    encoders: Vec<Encoder>,
    buffer: Vec<u8>,
}

impl StdoutSink {
    /// A sink of lines of this form.
    pub fn new(format: JsonFormat) -> Self {
        Self {
            format,
            encoders: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Writes the lines that are there.
    fn print(&mut self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(&self.buffer).and_then(|()| out.flush());
        self.buffer.clear();
        written.map_err(|error| match error.kind() {
            IoErrorKind::BrokenPipe => {
                Error::new(ErrorKind::Closed, "who reads standard output has closed it")
            }
            _ => Error::new(
                ErrorKind::Sink,
                format!("cannot write to standard output: {error}"),
            )
            .passing_as(&error),
        })
    }
}

impl Sink for StdoutSink {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        self.encoders = Encoder::of(self.format, target);
        self.buffer.clear();
        Ok(None)
    }

    fn start_snapshot(&mut self, _checkpoint: &Checkpoint) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        let snapshot = batch.phase == Phase::Snapshot;
        for table in &batch.tables {
            if let Some(encoder) = self.encoders.get(table.table) {
                encoder.batch(&mut self.buffer, table, snapshot)?;
            }
        }
        self.print()
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        if let Some(encoder) = self.encoders.get(table) {
            encoder.truncate(&mut self.buffer, at.lsn, at.seq);
        }
        self.print()
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

    fn takes_stdout(&self) -> bool {
        true
    }
}
