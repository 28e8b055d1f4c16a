//! What the capture costs a writer: the same statements on a bare file and on a captured one, in one run.
//!
//! `cargo run --release -p connector-sqlite --example writer_cost [rows] [part of a case's name]`

use std::time::{Duration, Instant};

use connector_core::{Error, Result};
use connector_sqlite::capture::{install, state};
use connector_sqlite::{Access, Patience, open, sqlite_error};
use rusqlite::Connection;

const ROUNDS: usize = 5;

struct Case {
    name: &'static str,
    schema: &'static str,
    /// Whether the table is filled before the measurement.
    filled: bool,
    statement: &'static str,
}

const PLAIN: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL, d TEXT)";
const UNIQUE: &str =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER UNIQUE, b TEXT UNIQUE, c REAL, d TEXT)";
const INSERT: &str =
    "INSERT INTO t VALUES(?1, ?1, 'name of row ' || ?1, ?1 * 0.5, 'some more text')";

const CASES: [Case; 7] = [
    Case {
        name: "insert",
        schema: PLAIN,
        filled: false,
        statement: INSERT,
    },
    Case {
        name: "insert, two unique indexes",
        schema: UNIQUE,
        filled: false,
        statement: INSERT,
    },
    Case {
        name: "update of a column",
        schema: PLAIN,
        filled: true,
        statement: "UPDATE t SET c = c + 1 WHERE id = ?1",
    },
    Case {
        name: "update of a unique column",
        schema: UNIQUE,
        filled: true,
        statement: "UPDATE t SET a = -a WHERE id = ?1",
    },
    Case {
        name: "delete",
        schema: PLAIN,
        filled: true,
        statement: "DELETE FROM t WHERE id = ?1",
    },
    Case {
        name: "upsert of rows that exist",
        schema: UNIQUE,
        filled: true,
        statement: "INSERT INTO t VALUES(?1, ?1, '', 0, '') ON CONFLICT DO UPDATE SET c = excluded.c",
    },
    Case {
        name: "insert or replace of rows that exist",
        schema: UNIQUE,
        filled: true,
        statement: "INSERT OR REPLACE INTO t VALUES(?1, ?1, 'new ' || ?1, 0, '')",
    },
];

fn main() -> Result<()> {
    let rows = std::env::args()
        .nth(1)
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(20_000);
    let wanted = std::env::args().nth(2).unwrap_or_default();
    println!("{rows} rows, all in one transaction, WAL, best of {ROUNDS}");
    println!(
        "{:<38} {:>12} {:>12} {:>7}",
        "", "bare /s", "captured /s", "ratio"
    );
    for case in CASES.iter().filter(|case| case.name.contains(&wanted)) {
        let mut best = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for (captured, best) in [false, true].into_iter().zip(&mut best) {
                *best = (*best).min(measure(case, rows, captured)?);
            }
        }
        let [bare, captured] = best.map(|time| f64::from(rows) / time.as_secs_f64());
        println!(
            "{:<38} {bare:>12.0} {captured:>12.0} {:>7.2}",
            case.name,
            captured / bare
        );
    }
    Ok(())
}

fn measure(case: &Case, rows: u32, captured: bool) -> Result<Duration> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("cost.db");
    std::fs::File::create(&path)?;
    let connection = open(&path, Access::ReadWrite)?;
    let run = |sql: &str| connection.execute_batch(sql).map_err(sqlite_error);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")?;
    run(case.schema)?;
    if case.filled {
        all(&connection, INSERT, rows)?;
    }
    if captured {
        install(&connection, &["t"], Patience::default())?;
    }
    let before = logged(&connection)?;
    let start = Instant::now();
    all(&connection, case.statement, rows)?;
    let time = start.elapsed();
    let images = logged(&connection)? - before;
    if captured && images < u64::from(rows) {
        return Err(Error::source(format!(
            "{rows} changes left {images} images in the log"
        )));
    }
    Ok(time)
}

fn logged(connection: &Connection) -> Result<u64> {
    Ok(state(connection)?.map_or(0, |state| state.last))
}

fn all(connection: &Connection, sql: &str, rows: u32) -> Result<()> {
    connection.execute_batch("BEGIN").map_err(sqlite_error)?;
    let mut statement = connection.prepare(sql).map_err(sqlite_error)?;
    for row in 1..=rows {
        statement.execute([row]).map_err(sqlite_error)?;
    }
    connection.execute_batch("COMMIT").map_err(sqlite_error)
}
