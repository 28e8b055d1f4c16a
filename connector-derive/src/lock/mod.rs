//! The schema lock file that `dozer migrate` writes, as the derive compares rows with it.

mod file;
mod json;
mod read;

pub(crate) use file::{Opened, open};

/// The tables of a lock file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) sources: Vec<Source>,
}

/// What one source of the pipeline reads of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its name in the pipeline.
    pub(crate) name: String,
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    pub(crate) columns: Vec<Column>,
    /// The names of the key's columns, in the key's order; none where a column of the key is left out.
    pub(crate) key: Vec<String>,
    pub(crate) old_rows: OldRows,
}

/// A column that the source reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its field type, as an attribute names it: `Timestamp(us)`.
    pub(crate) field_type: String,
    pub(crate) nullable: bool,
}

/// What the source tells of old rows: each tells what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OldRows {
    Nothing,
    OnlyPk,
    FullChanges,
}

impl Source {
    /// The table's name with its schema, as a person reads it.
    pub(crate) fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.table),
            None => self.table.clone(),
        }
    }
}

/// Why a lock file cannot be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    NotThere,
    Unreadable(String),
    /// Not JSON, or not the JSON of a lock file.
    NotALock(String),
    /// Another version of the format.
    Version(usize),
}
