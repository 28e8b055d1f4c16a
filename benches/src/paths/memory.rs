//! What a run holds in memory, by what it may hold.

use std::any::Any;
use std::path::Path as Directory;
use std::time::Duration;

use connector_core::ingest::{Delivery, IngestOptions, Until};
use connector_sqlite::Sqlite;
use rusqlite::Connection;

use super::sqlite;
use crate::data::LINEITEM;
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, run};

/// The bytes of a large row.
const LARGE: u32 = 8 << 20;
/// How many of them there are.
const ROWS: u32 = 24;
/// How many connections read.
const CONNECTIONS: u16 = 2;
/// The queue, and an open batch for each connection, in MiB: the bounds by default.
const BOUND: f64 = 8.0 + 1.0 * CONNECTIONS as f64;

/// Tables of many rows, and of large ones.
pub(crate) fn group() -> Group {
    let path = |name, title, run, row_mib: f64| Path {
        name,
        title,
        limit: Side {
            label: "queue and batches + 64 MiB + 2 × the largest row",
            run,
        },
        ours: Side {
            label: "two connections, a consumer that is slow",
            run,
        },
        by: By::Memory(BOUND + 64.0 + 2.0 * row_mib),
        reach: Reach::AtMost(1.0),
    };
    Group {
        name: "memory",
        prepare,
        paths: vec![
            path("memory-lineitem", "memory: `lineitem`", lineitem, 0.0),
            path(
                "memory-large",
                "memory: rows of 8 MiB",
                large,
                f64::from(LARGE >> 20),
            ),
        ],
    }
}

fn prepare(directory: &Directory, amount: Amount, paths: &[&Path]) -> Result<Box<dyn Any>> {
    let file = directory.join("large.db");
    if !file.exists() {
        let connection = Connection::open(&file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; CREATE TABLE large(id INTEGER PRIMARY KEY, content BLOB); BEGIN",
        )?;
        for _ in 0..ROWS {
            connection.execute("INSERT INTO large(content) VALUES(zeroblob(?1))", [LARGE])?;
        }
        connection.execute_batch("COMMIT")?;
    }
    sqlite::prepare(directory, amount, paths)
}

fn lineitem(directory: &Directory, _: Amount) -> Result<Run> {
    // Longer than reading a batch takes: the queue is full from the start on.
    slowly(
        &directory.join(sqlite::FILE),
        LINEITEM.name,
        Duration::from_millis(10),
    )
}

fn large(directory: &Directory, _: Amount) -> Result<Run> {
    slowly(
        &directory.join("large.db"),
        "large",
        Duration::from_millis(20),
    )
}

/// Reads a table, with a pause for each batch, so that the source is always ahead by as much as it may be.
fn slowly(file: &Directory, table: &str, pause: Duration) -> Result<Run> {
    let source = Sqlite::new(file).with_snapshot_connections(CONNECTIONS);
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let watch = Watch::start();
    let mut rows = 0;
    run::deliveries(source, table, options, |delivery| {
        if let Delivery::Batch(batch) = delivery {
            rows += batch.rows() as u64;
            std::thread::sleep(pause);
        }
        Ok(())
    })?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}
