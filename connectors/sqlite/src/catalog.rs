//! What a file holds: its tables and views, their columns and keys.

use connector_core::Result;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::error::sqlite_error;
use crate::quote::identifier;

/// The prefix of everything that the capture adds to a file.
pub(crate) const OWN_PREFIX: &str = "_dozer_";

/// What a name in the schema stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// An ordinary table, whose rows have a rowid.
    Table,
    /// A `WITHOUT ROWID` table, whose rows are stored under their primary key.
    WithoutRowid,
    /// A view: it can be read, not captured.
    View,
    /// A virtual table: it can be read, not captured, as SQLite allows no triggers on it.
    Virtual,
}

impl TableKind {
    /// Whether triggers can capture its changes.
    pub fn can_be_captured(self) -> bool {
        matches!(self, Self::Table | Self::WithoutRowid)
    }
}

/// How a column gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// It is written by whoever writes the row.
    No,
    /// It is computed when it is read.
    Virtual,
    /// It is computed when the row is written.
    Stored,
}

/// A column as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The text of the declared type, as written; empty where there is none.
    pub declared_type: String,
    /// Whether a row may hold null here. A primary key may, unless it is the rowid, `NOT NULL`, or of a
    /// `WITHOUT ROWID` or `STRICT` table.
    pub nullable: bool,
    /// The place in the primary key, from 1.
    pub key_position: Option<u32>,
    /// Whether the value is computed from other columns.
    pub generated: Generated,
    /// Whether the column is another name of the rowid (`INTEGER PRIMARY KEY`).
    pub is_rowid: bool,
    /// The SQL text of the default value.
    pub default: Option<String>,
}

impl Column {
    /// Whether rows from before the column was added are null there: it has no default, and is not computed.
    pub fn starts_as_null(&self) -> bool {
        let default = self.default.as_deref();
        self.generated == Generated::No
            && default.is_none_or(|text| text.trim().eq_ignore_ascii_case("null"))
    }
}

/// What one part of an index is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexPart {
    /// A column, by its place in [`Table::columns`].
    Column(usize),
    /// An expression; its text is in [`UniqueIndex::sql`].
    Expression,
}

/// A unique index, or the index of a primary key or unique constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueIndex {
    /// The name.
    pub name: String,
    /// Its key parts in order, each with its collation.
    pub parts: Vec<(IndexPart, String)>,
    /// Whether it holds only rows that meet a condition (`CREATE INDEX … WHERE …`).
    pub partial: bool,
    /// Whether it is the primary key.
    pub is_primary_key: bool,
    /// The text of its `CREATE INDEX`; none for the index of a constraint.
    pub sql: Option<String>,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: TableKind,
    /// Its columns in order. The hidden columns of a virtual table are left out.
    pub columns: Vec<Column>,
    /// Its unique indexes, the primary key's among them unless that is the rowid.
    pub unique_indexes: Vec<UniqueIndex>,
}

impl Table {
    /// The places of the primary key's columns, in the key's order; empty without one.
    pub fn primary_key(&self) -> Vec<usize> {
        let mut key: Vec<(u32, usize)> = (0..)
            .zip(&self.columns)
            .filter_map(|(place, column)| Some((column.key_position?, place)))
            .collect();
        key.sort_unstable();
        key.into_iter().map(|(_, place)| place).collect()
    }

    /// What the rowid is called in SQL, quoted; `None` where there is none, or columns hide all its names.
    pub fn rowid(&self) -> Option<String> {
        if self.kind != TableKind::Table {
            return None;
        }
        if let Some(column) = self.columns.iter().find(|column| column.is_rowid) {
            return Some(identifier(&column.name));
        }
        let hidden = |name: &str| {
            let mut columns = self.columns.iter();
            columns.any(|column| column.name.eq_ignore_ascii_case(name))
        };
        let mut names = ["rowid", "_rowid_", "oid"].into_iter();
        names.find(|name| !hidden(name)).map(str::to_owned)
    }
}

/// Facts about the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInfo {
    /// Whether this connection cannot write it.
    pub read_only: bool,
    /// `wal`, `delete`, `truncate`, `persist`, `memory` or `off`.
    pub journal_mode: String,
    /// Bytes in a page.
    pub page_size: u64,
    /// A number that changes with the schema.
    pub schema_version: i64,
    /// A number that changes, for this connection, when another one commits.
    pub data_version: i64,
}

impl FileInfo {
    /// Asks the connection's main database.
    pub fn read(connection: &Connection) -> Result<Self> {
        let number = |pragma: &str| {
            connection
                .query_row(&format!("PRAGMA main.{pragma}"), [], |row| {
                    row.get::<_, i64>(0)
                })
                .map_err(sqlite_error)
        };
        Ok(Self {
            read_only: connection.is_readonly("main").map_err(sqlite_error)?,
            journal_mode: connection
                .query_row("PRAGMA main.journal_mode", [], |row| row.get(0))
                .map_err(sqlite_error)?,
            page_size: u64::try_from(number("page_size")?).unwrap_or_default(),
            schema_version: number("schema_version")?,
            data_version: number("data_version")?,
        })
    }
}

/// The tables and views of the main database by name; SQLite's own tables, shadow tables of virtual ones and the
/// capture's are left out.
pub fn tables(connection: &Connection) -> Result<Vec<Table>> {
    let mut statement = connection
        .prepare_cached(
            "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' ORDER BY name",
        )
        .map_err(sqlite_error)?;
    let listed = rows(&mut statement, [], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, bool>(2)?,
        ))
    })?;
    listed
        .into_iter()
        .filter(|(name, ..)| !is_internal(name))
        .map(|(name, kind, without_rowid)| read_table(connection, name, &kind, without_rowid))
        .collect()
}

