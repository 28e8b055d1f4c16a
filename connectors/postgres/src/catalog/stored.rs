//! Where the rows of tables are stored, how many pages they take, and about how many they are.

use super::oids;
use super::relation::{Relation, RelationKind};
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
    /// About how many rows it has; `None` where it was never analysed, or has no rows of its own.
    pub(crate) estimated_rows: Option<u64>,
}

impl StoredTable {
    /// What [`stored`] gives of a relation that is as it was read, where nothing more has to be asked for that.
    pub(crate) fn of(relation: &Relation, small: u64) -> Option<Self> {
        let (pages, rows) = (relation.counted_pages, relation.counted_rows);
        let size = match relation.kind {
            RelationKind::Partitioned => return None,
            RelationKind::View | RelationKind::Foreign => None,
            RelationKind::Table | RelationKind::MaterializedView => {
                let size = u64::try_from(pages).ok()?;
                Some(size).filter(|size| rows > 0.0 && (1..=small).contains(size))?;
                Some(size)
            }
        };
        Some(Self {
            selected: relation.oid,
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            pages: size.filter(|_| relation.kind == RelationKind::Table),
            estimated_rows: size.and_then(|size| estimate(rows, pages, size)),
        })
    }
}

/// The stored tables of these relations, as the connection's snapshot sees them. One that had between one page and `small`
/// when its rows were counted last is taken to have as many still: to ask for its size, a server that has not looked at the
/// table yet takes as long as for reading some rows of it.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn stored(
    connection: &mut Connection,
    relations: &[u32],
    small: u64,
) -> Result<Vec<StoredTable>, PgError> {
    if relations.is_empty() {
        return Ok(Vec::new());
    }
    // Partitions are copied one by one where all of them may be; else the table is queried as a whole.
    let rows = connection.query(&format!(
        "WITH selected AS (
           SELECT c.oid, c.relkind FROM pg_class c WHERE c.oid = ANY ({})
         ), leaf AS (
           SELECT s.oid AS selected, p.relid AS oid
             FROM selected s, pg_partition_tree(s.oid) p WHERE s.relkind = 'p' AND p.isleaf
         ), whole AS (
           SELECT s.oid FROM selected s
            WHERE s.relkind <> 'p'
               OR EXISTS (SELECT FROM leaf l WHERE l.selected = s.oid AND NOT has_table_privilege(l.oid, 'SELECT'))
         )
         SELECT w.selected, n.nspname, c.relname,
                CASE WHEN c.relkind IN ('r', 'm') THEN
                     CASE WHEN c.reltuples > 0 AND c.relpages BETWEEN 1 AND {small} THEN c.relpages
                          ELSE (pg_relation_size(c.oid) + 8191) / 8192 END
                END AS size,
                c.relkind = 'r' AS in_pages, c.reltuples, c.relpages
           FROM (SELECT oid AS selected, oid FROM whole
                 UNION ALL SELECT selected, oid FROM leaf WHERE selected NOT IN (SELECT oid FROM whole)) w
           JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
          ORDER BY w.selected, n.nspname, c.relname",
        oids(relations)
    ))?;
    rows.iter()
        .map(|row| {
            let size: Option<u64> = row.get("size")?.and_then(|pages| pages.parse().ok());
            let in_pages = row.is_true("in_pages")?;
            let (rows, pages) = (row.parse("reltuples")?, row.parse("relpages")?);
            Ok(StoredTable {
                selected: row.parse("selected")?,
                schema: row.text("nspname")?.to_owned(),
                name: row.text("relname")?.to_owned(),
                pages: size.filter(|_| in_pages),
                estimated_rows: size.and_then(|size| estimate(rows, pages, size)),
            })
        })
        .collect()
}

/// The rows that are in `size` pages, where the last analysis or vacuum found `rows` in `pages`: as the planner does it.
/// Rows are -1, and before Postgres 14 also 0, where there was none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an estimate, and not negative"
)]
fn estimate(rows: f64, pages: i64, size: u64) -> Option<u64> {
    if size == 0 {
        return Some(0);
    }
    (rows >= 0.0 && pages > 0).then(|| (rows / pages as f64 * size as f64).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_estimated_by_what_a_page_held_when_they_were_counted() {
        assert_eq!(estimate(1e3, 10, 10), Some(1000));
        assert_eq!(estimate(1e3, 10, 25), Some(2500));
        assert_eq!(estimate(0.0, 10, 10), Some(0));
    }

    #[test]
    fn what_was_never_counted_has_no_estimate_unless_it_is_empty() {
        assert_eq!(estimate(-1.0, 0, 10), None);
        assert_eq!(estimate(0.0, 0, 10), None);
        assert_eq!(estimate(-1.0, 0, 0), Some(0));
    }
}
