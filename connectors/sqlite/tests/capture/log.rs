//! Reading while others write: boundaries, readers, pruning, waking, other processes.

use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use connector_core::ErrorKind;
use connector_sqlite::capture::{
    DataVersion, Log, Snapshot, confirm, install, register_reader, remove_reader, state,
};
use connector_sqlite::{Access, Patience, open, retry};
use rusqlite::Connection;

use crate::model::{Replay, changes, groups, patience};

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn file(directory: &Path, journal: &str, sql: &str) -> Connection {
    let connection = Connection::open(directory.join("a.db")).unwrap();
    connection
        .execute_batch(&format!("PRAGMA journal_mode = {journal}; {sql}"))
        .unwrap();
    connection
}

fn again(directory: &Path) -> Connection {
    open(directory.join("a.db"), Access::ReadWrite).unwrap()
}

#[test]
fn a_group_is_the_same_at_every_reading_and_for_every_reader() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let reader = again(directory.path());
    let mut log = Log::open(&reader, None, &[]).unwrap();
    let mut boundaries = vec![0];
    for n in 1..5 {
        for _ in 0..n {
            writer.execute_batch("INSERT INTO t VALUES(1)").unwrap();
        }
        let last = *boundaries.last().unwrap();
        boundaries.push(log.next_boundary(last, patience()).unwrap().unwrap());
    }
    let other = again(directory.path());
    let mut log = Log::open(&other, None, &[]).unwrap();
    for pair in boundaries.windows(2) {
        assert_eq!(
            log.next_boundary(pair[0], patience()).unwrap(),
            Some(pair[1])
        );
        assert_eq!(
            log.next_boundary(pair[1] - 1, patience()).unwrap(),
            Some(pair[1])
        );
    }
    let last = *boundaries.last().unwrap();
    assert_eq!(log.next_boundary(last, patience()).unwrap(), None);
    let error = log.next_boundary(last + 1, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost);
}

#[test]
fn a_group_that_is_too_large_is_cut_between_two_changes() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let (_, start) = changes(&writer, 0);
    writer
        .execute_batch("BEGIN; INSERT INTO t VALUES(1), (2), (3); UPDATE t SET a = a + 1; DELETE FROM t; COMMIT")
        .unwrap();
    let reader = again(directory.path());
    let mut whole = Log::open(&reader, None, &[]).unwrap();
    // Also where an earlier reading has found one group.
    assert_eq!(
        whole.next_boundary(start, patience()).unwrap(),
        Some(start + 12)
    );
    for (largest, ends) in [
        (12, vec![12]),
        (5, vec![5, 10, 12]),
        (4, vec![5, 9, 12]),
        (1, (1..=3).chain([5, 7, 9, 10, 11, 12]).collect()),
    ] {
        let mut log = Log::open(&reader, None, &[])
            .unwrap()
            .with_largest_group(Some(largest));
        for _ in 0..2 {
            let mut at = start;
            let mut found = Vec::new();
            while let Some(end) = log.next_boundary(at, patience()).unwrap() {
                found.push(end - start);
                at = end;
            }
            assert_eq!(found.last(), Some(&12), "{largest}");
            let parts = std::iter::once(0).chain(found.clone());
            assert!(
                parts.zip(&found).all(|(from, to)| to - from <= largest + 1),
                "{largest}: {found:?}"
            );
            assert!(ends.iter().all(|end| found.contains(end)), "{found:?}");
        }
    }
    assert_eq!(changes(&reader, start).0.len(), 9);
}

#[test]
fn what_is_written_while_a_group_is_read_is_no_part_of_one_large_group() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let reader = again(directory.path());
    let mut log = Log::open(&reader, None, &[]).unwrap();
    let insert = |rows: u32| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t SELECT i FROM n"
        );
        writer.execute_batch(&sql).unwrap();
    };
    insert(10);
    let first = log.next_boundary(0, patience()).unwrap().unwrap();
    insert(5000);
    assert!(log.note_end().unwrap());
    assert!(!log.note_end().unwrap());
    insert(10);
    assert!(!log.note_end().unwrap(), "too little for a group");
    insert(5000);
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!log.note_end().unwrap(), "nobody waits for a busy file");
    writer.execute_batch("ROLLBACK").unwrap();
    let second = log.next_boundary(first, patience()).unwrap().unwrap();
    assert_eq!(second, first + 5000);
    let third = log.next_boundary(second, patience()).unwrap().unwrap();
    assert_eq!(third, second + 5010);
}

