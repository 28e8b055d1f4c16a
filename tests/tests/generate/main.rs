//! `connector generate` over a whole database: what it writes compiles, reads every table, and is found out of date.

mod everything;

use std::fmt::Write as _;
use std::path::Path;

use connector_core::{ColumnTypeEntry, ColumnTypes};
use connector_sqlite::{SqliteType, identifier, literal};
use rusqlite::Connection;

use everything::Everything;

/// A value of each field type, as SQL has it.
const VALUES: [(&str, &str); 9] = [
    ("Int", "42"),
    ("Float", "1.5"),
    ("Boolean", "1"),
    ("String", "'short'"),
    ("Text", "'long'"),
    ("Binary", "x'0102'"),
    ("Decimal", "'12.34'"),
    ("Date", "'2024-02-29'"),
    ("Json", "'{\"a\": [1, null]}'"),
];

/// Names, keys and kinds of tables that want care.
const AWKWARD: &str = r#"
    CREATE TABLE "order items" ("Order ID" INTEGER NOT NULL, "line no." INTEGER NOT NULL, "größe" TEXT, "城市" TEXT,
        PRIMARY KEY ("line no.", "Order ID")) WITHOUT ROWID;
    INSERT INTO "order items" VALUES (7, 1, 'XL', 'Oslo'), (7, 2, NULL, NULL);
    CREATE TABLE "order_items" (id INTEGER PRIMARY KEY, "2nd" TEXT, "a b" TEXT, "a-b" TEXT, "a_b" TEXT);
    INSERT INTO "order_items" VALUES (1, 'second', 'blank', 'hyphen', 'underscore');
    CREATE TABLE string (self TEXT, type TEXT, "match" TEXT, "super" TEXT, "crate" TEXT, "gen" TEXT, "a""b\c" TEXT, "'" TEXT);
    INSERT INTO string VALUES ('self', 'type', 'match', NULL, 'crate', 'gen', 'quoted', 'x');
    CREATE TABLE "Option" (vec INTEGER, "Some" INTEGER, row INTEGER, __row INTEGER, "Result" INTEGER);
    INSERT INTO "Option" VALUES (1, 2, 3, 4, 5);
    CREATE TABLE "2024" ("" TEXT, "_" INTEGER, x INTEGER);
    CREATE TABLE measured (at REAL NOT NULL PRIMARY KEY, value ANYTHING, place POINT) WITHOUT ROWID;
    INSERT INTO measured VALUES (0.5, '1.25', '9');
    CREATE TABLE tags (tag TEXT PRIMARY KEY, n);
    INSERT INTO tags VALUES ('a', 1), (NULL, 'two');
    CREATE TABLE packed (data JSONB);
    CREATE TABLE sums (a INTEGER NOT NULL, b INTEGER NOT NULL, total INTEGER GENERATED ALWAYS AS (a + b) STORED);
    INSERT INTO sums (a, b) VALUES (1, 2);
    CREATE VIEW totals AS SELECT "Order ID", count(*) AS lines FROM "order items" GROUP BY 1;
"#;

/// The name of a type as a column declares it.
fn declared(name: &str) -> String {
    name.replace("(p, s)", "(10, 2)")
        .replace("(p)", "(12)")
        .replace("(n)", "(20)")
}

/// A table for each name of each type, and the awkward ones.
fn database(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    let types: Vec<(&ColumnTypeEntry, &str)> = (SqliteType::ENTRIES.iter())
        .flat_map(|entry| entry.names.iter().map(move |name| (entry, *name)))
        .collect();
    for (place, (entry, name)) in types.into_iter().enumerate() {
        let field = entry.field.unwrap_or("Binary");
        let kind = field.split('(').next().unwrap_or(field);
        let value = VALUES.iter().find(|(known, _)| *known == kind);
        let value = value.map_or("'2024-02-29 12:30:00'", |(_, value)| value);
        let (table, declared) = (identifier(&format!("t{place:02} {name}")), declared(name));
        let sql = format!(
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, needed {declared} NOT NULL, wanted {declared});
             INSERT INTO {table} VALUES (1, {value}, {value}), (2, {value}, NULL), (3, {value}, {value});"
        );
        connection.execute_batch(&sql).unwrap();
    }
    connection.execute_batch(AWKWARD).unwrap();
    connection
}

const CONFIGURATION: &str = "app_name: a\nconnections:\n\
    \x20 - { name: shop, config: !Sqlite { path: shop.db } }\n\
    \x20 - { name: everything, config: !Everything {} }\n";

/// Generates the rows of a connection into the file of its name.
fn generate(directory: &Path, connection: &str, check: bool) -> (u8, String, String) {
    let [configuration, rows] = ["dozer.yaml".to_owned(), format!("{connection}.rs")]
        .map(|name| directory.join(name).display().to_string());
    let mut args = vec!["dozer", "connector", "generate", "--config", &configuration];
    args.extend(["--connection", connection, "--output", &rows]);
    args.extend(check.then_some("--check"));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let registry = connector_cli::default_registry().connector::<Everything>();
    let code = connector_cli::execute(args, &registry, &mut out, &mut err);
    (
        code,
        String::from_utf8(out).unwrap(),
        String::from_utf8(err).unwrap(),
    )
}

/// The names of the structs in a generated file, in its order.
fn structs(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("pub struct ")?.strip_suffix(" {"))
        .collect()
}

