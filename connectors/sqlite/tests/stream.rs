//! Whole runs from a followed file into a sink: what ends them, and what the next run says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use connector_core::pipeline::{Pipeline, Report, RunEvent, RunOptions};
use connector_core::prelude::*;
use connector_core::{Cancellation, Error, ErrorKind};
use connector_sqlite::{Capture, Sqlite, SqliteSink};
use rusqlite::Connection;

const SCHEMA: &str =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES(1, 'one')";

fn make(directory: &Path) -> (Connection, Sqlite) {
    let path = directory.join("source.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let source = Sqlite::new(&path).with_capture(Capture::Triggers);
    source.prepare(&source.get_tables().unwrap()).unwrap();
    (connection, source)
}

fn run(directory: &Path, source: &Sqlite, once: bool) -> Result<(), Error> {
    let options = RunOptions {
        once,
        ..RunOptions::default()
    };
    Pipeline::from(source.clone())
        .into(SqliteSink::new(directory.join("sink.db")).writer())
        .run_with(&options)
        .map(drop)
}

fn delivered(directory: &Path) -> i64 {
    Connection::open(directory.join("sink.db"))
        .and_then(|sink| sink.query_row("SELECT max(id) FROM t", [], |row| row.get(0)))
        .unwrap_or(0)
}

/// Follows the file, does something to it once the snapshot has arrived, and gives what ended the run.
fn stopped_by(directory: &Path, source: &Sqlite, act: impl FnOnce()) -> Error {
    thread::scope(|scope| {
        let running = scope.spawn(|| run(directory, source, false));
        let start = Instant::now();
        while delivered(directory) < 1 && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(100));
        act();
        while !running.is_finished() {
            assert!(start.elapsed() < Duration::from_secs(30), "the run goes on");
            thread::sleep(Duration::from_millis(20));
        }
        running.join().unwrap().unwrap_err()
    })
}

#[test]
fn columns_that_change_while_a_table_is_followed_end_the_run_and_are_named() {
    for (sql, said) in [
        (
            "ALTER TABLE t RENAME COLUMN a TO c",
            "column `a` is now `c`",
        ),
        ("ALTER TABLE t RENAME TO u", "table `t` was renamed to `u`"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let (writer, source) = make(directory.path());
        let error = stopped_by(directory.path(), &source, || {
            writer.execute_batch(sql).unwrap();
            writer
                .execute_batch("INSERT INTO t(id) VALUES(2)")
                .or_else(|_| writer.execute_batch("INSERT INTO u(id) VALUES(2)"))
                .unwrap();
        });
        assert_eq!(error.kind(), ErrorKind::Drift, "{error}");
        assert!(format!("{error:?}").contains(said), "{error:?}");
        assert_eq!(delivered(directory.path()), 1, "{sql}");
    }
}

/// Stops the run as soon as rows are written: by then the source is no further ahead than the queue is long.
#[derive(Debug)]
struct Interrupted(Cancellation);

impl Report for Interrupted {
    fn event(&self, event: &RunEvent<'_>) {
        if let RunEvent::Written { .. } = event {
            self.0.cancel();
        }
    }
}

#[test]
fn a_run_that_is_stopped_again_and_again_gets_on_where_groups_are_cut() {
    for (largest, one) in [(None, true), (Some(1000), false)] {
        let directory = tempfile::tempdir().unwrap();
        let (writer, sqlite) = make(directory.path());
        run(directory.path(), &sqlite, true).unwrap();
        writer
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                 INSERT INTO t SELECT i, 'x' FROM n",
            )
            .unwrap();
        let mut reached = vec![1];
        while reached[reached.len() - 1] < 10000 {
            let sqlite = largest.map_or(sqlite.clone(), |images| {
                sqlite.clone().with_largest_group(images)
            });
            let cancellation = Cancellation::new();
            let options = RunOptions {
                once: true,
                report: Arc::new(Interrupted(cancellation.clone())),
                cancellation,
            };
            Pipeline::from(sqlite)
                .memory(1 << 14)
                .batch_bytes(1 << 12)
                .into(SqliteSink::new(directory.path().join("sink.db")).writer())
                .run_with(&options)
                .unwrap();
            let now = delivered(directory.path());
            assert!(now > reached[reached.len() - 1], "{now} after {reached:?}");
            reached.push(now);
        }
        // Whole groups alone are stored.
        assert_eq!(reached.len() == 2, one, "{reached:?}");
        assert!(
            one || reached.iter().all(|at| at % 1000 <= 1),
            "{reached:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_or_removed_while_it_is_followed_ends_the_run() {
    for removed in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let (writer, source) = make(directory.path());
        drop(writer);
        let path = directory.path().join("source.db");
        let other = directory.path().join("other.db");
        std::fs::copy(&path, &other).unwrap();
        let error = stopped_by(directory.path(), &source, || {
            if removed {
                std::fs::remove_file(&path).unwrap();
            } else {
                std::fs::rename(&other, &path).unwrap();
            }
        });
        let said = if removed {
            "was removed"
        } else {
            "replaced by another one"
        };
        assert!(format!("{error:?}").contains(said), "{error:?}");
    }
}

#[test]
fn a_restored_backup_that_was_written_to_since_ends_the_next_run() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(directory.path());
    run(directory.path(), &source, true).unwrap();
    let (path, backup) = (
        directory.path().join("source.db"),
        directory.path().join("backup.db"),
    );
    std::fs::copy(&path, &backup).unwrap();
    writer
        .execute_batch("INSERT INTO t VALUES(2, 'two')")
        .unwrap();
    run(directory.path(), &source, true).unwrap();
    assert_eq!(delivered(directory.path()), 2);
    drop(writer);
    std::fs::copy(&backup, &path).unwrap();
    let writer = Connection::open(&path).unwrap();
    for id in 3..9 {
        writer
            .execute("INSERT INTO t VALUES(?1, 'other')", [id])
            .unwrap();
    }
    let error = run(directory.path(), &source, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost, "{error}");
    assert_eq!(delivered(directory.path()), 2);
}

