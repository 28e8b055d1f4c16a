//! What the file sinks share: rows as a file holds them, a directory that is one sink's own, and the manifest that says
//! which of its files count.

mod compare;
mod directory;
#[cfg(feature = "parquet")]
mod exact;
mod manifest;
mod names;
mod rows;

use connector_core::{Error, ErrorKind};

pub(crate) use compare::{FilesComparison, Reading};
pub(crate) use directory::{SinkDirectory, UNFINISHED, create_private, sync_directory};
pub(crate) use manifest::{FileEntry, Manifest, Range};
#[cfg(feature = "parquet")]
pub(crate) use names::{NULL, value_name};
pub(crate) use rows::{Format, RowsFormat};

/// An error of the file system, with what was tried.
pub(crate) fn failed(what: &str, path: &std::path::Path, error: &std::io::Error) -> Error {
    let message = format!("cannot {what} `{}`: {error}", path.display());
    Error::new(ErrorKind::Sink, message)
        .with_help("check the sink's `path`, its permissions and the free space")
        .passing_as(error)
}
