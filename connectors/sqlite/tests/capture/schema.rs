//! Installing, upgrading and removing; what happens when tables change.

use connector_core::ErrorKind;
use connector_sqlite::capture::{
    Installed, Log, Problem, install, register_reader, release, remove, state,
};
use connector_sqlite::{catalog, identifier};
use rusqlite::Connection;

use crate::model::{Change, Replay, Value, changes, patience, rows};

fn database(sql: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

fn schema(connection: &Connection) -> Vec<(i64, String, String, Option<String>)> {
    connection
        .prepare("SELECT rowid, type, name, sql FROM sqlite_schema ORDER BY rowid")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn installed(connection: &Connection, table: &str) -> Installed {
    install(connection, &[table], patience()).unwrap().tables[0].1
}

#[test]
fn removal_leaves_the_schema_and_the_rows_as_they_were() {
    let connection = database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE); CREATE TABLE \"_dozer_mine\"(a);
         CREATE TRIGGER \"_dozer_mine_too\" AFTER INSERT ON t BEGIN SELECT 1; END;
         CREATE VIEW v AS SELECT a FROM t; INSERT INTO t VALUES(1, 1)",
    );
    let before = (schema(&connection), rows(&connection, "t"));
    assert_eq!(installed(&connection, "t"), Installed::Added);
    assert_ne!(schema(&connection), before.0);
    connection
        .execute_batch(
            "INSERT OR REPLACE INTO t VALUES(2, 1); DELETE FROM t; INSERT INTO t VALUES(1, 1)",
        )
        .unwrap();
    register_reader(&connection, "r", patience()).unwrap();
    assert!(remove(&connection, patience()).unwrap());
    assert_eq!((schema(&connection), rows(&connection, "t")), before);
    assert!(!remove(&connection, patience()).unwrap());
    assert_eq!(state(&connection).unwrap(), None);
}

#[test]
fn installing_again_changes_nothing_and_names_are_found_in_any_case() {
    let connection = database("CREATE TABLE Mixed(a UNIQUE)");
    installed(&connection, "Mixed");
    let before = schema(&connection);
    assert_eq!(installed(&connection, "mIXED"), Installed::Unchanged);
    assert_eq!(schema(&connection), before);
    assert_eq!(state(&connection).unwrap().unwrap().problems, []);
}

#[test]
fn an_installation_that_fails_for_one_table_leaves_nothing() {
    let connection = database("CREATE TABLE t(a); CREATE VIEW v AS SELECT 1 AS a");
    let before = schema(&connection);
    let error = install(&connection, &["t", "v"], patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.to_string().starts_with("table `v`: "), "{error}");
    assert!(install(&connection, &["none"], patience()).is_err());
    assert_eq!(schema(&connection), before);
}

#[test]
fn names_that_need_quoting_are_captured() {
    for name in [
        "a b", "x\"y", "it's", "select", "new", "OLD", "_d", "żółw", "a.b", "[x]", "`",
    ] {
        let table = identifier(name);
        let column = identifier(&format!("{name}!"));
        let connection = database(&format!(
            "CREATE TABLE {table}({column} UNIQUE, {table}, \"order\" AS ({table} || 'x'));
             CREATE UNIQUE INDEX {i} ON {table}(lower({table}), {column}) WHERE {column} > 1",
            i = identifier(&format!("index {name}")),
        ));
        assert_eq!(installed(&connection, name), Installed::Added);
        let mut replay = Replay::new(&connection, &[name]);
        connection
            .execute_batch(&format!(
                "INSERT INTO {table} VALUES(1, 'a'), (2, 'b'); INSERT OR REPLACE INTO {table} VALUES(1, 'c');
                 UPDATE OR REPLACE {table} SET {column} = 2"
            ))
            .unwrap();
        replay
            .check(&connection, &changes(&connection, 0).0)
            .unwrap();
    }
}

#[test]
fn an_added_column_is_captured_after_installing_again_and_old_images_keep_their_columns() {
    let connection = database("CREATE TABLE t(a)");
    installed(&connection, "t");
    connection.execute_batch("INSERT INTO t VALUES(1); ALTER TABLE t ADD COLUMN b DEFAULT 7; INSERT INTO t VALUES(2, 3)").unwrap();
    assert_eq!(
        state(&connection).unwrap().unwrap().problems,
        [Problem::Outdated { table: "t".into() }]
    );
    assert_eq!(installed(&connection, "t"), Installed::Renewed);
    assert_eq!(state(&connection).unwrap().unwrap().problems, []);
    connection
        .execute_batch("INSERT INTO t VALUES(4, 5)")
        .unwrap();
    let images: Vec<_> = changes(&connection, 0)
        .0
        .into_iter()
        .map(|(_, change)| change)
        .collect();
    let insert = |row: &[i64]| Change::Insert(row.iter().map(|v| Value::Integer(*v)).collect());
    assert_eq!(images, [insert(&[1]), insert(&[2]), insert(&[4, 5])]);
}

