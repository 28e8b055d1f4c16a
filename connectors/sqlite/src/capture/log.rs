//! Reading the log: the captured tables, and the changes between two positions.

use std::collections::HashMap;
use std::rc::Rc;

use connector_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension as _};

use super::install::install;
use super::layout::{self, CapturedTable, NARROW, id, lsn, operation};
use super::state::{Problem, problems};
use crate::connect::{Patience, at_one_moment, retry, write};
use crate::error::sqlite_error;
use crate::read::{Handle, Lent, Query, Row, Statement, Stopped, TakeValue, ValueRef};

/// After so many rows a cursor lets go of its read lock and takes it up again, so that a checkpoint of the WAL, or
/// with a rollback journal a commit, gets its turn.
const ROWS_AT_ONCE: usize = 1024;

/// After so many inserts into one table that follow one another those that come are lent: to change between two statements
/// costs as much as a few rows.
const RUN: usize = 64;

/// How many columns of the log are before those of an image.
const BEFORE: usize = 3;

/// What to do about a lost position.
const RESET: &str =
    "`dozer app reset` forgets the position, so that the next run takes a new snapshot";

/// The log of an installed capture, as one reader sees it.
#[derive(Debug)]
pub struct Log<H: Handle> {
    pub(super) handle: H,
    incarnation: String,
    watched: Vec<String>,
    /// How many images a group may have before it is cut.
    pub(super) largest_group: Option<u64>,
    tables: Rc<HashMap<i64, CapturedTable>>,
    problems: Vec<Problem>,
    schema_version: i64,
}

impl<H: Handle> Log<H> {
    /// Opens the log for a reader of these tables (none named: of all captured ones).
    ///
    /// `incarnation` is the one that the reader's position belongs to; another one in the file means that the
    /// capture was removed and installed again, and the position is lost. A busy file is a transient error: call it
    /// through [`retry`].
    pub fn open(handle: H, incarnation: Option<&str>, tables: &[&str]) -> Result<Self> {
        let meta = layout::installed(handle.connection())?;
        if incarnation.is_some_and(|expected| expected != meta.incarnation) {
            return Err(Error::new(
                ErrorKind::PositionLost,
                "the capture was installed anew since this position was stored, so changes may be missing",
            )
            .with_help(RESET));
        }
        let mut log = Self {
            handle,
            incarnation: meta.incarnation,
            watched: tables
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .collect(),
            largest_group: None,
            tables: Rc::default(),
            problems: Vec::new(),
            schema_version: -1,
        };
        log.check_schema()?;
        let missing = log.watched.iter().find(|name| {
            !log.tables
                .values()
                .any(|table| table.current && is_named(table, name))
        });
        match missing {
            Some(name) => Err(Error::source("its changes are not captured")
                .with_context(format!("table `{name}`"))
                .with_help("`dozer migrate` installs the capture for this table; then `dozer app reset` takes a new snapshot")),
            None => Ok(log),
        }
    }

    /// The random name of this installation: store it with a position.
    pub fn incarnation(&self) -> &str {
        &self.incarnation
    }

    /// The captured tables that the log's rows may belong to, by [number](CapturedTable::id).
    pub fn tables(&self) -> &HashMap<i64, CapturedTable> {
        &self.tables
    }

    /// A number that changes with the schema; the [tables](Self::tables) and [problems](Self::problems) are those of
    /// this version.
    pub fn schema_version(&self) -> i64 {
        self.schema_version
    }

    /// What has changed about the watched tables since their capture was installed, and does not stop the reading.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Brings the capture of the watched tables up to date whose columns or unique keys have changed. `false`: all were.
    pub fn renew(&mut self, patience: Patience<'_>) -> Result<bool> {
        let outdated = self.problems.iter().filter_map(|problem| match problem {
            Problem::Outdated { table } => Some(table.as_str()),
            _ => None,
        });
        let outdated: Vec<&str> = outdated.collect();
        if outdated.is_empty() {
            return Ok(false);
        }
        install(self.handle.connection(), &outdated, patience)?;
        retry(patience, || self.check_schema())?;
        Ok(true)
    }

