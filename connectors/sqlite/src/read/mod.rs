//! Rows straight out of SQLite's buffers: a thin layer over its C functions.
//!
//! A driver's checked getters cost more than reading the value (see the measurements in `ARCHITECTURE.md`), so rows
//! are read here without copies. All `unsafe` code of the crate is in this directory.
#![expect(
    unsafe_code,
    reason = "SQLite's C interface; each block states why it is sound"
)]

mod lend;
mod row;
mod statement;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::ffi::{CStr, c_int};
use std::rc::Rc;

use connector_core::Error;
use rusqlite::{Connection, ffi};

use crate::error::sqlite_error;

pub(crate) use lend::{Lent, Query, Stopped, is_table};
pub(crate) use row::Row;
pub use statement::Statement;

/// One value of the current row, borrowed from SQLite until the next step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// SQL's null.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text as stored: SQLite does not check that it is UTF-8, and it may hold NUL characters.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

/// Takes a value. What takes it does best to be inlined always: at each of the calls the kind of the value is known.
pub trait TakeValue<'a> {
    /// Why the value is not taken.
    type Refusal;

    /// Takes the value.
    fn take(&mut self, value: ValueRef<'a>) -> Result<(), Self::Refusal>;
}

/// One value, found.
struct Found<'a>(ValueRef<'a>);

impl<'a> TakeValue<'a> for Found<'a> {
    type Refusal = Infallible;

    #[expect(clippy::inline_always, reason = "it moves a value that was just made")]
    #[inline(always)]
    fn take(&mut self, value: ValueRef<'a>) -> Result<(), Infallible> {
        self.0 = value;
        Ok(())
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &rusqlite::Connection {}
    impl Sealed for std::rc::Rc<rusqlite::Connection> {}
}

/// What keeps a connection open while a statement lives: a borrow of it, or a share in it.
///
/// Sealed: a statement relies on getting the same open connection each time.
pub trait Handle: sealed::Sealed + Clone {
    /// The connection.
    fn connection(&self) -> &Connection;
}

impl Handle for &Connection {
    fn connection(&self) -> &Connection {
        self
    }
}

impl Handle for Rc<Connection> {
    fn connection(&self) -> &Connection {
        self
    }
}

fn failure(connection: &Connection, code: c_int) -> Error {
    // SAFETY: the connection is open; the message is copied at once.
    let message = unsafe {
        let message = ffi::sqlite3_errmsg(connection.handle());
        (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
    };
    sqlite_error(rusqlite::Error::SqliteFailure(
        ffi::Error::new(code),
        message,
    ))
}
