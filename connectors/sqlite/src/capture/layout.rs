//! The tables that the capture keeps in a file, and what is registered in them.
//!
//! | table | holds |
//! |---|---|
//! | `_dozer_meta` | one row: the format, the incarnation (new with each install), how far the log is pruned |
//! | `_dozer_tables` | the captured tables, one row for each list of columns that a table had |
//! | `_dozer_log` | one row for each image of a row, in the order of the changes |
//! | `_dozer_log_wide` | the columns after the 64th of those images |
//! | `_dozer_groups` | the positions that readers have seen, each with a random token: boundaries of groups, ends of snapshots |
//! | `_dozer_readers` | who reads, and how far each reader is |
//! | `_dozer_evict_N` | rows of table N that `OR REPLACE` may be about to evict |
//!
//! The log's columns have no declared type, so every value keeps its storage class. Its ids need no
//! `AUTOINCREMENT`, which would cost each writer another table: the last row is never pruned, so ids never repeat.

use connector_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension as _};

use crate::catalog::Column;
use crate::error::sqlite_error;

/// The version of the log's layout.
pub const FORMAT: i64 = 1;

/// How many columns of an image are in `_dozer_log` itself.
pub(super) const NARROW: usize = 64;

/// The widest table that can be captured: SQLite allows 2,000 columns, and a copy of a row needs three more.
pub(super) const WIDEST: usize = 1997;

pub(super) mod operation {
    pub(crate) const STARTED: i64 = 0;
    pub(crate) const INSERT: i64 = 1;
    pub(crate) const UPDATE_OLD: i64 = 2;
    pub(crate) const UPDATE_NEW: i64 = 3;
    pub(crate) const DELETE: i64 = 4;
}

pub(super) const CREATE: &str = "
CREATE TABLE main._dozer_meta(format INTEGER NOT NULL, incarnation TEXT NOT NULL, pruned INTEGER NOT NULL);
CREATE TABLE main._dozer_tables(tbl INTEGER PRIMARY KEY, name TEXT NOT NULL, columns TEXT NOT NULL,
    objects TEXT NOT NULL, current INTEGER NOT NULL);
CREATE TABLE main._dozer_log(id INTEGER PRIMARY KEY, tbl, op);
CREATE TABLE main._dozer_log_wide(id INTEGER PRIMARY KEY);
CREATE TABLE main._dozer_groups(lsn INTEGER PRIMARY KEY, token TEXT, snapshot INTEGER NOT NULL DEFAULT 0);
CREATE TABLE main._dozer_readers(name TEXT PRIMARY KEY NOT NULL, lsn INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO main._dozer_meta VALUES(1, lower(hex(randomblob(16))), 0);
INSERT INTO main._dozer_log(id, tbl, op) VALUES(1, 0, 0);
";

/// A table as it was captured: the columns of the log's images are these, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedTable {
    /// The number in the log. A table whose columns changed gets a new one.
    pub id: i64,
    /// The table's name when the capture was installed.
    pub name: String,
    /// Its columns at that time.
    pub columns: Vec<Column>,
    /// Whether triggers write under this number now.
    pub current: bool,
}

/// What `_dozer_meta` says.
#[derive(Debug, Clone)]
pub(super) struct Meta {
    pub(super) incarnation: String,
    pub(super) pruned: i64,
}

/// The capture's own facts; `None` where it is not installed.
pub(super) fn meta(connection: &Connection) -> Result<Option<Meta>> {
    let installed = connection
        .prepare_cached(
            "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = '_dozer_meta'",
        )
        .and_then(|mut statement| statement.exists([]))
        .map_err(sqlite_error)?;
    if !installed {
        return Ok(None);
    }
    let (format, incarnation, pruned) = connection
        .query_row(
            "SELECT format, incarnation, pruned FROM main._dozer_meta",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(sqlite_error)?
        .ok_or_else(|| Error::source("the table `_dozer_meta` is empty").with_help(REINSTALL))?;
    if format == FORMAT {
        Ok(Some(Meta {
            incarnation,
            pruned,
        }))
    } else {
        Err(Error::new(
            ErrorKind::Source,
            format!("the change log has format {format}, this program knows format {FORMAT}"),
        )
        .with_help(REINSTALL))
    }
}

/// The capture's own facts, or the error that says that it is not installed.
pub(super) fn installed(connection: &Connection) -> Result<Meta> {
    meta(connection)?.ok_or_else(|| {
        Error::source("change capture is not installed in this file")
            .with_help("`dozer migrate` installs it; without it, a snapshot is possible")
    })
}

/// Gives a log that was installed by an earlier program what it lacks.
pub(super) fn upgrade(connection: &Connection) -> Result<()> {
    for (name, declared) in [
        ("token", "TEXT"),
        ("snapshot", "INTEGER NOT NULL DEFAULT 0"),
    ] {
        let exists = connection
            .column_exists(Some("main"), "_dozer_groups", name)
            .map_err(sqlite_error)?;
        if !exists {
            connection
                .execute_batch(&format!(
                    "ALTER TABLE main._dozer_groups ADD COLUMN {name} {declared}"
                ))
                .map_err(sqlite_error)?;
        }
    }
    Ok(())
}

/// Makes every position stored so far worthless: what comes after it in the log is not all that happened.
pub(super) fn lose_positions(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(
            "UPDATE main._dozer_meta SET incarnation = lower(hex(randomblob(16))); DELETE FROM main._dozer_readers",
        )
        .map_err(sqlite_error)
}

pub(super) const REINSTALL: &str = "`dozer connector clean` removes the capture, `dozer migrate` installs it again, and `dozer app reset` takes a new snapshot";

/// Every registered table, older lists of columns included.
pub(super) fn captured(connection: &Connection) -> Result<Vec<CapturedTable>> {
    let mut statement = connection
        .prepare_cached("SELECT tbl, name, columns, current FROM main._dozer_tables ORDER BY tbl")
        .map_err(sqlite_error)?;
    let rows = statement
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get::<_, String>(2)?,
                row.get(3)?,
            ))
        })
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        .map_err(sqlite_error)?;
    rows.into_iter()
        .map(|(id, name, columns, current)| {
            Ok(CapturedTable {
                id,
                name,
                columns: serde_json::from_str(&columns)?,
                current,
            })
        })
        .collect()
}

/// The name of the table that keeps rows which may be evicted from table `id`.
pub(super) fn evict_table(id: i64) -> String {
    format!("_dozer_evict_{id}")
}

/// The last id in the log.
pub(super) fn last_id(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT max(id) FROM main._dozer_log")
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, Option<i64>>(0)))
        .map_err(sqlite_error)?
        .ok_or_else(|| Error::source("the table `_dozer_log` is empty").with_help(REINSTALL))
}

/// A log id as a commit position.
pub(super) fn lsn(id: i64) -> Result<u64> {
    u64::try_from(id)
        .map_err(|_| Error::source(format!("the change log holds the negative id {id}")))
}

/// A commit position as a log id.
pub(super) fn id(lsn: u64) -> Result<i64> {
    i64::try_from(lsn).map_err(|_| Error::position_lost(lsn, None))
}