    /// The random token that the file holds for this position, the end of a group or of a snapshot: store it with the
    /// position, and [`check_token`](Self::check_token) tells later whether the file still holds the same history.
    ///
    /// One is written if there is none. Fails as [`next_boundary`](Self::next_boundary) does.
    pub fn token(&self, position: u64, patience: Patience<'_>) -> Result<String> {
        let at = id(position)?;
        if let Some(token) = retry(patience, || self.stored_token(at))? {
            return Ok(token);
        }
        write(self.handle.connection(), patience, |connection| {
            let (pruned, last, _) = self.look(at)?;
            within(position, pruned, last)?;
            // Such a row bounds no group: readers may have been given another group around it.
            connection
                .execute(
                    "INSERT INTO main._dozer_groups(lsn, token, snapshot) VALUES(?1, lower(hex(randomblob(8))), 1)
                     ON CONFLICT(lsn) DO UPDATE SET token = excluded.token WHERE token IS NULL",
                    [at],
                )
                .map_err(sqlite_error)?;
            self.stored_token(at)?
                .ok_or_else(|| Error::source(format!("position {position} was given no token")))
        })
    }

    /// Fails with [`PositionLost`](ErrorKind::PositionLost) where the file's history up to this position is not the
    /// one that the [token](Self::token) was given for: it was restored from a backup, and written to since.
    pub fn check_token(&self, position: u64, token: &str, patience: Patience<'_>) -> Result<()> {
        let at = id(position)?;
        let (pruned, last, _) = retry(patience, || self.look(at))?;
        within(position, pruned, last)?;
        if retry(patience, || self.stored_token(at))?.as_deref() == Some(token) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::PositionLost,
            format!(
                "the file's history is not the one that position {position} was stored for: it was restored from a \
                 backup, perhaps, and written to since"
            ),
        )
        .with_help(RESET))
    }

    fn stored_token(&self, position: i64) -> Result<Option<String>> {
        self.handle
            .connection()
            .prepare_cached("SELECT token FROM main._dozer_groups WHERE lsn = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([position], |row| row.get::<_, Option<String>>(0))
                    .optional()
            })
            .map(Option::flatten)
            .map_err(sqlite_error)
    }

    /// What is pruned, the last id, and the first boundary after a position, all at one moment.
    pub(super) fn look(&self, after: i64) -> Result<(i64, i64, Option<i64>)> {
        self.handle
            .connection()
            .prepare_cached(
                "SELECT (SELECT pruned FROM main._dozer_meta), (SELECT max(id) FROM main._dozer_log),
                 (SELECT min(lsn) FROM main._dozer_groups WHERE lsn > ?1 AND NOT snapshot)",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()
            })
            .map_err(sqlite_error)?
            .ok_or_else(|| Error::source("the change log is empty"))
    }

    /// Looks at the captured tables again when the schema has changed.
    pub(super) fn check_schema(&mut self) -> Result<()> {
        if schema_version(self.handle.connection())? == self.schema_version {
            return Ok(());
        }
        // Another reader may renew the capture meanwhile: its old tables with the new triggers would look like lost ones.
        let handle = self.handle.clone();
        at_one_moment(handle.connection(), || self.read_schema())
    }

    fn read_schema(&mut self) -> Result<()> {
        let connection = self.handle.connection();
        let version = schema_version(connection)?;
        let meta = layout::installed(connection)?;
        if meta.incarnation != self.incarnation {
            return Err(Error::new(
                ErrorKind::PositionLost,
                "the capture was installed anew while it was read, so changes may be missing",
            )
            .with_help(RESET));
        }
        let tables = layout::captured(connection)?;
        let watched: Vec<_> = tables
            .iter()
            .filter(|table| {
                table.current
                    && (self.watched.is_empty()
                        || self.watched.iter().any(|name| is_named(table, name)))
            })
            .cloned()
            .collect();
        let found = problems(connection, &watched)?;
        if let Some(Problem::Renamed { table, now }) = found
            .iter()
            .find(|problem| matches!(problem, Problem::Renamed { .. }))
        {
            return Err(Error::new(
                ErrorKind::Drift,
                format!("table `{table}` was renamed to `{now}`"),
            )
            .with_help(format!(
                "its changes are still captured: with its name back, the next run goes on; or set `table_name: {now}`, then `dozer migrate` and `dozer app reset`"
            )));
        }
        if let Some(lost) = found.iter().find(|problem| problem.lost_changes()) {
            return Err(Error::new(ErrorKind::PositionLost, lost.to_string())
                .with_help("`dozer migrate` installs the capture again; then `dozer app reset` takes a new snapshot"));
        }
        self.problems = found;
        self.tables = Rc::new(tables.into_iter().map(|table| (table.id, table)).collect());
        self.schema_version = version;
        Ok(())
    }

    /// The images after the position `from`, up to `to` and with it, in the order of the changes.
    pub fn changes(&self, from: u64, to: u64) -> Result<Changes<H>> {
        let columns = |range: std::ops::Range<usize>| range.map(|place| format!("c{place}"));
        let width = self
            .tables
            .values()
            .map(|table| table.columns.len())
            .max()
            .unwrap_or(0);
        let before = ["id", "tbl", "op"].map(str::to_owned);
        let narrow = columns(0..width.min(NARROW));
        let narrow: Vec<String> = before.into_iter().chain(narrow).collect();
        let prepare = |sql: &str| {
            retry(Patience::default(), || {
                Statement::prepare(self.handle.clone(), sql)
            })
        };
        let mut rows = prepare(&images(&narrow).plain())?;
        rows.bind(1, ValueRef::Integer(id(from)?))?;
        rows.bind(2, ValueRef::Integer(id(to)?))?;
        let wide = if width > NARROW {
            let columns: Vec<String> = columns(NARROW..width).collect();
            Some(prepare(&format!(
                "SELECT {} FROM main._dozer_log_wide WHERE id = ?1",
                columns.join(", ")
            ))?)
        } else {
            None
        };
        Ok(Changes {
            tables: Rc::clone(&self.tables),
            handle: self.handle.clone(),
            narrow,
            rows,
            lending: None,
            wide,
            at: id(from)?,
            to: id(to)?,
            table: 0,
            operation: Operation::Started,
            is_wide: false,
            run: 0,
            since_lock: 0,
        })
    }
}

