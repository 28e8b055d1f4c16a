//! The catalog as tables and columns.

use connector_core::{
    ColumnMapping, ReplicationChangesTrackingType as Tracking, Source as _, TableInfo, TableKind,
};

use crate::{CLUSTER, source};

fn tables(database: &str, sql: &str) -> Vec<TableInfo> {
    CLUSTER.database(database).execute(sql).unwrap();
    source(database).get_tables().unwrap()
}

fn table<'t>(tables: &'t [TableInfo], name: &str) -> &'t TableInfo {
    let found = tables.iter().find(|table| table.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {tables:#?}"))
}

#[test]
fn whatever_has_rows_is_a_table() {
    let tables = tables(
        "kinds",
        "CREATE TABLE plain (id int PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM plain;
         CREATE MATERIALIZED VIEW kept AS SELECT * FROM plain; CREATE SEQUENCE numbers;
         CREATE TABLE parted (id int, day date, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
         CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
         CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
         CREATE FOREIGN TABLE remote (id int) SERVER far;",
    );
    let kinds: Vec<(&str, bool)> = tables
        .iter()
        .map(|table| (table.name.as_str(), table.kind == TableKind::View))
        .collect();
    assert_eq!(
        kinds,
        [
            ("kept", true),
            ("parted", false),
            ("plain", false),
            ("remote", true),
            ("seen", true)
        ]
    );
}

#[test]
fn keys_are_in_their_own_order() {
    let tables = tables(
        "keys",
        "CREATE TABLE t (a int, b text, c int, PRIMARY KEY (c, a));
         CREATE TABLE by_index (a int, b text NOT NULL); CREATE UNIQUE INDEX i ON by_index (b);
         ALTER TABLE by_index REPLICA IDENTITY USING INDEX i;
         CREATE TABLE two (a int PRIMARY KEY, b text CONSTRAINT b_once UNIQUE NOT NULL);
         ALTER TABLE two REPLICA IDENTITY USING INDEX b_once;
         CREATE TABLE whole (a int); ALTER TABLE whole REPLICA IDENTITY FULL;
         CREATE TABLE none (a int); CREATE TABLE silent (a int PRIMARY KEY); ALTER TABLE silent REPLICA IDENTITY NOTHING",
    );
    let keys = |name: &str| -> Vec<Option<usize>> {
        let columns = table(&tables, name).columns.iter();
        columns
            .map(|column| column.key.map(|key| key as usize))
            .collect()
    };
    assert_eq!(keys("t"), [Some(2), None, Some(1)]);
    assert_eq!(keys("by_index"), [None, Some(1)]);
    assert_eq!(keys("two"), [None, Some(1)]);
    let two = tables.iter().filter(|table| table.name == "two");
    assert_eq!(two.count(), 1, "two indexes make no second table");
    assert_eq!(keys("none"), [None]);
    let tracking = |name: &str| table(&tables, name).tracking;
    assert_eq!(tracking("t"), Tracking::OnlyPK);
    assert_eq!(tracking("by_index"), Tracking::OnlyPK);
    assert_eq!(tracking("whole"), Tracking::FullChanges);
    assert_eq!(tracking("none"), Tracking::Nothing);
    assert_eq!(tracking("silent"), Tracking::Nothing);
}

#[test]
fn columns_are_as_they_are_now() {
    let tables = tables(
        "columns",
        "CREATE DOMAIN code AS text NOT NULL;
         CREATE TABLE t (gone int, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code code, price numeric(10,2),
                         doubled numeric GENERATED ALWAYS AS (price * 2) STORED)",
    );
    let t = table(&tables, "t");
    assert!(matches!(
        t.columns[4].mapping,
        ColumnMapping::Unsupported(_)
    ));
    CLUSTER
        .connect("columns")
        .execute(
            "ALTER TABLE t DROP COLUMN gone; COMMENT ON TABLE t IS 'What is sold'; COMMENT ON COLUMN t.price IS 'In euros'",
        )
        .unwrap();
    let tables = source("columns").get_tables().unwrap();
    let t = table(&tables, "t");
    let columns: Vec<(&str, bool)> = t
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.nullable))
        .collect();
    assert_eq!(
        columns,
        [
            ("id", false),
            ("code", false),
            ("price", true),
            ("doubled", true)
        ]
    );
    assert_eq!(t.description.as_deref(), Some("What is sold"));
    assert_eq!(t.columns[2].description.as_deref(), Some("In euros"));
    assert_eq!(t.columns[2].external_type.as_deref(), Some("numeric(10,2)"));
    let defaults: Vec<bool> = t.columns.iter().map(|column| column.has_default).collect();
    assert_eq!(defaults, [true, false, false, true]);
    // A snapshot has what the change stream leaves out.
    let snapshots = source("columns").with_capture(connector_postgres::Capture::None);
    let tables = snapshots.get_tables().unwrap();
    assert!(table(&tables, "t").columns[3].field_type().is_some());
}

#[test]
fn odd_names_and_names_in_two_schemas_are_read() {
    CLUSTER
        .database("Odd \"db\"")
        .execute(
            "CREATE SCHEMA \"Other\"; CREATE TABLE same (id int PRIMARY KEY); CREATE TABLE \"Other\".same (id int PRIMARY KEY);
             CREATE TABLE \"Other\".\"The 'odd' \"\"one\"\".\" (\"Id, the\" int PRIMARY KEY, \"select\" text);
             INSERT INTO same VALUES (1); INSERT INTO \"Other\".same VALUES (2);
             INSERT INTO \"Other\".\"The 'odd' \"\"one\"\".\" VALUES (3, 'x')",
        )
        .unwrap();
    let source = source("Odd%20%22db%22");
    let tables = source.get_tables().unwrap();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["The 'odd' \"one\".", "Other.same", "public.same"]);
    let tables = connector_core::connector::Connector::get_tables(&source, None).unwrap();
    assert_eq!(tables.len(), 3);
    let rows = crate::read::snapshot(&source, "The 'odd' \"one\".");
    assert_eq!(rows.len(), 1);
    let findings = source.validate_table(&tables[0]).unwrap();
    assert!(
        findings.iter().all(|finding| !finding.is_error()),
        "{findings:?}"
    );
}
