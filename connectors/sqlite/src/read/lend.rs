//! Rows that SQLite lends one after another within one step.
//!
//! Each step of a statement costs SQLite as much as several values do: it is entered and left, and each column is looked for on the
//! statement and found there. So a query of many rows has a function in its condition, which is called with the values of each
//! row and takes them; the row is then no result, and the step goes on to the next. It ends where the taker says so. Reading alone,
//! a row of eight whole numbers takes three quarters of the time so, and one of eight texts seven eighths.

use std::any::Any;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{ptr, slice};

use connector_core::{Error, Result};
use rusqlite::{Connection, ffi};

use super::failure;
use super::row::Row;

/// The function that is lent the rows.
const LEND: &CStr = c"dozer_lend";

/// The function that says whether a row is a result, and not one that was taken: its values are asked for in that case alone.
const KEPT: &CStr = c"dozer_kept";

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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'q> {
    /// The columns that are lent.
    pub(crate) columns: &'q [String],
    pub(crate) table: &'q str,
    /// Which rows, if not all.
    pub(crate) within: Option<&'q str>,
    /// In which order. It has to be that in which SQLite finds them: rows are lent where they are found, before they are sorted.
    pub(crate) order: Option<&'q str>,
}

impl Query<'_> {
    /// Gives the rows one by one.
    pub(crate) fn plain(&self) -> String {
        self.select(&self.columns.join(", "), self.within)
    }

    /// Lends the rows.
    pub(super) fn lending(&self) -> String {
        let [lend, kept] = [LEND, KEPT].map(CStr::to_string_lossy);
        let result = |column| format!("CASE WHEN {kept}() THEN {column} END");
        let results: Vec<String> = self.columns.iter().map(result).collect();
        let call = format!("{lend}({})", self.columns.join(", "));
        let condition = match self.within {
            None => call,
            // Of two conditions SQLite may look at either first, but within a `CASE` it may not.
            Some(within) => format!("({within}) AND CASE WHEN {within} THEN {call} END"),
        };
        self.select(&results.join(", "), Some(&condition))
    }

    fn select(&self, results: &str, condition: Option<&str>) -> String {
        let clause = |word: &str, what: Option<&str>| {
            what.map_or_else(String::new, |what| format!(" {word} {what}"))
        };
        let (condition, order) = (clause("WHERE", condition), clause("ORDER BY", self.order));
        format!("SELECT {results} FROM {}{condition}{order}", self.table)
    }
}

/// Makes the functions known to a connection, if they are not yet. The schema of a file cannot call them: it would lend what is
/// no row.
pub(super) fn register(connection: &Connection) -> Result<()> {
    type Function =
        unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);
    let functions: [(&CStr, c_int, Function); 2] = [(KEPT, 0, kept), (LEND, -1, lend)];
    // SAFETY: the connection is open, and the names end with NUL and are never freed. The functions have no data that would have
    // to live as long; what is left with the connection says only that they are there, and is not looked into.
    let code = unsafe {
        let connection = connection.handle();
        if !ffi::sqlite3_get_clientdata(connection, LEND.as_ptr()).is_null() {
            return Ok(());
        }
        let mut code = ffi::SQLITE_OK;
        for (name, arguments, function) in functions {
            if code == ffi::SQLITE_OK {
                code = ffi::sqlite3_create_function_v2(
                    connection,
                    name.as_ptr(),
                    arguments,
                    ffi::SQLITE_UTF8 | ffi::SQLITE_DIRECTONLY,
                    ptr::null_mut(),
                    Some(function),
                    None,
                    None,
                    None,
                );
            }
        }
        if code == ffi::SQLITE_OK {
            let known = LEND.as_ptr().cast_mut().cast();
            ffi::sqlite3_set_clientdata(connection, LEND.as_ptr(), known, None)
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

/// Whether there is a table of this name, and not a view. In a transaction it stays so.
pub(crate) fn is_table(connection: &Connection, name: &str) -> bool {
    CString::new(name).is_ok_and(|name| {
        // SAFETY: the connection is open, the names end with NUL, and nothing is asked for but whether the table is there.
        let code = unsafe {
            ffi::sqlite3_table_column_metadata(
                connection.handle(),
                c"main".as_ptr(),
                name.as_ptr(),
                ptr::null(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        code == ffi::SQLITE_OK
    })
}

thread_local! {
    /// Who takes the rows of the statement that is being stepped by this thread.
    static TAKER: Cell<Option<Taker>> = const { Cell::new(None) };
    /// Whether the row at which the step ends was taken.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
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
        if taking.last != Lent::Taken {
            // The step is to end. Should it go on, no row is taken in silence.
            return taking.last;
        }
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
    match (stepped?, taking.last) {
        (true, Lent::Full) => Ok(Stopped::Full),
        (true, Lent::Kept) => Ok(Stopped::Kept),
        (false, Lent::Taken) => Ok(Stopped::Done),
        // No row may be lost for what another SQLite makes of the query.
        (true, Lent::Taken) => Err(Error::protocol("SQLite gave a row that it did not lend")),
        (false, _) => Err(Error::protocol("SQLite kept back a row that it lent")),
    }
}

/// The function that is lent the rows: its arguments are one.
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
        TAKEN.set(lent == Lent::Full && TAKER.get().is_some());
        // True: the step ends with this row. Else there is no result, which is as good as false.
        // SAFETY: the context is that of this call.
        unsafe { ffi::sqlite3_result_int(context, 1) };
    }
}

/// The function that says whether a row is a result.
///
/// # Safety
/// To be called by SQLite alone.
unsafe extern "C" fn kept(
    context: *mut ffi::sqlite3_context,
    _: c_int,
    _: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: the context is that of this call.
    unsafe { ffi::sqlite3_result_int(context, c_int::from(!TAKEN.get())) };
}
