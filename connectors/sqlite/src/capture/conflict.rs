//! Which rows a new image would conflict with: the SQL conditions behind evictions by `OR REPLACE`.
//!
//! In every condition the captured table is named `_d`, the rows kept from it go by their table's
//! own name, the trigger's rows `NEW` and `OLD`.
//! A condition may name too many rows: what is kept is looked at again after the change.

use connector_core::{Error, Result};

use super::index_sql;
use crate::catalog::{Column, IndexPart, Table, UniqueIndex};
use crate::quote::identifier;

/// What tells one row of a table from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// The rowid, under a name that no column hides.
    Rowid(String),
    /// Columns, by place, that are unique and never null, each with the collation of its index.
    Columns(Vec<(usize, String)>),
    /// Nothing; and no statement can replace a row of this table.
    Nothing,
}

/// What tells rows of this table apart.
pub(super) fn identity(table: &Table) -> Result<Identity> {
    if let Some(rowid) = table.rowid() {
        return Ok(Identity::Rowid(rowid));
    }
    let unique = table
        .unique_indexes
        .iter()
        .filter(|index| !index.partial)
        .find_map(|index| {
            let parts = index.parts.iter().map(|(part, collation)| match part {
                IndexPart::Column(place) => {
                    let column = table.columns.get(*place)?;
                    (!column.nullable).then(|| (*place, collation.clone()))
                }
                IndexPart::Expression => None,
            });
            parts.collect::<Option<Vec<_>>>()
        });
    match unique {
        Some(parts) => Ok(Identity::Columns(parts)),
        None if table.unique_indexes.is_empty() => Ok(Identity::Nothing),
        None => Err(Error::source(
            "its columns hide `rowid`, `_rowid_` and `oid`, so its rows cannot be told apart",
        )
        .with_help(
            "rename one of these columns, or add a unique index on columns that are not null",
        )),
    }
}

/// A way to name a row in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The captured table, as `_d`.
    Table,
    /// The rows kept from it, under their table's name.
    Kept,
    /// Another of the kept rows, as `_l`.
    Later,
    /// The trigger's new row.
    New,
    /// The trigger's old row.
    Old,
}

impl Identity {
    /// The condition that both sides are the same row.
    pub(super) fn same(&self, table: &Table, kept: &str, left: Side, right: Side) -> String {
        match self {
            Self::Rowid(name) => {
                format!("{} = {}", rowid(name, kept, left), rowid(name, kept, right))
            }
            Self::Columns(parts) => {
                let equal = parts.iter().map(|(place, collation)| {
                    let (left, right) = (
                        column(table, *place, kept, left),
                        column(table, *place, kept, right),
                    );
                    format!("{left} COLLATE {} = {right}", identifier(collation))
                });
                equal.collect::<Vec<_>>().join(" AND ")
            }
            Self::Nothing => "0".to_owned(),
        }
    }
}

fn rowid(name: &str, kept: &str, side: Side) -> String {
    match side {
        Side::Table => format!("_d.{name}"),
        Side::Kept => format!("{kept}.r"),
        Side::Later => "_l.r".to_owned(),
        Side::New => format!("NEW.{name}"),
        Side::Old => format!("OLD.{name}"),
    }
}

fn column(table: &Table, place: usize, kept: &str, side: Side) -> String {
    let name = || {
        table
            .columns
            .get(place)
            .map(|column| identifier(&column.name))
            .unwrap_or_default()
    };
    match side {
        Side::Table => format!("_d.{}", name()),
        Side::Kept => format!("{kept}.c{place}"),
        Side::Later => format!("_l.c{place}"),
        Side::New => format!("NEW.{}", name()),
        Side::Old => format!("OLD.{}", name()),
    }
}

/// The conditions under which a row of the table conflicts with `NEW`: one for each key, so that each can use the
/// key's own index.
pub(super) fn conditions(table: &Table, identity: &Identity) -> Result<Vec<String>> {
    let mut conditions = Vec::new();
    if let Identity::Rowid(name) = identity {
        conditions.push(format!("_d.{name} = NEW.{name}"));
    }
    for index in &table.unique_indexes {
        conditions.push(condition(table, index)?);
    }
    Ok(conditions)
}

fn condition(table: &Table, index: &UniqueIndex) -> Result<String> {
    let unreadable = || {
        Error::source(format!(
            "the text of the index `{}` cannot be read",
            index.name
        ))
        .with_help("recreate the index")
    };
    let text = match &index.sql {
        Some(sql) => Some(index_sql::parse(sql).ok_or_else(unreadable)?),
        None => None,
    };
    let mut terms = Vec::new();
    if index.partial {
        // The same words as in the index: only then does SQLite see that the index serves this look-up.
        let condition = text
            .as_ref()
            .and_then(|text| text.condition)
            .ok_or_else(unreadable)?;
        terms.push(format!("({condition})"));
    }
    for (position, (part, collation)) in index.parts.iter().enumerate() {
        match part {
            IndexPart::Column(place) => {
                let old = column(table, *place, "", Side::Table);
                terms.push(format!(
                    "{old} COLLATE {} = {}",
                    identifier(collation),
                    new_value(table, *place)
                ));
            }
            IndexPart::Expression => {
                let expression = text
                    .as_ref()
                    .and_then(|text| text.parts.get(position))
                    .ok_or_else(unreadable)?;
                // Inside the subquery the expression's bare names mean the new row's values.
                let row: Vec<_> = (0..)
                    .zip(&table.columns)
                    .map(|(place, column)| {
                        format!(
                            "{} AS {}",
                            new_value(table, place),
                            identifier(&column.name)
                        )
                    })
                    .collect();
                terms.push(format!(
                    "{expression} = (SELECT {expression} FROM (SELECT {}))",
                    row.join(", ")
                ));
            }
        }
    }
    Ok(terms.join(" AND "))
}

/// The new row's value in a key. `OR REPLACE` puts the default in place of a null that is not allowed, after the
/// `BEFORE` triggers have run.
fn new_value(table: &Table, place: usize) -> String {
    let value = column(table, place, "", Side::New);
    match table.columns.get(place) {
        Some(Column {
            nullable: false,
            default: Some(default),
            ..
        }) => {
            format!("coalesce({value}, ({default}))")
        }
        _ => value,
    }
}

/// The columns whose change can bring an update into conflict; `None` where any column's can.
pub(super) fn update_columns(table: &Table, identity: &Identity) -> Option<Vec<String>> {
    let mut names = Vec::new();
    if matches!(identity, Identity::Rowid(_)) {
        // A rowid can be set under any of its names, whatever the table calls it.
        names.extend(["rowid", "_rowid_", "oid"].map(str::to_owned));
        names.extend(
            table
                .columns
                .iter()
                .filter(|c| c.is_rowid)
                .map(|c| identifier(&c.name)),
        );
    }
    for index in &table.unique_indexes {
        for (part, _) in &index.parts {
            let IndexPart::Column(place) = part else {
                return None;
            };
            let column = table.columns.get(*place)?;
            if index.partial || column.generated != crate::catalog::Generated::No {
                return None;
            }
            names.push(identifier(&column.name));
        }
    }
    Some(names)
}
