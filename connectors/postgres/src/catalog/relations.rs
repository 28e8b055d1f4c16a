//! Reads relations and their columns from the catalog.

use std::collections::HashMap;

use super::relation::{Attribute, Generated, Relation, RelationKind, ReplicaIdentity};
use crate::wire::{Connection, PgError, Row};

/// Tables, partitioned tables, views, materialized views and foreign tables of all schemas but the system's own.
///
/// A partition is left out: its rows are those of the partitioned table, under whose name they are told.
const RELATIONS: &str = "\
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
       has_schema_privilege(n.oid, 'USAGE') AS usable, coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS readable,
       c.relrowsecurity AND row_security_active(c.oid) AS hidden, d.description AS comment,
       p.indnkeyatts || ' of ' || p.indkey::text AS primary_key, i.indnkeyatts || ' of ' || i.indkey::text AS identity_index
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
  LEFT JOIN pg_index p ON p.indrelid = c.oid AND p.indisprimary
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname, c.relname";

/// Columns. A domain may forbid null, or have a default, where the column does not. What a default filled when the column was
/// added (`atthasmissing`) stays where the default is dropped. What may be read of the whole table is asked for with the table.
const COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod) AS type,
       a.attlen = -1 AND a.attstorage <> 'p' AND (c.relkind <> 'r' OR c.reltoastrelid <> 0) AS out_of_line,
       a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS not_null, a.attidentity, a.attgenerated,
       a.atthasdef OR a.atthasmissing OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS has_default,
       d.description AS comment, a.attacl IS NOT NULL AND coalesce(has_column_privilege(a.attrelid, a.attnum, 'SELECT'), false) AS granted
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped";

/// Those of the relations above.
const OF_RELATIONS: &str = "
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// One relation in so many: of fewer, the columns are looked up one relation after the other; of more, all at once.
const FEW: usize = 8;

/// Every relation, by schema and name; those that are not wanted may come without their columns. Both lists are of one moment
/// where the connection is in a transaction with a snapshot.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn relations(
    connection: &mut Connection,
    wanted: impl Fn(&Relation) -> bool,
) -> Result<Vec<Relation>, PgError> {
    let mut relations = Vec::new();
    let mut readable = Vec::new();
    for row in connection.query(RELATIONS)?.iter() {
        if let Some(relation) = relation(&row)? {
            relations.push(relation);
            readable.push(row.is_true("readable")?);
        }
    }
    let places: HashMap<u32, usize> = (relations.iter().enumerate())
        .map(|(place, relation): (usize, &Relation)| (relation.oid, place))
        .collect();
    let few: Vec<u32> = (relations.iter())
        .filter(|relation| wanted(relation))
        .map(|relation| relation.oid)
        .collect();
    let which = if few.len() * FEW <= relations.len() {
        format!("\n   AND a.attrelid = ANY ({})", oids(&few))
    } else {
        OF_RELATIONS.to_owned()
    };
    for row in connection.query(&format!("{COLUMNS}{which}"))?.iter() {
        // One of the lists may be newer than the other.
        let place = places.get(&row.parse("attrelid")?);
        if let Some(relation) = place.and_then(|&place| relations.get_mut(place)) {
            relation.columns.push(attribute(&row)?);
        }
    }
    // Sorted here: a server that is to give them in order finds them one by one.
    for (relation, readable) in relations.iter_mut().zip(readable) {
        let columns = &mut relation.columns;
        columns.sort_unstable_by_key(|column| column.number);
        for column in columns {
            column.readable |= readable;
        }
    }
    Ok(relations)
}

/// Numbers of relations as an array in SQL.
pub(crate) fn oids(relations: &[u32]) -> String {
    let numbers: Vec<String> = relations.iter().map(u32::to_string).collect();
    format!("'{{{}}}'::oid[]", numbers.join(","))
}

/// The columns of one relation; none where it is gone.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn attributes(
    connection: &mut Connection,
    relation: u32,
) -> Result<Vec<Attribute>, PgError> {
    let rows = connection.query(&format!(
        "{COLUMNS} AND a.attrelid = {relation} ORDER BY a.attnum"
    ))?;
    let mut attributes: Vec<Attribute> = (rows.iter())
        .map(|row| attribute(&row))
        .collect::<Result<_, _>>()?;
    if !attributes.is_empty() {
        let whole = connection.query(&format!(
            "SELECT has_table_privilege(oid, 'SELECT') AS readable FROM pg_class WHERE oid = {relation}"
        ))?;
        let whole = whole
            .first()
            .is_some_and(|row| row.is_true("readable").unwrap_or(false));
        for attribute in &mut attributes {
            attribute.readable |= whole;
        }
    }
    Ok(attributes)
}

