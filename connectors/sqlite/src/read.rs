//! Rows straight out of SQLite's buffers: a thin layer over its C column functions.
//!
//! A driver's checked getters cost more than reading the value (see the measurements in `ARCHITECTURE.md`), so rows
//! are read here without copies. All `unsafe` code of the crate is in this file.
#![expect(
    unsafe_code,
    reason = "SQLite's C interface; each block states why it is sound"
)]

use std::convert::Infallible;
use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::slice;

use connector_core::{Error, Result};
use rusqlite::{Connection, ffi};

use crate::error::sqlite_error;

/// `SQLITE_UTF8` in the width that binding wants.
const UTF8: u8 = 1;
const _: () = assert!(UTF8 as c_int == ffi::SQLITE_UTF8);

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

/// A prepared statement whose rows are lent, not copied.
pub struct Statement<H: Handle> {
    raw: NonNull<ffi::sqlite3_stmt>,
    columns: c_int,
    on_row: bool,
    handle: H,
}

impl<H: Handle> fmt::Debug for Statement<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("columns", &self.columns)
            .field("on_row", &self.on_row)
            .finish_non_exhaustive()
    }
}

impl<H: Handle> Statement<H> {
    /// Prepares one SQL statement.
    pub fn prepare(handle: H, sql: &str) -> Result<Self> {
        let length = c_int::try_from(sql.len()).map_err(Error::source)?;
        let mut raw = ptr::null_mut();
        // SAFETY: the connection is open as long as `handle` lives; `sql` is valid for `length` bytes; `raw` is a
        // valid place for the result, and no tail is asked for.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(
                handle.connection().handle(),
                sql.as_ptr().cast::<c_char>(),
                length,
                ffi::SQLITE_PREPARE_PERSISTENT,
                &raw mut raw,
                ptr::null_mut(),
            )
        };
        if code != ffi::SQLITE_OK {
            return Err(failure(handle.connection(), code));
        }
        let raw =
            NonNull::new(raw).ok_or_else(|| Error::source("the SQL text holds no statement"))?;
        // SAFETY: `raw` is the statement just prepared.
        let columns = unsafe { ffi::sqlite3_column_count(raw.as_ptr()) };
        Ok(Self {
            raw,
            columns,
            on_row: false,
            handle,
        })
    }

    /// Gives a value to the parameter `index`, counted from 1. Text and bytes are copied. Starts the statement over.
    pub fn bind(&mut self, index: usize, value: ValueRef<'_>) -> Result<()> {
        self.reset();
        let index = c_int::try_from(index).map_err(Error::source)?;
        let raw = self.raw.as_ptr();
        // SAFETY: `raw` is a live statement that is not being stepped; text and blobs are valid for the length
        // given and copied at once (`SQLITE_TRANSIENT`).
        let code = unsafe {
            match value {
                ValueRef::Null => ffi::sqlite3_bind_null(raw, index),
                ValueRef::Integer(value) => ffi::sqlite3_bind_int64(raw, index, value),
                ValueRef::Real(value) => ffi::sqlite3_bind_double(raw, index, value),
                ValueRef::Text(text) => ffi::sqlite3_bind_text64(
                    raw,
                    index,
                    text.as_ptr().cast::<c_char>(),
                    text.len() as u64,
                    ffi::SQLITE_TRANSIENT(),
                    UTF8,
                ),
                // An empty slice's pointer is dangling, not null, so this stays an empty blob.
                ValueRef::Blob(bytes) => ffi::sqlite3_bind_blob64(
                    raw,
                    index,
                    bytes.as_ptr().cast(),
                    bytes.len() as u64,
                    ffi::SQLITE_TRANSIENT(),
                ),
            }
        };
        if code == ffi::SQLITE_OK {
            Ok(())
        } else {
            Err(failure(self.handle.connection(), code))
        }
    }

    /// Goes to the next row; `false` when there is none. The read lock of a statement outside a transaction is held
    /// from its first step until it gives `false`, fails, or is [reset](Self::reset).
    pub fn step(&mut self) -> Result<bool> {
        // SAFETY: `raw` is a live statement; `&mut self` proves that no value of the old row is borrowed.
        let code = unsafe { ffi::sqlite3_step(self.raw.as_ptr()) };
        self.on_row = code == ffi::SQLITE_ROW;
        match code {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => {
                self.reset();
                Ok(false)
            }
            code => {
                let error = failure(self.handle.connection(), code);
                self.reset();
                Err(error)
            }
        }
    }

    /// Ends the reading and lets go of its lock; the next step starts over with the same parameters.
    pub fn reset(&mut self) {
        self.on_row = false;
        // SAFETY: `raw` is a live statement. The code only repeats the error of the last step.
        unsafe { ffi::sqlite3_reset(self.raw.as_ptr()) };
    }

    /// The value of column `index`, counted from 0; null where there is no such column or no row.
    #[inline]
    pub fn value(&self, index: usize) -> ValueRef<'_> {
        let mut found = Found(ValueRef::Null);
        if let Some(row) = self.row() {
            let Ok(()) = row.give(index, &mut found);
        }
        found.0
    }

    /// The row that the statement is on.
    #[inline]
    pub fn row(&self) -> Option<Row<'_>> {
        self.on_row.then_some(Row {
            raw: self.raw,
            columns: self.column_count(),
            lent: PhantomData,
        })
    }

    /// How many columns a row has.
    pub fn column_count(&self) -> usize {
        usize::try_from(self.columns).unwrap_or(0)
    }

    /// The name of column `index`, counted from 0.
    pub fn column_name(&self, index: usize) -> Option<String> {
        let column = c_int::try_from(index)
            .ok()
            .filter(|column| *column < self.columns)?;
        // SAFETY: `column` is one of the statement's columns; the name is copied before anything else happens.
        unsafe {
            let name = ffi::sqlite3_column_name(self.raw.as_ptr(), column);
            (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
        }
    }

    /// The connection that the statement runs on.
    pub fn connection(&self) -> &Connection {
        self.handle.connection()
    }
}

