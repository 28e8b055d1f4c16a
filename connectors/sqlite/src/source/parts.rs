//! A large snapshot read by several connections side by side, all of one state of the file.
//!
//! SQLite exports no snapshot that another connection could take over. But each connection can be asked whether others have
//! committed since it last looked (`PRAGMA data_version`). So every further connection looks before the snapshot begins, and
//! again in its own read transaction, which begins after it: where both give the same number nothing was committed in
//! between, and both transactions see one state. This needs no write lock, and holds in every journal mode.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use connector_core::SelectedTable;
use connector_core::ingest::{Following, LentInserts, SnapshotPart};
use connector_core::prelude::*;
use rusqlite::{Connection, OptionalExtension as _};

use super::file::OpenFile;
use super::pages::FewPages;
use super::row::{Handle, SqliteRow, TablePlan};
use super::rows::TableRows;
use crate::catalog;
use crate::connect::{Access, open};
use crate::error::sqlite_error;
use crate::quote::identifier;

/// Below this size of the file one connection is done before others would have begun.
const LARGE: u64 = 16 << 20;
/// So many pieces a connection, so that none waits long for the last one.
const PIECES_EACH: u64 = 8;

/// Who may join a snapshot: how many connections, and of which file.
#[derive(Debug)]
pub(super) struct Company {
    path: PathBuf,
    connections: u16,
}

/// A connection that is to join a snapshot, and what it saw before that began.
#[derive(Debug)]
struct Waiting {
    connection: Connection,
    version: i64,
}

/// Connections that have not begun to read.
#[derive(Debug)]
pub(super) struct Gathered(Vec<Waiting>);

/// Connections in read transactions that see what the snapshot sees.
#[derive(Debug, Default)]
pub(super) struct Joined(Vec<Connection>);

impl Company {
    /// `connections` counts the snapshot's own.
    pub(super) fn new(path: &Path, connections: u16) -> Self {
        Self {
            path: path.to_owned(),
            connections,
        }
    }

    /// Opens the connections, before the snapshot begins. Where one cannot be had the snapshot is read without them.
    pub(super) fn gather(&self, file: &OpenFile) -> Gathered {
        let size = self.path.metadata().map_or(0, |metadata| metadata.len());
        if self.connections < 2 || size < LARGE {
            return Gathered(Vec::new());
        }
        let opened: Result<Vec<Connection>> = (0..self.connections)
            .map(|_| {
                let connection = open(&self.path, Access::ReadOnly)?;
                data_version(&connection).map(|_| connection)
            })
            .collect();
        // All are open and know the schema: between these looks and the others as little as can be happens.
        let waiting = opened.and_then(|connections| {
            let look = |connection| {
                data_version(&connection).map(|version| Waiting {
                    connection,
                    version,
                })
            };
            connections
                .into_iter()
                .map(look)
                .collect::<Result<Vec<_>>>()
        });
        // Another file may have come under the path since the snapshot's own connection was opened.
        match waiting {
            Ok(waiting) if file.is_the_same() => Gathered(waiting),
            _ => Gathered(Vec::new()),
        }
    }
}

impl Gathered {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins the read transactions, after the snapshot has begun. `None`: someone has committed meanwhile, so that they may
    /// see another state.
    pub(super) fn join(self) -> Option<Joined> {
        let join = |waiting: Waiting| {
            let Waiting {
                connection,
                version,
            } = waiting;
            connection.execute_batch("BEGIN").map_err(sqlite_error)?;
            // This read fixes what the transaction sees; the version is then that of the same transaction.
            connection
                .query_row("SELECT count(*) FROM main.sqlite_schema", [], |_| Ok(()))
                .map_err(sqlite_error)?;
            Ok((data_version(&connection)? == version).then_some(connection))
        };
        let joined: Result<Option<Vec<Connection>>> = self.0.into_iter().map(join).collect();
        joined.ok().flatten().map(Joined)
    }
}

