//! The tables that are read: TPC-H's `lineitem`, narrow integers, wide text, and 200 columns of which half are null.

mod lineitem;
mod made;
mod reading;

use crate::Result;

pub(crate) use lineitem::LINEITEM;
pub(crate) use made::{HALF_NULL, NARROW, WIDE};
pub(crate) use reading::Reading;

/// A table, the same in every database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns, in order.
    pub(crate) columns: fn() -> Vec<Column>,
    /// The names of the key's columns.
    pub(crate) key: &'static [&'static str],
    /// Gives the rows of a scale, one after another.
    pub(crate) rows: fn(f64, &mut Take<'_>) -> Result<()>,
}

/// Takes one row.
pub(crate) type Take<'t> = dyn FnMut(&[Cell<'_>]) -> Result<()> + 't;

/// All of them.
pub(crate) const TABLES: [Table; 4] = [LINEITEM, NARROW, WIDE, HALF_NULL];

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As SQL declares it.
    pub(crate) declared: &'static str,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
}

/// What a column's values are to a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number.
    Integer,
    /// A number with a fraction: a float in SQLite.
    Number,
    /// Text, or a day as text.
    Text,
}

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Null.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with two digits behind the point: the number of hundredths.
    Hundredths(i64),
    /// Text.
    Text(&'a str),
}

impl Table {
    /// `CREATE TABLE`, as every SQL database reads it.
    pub(crate) fn create(&self) -> String {
        let column = |column: &Column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("{} {}{null}", column.name, column.declared)
        };
        let columns: Vec<String> = (self.columns)().iter().map(column).collect();
        format!(
            "CREATE TABLE {} ({}, PRIMARY KEY ({}))",
            self.name,
            columns.join(", "),
            self.key.join(", ")
        )
    }
}

/// A column without nulls.
fn column(name: impl Into<String>, declared: &'static str, kind: Kind) -> Column {
    Column {
        name: name.into(),
        declared,
        kind,
        nullable: false,
    }
}
