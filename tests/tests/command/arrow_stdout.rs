//! Arrow IPC streams on standard output.

use std::process::{Command, Stdio};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;

use crate::support::{Place, shop};

const TABLES: [&str; 2] = ["person", "event"];

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, age INTEGER NOT NULL);
    CREATE TABLE event(kind TEXT, n INTEGER);
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40)
    INSERT INTO person SELECT n, 'name ' || n, n FROM c;
";

#[test]
fn one_source_streams_to_stdout() {
    let sinks = "  - { name: out, config: !Arrow { path: \"-\" } }\n";
    let place = Place::with(&shop("", &["person"], sinks));
    place.sqlite("source.db", SCHEMA);
    let output = Command::new(env!("CARGO_BIN_EXE_dozer-under-test"))
        .args(["app", "run", "--once"])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rows: Vec<RecordBatch> = StreamReader::try_new(output.stdout.as_slice(), None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let rows: usize = rows.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 40);
    let end = [255, 255, 255, 255, 0, 0, 0, 0];
    assert!(
        output.stdout.ends_with(&end),
        "something follows the stream"
    );
    assert!(!place.file("-").exists());
}

#[test]
fn two_sources_on_stdout_are_refused() {
    let sinks = "  - { name: out, config: !Arrow { path: \"-\" } }\n";
    let place = Place::with(&shop("", &TABLES, sinks));
    place.sqlite("source.db", SCHEMA);
    place.run("app run --once").refused(
        2,
        &[
            "has 2 sources, and stdout takes the stream of one",
            "help: ",
        ],
    );
}