/// A program that reads every table by its row struct and by SQLite itself, and compares what the other structs declare
/// with the tables that they were made from.
fn program(shop: &[&str], everything: &[&str]) -> String {
    let mut program = String::from(
        r#"#![deny(warnings)]

mod everything;
mod shop;

use connector_core::{DozerSource, TableInfo, TypedSource};

macro_rules! read {
    ($row:ty, $source:expr, $connection:expr) => {{
        let findings = $source.check_rows::<$row>().unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        let table = connector_sqlite::identifier(&<$row>::tables()[0].table_name);
        let rows: Vec<$row> = $source.rows::<$row>().unwrap().map(Result::unwrap).collect();
        let count = format!("SELECT count(*) FROM {table}");
        let count: i64 = $connection.query_row(&count, [], |row| row.get(0)).unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), count, "{table}");
        rows
    }};
}

fn main() {
    let database = concat!(env!("DIRECTORY"), "/shop.db");
    let source = connector_sqlite::Sqlite::new(database);
    let connection = rusqlite::Connection::open(database).unwrap();
"#,
    );
    for row in shop {
        writeln!(program, "    read!(shop::{row}, source, connection);").unwrap();
    }
    program.push_str("    let tables: Vec<TableInfo> = serde_json::from_str(include_str!(\"tables.json\")).unwrap();\n");
    for row in everything {
        writeln!(
            program,
            "    declared(everything::{row}::tables(), &tables);"
        )
        .unwrap();
    }
    program.push_str(
        r#"
    let items = read!(shop::OrderItems, source, connection);
    assert_eq!((items[0].order_id, items[0].line_no), (7, 1));
    assert_eq!((items[0].grosse.as_deref(), items[0].cheng_shi.as_deref()), (Some("XL"), Some("Oslo")));
    let items = read!(shop::OrderItems2, source, connection);
    assert_eq!(items[0].column_2nd.as_deref(), Some("second"));
    assert_eq!(items[0].a_b_2.as_deref(), Some("blank"));
    assert_eq!(items[0].a_b_3.as_deref(), Some("hyphen"));
    assert_eq!(items[0].a_b.as_deref(), Some("underscore"));
    let words = read!(shop::StringRow, source, connection);
    assert_eq!((words[0].self_.as_deref(), words[0].r#type.as_deref()), (Some("self"), Some("type")));
    let measured = read!(shop::Measured, source, connection);
    assert_eq!(measured[0].value.unwrap().to_string(), "1.25");
    assert_eq!(measured[0].place, Some(9));
    let totals = read!(shop::Totals, source, connection);
    assert_eq!((totals[0].order_id, totals[0].lines.as_deref()), (Some(7), Some("2")));
    let sums = read!(shop::Sums, source, connection);
    assert_eq!(sums[0].total, Some(3));
}

/// The struct declares what the table is, or it is the one with the odd name.
fn declared(declared: Vec<TableInfo>, tables: &[TableInfo]) {
    let named = |it: &&TableInfo| (&it.schema, &it.table_name) == (&declared[0].schema, &declared[0].table_name);
    match tables.iter().find(named) {
        Some(table) => assert_eq!(&declared[0], table),
        None => assert_eq!(declared[0].columns.len(), 3),
    }
}
"#,
    );
    program
}

#[test]
fn a_database_of_more_than_fifty_tables_is_generated_compiled_read_and_found_changed() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generate");
    // A run before this one left it.
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
    write("dozer.yaml", CONFIGURATION);
    let connection = database(&directory.join("shop.db"));

    let (code, out, err) = generate(&directory, "shop", false);
    assert_eq!(code, 0, "{err}");
    assert!(out.ends_with("shop.rs` written\n"), "{out}");
    for begin in [
        "warning: shop: table `packed` is left out",
        "warning: shop: table `measured`: its struct has no primary key: its column `at` is `Float`",
        "warning: shop: table `2024`: column `` is left out: its name is empty",
        "the generated code needs these crates in Cargo.toml: connector-core, connector-sqlite, serde_json",
    ] {
        let told = err.lines().any(|line| line.starts_with(begin));
        assert!(told, "{begin}\n{err}");
    }
    let (code, _, err) = generate(&directory, "everything", false);
    assert_eq!(code, 0, "{err}");

    let [shop, everything] = ["shop.rs", "everything.rs"]
        .map(|name| std::fs::read_to_string(directory.join(name)).unwrap());
    let (shop, everything) = (structs(&shop), structs(&everything));
    assert!(shop.len() > 50, "{}", shop.len());
    let tables = everything::tables();
    assert_eq!(everything.len(), tables.len() + 1);
    write("tables.json", &serde_json::to_string(&tables).unwrap());
    let place = directory.display().to_string();
    let program = program(&shop, &everything).replace("env!(\"DIRECTORY\")", &format!("{place:?}"));
    write("main.rs", &program);
    trybuild::TestCases::new().pass(directory.join("main.rs"));

    assert_eq!(generate(&directory, "shop", true).0, 0);
    let (table, default) = (identifier("order items"), literal("new"));
    let change = format!("ALTER TABLE {table} ADD COLUMN note TEXT NOT NULL DEFAULT {default}");
    connection.execute_batch(&change).unwrap();
    let (code, out, err) = generate(&directory, "shop", true);
    assert_eq!(code, 6, "{err}");
    let told = "order items  note    the struct has no field for it: it is `String as Text`";
    assert!(out.contains(told), "{out}");
}
