//! What is read is what was stored.

use std::rc::Rc;

use rusqlite::Connection;

use super::*;

fn one(sql: &str) -> Statement<Rc<Connection>> {
    let connection = Rc::new(Connection::open_in_memory().unwrap());
    let mut statement = Statement::prepare(connection, sql).unwrap();
    assert!(statement.step().unwrap());
    statement
}

#[test]
fn every_storage_class_comes_back_as_stored() {
    let row = one(
            "SELECT NULL, -9223372036854775808, 1e308, 'a' || char(0) || 'b', x'00ff', '', x'', zeroblob(3),
             CAST(x'ff' AS TEXT)",
        );
    assert_eq!(row.value(0), ValueRef::Null);
    assert_eq!(row.value(1), ValueRef::Integer(i64::MIN));
    assert_eq!(row.value(2), ValueRef::Real(1e308));
    assert_eq!(row.value(3), ValueRef::Text(b"a\0b"));
    assert_eq!(row.value(4), ValueRef::Blob(&[0, 255]));
    assert_eq!(row.value(5), ValueRef::Text(b""));
    assert_eq!(row.value(6), ValueRef::Blob(b""));
    assert_eq!(row.value(7), ValueRef::Blob(&[0, 0, 0]));
    assert_eq!(row.value(8), ValueRef::Text(&[255]));
    assert_eq!(row.value(9), ValueRef::Null);
}

#[test]
fn parameters_come_back_and_a_statement_can_run_again() {
    let connection = Connection::open_in_memory().unwrap();
    let mut statement = Statement::prepare(&connection, "SELECT ?1 AS x").unwrap();
    assert_eq!(statement.column_name(0).as_deref(), Some("x"));
    for value in [
        ValueRef::Null,
        ValueRef::Integer(7),
        ValueRef::Real(0.5),
        ValueRef::Text(b"a\0b"),
        ValueRef::Blob(b""),
    ] {
        statement.bind(1, value).unwrap();
        assert!(statement.step().unwrap());
        assert_eq!(statement.value(0), value);
        assert!(!statement.step().unwrap());
        assert_eq!(statement.value(0), ValueRef::Null);
    }
}

#[test]
fn text_of_a_utf_16_database_is_lent_as_utf_8() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a); INSERT INTO t VALUES('żółw')",
        )
        .unwrap();
    let mut statement = Statement::prepare(&connection, "SELECT a FROM t").unwrap();
    assert!(statement.step().unwrap());
    let (first, second) = (statement.value(0), statement.value(0));
    assert_eq!(first, ValueRef::Text("żółw".as_bytes()));
    assert_eq!(first, second);
}

#[test]
fn a_busy_database_is_a_transient_error_and_bad_sql_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let holder = Connection::open(&path).unwrap();
    holder
        .execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE")
        .unwrap();
    let reader = crate::open(&path, crate::Access::ReadOnly).unwrap();
    let error = Statement::prepare(&reader, "SELECT * FROM t")
        .and_then(|mut statement| statement.step())
        .unwrap_err();
    assert!(error.is_transient(), "{error}");
    holder.execute_batch("COMMIT").unwrap();
    let error = Statement::prepare(&reader, "SELECT * FROM nowhere").unwrap_err();
    assert!(!error.is_transient(), "{error}");
    assert!(Statement::prepare(&reader, "-- nothing").is_err());
}

/// What a row is compared by: its values, however long they live.
fn owned(row: Row<'_>, width: usize) -> Vec<String> {
    (0..width)
        .map(|place| format!("{:?}", row.value(place)))
        .collect()
}

const ODD: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b);
    INSERT INTO t VALUES(1, NULL, -9223372036854775808), (2, 1e308, 'a' || char(0) || 'b'), (3, x'00ff', ''),
    (4, x'', zeroblob(3)), (5, CAST(x'ff' AS TEXT), 'żółw'), (6, zeroblob(9000), 1), (7, hex(randomblob(4000)), 0.5)";

fn columns() -> Vec<String> {
    ["id", "a", "b"].map(str::to_owned).to_vec()
}

fn all(columns: &[String]) -> Query<'_> {
    Query {
        columns,
        table: "main.t",
        within: None,
        order: None,
    }
}

