//! Large tables cut by their keys: whatever the key is, each row is in one piece.

use std::collections::HashMap;

use connector_core::ByteSize;
use connector_postgres::{Capture, SnapshotSplit};

use crate::read::snapshot;
use crate::{CLUSTER, source};

/// A key: its columns, what they are from the number `g`, and whether rows are then stored in the key's order.
struct Case {
    name: &'static str,
    columns: &'static str,
    key: &'static str,
    values: &'static str,
    in_order: bool,
}

const fn key(name: &'static str, typ: &'static str, values: &'static str, in_order: bool) -> Case {
    Case {
        name,
        columns: typ,
        key: "k",
        values,
        in_order,
    }
}

const KEYS: &[Case] = &[
    key("ints", "k int", "g", true),
    key("falling", "k bigint", "-g::bigint * 4000000000", true),
    key("mixed", "k int", "g * 7919 % 20011", false),
    // Nearly all of the values are in a small part of the range.
    key(
        "skewed",
        "k numeric",
        "CASE WHEN g % 100 = 0 THEN power(10::numeric, g / 100) + g ELSE g / 1000.0 END",
        true,
    ),
    key(
        "texts",
        "k text",
        "chr(33 + g % 90) || '''\\\"\\' || E'\\t' || g",
        false,
    ),
    key(
        "in_c",
        "k text COLLATE \"C\"",
        "chr(65 + g % 58) || chr(223) || g",
        false,
    ),
    // Capitals and small letters come together, as in no order of bytes.
    key(
        "in_english",
        "k text COLLATE \"en-x-icu\"",
        "chr(CASE g % 2 WHEN 0 THEN 65 ELSE 97 END + g % 26) || g",
        false,
    ),
    key(
        "unlike_bytes",
        "k text COLLATE no_case",
        "chr(CASE g % 2 WHEN 0 THEN 65 ELSE 97 END + g % 26) || g",
        false,
    ),
    key("padded", "k char(12)", "g % 100 || ' ' || g", false),
    key("uuids", "k uuid", "md5(g::text)::uuid", false),
    key(
        "instants",
        "k timestamptz",
        "timestamptz '1999-12-31 23:59:59.999999+05:30' + g * interval '1.000001 s'",
        true,
    ),
    key(
        "eras",
        "k timestamp",
        "timestamp '0005-01-01 BC' + g * interval '1 day'",
        true,
    ),
    key(
        "floats",
        "k float8",
        "CASE g WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE 0.1::float8 * g / 3 END",
        true,
    ),
    key(
        "enums",
        "k mood[]",
        "ARRAY(SELECT (enum_range(NULL::mood))[1 + g / (3 ^ i)::int % 3] FROM generate_series(0, 9) i)",
        false,
    ),
    key("domains", "k \"Odd domain\"", "'v' || g", false),
    key("bytes", "k bytea", "decode(md5(g::text), 'hex')", false),
    key("ranges", "k int4range", "int4range(g, g + 5)", true),
    Case {
        name: "pairs",
        columns: "a text, b int",
        key: "a, b",
        values: "(g / 1500)::text, g",
        in_order: true,
    },
    Case {
        name: "turned",
        columns: "a int, b uuid, c date",
        key: "c, a, b",
        values: "g % 7, md5(g::text)::uuid, date '2020-01-01' + g % 3",
        in_order: false,
    },
];

const OWN: &str = "CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TYPE mood AS ENUM ('sad', 'so so', 'ok'); CREATE DOMAIN \"Odd domain\" AS varchar(9) CHECK (VALUE <> '')";

/// How many COPYs of the table the server was asked for.
fn copies(table: &str) -> usize {
    let log = CLUSTER.log();
    let lines = log.lines().filter(|line| line.contains("COPY "));
    lines
        .filter(|line| line.contains(&format!("\".\"{table}\"")))
        .count()
}

/// Reads a table of the database in pieces of a page by three connections; gives the number of pieces.
fn read(database: &str, table: &str, rows: usize) -> usize {
    let source = source(database)
        .with_capture(Capture::None)
        .with_snapshot(3, ByteSize::new(8192))
        .with_snapshot_split(SnapshotSplit::Key);
    let before = copies(table);
    let mut times = HashMap::new();
    for row in snapshot(&source, table) {
        *times.entry(format!("{:?}", row[0])).or_insert(0) += 1;
    }
    assert!(
        times.values().all(|times| *times == 1),
        "{table}: a row came twice"
    );
    assert_eq!(times.len(), rows, "{table}");
    copies(table) - before
}

#[test]
fn each_row_is_in_one_range_of_any_key() {
    const ROWS: usize = 4000;
    let database = "key_ranges";
    let mut connection = CLUSTER.database(database);
    connection
        .execute(&format!(
            "ALTER DATABASE {database} SET log_statement = 'all'; {OWN}"
        ))
        .unwrap();
    for Case {
        name,
        columns,
        key,
        values,
        in_order,
    } in KEYS
    {
        connection
            .execute(&format!(
                "CREATE TABLE {name} (n int, {columns}, filler text, PRIMARY KEY ({key}));
                 INSERT INTO {name} SELECT g, {values}, repeat('f', 60) FROM generate_series(1, {ROWS}) g"
            ))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let pages = connection
            .query(&format!(
                "SELECT pg_relation_size('{name}') / 8192 AS pages"
            ))
            .unwrap();
        let pages: usize = pages.one().unwrap().parse("pages").unwrap();
        let pieces = read(database, name, ROWS);
        // Where the rows are mixed, each range is looked for in the whole table.
        let expected = if *in_order { pages } else { 3 };
        assert_eq!(pieces, expected, "{name} has {pages} pages");
    }
}

#[test]
fn a_table_that_cannot_be_cut_is_one_piece() {
    let database = "uncut";
    CLUSTER
        .database(database)
        .execute(&format!(
            "ALTER DATABASE {database} SET log_statement = 'all';
             CREATE TABLE keyless AS SELECT g AS n, repeat('f', 60) AS filler FROM generate_series(1, 2000) g;
             CREATE TABLE nothing (n int PRIMARY KEY);
             CREATE TABLE single (n int PRIMARY KEY, v text); INSERT INTO single VALUES (1, 'x');
             CREATE TABLE gone (n int PRIMARY KEY, v text);
             INSERT INTO gone SELECT g, repeat('f', 60) FROM generate_series(1, 2000) g; DELETE FROM gone;
             CREATE TABLE two (n int PRIMARY KEY, v text);
             INSERT INTO two SELECT g, repeat('f', 60) FROM generate_series(1, 2000) g; DELETE FROM two WHERE n NOT IN (7, 1900)"
        ))
        .unwrap();
    assert_eq!(read(database, "keyless", 2000), 1);
    assert_eq!(read(database, "nothing", 0), 1);
    assert_eq!(read(database, "single", 1), 1);
    assert_eq!(read(database, "gone", 0), 1);
    assert_eq!(read(database, "two", 2), 2);
}
