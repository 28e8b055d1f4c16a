//! SQLite's C interface, used as a C program would.
#![expect(unsafe_code, reason = "the limit is what the C interface itself costs")]

use std::ffi::CString;
use std::hint::black_box;
use std::path::Path as File;
use std::ptr;

use rusqlite::ffi;

use crate::Result;
use crate::data::{Column, Kind, Table};

/// Reads every row of a table: one typed read for each column, with a look at the type only where a value may be null.
/// Text is looked at, not copied. Gives the number of rows.
pub(crate) fn read(file: &File, table: &Table) -> Result<u64> {
    let columns = (table.columns)();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let sql = CString::new(format!("SELECT {} FROM {}", names.join(", "), table.name))?;
    let file = CString::new(file.to_str().ok_or("a file name that is not UTF-8")?)?;
    let mut rows = 0;
    // SAFETY: the strings end with NUL and outlive the calls; each handle is used only after its call succeeded, and
    // is closed once, after its last use; every column read is one that the statement has.
    unsafe {
        let mut connection = ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_NOMUTEX;
        let opened = ffi::sqlite3_open_v2(file.as_ptr(), &raw mut connection, flags, ptr::null());
        let mut statement = ptr::null_mut();
        let prepared = if opened == ffi::SQLITE_OK {
            ffi::sqlite3_prepare_v2(
                connection,
                sql.as_ptr(),
                -1,
                &raw mut statement,
                ptr::null_mut(),
            )
        } else {
            opened
        };
        if prepared != ffi::SQLITE_OK {
            return Err(format!("SQLite gave code {prepared}").into());
        }
        while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
            rows += 1;
            for (place, column) in (0..).zip(&columns) {
                read_column(statement, place, column);
            }
        }
        let ended = ffi::sqlite3_finalize(statement);
        ffi::sqlite3_close(connection);
        if ended != ffi::SQLITE_OK {
            return Err(format!("SQLite gave code {ended}").into());
        }
    }
    Ok(rows)
}

/// # Safety
/// The statement stands on a row and has the column.
unsafe fn read_column(statement: *mut ffi::sqlite3_stmt, place: i32, column: &Column) {
    // SAFETY: the caller's promise.
    unsafe {
        if column.nullable && ffi::sqlite3_column_type(statement, place) == ffi::SQLITE_NULL {
            return;
        }
        match column.kind {
            Kind::Integer => {
                black_box(ffi::sqlite3_column_int64(statement, place));
            }
            Kind::Number => {
                black_box(ffi::sqlite3_column_double(statement, place));
            }
            Kind::Text => {
                black_box(ffi::sqlite3_column_text(statement, place));
                black_box(ffi::sqlite3_column_bytes(statement, place));
            }
        }
    }
}
