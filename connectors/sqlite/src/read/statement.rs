//! A prepared statement.

use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::ptr::{self, NonNull};

use connector_core::{Error, Result};
use rusqlite::{Connection, ffi};

use super::lend;
use super::row::Row;
use super::{Handle, Lent, Query, Stopped, ValueRef, failure};

/// `SQLITE_UTF8` in the width that binding wants.
const UTF8: u8 = 1;
const _: () = assert!(UTF8 as c_int == ffi::SQLITE_UTF8);

/// A prepared statement whose rows are lent, not copied.
pub struct Statement<H: Handle> {
    raw: NonNull<ffi::sqlite3_stmt>,
    columns: c_int,
    on_row: bool,
    /// Whether its SQL calls the function that lends rows.
    lends: bool,
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
            lends: false,
            handle,
        })
    }

    /// Prepares a query whose rows can be [lent](Self::lend) many at a time; one with more columns than a function may have
    /// arguments lends them all the same, and no faster.
    pub(crate) fn lending(handle: H, query: Query<'_>) -> Result<Self> {
        // SAFETY: the connection is open.
        let most = unsafe {
            let connection = handle.connection().handle();
            ffi::sqlite3_limit(connection, ffi::SQLITE_LIMIT_FUNCTION_ARG, -1)
        };
        if usize::try_from(most).is_ok_and(|most| query.columns.len() > most) {
            return Self::prepare(handle, &query.plain());
        }
        lend::register(handle.connection())?;
        let mut statement = Self::prepare(handle, &query.lending())?;
        statement.lends = true;
        Ok(statement)
    }

    /// Lends the rows that come next to `take`, until it is full, does not take one, or there is none. Rows that were taken are
    /// not stepped to again.
    pub(crate) fn lend(&mut self, mut take: impl FnMut(Row<'_>) -> Lent) -> Result<Stopped> {
        if self.lends {
            let stopped = lend::lending(take, || self.step())?;
            self.on_row = stopped == Stopped::Kept;
            return Ok(stopped);
        }
        while self.step()? {
            match self.row().map(&mut take) {
                Some(Lent::Full) => {
                    self.on_row = false;
                    return Ok(Stopped::Full);
                }
                Some(Lent::Kept) => return Ok(Stopped::Kept),
                Some(Lent::Taken) | None => {}
            }
        }
        Ok(Stopped::Done)
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
        self.row().map_or(ValueRef::Null, |row| row.value(index))
    }

    /// The row that the statement is on.
    #[inline]
    pub fn row(&self) -> Option<Row<'_>> {
        // SAFETY: it stays on the row until a step, which needs `&mut` of it.
        (self.on_row).then(|| unsafe { Row::of_statement(self.raw, self.column_count()) })
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

impl<H: Handle> Drop for Statement<H> {
    fn drop(&mut self) {
        // SAFETY: `raw` is live and used nowhere after this; the connection is still open, as `handle` is dropped
        // after this body.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }
}
