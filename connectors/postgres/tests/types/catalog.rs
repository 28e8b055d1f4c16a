//! The server's catalog of types against the table of built-in ones.

use connector_postgres::types::{TypeCatalog, TypeField, TypeInfo, TypeKind, TypeOptions};
use connector_postgres::wire::Connection;

use crate::CLUSTER;

/// Adds every type that the server has.
pub(crate) fn load(connection: &mut Connection, types: &mut TypeCatalog) {
    for info in all(connection) {
        types.insert(info);
    }
}

fn all(connection: &mut Connection) -> Vec<TypeInfo> {
    let sql = "SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typelem, t.typdelim, t.typbasetype, t.typtypmod, \
         coalesce(r.rngsubtype, 0) AS bound FROM pg_type t \
         LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid) WHERE t.typtype <> 'p' ORDER BY t.oid";
    let rows = connection.query(sql).unwrap();
    let sql = "SELECT c.reltype, a.attname, a.atttypid, a.atttypmod FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY c.reltype, a.attnum";
    let fields = connection.query(sql).unwrap();
    let number =
        |row: &connector_postgres::wire::Row<'_>, name: &str| row.parse::<u32>(name).unwrap();
    let info = |row: connector_postgres::wire::Row<'_>| {
        let oid = number(&row, "oid");
        let kind = match (
            row.text("typtype").unwrap(),
            row.text("typcategory").unwrap(),
        ) {
            ("b", "A") => TypeKind::Array {
                element: number(&row, "typelem"),
                delimiter: row.text("typdelim").unwrap().as_bytes()[0],
            },
            ("e", _) => TypeKind::Enum,
            ("d", _) => TypeKind::Domain {
                base: number(&row, "typbasetype"),
                modifier: row.parse("typtypmod").unwrap(),
            },
            ("c", _) => TypeKind::Composite(
                (fields
                    .iter()
                    .filter(|field| number(field, "reltype") == oid))
                .map(|field| TypeField {
                    name: field.text("attname").unwrap().to_owned(),
                    oid: number(&field, "atttypid"),
                    modifier: field.parse("atttypmod").unwrap(),
                })
                .collect(),
            ),
            ("r", _) => TypeKind::Range {
                bound: number(&row, "bound"),
            },
            ("m", _) => TypeKind::Multirange {
                bound: number(&row, "bound"),
            },
            _ => TypeKind::Base,
        };
        let name = row.text("typname").unwrap().to_owned();
        TypeInfo { oid, name, kind }
    };
    rows.iter().map(info).collect()
}

#[test]
fn the_built_in_types_are_those_of_the_server() {
    let mut connection = CLUSTER.connect("postgres");
    let types = TypeCatalog::new(TypeOptions::default());
    let mut unknown = Vec::new();
    for info in all(&mut connection) {
        // What a column may have: not the catalog's own rows and internal forms.
        if info.oid >= 10_000 || !types.knows(info.oid) {
            if info.oid < 10_000 && !matches!(info.kind, TypeKind::Composite(_)) {
                unknown.push(info.name);
            }
            continue;
        }
        let known = types.resolve(info.oid, -1).unwrap();
        let mut live = TypeCatalog::new(TypeOptions::default());
        // Under another number the catalog alone says what it is.
        live.insert(TypeInfo {
            oid: 4_000_000,
            ..info.clone()
        });
        if info.name != "int2vector" && info.name != "oidvector" && info.name != "char" {
            let resolved = live.resolve(4_000_000, -1).unwrap();
            assert_eq!(
                format!("{known:?}"),
                format!("{resolved:?}"),
                "{}",
                info.name
            );
        }
    }
    unknown.retain(|name| !name.starts_with('_'));
    unknown.sort_unstable();
    assert_eq!(
        unknown,
        [
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_ndistinct",
            "pg_node_tree",
        ],
        "types that no column has"
    );
}