impl Joined {
    /// The parts of the snapshot, one for each connection: they take pieces of the tables from one list. `own` is the
    /// snapshot's connection. None: there are no further connections.
    pub(super) fn parts(
        self,
        own: &Connection,
        selected: &[SelectedTable],
    ) -> Result<Vec<SnapshotPart>> {
        let Self(connections) = self;
        if connections.is_empty() {
            return Ok(Vec::new());
        }
        let most = PIECES_EACH * connections.len() as u64;
        let mut pieces = VecDeque::new();
        for (place, table) in selected.iter().enumerate() {
            pieces.extend(cut(own, place, &table.info.table_name, most)?);
        }
        let pieces = Arc::new(Mutex::new(pieces));
        let part = |connection: Connection| {
            let (pieces, selected) = (Arc::clone(&pieces), selected.to_vec());
            SnapshotPart::new(move || {
                let handle = Rc::new(connection);
                Ok(PartStream {
                    _pages: FewPages::keep(&handle, selected.iter().map(|table| &*table.info))?,
                    handle,
                    plans: selected.iter().map(TablePlan::new).collect(),
                    selected,
                    pieces,
                    current: None,
                })
            })
        };
        Ok(connections.into_iter().map(part).collect())
    }
}

/// A stretch of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// The table's place among the selected ones.
    table: usize,
    /// The rowid's name and the first and the last rowid; `None` is the whole table.
    range: Option<(Arc<str>, i64, i64)>,
}

/// Cuts a table into at most so many stretches of rowids; one that has none stays whole.
fn cut(connection: &Connection, place: usize, name: &str, most: u64) -> Result<Vec<Piece>> {
    let piece = |range| Piece {
        table: place,
        range,
    };
    let table = catalog::table(connection, name)?;
    let Some(rowid) = table.and_then(|table| table.rowid()) else {
        return Ok(vec![piece(None)]);
    };
    let end = |order: &str| {
        let table = identifier(name);
        let sql = format!("SELECT {rowid} FROM main.{table} ORDER BY {rowid} {order} LIMIT 1");
        let found = connection.query_row(&sql, [], |row| row.get(0));
        found.optional().map_err(sqlite_error)
    };
    let (first, last): (Option<i64>, Option<i64>) = (end("ASC")?, end("DESC")?);
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Vec::new());
    };
    let rowid: Arc<str> = rowid.into();
    Ok(ranges(first, last, most)
        .map(|(first, last)| piece(Some((Arc::clone(&rowid), first, last))))
        .collect())
}

/// All numbers from `first` to `last`, in at most so many ranges of about the same width.
fn ranges(first: i64, last: i64, most: u64) -> impl Iterator<Item = (i64, i64)> {
    let width = last.abs_diff(first) / most.max(1) + 1;
    let mut next = Some(first);
    std::iter::from_fn(move || {
        let start = next?;
        let end = start.checked_add_unsigned(width - 1);
        let end = end.map_or(last, |end| end.min(last));
        next = end.checked_add(1).filter(|_| end < last);
        Some((start, end))
    })
}

fn data_version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA main.data_version", [], |row| row.get(0))
        .map_err(sqlite_error)
}

/// One connection's share of a snapshot.
#[derive(Debug)]
struct PartStream {
    handle: Handle,
    selected: Vec<SelectedTable>,
    plans: Vec<TablePlan>,
    pieces: Arc<Mutex<VecDeque<Piece>>>,
    _pages: Option<FewPages<Handle>>,
    /// The place of the table that is read, and its rows.
    current: Option<(usize, TableRows)>,
}