#[test]
fn the_log_is_pruned_behind_the_last_reader_and_ids_never_repeat() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let reader = again(directory.path());
    let start = register_reader(&reader, "slow", patience()).unwrap();
    register_reader(&reader, "fast", patience()).unwrap();
    writer.execute_batch("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i FROM n").unwrap();
    let end = start + 10_000;
    confirm(&reader, "fast", end, patience()).unwrap();
    let now = state(&reader).unwrap().unwrap();
    assert!(now.pruned <= start);
    let lags: Vec<_> = now
        .readers
        .iter()
        .map(|reader| (reader.name.as_str(), reader.lag))
        .collect();
    assert_eq!(lags, [("fast", 0), ("slow", 10_000)]);
    confirm(&reader, "slow", end, patience()).unwrap();
    while state(&reader).unwrap().unwrap().pruned < end {
        confirm(&reader, "slow", end, patience()).unwrap();
    }
    let left: i64 = reader
        .query_row("SELECT count(*) FROM _dozer_log", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1, "the last row stays");
    writer.execute_batch("INSERT INTO t VALUES(0)").unwrap();
    let mut log = Log::open(&reader, None, &[]).unwrap();
    assert_eq!(log.next_boundary(end, patience()).unwrap(), Some(end + 1));
    let error = log.next_boundary(end - 1, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost);
    assert!(confirm(&reader, "nobody", end, patience()).is_err());
    assert!(confirm(&reader, "slow", end + 9, patience()).is_err());
    assert!(remove_reader(&reader, "slow", patience()).unwrap());
    assert!(!remove_reader(&reader, "slow", patience()).unwrap());
}

#[test]
fn a_snapshot_and_the_changes_after_it_give_the_tables_in_both_journal_modes() {
    for journal in ["wal", "delete", "truncate"] {
        let directory = tempfile::tempdir().unwrap();
        let first = file(
            directory.path(),
            journal,
            "CREATE TABLE t(k PRIMARY KEY, v UNIQUE, w)",
        );
        install(&first, &["t"], patience()).unwrap();
        let reader = Rc::new(again(directory.path()));
        register_reader(&reader, "r", patience()).unwrap();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            // A failure here must not leave the writers running.
            let stopping = Stop(&stop);
            let writers = [0, 1].map(|thread| {
                let (directory, stop) = (directory.path(), &stop);
                scope.spawn(move || {
                    let writer = again(directory);
                    let mut n = thread;
                    while !stop.load(Ordering::Relaxed) {
                        n += 1;
                        let (k, v) = (n * 7 % 31, n * 11 % 29);
                        let sql = format!(
                            "BEGIN IMMEDIATE; INSERT OR REPLACE INTO t VALUES({k}, {v}, {n});
                             UPDATE OR IGNORE t SET v = v + 1 WHERE k > {v}; DELETE FROM t WHERE k = {v}; COMMIT"
                        );
                        retry(patience(), || {
                            writer.execute_batch(&sql).map_err(|error| {
                                if !writer.is_autocommit() {
                                    writer.execute_batch("ROLLBACK").unwrap();
                                }
                                connector_sqlite::sqlite_error(error)
                            })
                        })
                        .unwrap();
                        // Locks are not handed out in turn: without a pause a writer starves the reader.
                        thread::sleep(Duration::from_millis(3));
                    }
                })
            });
            thread::sleep(Duration::from_millis(30));
            // Tables and position are of one moment.
            let snapshot = retry(patience(), || Snapshot::begin(Rc::clone(&reader))).unwrap();
            let mut at = snapshot.lsn().unwrap();
            let mut replay = Replay::new(snapshot.connection(), &["t"]);
            drop(snapshot);
            for _ in 0..10 {
                let (changes, end) = groups(&reader, at, 2);
                for (table, change) in &changes {
                    replay.apply(table, change).unwrap();
                }
                confirm(&reader, "r", end, patience()).unwrap();
                at = end;
                thread::sleep(Duration::from_millis(5));
            }
            drop(stopping);
            for writer in writers {
                writer.join().unwrap();
            }
            let (changes, _) = changes(&reader, at);
            assert!(at > 20, "the writers were heard: {at}");
            replay.check(&reader, &changes).unwrap();
        });
    }
}

