//! The values of one row.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::slice;

use rusqlite::ffi;

use super::{Found, TakeValue, ValueRef};

/// A row, which whoever lent it cannot leave as long.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(Of<'a>);

/// Where the values are.
#[derive(Debug, Clone, Copy)]
enum Of<'a> {
    /// On a statement that is on a row.
    Statement {
        raw: NonNull<ffi::sqlite3_stmt>,
        columns: usize,
    },
    /// Among the arguments of a function.
    Arguments(&'a [*mut ffi::sqlite3_value]),
}

impl<'a> Row<'a> {
    /// The row that a statement is on.
    ///
    /// # Safety
    /// The statement is on a row of so many columns, and stays on it as long as `'a`.
    #[inline]
    pub(super) unsafe fn of_statement(raw: NonNull<ffi::sqlite3_stmt>, columns: usize) -> Self {
        Self(Of::Statement { raw, columns })
    }

    /// The row whose values a function was given.
    ///
    /// # Safety
    /// They are values of SQLite's, and nobody else changes them as long as `'a`.
    #[inline]
    pub(super) unsafe fn of_arguments(values: &'a [*mut ffi::sqlite3_value]) -> Self {
        Self(Of::Arguments(values))
    }

    /// The value of column `index`, counted from 0; null where there is no such column.
    #[inline]
    pub fn value(self, index: usize) -> ValueRef<'a> {
        let mut found = Found(ValueRef::Null);
        let Ok(()) = self.give(index, &mut found);
        found.0
    }

    /// Hands over the value of column `index`, counted from 0; null where there is no such column.
    #[expect(
        clippy::inline_always,
        reason = "the value's kind is then known where it is taken: 40 instructions fewer for each"
    )]
    #[inline(always)]
    pub fn give<T: TakeValue<'a>>(self, index: usize, taker: &mut T) -> Result<(), T::Refusal> {
        let value = match self.0 {
            Of::Arguments(values) => values.get(index).copied(),
            Of::Statement { raw, columns } => (index < columns).then(|| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_possible_wrap,
                    reason = "it is less than the number of columns, which came as one"
                )]
                let column = index as c_int;
                // One look for the column, not one for each question about it: half of what reading a value costs.
                // SAFETY: the statement is on a row, and has the column.
                unsafe { ffi::sqlite3_column_value(raw.as_ptr(), column) }
            }),
        };
        let Some(value) = value else {
            return taker.take(ValueRef::Null);
        };
        // SAFETY: it is a value of the row. It may not be protected by a mutex, so only one thread may look at it: a row is neither
        // `Send` nor `Sync`. Pointers given out stay valid as long as the row: until the next step, reset or finalize, which need
        // `&mut` of the statement, or the end of the function's call. Each type is only ever read by its own function, so no
        // later call converts the value in place.
        unsafe {
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
