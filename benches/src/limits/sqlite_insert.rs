//! Rows of a batch inserted into SQLite by hand: one prepared statement, one transaction, each column bound by its type.

use std::io::Write as _;

use connector_core::{Column, ColumnData, Date, TableBatch};
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::Result;

/// Inserts the rows. The statement has a parameter for each column.
pub(crate) fn insert(statement: &mut Statement<'_>, rows: &TableBatch) -> Result<()> {
    let mut text = Vec::new();
    for row in 0..rows.len() {
        for (place, column) in (1..).zip(&rows.columns) {
            bind(statement, place, column, row, &mut text)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// Binds what `lineitem` has.
fn bind(
    statement: &mut Statement<'_>,
    place: usize,
    column: &Column,
    row: usize,
    text: &mut Vec<u8>,
) -> Result<()> {
    if column.is_null(row) {
        return Ok(statement.raw_bind_parameter(place, Null)?);
    }
    let value = match column.data() {
        ColumnData::Int(values) => ValueRef::Integer(values[row]),
        ColumnData::Float(values) => ValueRef::Real(values[row]),
        ColumnData::Utf8(texts) => {
            let (starts, bytes) = (texts.offsets(), texts.content().as_bytes());
            let place = |row: usize| usize::try_from(starts[row]);
            ValueRef::Text(&bytes[place(row)?..place(row + 1)?])
        }
        ColumnData::Date(values) => {
            text.clear();
            write!(text, "{}", Date::from_days(values[row]))?;
            ValueRef::Text(text)
        }
        ColumnData::Decimal128(values) => {
            text.clear();
            let hundredths = values[row];
            let sign = if hundredths < 0 { "-" } else { "" };
            let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
            match (rest, rest % 10) {
                (0, _) => write!(text, "{sign}{whole}")?,
                (_, 0) => write!(text, "{sign}{whole}.{}", rest / 10)?,
                _ => write!(text, "{sign}{whole}.{rest:02}")?,
            }
            ValueRef::Text(text)
        }
        other => return Err(format!("the limit binds no {other:?}").into()),
    };
    Ok(statement.raw_bind_parameter(place, ToSqlOutput::Borrowed(value))?)
}

/// The number of rows that a table of a file has.
pub(crate) fn count(connection: &Connection, table: &str) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM {table}");
    let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(u64::try_from(rows)?)
}
