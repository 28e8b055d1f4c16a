//! What the sink holds beside a snapshot.

use connector_core::sink::{Compared, MismatchKind, Sink as _};
use connector_core::{Checkpoint, FieldType, Value};

use crate::given::{Held, Insert, batch, rows, schema};

const COLUMNS: &[(&str, FieldType)] = &[
    ("id", FieldType::Int),
    ("note", FieldType::Text),
    ("doc", FieldType::Json),
    ("at", FieldType::Point),
    ("amount", FieldType::DECIMAL),
];

fn row(id: i64, note: &'static str, amount: &'static str) -> Vec<Value<'static>> {
    vec![
        Value::Int(id),
        if note.is_empty() {
            Value::Null
        } else {
            Value::Text(note)
        },
        Value::Json("[1]"),
        Value::Point(connector_core::Point::new(1.0, 2.0)),
        Value::DecimalText(amount),
    ]
}

fn compared(held: &mut Held, read: &[Vec<Value<'static>>]) -> Compared {
    let inserts: Vec<_> = read.iter().map(|row| (Insert, row.clone())).collect();
    let read = batch(
        Checkpoint::snapshot(9),
        vec![rows(0, &held.schemas[0], 9, &inserts)],
    );
    let mut comparison = held.sink.compare().unwrap().unwrap();
    comparison.take(&read).unwrap();
    comparison.finish(20).unwrap().remove(0)
}

#[test]
fn rows_that_are_missing_more_or_different_are_found() {
    for key in [&[0_usize][..], &[]] {
        let mut held = Held::new("sink_compare", &[schema("odd \"t", COLUMNS, key)]);
        let all = [
            row(1, "a", "1.0"),
            row(2, "", "2"),
            row(3, "it's", "3"),
            row(4, "d", "4"),
        ];
        held.snapshot(&all);
        let same = compared(&mut held, &all);
        assert_eq!((same.rows, same.differing()), (4, 0), "{same:?}");
        assert!(same.listed.is_empty());

        let other = [
            row(1, "a", "1.00"),
            row(2, "", "2"),
            row(3, "its", "3"),
            row(5, "e", "5"),
        ];
        let found = compared(&mut held, &other);
        if key.is_empty() {
            assert_eq!((found.missing, found.extra, found.different), (3, 3, 0));
            continue;
        }
        assert_eq!((found.missing, found.extra, found.different), (1, 1, 2));
        let listed: Vec<_> = (found.listed.iter())
            .map(|it| (it.kind, it.key[0].1.as_str(), it.columns.len()))
            .collect();
        assert_eq!(
            listed,
            [
                (MismatchKind::Missing, "'5'", 0),
                (MismatchKind::Extra, "'4'", 0),
                (MismatchKind::Different, "'1'", 1),
                (MismatchKind::Different, "'3'", 1),
            ]
        );
        let note = &found.listed[3].columns[0];
        assert_eq!(
            (
                note.column.as_str(),
                note.source.as_str(),
                note.sink.as_str()
            ),
            ("note", "'its'", "'it''s'")
        );
    }
}

#[test]
fn a_run_that_writes_while_the_sink_is_compared_is_noticed() {
    let mut held = Held::new("sink_compare_moved", &[schema("t", COLUMNS, &[0])]);
    held.snapshot(&[row(1, "a", "1")]);
    let mut other = crate::given::settings("sink_compare_moved")
        .writer()
        .unwrap();
    let schemas = held.schemas.clone();
    let comparison = held.sink.compare().unwrap().unwrap();
    // The comparison holds no lock.
    other.open(&crate::given::target(&schemas)).unwrap();
    other.commit(&Checkpoint::after(50)).unwrap();
    let error = comparison.finish(20).unwrap_err();
    assert_eq!(error.kind(), connector_core::ErrorKind::InUse);
}
