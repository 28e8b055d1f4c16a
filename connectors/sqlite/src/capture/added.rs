//! Values that rows got in an added column before the triggers knew it.

use connector_core::Result;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, Statement};

use super::layout::{NARROW, operation};
use crate::catalog::{Column, Table};
use crate::error::sqlite_error;
use crate::quote::identifier;

/// Logs, under the table's new number, each row that has a value in a column which the images so far lacked: as an update
/// from null, so that whoever reads these images as null ends with the right value.
///
/// It reads the whole table, in the transaction that renews the triggers: no row can change in between. A column with a
/// default, or a computed one, has a value in every row, and is not told: readers need a new snapshot for it.
pub(super) fn tell(
    connection: &Connection,
    id: i64,
    table: &Table,
    before: &[Column],
) -> Result<()> {
    // SQLite adds columns at the end, and a renamed one keeps its place.
    let added = || (0..).zip(&table.columns).skip(before.len());
    let set: Vec<String> = added()
        .filter(|(_, column)| column.starts_as_null())
        .map(|(_, column)| format!("{} IS NOT NULL", identifier(&column.name)))
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| identifier(&column.name))
        .collect();
    let mut found = connection
        .prepare(&format!(
            "SELECT {} FROM main.{} WHERE {}",
            names.join(", "),
            identifier(&table.name),
            set.join(" OR ")
        ))
        .map_err(sqlite_error)?;
    let mut log = Images::prepare(connection, id, names.len())?;
    let mut rows = found.query([]).map_err(sqlite_error)?;
    while let Some(row) = rows.next().map_err(sqlite_error)? {
        let value = |place: usize| {
            row.get_ref(place)
                .map(ToSqlOutput::Borrowed)
                .map_err(sqlite_error)
        };
        let now: Vec<ToSqlOutput<'_>> = (0..names.len()).map(value).collect::<Result<_>>()?;
        let mut old = now.clone();
        for (place, column) in added() {
            if let (Some(value), true) = (old.get_mut(place), column.starts_as_null()) {
                *value = ToSqlOutput::Owned(Value::Null);
            }
        }
        log.write(operation::UPDATE_OLD, &old)?;
        log.write(operation::UPDATE_NEW, &now)?;
    }
    Ok(())
}

/// The statements that log an image.
struct Images<'c> {
    connection: &'c Connection,
    id: i64,
    narrow: Statement<'c>,
    wide: Option<Statement<'c>>,
}

impl<'c> Images<'c> {
    /// For the table of this number, with so many columns.
    fn prepare(connection: &'c Connection, id: i64, width: usize) -> Result<Self> {
        let insert = |log: &str, first: &[&str], places: std::ops::Range<usize>| {
            let values = vec!["?"; first.len() + places.len()].join(", ");
            let columns: Vec<String> = (first.iter().map(|&name| name.to_owned()))
                .chain(places.map(|place| format!("c{place}")))
                .collect();
            let columns = columns.join(", ");
            connection
                .prepare(&format!(
                    "INSERT INTO main.{log}({columns}) VALUES({values})"
                ))
                .map_err(sqlite_error)
        };
        let narrow = insert("_dozer_log", &["tbl", "op"], 0..width.min(NARROW))?;
        let wide = (width > NARROW).then(|| insert("_dozer_log_wide", &["id"], NARROW..width));
        Ok(Self {
            connection,
            id,
            narrow,
            wide: wide.transpose()?,
        })
    }

    fn write(&mut self, operation: i64, values: &[ToSqlOutput<'_>]) -> Result<()> {
        let (narrow, wide) = values.split_at(values.len().min(NARROW));
        let first = [self.id.into(), operation.into()];
        execute(&mut self.narrow, &first, narrow)?;
        match &mut self.wide {
            Some(statement) => {
                let first = [self.connection.last_insert_rowid().into()];
                execute(statement, &first, wide)
            }
            None => Ok(()),
        }
    }
}

fn execute(
    statement: &mut Statement<'_>,
    first: &[ToSqlOutput<'_>],
    values: &[ToSqlOutput<'_>],
) -> Result<()> {
    for (place, value) in (1..).zip(first.iter().chain(values)) {
        statement
            .raw_bind_parameter(place, value)
            .map_err(sqlite_error)?;
    }
    statement.raw_execute().map(drop).map_err(sqlite_error)
}
