//! What SQLite puts out of reach: each limit that `CAPTURE.md` lists is as it says.

use connector_sqlite::capture::install;
use rusqlite::Connection;
use rusqlite::types::Null;

use crate::model::{Change, changes, patience};

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

#[test]
fn inserts_replacements_updates_and_deletes_need_no_temporary_table() {
    let (connection, _) = captured(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b TEXT COLLATE NOCASE UNIQUE, c);
         CREATE UNIQUE INDEX partial ON t(c) WHERE b > '';
         CREATE UNIQUE INDEX expression ON t(lower(c))",
    );
    for sql in [
        "INSERT INTO t VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET a = excluded.a, c = excluded.c",
        "INSERT OR REPLACE INTO t VALUES(?1, ?2, ?3, ?4)",
        "UPDATE t SET a = ?1, b = ?2, c = ?3 WHERE id = ?4",
        "DELETE FROM t WHERE id = ?1 AND (a, b, c) > (?2, ?3, ?4)",
    ] {
        let mut statement = connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
        let codes: Vec<String> = statement
            .query_map([Null; 4], |row| row.get("opcode"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        // The programs of the triggers follow the statement's own; each begins with `Init`.
        let triggers: Vec<_> = codes.split(|code| code == "Init").skip(2).collect();
        assert!(!triggers.is_empty(), "{sql}");
        let scratch = ["OpenEphemeral", "OpenAutoindex", "SorterOpen"];
        let used: Vec<_> = triggers
            .concat()
            .into_iter()
            .filter(|code| scratch.contains(&code.as_str()))
            .collect();
        assert!(used.is_empty(), "{sql}: {used:?}");
    }
}

#[test]
fn a_row_that_was_kept_many_times_is_logged_once_when_it_is_evicted() {
    let (connection, at) = captured("CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b)");
    let mut replay = crate::model::Replay::new(&connection, &["t"]);
    connection
        .execute_batch("INSERT INTO t VALUES(1, 'one', 0), (2, 'two', 0), (3, 'three', 0)")
        .unwrap();
    for round in 0..20 {
        connection
            .execute_batch(&format!(
                "INSERT INTO t VALUES(1, 'two', {round}) ON CONFLICT(id) DO UPDATE SET b = {round};
                 INSERT OR IGNORE INTO t VALUES(3, 'one', 0)"
            ))
            .unwrap();
    }
    let kept: i64 = connection
        .query_row("SELECT count(*) FROM _dozer_evict_1", [], |row| row.get(0))
        .unwrap();
    assert!((1..=10).contains(&kept), "{kept} copies are left");
    connection
        .execute_batch("INSERT OR REPLACE INTO t VALUES(3, 'one', 1); DELETE FROM t WHERE id = 2")
        .unwrap();
    let (found, _) = changes(&connection, at);
    let deleted = found
        .iter()
        .filter(|(_, change)| matches!(change, Change::Delete(_)));
    assert_eq!(deleted.count(), 3);
    replay.check(&connection, &found).unwrap();
    let kept: i64 = connection
        .query_row("SELECT count(*) FROM _dozer_evict_1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0, "no row that is gone is kept");
}