impl PartStream {
    /// Begins the next piece. `false`: there is none left.
    fn begin_next(&mut self) -> Result<bool> {
        let before = self.current.take();
        let next = self
            .pieces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let Some(Piece { table, range }) = next else {
            return Ok(false);
        };
        let Some(selected) = self.selected.get(table) else {
            return Ok(true);
        };
        let handle = || self.handle.clone();
        let rows = match range {
            None => TableRows::all(handle(), selected)?,
            Some((rowid, first, last)) => {
                let mut rows = match before {
                    // Another stretch of the same table.
                    Some((before, rows)) if before == table => rows,
                    _ => TableRows::stretches(handle(), selected, &rowid)?,
                };
                rows.go_to(first, last)?;
                rows
            }
        };
        self.current = Some((table, rows));
        Ok(true)
    }
}

impl ChangeStream for PartStream {
    type Row<'a> = SqliteRow<'a>;

    fn next_event(&mut self) -> Result<Option<Event<SqliteRow<'_>>>> {
        loop {
            if let Some((_, rows)) = &mut self.current
                && rows.step()?
            {
                break;
            }
            if !self.begin_next()? {
                return Ok(None);
            }
        }
        let current = self.current.as_ref();
        let row = current.and_then(|(table, rows)| Some(rows.row(self.plans.get(*table)?)));
        Ok(row.map(Event::insert))
    }

    const LENDS_INSERTS: bool = true;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<SqliteRow<'_>>> {
        while inserts.has_room() {
            if let Some((table, rows)) = &mut self.current
                && let Some(plan) = self.plans.get(*table)
                && rows.lend(plan, &mut inserts)?
            {
                continue;
            }
            if !self.begin_next()? {
                return Ok(Following::Break(None));
            }
        }
        Ok(Following::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(first: i64, last: i64, most: u64) -> Vec<(i64, i64)> {
        ranges(first, last, most).collect()
    }

    #[test]
    fn ranges_cover_every_number_once() {
        assert_eq!(all(5, 5, 8), [(5, 5)]);
        assert_eq!(all(1, 10, 3), [(1, 4), (5, 8), (9, 10)]);
        assert_eq!(all(-2, 1, 100), [(-2, -2), (-1, -1), (0, 0), (1, 1)]);
        let widest = all(i64::MIN, i64::MAX, 16);
        assert_eq!(widest.first().map(|range| range.0), Some(i64::MIN));
        assert_eq!(widest.last().map(|range| range.1), Some(i64::MAX));
        assert!(widest.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
        assert!(widest.len() <= 16);
    }

    #[test]
    fn a_commit_between_the_two_looks_is_noticed_in_every_journal_mode() {
        for mode in ["wal", "delete", "truncate", "persist", "memory"] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a.db");
            let writer = Connection::open(&path).unwrap();
            writer.busy_timeout(std::time::Duration::ZERO).unwrap();
            writer
                .execute_batch(&format!(
                    "PRAGMA journal_mode = {mode}; CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob({LARGE}))"
                ))
                .unwrap();
            let file = OpenFile::note(&path);
            let company = Company::new(&path, 2);

            let gathered = company.gather(&file);
            assert_eq!(gathered.0.len(), 2, "{mode}");
            let Joined(connections) = gathered.join().unwrap();
            // What is committed later is not seen: in a rollback journal it cannot even be.
            let _ = writer.execute_batch("INSERT INTO t VALUES(1)");
            for connection in &connections {
                let rows: i64 = connection
                    .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
                    .unwrap();
                assert_eq!(rows, 1, "{mode}");
            }
            drop(connections);

            let gathered = company.gather(&file);
            writer.execute_batch("INSERT INTO t VALUES(2)").unwrap();
            assert!(gathered.join().is_none(), "{mode}");
        }
    }

    #[test]
    fn another_file_under_the_path_is_not_joined() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let make = |path: &Path| {
            let connection = Connection::open(path).unwrap();
            let sql = format!("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob({LARGE}))");
            connection.execute_batch(&sql).unwrap();
        };
        make(&path);
        let file = OpenFile::note(&path);
        let other = directory.path().join("b.db");
        make(&other);
        std::fs::rename(other, &path).unwrap();
        assert!(Company::new(&path, 2).gather(&file).is_empty());
    }
}
