//! Rows and images that SQLite lends one after another come as if each had been stepped to: once, in their order, as they were.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

use connector_core::connector::Connector;
use connector_core::ingest::{IngestOptions, IngestionMessage, Ingestor, Until};
use connector_core::prelude::*;
use connector_core::{Field, Operation, Record};
use connector_sqlite::{Capture, Sqlite};
use rusqlite::Connection;

/// More columns than are in the log itself.
const WIDE: usize = 70;

fn make(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    let wide: Vec<String> = (1..WIDE).map(|place| format!("c{place}")).collect();
    let wide = wide.join(", ");
    connection
        .execute_batch(&format!(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER); CREATE TABLE u(id INTEGER PRIMARY KEY, a INTEGER);
             CREATE TABLE w(id INTEGER PRIMARY KEY, {wide});
             CREATE VIEW v AS SELECT t.a FROM t CROSS JOIN u ON u.a = t.a"
        ))
        .unwrap();
    connection
}

/// What a run tells, as `(table, what, id)`.
type Told = Vec<(usize, char, i64)>;

/// Everything that a run tells after `from`, and where it ended.
fn run(
    source: impl Connector + 'static,
    tables: &[&str],
    options: IngestOptions,
) -> (Told, Checkpoint) {
    let from = options.checkpoint.as_ref().map(Checkpoint::position);
    let (ingestor, messages) = Ingestor::initialize_channel(options);
    let tables = tables.iter().map(|name| TableInfo::select(*name)).collect();
    let running = std::thread::spawn(move || source.start(from, &ingestor, Some(tables)));
    let id = |record: &Record| match &record.values[0] {
        Field::Int(id) => *id,
        other => panic!("{other:?}"),
    };
    let (mut told, mut end) = (Vec::new(), Checkpoint::default());
    let mut last = (0, 0);
    for message in messages {
        match message {
            IngestionMessage::Operation {
                table,
                position,
                operation,
            } => {
                assert!(position > last, "{position:?} after {last:?}");
                last = position;
                told.push(match &operation {
                    Operation::Insert { new } => {
                        // Every row that is inserted has a value in its last column.
                        assert_ne!(new.values.last(), Some(&Field::Null));
                        (table, 'i', id(new))
                    }
                    Operation::Update { new, .. } => (table, 'u', id(new)),
                    Operation::Delete { old } => (table, 'd', id(old)),
                });
            }
            IngestionMessage::SnapshottingDone(reached) | IngestionMessage::Commit(reached) => {
                end = reached;
            }
            _ => {}
        }
    }
    running.join().unwrap().unwrap();
    (told, end)
}

#[test]
fn images_of_the_log_are_told_in_their_order_however_many_are_lent_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let writer = make(&path);
    let source = Sqlite::new(&path).with_capture(Capture::Triggers);
    let all = Source::get_tables(&source).unwrap();
    Source::prepare(&source, &all).unwrap();
    let tables = ["t", "u", "w"];
    let (told, begin) = run(source.clone(), &tables, until(Until::CaughtUp));
    assert_eq!(told, []);
    let mut expected = Vec::new();
    let mut next = 1;
    let mut write = |table: usize, what: char, many: i64| {
        let name = tables[table];
        writer.execute_batch("BEGIN").unwrap();
        for _ in 0..many {
            let (id, column) = (next, if table == 2 { "c69" } else { "a" });
            if what == 'i' {
                let sql = format!("INSERT INTO {name}(id, {column}) VALUES({id}, 7)");
                writer.execute_batch(&sql).unwrap();
                expected.push((table, 'i', id));
                next += 1;
            } else {
                let of = |sql: &str| {
                    writer
                        .query_row(sql, [], |row| row.get::<_, i64>(0))
                        .unwrap()
                };
                let id = of(&format!("SELECT max(id) FROM {name}"));
                let sql = if what == 'u' {
                    format!("UPDATE {name} SET {column} = 8 WHERE id = {id}")
                } else {
                    format!("DELETE FROM {name} WHERE id = {id}")
                };
                writer.execute_batch(&sql).unwrap();
                expected.push((table, what, id));
            }
        }
        writer.execute_batch("COMMIT").unwrap();
    };
    // Past the rows after which a lock is let go of, to them exactly, and one by one in turn.
    write(0, 'i', 2_500);
    for round in 0..40 {
        write(round % 3, 'i', 1 + i64::try_from(round % 4).unwrap());
    }
    // About as many as are needed for the first to be lent.
    for many in [63, 64, 65, 66, 130] {
        write(0, 'i', many);
        write(1, 'i', many);
    }
    write(0, 'u', 3);
    write(0, 'i', 1_023);
    write(1, 'i', 1);
    write(1, 'd', 1);
    write(1, 'i', 1_024);
    write(2, 'i', 1_100);
    write(2, 'u', 2);
    write(0, 'i', 1_025);
    write(0, 'd', 1);
    for largest in [None, Some(700)] {
        for batch_bytes in [1 << 10, 1 << 20] {
            let source = largest.map_or(source.clone(), |images| {
                source.clone().with_largest_group(images)
            });
            let options = IngestOptions {
                batch_bytes,
                checkpoint: Some(begin.clone()),
                ..until(Until::CaughtUp)
            };
            let (told, _) = run(source, &tables, options);
            assert!(told == expected, "{largest:?}, {batch_bytes}");
        }
    }
}

#[test]
fn a_view_tells_the_rows_that_it_makes_of_its_tables_and_not_those_that_it_reads() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let writer = make(&path);
    writer
        .execute_batch("INSERT INTO t(a) VALUES(1), (2), (3); INSERT INTO u(a) VALUES(3), (3), (4)")
        .unwrap();
    let (told, _) = run(Sqlite::new(&path), &["v", "t"], until(Until::Snapshot));
    let view = [(0, 'i', 3), (0, 'i', 3)];
    let table = (1..=3).map(|id| (1, 'i', id));
    assert_eq!(told, view.into_iter().chain(table).collect::<Told>());
}

/// A source of the file whose table becomes a view just before it is read.
#[derive(Debug, Clone)]
struct Replaced(Sqlite, PathBuf);

impl Source for Replaced {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Source::get_tables(&self.0)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let writer = Connection::open(&self.1).unwrap();
        writer
            .execute_batch(
                "ALTER TABLE t RENAME TO t_data;
                 CREATE VIEW t AS SELECT t_data.id, t_data.a FROM t_data CROSS JOIN u ON u.a = t_data.a",
            )
            .unwrap();
        self.0.changes(request)
    }
}

#[test]
fn a_table_that_is_a_view_when_it_is_read_tells_the_rows_of_the_view() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let writer = make(&path);
    writer
        .execute_batch(
            "DROP VIEW v; INSERT INTO t(a) VALUES(3), (1), (2); INSERT INTO u(a) VALUES(3), (3)",
        )
        .unwrap();
    let source = Replaced(Sqlite::new(&path), path);
    let (told, _) = run(source, &["t"], until(Until::Snapshot));
    assert_eq!(told, [(0, 'i', 1), (0, 'i', 1)]);
}

fn until(until: Until) -> IngestOptions {
    IngestOptions {
        until,
        ..IngestOptions::default()
    }
}
