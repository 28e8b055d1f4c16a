//! Reads relations and their columns from the catalog.

use std::collections::{BTreeSet, HashMap};

use super::columns::{OfTypes, TypeAndModifier, columns};
use super::relation::{Relation, RelationKind, ReplicaIdentity};
use crate::wire::{Connection, PgError, Row};

/// Tables, partitioned tables, views, materialized views and foreign tables of all schemas but the system's own.
///
/// A partition is left out: its rows are those of the partitioned table, under whose name they are told. A table whose primary key
/// and replica identity are two indexes is there twice. For who may read all, the server does not look up each of them.
const RELATIONS: &str = "\
SELECT c.oid, c.relnamespace, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, c.relpages, c.reltuples,
       c.relkind <> 'r' OR c.reltoastrelid <> 0 AS toasts, has_schema_privilege(n.oid, 'USAGE') AS usable,
       coalesce(current_setting('is_superuser') = 'on' OR has_table_privilege(c.oid, 'SELECT'), false) AS readable,
       c.relrowsecurity AND row_security_active(c.oid) AS hidden,
       i.indnkeyatts, i.indkey, i.indisprimary, i.indisreplident
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident)
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'";

/// The columns of the relations above, in the schemas that they are in.
const OF_RELATIONS: &str = "\
JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relnamespace = ANY";

/// One relation in so many: of fewer, the columns are looked up one relation after the other; of more, all at once.
const FEW: usize = 8;

/// Every relation, by schema and name, and the types of the columns; those that are not wanted may come without their columns.
/// All is of one moment where the connection is in a transaction with a snapshot.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn relations(
    connection: &mut Connection,
    wanted: impl Fn(&Relation) -> bool,
) -> Result<(Vec<Relation>, BTreeSet<TypeAndModifier>), PgError> {
    let mut relations = Vec::new();
    let mut schemas = BTreeSet::new();
    for row in connection.query(RELATIONS)?.iter() {
        if let Some(relation) = relation(&row)? {
            relations.push(relation);
            schemas.insert(row.parse("relnamespace")?);
        }
    }
    relations.sort_by(|one, other| (&one.schema, &one.name).cmp(&(&other.schema, &other.name)));
    relations.dedup_by(|again, relation| {
        let same = again.oid == relation.oid;
        if same && relation.primary_key.is_empty() {
            relation.primary_key = std::mem::take(&mut again.primary_key);
        }
        if same && relation.identity_index.is_empty() {
            relation.identity_index = std::mem::take(&mut again.identity_index);
        }
        same
    });
    let places: HashMap<u32, usize> = (relations.iter().enumerate())
        .map(|(place, relation)| (relation.oid, place))
        .collect();
    let few: Vec<u32> = (relations.iter())
        .filter(|relation| wanted(relation))
        .map(|relation| relation.oid)
        .collect();
    let (which, described) = if few.len() * FEW <= relations.len() {
        let few = oids(&few);
        (
            format!("WHERE a.attrelid = ANY ({few})"),
            format!("AND (objsubid = 0 OR objoid = ANY ({few}))"),
        )
    } else {
        let schemas: Vec<u32> = schemas.into_iter().collect();
        (
            format!("{OF_RELATIONS} ({})", oids(&schemas)),
            String::new(),
        )
    };
    // Most columns are of the relation of the one before.
    let mut last = (0, None);
    let types = columns(connection, &which, |relation, column| {
        if last.0 != relation {
            last = (relation, places.get(&relation).copied());
        }
        // One of the lists may be newer than the other.
        if let Some(relation) = last.1.and_then(|place| relations.get_mut(place)) {
            relation.columns.push(column);
        }
    })?;
    let of_types = OfTypes::read(connection, &types)?;
    for relation in &mut relations {
        let columns = &mut relation.columns;
        // Sorted here: a server that is to give them in order finds them one by one.
        columns.sort_unstable_by_key(|column| column.number);
        columns.retain_mut(|column| of_types.complete(column));
        for column in columns {
            column.readable |= relation.readable;
            column.out_of_line &= relation.toasts;
        }
    }
    let comments = connection.query(&format!(
        "SELECT objoid, objsubid, description FROM pg_description WHERE classoid = 'pg_class'::regclass {described}"
    ))?;
    for row in comments.iter() {
        let place = places.get(&row.parse("objoid")?);
        let Some(relation) = place.and_then(|&place| relations.get_mut(place)) else {
            continue;
        };
        let number: i32 = row.parse("objsubid")?;
        let comment = row.text("description")?.to_owned();
        let place = (relation.columns).binary_search_by_key(&number, |column| column.number.into());
        if number == 0 {
            relation.comment = Some(comment);
        } else if let Some(column) = place.ok().and_then(|place| relation.columns.get_mut(place)) {
            column.comment = Some(comment);
        }
    }
    Ok((relations, types))
}

/// Numbers of relations as an array in SQL.
pub(crate) fn oids(relations: &[u32]) -> String {
    let numbers: Vec<String> = relations.iter().map(u32::to_string).collect();
    format!("'{{{}}}'::oid[]", numbers.join(","))
}

/// The schema and the name of each of these relations that is there, as the connection's snapshot sees them.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn names(
    connection: &mut Connection,
    relations: &[u32],
) -> Result<HashMap<u32, (String, String)>, PgError> {
    if relations.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = connection.query(&format!(
        "SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.oid = ANY ({})",
        oids(relations)
    ))?;
    let name = |row: Row<'_>| {
        let (schema, name) = (row.text("nspname")?, row.text("relname")?);
        Ok((row.parse("oid")?, (schema.to_owned(), name.to_owned())))
    };
    rows.iter().map(name).collect()
}

fn relation(row: &Row<'_>) -> Result<Option<Relation>, PgError> {
    let identity = row
        .text("relreplident")?
        .bytes()
        .next()
        .and_then(ReplicaIdentity::from_code);
    let (Some(kind), Some(identity)) = (RelationKind::from_code(row.text("relkind")?), identity)
    else {
        return Ok(None);
    };
    let index = |which| -> Result<Vec<i16>, PgError> {
        Ok(match row.get(which)? {
            Some("t") => key(row.parse("indnkeyatts")?, row.text("indkey")?),
            _ => Vec::new(),
        })
    };
    Ok(Some(Relation {
        oid: row.parse("oid")?,
        schema: row.text("nspname")?.to_owned(),
        name: row.text("relname")?.to_owned(),
        kind,
        logged: row.text("relpersistence")? == "p",
        identity,
        primary_key: index("indisprimary")?,
        identity_index: index("indisreplident")?,
        toasts: row.is_true("toasts")?,
        counted_pages: row.parse("relpages")?,
        counted_rows: row.parse("reltuples")?,
        schema_usable: row.is_true("usable")?,
        readable: row.is_true("readable")?,
        rows_hidden: row.is_true("hidden")?,
        comment: None,
        columns: Vec::new(),
    }))
}

/// The numbers of an index's key columns, in order: the first so many of its columns (2 of `5 3 1`). An expression has the number
/// 0, and tells no rows apart.
fn key(count: usize, columns: &str) -> Vec<i16> {
    let numbers: Vec<i16> = columns
        .split(' ')
        .take(count)
        .filter_map(|number| number.parse().ok())
        .collect();
    if numbers.contains(&0) {
        Vec::new()
    } else {
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_its_order() {
        assert_eq!(key(2, "3 2"), [3, 2]);
        assert_eq!(key(1, "3 2"), [3], "others are only stored with it");
        assert_eq!(key(2, "1 0"), [] as [i16; 0]);
    }
}