/// The columns of images between two places in the log, in the order of the changes, whatever indexes somebody has made.
fn images(columns: &[String]) -> Query<'_> {
    Query {
        columns,
        table: "main._dozer_log NOT INDEXED",
        within: Some("id > ?1 AND id <= ?2"),
        order: Some("id"),
    }
}

/// Fails where the log does not reach from this position on.
pub(super) fn within(position: u64, pruned: i64, last: i64) -> Result<()> {
    let at = id(position)?;
    if at < pruned {
        return Err(Error::position_lost(position, Some(lsn(pruned)?)));
    }
    if at > last {
        return Err(Error::new(
            ErrorKind::PositionLost,
            format!(
                "position {position} is after the end of the log, {last}: the file is older than the position, \
                 restored from a backup perhaps"
            ),
        )
        .with_help(RESET));
    }
    Ok(())
}

fn schema_version(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("PRAGMA main.schema_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(sqlite_error)
}

fn is_named(table: &CapturedTable, name: &str) -> bool {
    table.name.eq_ignore_ascii_case(name)
}

/// What happened to the row whose image this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The capture of the table, under this number and with these columns, begins here. There is no image.
    Started,
    /// The row was inserted.
    Insert,
    /// The row was updated: this is what it was. What it became follows next.
    UpdateOld,
    /// What the row became.
    UpdateNew,
    /// The row was deleted, or evicted by `OR REPLACE`: this is what it was.
    Delete,
}

/// A cursor over the log that lends its rows.
#[derive(Debug)]
pub struct Changes<H: Handle> {
    tables: Rc<HashMap<i64, CapturedTable>>,
    handle: H,
    /// The columns of `rows`.
    narrow: Vec<String>,
    rows: Statement<H>,
    /// The same rows, many at a time; made when there are many inserts.
    lending: Option<Statement<H>>,
    wide: Option<Statement<H>>,
    /// The last image that is read.
    to: i64,
    /// What was stepped to: its place, the number of its table, and what happened.
    at: i64,
    table: i64,
    operation: Operation,
    /// Whether images of the table have columns in `wide`.
    is_wide: bool,
    /// How many inserts into the table have followed one another up to here.
    run: usize,
    since_lock: usize,
}

