//! Runs one after another, and two at a time.

use connector_core::sink::Sink as _;
use connector_core::{Checkpoint, ErrorKind, FieldType, Value};

use crate::CLUSTER;
use crate::given::{Held, Insert, batch, rows, schema, settings, target};

const COLUMNS: &[(&str, FieldType)] = &[("id", FieldType::Int), ("note", FieldType::Text)];

fn row(id: i64) -> Vec<Value<'static>> {
    vec![Value::Int(id), Value::Text("x")]
}

#[test]
fn a_run_that_broke_off_within_a_transaction_has_stored_nothing_of_it() {
    let mut held = Held::new("sink_resume", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1)]);
    held.change(&[(Insert, row(2))]);
    held.write(&[(Insert, row(3))]);
    let (mut held, stored) = held.reopened();
    assert_eq!(stored, Some(Checkpoint::after(3)));
    assert_eq!(held.table("t"), ["(1,x)", "(2,x)"]);
    // It is given again.
    held.change(&[(Insert, row(3)), (Insert, row(4))]);
    assert_eq!(held.table("t").len(), 4);
}

#[test]
fn a_second_run_is_noticed_and_writes_nothing() {
    let mut held = Held::new("sink_second", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1)]);
    let mut second = settings("sink_second").writer().unwrap();
    // Whoever only asks for the position gets it.
    let stored = second.open(&target(&held.schemas)).unwrap();
    assert_eq!(stored, Some(Checkpoint::after(2)));
    let error = second.start_snapshot(&Checkpoint::snapshot(5)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
    assert!(!error.is_transient());
    assert!(error.to_string().contains("another run writes"), "{error}");
    held.change(&[(Insert, row(2))]);
    assert_eq!(held.table("t").len(), 2);
}

#[test]
fn a_checkpoint_that_another_has_changed_is_not_overwritten() {
    let mut held = Held::new("sink_moved", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1)]);
    held.looks
        .execute("UPDATE _dozer_sink SET checkpoint = checkpoint || ' '")
        .unwrap();
    held.write(&[(Insert, row(2))]);
    let error = held.sink.commit(&Checkpoint::after(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
    assert_eq!(held.table("t"), ["(1,x)"]);
}

#[test]
fn each_application_and_connection_has_its_own_position() {
    let mut looks = CLUSTER.database("sink_positions");
    let (one, two) = (schema("one", COLUMNS, &[0]), schema("two", COLUMNS, &[0]));
    for (app, connection, table) in [("a", "b", &one), ("a", "c", &two)] {
        let mut open = target(std::slice::from_ref(table));
        (open.app, open.connection) = (app.to_owned(), connection.to_owned());
        let mut sink = settings("sink_positions").writer().unwrap();
        assert_eq!(sink.open(&open).unwrap(), None);
        sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
        sink.write(&batch(
            Checkpoint::snapshot(1),
            vec![rows(0, table, 1, &[(Insert, row(1))])],
        ))
        .unwrap();
        sink.commit(&Checkpoint::after(1)).unwrap();
    }
    let rows = looks
        .query("SELECT count(*) AS n FROM _dozer_sink WHERE version = 1")
        .unwrap();
    assert_eq!(rows.one().unwrap().text("n").unwrap(), "2");
    // A table of one is not another's.
    let mut open = target(&[one]);
    open.connection = "c".to_owned();
    let mut sink = settings("sink_positions").writer().unwrap();
    let error = sink.open(&open).unwrap_err();
    assert!(error.to_string().contains("did not make"), "{error}");
}

#[test]
fn a_newer_version_of_the_checkpoint_is_left_alone() {
    let mut held = Held::new("sink_version", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1)]);
    held.looks
        .execute("UPDATE _dozer_sink SET version = 2")
        .unwrap();
    let error = held.sink.open(&target(&held.schemas)).unwrap_err();
    assert!(error.to_string().contains("of version 2"), "{error}");
}
