//! One row has one value, whether it is read by the snapshot or told as a change.

use std::collections::HashMap;
use std::fmt::Write as _;

use connector_core::ingest::Until;
use connector_core::{Field, Operation};

use crate::read::Reading;
use crate::values::{EDGES, MANY, TYPES};
use crate::{CLUSTER, source};

/// Reads the rows of `t` (a number, then the values), has all of them inserted once more under greater numbers and updated,
/// and compares.
fn compare(database: &str, rows: usize) {
    let source = source(database);
    let mut reading = Reading::start(&source, database, &["t"], Until::Stopped);
    let copied: HashMap<i64, Vec<Field>> = reading.snapshot().into_iter().map(numbered).collect();
    assert_eq!(copied.len(), rows);
    let mut connection = CLUSTER.connect(database);
    let columns = connection
        .query("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 1")
        .unwrap();
    let columns = columns.one().unwrap().text("names").unwrap().to_owned();
    connection
        .execute(&format!("INSERT INTO t SELECT n + 1000000, {columns} FROM t; UPDATE t SET touched = true WHERE n < 1000000"))
        .unwrap();
    for _ in 0..rows * 2 {
        let (Operation::Insert { new } | Operation::Update { new, .. }) = reading.change() else {
            panic!("a delete");
        };
        let (number, mut values) = numbered(new.values);
        // The last column says that the row was updated.
        values.pop();
        let mut expected = copied[&(number % 1_000_000)].clone();
        expected.pop();
        assert_eq!(values.len(), expected.len());
        for (place, (value, expected)) in values.iter().zip(&expected).enumerate() {
            assert_eq!(
                format!("{value:?}"),
                format!("{expected:?}"),
                "row {number}, column {place} of {columns}"
            );
        }
    }
}

fn numbered(mut row: Vec<Field>) -> (i64, Vec<Field>) {
    let values = row.split_off(1);
    let Field::Int(number) = row[0] else {
        panic!("{row:?}");
    };
    (number, values)
}

/// A table with a column of each type, and a row for each value of the type with the most.
fn of_edges(text_only: bool) -> (String, usize) {
    let mut create = "CREATE TABLE t (n bigint PRIMARY KEY".to_owned();
    let most = EDGES.iter().map(|(_, values)| values.len()).max().unwrap();
    let mut rows = vec![String::new(); most];
    for (place, (declared, values)) in EDGES.iter().enumerate() {
        let _ = write!(create, ", c{place} {declared}");
        // What fits nowhere is refused in both, which other tests show.
        let fit: Vec<&str> = values
            .iter()
            .filter(|(_, expected)| !expected.starts_with('!'))
            .map(|(sql, _)| *sql)
            .collect();
        for (row, line) in rows.iter_mut().enumerate() {
            let sql = fit.get(row).unwrap_or(&"NULL");
            let _ = write!(line, ", ({sql})::{declared}");
        }
    }
    if text_only {
        create.push_str(", named regclass DEFAULT 'pg_class', searched tsquery DEFAULT 'a & b'");
    }
    create.push_str(", touched boolean DEFAULT false)");
    let columns: Vec<String> = (0..EDGES.len()).map(|place| format!("c{place}")).collect();
    for (number, line) in rows.iter().enumerate() {
        let _ = write!(
            create,
            "; INSERT INTO t (n, {}) VALUES ({number}{line})",
            columns.join(", ")
        );
    }
    (create, most)
}

#[test]
fn edge_values_are_the_same_in_snapshot_and_stream() {
    for (database, text_only) in [("edges_binary", false), ("edges_text", true)] {
        let mut connection = CLUSTER.database(database);
        connection.execute(TYPES).unwrap();
        let (sql, rows) = of_edges(text_only);
        connection
            .execute(&sql)
            .unwrap_or_else(|error| panic!("{error}"));
        compare(database, rows);
    }
}

#[test]
fn many_values_are_the_same_in_snapshot_and_stream() {
    const ROWS: usize = 500;
    let mut connection = CLUSTER.database("many_values");
    connection.execute(TYPES).unwrap();
    let columns: Vec<String> = (MANY.iter().enumerate())
        .map(|(place, (declared, _))| format!("c{place} {declared}"))
        .collect();
    // Another one each time: the server draws the numbers.
    let values: Vec<String> = MANY
        .iter()
        .map(|(declared, sql)| format!("({sql})::{declared}"))
        .collect();
    connection
        .execute(&format!(
            "CREATE TABLE t (n bigint PRIMARY KEY, {}, touched boolean DEFAULT false);
             INSERT INTO t SELECT g, {}, false FROM generate_series(1, {ROWS}) g",
            columns.join(", "),
            values.join(", ")
        ))
        .unwrap();
    compare("many_values", ROWS);
}
