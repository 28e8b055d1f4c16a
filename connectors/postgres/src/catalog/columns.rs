//! Reads columns from the catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::oids;
use super::relation::{Attribute, Generated};
use crate::snapshot::{CopyForm, Fields};
use crate::types::PgValue;
use crate::wire::{Connection, PgError, Row};

/// What is asked of each column, in few values, since each costs the server as much as the look at the column. What a default
/// filled when the column was added (`atthasmissing`) stays where the default is dropped. What may be read of the whole table is
/// asked for with the table, and what is so of its type with the type.
const COLUMNS: &str = "\
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod,
       CASE WHEN a.attnotnull THEN 1 ELSE 0 END
     + CASE WHEN a.attlen = -1 AND a.attstorage <> 'p' THEN 2 ELSE 0 END
     + CASE WHEN a.atthasdef OR a.atthasmissing OR a.attidentity <> '' THEN 4 ELSE 0 END
     + CASE WHEN a.attidentity <> '' THEN 8 ELSE 0 END
     + CASE a.attgenerated WHEN '' THEN 0 WHEN 's' THEN 16 WHEN 'v' THEN 32 ELSE 8 END
     + CASE WHEN a.attacl IS NOT NULL AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') THEN 64 ELSE 0 END
  FROM pg_attribute a";
/// How many values.
const WIDTH: usize = 6;

const NOT_NULL: i32 = 1;
const OUT_OF_LINE: i32 = 2;
const HAS_DEFAULT: i32 = 4;
const IDENTITY: i32 = 8;
const STORED: i32 = 16;
const VIRTUAL: i32 = 32;
const GRANTED: i32 = 64;

/// A type with its modifier.
pub(crate) type TypeAndModifier = (u32, i32);

/// The columns that match the condition, each with the number of its relation, in no order. `a` is the column.
///
/// By COPY: the answer is read while the server still makes it.
///
/// # Errors
/// When the catalog cannot be read.
pub(super) fn columns(
    connection: &mut Connection,
    condition: &str,
    mut take: impl FnMut(u32, Attribute),
) -> Result<BTreeSet<TypeAndModifier>, PgError> {
    let mut types = BTreeSet::new();
    let mut fields = Fields::default();
    let mut copy = connection.copy_out(&format!(
        "COPY ({COLUMNS} {condition} AND a.attnum > 0 AND NOT a.attisdropped) TO STDOUT (FORMAT binary)"
    ))?;
    let unnamed: Arc<str> = Arc::default();
    while let Some(message) = copy.next()? {
        let read = fields.read(message, CopyForm::Binary, WIDTH);
        if !read.map_err(|error| PgError::Answer(error.to_string()))? {
            continue;
        }
        let column = Column {
            fields: &fields,
            message,
        };
        let (relation, attribute) = column.attribute(&unnamed)?;
        types.insert((attribute.type_oid, attribute.type_modifier));
        take(relation, attribute);
    }
    Ok(types)
}

/// A column as the server sends it.
struct Column<'m> {
    fields: &'m Fields,
    message: &'m [u8],
}

impl Column<'_> {
    fn bytes(&self, place: usize) -> &[u8] {
        match self.fields.value(self.message, CopyForm::Binary, place) {
            PgValue::Binary(bytes) => bytes,
            _ => &[],
        }
    }

    fn array<const N: usize>(&self, place: usize) -> Result<[u8; N], PgError> {
        self.bytes(place).try_into().map_err(|_| {
            PgError::Answer("a column of the catalog has another size than expected".into())
        })
    }

    /// The number of the relation, and the column without what its type says.
    fn attribute(&self, unnamed: &Arc<str>) -> Result<(u32, Attribute), PgError> {
        let name = str::from_utf8(self.bytes(2))
            .map_err(|_| PgError::Answer("the name of a column is not UTF-8".into()))?;
        let (type_oid, type_modifier) = (
            u32::from_be_bytes(self.array(3)?),
            i32::from_be_bytes(self.array(4)?),
        );
        let facts = i32::from_be_bytes(self.array(5)?);
        let is = |fact| facts & fact != 0;
        let generated = match facts & (IDENTITY | STORED | VIRTUAL) {
            0 => Generated::No,
            facts if facts & STORED != 0 => Generated::Stored,
            facts if facts & VIRTUAL != 0 => Generated::Virtual,
            _ => Generated::Identity,
        };
        let attribute = Attribute {
            number: i16::from_be_bytes(self.array(1)?),
            name: name.into(),
            type_oid,
            type_modifier,
            type_name: Arc::clone(unnamed),
            out_of_line: is(OUT_OF_LINE) && !is_short(type_oid, type_modifier),
            nullable: !is(NOT_NULL),
            has_default: is(HAS_DEFAULT),
            generated,
            comment: None,
            readable: is(GRANTED),
        };
        Ok((u32::from_be_bytes(self.array(0)?), attribute))
    }
}