#[test]
fn values_that_rows_got_in_an_added_column_before_it_was_captured_are_logged_as_updates() {
    for wide in [0, 80] {
        // With and without a part of the images in the table for wide ones.
        let more = (0..wide)
            .map(|n| format!(", w{n}"))
            .collect::<Vec<_>>()
            .concat();
        let connection = database(&format!("CREATE TABLE t(id INTEGER PRIMARY KEY{more})"));
        installed(&connection, "t");
        connection
            .execute_batch(
                "INSERT INTO t(id) VALUES(1), (2), (3); ALTER TABLE t ADD COLUMN a;
                 ALTER TABLE t ADD COLUMN b TEXT; ALTER TABLE t ADD COLUMN d DEFAULT 7;
                 INSERT INTO t(id, a) VALUES(4, x'00ff'); UPDATE t SET b = CAST(x'fffe' AS TEXT) WHERE id = 2;
                 UPDATE t SET a = 1 WHERE id = 3; UPDATE t SET a = NULL WHERE id = 3; UPDATE t SET d = 8 WHERE id = 1",
            )
            .unwrap();
        let (_, at) = changes(&connection, 0);
        assert_eq!(installed(&connection, "t"), Installed::Renewed);
        let row = |id: i64, a: Value, b: Value| -> Vec<Value> {
            let id = std::iter::once(Value::Integer(id));
            let wide = std::iter::repeat_n(Value::Null, wide);
            id.chain(wide).chain([a, b, Value::Integer(7)]).collect()
        };
        let null = || Value::Null;
        let update = |id, a: Value, b: Value| {
            let change = Change::Update(row(id, null(), null()), row(id, a, b));
            ("t".to_owned(), change)
        };
        assert_eq!(
            changes(&connection, at).0,
            [
                update(2, null(), Value::Text(vec![0xff, 0xfe])),
                update(4, Value::Blob(vec![0, 0xff]), null()),
            ]
        );
        assert_eq!(installed(&connection, "t"), Installed::Unchanged);
    }
}