/// The values of an image of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Image<'a> {
    narrow: Option<Row<'a>>,
    wide: Option<Row<'a>>,
}

impl<'a> Image<'a> {
    /// Hands over the value of column `place`, counted from 0; null behind the last one.
    #[expect(clippy::inline_always, reason = "as what it calls")]
    #[inline(always)]
    pub(crate) fn give<T: TakeValue<'a>>(
        self,
        place: usize,
        taker: &mut T,
    ) -> Result<(), T::Refusal> {
        let (row, index) = match place.checked_sub(NARROW) {
            None => (self.narrow, place + BEFORE),
            Some(place) => (self.wide, place),
        };
        match row {
            Some(row) => row.give(index, taker),
            None => taker.take(ValueRef::Null),
        }
    }
}

fn integer(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(value) => value,
        _ => 0,
    }
}

impl<H: Handle> Changes<H> {
    /// The next image; `None` at the end.
    pub fn next_row(&mut self) -> Result<Option<LogRow<'_, H>>> {
        match self.step()? {
            Some(_) => self.row().map(Some),
            None => Ok(None),
        }
    }

    /// Goes to the next image, and says what happened; [`row`](Self::row) gives the image. `None` at the end.
    pub fn step(&mut self) -> Result<Option<Operation>> {
        loop {
            if self.since_lock >= ROWS_AT_ONCE {
                self.release()?;
            }
            if !self.step_rows()? {
                return Ok(None);
            }
            self.since_lock += 1;
            self.at = self.integer(0);
            let table = self.integer(1);
            // The row that the log is created with belongs to no table.
            if table != 0 {
                return self.arrive(table).map(Some);
            }
        }
    }

    /// Goes to the next row; `false` at the end. After an error it goes on behind the last image.
    fn step_rows(&mut self) -> Result<bool> {
        let stepped = self.rows.step();
        if stepped.is_err() {
            self.release()?;
        }
        stepped
    }

    /// Where many inserts into one table have followed one another: lends the images of those that come next to `take`, as long
    /// as it takes them, and for one lock. The next step goes on behind the last one that was taken.
    pub(crate) fn lend_inserts(&mut self, mut take: impl FnMut(Image<'_>) -> Lent) -> Result<()> {
        // The rest of an image that is wide would have to be looked up meanwhile.
        if self.run < RUN || self.is_wide {
            return Ok(());
        }
        self.release()?;
        let mut statement = match self.lending.take() {
            Some(statement) => statement,
            None => retry(Patience::default(), || {
                Statement::lending(self.handle.clone(), images(&self.narrow))
            })?,
        };
        statement.bind(1, ValueRef::Integer(self.at))?;
        statement.bind(2, ValueRef::Integer(self.to))?;
        let mut lent_rows = 0;
        let stopped = statement.lend(|row| {
            let is_next =
                integer(row.value(1)) == self.table && integer(row.value(2)) == operation::INSERT;
            if !is_next {
                return Lent::Kept;
            }
            let lent = take(Image {
                narrow: Some(row),
                wide: None,
            });
            if lent != Lent::Kept {
                self.at = integer(row.value(0));
                lent_rows += 1;
            }
            match lent {
                Lent::Taken if lent_rows >= ROWS_AT_ONCE => Lent::Full,
                lent => lent,
            }
        });
        statement.reset();
        self.lending = Some(statement);
        self.release()?;
        if stopped? != Stopped::Full {
            self.run = 0;
        }
        Ok(())
    }

    /// The value of column `place`, counted from 0, of the image that was stepped to; null behind the last one.
    #[inline]
    pub fn value(&self, place: usize) -> ValueRef<'_> {
        match place.checked_sub(NARROW) {
            None => self.rows.value(place + BEFORE),
            Some(place) => (self.wide.as_ref()).map_or(ValueRef::Null, |wide| wide.value(place)),
        }
    }

    /// The values of the image that was stepped to.
    #[inline]
    pub(crate) fn image(&self) -> Image<'_> {
        Image {
            narrow: self.rows.row(),
            wide: self.wide.as_ref().and_then(Statement::row),
        }
    }

    /// The place in the log of the current image.
    pub fn at(&self) -> u64 {
        u64::try_from(self.at).unwrap_or(0)
    }

    /// The [number](CapturedTable::id) of the current image's table.
    pub fn table_number(&self) -> i64 {
        self.table
    }

    /// Goes on with the image after the position `after`.
    pub fn seek(&mut self, after: u64) -> Result<()> {
        self.at = id(after)?;
        self.release()
    }

    /// Lets go of the read lock; the next row is read under a new one. Of use before a long wait.
    pub fn release(&mut self) -> Result<()> {
        self.since_lock = 0;
        if let Some(wide) = &mut self.wide {
            wide.reset();
        }
        self.rows.bind(1, ValueRef::Integer(self.at))
    }

    fn integer(&self, column: usize) -> i64 {
        integer(self.rows.value(column))
    }

    /// Reads what belongs to the image that was stepped to.
    fn arrive(&mut self, table: i64) -> Result<Operation> {
        let mut run = self.run;
        if table != self.table {
            self.is_wide = self.table(table)?.columns.len() > NARROW;
            self.table = table;
            run = 0;
        }
        self.operation = self.read_operation()?;
        self.run = match self.operation {
            Operation::Insert => run + 1,
            _ => 0,
        };
        if self.is_wide
            && self.operation != Operation::Started
            && let Some(wide) = &mut self.wide
        {
            let at = self.at;
            wide.bind(1, ValueRef::Integer(at))?;
            if !wide.step()? {
                return Err(broken(format!(
                    "the change log lacks the wide part of row {at}"
                )));
            }
        }
        Ok(self.operation)
    }

    fn table(&self, number: i64) -> Result<&CapturedTable> {
        self.tables.get(&number).ok_or_else(|| {
            broken(format!(
                "the change log names the unknown table number {number} at {}",
                self.at
            ))
        })
    }

    fn read_operation(&self) -> Result<Operation> {
        Ok(match self.integer(2) {
            operation::STARTED => Operation::Started,
            operation::INSERT => Operation::Insert,
            operation::UPDATE_OLD => Operation::UpdateOld,
            operation::UPDATE_NEW => Operation::UpdateNew,
            operation::DELETE => Operation::Delete,
            code => {
                let at = self.at;
                return Err(broken(format!(
                    "the change log holds the unknown operation {code} at {at}"
                )));
            }
        })
    }

    /// The image that was stepped to, lent until the next step.
    pub fn row(&self) -> Result<LogRow<'_, H>> {
        Ok(LogRow {
            lsn: lsn(self.at)?,
            table: self.table(self.table)?,
            operation: self.operation,
            changes: self,
        })
    }
}

