//! Names that are not nice.

use connector_core::sink::Sink as _;
use connector_core::{Checkpoint, FieldType, Value};

use crate::CLUSTER;
use crate::given::{
    Delete, Insert, UpdateAfter, UpdateBefore, batch, lines, rows, schema, settings, target,
};

const HOSTILE: &[&str] = &[
    "select",
    "Order",
    "order",
    "a\"b",
    "it's; DROP TABLE _dozer_sink; --",
    "back\\slash",
    "$1",
    " ",
    "tab\tnew\nline",
    "ünï-🦀",
    "v",
    "t",
    "c0",
    "excluded",
    "public.t",
    "%I",
    "n",
    "whole",
    "r",
    "s0",
    "d1",
    "k0",
    "wanted",
    "line",
];

#[test]
fn names_stay_names() {
    let mut looks = CLUSTER.database("sink_names");
    let columns: Vec<(&str, FieldType)> = [("id", FieldType::Int)]
        .into_iter()
        .chain(HOSTILE.iter().map(|name| (*name, FieldType::Text)))
        .collect();
    let tables: Vec<_> = (HOSTILE
        .iter()
        .zip([&[0_usize, 1, 5][..], &[]].into_iter().cycle()))
    .map(|(name, key)| schema(name, &columns, key))
    .collect();
    let mut open = target(&tables);
    (open.app, open.connection) = ("o'neill \\ \"app\"".to_owned(), "$c$ '; --".to_owned());
    let place = || {
        settings("sink_names")
            .with_schema("Odd \"schema")
            .with_table_prefix("p'\"_")
    };
    let mut sink = place().writer().unwrap();
    sink.open(&open).unwrap();
    sink.start_snapshot(&Checkpoint::snapshot(1)).unwrap();
    let row = |id: i64, text: &'static str| -> Vec<Value<'static>> {
        let texts = HOSTILE.iter().map(|_| Value::Text(text));
        [Value::Int(id)].into_iter().chain(texts).collect()
    };
    let hostile = "'); DROP TABLE x; --\\";
    for (place, table) in tables.iter().enumerate() {
        let read = rows(
            place,
            table,
            1,
            &[(Insert, row(1, hostile)), (Insert, row(2, "b"))],
        );
        sink.write(&batch(Checkpoint::snapshot(1), vec![read]))
            .unwrap();
    }
    sink.commit(&Checkpoint::after(1)).unwrap();
    for (place, table) in tables.iter().enumerate() {
        let changes = [
            (UpdateBefore, row(1, hostile)),
            (UpdateAfter, row(1, "moved")),
            (Delete, row(2, "b")),
            (Insert, row(3, hostile)),
        ];
        let changes = rows(place, table, 2, &changes);
        sink.write(&batch(Checkpoint::after(2), vec![changes]))
            .unwrap();
        sink.truncate(
            if place == 0 { 0 } else { tables.len() },
            &Checkpoint::within(2, 1),
        )
        .unwrap();
    }
    sink.commit(&Checkpoint::after(2)).unwrap();
    for (number, name) in HOSTILE.iter().enumerate() {
        let table = connector_postgres::identifier(&format!("p'\"_{name}"));
        let sql = format!("SELECT id || \"a\"\"b\" AS line FROM \"Odd \"\"schema\".{table}");
        let expected = if number == 0 {
            Vec::new()
        } else {
            vec!["1moved".to_owned(), format!("3{hostile}")]
        };
        assert_eq!(lines(&mut looks, &sql), expected, "{name}");
    }
    // Opened again, all of them are known; and compared, they are the same.
    drop(sink);
    let mut sink = place().writer().unwrap();
    assert_eq!(sink.open(&open).unwrap(), Some(Checkpoint::after(2)));
    let mut comparison = sink.compare().unwrap().unwrap();
    for (place, table) in tables.iter().enumerate().skip(1) {
        let read = [(Insert, row(1, "moved")), (Insert, row(3, hostile))];
        let read = rows(place, table, 3, &read);
        comparison
            .take(&batch(Checkpoint::snapshot(3), vec![read]))
            .unwrap();
    }
    for compared in comparison.finish(5).unwrap() {
        assert_eq!(compared.differing(), 0, "{compared:?}");
    }
}

#[test]
fn a_name_that_postgres_cannot_keep_is_an_error() {
    CLUSTER.database("sink_long_names");
    let fits = "ä".repeat(31);
    let long = "x".repeat(64);
    let note = |name: &str| {
        schema(
            "t",
            &[("id", FieldType::Int), (name, FieldType::Text)],
            &[0],
        )
    };
    let refused = |table, expected: &str| {
        let mut sink = settings("sink_long_names").writer().unwrap();
        let error = sink.open(&target(&[table])).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.help().is_some());
    };
    refused(
        schema(&long, &[("id", FieldType::Int)], &[0]),
        "64 bytes long",
    );
    refused(note(&long), "64 bytes long");
    refused(note("ctid"), "every table of Postgres has");
    refused(note(""), "has no name");
    refused(note("a\0b"), "code zero");
    refused(
        schema("_dozer_sink", &[("id", FieldType::Int)], &[0]),
        "the sink's own",
    );
    refused(
        schema("t", &[("id", FieldType::Point)], &[0]),
        "does not compare",
    );
    let mut sink = settings("sink_long_names").writer().unwrap();
    let fits = schema(
        &fits,
        &[("id", FieldType::Int), (&fits, FieldType::Json)],
        &[0, 1],
    );
    sink.open(&target(&[fits])).unwrap();
    let far = settings("sink_long_names").with_table_prefix("p".repeat(40));
    let mut sink = far.writer().unwrap();
    let long = schema(&"x".repeat(24), &[("id", FieldType::Int)], &[0]);
    assert!(sink.open(&target(&[long])).is_err());
}
