//! Where the rows of tables are stored, and how many pages they take.

use crate::wire::{Connection, PgError};

/// A table that holds rows: the selected one, or a partition of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredTable {
    /// The `oid` of the selected table.
    pub(crate) selected: u32,
    pub(crate) schema: String,
    pub(crate) name: String,
    /// Pages of 8 KiB; `None` where it is to be queried: a view, a foreign table, or a partitioned table whose partitions
    /// the role may not read one by one.
    pub(crate) pages: Option<u64>,
}

/// The stored tables of these relations, as the connection's snapshot sees them.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn stored(
    connection: &mut Connection,
    relations: &[u32],
) -> Result<Vec<StoredTable>, PgError> {
    if relations.is_empty() {
        return Ok(Vec::new());
    }
    let oids: Vec<String> = relations.iter().map(ToString::to_string).collect();
    // Partitions are copied one by one where all of them may be; else the table is queried as a whole.
    let rows = connection.query(&format!(
        "WITH selected AS (
           SELECT c.oid, c.relkind FROM pg_class c WHERE c.oid IN ({})
         ), leaf AS (
           SELECT s.oid AS selected, p.relid AS oid
             FROM selected s, pg_partition_tree(s.oid) p WHERE s.relkind = 'p' AND p.isleaf
         ), whole AS (
           SELECT s.oid FROM selected s
            WHERE s.relkind <> 'p'
               OR EXISTS (SELECT FROM leaf l WHERE l.selected = s.oid AND NOT has_table_privilege(l.oid, 'SELECT'))
         )
         SELECT w.selected, n.nspname, c.relname,
                CASE WHEN c.relkind = 'r' THEN (pg_relation_size(c.oid) + 8191) / 8192 END AS pages
           FROM (SELECT oid AS selected, oid FROM whole
                 UNION ALL SELECT selected, oid FROM leaf WHERE selected NOT IN (SELECT oid FROM whole)) w
           JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
          ORDER BY w.selected, n.nspname, c.relname",
        oids.join(", ")
    ))?;
    rows.iter()
        .map(|row| {
            Ok(StoredTable {
                selected: row.parse("selected")?,
                schema: row.text("nspname")?.to_owned(),
                name: row.text("relname")?.to_owned(),
                pages: row.get("pages")?.and_then(|pages| pages.parse().ok()),
            })
        })
        .collect()
}