/// The row that a statement is on, which it cannot leave while its row is lent.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    raw: NonNull<ffi::sqlite3_stmt>,
    columns: usize,
    lent: PhantomData<&'a ()>,
}

impl<'a> Row<'a> {
    /// Hands over the value of column `index`, counted from 0; null where there is no such column.
    #[expect(
        clippy::inline_always,
        reason = "the value's kind is then known where it is taken: 40 instructions fewer for each"
    )]
    #[inline(always)]
    pub fn give<T: TakeValue<'a>>(self, index: usize, taker: &mut T) -> Result<(), T::Refusal> {
        if index >= self.columns {
            return taker.take(ValueRef::Null);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "it is less than the number of columns, which came as one"
        )]
        let column = index as c_int;
        // SAFETY: the statement is on a row, and has the column. The value is not protected by a mutex, so only one thread may
        // look at it: a statement is neither `Send` nor `Sync`, nor is its row. Pointers given out stay valid until the next
        // step, reset or finalize, which need `&mut` of the statement: each type is only ever read by its own function, so no
        // later call converts the value in place.
        unsafe {
            // One look for the column, not one for each question about it: half of what reading a value costs.
            let value = ffi::sqlite3_column_value(self.raw.as_ptr(), column);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => {
                    taker.take(ValueRef::Integer(ffi::sqlite3_value_int64(value)))
                }
                ffi::SQLITE_FLOAT => taker.take(ValueRef::Real(ffi::sqlite3_value_double(value))),
                ffi::SQLITE_TEXT => {
                    let text = ffi::sqlite3_value_text(value);
                    let length = ffi::sqlite3_value_bytes(value);
                    taker.take(ValueRef::Text(bytes(text, length)))
                }
                ffi::SQLITE_BLOB => {
                    let blob = ffi::sqlite3_value_blob(value).cast::<u8>();
                    let length = ffi::sqlite3_value_bytes(value);
                    taker.take(ValueRef::Blob(bytes(blob, length)))
                }
                _ => taker.take(ValueRef::Null),
            }
        }
    }
}

