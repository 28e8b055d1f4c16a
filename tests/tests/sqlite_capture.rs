//! SQLite with captured changes under the suite, and into the SQLite sink.

use std::path::Path;

use connector_conformance::Subject;
use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::prelude::*;
use connector_sqlite::{Capture, Sqlite, SqliteSink};
use rusqlite::Connection;

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL, born DATE, photo BLOB);
    CREATE TABLE tag(a TEXT, b INTEGER);
    CREATE TABLE \"odd \"\"name\"(\"a b\" TEXT, \"select\" INT, PRIMARY KEY(\"select\", \"a b\")) WITHOUT ROWID;
    INSERT INTO person VALUES(1, 'Ada', 1.65, '1815-12-10', x'00ff'), (2, 'Grace', NULL, NULL, NULL);
    INSERT INTO tag VALUES('x', 1), ('x', 1), (NULL, NULL);
";

const CHANGES: [&str; 7] = [
    "INSERT INTO person(id, name) VALUES(3, 'Edith'), (4, 'Jean')",
    "UPDATE person SET height = 1.7 WHERE id < 3; DELETE FROM tag WHERE rowid = 1",
    "UPDATE person SET id = id + 100",
    "INSERT OR REPLACE INTO person(id, name) VALUES(101, 'Ada L.')",
    "INSERT INTO \"odd \"\"name\" VALUES('ä', 1), ('b', 2); DELETE FROM tag",
    "UPDATE \"odd \"\"name\" SET \"select\" = 7 WHERE \"a b\" = 'b'; INSERT INTO tag VALUES('y', 2), ('y', 2)",
    "DELETE FROM person WHERE id = 102; INSERT INTO person(id, name) VALUES(102, 'again')",
];

fn make(path: &Path) -> (Connection, Sqlite) {
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let source = Sqlite::new(path).with_capture(Capture::Triggers);
    source.prepare(&source.get_tables().unwrap()).unwrap();
    (connection, source)
}

fn once() -> RunOptions {
    RunOptions {
        once: true,
        ..RunOptions::default()
    }
}

/// What `sqlite3` would print for a table: every value quoted as SQL, in an order of its own.
fn dump(path: &Path, table: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let name = connector_sqlite::identifier(table);
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info(?1)")
        .unwrap()
        .query_map([table], |row| row.get::<_, String>(0))
        .unwrap()
        .map(|column| format!("quote({})", connector_sqlite::identifier(&column.unwrap())))
        .collect();
    let sql = format!(
        "SELECT {} AS line FROM {name} ORDER BY line",
        columns.join(" || ',' || ")
    );
    let mut statement = connection.prepare(&sql).unwrap();
    statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn a_snapshot_then_every_change_arrives_in_the_sink() {
    let directory = tempfile::tempdir().unwrap();
    let (source_file, sink_file) = (
        directory.path().join("source.db"),
        directory.path().join("sink.db"),
    );
    let (writer, source) = make(&source_file);
    let run = || {
        Pipeline::from(source.clone())
            .into(SqliteSink::new(&sink_file).writer())
            .run_with(&once())
            .unwrap()
    };
    let equal = |after: &str| {
        for table in ["person", "tag", "odd \"name"] {
            assert_eq!(
                dump(&sink_file, table),
                dump(&source_file, table),
                "table {table} after {after}"
            );
        }
    };
    run();
    equal("the snapshot");
    for change in CHANGES {
        writer
            .execute_batch(&format!("BEGIN; {change}; COMMIT"))
            .unwrap();
        run();
        equal(change);
    }
}

#[test]
fn it_resumes_after_every_change() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(&directory.path().join("source.db"));
    // A reader that holds the log, so that every run finds every change: registered by a first snapshot.
    let subject = Subject::new(source.clone());
    let start = subject.messages(None).unwrap();
    assert!(!start.is_empty());
    for change in CHANGES {
        writer
            .execute_batch(&format!("BEGIN; {change}; COMMIT"))
            .unwrap();
    }
    let connector_core::ingest::IngestionMessage::SnapshottingDone(snapshot) =
        start.last().unwrap()
    else {
        panic!("the snapshot did not end: {start:?}");
    };
    assert_eq!(
        subject
            .resumes_at_every_position_from(Some(snapshot.clone()))
            .unwrap(),
        20
    );
}

#[test]
fn it_survives_a_break_at_every_step_of_a_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let (_writer, source) = make(&directory.path().join("source.db"));
    assert!(Subject::new(source).survives_every_break().unwrap() >= 10);
}

#[test]
fn it_survives_a_break_at_every_step_among_changes() {
    let directory = tempfile::tempdir().unwrap();
    let (writer, source) = make(&directory.path().join("source.db"));
    let subject = Subject::new(source);
    // Another reader, which confirms nothing: the log is kept for every run.
    subject.clone().read_as("another").messages(None).unwrap();
    let snapshot = subject.stores().unwrap();
    for change in CHANGES {
        writer
            .execute_batch(&format!("BEGIN; {change}; COMMIT"))
            .unwrap();
    }
    assert!(subject.survives_every_break_from(&snapshot).unwrap() >= 20);
}

#[test]
fn typed_rows_leave_no_reader_in_the_file() {
    #[derive(Debug, PartialEq, DozerSource)]
    #[dozer(table = "person")]
    struct Person {
        #[dozer(primary_key)]
        id: i64,
        name: String,
    }

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("source.db");
    let (writer, source) = make(&file);
    let names: Vec<String> = source
        .rows::<Person>()
        .unwrap()
        .map(|person| person.unwrap().name)
        .collect();
    assert_eq!(names, ["Ada", "Grace"]);
    let readers: i64 = writer
        .query_row("SELECT count(*) FROM _dozer_readers", [], |row| row.get(0))
        .unwrap();
    assert_eq!(readers, 0);
}
