use connector_postgres::wire::{Connection, Mode, PgError};

use crate::{CLUSTER, open};

#[test]
fn a_large_table_is_lent_row_by_row() {
    for mode in ["disable", "require"] {
        let mut connection = open("trust", &format!("sslmode={mode}")).unwrap();
        let sql =
            "COPY (SELECT g, repeat('x', g % 1000) FROM generate_series(1, 200000) g) TO STDOUT";
        let mut copy = connection.copy_out(sql).unwrap();
        assert!(!copy.is_binary());
        assert_eq!(copy.columns(), 2);
        let mut count: usize = 0;
        while let Some(line) = copy.next().unwrap() {
            count += 1;
            let number = count.to_string();
            assert!(line.starts_with(number.as_bytes()), "{mode}: row {count}");
            assert_eq!(
                line.len(),
                number.len() + count % 1000 + 2,
                "{mode}: row {count}"
            );
        }
        assert_eq!(count, 200_000);
        assert_eq!(copy.next().unwrap(), None);
        connection.execute("SELECT 1").unwrap();
    }
}

#[test]
fn one_row_may_be_larger_than_every_buffer() {
    let mut connection = CLUSTER.connect("postgres");
    let sql =
        "COPY (SELECT repeat('y', 30000000) FROM generate_series(1, 3)) TO STDOUT (FORMAT binary)";
    let mut copy = connection.copy_out(sql).unwrap();
    assert!(copy.is_binary());
    let mut large = 0;
    while let Some(bytes) = copy.next().unwrap() {
        large += usize::from(bytes.len() >= 30_000_000 && bytes[20..].contains(&b'y'));
    }
    assert_eq!(large, 3);
}

#[test]
fn an_error_in_the_middle_comes_after_the_rows_before_it() {
    let mut connection = CLUSTER.connect("postgres");
    let sql = "COPY (SELECT 1 / (50000 - g) FROM generate_series(1, 100000) g) TO STDOUT";
    let mut copy = connection.copy_out(sql).unwrap();
    let mut count = 0;
    let error = loop {
        match copy.next() {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("the error is missing"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Some("22012"));
    assert_eq!(count, 49_999);
    assert_eq!(copy.next().unwrap(), None);
    connection.execute("SELECT 1").unwrap();
}

#[test]
fn a_statement_that_copies_nothing_or_fails_leaves_the_connection_usable() {
    let mut connection = CLUSTER.connect("postgres");
    let error = connection.copy_out("SELECT 1").unwrap_err();
    assert!(matches!(error, PgError::Answer(_)), "{error}");
    let error = connection
        .copy_out("COPY no_such_table TO STDOUT")
        .unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
    connection.execute("SELECT 1").unwrap();
}

#[test]
fn a_copy_that_is_left_early_closes_its_connection_alone() {
    let mut connection = CLUSTER.connect("postgres");
    let sql = "COPY (SELECT generate_series(1, 100000000)) TO STDOUT";
    let mut copy = connection.copy_out(sql).unwrap();
    copy.next().unwrap();
    assert!(matches!(
        connection.execute("SELECT 1"),
        Err(PgError::Unusable(_))
    ));
    drop(connection);
    Connection::open(&CLUSTER.settings("postgres"), Mode::Query).unwrap();
}