#[test]
fn a_file_without_capture_gives_a_snapshot_without_a_position() {
    let directory = tempfile::tempdir().unwrap();
    file(
        directory.path(),
        "wal",
        "CREATE TABLE t(a); INSERT INTO t VALUES(1)",
    );
    let reader = open(directory.path().join("a.db"), Access::ReadOnly).unwrap();
    let snapshot = Snapshot::begin(&reader).unwrap();
    assert_eq!(snapshot.lsn(), None);
    drop(snapshot);
    assert!(reader.is_autocommit());
    let error = install(&reader, &["t"], patience()).unwrap_err();
    assert!(error.message().contains("cannot be written"), "{error}");
    assert!(Log::open(&reader, None, &[]).is_err());
    assert!(open(directory.path().join("none.db"), Access::ReadWrite).is_err());
}

#[test]
fn another_process_is_captured_and_wakes_the_reader() {
    let directory = tempfile::tempdir().unwrap();
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no `sqlite3` shell on this machine");
        return;
    }
    let writer = file(
        directory.path(),
        "wal",
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b BLOB)",
    );
    install(&writer, &["t"], patience()).unwrap();
    let reader = again(directory.path());
    let mut replay = Replay::new(&reader, &["t"]);
    let mut version = DataVersion::watch(&reader).unwrap();
    assert!(!version.wait(Duration::from_millis(20), &|| false).unwrap());
    let shell = |sql: &str| {
        let path = directory.path().join("a.db");
        let output = Command::new("sqlite3")
            .arg(&path)
            .arg(sql)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let counts = shell(
        "INSERT INTO t VALUES(1, 'a', x'00'), (2, 'b', NULL); INSERT OR REPLACE INTO t VALUES(3, 'a', 0.5);
         SELECT changes(), last_insert_rowid(); INSERT INTO t VALUES(3, 'c', 1) ON CONFLICT(id) DO UPDATE SET b = 9;
         UPDATE OR REPLACE t SET a = 'b' WHERE id = 3; SELECT changes();",
    );
    assert_eq!(counts, "1|3\n1\n");
    assert!(version.wait(Duration::from_secs(5), &|| false).unwrap());
    let (found, _) = changes(&reader, 0);
    assert_eq!(found.len(), 7);
    replay.check(&reader, &found).unwrap();
    // Through a file attached under another name, the triggers still belong to their own file.
    let mut replay = Replay::new(&reader, &["t"]);
    let (_, at) = changes(&reader, 0);
    let other = Connection::open_in_memory().unwrap();
    other
        .execute(
            "ATTACH ?1 AS other",
            [directory.path().join("a.db").to_str().unwrap()],
        )
        .unwrap();
    other
        .execute_batch("CREATE TABLE t(a); INSERT OR REPLACE INTO other.t VALUES(9, 'b', 1)")
        .unwrap();
    replay.check(&reader, &changes(&reader, at).0).unwrap();
}

#[test]
fn waiting_ends_when_it_is_cancelled_and_own_writes_do_not_wake() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    let mut version = DataVersion::watch(&writer).unwrap();
    writer.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert!(!version.changed().unwrap());
    let start = Instant::now();
    assert!(!version.wait(Duration::from_mins(1), &|| true).unwrap());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_busy_database_is_retried_within_the_patience() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let reader = again(directory.path());
    writer
        .execute_batch("INSERT INTO t VALUES(1); BEGIN IMMEDIATE; INSERT INTO t VALUES(2)")
        .unwrap();
    let mut log = Log::open(&reader, None, &[]).unwrap();
    let error = log
        .next_boundary(0, Patience::new(Duration::from_millis(60)))
        .unwrap_err();
    assert!(error.is_transient(), "{error}");
    let error = log
        .next_boundary(0, patience().unless(&|| true))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(150));
            writer.execute_batch("COMMIT").unwrap();
        });
        assert_eq!(log.next_boundary(0, patience()).unwrap(), Some(4));
    });
}

