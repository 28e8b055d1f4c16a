//! The property.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use connector_core::ingest::Until;
use connector_core::{ColumnTypes as _, Field, Operation};
use connector_postgres::wire::Connection;
use connector_postgres::{Postgres, PostgresType};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::table::{Form, Table, table};
use crate::cluster::SUPERUSER;
use crate::read::Reading;
use crate::{CLUSTER, source};

/// Numbers of rows that are inserted, and of rows that are updated, are greater by this.
const INSERTED: i64 = 1_000;
const UPDATED: i64 = 10_000;

/// The values of a row but its key, as text that tells every two values apart.
type Values = Vec<String>;

fn take(row: &[Field], key: usize) -> (i64, Values) {
    let Field::Int(number) = row[key] else {
        panic!("the key is {:?}", row[key])
    };
    let others = row.iter().enumerate().filter(|(place, _)| *place != key);
    (
        number,
        others.map(|(_, value)| format!("{value:?}")).collect(),
    )
}

fn same(told: &Values, expected: &Values, what: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(told.len(), expected.len(), "{}", what);
    for (place, (told, expected)) in told.iter().zip(expected).enumerate() {
        prop_assert_eq!(told, expected, "{}: place {}", what, place);
    }
    Ok(())
}

/// The database, with what every table may use.
fn database(form: Form) -> (&'static str, Connection) {
    let name = match form {
        Form::Binary => "random_binary",
        Form::Text => "random_text",
    };
    let mut connection = CLUSTER.database(name);
    connection
        .execute("CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION citext")
        .unwrap();
    (name, connection)
}

/// The rows of the table by their numbers, the same however they are read.
fn read(
    table: &Table,
    form: Form,
    database: &str,
    connection: &mut Connection,
) -> Result<BTreeMap<i64, Values>, TestCaseError> {
    let fail = |error: &dyn std::fmt::Display| TestCaseError::fail(format!("{form:?}: {error}"));
    let sql = format!(
        "DROP SCHEMA IF EXISTS own CASCADE; CREATE SCHEMA own; SET search_path = own, public;\n{}",
        table.sql(form)
    );
    connection.execute(&sql).map_err(|error| fail(&error))?;
    let source = configured(database, table.numeric_as_text);
    let mut reading = Reading::start(&source, database, &["t"], Until::Stopped);
    let key = table.key(form);
    let copied: BTreeMap<i64, Values> = reading
        .snapshot()
        .iter()
        .map(|row| take(row, key))
        .collect();
    prop_assert_eq!(copied.len(), table.rows);
    let names = table.names(form);
    connection
        .execute(&format!(
            "INSERT INTO t (n, {names}) SELECT n + {INSERTED}, {names} FROM t ORDER BY n;
             UPDATE t SET n = n + {UPDATED}; DELETE FROM t"
        ))
        .map_err(|error| fail(&error))?;
    let mut counts = [0; 3];
    while counts[2] < table.rows * 2 {
        let (count, expected, told) = match reading.change() {
            Operation::Insert { new } => (0, -INSERTED, vec![new.values]),
            Operation::Update { old, new } => (1, -UPDATED, vec![new.values, old.values]),
            Operation::Delete { old } => (2, -UPDATED, vec![old.values]),
        };
        counts[count] += 1;
        prop_assert_eq!(told.len(), if count == 1 { 2 } else { 1 });
        for (place, row) in told.iter().enumerate() {
            let (number, values) = take(row, key);
            // The old row of an update has its old number.
            let shifted = if count == 1 && place == 1 {
                number
            } else {
                number + expected
            };
            let copied = &copied[&(shifted % INSERTED)];
            same(
                &values,
                copied,
                &format!("{form:?}: the columns {names} of change {count}, row {number}"),
            )?;
        }
    }
    prop_assert_eq!(counts, [table.rows, table.rows * 2, table.rows * 2]);
    reading.stop();
    Ok(copied)
}

fn configured(database: &str, numeric_as_text: bool) -> Postgres {
    if !numeric_as_text {
        return source(database);
    }
    let mut source: Postgres = serde_json::from_value(serde_json::json!({
        "url": CLUSTER.url(SUPERUSER, database), "numeric_as_text": true
    }))
    .unwrap();
    connector_core::Source::named(&mut source, &format!("tests/{database}"));
    source
}

/// How many tables are asked for: by default few, the same at every run. `PROPTEST_CASES=2000` makes so many, other ones each
/// time.
fn asked() -> Option<u32> {
    std::env::var("PROPTEST_CASES").ok()?.parse().ok()
}

fn cases() -> ProptestConfig {
    let asked = asked();
    ProptestConfig {
        cases: asked.unwrap_or(24),
        rng_seed: if asked.is_some() {
            RngSeed::Random
        } else {
            RngSeed::Fixed(4)
        },
        max_shrink_iters: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn random_rows_are_the_same_in_snapshot_and_stream_and_in_both_forms() {
    let config = cases();
    let count = config.cases;
    let seen = RefCell::new(BTreeSet::new());
    let ran = RefCell::new(0);
    let (binary, text) = (
        RefCell::new(database(Form::Binary)),
        RefCell::new(database(Form::Text)),
    );
    let result = TestRunner::new(config).run(&table(), |table| {
        *ran.borrow_mut() += 1;
        seen.borrow_mut().extend(table.variants());
        let (binary, text) = (&mut *binary.borrow_mut(), &mut *text.borrow_mut());
        let (binary, text) = thread::scope(|scope| {
            let binary = scope.spawn(|| read(&table, Form::Binary, binary.0, &mut binary.1));
            let text = read(&table, Form::Text, text.0, &mut text.1);
            (binary.join(), text)
        });
        let binary = binary.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let mut text = text?;
        for values in text.values_mut() {
            values.remove(table.text_only());
        }
        prop_assert!(binary.keys().eq(text.keys()));
        for (binary, text) in binary.values().zip(text.values()) {
            same(
                binary,
                text,
                &format!("the two forms of the columns {}", table.names(Form::Binary)),
            )?;
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert_eq!(*ran.borrow(), count);
    // Few tables that are others each time need not have a column of each type.
    if asked().is_none_or(|cases| cases >= 100) {
        let seen = seen.borrow();
        let unseen: Vec<&str> = (PostgresType::ENTRIES.iter())
            .filter(|entry| !seen.contains(entry.variant))
            .map(|entry| entry.variant)
            .collect();
        // Not read at all, and `money` where the server has another locale, which a test of its own has.
        assert_eq!(unseen, ["MoneyWhole", "MoneyThousandths", "Geometry"]);
    }
}