#[test]
fn a_table_created_anew_while_nobody_looked_ends_the_next_run() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(directory.path());
    run(directory.path(), &source, true).unwrap();
    writer
        .execute_batch(&format!("DROP TABLE t; {SCHEMA}"))
        .unwrap();
    let done = source.prepare(&source.get_tables().unwrap()).unwrap();
    assert!(done.concat().contains("dozer app reset"), "{done:?}");
    let error = run(directory.path(), &source, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost, "{error}");
}

#[test]
fn cleaning_names_the_readers_that_it_removed() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(directory.path());
    connector_sqlite::capture::register_reader(
        &writer,
        "warehouse",
        connector_sqlite::Patience::default(),
    )
    .unwrap();
    let done = source.clean().unwrap();
    assert_eq!(done.len(), 2, "{done:?}");
    assert!(done.concat().contains("`warehouse`"), "{done:?}");
    assert_eq!(source.clean().unwrap(), Vec::<String>::new());
}

#[test]
fn what_operators_read_names_the_commands() {
    let directory = tempfile::tempdir().unwrap();
    let error = Sqlite::new(directory.path()).get_tables().unwrap_err();
    assert!(error.message().contains("is a directory"), "{error}");
    let (_writer, source) = make(directory.path());
    source.clean().unwrap();
    let error = run(directory.path(), &source, true).unwrap_err();
    assert!(
        format!("{error:?}").contains("`dozer migrate`"),
        "{error:?}"
    );
}

#[test]
fn a_writer_that_rolls_back_is_not_taken_for_a_killed_one() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(directory.path());
    let source = source.with_capture(Capture::None);
    let over = Cancellation::new();
    thread::scope(|scope| {
        let told = over.clone();
        scope.spawn(move || {
            while !told.is_cancelled() {
                writer
                    .execute_batch("BEGIN IMMEDIATE; UPDATE t SET a = a || 'x'; ROLLBACK")
                    .unwrap();
            }
        });
        let read = (0..1000).try_for_each(|_| source.get_tables().map(drop));
        over.cancel();
        read.unwrap();
    });
}