/// A column as it stands now: what its values are read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) relation: u32,
    pub(crate) number: i16,
    pub(crate) name: String,
    pub(crate) type_oid: u32,
    pub(crate) modifier: i32,
}

/// The columns of these relations, as the connection's snapshot sees them.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn standing(
    connection: &mut Connection,
    relations: &[u32],
) -> Result<Vec<Standing>, PgError> {
    if relations.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection.query(&format!(
        "SELECT attrelid, attnum, attname, atttypid, atttypmod FROM pg_attribute
          WHERE attrelid = ANY ({}) AND attnum > 0 AND NOT attisdropped",
        oids(relations)
    ))?;
    let standing = |row: Row<'_>| {
        Ok(Standing {
            relation: row.parse("attrelid")?,
            number: row.parse("attnum")?,
            name: row.text("attname")?.to_owned(),
            type_oid: row.parse("atttypid")?,
            modifier: row.parse("atttypmod")?,
        })
    };
    rows.iter().map(standing).collect()
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
    Ok(Some(Relation {
        oid: row.parse("oid")?,
        schema: row.text("nspname")?.to_owned(),
        name: row.text("relname")?.to_owned(),
        kind,
        logged: row.text("relpersistence")? == "p",
        identity,
        primary_key: key(row.get("primary_key")?),
        identity_index: key(row.get("identity_index")?),
        schema_usable: row.is_true("usable")?,
        rows_hidden: row.is_true("hidden")?,
        comment: row.get("comment")?.map(str::to_owned),
        columns: Vec::new(),
    }))
}

fn attribute(row: &Row<'_>) -> Result<Attribute, PgError> {
    let generated = match (row.text("attidentity")?, row.text("attgenerated")?) {
        ("", "") => Generated::No,
        (_, "s") => Generated::Stored,
        (_, "v") => Generated::Virtual,
        _ => Generated::Identity,
    };
    let (type_oid, type_modifier) = (row.parse("atttypid")?, row.parse("atttypmod")?);
    Ok(Attribute {
        number: row.parse("attnum")?,
        name: row.text("attname")?.to_owned(),
        type_oid,
        type_modifier,
        type_name: row.text("type")?.to_owned(),
        nullable: !row.is_true("not_null")?,
        has_default: row.is_true("has_default")?,
        out_of_line: row.is_true("out_of_line")? && !is_short(type_oid, type_modifier),
        generated,
        comment: row.get("comment")?.map(str::to_owned),
        readable: row.is_true("granted")?,
    })
}

/// Whether every value of the type is shorter than what points to a value that is stored out of line (24 bytes, with the
/// length before it): such a value stays in its row. `modifier`: as in `atttypmod`.
fn is_short(oid: u32, modifier: i32) -> bool {
    match oid {
        INET | CIDR => true,
        // Groups of four digits in two bytes each, behind four bytes.
        NUMERIC => modifier >= 4 && (modifier - 4) >> 16 <= 29,
        // At most four bytes a character.
        VARCHAR | BPCHAR => (4..=9).contains(&modifier),
        BIT | VARBIT => (0..=128).contains(&modifier),
        _ => false,
    }
}

const CIDR: u32 = 650;
const INET: u32 = 869;
const BPCHAR: u32 = 1042;
const VARCHAR: u32 = 1043;
const BIT: u32 = 1560;
const VARBIT: u32 = 1562;
const NUMERIC: u32 = 1700;

/// The numbers of an index's key columns, in order: the first so many of its columns (`2 of 5 3 1`). An expression has the
/// number 0, and tells no rows apart.
fn key(index: Option<&str>) -> Vec<i16> {
    let parts = index.and_then(|index| index.split_once(" of "));
    let Some((Ok(count), columns)) = parts.map(|(count, columns)| (count.parse(), columns)) else {
        return Vec::new();
    };
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
        assert_eq!(key(Some("2 of 3 2")), [3, 2]);
        assert_eq!(key(Some("1 of 3 2")), [3], "others are only stored with it");
        assert_eq!(key(None), [] as [i16; 0]);
        assert_eq!(key(Some("2 of 1 0")), [] as [i16; 0]);
    }

    #[test]
    fn short_values_stay_in_their_row() {
        let numeric = |precision: i32| is_short(NUMERIC, (precision << 16 | 2) + 4);
        assert!(numeric(10) && numeric(29) && !numeric(30));
        assert!(is_short(VARCHAR, 5 + 4) && !is_short(VARCHAR, 6 + 4));
        assert!(is_short(VARBIT, 128) && !is_short(VARBIT, 129));
        assert!(is_short(INET, -1));
        for oid in [NUMERIC, VARCHAR, VARBIT, 25] {
            assert!(!is_short(oid, -1));
        }
    }
}