#[test]
fn rows_that_are_lent_are_those_that_are_stepped_to() {
    for encoding in ["UTF-8", "UTF-16le"] {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&format!("PRAGMA encoding = '{encoding}'; {ODD}"))
            .unwrap();
        for within in [None, Some("id BETWEEN ?1 AND ?2")] {
            let columns = columns();
            let query = Query {
                within,
                ..all(&columns)
            };
            let mut expected = Vec::new();
            let mut plain = Statement::prepare(&connection, &query.plain()).unwrap();
            let mut lending = Statement::lending(&connection, query).unwrap();
            if within.is_some() {
                for statement in [&mut plain, &mut lending] {
                    statement.bind(1, ValueRef::Integer(2)).unwrap();
                    statement.bind(2, ValueRef::Integer(6)).unwrap();
                }
            }
            while plain.step().unwrap() {
                expected.push(owned(plain.row().unwrap(), 3));
            }
            assert_eq!(expected.len(), if within.is_some() { 5 } else { 7 });
            // All at once, one by one, and by both means in turn, without beginning anew.
            for many in [100, 1, 2] {
                let mut lent = Vec::new();
                loop {
                    let mut room = many;
                    let stopped = lending.lend(|row| {
                        lent.push(owned(row, 3));
                        room -= 1;
                        if room > 0 { Lent::Taken } else { Lent::Full }
                    });
                    if stopped.unwrap() == Stopped::Done {
                        break;
                    }
                    assert!(lending.row().is_none(), "it was taken");
                    if many == 2 {
                        if !lending.step().unwrap() {
                            break;
                        }
                        lent.push(owned(lending.row().unwrap(), 3));
                    }
                }
                assert_eq!(lent, expected, "{encoding}, {within:?}, {many} at once");
            }
        }
    }
}

#[test]
fn a_row_that_is_not_taken_is_the_statements_own() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(ODD).unwrap();
    let mut lending = Statement::lending(&connection, all(&columns())).unwrap();
    let mut taken = 0;
    let mut keep_third = |row: Row<'_>| {
        if row.value(0) == ValueRef::Integer(3) {
            return Lent::Kept;
        }
        taken += 1;
        Lent::Taken
    };
    assert_eq!(lending.lend(&mut keep_third).unwrap(), Stopped::Kept);
    assert_eq!(lending.value(0), ValueRef::Integer(3));
    assert_eq!(lending.value(1), ValueRef::Blob(&[0, 255]));
    assert_eq!(lending.lend(&mut keep_third).unwrap(), Stopped::Done);
    assert_eq!(taken, 6);
}

#[test]
fn the_values_of_a_row_that_was_taken_are_not_asked_for_again() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(ODD).unwrap();
    let columns = columns();
    let mut lending = Statement::lending(&connection, all(&columns)).unwrap();
    let type_of_id = || {
        // SAFETY: the connection is open, and has one statement, which is on a row.
        unsafe {
            let statement = ffi::sqlite3_next_stmt(connection.handle(), std::ptr::null_mut());
            ffi::sqlite3_column_type(statement, 0)
        }
    };
    assert_eq!(lending.lend(|_| Lent::Full).unwrap(), Stopped::Full);
    assert_eq!(type_of_id(), ffi::SQLITE_NULL);
    assert_eq!(lending.lend(|_| Lent::Kept).unwrap(), Stopped::Kept);
    assert_eq!(type_of_id(), ffi::SQLITE_INTEGER);
    assert_eq!(lending.lend(|_| Lent::Full).unwrap(), Stopped::Full);
    assert!(lending.step().unwrap());
    assert_eq!(type_of_id(), ffi::SQLITE_INTEGER);
}

#[test]
fn a_view_is_no_table() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE T(a); CREATE VIEW v AS SELECT a FROM t;
             CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID; CREATE VIRTUAL TABLE f USING fts5(a)",
        )
        .unwrap();
    let of = |name: &str| is_table(&connection, name);
    assert_eq!(["t", "w", "f"].map(of), [true; 3]);
    assert_eq!(["v", "x", "t\0"].map(of), [false; 3]);
}

