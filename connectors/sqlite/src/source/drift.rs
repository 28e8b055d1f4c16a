//! The columns of the followed tables, compared with those that are read.

use std::collections::HashMap;

use connector_core::prelude::*;
use connector_core::{ReplicationChangesTrackingType as Tracking, SchemaChange, SelectedTable};
use rusqlite::Connection;

use crate::catalog::{self, Column};

/// A change of a table's columns.
#[derive(Debug)]
pub(super) struct Changed {
    /// The table's place in the list of tables.
    pub(super) table: usize,
    pub(super) change: SchemaChange,
    /// What changed, in a person's words.
    pub(super) what: String,
}

/// What was told of the columns of each table.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// By the table's place: how many columns it had when it was told last.
    told: HashMap<usize, usize>,
}

impl Columns {
    /// The first change, if anything changed.
    pub(super) fn changed(
        &mut self,
        connection: &Connection,
        selected: &[SelectedTable],
    ) -> Result<Option<Changed>> {
        match breaking(connection, selected)? {
            None => self.added(connection, selected),
            changed => Ok(changed),
        }
    }

    /// The first table with columns that were not told yet.
    pub(super) fn added(
        &mut self,
        connection: &Connection,
        selected: &[SelectedTable],
    ) -> Result<Option<Changed>> {
        for (selected, now) in followed(connection, selected)? {
            let known = selected.info.columns.len();
            let told = self.told.entry(selected.place).or_insert(known);
            if now.len() <= *told {
                continue;
            }
            let added: Vec<String> = now.iter().skip(*told).map(described).collect();
            *told = now.len();
            return Ok(Some(Changed {
                table: selected.place,
                change: SchemaChange::Additive,
                what: format!(
                    "table `{}` has new columns: {}",
                    selected.info.table_name,
                    added.join(", ")
                ),
            }));
        }
        Ok(None)
    }
}

/// The first change after which what is read cannot be read as before.
pub(super) fn breaking(
    connection: &Connection,
    selected: &[SelectedTable],
) -> Result<Option<Changed>> {
    for (selected, now) in followed(connection, selected)? {
        let before = &selected.info.columns;
        // SQLite adds columns at the end, and a renamed one keeps its place.
        let renamed = (before.iter().zip(&now))
            .filter(|(before, now)| before.name != now.name)
            .map(|(before, now)| format!("column `{}` is now `{}`", before.name, now.name));
        let gone = (before.iter().skip(now.len()))
            .map(|column| format!("column `{}` is gone", column.name));
        let changes: Vec<String> = renamed.chain(gone).collect();
        if !changes.is_empty() {
            return Ok(Some(Changed {
                table: selected.place,
                change: SchemaChange::Breaking,
                what: format!(
                    "table `{}` changed while it was followed: {}",
                    selected.info.table_name,
                    changes.join(", ")
                ),
            }));
        }
    }
    Ok(None)
}

/// The tables that are followed, with their columns now. One that is gone loses the position, which the log says.
fn followed<'s>(
    connection: &Connection,
    selected: &'s [SelectedTable],
) -> Result<Vec<(&'s SelectedTable, Vec<Column>)>> {
    let mut tables = Vec::new();
    for selected in selected {
        if selected.info.tracking == Tracking::Nothing {
            continue;
        }
        if let Some(table) = catalog::table(connection, &selected.info.table_name)? {
            tables.push((selected, table.columns));
        }
    }
    Ok(tables)
}

fn described(column: &Column) -> String {
    let declared = match column.declared_type.as_str() {
        "" => String::new(),
        name => format!("`{name}`, "),
    };
    let null = if column.nullable {
        "nullable"
    } else {
        "not null"
    };
    let default = if column.starts_as_null() {
        ""
    } else {
        ", with a default"
    };
    format!("`{}` ({declared}{null}{default})", column.name)
}
