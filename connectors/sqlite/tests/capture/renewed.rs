//! Several followers of one file whose tables get columns: each may renew the capture while another looks at the schema.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use connector_core::ErrorKind;
use connector_sqlite::capture::{Log, Problem, install, state};
use connector_sqlite::{Access, open, retry, sqlite_error};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::model::patience;

fn captured(directory: &Path, journal: &str) -> PathBuf {
    let path = directory.join("a.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = {journal}; CREATE TABLE t(a)"
        ))
        .unwrap();
    install(&connection, &["t"], patience()).unwrap();
    path
}

fn add_column(path: &Path, name: usize) {
    open(path, Access::ReadWrite)
        .unwrap()
        .execute_batch(&format!("ALTER TABLE t ADD COLUMN c{name}"))
        .unwrap();
}

/// Does something at the start of a statement, before that looks at the file.
struct Interruption {
    /// How many statements until then; 0 for never.
    left: Arc<AtomicUsize>,
}

impl Interruption {
    fn of(connection: &mut Connection, act: impl Fn() + Send + 'static) -> Self {
        let left = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&left);
        let traced = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(..) = event
                && counted.load(Ordering::Relaxed) > 0
                && counted.fetch_sub(1, Ordering::Relaxed) == 1
            {
                act();
            }
        };
        connection
            .trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(traced))
            .unwrap();
        Self { left }
    }

    /// Happens with the statement of this number, counted from 1.
    fn at(&self, statement: usize) {
        self.left.store(statement, Ordering::Relaxed);
    }

    /// Whether it did not happen, as fewer statements were run; now it never will.
    fn is_left(&self) -> bool {
        self.left.swap(0, Ordering::Relaxed) > 0
    }
}

/// A connection in whose statements something comes by another one.
fn interrupted(path: &Path, act: fn(&Connection)) -> (Connection, Interruption) {
    let mut reader = open(path, Access::ReadWrite).unwrap();
    let other = path.to_owned();
    let interruption = Interruption::of(&mut reader, move || {
        act(&open(&other, Access::ReadWrite).unwrap());
    });
    (reader, interruption)
}

fn renew(connection: &Connection) {
    install(connection, &["t"], patience()).unwrap();
}

#[test]
fn a_renewal_by_another_reader_is_not_taken_for_lost_triggers_whenever_it_comes() {
    let directory = tempfile::tempdir().unwrap();
    let path = captured(directory.path(), "wal");
    let (reader, interruption) = interrupted(&path, renew);
    let mut log = Log::open(&reader, None, &["t"]).unwrap();
    let mut at = 0;
    for statement in 1.. {
        add_column(&path, statement);
        interruption.at(statement);
        at = log.next_boundary(at, patience()).unwrap().unwrap_or(at);
        if interruption.is_left() {
            assert!(statement > 10, "{statement}: the schema was looked at");
            break;
        }
        // Whichever it saw, this sees the renewed capture.
        at = log.next_boundary(at, patience()).unwrap().unwrap_or(at);
        assert_eq!(log.problems(), []);
        assert_eq!(columns(&log), 1 + statement);
        assert!(reader.is_autocommit(), "no lock is kept");
    }
}

#[test]
fn a_renewal_by_another_reader_does_not_disturb_who_opens_the_log_or_asks_for_its_state() {
    let directory = tempfile::tempdir().unwrap();
    let path = captured(directory.path(), "wal");
    let (reader, interruption) = interrupted(&path, renew);
    for statement in 1.. {
        add_column(&path, 2 * statement);
        interruption.at(statement);
        Log::open(&reader, None, &["t"]).unwrap();
        let opened = interruption.is_left();
        add_column(&path, 2 * statement + 1);
        interruption.at(statement);
        let seen = state(&reader).unwrap().unwrap();
        assert!(!seen.problems.iter().any(Problem::lost_changes));
        if interruption.is_left() && opened {
            assert!(statement > 10, "{statement}: the schema was looked at");
            break;
        }
    }
}

#[test]
fn a_table_that_is_renamed_while_the_schema_is_looked_at_is_named_with_both_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = captured(directory.path(), "wal");
    let rename = |connection: &Connection| {
        connection
            .execute_batch("ALTER TABLE t RENAME TO u")
            .unwrap();
    };
    let (reader, interruption) = interrupted(&path, rename);
    let mut log = Log::open(&reader, None, &["t"]).unwrap();
    let at = log.next_boundary(0, patience()).unwrap().unwrap();
    for statement in 1.. {
        add_column(&path, statement);
        interruption.at(statement);
        let looked = log.next_boundary(at, patience());
        if interruption.is_left() {
            assert!(statement > 10, "{statement}: the schema was looked at");
            break;
        }
        // Where it came behind the last look, the next one sees it.
        let error = looked
            .and_then(|_| log.next_boundary(at, patience()))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Drift, "{statement}");
        assert_eq!(error.message(), "table `t` was renamed to `u`");
        open(&path, Access::ReadWrite)
            .unwrap()
            .execute_batch("ALTER TABLE u RENAME TO t")
            .unwrap();
    }
}

#[test]
fn two_readers_that_follow_one_file_both_get_past_columns_that_are_added() {
    for journal in ["wal", "delete"] {
        let directory = tempfile::tempdir().unwrap();
        let path = captured(directory.path(), journal);
        thread::scope(|scope| {
            let followers = [scope.spawn(|| follow(&path)), scope.spawn(|| follow(&path))];
            let writer = open(&path, Access::ReadWrite).unwrap();
            for column in 0..COLUMNS {
                retry(patience(), || {
                    writer
                        .execute_batch(&format!("ALTER TABLE t ADD COLUMN c{column}"))
                        .map_err(sqlite_error)
                })
                .unwrap();
                thread::sleep(Duration::from_millis(5));
            }
            for follower in followers {
                follower.join().unwrap();
            }
        });
    }
}

const COLUMNS: usize = 40;

/// Follows the file, and renews the capture, until it has come to the last column.
fn follow(path: &Path) {
    let reader = open(path, Access::ReadWrite).unwrap();
    let mut log = retry(patience(), || Log::open(&reader, None, &["t"])).unwrap();
    let mut at = 0;
    while columns(&log) <= COLUMNS {
        at = log.next_boundary(at, patience()).unwrap().unwrap_or(at);
        log.renew(patience()).unwrap();
        // Locks are not handed out in turn: without a pause one keeps the others waiting.
        thread::sleep(Duration::from_millis(1));
    }
}

/// How many columns the newest images of the table have.
fn columns(log: &Log<&Connection>) -> usize {
    let current = log.tables().values().find(|table| table.current);
    current.unwrap().columns.len()
}
