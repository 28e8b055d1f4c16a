//! Random histories of statements, run on a captured database and on a twin without capture.
//!
//! `PROPTEST_CASES=1000 cargo test -p connector-sqlite --test capture history` is the full run.

use connector_sqlite::capture::install;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use rusqlite::Connection;

use crate::model::{Replay, changes, patience, rows};

const TABLES: [(&str, &[&str]); 9] = [
    ("plain", &["a", "b"]),
    ("ipk", &["id", "a", "b", "n"]),
    ("dflt", &["id", "n", "x"]),
    ("pair", &["a", "b", "c"]),
    ("wr", &["k", "j", "x"]),
    ("expr", &["id", "name", "flag", "amount"]),
    ("parent", &["id", "code"]),
    ("child", &["id", "p", "q", "s", "u"]),
    ("new", &["rowid", "old", "oid"]),
];

const SCHEMA: &str = "
CREATE TABLE plain(a, b);
CREATE TABLE ipk(id INTEGER PRIMARY KEY, a UNIQUE, b TEXT COLLATE NOCASE, n NOT NULL DEFAULT 3,
    g AS (a || '-' || b) STORED, v AS (n || 'v') VIRTUAL);
CREATE UNIQUE INDEX ipk_b ON ipk(b);
CREATE UNIQUE INDEX ipk_g ON ipk(g);
CREATE TABLE dflt(id INTEGER PRIMARY KEY, n NOT NULL DEFAULT 3 UNIQUE, x);
CREATE TABLE pair(a, b, c, PRIMARY KEY(a, b));
CREATE TABLE wr(k TEXT COLLATE NOCASE, j INT, x UNIQUE, PRIMARY KEY(k, j)) WITHOUT ROWID;
CREATE TABLE expr(id INTEGER PRIMARY KEY AUTOINCREMENT, name, flag, amount REAL);
CREATE UNIQUE INDEX expr_lower ON expr(lower(name) DESC) WHERE flag > 0;
CREATE UNIQUE INDEX expr_sum ON expr(amount + 1, flag COLLATE NOCASE);
CREATE TABLE parent(id INTEGER PRIMARY KEY, code UNIQUE);
CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent(id) ON DELETE CASCADE ON UPDATE CASCADE,
    q REFERENCES parent(code) ON DELETE SET NULL ON UPDATE SET NULL,
    s REFERENCES child(id) ON DELETE CASCADE, u UNIQUE ON CONFLICT REPLACE);
CREATE TABLE new(rowid, old UNIQUE, oid);
CREATE TABLE uncaptured(a);
";

/// Triggers of the user's own, some of which write to the table they belong to.
const TRIGGERS: &str = "
CREATE TABLE audit(what, id);
CREATE TRIGGER t1 AFTER INSERT ON parent BEGIN INSERT INTO audit VALUES('parent', NEW.id); END;
CREATE TRIGGER t2 AFTER DELETE ON child BEGIN INSERT OR REPLACE INTO ipk(id, a) VALUES(OLD.id, OLD.u); END;
CREATE TRIGGER t3 BEFORE INSERT ON pair BEGIN DELETE FROM pair WHERE c = NEW.c; END;
CREATE TRIGGER t4 AFTER INSERT ON dflt WHEN NEW.x = 1 BEGIN
    UPDATE dflt SET x = 9 WHERE id = NEW.id; INSERT OR REPLACE INTO dflt(n, x) VALUES(NEW.n + 1, 0); END;
CREATE TRIGGER t5 BEFORE INSERT ON wr WHEN NEW.j = 2 BEGIN UPDATE wr SET x = NULL WHERE k = NEW.k; END;
CREATE TRIGGER t6 BEFORE UPDATE ON expr WHEN NEW.name = 'b' BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER t7 AFTER UPDATE ON parent BEGIN
    UPDATE OR REPLACE child SET u = NEW.code WHERE id = NEW.id; SELECT RAISE(IGNORE) WHERE NEW.code = 4; END;
";

fn literal() -> impl Strategy<Value = &'static str> {
    select(vec![
        "NULL", "0", "1", "2", "3", "4", "-1", "1.0", "2.5", "'a'", "'A'", "'b'", "'B'", "'1'",
        "''", "x'61'",
    ])
}

/// Mostly whole numbers: columns that must hold one are common.
fn value() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(vec!["NULL", "0", "1", "2", "3", "4", "5"]), 2 => literal()]
}

fn conflict() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        "OR REPLACE",
        "OR REPLACE",
        "OR REPLACE",
        "OR IGNORE",
        "OR FAIL",
        "OR ABORT",
        "OR ROLLBACK",
    ])
}

fn table() -> impl Strategy<Value = (&'static str, &'static [&'static str])> {
    select(TABLES.to_vec())
}

fn condition(columns: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just(String::new()),
        4 => (select(columns), value()).prop_map(|(column, value)| format!(" WHERE {column} = {value}")),
        1 => (select(columns), value()).prop_map(|(column, value)| format!(" WHERE {column} > {value}")),
    ]
}

fn assignment(columns: &'static [&'static str]) -> impl Strategy<Value = String> {
    let source = prop_oneof![
        3 => value().prop_map(str::to_owned),
        1 => select(columns).prop_map(|column| format!("{column} + 1")),
        1 => select(columns).prop_map(|column| format!("-{column}")),
    ];
    (select(columns), source).prop_map(|(column, source)| format!("{column} = {source}"))
}

