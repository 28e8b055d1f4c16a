//! One read transaction over all tables, and the log position that it shows.

use connector_core::Result;
use rusqlite::Connection;

use super::layout::{self, last_id, lsn};
use crate::error::sqlite_error;
use crate::read::Handle;

/// A read transaction: every statement on its connection sees the file as it was at one moment, until it is dropped.
///
/// In WAL mode writers go on meanwhile, and the WAL grows; with a rollback journal their commits wait for the end.
#[derive(Debug)]
pub struct Snapshot<H: Handle> {
    handle: H,
    lsn: Option<u64>,
}

impl<H: Handle> Snapshot<H> {
    /// Begins one. The connection must have no transaction open, and be used for nothing else until the end.
    pub fn begin(handle: H) -> Result<Self> {
        handle
            .connection()
            .execute_batch("BEGIN")
            .map_err(sqlite_error)?;
        let mut snapshot = Self { handle, lsn: None };
        // The first read is what fixes the moment.
        let connection = snapshot.connection();
        let at = match layout::meta(connection)? {
            Some(_) => Some(lsn(last_id(connection)?)?),
            None => None,
        };
        snapshot.lsn = at;
        Ok(snapshot)
    }

    /// The last position in the log that this transaction sees: the changes after it are those that the snapshot
    /// lacks. `None` where no capture is installed.
    pub fn lsn(&self) -> Option<u64> {
        self.lsn
    }

    /// The connection that sees the snapshot.
    pub fn connection(&self) -> &Connection {
        self.handle.connection()
    }

    /// Another handle of the same connection, to read rows with.
    pub fn handle(&self) -> H {
        self.handle.clone()
    }
}

impl<H: Handle> Drop for Snapshot<H> {
    fn drop(&mut self) {
        // A read transaction has nothing to lose; when this fails, the end of the connection ends it.
        let _ = self.handle.connection().execute_batch("ROLLBACK");
    }
}
