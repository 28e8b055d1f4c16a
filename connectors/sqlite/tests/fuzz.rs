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
use connector_sqlite::{Capture, Sqlite, SqliteType, identifier};
use rusqlite::types::Value;
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

/// A directory in memory where the system has one: each input is written and synced several times.
fn directory() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        return tempfile::tempdir_in(memory).unwrap();
    }
    tempfile::tempdir().unwrap()
}

/// Every column of every table that the capture keeps.
fn columns_of_the_capture(connection: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c
        WHERE s.type = 'table' AND s.name LIKE '\\_dozer%' ESCAPE '\\' ORDER BY 1, c.cid";
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    columns.unwrap().map(Result::unwrap).collect()
}

/// One value of the capture is overwritten: the first bytes choose its column, its row and its kind, the rest is the value.
fn overwrite(connection: &Connection, columns: &[(String, String)], bytes: &[u8]) {
    let byte = |place: usize| usize::from(bytes.get(place).copied().unwrap_or(0));
    let value = bytes.get(3..).unwrap_or_default();
    let text = String::from_utf8_lossy(value).into_owned();
    let number = || {
        let first = value.iter().take(8);
        first.fold(0_i64, |number, byte| number << 8 | i64::from(*byte))
    };
    let stored = match byte(2) % 5 {
        0 => Value::Text(text),
        1 => Value::Blob(value.to_vec()),
        2 => Value::Integer(text.parse().unwrap_or_else(|_| number())),
        3 => Value::Real(text.parse().unwrap_or(1e300)),
        _ => Value::Null,
    };
    let (table, column) = columns.get(byte(0) % columns.len()).unwrap();
    let (table, column) = (identifier(table), identifier(column));
    let row = format!("(SELECT rowid FROM {table} LIMIT 1 OFFSET {})", byte(1) % 6);
    // A value that the schema refuses was not written; a table without row ids has one row.
    let whole = format!("UPDATE OR REPLACE {table} SET {column} = ?1");
    if connection
        .execute(&format!("{whole} WHERE rowid = {row}"), params![stored])
        .is_err()
    {
        let _ = connection.execute(&whole, params![stored]);
    }
}

#[test]
fn a_change_log() {
    let directory = directory();
    let whole = directory.path().join("whole.db");
    let checkpoint = captured(&whole);
    let damaged = directory.path().join("damaged.db");
    let columns = columns_of_the_capture(&Connection::open(&whole).unwrap());
    assert!(columns.len() > 15, "{columns:?}");
    // Each column once with each kind of value, then mutations of those.
    let seeds: Vec<Vec<u8>> = (0..columns.len())
        .flat_map(|column| {
            let column = u8::try_from(column).unwrap();
            let values: [&[u8]; 5] = [b"one", b"\xff\0", b"-1", b"1.5", b""];
            values
                .into_iter()
                .zip(0..)
                .map(move |(value, kind)| [&[column, column, kind], value].concat())
        })
        .collect();
    let tried = survives_some(1_000, "a change log", seeds, move |bytes| {
        let _whole = &directory;
        std::fs::copy(&whole, &damaged).unwrap();
        let connection = Connection::open(&damaged).unwrap();
        overwrite(&connection, &columns, bytes);
        drop(connection);
        let source = Sqlite::new(&damaged).with_capture(Capture::Triggers);
        let _ = Subject::new(source).messages(Some(checkpoint.clone()));
    });
    assert!(tried >= 1_000, "{tried}");
}

#[test]
fn a_database_file() {
    let directory = directory();
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
