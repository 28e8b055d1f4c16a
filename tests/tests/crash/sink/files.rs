//! `!Parquet` and `!Arrow`, as a reader of the manifest finds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_ipc::reader::StreamReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};

use super::{Sink, remove_directory, sum_is_whole};
use crate::source::Table;
use crate::support::{Bag, Line, Lines, Place};

/// `!Parquet`, with several files for a snapshot, of which those of one table are divided.
#[derive(Debug)]
pub(crate) struct ParquetFiles;

/// `!Arrow` into files.
#[derive(Debug)]
pub(crate) struct ArrowFiles;

impl Sink for ParquetFiles {
    fn name(&self) -> &'static str {
        "!Parquet"
    }

    fn configuration(&self) -> String {
        "  - { name: lake, config: !Parquet { path: lake, file_rows: 3000, partition_by: [place] } }\n"
            .to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["parquet.", "file_sink.", "state_file."]
    }

    fn stores_at(&self) -> &'static str {
        "parquet.sync.before"
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        checkpoint(&place.file("lake"))
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        lines(&place.file("lake"), &[table.name]).folded_by(table.name, table.key)
    }

    fn check(&self, place: &Place, tables: &[Table], elsewhere: &BTreeSet<(u64, u64)>) {
        check(&place.file("lake"), tables, elsewhere);
    }

    fn check_whole(&self, place: &Place) {
        check_whole(&place.file("lake"));
    }

    fn take_away(&self, place: &Place) {
        remove_directory(&place.file("lake"));
    }
}

impl Sink for ArrowFiles {
    fn name(&self) -> &'static str {
        "!Arrow"
    }

    fn configuration(&self) -> String {
        "  - { name: streams, config: !Arrow { path: streams } }\n".to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["arrow.", "file_sink.", "state_file."]
    }

    fn stores_at(&self) -> &'static str {
        "arrow.sync.before"
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        checkpoint(&place.file("streams"))
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        lines(&place.file("streams"), &[table.name]).folded_by(table.name, table.key)
    }

    fn check(&self, place: &Place, tables: &[Table], elsewhere: &BTreeSet<(u64, u64)>) {
        check(&place.file("streams"), tables, elsewhere);
    }

    fn check_whole(&self, place: &Place) {
        check_whole(&place.file("streams"));
    }

    fn take_away(&self, place: &Place) {
        remove_directory(&place.file("streams"));
    }
}

fn manifest(directory: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(directory.join("shop.manifest.json")).ok()?;
    let whole: Value = serde_json::from_str(&text).expect("a manifest is never torn");
    Some(whole["state"].clone())
}

fn checkpoint(directory: &Path) -> Option<Value> {
    let checkpoint = manifest(directory)?["checkpoint"].clone();
    (!checkpoint.is_null()).then_some(checkpoint)
}

fn check(directory: &Path, tables: &[Table], elsewhere: &BTreeSet<(u64, u64)>) {
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    lines(directory, &names).positions_are_right_without(elsewhere);
    let manifest = manifest(directory).unwrap();
    let mut named: Vec<PathBuf> = (names.iter())
        .flat_map(|name| entries(&manifest, name))
        .map(|(path, _)| directory.join(path))
        .collect();
    named.sort();
    let mut there = Vec::new();
    names
        .iter()
        .for_each(|name| files_below(&directory.join(name), &mut there));
    there.sort();
    assert_eq!(
        there, named,
        "the files after a run, and those of the manifest"
    );
}

fn check_whole(directory: &Path) {
    let Some(manifest) = manifest(directory) else {
        return;
    };
    if entries(&manifest, "account").is_empty() {
        return;
    }
    let accounts = lines(directory, &["account"]).folded_by("account", &["id"]);
    let amount = |row: &String| -> i64 {
        let row: Value = serde_json::from_str(row).unwrap();
        row["amount"].as_i64().unwrap()
    };
    let sum: i64 = accounts.keys().map(amount).sum();
    sum_is_whole(Some(&sum.to_string()));
}

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The files of a source, oldest first, and how many bytes of each count.
fn entries(manifest: &Value, source: &str) -> Vec<(String, u64)> {
    let files = manifest["sources"][source]["files"].as_array();
    let entry = |file: &Value| {
        let path = file["path"].as_str().unwrap().to_owned();
        (path, file["bytes"].as_u64().unwrap())
    };
    files.into_iter().flatten().map(entry).collect()
}

