//! Every kind of change.

use connector_core::sink::Sink as _;
use connector_core::{Checkpoint, FieldType, Value};

use crate::given::{Delete, Held, Insert, UpdateAfter, UpdateBefore, schema};

fn notes(database: &str, key: &[usize]) -> Held {
    let columns = [
        ("id", FieldType::Int),
        ("note", FieldType::Text),
        ("amount", FieldType::DECIMAL),
    ];
    let mut held = Held::new(database, &[schema("t", &columns, key)]);
    held.snapshot(&[row(1, "a"), row(2, "b"), row(3, "c")]);
    held
}

fn row(id: i64, note: &str) -> Vec<Value<'_>> {
    vec![
        Value::Int(id),
        Value::Text(note),
        Value::DecimalText("1.50"),
    ]
}

/// The old image under `OnlyPK`: the key alone.
fn key(id: i64) -> Vec<Value<'static>> {
    vec![Value::Int(id), Value::Unchanged, Value::Unchanged]
}

#[test]
fn rows_with_a_key_are_stored_changed_and_deleted() {
    let mut held = notes("sink_keyed", &[0]);
    held.change(&[
        (Insert, row(4, "d")),
        (UpdateBefore, key(1)),
        (UpdateAfter, row(1, "changed")),
        (Delete, key(2)),
    ]);
    assert_eq!(
        held.table("t"),
        ["(1,changed,1.50)", "(3,c,1.50)", "(4,d,1.50)"]
    );
    // A key that changes; one that comes back; a row that comes and goes.
    held.change(&[
        (UpdateBefore, key(3)),
        (UpdateAfter, row(30, "moved")),
        (Delete, key(4)),
        (Insert, row(4, "again")),
        (Insert, row(5, "e")),
        (Delete, key(5)),
    ]);
    assert_eq!(
        held.table("t"),
        ["(1,changed,1.50)", "(30,moved,1.50)", "(4,again,1.50)"]
    );
}

#[test]
fn a_value_that_was_not_sent_stays() {
    let mut held = notes("sink_unchanged", &[0]);
    let unsent = |id: i64| vec![Value::Int(id), Value::Unchanged, Value::DecimalText("2.0")];
    held.change(&[
        (UpdateBefore, key(1)),
        (UpdateAfter, unsent(1)),
        // With another key: by what the database holds.
        (UpdateBefore, key(2)),
        (UpdateAfter, unsent(20)),
        // By what came before in the same batch.
        (Insert, row(4, "d")),
        (UpdateBefore, key(4)),
        (UpdateAfter, unsent(40)),
        // Nothing but the key was sent.
        (UpdateBefore, key(3)),
        (UpdateAfter, key(3)),
        (UpdateBefore, key(3)),
        (UpdateAfter, key(33)),
    ]);
    assert_eq!(
        held.table("t"),
        ["(1,a,2.0)", "(20,b,2.0)", "(33,c,1.50)", "(40,d,2.0)"]
    );
}

#[test]
fn a_table_is_emptied_between_other_changes() {
    let mut held = notes("sink_truncated", &[0]);
    held.write(&[(Insert, row(4, "before"))]);
    held.sink.truncate(0, &Checkpoint::within(3, 2)).unwrap();
    held.change(&[(Insert, row(5, "after"))]);
    assert_eq!(held.table("t"), ["(5,after,1.50)"]);
}

#[test]
fn rows_without_a_key_are_a_multiset() {
    let mut held = notes("sink_bag", &[]);
    let one = vec![Value::Int(1), Value::Null, Value::DecimalText("1.0")];
    let other = vec![Value::Int(1), Value::Null, Value::DecimalText("1.00")];
    held.change(&[
        (Insert, one.clone()),
        (Insert, one.clone()),
        (Insert, one.clone()),
        (Insert, other.clone()),
        (Delete, row(2, "b")),
    ]);
    held.change(&[
        // Two of three, and not the one that only equals them.
        (Delete, one.clone()),
        (UpdateBefore, one.clone()),
        (UpdateAfter, row(9, "z")),
        // Nothing is like this one.
        (Delete, row(77, "none")),
    ]);
    assert_eq!(
        held.table("t"),
        [
            "(1,,1.0)",
            "(1,,1.00)",
            "(1,a,1.50)",
            "(3,c,1.50)",
            "(9,z,1.50)"
        ]
    );
    let unsent = vec![Value::Int(1), Value::Unchanged, Value::DecimalText("2.0")];
    let error = held
        .try_write(&[(UpdateBefore, key(1)), (UpdateAfter, unsent)])
        .unwrap_err();
    assert!(
        error.to_string().contains("the table has no key"),
        "{error}"
    );
}

#[test]
fn more_rows_than_a_statement_takes_are_stored_by_several() {
    let mut held = notes("sink_many", &[0]);
    let many: Vec<_> = (10..20_010).map(|id| (Insert, row(id, "many"))).collect();
    held.change(&many);
    assert_eq!(held.ask("SELECT count(*) FROM t"), "20003");
    let gone: Vec<_> = (10..20_000).map(|id| (Delete, key(id))).collect();
    held.change(&gone);
    assert_eq!(held.ask("SELECT count(*) FROM t"), "13");
    assert_eq!(
        held.ask(
            "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 't' AND seq_tup_read > 100000"
        ),
        "0"
    );
}

#[test]
fn keys_that_postgres_finds_equal_are_one() {
    let columns = [
        ("f", FieldType::Float),
        ("d", FieldType::DECIMAL),
        ("v", FieldType::Text),
    ];
    let mut held = Held::new("sink_equal_keys", &[schema("t", &columns, &[0, 1])]);
    held.snapshot(&[]);
    let of = |f: f64, d: &'static str, v: &'static str| {
        vec![Value::Float(f), Value::DecimalText(d), Value::Text(v)]
    };
    held.change(&[
        (Insert, of(0.0, "1.0", "first")),
        (Insert, of(-0.0, "1.00", "second")),
        (Insert, of(f64::NAN, "10000", "third")),
        (Insert, of(-f64::NAN, "10000.0", "fourth")),
    ]);
    assert_eq!(
        held.ask("SELECT string_agg(v, ' ' ORDER BY v) FROM t"),
        "fourth second"
    );
}
