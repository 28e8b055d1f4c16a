//! Rows that SQLite lends one after another within one step.
//!
//! Each step of a statement costs SQLite as much as several values do: it is entered and left, and each column is looked for on the
//! statement and found there. So a query of many rows has a function in its condition, which is called with the values of each
//! row and takes them; the row is then no result, and the step goes on to the next. It ends where the taker says so. A narrow
//! row is read in three quarters of the time so, and a wide one of texts in seven eighths.

use std::any::Any;
use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{ptr, slice};

use connector_core::Result;
use rusqlite::{Connection, ffi};

use super::failure;
use super::row::Row;

/// The function's name in SQL.
const NAME: &CStr = c"dozer_lend";

/// What became of a row that was lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lent {
    /// It was taken, and so will be the next.
    Taken,
    /// It was taken, and no other will be now.
    Full,
    /// It was not taken: the statement is on it.
    Kept,
}

/// Why no further row was lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The taker is full.
    Full,
    /// The statement is on a row that was not taken.
    Kept,
    /// There is no further row.
    Done,
}

/// A query of one table, in SQL.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Query<'q> {
    /// The columns, and how many there are.
    pub(crate) columns: &'q str,
    pub(crate) width: usize,
    pub(crate) table: &'q str,
    /// Which rows, if not all.
    pub(crate) within: Option<&'q str>,
    /// Which of them are lent, if not all: each of the others is the statement's own.
    pub(crate) lent: Option<&'q str>,
    /// In which order. It has to be that in which SQLite finds them: rows are lent where they are found, before they are sorted.
    pub(crate) order: Option<&'q str>,
}

impl Query<'_> {
    /// Gives the rows one by one.
    pub(crate) fn plain(&self) -> String {
        self.select(self.within)
    }

    /// Lends the rows.
    pub(super) fn lending(&self) -> String {
        let call = format!("{}({})", NAME.to_string_lossy(), self.columns);
        let which: Vec<&str> = self.within.into_iter().chain(self.lent).collect();
        if which.is_empty() {
            return self.select(Some(&call));
        }
        // Of two conditions SQLite may look at either first, but within a `CASE` it may not.
        let lend = format!("CASE WHEN {} THEN {call} ELSE 1 END", which.join(" AND "));
        let condition: Vec<&str> = self.within.into_iter().chain([&*lend]).collect();
        self.select(Some(&condition.join(" AND ")))
    }

    fn select(&self, condition: Option<&str>) -> String {
        let Self { columns, table, .. } = self;
        let clause = |word: &str, what: Option<&str>| {
            what.map_or_else(String::new, |what| format!(" {word} {what}"))
        };
        let (condition, order) = (clause("WHERE", condition), clause("ORDER BY", self.order));
        format!("SELECT {columns} FROM {table}{condition}{order}")
    }
}

/// Makes the function known to a connection, if it is not yet. The schema of a file cannot call it: it would lend what is no row.
pub(super) fn register(connection: &Connection) -> Result<()> {
    // SAFETY: the connection is open, and the name ends with NUL and is never freed. The function has no data that would have to
    // live as long; what is left with the connection says only that the function is there, and is not looked into.
    let code = unsafe {
        let connection = connection.handle();
        if !ffi::sqlite3_get_clientdata(connection, NAME.as_ptr()).is_null() {
            return Ok(());
        }
        let code = ffi::sqlite3_create_function_v2(
            connection,
            NAME.as_ptr(),
            -1,
            ffi::SQLITE_UTF8 | ffi::SQLITE_DIRECTONLY,
            ptr::null_mut(),
            Some(lend),
            None,
            None,
            None,
        );
        if code == ffi::SQLITE_OK {
            let known = NAME.as_ptr().cast_mut().cast();
            ffi::sqlite3_set_clientdata(connection, NAME.as_ptr(), known, None)
        } else {
            code
        }
    };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(failure(connection, code))
    }
}

thread_local! {
    /// Who takes the rows of the statement that is being stepped by this thread.
    static TAKER: Cell<Option<Taker>> = const { Cell::new(None) };
}

/// A [`Taking`], without its type and its lifetime.
#[derive(Debug, Clone, Copy)]
struct Taker {
    taking: *mut (),
    /// Gives it a row, and says what it does.
    ///
    /// # Safety
    /// It is of the type that the function was made for, is alive, and is not borrowed.
    give: unsafe fn(*mut (), Row<'_>) -> Lent,
}

/// What takes rows, and the panic that it ended with.
struct Taking<F> {
    take: F,
    /// What became of the last row.
    last: Lent,
    panic: Option<Box<dyn Any + Send>>,
}

impl<F: FnMut(Row<'_>) -> Lent> Taking<F> {
    /// # Safety
    /// As of [`Taker::give`].
    unsafe fn give(taking: *mut (), row: Row<'_>) -> Lent {
        // SAFETY: the caller's promise.
        let taking = unsafe { &mut *taking.cast::<Self>() };
        // A panic must not pass through SQLite. What it left half done is dropped where it goes on.
        let taken = catch_unwind(AssertUnwindSafe(|| (taking.take)(row)));
        taking.last = taken.unwrap_or_else(|panic| {
            taking.panic = Some(panic);
            Lent::Full
        });
        taking.last
    }
}

/// Does a step, and lends its rows to `take`.
pub(super) fn lending(
    take: impl FnMut(Row<'_>) -> Lent,
    step: impl FnOnce() -> Result<bool>,
) -> Result<Stopped> {
    fn taker<F: FnMut(Row<'_>) -> Lent>(taking: &mut Taking<F>) -> Taker {
        Taker {
            taking: ptr::from_mut(taking).cast(),
            give: Taking::<F>::give,
        }
    }
    /// However the step ends, nobody is left in the place.
    struct Emptied;
    impl Drop for Emptied {
        fn drop(&mut self) {
            TAKER.set(None);
        }
    }
    let mut taking = Taking {
        take,
        last: Lent::Taken,
        panic: None,
    };
    TAKER.set(Some(taker(&mut taking)));
    let emptied = Emptied;
    let stepped = step();
    drop(emptied);
    if let Some(panic) = taking.panic {
        resume_unwind(panic);
    }
    Ok(match (stepped?, taking.last) {
        (false, _) => Stopped::Done,
        (true, Lent::Full) => Stopped::Full,
        // It was not lent at all where the last one that was did not end the step.
        (true, Lent::Kept | Lent::Taken) => Stopped::Kept,
    })
}

/// The function. Its arguments are the row.
///
/// # Safety
/// To be called by SQLite alone.
unsafe extern "C" fn lend(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    let values = match usize::try_from(count) {
        // SAFETY: SQLite gives so many values.
        Ok(count) if !values.is_null() => unsafe { slice::from_raw_parts(values, count) },
        _ => &[],
    };
    // Nobody is in the place while a row is taken: a statement that is stepped within that would get its rows as its own.
    let lent = TAKER.take().map_or(Lent::Full, |taker| {
        // SAFETY: there is a taker only while `lending` runs, on this thread, which has made both parts of it and borrows them for
        // as long. The values are the row's until this call ends.
        let lent = unsafe { (taker.give)(taker.taking, Row::of_arguments(values)) };
        TAKER.set(Some(taker));
        lent
    });
    if lent != Lent::Taken {
        // True: the step ends with this row. Else there is no result, which is as good as false.
        // SAFETY: the context is that of this call.
        unsafe { ffi::sqlite3_result_int(context, 1) };
    }
}
