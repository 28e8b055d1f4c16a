//! What a stored position is good for: the sources, the columns and the sinks that it was stored with.

use std::path::Path;

use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::prelude::*;
use connector_core::sink::{Jsonl, JsonlSink, NullSink};
use connector_core::{ErrorKind, Result};
use connector_events::Events;
use connector_sqlite::{Sqlite, SqliteSink};
use rusqlite::Connection;

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    name: String,
    height: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Reading {
    celsius: f64,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
enum Tables {
    Station(Station),
    Reading(Reading),
}

fn history() -> Events<Tables> {
    let events = Events::default();
    events.push([
        Event::insert(Tables::Station(Station {
            name: "oslo".to_owned(),
            height: None,
        })),
        Event::insert(Tables::Reading(Reading { celsius: 1.5 })),
    ]);
    events
}

fn run(pipeline: Pipeline, tables: Vec<TableInfo>) -> Result<u64> {
    let once = RunOptions {
        once: true,
        ..RunOptions::default()
    };
    let summary = pipeline.tables(tables).run_with(&once)?;
    Ok(summary.rows.iter().map(|(_, rows)| rows).sum())
}

fn station() -> TableInfo {
    TableInfo::select("station")
}

#[test]
fn a_source_that_is_new_to_a_position_is_refused_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let events = history();
    let go = |tables: Vec<TableInfo>| {
        run(
            Pipeline::from(events.clone()).into(JsonlSink::new(Jsonl::new(directory.path()))),
            tables,
        )
    };
    let both = || vec![station(), TableInfo::select("reading")];
    assert_eq!(go(both()).unwrap(), 2);
    let lines = || std::fs::read_to_string(directory.path().join("reading.jsonl")).unwrap();
    let whole = lines();

    // Leaving a source out is fine, also for a while in which nothing happens; its file is left alone.
    assert_eq!(go(vec![station()]).unwrap(), 0);
    assert_eq!(go(both()).unwrap(), 0);
    events.push([Event::insert(Tables::Reading(Reading { celsius: 2.5 }))]);
    assert_eq!(go(vec![station()]).unwrap(), 0);
    assert_eq!(lines(), whole);

    let error = go(both()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Drift);
    assert!(
        error.to_string().contains("source `reading` is new"),
        "{error}"
    );
    assert!(error.to_string().contains("`app reset`"), "{error}");
    assert_eq!(lines(), whole);
}

#[test]
fn other_columns_than_those_of_a_position_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let events = history();
    let go = |table| {
        run(
            Pipeline::from(events.clone()).into(JsonlSink::new(Jsonl::new(directory.path()))),
            vec![table],
        )
    };
    assert_eq!(go(station().columns(["name"])).unwrap(), 1);
    let error = go(station()).unwrap_err().to_string();
    assert!(
        error.contains("source `station` was stored with another table or other columns"),
        "{error}"
    );
}

#[test]
fn a_sink_that_keeps_nothing_has_no_say_in_where_a_run_begins() {
    let directory = tempfile::tempdir().unwrap();
    let events = history();
    let go = || {
        let lines = JsonlSink::new(Jsonl::new(directory.path()));
        run(
            Pipeline::from(events.clone())
                .into(NullSink::default())
                .into(lines),
            vec![station()],
        )
    };
    assert_eq!(go().unwrap(), 1);
    assert_eq!(go().unwrap(), 0);
}

fn copy(source: &Path, sink: &Path) -> Result<u64> {
    let pipeline = Pipeline::from(Sqlite::new(source)).into(SqliteSink::new(sink).writer());
    run(pipeline, vec![TableInfo::select("t")])
}

#[test]
fn every_run_of_a_bounded_source_replaces_what_the_one_before_stored() {
    let directory = tempfile::tempdir().unwrap();
    let (from, to) = (
        directory.path().join("from.db"),
        directory.path().join("to.db"),
    );
    let source = Connection::open(&from).unwrap();
    source
        .execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        .unwrap();
    for rows in 1..=4_u32 {
        source.execute("INSERT INTO t VALUES(?1)", [rows]).unwrap();
        assert_eq!(copy(&from, &to).unwrap(), u64::from(rows));
        let stored: u32 = Connection::open(&to)
            .unwrap()
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(stored, rows);
    }
}

#[test]
fn a_table_that_is_gone_from_the_sink_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let to = directory.path().join("to.db");
    let events = history();
    let go = || {
        run(
            Pipeline::from(events.clone()).into(SqliteSink::new(&to).writer()),
            vec![station()],
        )
    };
    assert_eq!(go().unwrap(), 1);
    Connection::open(&to)
        .unwrap()
        .execute_batch("DROP TABLE station")
        .unwrap();
    events.push([Event::insert(Tables::Station(Station {
        name: "bergen".to_owned(),
        height: None,
    }))]);
    for _ in 0..2 {
        let error = go().unwrap_err().to_string();
        assert!(
            error.contains("table `station` of the sink is gone"),
            "{error}"
        );
    }
}
