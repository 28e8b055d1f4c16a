//! Every sink of an application at once, and what each one holds of the table `person`, whatever its form.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_ipc::reader::StreamReader;
use connector_postgres::wire::Connection;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};

use crate::cluster::{Cluster, SUPERUSER};
use crate::support::{Place, json_rows};

/// A row: each value as text; a null is left out.
pub(super) type Row = BTreeMap<String, String>;

/// Rows by their `id`.
pub(super) type Rows = BTreeMap<String, Row>;

/// The application's name, as the sinks know it.
pub(super) const APP: &str = "shop";

/// The sinks of an application: that of SQLite stores as the last one; that of Postgres is the schema of this name in the database `sinks`.
pub(super) fn sinks(cluster: &Cluster, schema: &str) -> String {
    let port = cluster.port();
    format!(
        "  - {{ name: postgres, config: !Postgres {{ url: \"postgres://{SUPERUSER}@127.0.0.1:{port}/sinks?sslmode=disable\", schema: {schema} }} }}
  - {{ name: parquet, config: !Parquet {{ path: parquet }} }}
  - {{ name: arrow, config: !Arrow {{ path: arrow }} }}
  - {{ name: lines, config: !Jsonl {{ path: lines }} }}
  - {{ name: events, config: !Jsonl {{ path: events, format: debezium, schemas: true }} }}
  - {{ name: stdout, config: !Stdout {{}} }}
  - {{ name: nothing, config: !Null {{}} }}
  - {{ name: sqlite, config: !Sqlite {{ path: copy.db }} }}
"
    )
}

/// What each sink that keeps rows holds.
pub(super) fn held(
    place: &Place,
    sinks: &mut Connection,
    schema: &str,
) -> Vec<(&'static str, Rows)> {
    let copy = json_rows(&place.file("copy.db"), "SELECT * FROM person");
    vec![
        ("sqlite", copy.into_iter().map(keyed).collect()),
        ("postgres", table(sinks, &format!("{schema}.person"))),
        ("parquet", batches(&place.file("parquet"))),
        ("arrow", batches(&place.file("arrow"))),
        ("lines", lines(&place.read("lines/person.jsonl"))),
        ("events", lines(&place.read("events/person.jsonl"))),
    ]
}

/// The rows of a table of a Postgres database.
pub(super) fn table(connection: &mut Connection, name: &str) -> Rows {
    let rows = connection.query(&format!(
        "SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t)))::text AS line FROM {name} t"
    ));
    let rows = rows.unwrap();
    let row = |line: &str| keyed(serde_json::from_str(line).unwrap());
    rows.iter()
        .map(|it| row(it.text("line").unwrap()))
        .collect()
}

/// A row of JSON, with its id.
pub(super) fn keyed(row: Map<String, Value>) -> (String, Row) {
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let row: Row = (row.into_iter())
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect();
    (row["id"].clone(), row)
}

/// What lines of JSON tell, in either form.
pub(super) fn lines(text: &str) -> Rows {
    let mut rows = Rows::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if let Some(payload) = line.get_mut("payload") {
            line = payload.take();
        }
        let row = |name: &str| line[name].as_object().cloned().map(keyed);
        match (row("before"), row("after")) {
            (_, Some((id, row))) => drop(rows.insert(id, row)),
            (Some((id, _)), None) => drop(rows.remove(&id)),
            (None, None) => panic!("a line without a row: {line}"),
        }
    }
    rows
}

/// What files with a manifest tell.
fn batches(directory: &Path) -> Rows {
    let text = std::fs::read(directory.join(format!("{APP}.manifest.json"))).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    let files = manifest["state"]["sources"]["person"]["files"].as_array();
    let mut rows = Rows::new();
    for entry in files.unwrap() {
        let path = directory.join(entry["path"].as_str().unwrap());
        let file = File::open(&path).unwrap();
        let read: Vec<RecordBatch> = if path.extension().is_some_and(|it| it == "parquet") {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            reader.build().unwrap().map(Result::unwrap).collect()
        } else {
            let whole = file.take(entry["bytes"].as_u64().unwrap());
            let reader = StreamReader::try_new(whole, None).unwrap();
            reader.map(Result::unwrap).collect()
        };
        for batch in read {
            fold(&batch, &mut rows);
        }
    }
    rows
}

fn fold(batch: &RecordBatch, rows: &mut Rows) {
    let schema = batch.schema();
    let ops = batch.column_by_name("_op").unwrap().as_string::<i32>();
    for place in 0..batch.num_rows() {
        let columns = schema.fields().iter().zip(batch.columns());
        let own = columns.filter(|(field, _)| !field.name().starts_with('_'));
        let row: Row = own
            .filter_map(|(field, column)| Some((field.name().clone(), text(column, place)?)))
            .collect();
        match ops.value(place) {
            "+I" | "+U" => drop(rows.insert(row["id"].clone(), row)),
            "-D" => drop(rows.remove(&row["id"])),
            "-U" => {}
            other => panic!("{other}"),
        }
    }
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(
        if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
            numbers.value(row).to_string()
        } else if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
            numbers.value(row).to_string()
        } else if let Some(numbers) = column.as_primitive_opt::<Decimal128Type>() {
            numbers.value_as_string(row)
        } else {
            column.as_string::<i32>().value(row).to_owned()
        },
    )
}
