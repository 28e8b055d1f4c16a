//! SQLite's errors as core's: what happened, whether a retry can help, what to do next.

use connector_core::Error;
use rusqlite::{ErrorCode, ffi};

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
    let converted = Error::source(error);
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
        Some(ErrorCode::DiskFull) => converted.with_help("make room on the disk of the file"),
        _ => converted,
    }
}
