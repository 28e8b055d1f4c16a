//! What SQLite puts out of reach: each limit that `CAPTURE.md` lists is as it says.

use connector_sqlite::capture::install;
use rusqlite::Connection;

use crate::model::{changes, patience};

fn captured(sql: &str) -> (Connection, u64) {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    install(&connection, &["t"], patience()).unwrap();
    let (_, at) = changes(&connection, 0);
    (connection, at)
}

#[test]
fn a_captured_column_cannot_be_dropped_but_the_table_can() {
    let (connection, _) = captured("CREATE TABLE t(a, b)");
    let error = connection
        .execute_batch("ALTER TABLE t DROP COLUMN b")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("_dozer_1_"),
        "the message names the trigger: {error}"
    );
    connection
        .execute_batch("ALTER TABLE t ADD COLUMN c; ALTER TABLE t DROP COLUMN c; DROP TABLE t")
        .unwrap();
}

#[test]
fn changes_below_the_triggers_are_not_seen() {
    let (connection, at) = captured("CREATE TABLE t(a)");
    connection
        .set_db_config(
            rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
            false,
        )
        .unwrap();
    connection.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert_eq!(changes(&connection, at).0, []);
}

#[test]
fn total_changes_counts_the_log_but_changes_does_not() {
    let (connection, _) = captured("CREATE TABLE t(a)");
    let before = connection.total_changes();
    connection
        .execute_batch("INSERT INTO t VALUES(1), (2)")
        .unwrap();
    assert_eq!(
        (connection.changes(), connection.total_changes() - before),
        (2, 4)
    );
}

#[test]
fn a_table_whose_rows_cannot_be_told_apart_is_refused_only_if_rows_can_be_replaced() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE a(rowid, oid, _rowid_); CREATE TABLE b(rowid UNIQUE, oid, _rowid_);
             CREATE TABLE c(rowid NOT NULL UNIQUE, oid UNIQUE, _rowid_)",
        )
        .unwrap();
    install(&connection, &["a", "c"], patience()).unwrap();
    let error = install(&connection, &["b"], patience()).unwrap_err();
    assert!(error.message().contains("hide"), "{error}");
    let mut replay = crate::model::Replay::new(&connection, &["a", "c"]);
    connection
        .execute_batch(
            "INSERT INTO a VALUES(1, 1, 1), (1, 1, 1); UPDATE a SET oid = 2; DELETE FROM a WHERE rowid = 1;
             INSERT INTO c VALUES(1, 1, 1), (2, 2, 2); INSERT OR REPLACE INTO c VALUES(1, 2, 3)",
        )
        .unwrap();
    replay
        .check(&connection, &changes(&connection, 0).0)
        .unwrap();
}
