//! A snapshot read by several connections shows one committed state, whatever others write meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::prelude::*;
use connector_core::{Phase, RowOp};
use connector_sqlite::{Capture, Sqlite};
use rusqlite::Connection;

/// How many rows each of the two tables has in every committed state.
const ROWS: i64 = 2_500;
/// From this number on a row of a snapshot is of a part.
const PART: u64 = 1 << 40;

/// Two tables with the same ids, large enough to be read in parts.
fn make(path: &Path, mode: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = {mode}; PRAGMA synchronous = OFF;
             CREATE TABLE a(id INTEGER PRIMARY KEY, content BLOB);
             CREATE TABLE b(id INTEGER PRIMARY KEY, content BLOB);
             BEGIN;
             WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {ROWS})
             INSERT INTO a SELECT value, zeroblob(4000) FROM n;
             INSERT INTO b SELECT id, content FROM a;
             COMMIT"
        ))
        .unwrap();
    connection
}

/// Moves both tables on by one id in each transaction, until told to stop.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Writer {
    fn start(connection: Connection) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let write = move || {
            let mut commits = 0;
            while !stopped.load(Ordering::Relaxed) {
                // Busy is no failure: in a rollback journal a reader keeps writers waiting.
                let moved = connection.execute_batch(
                    "BEGIN IMMEDIATE;
                     INSERT INTO a SELECT max(id) + 1, zeroblob(4000) FROM a;
                     INSERT INTO b SELECT max(id) + 1, zeroblob(4000) FROM b;
                     DELETE FROM a WHERE id = (SELECT min(id) FROM a);
                     DELETE FROM b WHERE id = (SELECT min(id) FROM b);
                     COMMIT",
                );
                match moved {
                    Ok(()) => commits += 1,
                    Err(_) => connection.execute_batch("ROLLBACK").unwrap_or(()),
                }
                std::thread::sleep(Duration::from_millis(3));
            }
            commits
        };
        Self {
            stop,
            thread: Some(std::thread::spawn(write)),
        }
    }

    fn stop(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap()
    }
}

/// What a run has delivered.
#[derive(Debug, Default)]
struct Seen {
    ids: [BTreeSet<i64>; 2],
    in_parts: bool,
    end: Checkpoint,
}

fn run(source: Sqlite, options: IngestOptions, seen: &mut Seen) {
    let from = options.checkpoint.as_ref().map(Checkpoint::position);
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let tables = vec![TableInfo::select("a"), TableInfo::select("b")];
    let start = move || source.start(from, &ingestor, Some(tables));
    let source = std::thread::spawn(start);
    while let Some(delivery) = deliveries.next_delivery() {
        seen.end = delivery.end().clone();
        let Delivery::Batch(batch) = delivery else {
            continue;
        };
        for rows in &batch.tables {
            let ids = &mut seen.ids[rows.table];
            for (row, op) in rows.ops.iter().enumerate() {
                let Value::Int(id) = rows.columns[0].value(row) else {
                    panic!("an id is a whole number");
                };
                let first = match op {
                    RowOp::Delete => ids.remove(&id),
                    _ => ids.insert(id),
                };
                assert!(first, "{op:?} of id {id} came twice");
                seen.in_parts |= batch.phase == Phase::Snapshot && rows.seq[row] > PART;
            }
        }
    }
    drop(deliveries);
    source.join().unwrap().unwrap();
}

fn snapshots_beside_a_writer(mode: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let writer = Writer::start(make(&path, mode));
    let mut in_parts = 0;
    for _ in 0..6 {
        let mut seen = Seen::default();
        let options = IngestOptions {
            until: Until::Snapshot,
            ..IngestOptions::default()
        };
        run(
            Sqlite::new(&path).with_snapshot_connections(3),
            options,
            &mut seen,
        );
        let [a, b] = &seen.ids;
        assert_eq!(a, b);
        let span = a.last().unwrap() - a.first().unwrap() + 1;
        assert_eq!((i64::try_from(a.len()).unwrap(), span), (ROWS, ROWS));
        in_parts += usize::from(seen.in_parts);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(in_parts > 0, "no snapshot was read in parts");
    assert!(writer.stop() > 5);
}

#[test]
fn all_parts_show_one_state_beside_a_writer_in_wal_mode() {
    snapshots_beside_a_writer("wal");
}

#[test]
fn all_parts_show_one_state_beside_a_writer_with_a_rollback_journal() {
    snapshots_beside_a_writer("delete");
}

#[test]
fn the_changes_after_a_snapshot_in_parts_complete_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let connection = make(&path, "wal");
    let source = Sqlite::new(&path)
        .with_capture(Capture::Triggers)
        .with_snapshot_connections(3);
    Source::prepare(&source, &[TableInfo::select("a"), TableInfo::select("b")]).unwrap();
    let writer = Writer::start(connection);
    let mut in_parts = 0;
    for _ in 0..4 {
        let mut seen = Seen::default();
        let until = |checkpoint, until| IngestOptions {
            checkpoint,
            until,
            ..IngestOptions::default()
        };
        run(source.clone(), until(None, Until::CaughtUp), &mut seen);
        in_parts += usize::from(seen.in_parts);
        let after = Some(seen.end.clone());
        run(source.clone(), until(after, Until::CaughtUp), &mut seen);
        let [a, b] = &seen.ids;
        assert_eq!(a, b);
        let span = a.last().unwrap() - a.first().unwrap() + 1;
        assert_eq!((i64::try_from(a.len()).unwrap(), span), (ROWS, ROWS));
    }
    assert!(in_parts > 0, "no snapshot was read in parts");
    assert!(writer.stop() > 5);
}

#[test]
fn tables_without_rowids_and_views_are_read_whole_and_every_row_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let connection = make(&path, "wal");
    connection
        .execute_batch(
            "ALTER TABLE b RENAME TO c;
             CREATE TABLE b(id INTEGER, content BLOB, PRIMARY KEY(id)) WITHOUT ROWID;
             INSERT INTO b SELECT id, NULL FROM c;
             ALTER TABLE a RENAME TO d;
             CREATE VIEW a AS SELECT id, content FROM d",
        )
        .unwrap();
    let mut seen = Seen::default();
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    run(
        Sqlite::new(&path).with_snapshot_connections(3),
        options,
        &mut seen,
    );
    assert!(seen.in_parts);
    let all: BTreeSet<i64> = (1..=ROWS).collect();
    assert_eq!(seen.ids, [all.clone(), all]);
}
