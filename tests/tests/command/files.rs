//! Parquet files and Arrow IPC streams, written by the command while it is killed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_ipc::reader::StreamReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::{Place, Random, dump, shop};

const TABLES: [&str; 2] = ["person", "event"];

const SINKS: &str = "  - { name: files, config: !Parquet { path: parquet, file_rows: 5000 } }\n  \
     - { name: streams, config: !Arrow { path: arrow } }\n";

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, age INTEGER NOT NULL);
    CREATE TABLE event(kind TEXT, n INTEGER);
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO event SELECT 'old ' || n % 100, n % 7 FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40)
    INSERT INTO person SELECT n, 'name ' || n, n FROM c;
";

fn transaction(random: &mut Random) -> String {
    let statement = |random: &mut Random| {
        let (a, b) = (random.below(50), random.below(50));
        match random.below(6) {
            0 => format!("INSERT OR REPLACE INTO person VALUES({a}, 'name {b}', {b});"),
            1 => format!("UPDATE person SET age = age + {b}, name = NULL WHERE id % 5 = {a} % 5;"),
            2 => format!("DELETE FROM person WHERE id = {a};"),
            3 => {
                format!("INSERT INTO event VALUES('new {a}', {b}), ('new {a}', {b}), (NULL, NULL);")
            }
            4 => format!("UPDATE event SET kind = 'new {b}' WHERE kind = 'new {a}';"),
            _ => format!(
                "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event WHERE n = {a} % 8 LIMIT 3);"
            ),
        }
    };
    let statements: String = (0..=random.below(4)).map(|_| statement(random)).collect();
    format!("BEGIN IMMEDIATE; {statements} COMMIT;\n")
}

/// The rows of a source's files, as the manifest has them.
fn batches(directory: &Path, source: &str) -> Vec<RecordBatch> {
    let text = std::fs::read(directory.join("shop.manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    let files = manifest["state"]["sources"][source]["files"]
        .as_array()
        .unwrap();
    let rows = files.iter().flat_map(|entry| {
        let path = directory.join(entry["path"].as_str().unwrap());
        let file = File::open(&path).unwrap();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file)
                .unwrap()
                .build()
                .unwrap();
            return reader.map(Result::unwrap).collect::<Vec<_>>();
        }
        let file = file.take(entry["bytes"].as_u64().unwrap());
        StreamReader::try_new(file, None)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    });
    rows.collect()
}

/// A value as SQLite's `quote` writes it.
fn quoted(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        "NULL".to_owned()
    } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        numbers.value(row).to_string()
    } else {
        format!("'{}'", array.as_string::<i32>().value(row))
    }
}

/// The rows that are left when every change was made, and how many changes were no rows of a snapshot. A change that
/// does not fit what is there fails the test.
fn folded(batches: &[RecordBatch]) -> (Vec<String>, usize) {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    let mut changes = 0;
    for batch in batches {
        let ops = batch.column_by_name("_op").unwrap().as_string::<i32>();
        let own = batch.schema().index_of("_op").unwrap();
        for row in 0..batch.num_rows() {
            let values: Vec<String> = batch.columns()[..own]
                .iter()
                .map(|column| quoted(column, row))
                .collect();
            let line = values.join(", ");
            match ops.value(row) {
                "+I" | "+U" => *rows.entry(line).or_default() += 1,
                "-U" | "-D" => {
                    let count = rows
                        .get_mut(&line)
                        .unwrap_or_else(|| panic!("{line} is not there"));
                    *count -= 1;
                    if *count == 0 {
                        rows.remove(&line);
                    }
                }
                other => panic!("{other}"),
            }
            changes += usize::from(ops.value(row) != "+I");
        }
    }
    let lines = rows
        .into_iter()
        .flat_map(|(line, count)| std::iter::repeat_n(line, count));
    (lines.collect(), changes)
}

#[test]
fn files_and_streams_hold_what_the_source_holds_however_often_the_command_is_killed() {
    let place = Place::with(&shop(", capture: triggers", &TABLES, SINKS));
    place.sqlite("source.db", SCHEMA);
    place.done("migrate");
    let mut random = Random::new(7);
    for kill in 0..12 {
        if kill == 1 || kill == 2 {
            place.done("app reset --connection shop");
        }
        let mut running = place.start("app run --log debug");
        let within = match kill {
            0 => "shop: starts",
            1 | 2 => "shop: snapshot started at ",
            _ => "shop: stored up to ",
        };
        if kill > 2 {
            // Something is to be stored, whatever the statements find.
            place.sqlite("source.db", "INSERT INTO event VALUES('next', 1);");
            place.sqlite("source.db", &transaction(&mut random));
        }
        running.wait_for(within);
        for _ in 0..random.below(4) {
            place.sqlite("source.db", &transaction(&mut random));
        }
        std::thread::sleep(Duration::from_micros(random.below(100_000)));
        running.signal("KILL");
        running.ended();
        if kill == 2 {
            place.done("app run --once");
        }
    }
    place.done("app run --once");
    for (table, mut expected) in dump(&place.file("source.db"), &TABLES) {
        expected.sort();
        for sink in ["parquet", "arrow"] {
            let (rows, changes) = folded(&batches(&place.file(sink), &table));
            assert!(
                rows == expected,
                "{sink}: `{table}` is not what the source holds"
            );
            assert!(changes > 0, "{sink}: `{table}` was not changed");
        }
    }
}

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
    assert_eq!(folded(&rows).0.len(), 40);
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
