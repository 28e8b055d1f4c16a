//! What a publication publishes: the tables, the columns and the rows of each, and which operations.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::oids;
use super::relation::{Relation, RelationKind};
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
    /// Other after it was dropped and made anew, or given other options or another owner; not with its list of tables.
    pub(crate) version: String,
    /// Whether all tables are published, also those that come later.
    pub(crate) all_tables: bool,
    pub(crate) inserts: bool,
    pub(crate) updates: bool,
    pub(crate) deletes: bool,
    pub(crate) truncates: bool,
    /// Whether changes of a partition are told under the name of the partitioned table. Since Postgres 13.
    pub(crate) via_root: bool,
    /// Whether the tables are those of its list alone, as they are there.
    pub(crate) listed_alone: bool,
    /// The published tables, in the order of schema and name.
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
    /// The number of its entry in the list of tables: another one after it was taken out and put in again. Nothing where it is
    /// published otherwise, or was not looked up there.
    pub(crate) listed: Option<String>,
}

impl Publication {
    /// The publication of this name, if there is one.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub(crate) fn read(connection: &mut Connection, name: &str) -> Result<Option<Self>, PgError> {
        Self::read_with(connection, name, &[])
    }

    /// The same. Tables that are among these relations have the names that they have there.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub(crate) fn read_with(
        connection: &mut Connection,
        name: &str,
        relations: &[Relation],
    ) -> Result<Option<Self>, PgError> {
        let version = connection.server_version();
        let via_root = if version >= 130_000 {
            "pubviaroot"
        } else {
            "false"
        };
        let by_schema = if version >= 150_000 {
            "EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)"
        } else {
            "false"
        };
        let name = literal(name);
        let rows = connection.query(&format!(
            "SELECT oid, oid || ' ' || xmin AS version, pubname, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
                    {via_root} AS via_root, {by_schema} AS by_schema
               FROM pg_publication p WHERE pubname = {name}"
        ))?;
        let Some(row) = rows.iter().next() else {
            return Ok(None);
        };
        let mut publication = Self {
            name: row.text("pubname")?.to_owned(),
            version: row.text("version")?.to_owned(),
            all_tables: row.is_true("puballtables")?,
            inserts: row.is_true("pubinsert")?,
            updates: row.is_true("pubupdate")?,
            deletes: row.is_true("pubdelete")?,
            truncates: row.is_true("pubtruncate")?,
            via_root: row.is_true("via_root")?,
            listed_alone: false,
            tables: Vec::new(),
        };
        if !publication.all_tables && !row.is_true("by_schema")? {
            let via_root = publication.via_root;
            let listed = listed(connection, (row.parse("oid")?, via_root), relations)?;
            publication.listed_alone = listed.is_some();
            publication.tables = listed.unwrap_or_default();
        }
        if !publication.listed_alone {
            publication.tables = all(connection, &name)?;
        }
        publication
            .tables
            .sort_by(|one, other| one.by_name(&other.schema, &other.name));
        Ok(Some(publication))
    }

    /// The entry of a table.
    pub(crate) fn table(&self, schema: &str, name: &str) -> Option<&Published> {
        let place = (self.tables).binary_search_by(|table| table.by_name(schema, name));
        self.tables.get(place.ok()?)
    }
}

impl Published {
    /// Compares it with a table of this name.
    fn by_name(&self, schema: &str, name: &str) -> Ordering {
        (&*self.schema, &*self.name).cmp(&(schema, name))
    }
}

/// What is asked of the entry `r` of a table: columns as numbers, where not all of them are published, and the rows.
fn details(connection: &Connection) -> &'static str {
    if connection.server_version() >= 150_000 {
        "r.prattrs::text AS columns, pg_get_expr(r.prqual, r.prrelid) AS filter"
    } else {
        "NULL AS columns, NULL AS filter"
    }
}

/// The tables in the list of a publication; `None` where others are published than those. A partition may be under its table's
/// name, where the changes of partitions are told under that (`via_root`); else a partitioned table is under its partitions'.
fn listed(
    connection: &mut Connection,
    (publication, via_root): (u32, bool),
    relations: &[Relation],
) -> Result<Option<Vec<Published>>, PgError> {
    let details = details(connection);
    let rows = connection.query(&format!(
        "SELECT r.prrelid, r.oid AS listed, {details} FROM pg_publication_rel r WHERE r.prpubid = {publication}"
    ))?;
    // A server that is to look up the names of all takes longer for that than for the list.
    let known: HashMap<u32, &Relation> = (relations.iter())
        .map(|relation| (relation.oid, relation))
        .collect();
    let mut tables = Vec::with_capacity(rows.len());
    let mut unnamed = Vec::new();
    for row in rows.iter() {
        let relation = row.parse("prrelid")?;
        match known.get(&relation) {
            Some(table) if table.kind == RelationKind::Partitioned && !via_root => return Ok(None),
            Some(table) => tables.push(published(&row, &table.schema, &table.name)?),
            None => unnamed.push((relation, row)),
        }
    }
    if unnamed.is_empty() {
        return Ok(Some(tables));
    }
    let unknown: Vec<u32> = unnamed.iter().map(|(relation, _)| *relation).collect();
    let named = connection.query(&format!(
        "SELECT c.oid, n.nspname, c.relname, c.relispartition OR (c.relkind = 'p' AND NOT {via_root}) AS otherwise
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ({})",
        oids(&unknown)
    ))?;
    let rows: HashMap<u32, Row<'_>> = unnamed.into_iter().collect();
    for named in named.iter() {
        if named.is_true("otherwise")? {
            return Ok(None);
        }
        if let Some(row) = rows.get(&named.parse("oid")?) {
            let table = published(row, named.text("nspname")?, named.text("relname")?)?;
            tables.push(table);
        }
    }
    Ok(Some(tables))
}

/// All tables that the publication of this quoted name publishes, for whatever reason.
fn all(connection: &mut Connection, name: &str) -> Result<Vec<Published>, PgError> {
    let details = details(connection);
    let rows = connection.query(&format!(
        "SELECT t.schemaname, t.tablename, {details}, NULL AS listed
           FROM pg_publication_tables t
           JOIN pg_namespace n ON n.nspname = t.schemaname
           JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
           LEFT JOIN (pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = {name})
             ON r.prrelid = c.oid
          WHERE t.pubname = {name}"
    ))?;
    let table = |row: Row<'_>| published(&row, row.text("schemaname")?, row.text("tablename")?);
    rows.iter().map(table).collect()
}

fn published(row: &Row<'_>, schema: &str, name: &str) -> Result<Published, PgError> {
    Ok(Published {
        schema: schema.to_owned(),
        name: name.to_owned(),
        columns: row.get("columns")?.map(|numbers| {
            numbers
                .split(' ')
                .filter_map(|number| number.parse().ok())
                .collect()
        }),
        filter: row.get("filter")?.map(str::to_owned),
        listed: row.get("listed")?.map(str::to_owned),
    })
}
