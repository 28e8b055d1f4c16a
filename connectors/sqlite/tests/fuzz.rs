//! No name of a type, no change log and no database file makes the reader panic, hang, or take memory without bound.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use connector_conformance::Subject;
use connector_conformance::fuzz::{survives, survives_some};
use connector_core::connector::Connector as _;
use connector_core::{Checkpoint, ColumnTypes as _};
use connector_sqlite::{Capture, Sqlite, SqliteType};
use rusqlite::{Connection, params};

#[test]
fn a_declared_type() {
    let names = SqliteType::ENTRIES.iter().flat_map(|entry| entry.names);
    let seeds = names.map(|name| name.as_bytes().to_vec()).collect();
    let tried = survives("the name of a type", seeds, |bytes| {
        if let Ok(name) = std::str::from_utf8(bytes) {
            let _ = SqliteType::declared(name).field_type();
        }
    });
    assert!(tried >= 2000, "{tried}");
}

/// A captured file with a few changes in its log, and where a reader of it stands.
fn captured(path: &std::path::Path) -> Checkpoint {
    let writer = Connection::open(path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, at TIMESTAMP, d DECIMAL(5,2)); INSERT INTO t VALUES(1, 'one', 0, 1)",
        )
        .unwrap();
    let source = Sqlite::new(path).with_capture(Capture::Triggers);
    let tables = source.get_tables(None).unwrap();
    source.prepare(&tables).unwrap();
    let told = Subject::new(source).messages(None).unwrap();
    writer
        .execute_batch(
            "INSERT INTO t VALUES(2, 'two', '2024-01-01', 1.5); UPDATE t SET a = 'x'; DELETE FROM t WHERE id = 1",
        )
        .unwrap();
    told.iter()
        .find_map(|message| match message {
            connector_core::ingest::IngestionMessage::SnapshottingDone(end) => Some(end.clone()),
            _ => None,
        })
        .unwrap()
}

#[test]
fn a_change_log() {
    let directory = tempfile::tempdir().unwrap();
    let whole = directory.path().join("whole.db");
    let checkpoint = captured(&whole);
    let damaged = directory.path().join("damaged.db");
    // What is written over a value of the log: its first byte chooses the place, the rest is the value.
    let seeds = [
        "0one",
        "1two",
        "2-1",
        "3NULL",
        "4\u{0}",
        "5999999999999999999999",
    ];
    let seeds = seeds.map(|text| text.as_bytes().to_vec()).into();
    survives_some(80, "a change log", seeds, move |bytes| {
        let _whole = &directory;
        std::fs::copy(&whole, &damaged).unwrap();
        let (place, value) = bytes.split_first().unwrap_or((&0, &[]));
        let places = [
            "UPDATE _dozer_log SET tbl = ?1 WHERE id = 1 + (SELECT min(id) FROM _dozer_log)",
            "UPDATE _dozer_log SET op = ?1 WHERE id > 1",
            "UPDATE _dozer_groups SET token = ?1",
            "UPDATE _dozer_groups SET lsn = CAST(?1 AS INTEGER)",
            "UPDATE _dozer_log SET id = CAST(?1 AS INTEGER) WHERE id = (SELECT max(id) FROM _dozer_log)",
            "UPDATE _dozer_meta SET incarnation = ?1",
            "UPDATE _dozer_readers SET lsn = CAST(?1 AS INTEGER)",
        ];
        let connection = Connection::open(&damaged).unwrap();
        let sql = places.get(usize::from(*place) % places.len()).unwrap();
        let text = String::from_utf8_lossy(value);
        // A value that the schema refuses was not written.
        let _ = connection.execute(sql, params![text]);
        drop(connection);
        let source = Sqlite::new(&damaged).with_capture(Capture::Triggers);
        let _ = Subject::new(source).messages(Some(checkpoint.clone()));
    });
}

#[test]
fn a_database_file() {
    let directory = tempfile::tempdir().unwrap();
    let whole = directory.path().join("whole.db");
    captured(&whole);
    let seed = std::fs::read(&whole).unwrap();
    let damaged = directory.path().join("damaged.db");
    survives("a database file", vec![seed], move |bytes| {
        let _whole = &directory;
        std::fs::write(&damaged, bytes).unwrap();
        let source = Sqlite::new(&damaged);
        let _ = source.get_schemas(None);
        let _ = Subject::new(source).messages(None);
    });
}
