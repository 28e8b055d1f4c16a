//! The suite of every connector: over a file whose changes are captured, and over one that is only read.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::PathBuf;

use connector_conformance::{
    Capabilities, Capability, Change, Fixture, Interruption, Row, Settings,
};
use connector_core::boundaries::{self, Faults, Report};
use connector_core::prelude::*;
use connector_core::{Field, FieldType};
use connector_sqlite::{Capture, Sqlite, SqliteType, identifier};
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};

/// A database file of its own, in a directory of its own.
struct File {
    directory: tempfile::TempDir,
    writer: Connection,
    tables: Vec<TableInfo>,
}

/// What SQLite calls a column of a field type.
fn declared(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Int => "INTEGER",
        FieldType::Float => "REAL",
        FieldType::Boolean => "BOOLEAN",
        FieldType::String => "VARCHAR(20)",
        FieldType::Text => "TEXT",
        FieldType::Binary => "BLOB",
        FieldType::Date => "DATE",
        FieldType::Timestamp(_) => "TIMESTAMP",
        FieldType::Json => "JSON",
        other => panic!("SQLite has no {other}"),
    }
}

const TYPES: [FieldType; 9] = [
    FieldType::Int,
    FieldType::Text,
    FieldType::Float,
    FieldType::Boolean,
    FieldType::Binary,
    FieldType::TIMESTAMP,
    FieldType::Date,
    FieldType::Json,
    FieldType::String,
];

fn stored(value: &Field) -> Stored {
    match value {
        Field::Null => Stored::Null,
        Field::Int(value) => Stored::Integer(*value),
        Field::Float(value) => Stored::Real(*value),
        Field::Boolean(value) => Stored::Integer(i64::from(*value)),
        Field::String(text) | Field::Text(text) | Field::Json(text) => Stored::Text(text.clone()),
        Field::Binary(bytes) => Stored::Blob(bytes.clone()),
        Field::Date(date) => Stored::Text(date.to_string()),
        Field::Timestamp(at) => Stored::Text(at.to_string()),
        other => panic!("SQLite holds no {other:?}"),
    }
}

impl File {
    fn create(tables: &[TableInfo]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let writer = Connection::open(directory.path().join("source.db")).unwrap();
        writer.pragma_update(None, "journal_mode", "WAL").unwrap();
        for table in tables {
            let columns = table.columns.iter().map(|column| {
                let typ = declared(column.field_type().unwrap());
                let null = if column.nullable { "" } else { " NOT NULL" };
                format!("{} {typ}{null}", identifier(&column.name))
            });
            let key = table.key_columns().into_iter();
            let key: Vec<String> = key
                .map(|place| identifier(&table.columns.get(place).unwrap().name))
                .collect();
            let key = (!key.is_empty()).then(|| format!("PRIMARY KEY({})", key.join(", ")));
            let parts: Vec<String> = columns.chain(key).collect();
            let name = identifier(&table.table_name);
            let sql = format!("CREATE TABLE {name}({})", parts.join(", "));
            writer.execute_batch(&sql).unwrap();
        }
        Self {
            directory,
            writer,
            tables: tables.to_vec(),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("source.db")
    }

    fn execute(&self, sql: &str, values: impl Iterator<Item = Stored>) -> usize {
        let mut statement = self.writer.prepare_cached(sql).unwrap();
        statement.execute(params_from_iter(values)).unwrap()
    }

    fn change(&self, change: &Change) {
        let table = self.tables.get(change.table()).unwrap();
        let name = identifier(&table.table_name);
        let columns = || table.columns.iter().map(|column| identifier(&column.name));
        // One of several equal rows, and a null is one by `IS`.
        let this = || {
            let same: Vec<String> = columns().map(|column| format!("{column} IS ?")).collect();
            format!(
                "rowid = (SELECT rowid FROM {name} WHERE {} LIMIT 1)",
                same.join(" AND ")
            )
        };
        let done = match change {
            Change::Insert { row, .. } => {
                let places = vec!["?"; row.len()].join(", ");
                let sql = format!("INSERT INTO {name} VALUES({places})");
                self.execute(&sql, row.iter().map(stored))
            }
            Change::Update { old, new, .. } => {
                let set: Vec<String> = columns().map(|column| format!("{column} = ?")).collect();
                let sql = format!("UPDATE {name} SET {} WHERE {}", set.join(", "), this());
                self.execute(&sql, new.iter().chain(old).map(stored))
            }
            Change::Delete { row, .. } => {
                let sql = format!("DELETE FROM {name} WHERE {}", this());
                self.execute(&sql, row.iter().map(stored))
            }
            // SQLite has no other truncate; it is told row by row.
            Change::Truncate { .. } => {
                self.execute(&format!("DELETE FROM {name}"), std::iter::empty());
                1
            }
        };
        assert_eq!(done, 1, "{change:?}");
    }

    fn apply(&self, transaction: &[Change]) {
        self.writer.execute_batch("BEGIN").unwrap();
        for change in transaction {
            self.change(change);
        }
        self.writer.execute_batch("COMMIT").unwrap();
    }

    fn count(&self, table: &TableInfo) -> Vec<Row> {
        let sql = format!("SELECT * FROM {}", identifier(&table.table_name));
        let mut statement = self.writer.prepare(&sql).unwrap();
        let width = table.columns.len();
        let rows = statement
            .query_map([], |row| {
                (0..width)
                    .map(|place| row.get::<_, Stored>(place))
                    .collect()
            })
            .unwrap();
        rows.map(|row: rusqlite::Result<Vec<Stored>>| {
            let columns = table.columns.iter();
            columns
                .zip(row.unwrap())
                .map(|(column, value)| held(column, value))
                .collect()
        })
        .collect()
    }

    /// Removes the file; who has it open goes on reading it.
    fn remove(&self) -> bool {
        std::fs::remove_file(self.path()).unwrap();
        true
    }

    /// What the file holds beside the tables of the check.
    fn leftovers(&self) -> Vec<String> {
        let sql =
            "SELECT type || ' ' || name FROM sqlite_schema WHERE name LIKE '\\_dozer%' ESCAPE '\\'";
        let mut statement = self.writer.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(rusqlite::Result::unwrap).collect()
    }
}

/// What a stored value is in its column: by SQLite's own account, not by the connector's.
fn held(column: &ColumnInfo, value: Stored) -> Field {
    match (column.field_type().unwrap(), value) {
        (_, Stored::Null) => Field::Null,
        (FieldType::Boolean, Stored::Integer(value)) => Field::Boolean(value != 0),
        (_, Stored::Integer(value)) => Field::Int(value),
        (_, Stored::Real(value)) => Field::Float(value),
        (_, Stored::Blob(bytes)) => Field::Binary(bytes),
        (FieldType::Text, Stored::Text(text)) => Field::Text(text),
        (FieldType::Json, Stored::Text(text)) => Field::Json(text),
        (FieldType::Date, Stored::Text(text)) => Field::Date(text.parse().unwrap()),
        (FieldType::Timestamp(_), Stored::Text(text)) => Field::Timestamp(text.parse().unwrap()),
        (_, Stored::Text(text)) => Field::String(text),
    }
}

/// SQLite keeps no NaN: it becomes null.
fn holds(value: &Field) -> bool {
    !matches!(value, Field::Float(value) if value.is_nan())
}

const ALWAYS: [Capability; 3] = [
    Capability::Keyless,
    Capability::AnyName,
    Capability::ManyColumns,
];

struct Captured(File);

impl Fixture for Captured {
    type Connector = Sqlite;

