use std::sync::Arc;

use connector_core::{
    Column, FieldDefinition, FieldType, ReplicationChangesTrackingType as Tracking, Schema,
    SourceSchema, TableBatch, Value,
};

use super::*;

/// A table of a key and a text, with or without the key, and changes of it; `None`: the text was not sent.
fn changes(keyed: bool, changes: &[(RowOp, i64, Option<&str>)]) -> (SinkTable, TableBatch) {
    let field = |name: &str, typ| FieldDefinition {
        name: name.to_owned(),
        typ,
        nullable: true,
        external_type: None,
        description: None,
        number: None,
    };
    let schema = Arc::new(SourceSchema {
        name: "t".to_owned(),
        namespace: None,
        table_name: "t".to_owned(),
        schema: Schema {
            fields: vec![field("id", FieldType::Int), field("note", FieldType::Text)],
            primary_index: if keyed { vec![0] } else { Vec::new() },
        },
        replication_type: Tracking::FullChanges,
        description: None,
    });
    let mut columns = vec![Column::new(FieldType::Int), Column::new(FieldType::Text)];
    for (_, id, note) in changes {
        columns[0].push(Value::Int(*id)).unwrap();
        match note {
            Some(note) => columns[1].push(Value::Text(note)).unwrap(),
            None => columns[1].push_unchanged(),
        }
    }
    let table = SinkTable::new(&schema, "public", "", 150_000).unwrap();
    let rows = TableBatch {
        table: 0,
        schema,
        ops: changes.iter().map(|(op, ..)| *op).collect(),
        lsn: vec![1; changes.len()],
        seq: (1..).take(changes.len()).collect(),
        columns,
    };
    (table, rows)
}

use RowOp::{Delete, Insert, UpdateAfter, UpdateBefore};

fn keyed(of: &[(RowOp, i64, Option<&str>)]) -> Vec<Step> {
    let (table, rows) = changes(true, of);
    by_key(&table, &rows).unwrap()
}

fn put(row: usize) -> Put {
    Put::whole(row)
}

#[test]
fn the_last_change_of_a_key_is_what_is_left() {
    let steps = keyed(&[
        (Insert, 1, Some("a")),
        (Insert, 2, Some("b")),
        (UpdateBefore, 1, Some("a")),
        (UpdateAfter, 1, Some("c")),
        (Delete, 2, Some("b")),
        (Delete, 3, Some("old")),
        (Insert, 3, Some("new")),
    ]);
    assert_eq!(
        steps,
        [Step::Keyed {
            deletes: vec![4],
            puts: vec![put(3), put(6)]
        }]
    );
}

#[test]
fn a_row_that_changes_its_key_leaves_the_old_one() {
    let steps = keyed(&[
        (UpdateBefore, 1, Some("a")),
        (UpdateAfter, 2, Some("a")),
        (UpdateBefore, 2, Some("a")),
        (UpdateAfter, 3, Some("a")),
    ]);
    assert_eq!(
        steps,
        [Step::Keyed {
            deletes: vec![0, 2],
            puts: vec![put(3)]
        }]
    );
}

#[test]
fn a_value_that_was_not_sent_is_the_one_that_an_earlier_change_has_or_stays() {
    let steps = keyed(&[
        (Insert, 1, Some("a")),
        (UpdateBefore, 1, None),
        (UpdateAfter, 1, None),
        (UpdateBefore, 2, None),
        (UpdateAfter, 2, None),
    ]);
    let known = Put {
        row: 2,
        left_out: vec![(1, Some(0))],
    };
    let stays = Put {
        row: 4,
        left_out: vec![(1, None)],
    };
    assert_eq!(known.source(1), Some(0));
    assert_eq!(known.source(0), Some(2));
    assert_eq!(
        steps,
        [Step::Keyed {
            deletes: Vec::new(),
            puts: vec![known, stays]
        }]
    );
}

#[test]
fn a_key_changes_with_values_that_were_not_sent() {
    // Known from an earlier change: as any other row.
    let steps = keyed(&[
        (Insert, 1, Some("a")),
        (UpdateBefore, 1, None),
        (UpdateAfter, 2, None),
    ]);
    let known = Put {
        row: 2,
        left_out: vec![(1, Some(0))],
    };
    assert_eq!(
        steps,
        [Step::Keyed {
            deletes: vec![1],
            puts: vec![known]
        }]
    );
    // Known to the database alone: what came before is done first.
    let steps = keyed(&[
        (Delete, 2, Some("b")),
        (UpdateBefore, 1, None),
        (UpdateAfter, 2, None),
        (Delete, 2, None),
    ]);
    let keyed = |row| Step::Keyed {
        deletes: vec![row],
        puts: Vec::new(),
    };
    let new = Put {
        row: 2,
        left_out: vec![(1, None)],
    };
    assert_eq!(steps, [keyed(0), Step::Move { old: 1, new }, keyed(3)]);
}

#[test]
fn rows_without_a_key_are_counted() {
    let of = [
        (Insert, 1, Some("a")),
        (Insert, 1, Some("a")),
        (Delete, 1, Some("a")),
        (UpdateBefore, 2, Some("b")),
        (UpdateAfter, 2, Some("c")),
        (Delete, 3, Some("d")),
        (Insert, 3, Some("d")),
    ];
    let (table, rows) = changes(false, &of);
    assert_eq!(by_row(&table, &rows).unwrap(), [(0, 1), (3, -1), (4, 1)]);
}

#[test]
fn an_update_of_a_row_without_a_key_has_to_tell_all_of_it() {
    let (table, rows) = changes(false, &[(UpdateBefore, 1, None), (UpdateAfter, 1, None)]);
    let error = by_row(&table, &rows).unwrap_err();
    assert!(error.to_string().contains("has no key"), "{error}");
}
