//! What the files hold, beside what the source has.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use connector_core::sink::{Compared, MismatchKind, Sink, SinkConfig as _};
use connector_core::{
    Checkpoint, Field, FieldType, Phase, ReplicationChangesTrackingType, RowOp, SourceSchema,
    TableBatch,
};

use super::values::all_types;
use super::{KINDS, Kind, batch_at, new_people, people, rows_of, snapshot, target, transaction};
use crate::Parquet;
use crate::tests::batches::{column, definition};

/// Compares with a source that has these rows.
fn compared(sink: &mut dyn Sink, rows: Vec<TableBatch>, listed: usize) -> Compared {
    let mut comparison = sink.compare().unwrap().unwrap();
    let batch = batch_at(99, Phase::Snapshot, rows);
    comparison.take(&batch).unwrap();
    comparison.finish(listed).unwrap().remove(0)
}

/// Each row is told in one line.
fn listed(compared: &Compared) -> Vec<String> {
    let line = |row: &connector_core::sink::Mismatch| {
        let key: Vec<&str> = row.key.iter().map(|(_, value)| value.as_str()).collect();
        let columns: Vec<String> = (row.columns.iter())
            .map(|it| format!("{}: {} / {}", it.column, it.source, it.sink))
            .collect();
        format!("{:?} {} [{}]", row.kind, key.join(","), columns.join(", "))
    };
    compared.listed.iter().map(line).collect()
}

/// Rows of [`people`]: what each is, its id and its name.
fn changes(schema: &Arc<SourceSchema>, lsn: u64, rows: &[(RowOp, u64, i64, Field)]) -> TableBatch {
    let ids: Vec<Field> = rows.iter().map(|row| Field::Int(row.2)).collect();
    let names: Vec<Field> = rows.iter().map(|row| row.3.clone()).collect();
    let columns = vec![
        column(FieldType::Int, &ids),
        column(FieldType::String, &names),
    ];
    TableBatch {
        ops: rows.iter().map(|row| row.0).collect(),
        seq: rows.iter().map(|row| row.1).collect(),
        ..rows_of(0, schema, lsn, columns)
    }
}

fn name(name: &str) -> Field {
    Field::String(name.to_owned())
}

/// The rows of a source, as its snapshot gives them.
fn now(schema: &Arc<SourceSchema>, rows: &[(i64, Field)]) -> TableBatch {
    let rows: Vec<_> = (1..).zip(rows).collect();
    let insert =
        |(seq, (id, name)): &(u64, &(i64, Field))| (RowOp::Insert, *seq, *id, name.clone());
    changes(schema, 99, &rows.iter().map(insert).collect::<Vec<_>>())
}

/// A sink that holds 1 to 9 from a snapshot, and has seen every kind of change.
fn changed(sink: &mut dyn Sink, schema: &Arc<SourceSchema>) -> Vec<(i64, Field)> {
    use RowOp::{Delete, Insert, UpdateAfter, UpdateBefore};
    sink.open(&target(&[Arc::clone(schema)])).unwrap();
    transaction(sink, 1, vec![new_people(0, schema, 1, &[70, 71])]);
    sink.truncate(0, &Checkpoint::within(2, 1)).unwrap();
    let ids: Vec<i64> = (1..10).collect();
    transaction(
        sink,
        2,
        vec![changes(
            schema,
            2,
            &ids.iter()
                .map(|id| (Insert, id.cast_unsigned() + 1, *id, name("old")))
                .collect::<Vec<_>>(),
        )],
    );
    let unsent = || Field::Unchanged;
    transaction(
        sink,
        3,
        vec![changes(
            schema,
            3,
            &[
                (UpdateBefore, 1, 1, unsent()),
                (UpdateAfter, 1, 1, name("new")),
                (Delete, 2, 2, unsent()),
                // Its name is long, and not sent again with another key.
                (UpdateBefore, 3, 3, unsent()),
                (UpdateAfter, 3, 30, unsent()),
                (UpdateBefore, 4, 4, unsent()),
                (UpdateAfter, 4, 4, unsent()),
                (Delete, 5, 5, unsent()),
                (Insert, 6, 5, Field::Null),
            ],
        )],
    );
    // So many small commits are merged by the sink of Parquet files.
    for lsn in 4..14 {
        transaction(
            sink,
            lsn,
            vec![changes(
                schema,
                lsn,
                &[
                    (UpdateBefore, 1, 6, unsent()),
                    (UpdateAfter, 1, 6, name(&format!("name {lsn}"))),
                ],
            )],
        );
    }
    let mut rows = vec![(1, name("new")), (5, Field::Null), (6, name("name 13"))];
    rows.extend([30, 4, 7, 8, 9].map(|id| (id, name("old"))));
    rows
}