#[test]
fn only_rows_of_the_condition_are_lent_whatever_index_sqlite_takes() {
    let connection = Connection::open_in_memory().unwrap();
    // The index is far smaller than the table, and has all that is asked for.
    connection
        .execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t(a);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO t SELECT i, i % 7, zeroblob(2000) FROM n; ANALYZE",
        )
        .unwrap();
    let a = ["a".to_owned()];
    let query = Query {
        // The planner knows nothing of it, and would read the whole of the index.
        within: Some("likelihood(id BETWEEN ?1 AND ?2, 0.99)"),
        ..all(&a)
    };
    let mut lending = Statement::lending(&connection, query).unwrap();
    lending.bind(1, ValueRef::Integer(100)).unwrap();
    lending.bind(2, ValueRef::Integer(106)).unwrap();
    let mut lent = Vec::new();
    let stopped = lending.lend(|row| {
        lent.extend(owned(row, 1));
        Lent::Taken
    });
    assert_eq!(stopped.unwrap(), Stopped::Done);
    lent.sort();
    let all: Vec<String> = (0..7).map(|a| format!("Integer({a})")).collect();
    assert_eq!(lent, all);
}

#[test]
fn more_columns_than_a_function_may_have_arguments_are_lent_too() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(ODD).unwrap();
    // SAFETY: the connection is open.
    unsafe { ffi::sqlite3_limit(connection.handle(), ffi::SQLITE_LIMIT_FUNCTION_ARG, 2) };
    let mut lending = Statement::lending(&connection, all(&columns())).unwrap();
    let mut taken = 0;
    let mut take = |row: Row<'_>| {
        taken += 1;
        assert_eq!(row.value(0), ValueRef::Integer(taken));
        match taken {
            2 => Lent::Full,
            3 => Lent::Kept,
            _ => Lent::Taken,
        }
    };
    assert_eq!(lending.lend(&mut take).unwrap(), Stopped::Full);
    assert_eq!(lending.lend(&mut take).unwrap(), Stopped::Kept);
    assert_eq!(lending.value(0), ValueRef::Integer(3));
}

#[test]
fn a_panic_of_the_taker_goes_past_sqlite_and_leaves_nothing_behind() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(ODD).unwrap();
    let mut lending = Statement::lending(&connection, all(&columns())).unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = lending.lend(|_| panic!("of the taker"));
    }));
    let panic = panic.unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"of the taker"));
    // Nobody takes what others step to, on this thread as on any.
    assert!(lending.step().unwrap());
    assert_eq!(lending.value(0), ValueRef::Integer(2));
    // A statement may be stepped while another lends, on the same connection.
    let mut other = Statement::lending(&connection, all(&columns())).unwrap();
    let mut seen = Vec::new();
    lending
        .lend(|row| {
            assert!(other.step().unwrap());
            seen.push((owned(row, 1), format!("{:?}", other.value(0))));
            Lent::Taken
        })
        .unwrap();
    assert_eq!(seen.len(), 5);
    assert_eq!(
        seen.first(),
        Some(&(vec!["Integer(3)".to_owned()], "Integer(1)".to_owned()))
    );
}

#[test]
fn the_schema_of_a_file_cannot_lend() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b AS (abs(a)));
             INSERT INTO t(a) VALUES(1); CREATE VIEW v AS SELECT abs(a) AS id, a, a AS b FROM t;
             PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'abs', 'dozer_lend');
             PRAGMA writable_schema = RESET",
        )
        .unwrap();
    for table in ["main.t", "main.v"] {
        let mut lent = 0;
        let lending = Statement::lending(
            &connection,
            Query {
                table,
                ..all(&columns())
            },
        );
        let outcome = lending.and_then(|mut lending| {
            lending.lend(|_| {
                lent += 1;
                Lent::Taken
            })
        });
        let error = outcome.unwrap_err();
        assert!(error.message().contains("dozer_lend"), "{error}");
        assert_eq!(lent, 0);
    }
}

#[test]
fn an_error_between_two_rows_keeps_those_that_were_lent() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(ODD).unwrap();
    // Too many digits in the third row alone.
    let overflow = "CASE WHEN id = 3 THEN abs(-9223372036854775807 - 1) ELSE a END";
    let columns = ["id", overflow].map(str::to_owned);
    let mut lending = Statement::lending(&connection, all(&columns)).unwrap();
    let mut lent = 0;
    let error = lending
        .lend(|_| {
            lent += 1;
            Lent::Taken
        })
        .unwrap_err();
    assert!(error.message().contains("overflow"), "{error}");
    assert_eq!(lent, 2);
}