    fn capabilities() -> Capabilities {
        Capabilities::any_table(TYPES).can(ALWAYS).can([
            Capability::Follow,
            Capability::Update,
            Capability::ChangeKeys,
            Capability::Delete,
            Capability::Truncate,
        ])
    }

    fn open(tables: &[TableInfo]) -> Self {
        Self(File::create(tables))
    }

    fn connector(&self) -> Sqlite {
        Sqlite::new(self.0.path()).with_capture(Capture::Triggers)
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.apply(transaction);
    }

    fn holds(_: &ColumnInfo, value: &Field) -> bool {
        holds(value)
    }

    fn contents(&self, table: &TableInfo) -> Option<Vec<Row>> {
        Some(self.0.count(table))
    }

    fn interrupt(&self, how: Interruption) -> bool {
        match how {
            Interruption::Fail => {}
            Interruption::Lose => return self.0.remove(),
            _ => return false,
        }
        // A column that is renamed under the reader; the next change has to say so.
        let table = self.0.tables.first().unwrap();
        let (name, column) = (&table.table_name, &table.columns.last().unwrap().name);
        let sql = format!(
            "ALTER TABLE {0} RENAME COLUMN {1} TO renamed; DELETE FROM {0}",
            identifier(name),
            identifier(column)
        );
        self.0.writer.execute_batch(&sql).unwrap();
        true
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        Some(self.0.leftovers())
    }

    fn settings(&self) -> Option<Settings> {
        Some(Settings::of::<Sqlite>(serde_json::json!({
            "path": self.0.path(),
            "capture": "triggers",
            "snapshot_connections": 2,
        })))
    }

    fn column_types() -> Option<Result<Report, Faults>> {
        Some(boundaries::check::<SqliteType>())
    }
}

struct Read(File);

impl Fixture for Read {
    type Connector = Sqlite;

    fn capabilities() -> Capabilities {
        let rows = [Capability::Update, Capability::Delete];
        Capabilities::any_table(TYPES).can(ALWAYS).can(rows)
    }

    fn open(tables: &[TableInfo]) -> Self {
        Self(File::create(tables))
    }

    fn connector(&self) -> Sqlite {
        Sqlite::new(self.0.path())
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.apply(transaction);
    }

    fn holds(_: &ColumnInfo, value: &Field) -> bool {
        holds(value)
    }

    fn interrupt(&self, how: Interruption) -> bool {
        match how {
            Interruption::Fail => {}
            Interruption::Lose => return self.0.remove(),
            _ => return false,
        }
        let name = identifier(&self.0.tables.first().unwrap().table_name);
        self.0
            .writer
            .execute_batch(&format!("UPDATE {name} SET c3 = 'not a truth value'"))
            .unwrap();
        true
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        Some(self.0.leftovers())
    }
}

mod captured {
    connector_conformance::suite!(super::Captured);
}

mod read {
    connector_conformance::suite!(super::Read);
}
