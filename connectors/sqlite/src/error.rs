//! SQLite's errors as core's: what happened, whether a retry can help, what to do next.

use connector_core::Error;
use rusqlite::{ErrorCode, ffi};

/// Whether a reader met the journal of a process that was killed in a transaction.
fn is_half_written(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        matches!(
            error.extended_code,
            ffi::SQLITE_READONLY_ROLLBACK | ffi::SQLITE_READONLY_RECOVERY
        )
    })
}

/// Whether the file has to be opened for writing once before it can be read.
pub(crate) fn needs_writing(error: &Error) -> bool {
    (error.downcast_ref::<rusqlite::Error>()).is_some_and(is_half_written)
}

/// SQLite's error as core's. A busy or locked database is [transient](Error::is_transient).
pub fn sqlite_error(error: rusqlite::Error) -> Error {
    let code = error.sqlite_error_code();
    if error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DBMOVED)
    {
        return Error::source(
            "the file was removed or replaced by another one while it was open",
        )
        .with_help("run again: if the file there now does not continue the old one's changes, the run says so");
    }
    let half_written = is_half_written(&error);
    let converted = Error::source(error);
    if half_written {
        return converted.with_help(
            "a process was killed while it wrote the file: what it left half done is undone by opening the file once with a \
             program that may write, say `sqlite3 <file> .tables`",
        );
    }
    match code {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::SchemaChanged,
        ) => converted
            .with_help("another process holds the database; try again when it is done")
            .transient(),
        Some(ErrorCode::ReadOnly) => converted.with_help(
            "the file cannot be written here: a snapshot is possible, following changes is not",
        ),
        Some(ErrorCode::CannotOpen) => {
            converted.with_help("check the path, and the rights on the file and on its directory")
        }
        Some(ErrorCode::NotADatabase) => converted.with_help("the file is not an SQLite database"),
        Some(ErrorCode::DatabaseCorrupt) => {
            converted.with_help("run `PRAGMA integrity_check` on the file")
        }
        Some(ErrorCode::SystemIoFailure) => converted.with_help(
            "check the disk of the file, its free space and the limit on the size of files",
        ),
        Some(ErrorCode::DiskFull) => converted.with_help("make room on the disk of the file"),
        _ => converted,
    }
}