#[test]
fn a_renamed_column_is_not_taken_for_an_added_one() {
    let connection = database("CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
    installed(&connection, "t");
    connection
        .execute_batch("INSERT INTO t VALUES(1, 1); ALTER TABLE t RENAME COLUMN a TO b")
        .unwrap();
    let (_, at) = changes(&connection, 0);
    assert_eq!(installed(&connection, "t"), Installed::Renewed);
    assert_eq!(changes(&connection, at).0, []);
}

#[test]
fn a_renamed_table_is_named_and_loses_nothing() {
    let connection = database("CREATE TABLE t(a)");
    installed(&connection, "t");
    let (_, at) = changes(&connection, 0);
    let mut log = Log::open(&connection, None, &["t"]).unwrap();
    connection
        .execute_batch("ALTER TABLE t RENAME TO u; INSERT INTO u VALUES(1)")
        .unwrap();
    let error = log.next_boundary(at, patience()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Drift);
    assert_eq!(error.message(), "table `t` was renamed to `u`");
    connection
        .execute_batch("ALTER TABLE u RENAME TO t; INSERT INTO t VALUES(2)")
        .unwrap();
    let insert = |value| ("t".to_owned(), Change::Insert(vec![Value::Integer(value)]));
    assert_eq!(changes(&connection, at).0, [insert(1), insert(2)]);
}

#[test]
fn a_unique_index_or_a_trigger_added_later_is_reported_until_installed_again() {
    let connection = database("CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
    installed(&connection, "t");
    connection.execute_batch(
        "CREATE UNIQUE INDEX i ON t(a); CREATE TRIGGER late AFTER INSERT ON t BEGIN UPDATE t SET a = 9 WHERE id = NEW.id; END",
    ).unwrap();
    let table = || "t".to_owned();
    assert_eq!(
        state(&connection).unwrap().unwrap().problems,
        [
            Problem::Outdated { table: table() },
            Problem::LaterTrigger {
                table: table(),
                trigger: "late".into()
            }
        ]
    );
    assert_eq!(installed(&connection, "t"), Installed::Renewed);
    assert_eq!(state(&connection).unwrap().unwrap().problems, []);
    let (_, start) = changes(&connection, 0);
    let mut replay = Replay::new(&connection, &["t"]);
    connection
        .execute_batch("INSERT INTO t VALUES(1, 1); INSERT OR REPLACE INTO t VALUES(2, 9)")
        .unwrap();
    replay
        .check(&connection, &changes(&connection, start).0)
        .unwrap();
}

#[test]
fn a_table_that_was_rebuilt_or_dropped_loses_the_position() {
    for (sql, done) in [
        ("DROP TABLE t; CREATE TABLE t(a)", Some(Installed::Restored)),
        ("DROP TABLE t", None),
    ] {
        let connection = database("CREATE TABLE t(a); CREATE TABLE other(a)");
        install(&connection, &["t", "other"], patience()).unwrap();
        let (_, at) = changes(&connection, 0);
        let mut log = Log::open(&connection, None, &["t"]).unwrap();
        assert_eq!(log.next_boundary(at, patience()).unwrap(), None);
        connection.execute_batch(sql).unwrap();
        connection
            .execute_batch("INSERT INTO other VALUES(1)")
            .unwrap();
        let error = log.next_boundary(at, patience()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PositionLost, "{error}");
        let mut log = Log::open(&connection, None, &["other"]).unwrap();
        assert!(log.next_boundary(at, patience()).unwrap().is_some());
        if let Some(done) = done {
            assert_eq!(installed(&connection, "t"), done);
            assert_eq!(state(&connection).unwrap().unwrap().problems, []);
        }
    }
}

#[test]
fn renaming_a_column_or_a_table_does_not_stop_writers() {
    let connection = database("CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE)");
    installed(&connection, "t");
    connection
        .execute_batch("ALTER TABLE t RENAME COLUMN a TO b; INSERT OR REPLACE INTO t VALUES(1, 1)")
        .unwrap();
    assert_eq!(installed(&connection, "t"), Installed::Renewed);
    connection
        .execute_batch("ALTER TABLE t RENAME TO u; INSERT OR REPLACE INTO u VALUES(2, 1)")
        .unwrap();
    assert_eq!(installed(&connection, "u"), Installed::Renewed);
    connection
        .execute_batch("INSERT INTO u VALUES(5, 5)")
        .unwrap();
    let images = changes(&connection, 0).0;
    assert_eq!(
        images
            .iter()
            .filter(|(_, change)| matches!(change, Change::Insert(_)))
            .count(),
        3
    );
    assert_eq!(
        images
            .iter()
            .filter(|(_, change)| matches!(change, Change::Delete(_)))
            .count(),
        1
    );
}

#[test]
fn vacuum_keeps_the_log_and_the_capture() {
    let connection = database(
        "CREATE TABLE t(a UNIQUE, b); INSERT INTO t VALUES(1, 1), (2, 2), (3, 3); DELETE FROM t WHERE a = 1",
    );
    installed(&connection, "t");
    let mut replay = Replay::new(&connection, &["t"]);
    connection.execute_batch("INSERT INTO t VALUES(4, 4); INSERT OR IGNORE INTO t VALUES(2, 9); VACUUM; INSERT OR REPLACE INTO t VALUES(2, 5), (4, 6); DELETE FROM t WHERE a = 3").unwrap();
    assert_eq!(state(&connection).unwrap().unwrap().problems, []);
    replay
        .check(&connection, &changes(&connection, 0).0)
        .unwrap();
}

#[test]
fn a_position_of_another_installation_is_refused() {
    let connection = database("CREATE TABLE t(a)");
    installed(&connection, "t");
    let first = Log::open(&connection, None, &[])
        .unwrap()
        .incarnation()
        .to_owned();
    assert!(Log::open(&connection, Some(&first), &["T"]).is_ok());
    remove(&connection, patience()).unwrap();
    assert!(Log::open(&connection, Some(&first), &[]).is_err());
    installed(&connection, "t");
    let error = Log::open(&connection, Some(&first), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost);
}

#[test]
fn one_table_can_be_released_even_after_it_was_dropped() {
    let connection = database("CREATE TABLE t(a); CREATE TABLE u(a); CREATE TABLE v(a)");
    install(&connection, &["t", "u", "v"], patience()).unwrap();
    connection.execute_batch("DROP TABLE u").unwrap();
    release(&connection, &["T", "u", "none"], patience()).unwrap();
    let now = state(&connection).unwrap().unwrap();
    assert_eq!(now.problems, []);
    assert_eq!(
        now.tables
            .iter()
            .map(|table| table.name.as_str())
            .collect::<Vec<_>>(),
        ["v"]
    );
    connection
        .execute_batch("INSERT INTO t VALUES(1); INSERT INTO v VALUES(2)")
        .unwrap();
    let images = changes(&connection, 0).0;
    assert_eq!(
        images,
        [("v".to_owned(), Change::Insert(vec![Value::Integer(2)]))]
    );
}

#[test]
fn a_table_that_missed_changes_loses_every_position_when_it_is_installed_again() {
    for sql in [
        "DROP TABLE t; CREATE TABLE t(a); INSERT INTO t VALUES(7)",
        "ALTER TABLE t RENAME TO gone; CREATE TABLE t(a); INSERT INTO t VALUES(7)",
        "ALTER TABLE t RENAME TO x; ALTER TABLE other RENAME TO t; ALTER TABLE x RENAME TO other",
        "DROP TABLE t; ALTER TABLE other RENAME TO t",
    ] {
        let connection = database("CREATE TABLE t(a UNIQUE); CREATE TABLE other(a UNIQUE)");
        install(&connection, &["t", "other"], patience()).unwrap();
        register_reader(&connection, "r", patience()).unwrap();
        let mut log = Log::open(&connection, None, &[]).unwrap();
        let stored = log.incarnation().to_owned();
        connection.execute_batch(sql).unwrap();
        assert_eq!(installed(&connection, "t"), Installed::Restored, "{sql}");
        let error = Log::open(&connection, Some(&stored), &["t"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PositionLost, "{sql}");
        assert!(
            format!("{error:?}").contains("dozer app reset"),
            "{error:?}"
        );
        let error = log.next_boundary(1, patience()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PositionLost, "{sql}");
        assert_eq!(state(&connection).unwrap().unwrap().readers, []);
        // Whoever writes the renamed table is not stopped by triggers whose tables are gone.
        for table in ["t", "other", "gone"] {
            if catalog::table(&connection, table).unwrap().is_some() {
                connection
                    .execute_batch(&format!(
                        "INSERT OR REPLACE INTO {table} VALUES(1), (1); UPDATE {table} SET a = 2"
                    ))
                    .unwrap();
            }
        }
    }
}

#[test]
fn a_released_table_loses_every_position_when_it_is_installed_again() {
    let connection = database("CREATE TABLE t(a); CREATE TABLE u(a)");
    install(&connection, &["t", "u"], patience()).unwrap();
    let stored = state(&connection).unwrap().unwrap().incarnation;
    release(&connection, &["t"], patience()).unwrap();
    connection.execute_batch("INSERT INTO t VALUES(1)").unwrap();
    assert!(Log::open(&connection, Some(&stored), &["u"]).is_ok());
    assert_eq!(installed(&connection, "t"), Installed::Restored);
    assert!(Log::open(&connection, Some(&stored), &["t"]).is_err());
}

#[test]
fn positions_outlive_added_tables_and_renewed_ones() {
    let connection = database("CREATE TABLE t(a); CREATE TABLE u(a)");
    installed(&connection, "t");
    register_reader(&connection, "r", patience()).unwrap();
    let stored = state(&connection).unwrap().unwrap().incarnation;
    connection
        .execute_batch("ALTER TABLE t ADD COLUMN b; CREATE UNIQUE INDEX i ON t(a)")
        .unwrap();
    assert_eq!(installed(&connection, "t"), Installed::Renewed);
    assert_eq!(installed(&connection, "u"), Installed::Added);
    assert!(Log::open(&connection, Some(&stored), &["t", "u"]).is_ok());
    assert_eq!(state(&connection).unwrap().unwrap().readers.len(), 1);
}

#[test]
fn hundreds_of_tables_are_installed_looked_at_and_removed_in_seconds() {
    use std::fmt::Write as _;
    use std::time::{Duration, Instant};
    let names: Vec<String> = (0..300).map(|n| format!("t{n}")).collect();
    let mut sql = String::new();
    for name in &names {
        write!(
            sql,
            "CREATE TABLE {name}(id INTEGER PRIMARY KEY, a UNIQUE, b, c, d);"
        )
        .unwrap();
    }
    let connection = database(&sql);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let start = Instant::now();
    install(&connection, &names, patience()).unwrap();
    let installing = start.elapsed();
    let start = Instant::now();
    let again = install(&connection, &names, patience()).unwrap();
    let looking = start.elapsed();
    assert!(
        again
            .tables
            .iter()
            .all(|(_, done)| *done == Installed::Unchanged)
    );
    let start = Instant::now();
    remove(&connection, patience()).unwrap();
    let removing = start.elapsed();
    // Wide limits: what they hold out is work that grows with the cube of the tables.
    assert!(installing < Duration::from_secs(30), "{installing:?}");
    assert!(looking < Duration::from_secs(5), "{looking:?}");
    assert!(removing < Duration::from_secs(30), "{removing:?}");
}