fn upsert(columns: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        1 => Just(" ON CONFLICT DO NOTHING".to_owned()),
        2 => assignment(columns).prop_map(|set| format!(" ON CONFLICT DO UPDATE SET {set}")),
    ]
}

fn insert() -> impl Strategy<Value = String> {
    table()
        .prop_flat_map(|(table, columns)| {
            // The first column is left out at times: it is often the rowid.
            (0..2_usize).prop_flat_map(move |skip| {
                let row = prop::collection::vec(value(), columns.len() - skip);
                let rows = prop::collection::vec(row, 1..4);
                (
                    Just(table),
                    Just(&columns[skip..]),
                    conflict(),
                    rows,
                    upsert(columns),
                )
            })
        })
        .prop_map(|(table, columns, conflict, rows, upsert)| {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| format!("({})", row.join(", ")))
                .collect();
            format!(
                "INSERT {conflict} INTO {table}({}) VALUES {}{upsert}",
                columns.join(", "),
                rows.join(", ")
            )
        })
}

fn update() -> impl Strategy<Value = String> {
    table()
        .prop_flat_map(|(table, columns)| {
            let sets = prop::collection::vec(assignment(columns), 1..3);
            (Just(table), conflict(), sets, condition(columns))
        })
        .prop_map(|(table, conflict, sets, condition)| {
            format!(
                "UPDATE {conflict} {table} SET {}{condition}",
                sets.join(", ")
            )
        })
}

fn delete() -> impl Strategy<Value = String> {
    table()
        .prop_flat_map(|(table, columns)| (Just(table), condition(columns)))
        .prop_map(|(table, condition)| format!("DELETE FROM {table}{condition}"))
}

fn rowid() -> impl Strategy<Value = String> {
    (conflict(), select(vec!["plain", "pair"]), 0..6, 0..6).prop_map(
        |(conflict, table, to, value)| {
            if value % 2 == 0 {
                format!("INSERT {conflict} INTO {table}(rowid, a) VALUES({to}, {value})")
            } else {
                format!("UPDATE {conflict} {table} SET oid = {to} WHERE _rowid_ = {value}")
            }
        },
    )
}

fn control() -> impl Strategy<Value = String> {
    select(vec![
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "SAVEPOINT s",
        "ROLLBACK TO s",
        "RELEASE s",
        "PRAGMA foreign_keys = 1",
        "PRAGMA foreign_keys = 0",
        "PRAGMA recursive_triggers = 1",
        "PRAGMA recursive_triggers = 0",
    ])
    .prop_map(str::to_owned)
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![10 => insert(), 5 => update(), 2 => delete(), 1 => rowid(), 2 => control()]
}

/// What a writer can see of a statement's outcome.
fn run(connection: &Connection, sql: &str) -> (Result<(), String>, u64, i64) {
    let outcome = connection
        .execute_batch(sql)
        .map_err(|error| error.to_string());
    (
        outcome,
        connection.changes(),
        connection.last_insert_rowid(),
    )
}

fn check(statements: &[String], user_triggers: bool) -> Result<(), TestCaseError> {
    let [captured, twin] = [(); 2].map(|()| {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        if user_triggers {
            connection.execute_batch(TRIGGERS).unwrap();
        }
        connection
    });
    let mut names: Vec<_> = TABLES.iter().map(|(name, _)| *name).collect();
    if user_triggers {
        names.push("audit");
    }
    install(&captured, &names, patience()).unwrap();
    let (_, start) = changes(&captured, 0);
    let mut replay = Replay::new(&captured, &names);
    // Both connections begin with the same last rowid.
    for connection in [&captured, &twin] {
        connection
            .execute_batch("INSERT INTO plain VALUES(1, 1)")
            .unwrap();
    }
    for sql in statements {
        let (seen, bare) = (run(&captured, sql), run(&twin, sql));
        if seen
            .0
            .as_ref()
            .is_err_and(|error| error.contains("FOREIGN KEY"))
        {
            // After such a failure the last rowid depends on whether there is any trigger at all.
            prop_assert_eq!((seen.0, seen.1), (bare.0, bare.1), "{}", sql);
            for connection in [&captured, &twin] {
                connection
                    .execute_batch("INSERT INTO uncaptured VALUES(1)")
                    .unwrap();
            }
        } else {
            prop_assert_eq!(seen, bare, "{}", sql);
        }
    }
    for connection in [&captured, &twin] {
        if !connection.is_autocommit() && connection.execute_batch("COMMIT").is_err() {
            connection.execute_batch("ROLLBACK").unwrap();
        }
    }
    for name in &names {
        prop_assert_eq!(rows(&captured, name), rows(&twin, name), "table {}", name);
    }
    let (changes, _) = changes(&captured, start);
    replay
        .check(&captured, &changes)
        .map_err(TestCaseError::fail)
}

/// By default a few histories, the same at every run. `PROPTEST_CASES=1000` runs so many, other ones each time.
fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(40),
        rng_seed: if asked.is_some() {
            RngSeed::Random
        } else {
            RngSeed::Fixed(2)
        },
        max_shrink_iters: 3_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_log_replays_any_history_and_writers_see_no_difference(
        statements in prop::collection::vec(statement(), 1..40)
    ) {
        check(&statements, false)?;
    }

    #[test]
    fn triggers_of_the_users_own_are_captured_too(
        statements in prop::collection::vec(statement(), 1..40)
    ) {
        check(&statements, true)?;
    }
}