/// One table or view of the main database, by its name in any case; `None` where there is none.
pub fn table(connection: &Connection, name: &str) -> Result<Option<Table>> {
    let mut statement = connection
        .prepare_cached(
            "SELECT name, type, wr FROM pragma_table_list(?1) WHERE schema = 'main' AND type <> 'shadow'",
        )
        .map_err(sqlite_error)?;
    let listed = rows(&mut statement, [name], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, bool>(2)?,
        ))
    })?;
    listed
        .into_iter()
        .find(|(name, ..)| !is_internal(name))
        .map(|(name, kind, without_rowid)| read_table(connection, name, &kind, without_rowid))
        .transpose()
}

fn is_internal(name: &str) -> bool {
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    starts("sqlite_") || starts(OWN_PREFIX)
}

fn read_table(
    connection: &Connection,
    name: String,
    kind: &str,
    without_rowid: bool,
) -> Result<Table> {
    let kind = match kind {
        "view" => TableKind::View,
        "virtual" => TableKind::Virtual,
        _ if without_rowid => TableKind::WithoutRowid,
        _ => TableKind::Table,
    };
    let (mut columns, places) = read_columns(connection, &name)?;
    let unique_indexes = if kind.can_be_captured() {
        read_unique_indexes(connection, &name, &places)?
    } else {
        Vec::new()
    };
    let has_key_index = unique_indexes.iter().any(|index| index.is_primary_key);
    let single_key = columns
        .iter()
        .filter(|column| column.key_position.is_some())
        .count()
        == 1;
    for column in &mut columns {
        // `INTEGER PRIMARY KEY DESC` is no rowid, for history's sake: SQLite then keeps an index of its own.
        column.is_rowid = kind == TableKind::Table
            && single_key
            && !has_key_index
            && column.key_position.is_some()
            && column.declared_type.eq_ignore_ascii_case("INTEGER");
        let keyed = kind == TableKind::WithoutRowid && column.key_position.is_some();
        column.nullable = column.nullable && !column.is_rowid && !keyed;
    }
    Ok(Table {
        name,
        kind,
        columns,
        unique_indexes,
    })
}

/// The visible columns, and for each column number of SQLite's its place among them.
fn read_columns(connection: &Connection, table: &str) -> Result<(Vec<Column>, Vec<Option<usize>>)> {
    let mut statement = connection
        .prepare_cached(
            "SELECT name, type, \"notnull\", pk, hidden, dflt_value FROM pragma_table_xinfo(?1, 'main') ORDER BY cid",
        )
        .map_err(sqlite_error)?;
    let listed = rows(&mut statement, [table], |row| {
        let hidden: i64 = row.get(4)?;
        let position: u32 = row.get(3)?;
        let column = Column {
            name: row.get(0)?,
            declared_type: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            nullable: !row.get::<_, bool>(2)?,
            key_position: (position > 0).then_some(position),
            generated: match hidden {
                2 => Generated::Virtual,
                3 => Generated::Stored,
                _ => Generated::No,
            },
            is_rowid: false,
            default: row.get(5)?,
        };
        Ok((hidden != 1).then_some(column))
    })?;
    let mut columns = Vec::with_capacity(listed.len());
    let mut places = Vec::with_capacity(listed.len());
    for column in listed {
        places.push(column.is_some().then_some(columns.len()));
        columns.extend(column);
    }
    Ok((columns, places))
}

fn read_unique_indexes(
    connection: &Connection,
    table: &str,
    places: &[Option<usize>],
) -> Result<Vec<UniqueIndex>> {
    let mut statement = connection
        .prepare_cached(
            // Only `CREATE INDEX` has a text, and looking for one goes through the whole schema.
            "SELECT l.name, l.origin, l.partial, CASE WHEN l.origin = 'c' THEN
                 (SELECT s.sql FROM main.sqlite_schema AS s WHERE s.type = 'index' AND s.name = l.name) END
             FROM pragma_index_list(?1, 'main') AS l WHERE l.\"unique\" ORDER BY l.seq DESC",
        )
        .map_err(sqlite_error)?;
    let mut indexes = rows(&mut statement, [table], |row| {
        Ok(UniqueIndex {
            name: row.get(0)?,
            parts: Vec::new(),
            partial: row.get(2)?,
            is_primary_key: row.get::<_, String>(1)? == "pk",
            sql: row.get(3)?,
        })
    })?;
    let mut statement = connection
        .prepare_cached(
            "SELECT cid, coll FROM pragma_index_xinfo(?1, 'main') WHERE key ORDER BY seqno",
        )
        .map_err(sqlite_error)?;
    for index in &mut indexes {
        index.parts = rows(&mut statement, [&index.name], |row| {
            let place = usize::try_from(row.get::<_, i64>(0)?).ok();
            let part = place
                .and_then(|place| places.get(place).copied().flatten())
                .map_or(IndexPart::Expression, IndexPart::Column);
            Ok((
                part,
                row.get::<_, Option<String>>(1)?
                    .unwrap_or_else(|| "BINARY".to_owned()),
            ))
        })?;
    }
    Ok(indexes)
}

fn rows<T>(
    statement: &mut rusqlite::Statement<'_>,
    parameters: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    statement
        .query_map(parameters, read)
        .and_then(Iterator::collect)
        .map_err(sqlite_error)
}

#[cfg(test)]
mod tests;
