//! What a publication publishes: the tables, the columns and the rows of each, and which operations.

use crate::quote::literal;
use crate::wire::{Connection, PgError, Row};

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, as the catalog has it"
)]
pub(crate) struct Publication {
    pub(crate) name: String,
    /// Whether all tables are published, also those that come later.
    pub(crate) all_tables: bool,
    pub(crate) inserts: bool,
    pub(crate) updates: bool,
    pub(crate) deletes: bool,
    pub(crate) truncates: bool,
    /// Whether changes of a partition are told under the name of the partitioned table. Since Postgres 13.
    pub(crate) via_root: bool,
    /// The published tables, by schema and name.
    pub(crate) tables: Vec<Published>,
}

/// A table of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) schema: String,
    pub(crate) name: String,
    /// The published columns, where not all of them are; since Postgres 15.
    pub(crate) columns: Option<Vec<i16>>,
    /// The condition that published rows meet; since Postgres 15.
    pub(crate) filter: Option<String>,
}

impl Publication {
    /// The publication of this name, if there is one.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub(crate) fn read(connection: &mut Connection, name: &str) -> Result<Option<Self>, PgError> {
        let version = connection.server_version();
        let via_root = if version >= 130_000 {
            "pubviaroot"
        } else {
            "false"
        };
        let name = literal(name);
        let rows = connection.query(&format!(
            "SELECT pubname, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, {via_root} AS via_root
               FROM pg_publication WHERE pubname = {name}"
        ))?;
        let Some(row) = rows.iter().next() else {
            return Ok(None);
        };
        let mut publication = Self {
            name: row.text("pubname")?.to_owned(),
            all_tables: row.is_true("puballtables")?,
            inserts: row.is_true("pubinsert")?,
            updates: row.is_true("pubupdate")?,
            deletes: row.is_true("pubdelete")?,
            truncates: row.is_true("pubtruncate")?,
            via_root: row.is_true("via_root")?,
            tables: Vec::new(),
        };
        // Columns by name are wanted as numbers; a list of all columns is no list.
        let details = if version >= 150_000 {
            "(SELECT string_agg(number::text, ' ') FROM unnest(r.prattrs) u(number)) AS columns,
             pg_get_expr(r.prqual, r.prrelid) AS filter"
        } else {
            "NULL AS columns, NULL AS filter"
        };
        let tables = connection.query(&format!(
            "SELECT t.schemaname, t.tablename, {details}
               FROM pg_publication_tables t
               JOIN pg_namespace n ON n.nspname = t.schemaname
               JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
               LEFT JOIN (pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = {name})
                 ON r.prrelid = c.oid
              WHERE t.pubname = {name}
              ORDER BY t.schemaname, t.tablename"
        ))?;
        publication.tables = tables
            .iter()
            .map(|row| published(&row))
            .collect::<Result<_, _>>()?;
        Ok(Some(publication))
    }

    /// The entry of a table.
    pub(crate) fn table(&self, schema: &str, name: &str) -> Option<&Published> {
        self.tables
            .iter()
            .find(|table| table.schema == schema && table.name == name)
    }
}

fn published(row: &Row<'_>) -> Result<Published, PgError> {
    Ok(Published {
        schema: row.text("schemaname")?.to_owned(),
        name: row.text("tablename")?.to_owned(),
        columns: row.get("columns")?.map(|numbers| {
            numbers
                .split(' ')
                .filter_map(|number| number.parse().ok())
                .collect()
        }),
        filter: row.get("filter")?.map(str::to_owned),
    })
}