/// What a type says of its columns. A domain may forbid null, or have a default, where the column does not.
struct OfType {
    name: Arc<str>,
    not_null: bool,
    has_default: bool,
}

/// What types say of their columns, asked once for each type.
pub(super) struct OfTypes(BTreeMap<TypeAndModifier, OfType>);

impl OfTypes {
    /// # Errors
    /// When the catalog cannot be read.
    pub(super) fn read(
        connection: &mut Connection,
        types: &BTreeSet<TypeAndModifier>,
    ) -> Result<Self, PgError> {
        if types.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        let oids: Vec<u32> = types.iter().map(|(oid, _)| *oid).collect();
        let modifiers: Vec<String> = (types.iter())
            .map(|(_, modifier)| modifier.to_string())
            .collect();
        let rows = connection.query(&format!(
            "SELECT u.oid, u.modifier, format_type(u.oid, u.modifier) AS type,
                    t.typtype = 'd' AND t.typnotnull AS not_null, t.typdefault IS NOT NULL AS has_default
               FROM unnest({}, '{{{}}}'::int4[]) u(oid, modifier) JOIN pg_type t ON t.oid = u.oid",
            super::oids(&oids),
            modifiers.join(",")
        ))?;
        let of_type = |row: Row<'_>| {
            let of_type = OfType {
                name: row.text("type")?.into(),
                not_null: row.is_true("not_null")?,
                has_default: row.is_true("has_default")?,
            };
            Ok(((row.parse("oid")?, row.parse("modifier")?), of_type))
        };
        rows.iter().map(of_type).collect::<Result<_, _>>().map(Self)
    }

    /// Completes a column. `false`: there is no such type any more.
    pub(super) fn complete(&self, column: &mut Attribute) -> bool {
        let found = self.0.get(&(column.type_oid, column.type_modifier));
        if let Some(of_type) = found {
            column.type_name = Arc::clone(&of_type.name);
            column.nullable &= !of_type.not_null;
            column.has_default |= of_type.has_default;
        }
        found.is_some()
    }
}

/// The columns of one relation; none where it is gone.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn attributes(
    connection: &mut Connection,
    relation: u32,
) -> Result<Vec<Attribute>, PgError> {
    let mut attributes = Vec::new();
    let condition = format!("WHERE a.attrelid = {relation}");
    let types = columns(connection, &condition, |_, column| attributes.push(column))?;
    let of_types = OfTypes::read(connection, &types)?;
    attributes.retain_mut(|column| of_types.complete(column));
    attributes.sort_unstable_by_key(|column| column.number);
    let whole = connection.query(&format!(
        "SELECT coalesce(has_table_privilege(oid, 'SELECT'), false) AS readable, relkind <> 'r' OR reltoastrelid <> 0 AS toasts
           FROM pg_class WHERE oid = {relation}"
    ))?;
    let Some(whole) = whole.first() else {
        return Ok(Vec::new());
    };
    let (readable, toasts) = (whole.is_true("readable")?, whole.is_true("toasts")?);
    for column in &mut attributes {
        column.readable |= readable;
        column.out_of_line &= toasts;
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

#[cfg(test)]
mod tests {
    use super::*;

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
