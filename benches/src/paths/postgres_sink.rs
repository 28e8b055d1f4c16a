//! Batches into Postgres.

use std::any::Any;
use std::path::Path as Directory;

use connector_core::ingest::{Delivery, IngestOptions, Until};
use connector_core::sink::{Sink as _, SinkTarget};
use connector_core::{Batch, Checkpoint, RowOp};
use connector_postgres::wire::{Connection, Mode};
use connector_postgres::{PostgresSink, Settings};
use connector_sqlite::Sqlite;

use super::sqlite;
use crate::cluster::{Cluster, Options, SUPERUSER};
use crate::data::LINEITEM;
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, run};

const URL: &str = "sink-url";
/// The rows as `COPY` wants them.
const ROWS: &str = "lineitem.pgcopy";
const DATABASE: &str = "sink";
/// So much of them is sent at a time.
const SENT: usize = 128 << 10;
const TABLE: &str = "
    l_orderkey bigint NOT NULL, l_partkey bigint, l_suppkey bigint, l_linenumber bigint NOT NULL,
    l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2),
    l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct text,
    l_shipmode text, l_comment text";
const KEY: &str = "PRIMARY KEY (l_orderkey, l_linenumber)";

/// One table, in memory as batches before the clock starts, and as the bytes that `COPY` sends.
pub(crate) fn group() -> Group {
    Group {
        name: "postgres-sink",
        prepare,
        paths: vec![
            Path {
                name: "postgres-sink-snapshot",
                title: "batches of `lineitem` → Postgres sink, a snapshot",
                limit: Side {
                    label: "binary `COPY` of bytes that are there, then the key",
                    run: copied_by_hand,
                },
                ours: Side {
                    label: "the sink, a snapshot and its commit",
                    run: copied_by_sink,
                },
                by: By::Time,
                reach: Reach::AtMost(1.15),
            },
            Path {
                name: "postgres-sink-changes",
                title: "batches of `lineitem` → Postgres sink, inserts by key",
                limit: Side {
                    label: "binary `COPY` into a temporary table, then `INSERT … ON CONFLICT`",
                    run: upserted_by_hand,
                },
                ours: Side {
                    label: "the sink, changes and their commits",
                    run: upserted_by_sink,
                },
                by: By::Time,
                reach: Reach::Shown,
            },
        ],
    }
}

fn prepare(directory: &Directory, amount: Amount, paths: &[&Path]) -> Result<Box<dyn Any>> {
    let tables = sqlite::prepare(directory, amount, paths)?;
    let cluster = Cluster::start(&Options {
        conf: "synchronous_commit = on\nmax_wal_size = 8GB\nshared_buffers = 128MB".to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database(DATABASE);
    std::fs::write(directory.join(URL), cluster.url(SUPERUSER, DATABASE))?;
    copied_by_sink(directory, amount)?;
    let mut bytes = Vec::new();
    let mut copy = connection.copy_out("COPY lineitem TO STDOUT (FORMAT binary)")?;
    while let Some(part) = copy.next()? {
        bytes.extend_from_slice(part);
    }
    std::fs::write(directory.join(ROWS), bytes)?;
    Ok(Box::new((tables, cluster)))
}

fn connect(directory: &Directory) -> Result<(String, Connection)> {
    let url = std::fs::read_to_string(directory.join(URL))?;
    let mut connection = Connection::open(&Settings::from_url(&url)?, Mode::Query)?;
    // What the run before has left is neither side's to write.
    connection.execute("DROP TABLE IF EXISTS lineitem, _dozer_sink, by_hand; CHECKPOINT")?;
    Ok((url, connection))
}

fn count(connection: &mut Connection, table: &str) -> Result<u64> {
    let rows = connection.query(&format!("SELECT count(*) AS n FROM {table}"))?;
    Ok(rows.one()?.parse("n")?)
}

fn copy(connection: &mut Connection, bytes: &[u8], to: &str) -> Result<()> {
    let copy = connection.start_copy_in(&format!("COPY {to} FROM STDIN (FORMAT binary)"))?;
    for part in bytes.chunks(SENT) {
        connection.send_copy_data(&copy, part)?;
    }
    connection.end_copy_in(copy)?;
    Ok(())
}

fn copied_by_hand(directory: &Directory, _: Amount) -> Result<Run> {
    let bytes = std::fs::read(directory.join(ROWS))?;
    let (_, mut connection) = connect(directory)?;
    let watch = Watch::start();
    connection.execute(&format!("CREATE TABLE by_hand ({TABLE})"))?;
    copy(&mut connection, &bytes, "by_hand")?;
    connection.execute(&format!("ALTER TABLE by_hand ADD {KEY}"))?;
    let took = watch.stop();
    let rows = count(&mut connection, "by_hand")?;
    Ok(Run { rows, took })
}

fn upserted_by_hand(directory: &Directory, _: Amount) -> Result<Run> {
    let bytes = std::fs::read(directory.join(ROWS))?;
    let (_, mut connection) = connect(directory)?;
    connection.execute(&format!("CREATE TABLE by_hand ({TABLE}, {KEY})"))?;
    let set: Vec<String> = (TABLE
        .split(',')
        .filter_map(|column| column.split_whitespace().next()))
    .filter(|name| name.starts_with("l_") && !matches!(*name, "l_orderkey" | "l_linenumber"))
    .map(|name| format!("{name} = EXCLUDED.{name}"))
    .collect();
    let watch = Watch::start();
    connection.execute(&format!("BEGIN; CREATE TEMPORARY TABLE staged ({TABLE})"))?;
    copy(&mut connection, &bytes, "staged")?;
    connection.execute(&format!(
        "INSERT INTO by_hand SELECT * FROM staged ON CONFLICT (l_orderkey, l_linenumber) DO UPDATE SET {}; COMMIT",
        set.join(", ")
    ))?;
    let took = watch.stop();
    let rows = count(&mut connection, "by_hand")?;
    Ok(Run { rows, took })
}

fn batches(directory: &Directory) -> Result<Vec<Batch>> {
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

fn copied_by_sink(directory: &Directory, _: Amount) -> Result<Run> {
    by_sink(directory, false)
}

fn upserted_by_sink(directory: &Directory, _: Amount) -> Result<Run> {
    by_sink(directory, true)
}

fn by_sink(directory: &Directory, as_changes: bool) -> Result<Run> {
    let mut batches = batches(directory)?;
    let (url, mut connection) = connect(directory)?;
    let schema = (batches.first().and_then(|batch| batch.tables.first()))
        .map(|rows| rows.schema.clone())
        .ok_or("there are no rows")?;
    let mut sink = PostgresSink::new(url).writer()?;
    sink.open(&SinkTarget {
        app: "bench".to_owned(),
        connection: "bench".to_owned(),
        schemas: vec![schema],
        widened: Vec::new(),
    })?;
    let end = Checkpoint::after(1);
    if as_changes {
        for batch in &mut batches {
            batch.phase = end.phase;
            let mut ops = batch.tables.iter().flat_map(|rows| &rows.ops);
            assert!(ops.all(|op| *op == RowOp::Insert));
        }
    }
    let watch = Watch::start();
    if !as_changes {
        sink.start_snapshot(&Checkpoint::snapshot(0))?;
    }
    for batch in &batches {
        sink.write(batch)?;
    }
    sink.commit(&end)?;
    let took = watch.stop();
    drop(sink);
    let rows = count(&mut connection, LINEITEM.name)?;
    Ok(Run { rows, took })
}
