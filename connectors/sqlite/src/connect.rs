//! Opening a file, and waiting for it when other processes hold it.

use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use connector_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags};

use crate::error::{needs_writing, sqlite_error};

/// How a file is opened. Neither way creates one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only reads.
    ReadOnly,
    /// Reads and writes: needed to install the capture and to follow its log.
    ReadWrite,
}

/// How long SQLite itself waits for a lock before it hands control back to [`retry`], which looks at the
/// cancellation.
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// What looks like the journal of a process that was killed may be that of one which just rolls back: it is gone a moment later.
const ROLLING_BACK: Duration = Duration::from_millis(200);

/// Opens an existing SQLite file.
pub fn open(path: impl AsRef<Path>, access: Access) -> Result<Connection> {
    let path = path.as_ref();
    let way = match access {
        Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let connection = Connection::open_with_flags(path, way | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|connection| connection.busy_timeout(LOCK_WAIT).map(|()| connection))
        .map_err(|error| sqlite_error(error).with_context(format!("`{}`", path.display())))?;
    Ok(connection)
}

/// How long a busy database is tried again, and what ends the wait before that.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    limit: Duration,
    cancelled: &'a dyn Fn() -> bool,
}

impl fmt::Debug for Patience<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<'a> Patience<'a> {
    /// Tries again for so long.
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            cancelled: &|| false,
        }
    }

    /// Stops waiting as soon as `cancelled` says true.
    #[must_use]
    pub fn unless(self, cancelled: &'a dyn Fn() -> bool) -> Self {
        Self { cancelled, ..self }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        (self.cancelled)()
    }
}

impl Default for Patience<'_> {
    /// Thirty seconds.
    fn default() -> Self {
        Self::new(Duration::from_secs(30))
    }
}

/// Runs `attempt` until it succeeds, fails for good, or the patience is at its end.
pub fn retry<T>(patience: Patience<'_>, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    // Most attempts succeed at once: the time is looked at from the first that does not.
    let mut failing_since = None;
    let mut pause = Duration::from_millis(1);
    loop {
        let error = match attempt() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let failing = failing_since.get_or_insert_with(Instant::now).elapsed();
        if !(error.is_transient() || needs_writing(&error) && failing < ROLLING_BACK) {
            return Err(error);
        }
        if patience.is_cancelled() {
            return Err(Error::new(
                ErrorKind::Cancelled,
                "stopped while the database was busy",
            ));
        }
        if failing >= patience.limit {
            return Err(error);
        }
        sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Runs `body` in one write transaction that takes its lock at once; all of it happens or none. Busy: tried again.
pub fn write<T>(
    connection: &Connection,
    patience: Patience<'_>,
    mut body: impl FnMut(&Connection) -> Result<T>,
) -> Result<T> {
    retry(patience, || {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(sqlite_error)?;
        let outcome = body(connection).and_then(|value| {
            connection.execute_batch("COMMIT").map_err(sqlite_error)?;
            Ok(value)
        });
        // SQLite has already rolled back after some errors: then there is nothing left to undo.
        if outcome.is_err() && !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK").map_err(sqlite_error)?;
        }
        outcome
    })
}

/// Runs `body` in one read transaction, so that all that it reads is of one moment; its lock is let go of at the end.
/// Inside a transaction that is open already, that one does. Busy: call it through [`retry`].
pub(crate) fn at_one_moment<T>(
    connection: &Connection,
    body: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if !connection.is_autocommit() {
        return body();
    }
    connection.execute_batch("BEGIN").map_err(sqlite_error)?;
    let outcome = body();
    // What was read stands however this ends. SQLite has already rolled back after some errors.
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").map_err(sqlite_error)?;
    }
    outcome
}
