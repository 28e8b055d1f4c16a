//! Values that are stored out of line (TOAST), which the server does not send where an update leaves them alone.

use connector_core::ingest::Until;
use connector_core::{Field, Operation, Source as _};

use crate::read::Reading;
use crate::{CLUSTER, source};

/// The columns that a change may leave out.
fn left_out(database: &str, table: &str) -> Vec<String> {
    let tables = source(database).get_tables().unwrap();
    let table = tables.iter().find(|found| found.table_name == table);
    let columns = table.unwrap().columns.iter();
    columns
        .filter(|column| column.may_be_left_out)
        .map(|column| column.name.clone())
        .collect()
}

#[test]
fn columns_that_an_update_may_not_send_are_told() {
    CLUSTER
        .database("left_out")
        .execute(
            "CREATE TABLE wide (k text PRIMARY KEY, n bigint, t text, plain text, price numeric(10, 2), worth numeric,
               code varchar(5), note varchar(2000), j jsonb, a int[], i inet, at timestamptz);
             ALTER TABLE wide ALTER plain SET STORAGE PLAIN;
             CREATE TABLE narrow (k int PRIMARY KEY, name varchar(40), price numeric(10, 2));
             CREATE TABLE whole (k int PRIMARY KEY, t text); ALTER TABLE whole REPLICA IDENTITY FULL;
             CREATE TABLE nothing (t text);
             CREATE TABLE by_index (a text NOT NULL UNIQUE, b text);
             ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a_key;
             CREATE TABLE parts (k int PRIMARY KEY, t text) PARTITION BY HASH (k);
             CREATE VIEW looking AS SELECT * FROM wide",
        )
        .unwrap();
    assert_eq!(
        left_out("left_out", "wide"),
        ["t", "worth", "note", "j", "a"]
    );
    assert_eq!(left_out("left_out", "by_index"), ["b"]);
    assert_eq!(left_out("left_out", "parts"), ["t"]);
    for table in ["narrow", "whole", "nothing", "looking"] {
        assert_eq!(left_out("left_out", table), [""; 0], "{table}");
    }
}

#[test]
fn a_key_that_is_stored_out_of_line_is_told_with_every_update() {
    let mut connection = CLUSTER.database("long_key");
    // Too long for a row of its own, short enough for the index.
    connection
        .execute(
            "CREATE TABLE t (k text PRIMARY KEY, n int, v text);
             ALTER TABLE t ALTER k SET STORAGE EXTERNAL, ALTER v SET STORAGE EXTERNAL;
             INSERT INTO t SELECT string_agg(md5(g::text), ''), 1, repeat('v', 3000) FROM generate_series(1, 80) g",
        )
        .unwrap();
    let rows = connection
        .query("SELECT k, pg_column_size(k) AS size FROM t")
        .unwrap();
    let key = rows.one().unwrap().text("k").unwrap().to_owned();
    let mut reading = Reading::start(&source("long_key"), "long_key", &["t"], Until::Stopped);
    assert_eq!(reading.snapshot().len(), 1);
    connection.execute("UPDATE t SET n = 2").unwrap();
    let Operation::Update { new, .. } = reading.change() else {
        panic!("an update")
    };
    assert_eq!(new.values[0], Field::Text(key));
    assert_eq!(new.values[1], Field::Int(2));
    assert_eq!(new.values[2], Field::Unchanged);
}
