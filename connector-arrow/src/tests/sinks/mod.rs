//! The sinks `!Arrow` and `!Parquet`: what they store, and what is stored when a run breaks off.

mod breaks;
mod compared;
mod held;
mod layout;
mod names;
mod pipe;
mod refused;
mod schemas;
mod values;

use std::path::Path;
use std::sync::Arc;

use connector_core::sink::{Sink, SinkConfig as _, SinkTarget};
use connector_core::{
    Batch, Checkpoint, Column, Field, FieldType, Phase, RowOp, SourceSchema, TableBatch,
};

use super::batches::{column, definition, source};
use crate::{Arrow, Parquet};

/// Both kinds of files.
const KINDS: [Kind; 2] = [Kind::Arrow, Kind::Parquet];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Arrow,
    Parquet,
}

impl Kind {
    fn sink(self, path: &Path) -> Box<dyn Sink> {
        match self {
            Self::Arrow => Arrow::new(path).sink().unwrap(),
            Self::Parquet => Parquet::new(path).sink().unwrap(),
        }
    }
}

/// A source `name` with a key `id` and a `name`.
fn people(name: &str) -> Arc<SourceSchema> {
    let mut schema = source(vec![
        definition("id", FieldType::Int),
        definition("name", FieldType::String),
    ]);
    schema.name = name.to_owned();
    schema.schema.fields[0].nullable = false;
    schema.schema.primary_index = vec![0];
    Arc::new(schema)
}

fn target(schemas: &[Arc<SourceSchema>]) -> SinkTarget {
    SinkTarget {
        app: "app".to_owned(),
        connection: "c".to_owned(),
        schemas: schemas.to_vec(),
        widened: Vec::new(),
    }
}

/// Rows of one table, one position for all.
fn rows_of(table: usize, schema: &Arc<SourceSchema>, lsn: u64, columns: Vec<Column>) -> TableBatch {
    let rows = columns.first().map_or(0, Column::len);
    TableBatch {
        table,
        schema: Arc::clone(schema),
        ops: vec![RowOp::Insert; rows],
        lsn: vec![lsn; rows],
        seq: (1..=rows as u64).collect(),
        columns,
    }
}

/// New people, by id; their names tell the position.
fn new_people(table: usize, schema: &Arc<SourceSchema>, lsn: u64, ids: &[i64]) -> TableBatch {
    let names = ids.iter().map(|id| Field::String(format!("{id} at {lsn}")));
    let columns = vec![
        column(
            FieldType::Int,
            &ids.iter().copied().map(Field::Int).collect::<Vec<_>>(),
        ),
        column(FieldType::String, &names.collect::<Vec<_>>()),
    ];
    rows_of(table, schema, lsn, columns)
}

fn batch_at(lsn: u64, phase: Phase, tables: Vec<TableBatch>) -> Batch {
    Batch {
        phase,
        tables,
        rejected: Vec::new(),
        commits: Vec::new(),
        nulled: 0,
        end: Checkpoint::after(lsn),
    }
}

/// One snapshot with these rows.
fn snapshot(sink: &mut dyn Sink, lsn: u64, tables: Vec<TableBatch>) {
    sink.start_snapshot(&Checkpoint::snapshot(lsn)).unwrap();
    sink.write(&batch_at(lsn, Phase::Snapshot, tables)).unwrap();
    sink.commit(&Checkpoint::after(lsn)).unwrap();
}

/// One transaction with these rows.
fn transaction(sink: &mut dyn Sink, lsn: u64, tables: Vec<TableBatch>) {
    sink.write(&batch_at(lsn, Phase::Changes, tables)).unwrap();
    sink.commit(&Checkpoint::after(lsn)).unwrap();
}
