//! Making and changing the publication that this connector owns.

use connector_core::{Error, Result};

use crate::catalog::{Publication, Relation, RelationKind};
use crate::quote::identifier;
use crate::wire::{Connection, PgError};

/// The SQL that makes a publication of these tables: for `prepare`, and for a person who has to run it.
pub(crate) fn create_publication(name: &str, tables: &[&Relation], version: u32) -> String {
    // Partitions are told under the name of their table, which Postgres 12 cannot do.
    let options = if version >= 130_000 {
        " WITH (publish_via_partition_root = true)"
    } else {
        ""
    };
    format!(
        "CREATE PUBLICATION {} FOR TABLE {}{options}",
        identifier(name),
        list(tables)
    )
}

/// The SQL that drops a publication.
pub(crate) fn drop_publication(name: &str) -> String {
    format!("DROP PUBLICATION IF EXISTS {}", identifier(name))
}

/// Makes the publication, or adds the tables that it lacks. Tables that it has beyond these stay: another run may need
/// them. Returns a line for each thing done.
///
/// # Errors
/// When the role may not: it says what a person with more rights has to run.
pub(crate) fn publish(
    connection: &mut Connection,
    name: &str,
    existing: Option<&Publication>,
    tables: &[&Relation],
) -> Result<Vec<String>> {
    let version = connection.server_version();
    let missing: Vec<&Relation> = (tables.iter().copied())
        .filter(|table| {
            existing
                .is_none_or(|publication| publication.table(&table.schema, &table.name).is_none())
        })
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = missing
        .iter()
        .map(|table| format!("`{}`", table.full_name()))
        .collect();
    let (sql, done) = match existing {
        None => (
            create_publication(name, &missing, version),
            format!("created publication `{name}` of {}", names.join(", ")),
        ),
        Some(_) => (
            format!(
                "ALTER PUBLICATION {} ADD TABLE {}",
                identifier(name),
                list(&missing)
            ),
            format!("added {} to publication `{name}`", names.join(", ")),
        ),
    };
    connection
        .execute(&sql)
        .map_err(|error| refused(error, &sql))?;
    Ok(vec![done])
}

fn refused(error: PgError, sql: &str) -> Error {
    Error::from(error).with_help(format!("let the owner of the tables run it: {sql};"))
}

/// The tables alone, without those that inherit from them: whoever published these would have the server refuse updates of
/// tables that nobody selected. The partitions of a table come with it all the same.
fn list(tables: &[&Relation]) -> String {
    let name = |table: &&Relation| {
        let only = match table.kind {
            RelationKind::Partitioned => "",
            _ => "ONLY ",
        };
        let (schema, name) = (identifier(&table.schema), identifier(&table.name));
        format!("{only}{schema}.{name}")
    };
    tables.iter().map(name).collect::<Vec<_>>().join(", ")
}
