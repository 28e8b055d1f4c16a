//! What a directory holds, as a reader of the manifest finds it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, UInt64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_ipc::reader::StreamReader;
use connector_core::Checkpoint;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// The manifest of connection `c`; nothing where there is none.
pub(super) fn manifest(directory: &Path) -> Option<Value> {
    let text = std::fs::read(directory.join("c.manifest.json")).ok()?;
    let whole: Value = serde_json::from_slice(&text).unwrap();
    Some(whole["state"].clone())
}

pub(super) fn checkpoint(directory: &Path) -> Option<Checkpoint> {
    serde_json::from_value(manifest(directory)?["checkpoint"].clone()).unwrap()
}

/// The files of a source that count, oldest first.
pub(super) fn files(directory: &Path, source: &str) -> Vec<PathBuf> {
    let manifest = manifest(directory).unwrap_or_default();
    let files = manifest["sources"][source]["files"].as_array();
    let path = |file: &Value| directory.join(file["path"].as_str().unwrap());
    files.into_iter().flatten().map(path).collect()
}

/// The rows of a file.
pub(super) fn read(path: &Path) -> Vec<RecordBatch> {
    read_up_to(path, u64::MAX)
}

/// The rows in the first `bytes` of a file: what a run that breaks off left behind them does not count.
fn read_up_to(path: &Path, bytes: u64) -> Vec<RecordBatch> {
    let file = File::open(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "parquet") {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        return reader.build().unwrap().map(Result::unwrap).collect();
    }
    let reader = StreamReader::try_new(file.take(bytes), None).unwrap();
    reader.map(Result::unwrap).collect()
}

/// The rows of a source of [`people`](super::people), printed, in the order of the files.
pub(super) fn people_of(directory: &Path, source: &str) -> Vec<String> {
    let manifest = manifest(directory).unwrap_or_default();
    let entries = manifest["sources"][source]["files"].as_array();
    let rows = entries.into_iter().flatten().flat_map(|entry| {
        let path = directory.join(entry["path"].as_str().unwrap());
        read_up_to(&path, entry["bytes"].as_u64().unwrap())
    });
    rows.flat_map(|rows| printed(&rows)).collect()
}

/// Rows of people, printed.
pub(super) fn printed(rows: &RecordBatch) -> Vec<String> {
    let column = |name: &str| rows.column_by_name(name).unwrap();
    let (lsn, seq) = (
        column("_lsn").as_primitive::<UInt64Type>(),
        column("_seq").as_primitive::<UInt64Type>(),
    );
    let (ids, names) = (
        column("id").as_primitive::<Int64Type>(),
        rows.column_by_name("name"),
    );
    let row = |row: usize| {
        let id = ids.is_valid(row).then(|| ids.value(row));
        let name = names
            .map(arrow_array::cast::AsArray::as_string::<i32>)
            .filter(|names| names.is_valid(row));
        let op = column("_op").as_string::<i32>().value(row);
        format!(
            "{op} {}.{} {:?} {:?}",
            lsn.value(row),
            seq.value(row),
            id,
            name.map(|names| names.value(row))
        )
    };
    (0..rows.num_rows()).map(row).collect()
}

/// Every file below a directory, sorted.
pub(super) fn everything(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