/// Opens nothing yet.
type MakeSink = Box<dyn Fn(&Path) -> Box<dyn Sink>>;

fn kinds_of_people() -> Vec<(String, MakeSink)> {
    let mut sinks: Vec<(String, MakeSink)> = Vec::new();
    for kind in KINDS {
        sinks.push((format!("{kind:?}"), Box::new(move |path| kind.sink(path))));
    }
    let divided = |path: &Path| {
        let settings = Parquet::new(path).with_partition_by(["name"]);
        settings.with_file_rows(2).sink().unwrap()
    };
    sinks.push(("divided".to_owned(), Box::new(divided)));
    sinks
}

#[test]
fn the_rows_that_a_log_tells_are_those_of_the_source() {
    for (kind, sink) in kinds_of_people() {
        let place = tempfile::tempdir().unwrap();
        let schema = people("people");
        let mut sink = sink(place.path());
        let rows = changed(sink.as_mut(), &schema);
        let found = compared(sink.as_mut(), vec![now(&schema, &rows)], 20);
        let counts = (found.rows, found.missing, found.extra, found.different);
        assert_eq!(counts, (8, 0, 0, 0), "{kind}: {:?}", listed(&found));
    }
}

#[test]
fn rows_that_only_one_side_has_and_values_that_differ_are_named() {
    for (kind, sink) in kinds_of_people() {
        let place = tempfile::tempdir().unwrap();
        let schema = people("people");
        let mut sink = sink(place.path());
        let mut rows: BTreeMap<i64, Field> = changed(sink.as_mut(), &schema).into_iter().collect();
        rows.remove(&8);
        rows.insert(100, name("it's"));
        rows.insert(10, name("ten"));
        rows.insert(9, Field::Null);
        rows.insert(30, name("older"));
        let rows: Vec<(i64, Field)> = rows.into_iter().collect();
        let found = compared(sink.as_mut(), vec![now(&schema, &rows)], 20);
        let counts = (found.rows, found.missing, found.extra, found.different);
        assert_eq!(counts, (9, 2, 1, 2), "{kind}");
        let expected = [
            "Missing 10 []",
            "Missing 100 []",
            "Extra 8 []",
            "Different 9 [name: NULL / 'old']",
            "Different 30 [name: 'older' / 'old']",
        ];
        assert_eq!(listed(&found), expected, "{kind}");
        let found = compared(sink.as_mut(), vec![now(&schema, &rows)], 3);
        assert_eq!(listed(&found), expected[..3], "{kind}");
        assert_eq!(found.differing(), 5, "{kind}");
    }
}

