//! Batches into SQLite.

use std::path::Path as Directory;

use connector_core::Batch;
use connector_core::Checkpoint;
use connector_core::ingest::{Delivery, IngestOptions, Until};
use connector_core::sink::{Sink as _, SinkTarget};
use connector_sqlite::{Sqlite, SqliteSink};
use rusqlite::Connection;

use super::sqlite;
use crate::data::LINEITEM;
use crate::limits::sqlite_insert;
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, run};

/// One table, in memory as batches before the clock starts.
pub(crate) fn group() -> Group {
    Group {
        name: "sqlite-sink",
        prepare: sqlite::prepare,
        paths: vec![Path {
            name: "sqlite-sink-lineitem",
            title: "batches of `lineitem` → SQLite sink",
            limit: Side {
                label: "prepared inserts in one transaction",
                run: by_hand,
            },
            ours: Side {
                label: "the sink, a snapshot and its commit",
                run: by_sink,
            },
            by: By::Time,
            reach: Reach::AtMost(1.15),
        }],
    }
}

/// All rows of the table, as a run would hand them to a sink.
pub(super) fn batches(directory: &Directory) -> Result<Vec<Batch>> {
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let source = Sqlite::new(directory.join(sqlite::FILE)).with_snapshot_connections(1);
    let mut batches = Vec::new();
    run::deliveries(source, LINEITEM.name, options, |delivery| {
        if let Delivery::Batch(batch) = delivery {
            batches.push(batch);
        }
        Ok(())
    })?;
    Ok(batches)
}

fn by_hand(directory: &Directory, _: Amount) -> Result<Run> {
    let batches = batches(directory)?;
    let place = tempfile::tempdir_in(directory)?;
    let connection = Connection::open(place.path().join("by-hand.db"))?;
    // The settings and the table that the sink makes: what is compared is the writing alone.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;
         CREATE TABLE lineitem(
            l_orderkey INTEGER NOT NULL, l_partkey INTEGER, l_suppkey INTEGER, l_linenumber INTEGER NOT NULL,
            l_quantity TEXT, l_extendedprice TEXT, l_discount TEXT, l_tax TEXT, l_returnflag TEXT, l_linestatus TEXT,
            l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct TEXT, l_shipmode TEXT,
            l_comment TEXT, PRIMARY KEY(l_orderkey, l_linenumber))",
    )?;
    let watch = Watch::start();
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let places = vec!["?"; (LINEITEM.columns)().len()].join(", ");
    let mut insert = connection.prepare(&format!("INSERT INTO lineitem VALUES({places})"))?;
    for batch in &batches {
        for rows in &batch.tables {
            sqlite_insert::insert(&mut insert, rows)?;
        }
    }
    connection.execute_batch("COMMIT")?;
    let took = watch.stop();
    drop(insert);
    let rows = sqlite_insert::count(&connection, LINEITEM.name)?;
    Ok(Run { rows, took })
}

fn by_sink(directory: &Directory, _: Amount) -> Result<Run> {
    let batches = batches(directory)?;
    let schema = (batches.first().and_then(|batch| batch.tables.first()))
        .map(|rows| rows.schema.clone())
        .ok_or("there are no rows")?;
    let place = tempfile::tempdir_in(directory)?;
    let file = place.path().join("sink.db");
    let mut sink = SqliteSink::new(&file).writer();
    sink.open(&SinkTarget {
        app: "bench".to_owned(),
        connection: "bench".to_owned(),
        schemas: vec![schema],
        widened: Vec::new(),
    })?;
    let watch = Watch::start();
    sink.start_snapshot(&Checkpoint::snapshot(0))?;
    for batch in &batches {
        sink.write(batch)?;
    }
    sink.commit(&batches.last().ok_or("there are no rows")?.end)?;
    let took = watch.stop();
    let rows = sqlite_insert::count(&Connection::open(file)?, LINEITEM.name)?;
    Ok(Run { rows, took })
}
