//! A table of SQLite as Arrow batches.

use std::any::Any;
use std::path::Path as Directory;

use connector_core::ingest::{IngestOptions, Until};
use connector_sqlite::Sqlite;
use rusqlite::Connection;

use crate::data::{Cell, HALF_NULL, LINEITEM, NARROW, TABLES, Table, WIDE};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, limits, run};

pub(super) const FILE: &str = "tables.db";

/// The tables of one file, read by one connection.
pub(crate) fn group() -> Group {
    Group {
        name: "sqlite",
        prepare,
        paths: vec![
            one_connection(
                "sqlite-lineitem",
                "SQLite `lineitem` → Arrow",
                limit::<0>,
                ours::<0, 1>,
            ),
            one_connection(
                "sqlite-narrow",
                "SQLite narrow integers → Arrow",
                limit::<1>,
                ours::<1, 1>,
            ),
            one_connection(
                "sqlite-wide",
                "SQLite wide text → Arrow",
                limit::<2>,
                ours::<2, 1>,
            ),
            one_connection(
                "sqlite-half-null",
                "SQLite 200 columns half null → Arrow",
                limit::<3>,
                ours::<3, 1>,
            ),
            Path {
                name: "sqlite-lineitem-two",
                title: "SQLite `lineitem` → Arrow, on two processors",
                limit: Side {
                    label: "`sqlite3_step` and typed column reads",
                    run: limit::<0>,
                },
                ours: Side {
                    label: "two connections",
                    run: ours::<0, 2>,
                },
                by: By::Time,
                reach: Reach::Times(1.0),
            },
        ],
    }
}

type Measure = fn(&Directory, Amount) -> Result<Run>;

fn one_connection(name: &'static str, title: &'static str, limit: Measure, ours: Measure) -> Path {
    Path {
        name,
        title,
        limit: Side {
            label: "`sqlite3_step` and typed column reads",
            run: limit,
        },
        ours: Side {
            label: "one connection",
            run: ours,
        },
        by: By::Time,
        reach: Reach::AtMost(1.35),
    }
}

/// Makes the file with all tables, unless it is there.
pub(super) fn prepare(directory: &Directory, amount: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    let file = directory.join(FILE);
    if !file.exists() {
        let half_made = directory.join("half-made.db");
        let _ = std::fs::remove_file(&half_made);
        let connection = Connection::open(&half_made)?;
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")?;
        for table in TABLES {
            fill(&connection, &table, amount.scale)?;
        }
        connection.execute_batch("COMMIT; PRAGMA journal_mode = DELETE")?;
        drop(connection);
        std::fs::rename(half_made, file)?;
    }
    Ok(Box::new(()))
}

/// Makes and fills one table.
pub(super) fn fill(connection: &Connection, table: &Table, scale: f64) -> Result<()> {
    connection.execute_batch(&table.create())?;
    insert(connection, table, scale)
}

/// Inserts the rows of a scale.
pub(super) fn insert(connection: &Connection, table: &Table, scale: f64) -> Result<()> {
    let places = vec!["?"; (table.columns)().len()].join(", ");
    let mut insert =
        connection.prepare(&format!("INSERT INTO {} VALUES ({places})", table.name))?;
    (table.rows)(scale, &mut |row| {
        for (place, cell) in row.iter().enumerate() {
            match *cell {
                Cell::Null => insert.raw_bind_parameter(place + 1, rusqlite::types::Null)?,
                Cell::Integer(number) => insert.raw_bind_parameter(place + 1, number)?,
                #[expect(clippy::cast_precision_loss, reason = "prices are small")]
                Cell::Hundredths(number) => {
                    insert.raw_bind_parameter(place + 1, number as f64 / 100.0)?;
                }
                Cell::Text(text) => insert.raw_bind_parameter(place + 1, text)?,
            }
        }
        insert.raw_execute()?;
        Ok(())
    })
}

const BY_PLACE: [Table; 4] = [LINEITEM, NARROW, WIDE, HALF_NULL];

fn limit<const TABLE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let watch = Watch::start();
    let rows = limits::sqlite::read(&directory.join(FILE), &BY_PLACE[TABLE])?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}

fn ours<const TABLE: usize, const CONNECTIONS: u16>(
    directory: &Directory,
    _: Amount,
) -> Result<Run> {
    let watch = Watch::start();
    let rows = run::to_arrow(
        Sqlite::new(directory.join(FILE)).with_snapshot_connections(CONNECTIONS),
        BY_PLACE[TABLE].name,
        IngestOptions {
            until: Until::Snapshot,
            ..IngestOptions::default()
        },
    )?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}