fn batches(path: &Path, bytes: u64) -> Vec<RecordBatch> {
    let file = File::open(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "parquet") {
        assert_eq!(file.metadata().unwrap().len(), bytes, "{}", path.display());
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        return reader.build().unwrap().map(Result::unwrap).collect();
    }
    let reader = StreamReader::try_new(file.take(bytes), None).unwrap();
    reader.map(Result::unwrap).collect()
}

/// One row of a file.
struct Row {
    position: (u64, u64),
    op: String,
    values: Map<String, Value>,
}

/// What the files of some sources tell, change by change.
fn lines(directory: &Path, sources: &[&str]) -> Lines {
    let manifest = manifest(directory).expect("there is a manifest");
    let of = |source: &&str| {
        let mut rows = Vec::new();
        for (path, bytes) in entries(&manifest, source) {
            let divided = path.split('/').find_map(|part| part.split_once('='));
            for batch in batches(&directory.join(&path), bytes) {
                (0..batch.num_rows()).for_each(|row| rows.push(read(&batch, row, divided)));
            }
        }
        // Those of several directories are mixed; an old row is before the new one.
        let rank = |row: &Row| (row.position, row.op == "+U");
        rows.sort_by_key(rank);
        ((*source).to_owned(), rows)
    };
    let rows: BTreeMap<String, Vec<Row>> = sources.iter().map(of).collect();
    let first = rows.values().flatten().map(|row| row.position.0).min();
    let lines = rows.into_iter().map(|(source, rows)| {
        let lines = changes(rows, first.unwrap_or_default());
        (source, lines)
    });
    Lines::of_all(lines.collect())
}

/// Rows as changes; `snapshot` is the position of the snapshot.
fn changes(rows: Vec<Row>, snapshot: u64) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let (lsn, seq) = row.position;
        let mut line = Line {
            op: String::new(),
            lsn,
            seq,
            before: None,
            after: None,
        };
        match row.op.as_str() {
            "+I" => {
                line.op = if lsn == snapshot { "r" } else { "c" }.to_owned();
                line.after = Some(row.values);
            }
            "-U" => {
                line.op = "u".to_owned();
                line.before = Some(row.values);
            }
            "+U" => {
                let last = lines.last_mut().filter(|last| {
                    (last.lsn, last.seq, last.op.as_str()) == (lsn, seq, "u")
                        && last.after.is_none()
                });
                let old = last.unwrap_or_else(|| panic!("({lsn}, {seq}) has no old row"));
                old.after = Some(row.values);
                continue;
            }
            "-D" => {
                line.op = "d".to_owned();
                line.before = Some(row.values);
            }
            other => panic!("({lsn}, {seq}) is a row of kind {other}"),
        }
        lines.push(line);
    }
    lines
}

/// A row; `divided` is what its path says of it. What was not sent is left out.
fn read(batch: &RecordBatch, row: usize, divided: Option<(&str, &str)>) -> Row {
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let position = |name: &str| column(name).as_primitive::<UInt64Type>().value(row);
    let unsent: Vec<String> = (batch.column_by_name("_unchanged"))
        .map(|names| names.as_list::<i32>())
        .filter(|names| names.is_valid(row))
        .map(|names| {
            let names = names.value(row);
            let names = names.as_string::<i32>().iter();
            names.map(|name| name.unwrap().to_owned()).collect()
        })
        .unwrap_or_default();
    let schema = batch.schema();
    let own = schema.fields().iter().zip(batch.columns());
    let own = own.filter(|(field, _)| !field.name().starts_with('_'));
    let mut values: Map<String, Value> = own
        .map(|(field, array)| (field.name().clone(), value(array, row)))
        .collect();
    if let Some((name, value)) = divided {
        values.insert(name.to_owned(), value.into());
    }
    values.retain(|name, _| !unsent.contains(name));
    Row {
        position: (position("_lsn"), position("_seq")),
        op: column("_op").as_string::<i32>().value(row).to_owned(),
        values,
    }
}

fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        Value::Null
    } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        numbers.value(row).into()
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        numbers.value(row).into()
    } else {
        array.as_string::<i32>().value(row).into()
    }
}