impl<H: Handle> Drop for Statement<H> {
    fn drop(&mut self) {
        // SAFETY: `raw` is live and used nowhere after this; the connection is still open, as `handle` is dropped
        // after this body.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }
}

/// The bytes that a column function gave: none for a null pointer, which stands for an empty value.
///
/// # Safety
/// A pointer that is not null is valid for `length` bytes as long as `'a`.
unsafe fn bytes<'a>(start: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller's promise.
        Ok(length) if !start.is_null() => unsafe { slice::from_raw_parts(start, length) },
        _ => &[],
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

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Statement<Rc<Connection>> {
        let connection = Rc::new(Connection::open_in_memory().unwrap());
        let mut statement = Statement::prepare(connection, sql).unwrap();
        assert!(statement.step().unwrap());
        statement
    }

    #[test]
    fn every_storage_class_comes_back_as_stored() {
        let row = one(
            "SELECT NULL, -9223372036854775808, 1e308, 'a' || char(0) || 'b', x'00ff', '', x'', zeroblob(3),
             CAST(x'ff' AS TEXT)",
        );
        assert_eq!(row.value(0), ValueRef::Null);
        assert_eq!(row.value(1), ValueRef::Integer(i64::MIN));
        assert_eq!(row.value(2), ValueRef::Real(1e308));
        assert_eq!(row.value(3), ValueRef::Text(b"a\0b"));
        assert_eq!(row.value(4), ValueRef::Blob(&[0, 255]));
        assert_eq!(row.value(5), ValueRef::Text(b""));
        assert_eq!(row.value(6), ValueRef::Blob(b""));
        assert_eq!(row.value(7), ValueRef::Blob(&[0, 0, 0]));
        assert_eq!(row.value(8), ValueRef::Text(&[255]));
        assert_eq!(row.value(9), ValueRef::Null);
    }

    #[test]
    fn parameters_come_back_and_a_statement_can_run_again() {
        let connection = Connection::open_in_memory().unwrap();
        let mut statement = Statement::prepare(&connection, "SELECT ?1 AS x").unwrap();
        assert_eq!(statement.column_name(0).as_deref(), Some("x"));
        for value in [
            ValueRef::Null,
            ValueRef::Integer(7),
            ValueRef::Real(0.5),
            ValueRef::Text(b"a\0b"),
            ValueRef::Blob(b""),
        ] {
            statement.bind(1, value).unwrap();
            assert!(statement.step().unwrap());
            assert_eq!(statement.value(0), value);
            assert!(!statement.step().unwrap());
            assert_eq!(statement.value(0), ValueRef::Null);
        }
    }

    #[test]
    fn text_of_a_utf_16_database_is_lent_as_utf_8() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a); INSERT INTO t VALUES('żółw')",
            )
            .unwrap();
        let mut statement = Statement::prepare(&connection, "SELECT a FROM t").unwrap();
        assert!(statement.step().unwrap());
        let (first, second) = (statement.value(0), statement.value(0));
        assert_eq!(first, ValueRef::Text("żółw".as_bytes()));
        assert_eq!(first, second);
    }

    #[test]
    fn a_busy_database_is_a_transient_error_and_bad_sql_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let holder = Connection::open(&path).unwrap();
        holder
            .execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE")
            .unwrap();
        let reader = crate::open(&path, crate::Access::ReadOnly).unwrap();
        let error = Statement::prepare(&reader, "SELECT * FROM t")
            .and_then(|mut statement| statement.step())
            .unwrap_err();
        assert!(error.is_transient(), "{error}");
        holder.execute_batch("COMMIT").unwrap();
        let error = Statement::prepare(&reader, "SELECT * FROM nowhere").unwrap_err();
        assert!(!error.is_transient(), "{error}");
        assert!(Statement::prepare(&reader, "-- nothing").is_err());
    }
}
