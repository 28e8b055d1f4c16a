//! The change log of a SQLite file as Arrow batches.

use std::any::Any;
use std::path::Path as Directory;

use connector_core::Checkpoint;
use connector_core::ingest::{IngestOptions, Until};
use connector_core::{Source as _, TableInfo};
use connector_sqlite::{Capture, Sqlite};
use rusqlite::Connection;

use super::sqlite::{fill, insert};
use crate::data::{LINEITEM, Table};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, run};

const FILE: &str = "captured.db";
/// Where the changes begin, as the reader's checkpoint.
const START: &str = "start.json";

/// One file whose changes are captured.
pub(crate) fn group() -> Group {
    Group {
        name: "sqlite-log",
        prepare,
        paths: vec![Path {
            name: "sqlite-log-lineitem",
            title: "SQLite change log of `lineitem` → Arrow",
            limit: Side {
                label: "the same rows as a snapshot",
                run: snapshot,
            },
            ours: Side {
                label: "the log, one insert a row",
                run: changes,
            },
            by: By::Time,
            reach: Reach::AtMost(1.5),
        }],
    }
}

fn source(directory: &Directory) -> Sqlite {
    Sqlite::new(directory.join(FILE))
        .with_capture(Capture::Triggers)
        .with_snapshot_connections(1)
}

/// Captures an empty table, notes the position, and inserts the rows.
fn prepare(directory: &Directory, amount: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    let file = directory.join(FILE);
    if file.exists() {
        return Ok(Box::new(()));
    }
    let connection = Connection::open(&file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")?;
    let empty = Table {
        rows: |_, _| Ok(()),
        ..LINEITEM
    };
    fill(&connection, &empty, 0.0)?;
    source(directory).prepare(&[TableInfo::select(LINEITEM.name)])?;
    let start = run::deliveries(
        source(directory),
        LINEITEM.name,
        until_caught_up(None),
        |_| Ok(()),
    )?;
    connection.execute_batch("BEGIN")?;
    insert(&connection, &LINEITEM, amount.scale)?;
    connection.execute_batch("COMMIT")?;
    std::fs::write(directory.join(START), serde_json::to_string(&start)?)?;
    Ok(Box::new(()))
}

fn until_caught_up(checkpoint: Option<Checkpoint>) -> IngestOptions {
    IngestOptions {
        checkpoint,
        until: Until::CaughtUp,
        ..IngestOptions::default()
    }
}

fn snapshot(directory: &Directory, _: Amount) -> Result<Run> {
    let watch = Watch::start();
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let rows = run::to_arrow(source(directory), LINEITEM.name, options)?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}

fn changes(directory: &Directory, _: Amount) -> Result<Run> {
    let start = serde_json::from_str(&std::fs::read_to_string(directory.join(START))?)?;
    let watch = Watch::start();
    let rows = run::to_arrow(
        source(directory),
        LINEITEM.name,
        until_caught_up(Some(start)),
    )?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}