#[test]
fn rows_without_a_key_are_counted() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let mut schema = people("events").as_ref().clone();
        schema.schema.primary_index = Vec::new();
        schema.replication_type = ReplicationChangesTrackingType::FullChanges;
        let schema = Arc::new(schema);
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        let three = [(1, name("a")), (1, name("a")), (2, Field::Null)];
        snapshot(sink.as_mut(), 1, vec![now(&schema, &three)]);
        transaction(
            sink.as_mut(),
            2,
            vec![changes(
                &schema,
                2,
                &[
                    (RowOp::Delete, 1, 1, name("a")),
                    (RowOp::UpdateBefore, 2, 2, Field::Null),
                    (RowOp::UpdateAfter, 2, 3, Field::Null),
                    (RowOp::Insert, 3, 3, Field::Null),
                ],
            )],
        );
        let rows = [(3, Field::Null), (1, name("a")), (3, Field::Null)];
        let found = compared(sink.as_mut(), vec![now(&schema, &rows)], 20);
        assert_eq!((found.rows, found.differing()), (3, 0), "{kind:?}");
        let rows = [
            (1, name("a")),
            (1, name("a")),
            (3, Field::Null),
            (4, name("b")),
        ];
        let found = compared(sink.as_mut(), vec![now(&schema, &rows)], 20);
        assert_eq!((found.missing, found.extra), (2, 1), "{kind:?}");
        let expected = ["Missing 1,'a' []", "Missing 4,'b' []", "Extra 3,NULL []"];
        assert_eq!(listed(&found), expected, "{kind:?}");
    }
}

#[test]
fn every_type_is_compared_as_it_is_stored() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let (mut schema, mut columns) = all_types(kind);
        Arc::make_mut(&mut schema).schema.primary_index = Vec::new();
        // An unsent value is no part of a whole row.
        columns.iter_mut().for_each(|column| {
            let sent = (0..column.len())
                .take_while(|row| !column.is_unchanged(*row))
                .count();
            column.truncate(sent.min(4));
        });
        let rows = columns
            .iter()
            .map(connector_core::Column::len)
            .min()
            .unwrap();
        columns.iter_mut().for_each(|column| column.truncate(rows));
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        let rows = rows_of(0, &schema, 1, columns);
        snapshot(sink.as_mut(), 1, vec![rows.clone()]);
        let found = compared(sink.as_mut(), vec![rows.clone()], 20);
        assert!(found.rows > 1, "{found:?}");
        assert_eq!(found.differing(), 0, "{kind:?}: {:?}", listed(&found));
    }
}

#[test]
fn columns_that_were_taken_on_later_are_null_in_rows_from_before() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let narrow = people("people");
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&narrow)])).unwrap();
        snapshot(sink.as_mut(), 1, vec![now(&narrow, &[(1, name("a"))])]);
        let mut wide = narrow.as_ref().clone();
        wide.schema.fields.push(definition("age", FieldType::Int));
        let wide = Arc::new(wide);
        sink.open(&target(&[Arc::clone(&wide)])).unwrap();
        let row = |lsn: u64, id: i64, age: Field| {
            rows_of(
                0,
                &wide,
                lsn,
                vec![
                    column(FieldType::Int, &[Field::Int(id)]),
                    column(FieldType::String, &[name("a")]),
                    column(FieldType::Int, &[age]),
                ],
            )
        };
        transaction(sink.as_mut(), 2, vec![row(2, 2, Field::Int(7))]);
        let both = vec![row(99, 1, Field::Null), row(99, 2, Field::Int(7))];
        let found = compared(sink.as_mut(), both, 20);
        assert_eq!((found.rows, found.differing()), (2, 0), "{kind:?}");
        let both = vec![row(99, 1, Field::Int(1)), row(99, 2, Field::Int(7))];
        let found = compared(sink.as_mut(), both, 20);
        assert_eq!(listed(&found), ["Different 1 [age: 1 / NULL]"], "{kind:?}");
        assert_eq!(found.listed[0].kind, MismatchKind::Different);
    }
}

#[test]
fn what_was_not_committed_does_not_count() {
    let place = tempfile::tempdir().unwrap();
    let schema = people("people");
    let mut sink = Kind::Arrow.sink(place.path());
    sink.open(&target(&[Arc::clone(&schema)])).unwrap();
    snapshot(sink.as_mut(), 1, vec![now(&schema, &[(1, name("a"))])]);
    let more = now(&schema, &[(2, name("b"))]);
    sink.write(&batch_at(2, Phase::Changes, vec![more]))
        .unwrap();
    let found = compared(sink.as_mut(), vec![now(&schema, &[(1, name("a"))])], 20);
    assert_eq!((found.rows, found.differing()), (1, 0));
}
