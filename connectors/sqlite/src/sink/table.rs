//! One table of the sink: made, emptied, and written row by row with prepared statements.

use std::fmt::Write as _;

use connector_core::{
    Column, Error, ErrorKind, FieldDefinition, FieldType, Result, RowOp, Schema, SourceSchema,
    TableBatch, Value,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::error::sqlite_error;
use crate::quote::identifier;

/// How many columns the index of a table without a key takes: enough to find a row, cheap to keep.
const INDEXED: usize = 4;

/// One table of the sink.
#[derive(Debug)]
pub(super) struct SinkTable {
    pub(super) name: String,
    fields: Vec<FieldDefinition>,
    pub(super) key: Vec<usize>,
    sql: Sql,
}

#[derive(Debug)]
struct Sql {
    insert: String,
    replace: String,
    delete: String,
    empty: String,
}

impl SinkTable {
    pub(super) fn new(schema: &SourceSchema) -> Self {
        let Schema {
            fields,
            primary_index,
        } = schema.schema.clone();
        Self::of(schema.name.clone(), fields, primary_index)
    }

    fn of(table: String, fields: Vec<FieldDefinition>, key: Vec<usize>) -> Self {
        let name = identifier(&table);
        let column = |place: usize| {
            fields
                .get(place)
                .map_or_else(String::new, |field| identifier(&field.name))
        };
        let columns: Vec<String> = (0..fields.len()).map(column).collect();
        let values: Vec<String> = (1..=fields.len())
            .map(|place| format!("?{place}"))
            .collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        let delete = if key.is_empty() {
            let all: Vec<usize> = (0..fields.len()).collect();
            let equal = conditions(&all, &fields);
            // A row of a multiset: one of those that are equal.
            format!(
                "DELETE FROM {name} WHERE rowid = (SELECT rowid FROM {name} WHERE {equal} LIMIT 1)"
            )
        } else {
            format!("DELETE FROM {name} WHERE {}", conditions(&key, &fields))
        };
        let sql = Sql {
            insert: format!("INSERT INTO {name}({columns}) VALUES({values})"),
            replace: format!("INSERT OR REPLACE INTO {name}({columns}) VALUES({values})"),
            delete,
            empty: format!("DELETE FROM {name}"),
        };
        Self {
            name: table,
            fields,
            key,
            sql,
        }
    }

    /// The columns that the table has in the file; none where it is not there.
    pub(super) fn columns(&self, connection: &Connection) -> Result<Vec<String>> {
        let columns = self.declared_columns(connection)?.into_iter();
        Ok(columns.map(|(name, _)| name).collect())
    }

    fn declared_columns(&self, connection: &Connection) -> Result<Vec<(String, String)>> {
        connection
            .prepare("SELECT name, type FROM main.pragma_table_info(?1)")
            .and_then(|mut statement| {
                statement
                    .query_map([&self.name], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(sqlite_error)
    }

    /// Whether the table in the file has these columns with their types: another type's affinity could change values.
    pub(super) fn is_as_declared(&self, connection: &Connection) -> Result<bool> {
        let found = self.declared_columns(connection)?;
        let wanted = self.fields.iter();
        let wanted = wanted.map(|field| (field.name.as_str(), declared(field.typ)));
        Ok(wanted.eq(found
            .iter()
            .map(|(name, typ)| (name.as_str(), typ.as_str()))))
    }

    /// Whether the table has these columns.
    pub(super) fn has(&self, columns: &[String]) -> bool {
        (self.fields.iter().map(|field| &field.name)).eq(columns)
    }

    /// How these columns of the file differ.
    pub(super) fn difference(&self, columns: &[String]) -> String {
        let wanted: Vec<&str> = (self.fields.iter())
            .map(|field| field.name.as_str())
            .collect();
        format!(
            "has the columns {}, and the source has {}",
            columns.join(", "),
            wanted.join(", ")
        )
    }

    /// Makes the table.
    pub(super) fn make(&self, connection: &Connection) -> Result<()> {
        connection
            .execute_batch(&self.definition("TABLE"))
            .map_err(sqlite_error)
    }

    /// Makes the table in the place of what is there of this name.
    pub(super) fn make_anew(&self, connection: &Connection) -> Result<()> {
        let old = format!("DROP TABLE IF EXISTS main.{};", identifier(&self.name));
        connection
            .execute_batch(&(old + &self.definition("TABLE")))
            .map_err(sqlite_error)
    }

    /// Adds the columns behind these that the file lacks; gives the columns that it has then.
    pub(super) fn widen(
        &self,
        connection: &Connection,
        mut found: Vec<String>,
    ) -> Result<Vec<String>> {
        let names = self.fields.iter().map(|field| &field.name);
        if !names.take(found.len()).eq(&found) {
            return Ok(found);
        }
        for field in self.fields.iter().skip(found.len()) {
            let sql = format!(
                "ALTER TABLE main.{} ADD COLUMN {} {}",
                identifier(&self.name),
                identifier(&field.name),
                declared(field.typ)
            );
            connection.execute_batch(&sql).map_err(sqlite_error)?;
            found.push(field.name.clone());
        }
        Ok(found)
    }

    /// What is said of a table that is not the application's own.
    pub(super) fn foreign(&self) -> Error {
        Error::new(
            ErrorKind::Sink,
            format!(
                "the file has a table `{}` that this application did not make",
                self.name
            ),
        )
        .with_help("drop it, rename the source, or give the sink another `path`")
    }

    pub(super) fn fields(&self) -> &[FieldDefinition] {
        &self.fields
    }

    /// The same table under another name.
    pub(super) fn renamed(&self, name: String) -> Self {
        Self::of(name, self.fields.clone(), self.key.clone())
    }

    /// Makes the table as a temporary one: nothing of it reaches the file.
    pub(super) fn make_temporary(&self, connection: &Connection) -> Result<()> {
        let old = format!("DROP TABLE IF EXISTS temp.{};", identifier(&self.name));
        connection
            .execute_batch(&(old + &self.definition("TEMP TABLE")))
            .map_err(sqlite_error)
    }

    fn definition(&self, kind: &str) -> String {
        let mut sql = format!("CREATE {kind} {}(", identifier(&self.name));
        for (place, field) in self.fields.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let not_null = if self.key.contains(&place) {
                " NOT NULL"
            } else {
                ""
            };
            let _ = write!(
                sql,
                "{comma}{} {}{not_null}",
                identifier(&field.name),
                declared(field.typ)
            );
        }
        let names = |places: &[usize]| {
            let name = |&place: &usize| self.fields.get(place).map(|field| identifier(&field.name));
            places
                .iter()
                .filter_map(name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        if !self.key.is_empty() {
            let _ = write!(sql, ", PRIMARY KEY({})", names(&self.key));
        }
        sql.push_str(");");
        if self.key.is_empty() {
            let index = identifier(&format!("_dozer_rows_{}", self.name));
            let indexed: Vec<usize> = (0..self.fields.len().min(INDEXED)).collect();
            let _ = write!(
                sql,
                "CREATE INDEX {index} ON {}({});",
                identifier(&self.name),
                names(&indexed)
            );
        }
        sql
    }

    pub(super) fn empty(&self, connection: &Connection) -> Result<()> {
        connection
            .execute_batch(&self.sql.empty)
            .map_err(sqlite_error)
    }

    /// Writes the rows of a batch, in their order.
    pub(super) fn write(
        &self,
        connection: &Connection,
        rows: &TableBatch,
        snapshot: bool,
    ) -> Result<()> {
        let prepare = |sql: &str| connection.prepare_cached(sql).map_err(sqlite_error);
        let upsert = !self.key.is_empty() && !snapshot;
        let mut insert = prepare(if upsert {
            &self.sql.replace
        } else {
            &self.sql.insert
        })?;
        let mut delete = prepare(&self.sql.delete)?;
        let mut scratch = Vec::new();
        scratch.resize_with(self.fields.len(), String::new);
        let mut before = None;
        for (row, op) in rows.ops.iter().enumerate() {
            match op {
                RowOp::Insert => put(&mut insert, rows, row, &mut scratch)?,
                RowOp::Delete => self.take(&mut delete, rows, row, &mut scratch)?,
                RowOp::UpdateBefore => before = Some(row),
                RowOp::UpdateAfter => {
                    let old = before.take();
                    let moved =
                        old.filter(|&old| self.key.is_empty() || self.key_differs(rows, old, row));
                    if rows.columns.iter().any(|column| column.is_unchanged(row)) {
                        self.patch(connection, rows, old.unwrap_or(row), row, &mut scratch)?;
                        continue;
                    }
                    if let Some(old) = moved {
                        self.take(&mut delete, rows, old, &mut scratch)?;
                    }
                    put(&mut insert, rows, row, &mut scratch)?;
                }
            }
        }
        Ok(())
    }

    /// Deletes by key, or one equal row where there is no key.
    fn take(
        &self,
        statement: &mut Statement<'_>,
        rows: &TableBatch,
        row: usize,
        scratch: &mut [String],
    ) -> Result<()> {
        let all: Vec<usize>;
        let places = if self.key.is_empty() {
            all = (0..self.fields.len()).collect();
            &all
        } else {
            &self.key
        };
        for (parameter, &place) in (1..).zip(places) {
            let (Some(column), Some(scratch)) = (rows.columns.get(place), scratch.get_mut(place))
            else {
                continue;
            };
            bind(statement, parameter, column, row, scratch)?;
        }
        statement.raw_execute().map(drop).map_err(sqlite_error)
    }

    fn key_differs(&self, rows: &TableBatch, old: usize, new: usize) -> bool {
        let key = self.key.iter().filter_map(|&place| rows.columns.get(place));
        key.into_iter()
            .any(|column| column.value(old) != column.value(new))
    }

    /// An update of which some columns were not sent: only the others are set.
    fn patch(
        &self,
        connection: &Connection,
        rows: &TableBatch,
        old: usize,
        new: usize,
        scratch: &mut [String],
    ) -> Result<()> {
        if self.key.is_empty() {
            return Err(Error::new(
                ErrorKind::Sink,
                format!("an update of `{}` leaves columns out, and the table has no key to find the row by", self.name),
            )
            .with_help("give the table a primary key, or let the source send whole rows"));
        }
        let sent = rows
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| !column.is_unchanged(new));
        let sent: Vec<usize> = sent.map(|(place, _)| place).collect();
        let mut parameter = 0;
        let mut equals = |place: &usize, sign: &str| {
            parameter += 1;
            let name = self
                .fields
                .get(*place)
                .map_or_else(String::new, |field| identifier(&field.name));
            format!("{name} {sign} ?{parameter}")
        };
        let assignments: Vec<String> = sent.iter().map(|place| equals(place, "=")).collect();
        let found: Vec<String> = self.key.iter().map(|place| equals(place, "IS")).collect();
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            identifier(&self.name),
            assignments.join(", "),
            found.join(" AND ")
        );
        let mut statement = connection.prepare_cached(&sql).map_err(sqlite_error)?;
        let values = sent
            .iter()
            .map(|&place| (place, new))
            .chain(self.key.iter().map(|&place| (place, old)));
        for (parameter, (place, row)) in (1..).zip(values) {
            let (Some(column), Some(scratch)) = (rows.columns.get(place), scratch.get_mut(place))
            else {
                continue;
            };
            bind(&mut statement, parameter, column, row, scratch)?;
        }
        statement.raw_execute().map(drop).map_err(sqlite_error)
    }
}

/// Inserts a row.
fn put(
    statement: &mut Statement<'_>,
    rows: &TableBatch,
    row: usize,
    scratch: &mut [String],
) -> Result<()> {
    for ((place, column), scratch) in (1..).zip(&rows.columns).zip(scratch) {
        bind(statement, place, column, row, scratch)?;
    }
    statement.raw_execute().map(drop).map_err(sqlite_error)
}

fn conditions(places: &[usize], fields: &[FieldDefinition]) -> String {
    let condition = |(parameter, &place): (usize, &usize)| {
        fields
            .get(place)
            .map(|field| format!("{} IS ?{parameter}", identifier(&field.name)))
    };
    (1..)
        .zip(places)
        .filter_map(condition)
        .collect::<Vec<_>>()
        .join(" AND ")
}

/// The declared type, chosen so that SQLite's affinity never changes a value.
fn declared(typ: FieldType) -> &'static str {
    match typ {
        FieldType::Int | FieldType::Int8 => "INTEGER",
        // No type: an integer where it fits, else its digits as text.
        FieldType::UInt => "",
        FieldType::Float => "REAL",
        FieldType::Boolean => "BOOLEAN",
        FieldType::Binary => "BLOB",
        FieldType::Timestamp(_) => "TIMESTAMP",
        FieldType::Date => "DATE",
        FieldType::String
        | FieldType::Text
        | FieldType::Json
        | FieldType::U128
        | FieldType::I128
        | FieldType::Decimal(_)
        | FieldType::Point
        | FieldType::Duration(_) => "TEXT",
    }
}

/// Binds one value. `scratch` keeps the text of values that SQLite has no form for.
fn bind(
    statement: &mut Statement<'_>,
    place: usize,
    column: &Column,
    row: usize,
    scratch: &mut String,
) -> Result<()> {
    let value = match column.value(row) {
        Value::Null | Value::Unchanged => ValueRef::Null,
        Value::Bool(value) => ValueRef::Integer(i64::from(value)),
        Value::Int(value) => ValueRef::Integer(value),
        Value::UInt(value) => match i64::try_from(value) {
            Ok(value) => ValueRef::Integer(value),
            Err(_) => text(scratch, &value),
        },
        // SQLite would keep NaN as null.
        Value::Float(value) if value.is_nan() => ValueRef::Text(b"NaN"),
        Value::Float(value) => ValueRef::Real(value),
        Value::Text(text) | Value::Json(text) | Value::DecimalText(text) => {
            ValueRef::Text(text.as_bytes())
        }
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
        Value::I128(value) => text(scratch, &value),
        Value::U128(value) => text(scratch, &value),
        Value::Decimal(value) => text(scratch, &value),
        Value::Timestamp(value) => text(scratch, &value),
        Value::Date(value) => text(scratch, &value),
        Value::Time(value) => text(scratch, &value),
        Value::Duration(value) => text(scratch, &value),
        Value::Point(value) => text(scratch, &value),
        Value::Uuid(_) => return Err(Error::protocol("a column gave a UUID, which none holds")),
    };
    statement
        .raw_bind_parameter(place, ToSqlOutput::Borrowed(value))
        .map_err(sqlite_error)
}

fn text<'s>(scratch: &'s mut String, value: &dyn std::fmt::Display) -> ValueRef<'s> {
    scratch.clear();
    let _ = write!(scratch, "{value}");
    ValueRef::Text(scratch.as_bytes())
}
