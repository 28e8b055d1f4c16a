//! What one more table, column, transaction or row of a transaction costs, where there are few and where there are many.

use std::any::Any;
use std::path::Path as Directory;

use connector_core::Result as Outcome;
use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::prelude::*;
use connector_sqlite::Sqlite;
use rusqlite::Connection;

use crate::Result;
use crate::data::Reading;
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};

/// How many there are.
const AT: &[u32] = &[10, 30, 100, 300, 1_000];

/// Counted in instructions.
pub(crate) fn group() -> Group {
    let path = |name, title, by: &'static [u32], run| Path {
        name,
        title,
        limit: Side {
            label: "one more where there are few",
            run,
        },
        ours: Side {
            label: "one more where there are many",
            run,
        },
        by: By::OneMore(by),
        reach: Reach::AtMost(1.3),
    };
    Group {
        name: "one-more",
        prepare,
        paths: vec![
            path("one-more-table", "one more table of SQLite", AT, tables),
            path("one-more-column", "one more column of SQLite", AT, columns),
            path(
                "one-more-transaction",
                "one more transaction",
                AT,
                transactions,
            ),
            path(
                "one-more-row",
                "one more row of a transaction",
                &[1_000, 10_000, 100_000, 1_000_000],
                rows,
            ),
        ],
    }
}

/// Makes files with so many tables, and with a table of so many columns and of rows enough that what happens once is not what is
/// measured: where the file lies alone moves that by some ten thousand instructions. Pages are large enough for rows of 2,000
/// columns: how SQLite reads those that are spread over several is not measured here.
fn prepare(directory: &Directory, _: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    for number in AT.iter().flat_map(|number| [*number, number * 2]) {
        let make = |what: &str, sql: &dyn Fn() -> String| -> Result<()> {
            let file = directory.join(format!("{what}-{number}.db"));
            if !file.exists() {
                let connection = Connection::open(&file)?;
                if what == "wide" {
                    connection.execute_batch("PRAGMA page_size = 65536")?;
                }
                connection.execute_batch(&format!(
                    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {}; COMMIT",
                    sql()
                ))?;
            }
            Ok(())
        };
        make("tables", &|| {
            let table = |place: u32| {
                format!(
                    "CREATE TABLE t{place}(id INTEGER PRIMARY KEY, name TEXT, price REAL);
                     INSERT INTO t{place} VALUES(1, 'one', 1.5), (2, 'two', 2.5), (3, 'three', 3.5);"
                )
            };
            (0..number).map(table).collect()
        })?;
        make("wide", &|| {
            let names: Vec<String> = (0..number)
                .map(|place| format!("c{place} INTEGER"))
                .collect();
            let values: Vec<String> = (0..number)
                .map(|place| format!("value * {place}"))
                .collect();
            format!(
                "CREATE TABLE wide({});
                 WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000)
                 INSERT INTO wide SELECT {} FROM n",
                names.join(", "),
                values.join(", ")
            )
        })?;
    }
    Ok(Box::new(()))
}

fn number(amount: Amount) -> u32 {
    amount
        .rows
        .and_then(|rows| u32::try_from(rows).ok())
        .unwrap_or(10)
}

/// Runs a connector over all its tables, and gives the number of rows.
fn all(connector: impl Connector + 'static, until: Until) -> Result<Run> {
    let watch = Watch::start();
    let options = IngestOptions {
        until,
        ..IngestOptions::default()
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let source = std::thread::spawn(move || connector.start(None, &ingestor, None));
    let mut rows = 0;
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = delivery {
            rows += batch.rows() as u64;
        }
    }
    drop(deliveries);
    source.join().map_err(|_| "the source panicked")??;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}

fn tables(directory: &Directory, amount: Amount) -> Result<Run> {
    let file = directory.join(format!("tables-{}.db", number(amount)));
    all(
        Sqlite::new(file).with_snapshot_connections(1),
        Until::Snapshot,
    )
}

fn columns(directory: &Directory, amount: Amount) -> Result<Run> {
    let file = directory.join(format!("wide-{}.db", number(amount)));
    all(
        Sqlite::new(file).with_snapshot_connections(1),
        Until::Snapshot,
    )
}

/// So many transactions of so many changes each.
#[derive(Debug, Clone)]
struct Transactions {
    number: u32,
    changes: u32,
}

impl Source for Transactions {
    fn get_tables(&self) -> Outcome<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Outcome<impl ChangeStream> {
        let changes = self.changes;
        let snapshot = [
            Event::SnapshotStarted { lsn: 1 },
            Event::SnapshotDone { lsn: 1 },
        ];
        let transaction = move |number: u32| {
            let lsn = u64::from(number) + 2;
            let change = |change: u32| Event::insert(Reading::numbered(change % 1_000));
            std::iter::once(Event::Begin { lsn })
                .chain((0..changes).map(change))
                .chain(std::iter::once(Event::Commit))
        };
        // The last word of a stream that has no more to tell for now.
        let idle = std::iter::repeat_with(|| Event::Idle { reached: None });
        let events = snapshot.into_iter();
        let events = events
            .chain((0..self.number).flat_map(transaction))
            .chain(idle);
        Ok(events.map(Ok))
    }
}

fn transactions(_: &Directory, amount: Amount) -> Result<Run> {
    let number = number(amount);
    all(
        Transactions {
            number,
            changes: 10,
        },
        Until::CaughtUp,
    )
}

fn rows(_: &Directory, amount: Amount) -> Result<Run> {
    let changes = number(amount);
    all(Transactions { number: 1, changes }, Until::CaughtUp)
}
