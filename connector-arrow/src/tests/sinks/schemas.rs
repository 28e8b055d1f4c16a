//! New snapshots, wider schemas, other sources of the same connection.

use std::sync::Arc;

use connector_core::FieldType;

use super::held::{everything, files, people_of, read};
use super::{KINDS, new_people, people, rows_of, snapshot, target, transaction};
use crate::tests::batches::{column, definition};

#[test]
fn a_new_snapshot_replaces_what_was_there_and_nothing_else() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (people("one"), people("two"));
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&one), Arc::clone(&two)]))
            .unwrap();
        let rows =
            |lsn, ids: &[i64]| vec![new_people(0, &one, lsn, ids), new_people(1, &two, lsn, ids)];
        snapshot(sink.as_mut(), 1, rows(1, &[1, 2]));
        transaction(sink.as_mut(), 2, rows(2, &[3]));
        let stale = everything(place.path());
        // The next run has one source alone.
        drop(sink);
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&one)])).unwrap();
        snapshot(sink.as_mut(), 3, vec![new_people(0, &one, 3, &[9])]);
        assert_eq!(
            people_of(place.path(), "one"),
            ["+I 3.1 Some(9) Some(\"9 at 3\")"]
        );
        assert_eq!(people_of(place.path(), "two").len(), 3, "{kind:?}");
        let now = everything(place.path());
        let of_one = place.path().join("one");
        assert!(
            stale
                .iter()
                .filter(|path| path.starts_with(&of_one))
                .all(|path| !now.contains(path))
        );
    }
}

#[test]
fn columns_that_are_taken_on_go_to_new_files() {
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let schema = people("people");
        let mut sink = kind.sink(place.path());
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        snapshot(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1])]);
        let mut wider = (*schema).clone();
        wider.schema.fields.push(definition("age", FieldType::Int8));
        let wider = Arc::new(wider);
        let opened = sink.open(&target(&[Arc::clone(&wider)])).unwrap();
        assert_eq!(opened.unwrap().lsn, 1);
        let mut columns = new_people(0, &schema, 2, &[2]).columns;
        columns.push(column(FieldType::Int8, &[connector_core::Field::Int8(7)]));
        transaction(sink.as_mut(), 2, vec![rows_of(0, &wider, 2, columns)]);
        let files = files(place.path(), "people");
        let widths: Vec<bool> = files
            .iter()
            .map(|path| read(path)[0].column_by_name("age").is_some())
            .collect();
        assert_eq!(widths, [false, true], "{kind:?}");
        assert_eq!(people_of(place.path(), "people").len(), 2);
    }
}
