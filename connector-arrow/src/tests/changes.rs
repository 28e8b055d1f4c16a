//! The columns of the change.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int32Type, UInt64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use connector_core::{Field, FieldType, ReplicationChangesTrackingType as Tracking, RowOp};

use super::batches::{batch, batch_of, column, definition, source};
use crate::{BatchConverter, ChangeColumn, record_batch};

const OPS: [RowOp; 4] = [
    RowOp::Insert,
    RowOp::Delete,
    RowOp::UpdateBefore,
    RowOp::UpdateAfter,
];

/// The names in `_unchanged`, by row.
fn unchanged(rows: &RecordBatch) -> Vec<Option<Vec<String>>> {
    let lists = rows.column_by_name("_unchanged").unwrap().as_list::<i32>();
    let names = |row| {
        let items = lists.value(row);
        let items = items.as_dictionary::<Int32Type>();
        let items = items.downcast_dict::<StringArray>().unwrap();
        items
            .into_iter()
            .map(|name| name.unwrap().to_owned())
            .collect()
    };
    (0..lists.len())
        .map(|row| lists.is_valid(row).then(|| names(row)))
        .collect()
}

#[test]
fn operations_read_as_their_symbols() {
    let mut given = batch(vec![column(FieldType::Int, &[1, 2, 3, 4].map(Field::Int))]);
    given.ops = OPS.to_vec();
    let rows = record_batch(given).unwrap();
    let ops = rows
        .column_by_name("_op")
        .unwrap()
        .as_dictionary::<Int8Type>();
    let symbols: Vec<_> = ops
        .downcast_dict::<StringArray>()
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(symbols, ["+I", "-D", "-U", "+U"].map(Some));
    assert_eq!(symbols, OPS.map(|op| Some(op.symbol())));
}

#[test]
fn positions_are_those_of_the_batch() {
    let mut given = batch(vec![column(FieldType::Int, &[1, 2, 3].map(Field::Int))]);
    (given.lsn, given.seq) = (vec![7, 7, u64::MAX], vec![1, 2, 1]);
    let rows = record_batch(given).unwrap();
    let column = |name: &str| {
        rows.column_by_name(name)
            .unwrap()
            .as_primitive::<UInt64Type>()
    };
    assert_eq!(column("_lsn").values(), &[7, 7, u64::MAX]);
    assert_eq!(column("_seq").values(), &[1, 2, 1]);
}

#[test]
fn unchanged_names_the_columns_that_were_not_sent_and_no_nulls() {
    let sent = Field::Int(1);
    let given = batch(vec![
        column(
            FieldType::Int,
            &[
                sent.clone(),
                Field::Unchanged,
                Field::Null,
                Field::Unchanged,
            ],
        ),
        column(
            FieldType::Int,
            &[sent.clone(), sent.clone(), sent.clone(), sent.clone()],
        ),
        column(
            FieldType::Int,
            &[sent.clone(), Field::Null, sent, Field::Unchanged],
        ),
    ]);
    let rows = record_batch(given).unwrap();
    let names = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
    assert_eq!(
        unchanged(&rows),
        [None, names(&["c0"]), None, names(&["c0", "c2"])]
    );
    rows.column_by_name("_unchanged")
        .unwrap()
        .to_data()
        .validate_full()
        .unwrap();
}

#[test]
fn the_schema_is_the_same_whether_or_not_a_value_was_not_sent() {
    let all_sent = batch(vec![column(FieldType::Int, &[Field::Int(1), Field::Null])]);
    let one_not = batch(vec![column(
        FieldType::Int,
        &[Field::Int(1), Field::Unchanged],
    )]);
    let [all_sent, one_not] = [all_sent, one_not].map(|given| record_batch(given).unwrap());
    assert_eq!(all_sent.schema(), one_not.schema());
    assert_eq!(unchanged(&all_sent), [None, None]);
}

#[test]
fn an_append_only_table_has_no_unchanged_column_and_refuses_what_was_not_sent() {
    for (value, fits) in [(Field::Null, true), (Field::Unchanged, false)] {
        let mut schema = source(vec![definition("note", FieldType::Text)]);
        schema.replication_type = Tracking::Nothing;
        match record_batch(batch_of(schema, vec![column(FieldType::Text, &[value])])) {
            Ok(rows) => assert!(fits && rows.column_by_name("_unchanged").is_none()),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    !fits && error.contains("column `note` of source `readings`"),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn a_choice_of_change_columns_gives_these_in_this_order() {
    let given = batch(vec![column(FieldType::Int, &[Field::Unchanged])]);
    let chosen = [ChangeColumn::Seq, ChangeColumn::Op];
    let converter = BatchConverter::with_changes(given.schema.clone(), &chosen).unwrap();
    let rows = converter.convert(given).unwrap();
    assert_eq!(rows.schema(), converter.schema());
    let schema = rows.schema();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(names, ["c0", "_seq", "_op"]);
}
