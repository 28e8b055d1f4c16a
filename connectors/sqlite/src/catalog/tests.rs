use super::*;

fn database(sql: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

fn only(sql: &str) -> Table {
    let mut tables = tables(&database(sql)).unwrap();
    assert_eq!(tables.len(), 1);
    tables.remove(0)
}

#[test]
fn kinds_are_told_apart_and_internal_tables_are_left_out() {
    let connection = database(
        "CREATE TABLE plain(a); CREATE TABLE keyed(k PRIMARY KEY) WITHOUT ROWID; CREATE VIEW seen AS SELECT a FROM plain;
         CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE _dozer_log(id INTEGER PRIMARY KEY);
         CREATE VIRTUAL TABLE box USING rtree(id, x0, x1); CREATE TABLE _DOZER_x(a);",
    );
    let found: Vec<_> = tables(&connection)
        .unwrap()
        .into_iter()
        .map(|table| (table.name, table.kind))
        .collect();
    let expected = [
        ("box", TableKind::Virtual),
        ("counted", TableKind::Table),
        ("keyed", TableKind::WithoutRowid),
        ("plain", TableKind::Table),
        ("seen", TableKind::View),
    ];
    assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn a_primary_key_may_hold_null_unless_something_forbids_it() {
    let nullable = |sql: &str| {
        only(sql)
            .columns
            .into_iter()
            .map(|column| column.nullable)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        nullable("CREATE TABLE t(a TEXT PRIMARY KEY, b)"),
        [true, true]
    );
    assert_eq!(
        nullable("CREATE TABLE t(a INTEGER PRIMARY KEY, b NOT NULL)"),
        [false, false]
    );
    assert_eq!(
        nullable("CREATE TABLE t(a INTEGER PRIMARY KEY DESC)"),
        [true]
    );
    assert_eq!(nullable("CREATE TABLE t(a INT PRIMARY KEY)"), [true]);
    assert_eq!(
        nullable("CREATE TABLE t(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID"),
        [false, false]
    );
    assert_eq!(
        nullable("CREATE TABLE t(a INT PRIMARY KEY) STRICT"),
        [false]
    );
}

#[test]
fn keys_rowids_generated_columns_and_types_are_as_declared() {
    let table = only(
        r#"CREATE TABLE "a ""table"""(x VARCHAR(10) DEFAULT 'n', y, "order" AS (x || 1) STORED,
           z INT AS (y) VIRTUAL, PRIMARY KEY(y, x))"#,
    );
    assert_eq!(table.name, "a \"table\"");
    assert_eq!(table.primary_key(), [1, 0]);
    let [x, y, order, z] = table.columns.as_slice() else {
        panic!("{table:?}")
    };
    assert_eq!(
        (x.declared_type.as_str(), x.default.as_deref()),
        ("VARCHAR(10)", Some("'n'"))
    );
    assert_eq!((y.declared_type.as_str(), y.is_rowid), ("", false));
    assert_eq!(
        (order.name.as_str(), order.generated),
        ("order", Generated::Stored)
    );
    assert_eq!(
        (z.declared_type.as_str(), z.generated),
        ("INT", Generated::Virtual)
    );
    assert!(only("CREATE TABLE t(id integer PRIMARY KEY)").columns[0].is_rowid);
}

#[test]
fn unique_indexes_give_parts_collations_and_conditions() {
    let table = only(
        "CREATE TABLE t(a TEXT COLLATE NOCASE UNIQUE, b, c); CREATE INDEX plain ON t(c);
         CREATE UNIQUE INDEX part ON t(b, lower(a)) WHERE c > 0;",
    );
    let [constraint, part] = table.unique_indexes.as_slice() else {
        panic!("{table:?}")
    };
    assert_eq!(
        constraint.parts,
        [(IndexPart::Column(0), "NOCASE".to_owned())]
    );
    assert_eq!(
        (constraint.partial, constraint.sql.as_deref()),
        (false, None)
    );
    assert_eq!(part.parts[0], (IndexPart::Column(1), "BINARY".to_owned()));
    assert_eq!(part.parts[1].0, IndexPart::Expression);
    assert!(part.partial && part.sql.is_some());
}

#[test]
fn one_table_is_found_in_any_case_and_file_facts_are_given() {
    let connection = database("CREATE TABLE Mixed(a)");
    assert_eq!(table(&connection, "mIXED").unwrap().unwrap().name, "Mixed");
    assert!(table(&connection, "none").unwrap().is_none());
    let info = FileInfo::read(&connection).unwrap();
    assert_eq!(
        (info.read_only, info.journal_mode.as_str()),
        (false, "memory")
    );
    assert!(info.page_size >= 512 && info.schema_version > 0);
}