#[test]
fn a_restored_backup_that_was_written_to_since_loses_the_position() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "delete", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let (first, last) = {
        let log = Log::open(&writer, None, &[]).unwrap();
        let first = state(&writer).unwrap().unwrap().last;
        (first, log.token(first, patience()).unwrap())
    };
    let (path, backup) = (directory.path().join("a.db"), directory.path().join("b.db"));
    std::fs::copy(&path, &backup).unwrap();
    let group = |connection: &Connection, n: i64| {
        connection.execute("INSERT INTO t VALUES(?1)", [n]).unwrap();
        let mut log = Log::open(connection, None, &[]).unwrap();
        let at = state(connection).unwrap().unwrap().last;
        assert_eq!(log.next_boundary(at - 1, patience()).unwrap(), Some(at));
        (at, log.token(at, patience()).unwrap())
    };
    let (at, token) = group(&writer, 1);
    let log = Log::open(&writer, None, &[]).unwrap();
    log.check_token(at, &token, patience()).unwrap();
    assert_eq!(log.token(at, patience()).unwrap(), token, "it stays");
    drop(log);
    drop(writer);
    std::fs::copy(&backup, &path).unwrap();
    let again = again(directory.path());
    let log = Log::open(&again, None, &[]).unwrap();
    log.check_token(first, &last, patience()).unwrap();
    let error = log.check_token(at, &token, patience()).unwrap_err();
    assert!(error.message().contains("after the end"), "{error}");
    again.execute_batch("INSERT INTO t VALUES(2)").unwrap();
    let error = log.check_token(at, &token, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost, "no boundary");
    assert_eq!(group(&again, 3).0, at + 1);
    let error = log.check_token(at, &token, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost);
    let (other, _) = group(&again, 4);
    let error = log.check_token(other, &token, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost, "another token");
}

#[test]
fn the_token_of_a_snapshot_bounds_no_group_and_outlives_pruning() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    let start = register_reader(&writer, "r", patience()).unwrap();
    writer
        .execute_batch("INSERT INTO t VALUES(1), (2), (3)")
        .unwrap();
    let mut log = Log::open(&writer, None, &[]).unwrap();
    let middle = log.token(start + 2, patience()).unwrap();
    let end = Some(start + 3);
    assert_eq!(log.next_boundary(start, patience()).unwrap(), end);
    confirm(&writer, "r", start + 2, patience()).unwrap();
    log.check_token(start + 2, &middle, patience()).unwrap();
    // The end of a snapshot becomes a boundary when a group ends there.
    writer.execute_batch("INSERT INTO t VALUES(4)").unwrap();
    let token = log.token(start + 4, patience()).unwrap();
    let end = Some(start + 4);
    assert_eq!(log.next_boundary(start + 3, patience()).unwrap(), end);
    log.check_token(start + 4, &token, patience()).unwrap();
    confirm(&writer, "r", start + 4, patience()).unwrap();
    log.check_token(start + 4, &token, patience()).unwrap();
    let rows: i64 = writer
        .query_row("SELECT count(*) FROM _dozer_groups", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "those before it are pruned");
}

#[test]
fn a_log_without_tokens_is_given_them_by_installing_again() {
    let directory = tempfile::tempdir().unwrap();
    let writer = file(directory.path(), "wal", "CREATE TABLE t(a)");
    install(&writer, &["t"], patience()).unwrap();
    writer
        .execute_batch(
            "DROP TABLE _dozer_groups; CREATE TABLE _dozer_groups(lsn INTEGER PRIMARY KEY);
             INSERT INTO t VALUES(1); INSERT INTO _dozer_groups SELECT max(id) FROM _dozer_log",
        )
        .unwrap();
    install(&writer, &["t"], patience()).unwrap();
    let mut log = Log::open(&writer, None, &[]).unwrap();
    let last = state(&writer).unwrap().unwrap().last;
    assert_eq!(log.next_boundary(last - 1, patience()).unwrap(), Some(last));
    let token = log.token(last, patience()).unwrap();
    log.check_token(last, &token, patience()).unwrap();
    assert_eq!(log.next_boundary(last - 1, patience()).unwrap(), Some(last));
}