fn broken(what: String) -> Error {
    Error::source(what).with_help(layout::REINSTALL)
}

/// One image of a row, lent until the next.
#[derive(Debug)]
pub struct LogRow<'a, H: Handle> {
    /// Its place in the log.
    pub lsn: u64,
    /// The table, with the columns that the image has.
    pub table: &'a CapturedTable,
    /// What happened.
    pub operation: Operation,
    changes: &'a Changes<H>,
}

impl<H: Handle> LogRow<'_, H> {
    /// The value of the table's column `place`, counted from 0; null behind the last one.
    #[inline]
    pub fn value(&self, place: usize) -> ValueRef<'_> {
        self.changes.value(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is done with a cursor.
    #[derive(Debug, Clone, Copy)]
    enum Use {
        Step,
        /// Takes so many, and then no other or not that one.
        Lend(usize, Lent),
        Release,
        Seek,
    }

    fn uses() -> impl Strategy<Value = Use> {
        let end = prop_oneof![Just(Lent::Full), Just(Lent::Kept)];
        prop_oneof![
            2 => Just(Use::Step),
            4 => (0..2_000_usize, end).prop_map(|(many, end)| Use::Lend(many, end)),
            1 => Just(Use::Release),
            1 => Just(Use::Seek),
        ]
    }

    /// So many rows of one of three tables are inserted, updated or deleted; the third table is wide.
    fn changes() -> impl Strategy<Value = Vec<(usize, u8, usize)>> {
        let many = prop_oneof![3 => 1..8_usize, 1 => 60..70_usize, 1 => 1_020..1_100_usize];
        prop::collection::vec((0..3_usize, 0..6_u8, many), 1..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_image_comes_once_and_in_order_whatever_is_done_with_the_cursor(
            changes in changes(),
            mut uses in prop::collection::vec(uses(), 1..40),
        ) {
            let connection = Connection::open_in_memory().unwrap();
            let wide: Vec<String> = (1..70).map(|place| format!("c{place}")).collect();
            connection
                .execute_batch(&format!(
                    "CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE TABLE u(id INTEGER PRIMARY KEY, a);
                     CREATE TABLE w(id INTEGER PRIMARY KEY, {})",
                    wide.join(", ")
                ))
                .unwrap();
            install(&connection, &["t", "u", "w"], Patience::default()).unwrap();
            for (table, what, many) in changes {
                let (table, column) = [("t", "a"), ("u", "a"), ("w", "c69")][table];
                let sql = match what {
                    0..4 => format!("INSERT INTO {table}({column}) SELECT 'x' FROM n"),
                    4 => format!("UPDATE {table} SET {column} = 'y' WHERE id IN (SELECT i * 3 FROM n)"),
                    _ => format!("DELETE FROM {table} WHERE id IN (SELECT i * 5 FROM n)"),
                };
                let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})");
                connection.execute_batch(&format!("{numbers} {sql}")).unwrap();
            }
            let log = Log::open(&connection, None, &[]).unwrap();
            let end = log.look(0).unwrap().1;
            let mut cursor = log.changes(0, lsn(end).unwrap()).unwrap();
            let mut seen = Vec::new();
            // At last to the end.
            uses.extend([Use::Lend(usize::MAX, Lent::Full), Use::Step].repeat(usize::try_from(end).unwrap()));
            for used in uses {
                match used {
                    Use::Step => {
                        if cursor.step().unwrap().is_none() {
                            break;
                        }
                        seen.push((cursor.at, cursor.table, cursor.value(0) == ValueRef::Null));
                    }
                    Use::Lend(mut room, end) => {
                        let table = cursor.table;
                        cursor
                            .lend_inserts(|image| {
                                if room == 0 && end == Lent::Kept {
                                    return Lent::Kept;
                                }
                                let lent = |place: usize| image.narrow.unwrap().value(place);
                                seen.push((integer(lent(0)), table, lent(BEFORE) == ValueRef::Null));
                                room = room.saturating_sub(1);
                                if room == 0 && end == Lent::Full { Lent::Full } else { Lent::Taken }
                            })
                            .unwrap();
                    }
                    Use::Release => cursor.release().unwrap(),
                    Use::Seek => cursor.seek(cursor.at()).unwrap(),
                }
            }
            let sql = "SELECT id, tbl, c0 IS NULL FROM _dozer_log WHERE tbl <> 0 ORDER BY id";
            let mut expected = connection.prepare(sql).unwrap();
            let expected = expected.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            let expected: Vec<(i64, i64, bool)> = expected.unwrap().map(rusqlite::Result::unwrap).collect();
            prop_assert!(seen == expected, "{} of {} images", seen.len(), expected.len());
        }
    }

    /// Rows are lent where they are found, so that has to be in their order.
    #[test]
    fn images_are_found_in_the_order_of_their_ids_whatever_indexes_there_are() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE _dozer_log(id INTEGER PRIMARY KEY, tbl, op, c0);
                 CREATE INDEX i ON _dozer_log(op, tbl, c0, id); CREATE INDEX j ON _dozer_log(id DESC, c0, tbl, op)",
            )
            .unwrap();
        let columns = ["id", "tbl", "op", "c0"].map(str::to_owned);
        let sql = format!("EXPLAIN QUERY PLAN {}", images(&columns).plain());
        let mut plan = connection.prepare(&sql).unwrap();
        let steps = plan.query_map([0, 9], |row| row.get::<_, String>(3));
        let steps: Vec<String> = steps.unwrap().map(rusqlite::Result::unwrap).collect();
        assert_eq!(
            steps,
            ["SEARCH main._dozer_log USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]
        );
    }
}
