//! Reads the types that columns have and that are not built in.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::TypeAndModifier;
use crate::types::{TypeCatalog, TypeField, TypeInfo, TypeKind, TypeOptions};
use crate::wire::{Connection, PgError, Row};

/// Numbers of types below this are the same in every database.
const FIRST_OWN: u32 = 16_384;

/// `money`, and its array.
const MONEY: [u32; 2] = [790, 791];

/// These types, and the types that they are made of, but for those that are the same in every database.
fn used(version: u32, own: &BTreeSet<u32>) -> String {
    let range = if version >= 140_000 {
        "SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)"
    } else {
        "SELECT r.rngsubtype FROM pg_range r WHERE t.oid = r.rngtypid"
    };
    let own: Vec<String> = own.iter().map(u32::to_string).collect();
    let own = own.join(",");
    format!(
        "WITH RECURSIVE used(oid) AS (
           SELECT unnest('{{{own}}}'::oid[])
           UNION
           SELECT part.oid
             FROM used u JOIN pg_type t ON t.oid = u.oid
            CROSS JOIN LATERAL (
              SELECT t.typelem WHERE t.typcategory = 'A' AND t.typelem <> 0
              UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
              UNION ALL SELECT a.atttypid FROM pg_attribute a
                         WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL {range}) part(oid)
            WHERE part.oid >= {FIRST_OWN})"
    )
}

/// How many decimals `money` has. Every session reads it with `lc_monetary = 'C'`, which takes any amount for hundredths: the
/// locale that a new session of this role has is set for this transaction alone.
const MONEY_DECIMALS: &str = "\
SELECT set_config('lc_monetary', reset_val, true) AS locale, scale('1'::money::numeric) AS decimals,
       set_config('lc_monetary', 'C', true) AS before
  FROM pg_settings WHERE name = 'lc_monetary'";

/// These types, and what they are made of. The connection is in a transaction.
///
/// # Errors
/// When the catalog cannot be read.
pub(crate) fn types(
    connection: &mut Connection,
    options: TypeOptions,
    types: &BTreeSet<TypeAndModifier>,
) -> Result<TypeCatalog, PgError> {
    let mut catalog = TypeCatalog::new(options);
    let types: BTreeSet<u32> = types.iter().map(|(oid, _)| *oid).collect();
    let own: BTreeSet<u32> = types.range(FIRST_OWN..).copied().collect();
    // One of the database's own may be made of it.
    if !own.is_empty() || MONEY.iter().any(|oid| types.contains(oid)) {
        let decimals = connection.query(MONEY_DECIMALS)?;
        catalog = catalog.with_money_decimals(decimals.one()?.parse("decimals")?);
    }
    if own.is_empty() {
        return Ok(catalog);
    }
    let version = connection.server_version();
    let used = used(version, &own);
    let range = if version >= 140_000 {
        "(SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid))"
    } else {
        "(SELECT r.rngsubtype FROM pg_range r WHERE t.oid = r.rngtypid)"
    };
    let rows = connection.query(&format!(
        "{used}
         SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typelem, coalesce(e.typdelim, ',') AS delimiter,
                t.typbasetype, t.typtypmod, coalesce({range}, 0) AS bound
           FROM used u JOIN pg_type t ON t.oid = u.oid LEFT JOIN pg_type e ON e.oid = t.typelem"
    ))?;
    let mut composites = BTreeMap::new();
    if (rows.iter()).any(|row| row.text("typtype").is_ok_and(|typtype| typtype == "c")) {
        composites = fields(connection, &used)?;
    }
    for row in rows.iter() {
        catalog.insert(type_info(&row, &mut composites)?);
    }
    Ok(catalog)
}

/// The fields of the composite types among those used.
fn fields(
    connection: &mut Connection,
    used: &str,
) -> Result<BTreeMap<u32, Vec<TypeField>>, PgError> {
    let fields = connection.query(&format!(
        "{used}
         SELECT t.oid, a.attname, a.atttypid, a.atttypmod
           FROM used u JOIN pg_type t ON t.oid = u.oid JOIN pg_attribute a ON a.attrelid = t.typrelid
          WHERE t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
          ORDER BY t.oid, a.attnum"
    ))?;
    let mut composites: BTreeMap<u32, Vec<TypeField>> = BTreeMap::new();
    for row in fields.iter() {
        composites
            .entry(row.parse("oid")?)
            .or_default()
            .push(TypeField {
                name: row.text("attname")?.to_owned(),
                oid: row.parse("atttypid")?,
                modifier: row.parse("atttypmod")?,
            });
    }
    Ok(composites)
}

fn type_info(
    row: &Row<'_>,
    composites: &mut BTreeMap<u32, Vec<TypeField>>,
) -> Result<TypeInfo, PgError> {
    let oid: u32 = row.parse("oid")?;
    let kind = match (row.text("typtype")?, row.text("typcategory")?) {
        ("e", _) => TypeKind::Enum,
        ("d", _) => TypeKind::Domain {
            base: row.parse("typbasetype")?,
            modifier: row.parse("typtypmod")?,
        },
        ("c", _) => TypeKind::Composite(composites.remove(&oid).unwrap_or_default()),
        ("r", _) => TypeKind::Range {
            bound: row.parse("bound")?,
        },
        ("m", _) => TypeKind::Multirange {
            bound: row.parse("bound")?,
        },
        (_, "A") => TypeKind::Array {
            element: row.parse("typelem")?,
            delimiter: row.text("delimiter")?.bytes().next().unwrap_or(b','),
        },
        _ => TypeKind::Base,
    };
    Ok(TypeInfo {
        oid,
        name: row.text("typname")?.to_owned(),
        kind,
    })
}
