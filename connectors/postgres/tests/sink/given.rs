//! What a sink is given: tables, batches; and what it holds.

use std::sync::Arc;

use connector_core::sink::{Sink, SinkTarget};
use connector_core::{
    Batch, Checkpoint, Column, FieldDefinition, FieldType, Phase,
    ReplicationChangesTrackingType as Tracking, RowOp, Schema, SourceSchema, TableBatch, Value,
};
use connector_postgres::wire::Connection;
use connector_postgres::{PostgresSink, PostgresWriter};

use crate::CLUSTER;

pub(crate) use RowOp::{Delete, Insert, UpdateAfter, UpdateBefore};

pub(crate) fn schema(
    name: &str,
    columns: &[(&str, FieldType)],
    key: &[usize],
) -> Arc<SourceSchema> {
    let field = |(name, typ): &(&str, FieldType)| FieldDefinition {
        name: (*name).to_owned(),
        typ: *typ,
        nullable: true,
        external_type: None,
        description: None,
        number: None,
    };
    Arc::new(SourceSchema {
        name: name.to_owned(),
        namespace: None,
        table_name: name.to_owned(),
        schema: Schema {
            fields: columns.iter().map(field).collect(),
            primary_index: key.to_vec(),
        },
        replication_type: Tracking::FullChanges,
        description: None,
    })
}

pub(crate) type Row<'v> = (RowOp, Vec<Value<'v>>);

pub(crate) fn rows(
    table: usize,
    schema: &Arc<SourceSchema>,
    lsn: u64,
    rows: &[Row<'_>],
) -> TableBatch {
    let mut columns: Vec<Column> = (schema.schema.fields.iter())
        .map(|field| Column::new(field.typ))
        .collect();
    for (_, values) in rows {
        assert_eq!(values.len(), columns.len());
        for (column, value) in columns.iter_mut().zip(values) {
            match value {
                Value::Unchanged => column.push_unchanged(),
                Value::Null => column.push_null(),
                value => column.push(*value).unwrap(),
            }
        }
    }
    TableBatch {
        table,
        schema: Arc::clone(schema),
        ops: rows.iter().map(|(op, _)| *op).collect(),
        lsn: vec![lsn; rows.len()],
        seq: (1..).take(rows.len()).collect(),
        columns,
    }
}

pub(crate) fn batch(end: Checkpoint, tables: Vec<TableBatch>) -> Batch {
    Batch {
        phase: end.phase,
        tables,
        rejected: Vec::new(),
        commits: Vec::new(),
        nulled: 0,
        end,
    }
}

pub(crate) fn target(schemas: &[Arc<SourceSchema>]) -> SinkTarget {
    SinkTarget {
        app: "tests".to_owned(),
        connection: "it's".to_owned(),
        schemas: schemas.to_vec(),
        widened: Vec::new(),
    }
}

pub(crate) fn settings(database: &str) -> PostgresSink {
    PostgresSink::new(CLUSTER.superuser_url(database))
}

/// An opened sink of a database of its own, and a connection to look into it.
pub(crate) struct Held {
    pub(crate) sink: PostgresWriter,
    pub(crate) schemas: Vec<Arc<SourceSchema>>,
    pub(crate) looks: Connection,
    database: String,
    lsn: u64,
}

impl Held {
    pub(crate) fn new(database: &str, schemas: &[Arc<SourceSchema>]) -> Self {
        let looks = CLUSTER.database(database);
        let mut sink = settings(database).writer().unwrap();
        assert_eq!(sink.open(&target(schemas)).unwrap(), None);
        Self {
            sink,
            schemas: schemas.to_vec(),
            looks,
            database: database.to_owned(),
            lsn: 1,
        }
    }

    /// The same database, as a new process opens it.
    pub(crate) fn reopened(mut self) -> (Self, Option<Checkpoint>) {
        let schemas = self.schemas.clone();
        self.sink = settings(&self.database).writer().unwrap();
        // The session that was dropped may not have ended yet: writing waits for that.
        let stored = self.sink.open(&target(&schemas)).unwrap();
        (self, stored)
    }

    pub(crate) fn start_snapshot(&mut self) {
        self.lsn += 1;
        let begun = Checkpoint::snapshot(self.lsn);
        self.sink.start_snapshot(&begun).unwrap();
    }

    /// Rows of a snapshot.
    pub(crate) fn read(&mut self, table: usize, read: &[Vec<Value<'_>>]) {
        let read: Vec<Row<'_>> = read.iter().map(|row| (Insert, row.clone())).collect();
        let rows = rows(table, &self.schemas[table], self.lsn, &read);
        let end = Checkpoint::snapshot(self.lsn);
        self.sink.write(&batch(end, vec![rows])).unwrap();
    }

    /// A snapshot of these rows of the first table.
    pub(crate) fn snapshot(&mut self, read: &[Vec<Value<'_>>]) {
        self.start_snapshot();
        self.read(0, read);
        self.commit();
    }

    pub(crate) fn commit(&mut self) {
        self.sink.commit(&Checkpoint::after(self.lsn)).unwrap();
    }

    /// Changes of the first table, not committed.
    pub(crate) fn write(&mut self, changes: &[Row<'_>]) {
        self.try_write(changes).unwrap();
    }

    pub(crate) fn try_write(&mut self, changes: &[Row<'_>]) -> connector_core::Result<()> {
        self.lsn += 1;
        let rows = rows(0, &self.schemas[0], self.lsn, changes);
        let end = Checkpoint {
            phase: Phase::Changes,
            ..Checkpoint::after(self.lsn)
        };
        self.sink.write(&batch(end, vec![rows]))
    }

    /// Changes of the first table, committed.
    pub(crate) fn change(&mut self, changes: &[Row<'_>]) {
        self.write(changes);
        self.commit();
    }

    /// The rows of a table as Postgres prints them, sorted.
    pub(crate) fn table(&mut self, quoted: &str) -> Vec<String> {
        lines(
            &mut self.looks,
            &format!("SELECT (r.*)::text AS line FROM {quoted} r"),
        )
    }

    pub(crate) fn ask(&mut self, sql: &str) -> String {
        let rows = self.looks.query(sql).unwrap();
        let row = rows.one().unwrap();
        row.get(&rows.columns()[0])
            .unwrap()
            .unwrap_or("NULL")
            .to_owned()
    }
}

/// The column `line` of a query, sorted.
pub(crate) fn lines(connection: &mut Connection, sql: &str) -> Vec<String> {
    let rows = connection.query(sql).unwrap();
    let mut lines: Vec<String> = (rows.iter())
        .map(|row| row.text("line").unwrap().to_owned())
        .collect();
    lines.sort();
    lines
}
