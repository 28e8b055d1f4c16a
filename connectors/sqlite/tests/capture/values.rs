//! Values and widths that a log in JSON or with typed columns would lose.

use connector_sqlite::capture::{Log, install};
use rusqlite::Connection;

use crate::model::{Change, Replay, changes, patience, rows};

#[test]
fn every_storage_class_is_kept_whatever_the_declared_type() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, i INTEGER, r REAL, n NUMERIC, x TEXT, b BLOB, u)").unwrap();
    install(&connection, &["t"], patience()).unwrap();
    let values = [
        "NULL",
        "1",
        "-9223372036854775808",
        "9223372036854775807",
        "1.0",
        "1e308",
        "9e999",
        "-9e999",
        "'1.0'",
        "'a' || char(0) || 'b'",
        "''",
        "x''",
        "x'00ff00'",
        "zeroblob(70000)",
        "CAST(x'ff41' AS TEXT)",
        "0.1",
        "1e15",
    ];
    let mut replay = Replay::new(&connection, &["t"]);
    for value in values {
        connection
            .execute_batch(&format!(
                "INSERT INTO t(i, r, n, x, b, u) VALUES({value}, {value}, {value}, {value}, {value}, {value})"
            ))
            .unwrap();
    }
    connection.execute_batch("UPDATE t SET u = x, x = u; DELETE FROM t WHERE k % 3 = 0; INSERT OR REPLACE INTO t(k, u) SELECT k, x FROM t").unwrap();
    let changes = changes(&connection, 0).0;
    assert!(changes.len() > 3 * values.len());
    replay.check(&connection, &changes).unwrap();
}

#[test]
fn tables_of_many_columns_are_captured_whole() {
    for width in [64, 65, 1997] {
        let connection = Connection::open_in_memory().unwrap();
        let columns: Vec<_> = (0..width).map(|n| format!("a{n}")).collect();
        let last = width - 1;
        connection.execute_batch(&format!(
            "CREATE TABLE wide({}); CREATE UNIQUE INDEX i ON wide(a{last}); CREATE UNIQUE INDEX j ON wide(a0); CREATE TABLE slim(a)",
            columns.join(", ")
        )).unwrap();
        install(&connection, &["slim", "wide"], patience()).unwrap();
        let mut replay = Replay::new(&connection, &["slim", "wide"]);
        let row = |start: usize| {
            (start..start + width)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        connection.execute_batch(&format!(
            "INSERT INTO wide VALUES({}), ({}), ({}); INSERT INTO slim VALUES(1); DELETE FROM wide WHERE a0 = 9000;
             UPDATE wide SET a{last} = 'last', a1 = 'one' WHERE a0 = 0;
             INSERT OR REPLACE INTO wide(a0, a{last}) VALUES(5000, 'last'); UPDATE OR REPLACE wide SET a0 = 1",
            row(0), row(5000), row(9000)
        )).unwrap();
        let changes = changes(&connection, 0).0;
        let deleted = changes
            .iter()
            .filter(|(_, change)| matches!(change, Change::Delete(_)))
            .count();
        assert!(deleted >= 3, "both rows were evicted at once: {deleted}");
        replay.check(&connection, &changes).unwrap();
        assert_eq!(rows(&connection, "wide").len(), 1);
    }
}

#[test]
fn a_table_too_wide_to_be_captured_is_refused() {
    let connection = Connection::open_in_memory().unwrap();
    let columns: Vec<_> = (0..1998).map(|n| format!("a{n}")).collect();
    connection
        .execute_batch(&format!("CREATE TABLE t({})", columns.join(", ")))
        .unwrap();
    let error = install(&connection, &["t"], patience()).unwrap_err();
    assert!(error.message().contains("1998"), "{error}");
}

#[test]
fn a_cursor_that_lets_go_of_its_lock_goes_on_where_it_stopped() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t(a)").unwrap();
    install(&connection, &["t"], patience()).unwrap();
    connection.execute_batch("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i FROM n").unwrap();
    let mut log = Log::open(&connection, None, &[]).unwrap();
    let to = log.next_boundary(0, patience()).unwrap().unwrap();
    let mut cursor = log.changes(0, to).unwrap();
    let mut seen = 0;
    while let Some(row) = cursor.next_row().unwrap() {
        assert_eq!(row.lsn, seen + 2, "the first row is the log's own");
        seen += 1;
        if seen % 700 == 0 {
            cursor.release().unwrap();
        }
    }
    assert_eq!(seen, 5001);
}
