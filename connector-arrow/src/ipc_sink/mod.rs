//! `!Arrow`: Arrow IPC streams, in files, into a named pipe or to stdout.

mod encoder;
mod files;
mod pipe;

use std::path::Path;

use connector_core::sink::{Sink, SinkConfig};
use connector_core::{ConfigPath, ConnectorConfig, Result};
use serde::Deserialize;

pub use files::ArrowFiles;
pub use pipe::ArrowPipe;

/// Writes Arrow IPC streams: into files, in a directory for each source; or one source into a named pipe or to stdout.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "arrow")]
#[serde(deny_unknown_fields)]
pub struct Arrow {
    /// The directory, which is made if it does not exist; or a named pipe; or `-` for stdout. A pipe and stdout take one
    /// source.
    path: ConfigPath,
}

impl Arrow {
    /// Writes into this directory or named pipe; `-` is stdout.
    pub fn new(path: impl Into<std::path::PathBuf>) -> Self {
        Self {
            path: ConfigPath::new(path),
        }
    }
}

impl SinkConfig for Arrow {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        let path = self.path.as_path();
        Ok(if path.file_name().is_some_and(|name| name == "-") {
            Box::new(ArrowPipe::stdout())
        } else if is_pipe(path) {
            Box::new(ArrowPipe::named(path))
        } else {
            Box::new(ArrowFiles::new(path))
        })
    }
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_path: &Path) -> bool {
    false
}
