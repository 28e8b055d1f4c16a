//! Values that do not fit: `fail`, `null` and `reject`.

use std::collections::HashMap;

use connector_core::ingest::{Delivery, IngestOptions};
use connector_core::{ErrorKind, Field, OnMisfit};

use crate::script::{DOC, Row, Script, Step, begin, commit, delete, doc, insert, told, update};

fn with(policy: OnMisfit) -> IngestOptions {
    IngestOptions {
        on_misfit: HashMap::from([("doc".to_owned(), policy)]),
        ..IngestOptions::default()
    }
}

/// A size that no column of unsigned integers holds.
fn bad(id: i64) -> Row {
    doc(id, Field::Int(-1))
}

fn good(id: i64, size: u64) -> Row {
    doc(id, Field::UInt(size))
}

/// A date that is none, in a column that may be null.
fn undated(id: i64) -> Row {
    let body = Field::Text("yesterday".to_owned());
    Row(DOC, vec![Field::Int(id), Field::UInt(1), body])
}

fn transaction(changes: Vec<Step>) -> Script {
    Script::new([vec![begin(1)], changes, vec![commit()]].concat())
}

/// The rejected rows as `seq op column reason`, and how many values became null.
fn counted(deliveries: &[Delivery]) -> (Vec<String>, u64) {
    let batches = deliveries.iter().filter_map(|delivery| match delivery {
        Delivery::Batch(batch) => Some(batch),
        _ => None,
    });
    let (mut rejected, mut nulled) = (Vec::new(), 0);
    for batch in batches {
        nulled += batch.nulled;
        rejected.extend(batch.rejected.iter().map(|row| {
            format!(
                "{} {} {} {}",
                row.error.seq,
                row.op.symbol(),
                row.error.column,
                row.error.misfit
            )
        }));
    }
    (rejected, nulled)
}

#[test]
fn fail_stops_at_the_value() {
    for (change, preview, column, help) in [
        (
            bad(1),
            "-1 does not fit `UInt`: out of range for a 64-bit unsigned integer",
            "size",
            "set `on_misfit: reject` on the source",
        ),
        (
            undated(1),
            "\"yesterday\" does not fit `Date`: not a date",
            "body",
            "set `on_misfit: null` or `on_misfit: reject` on the source",
        ),
    ] {
        let (_, ended) =
            transaction(vec![insert(good(7, 1)), insert(change)]).run(with(OnMisfit::Fail));
        let error = ended.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        let text = error.to_string();
        let begin = format!("table `doc`, column `{column}` at position (1, 2): {preview}");
        assert!(text.starts_with(&begin), "{text}");
        assert!(
            text.ends_with(&format!(
                "help: mend the value in the source and take a new snapshot, or {help}"
            )),
            "{text}"
        );
    }
}

#[test]
fn null_takes_the_place_of_a_value_where_the_column_allows_it() {
    let (deliveries, ended) = transaction(vec![
        insert(undated(1)),
        update(undated(1), undated(2)),
        delete(undated(2)),
    ])
    .run(with(OnMisfit::Null));
    ended.unwrap();
    assert_eq!(
        told(&deliveries),
        [
            "1.1 +I doc 1 1 null",
            "1.2 -U doc 1 1 null",
            "1.2 +U doc 2 1 null",
            "1.3 -D doc 2 1 null",
            "= 1",
        ]
    );
    assert_eq!(counted(&deliveries), (Vec::new(), 4));

    let (_, ended) = transaction(vec![insert(bad(1))]).run(with(OnMisfit::Null));
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Value);
}

#[test]
fn reject_leaves_the_row_out_and_keeps_the_numbers_of_the_others() {
    let (deliveries, ended) = transaction(vec![
        insert(good(1, 1)),
        insert(bad(2)),
        insert(good(3, 3)),
        delete(bad(2)),
    ])
    .run(with(OnMisfit::Reject));
    ended.unwrap();
    assert_eq!(
        told(&deliveries),
        ["1.1 +I doc 1 1 null", "1.3 +I doc 3 3 null", "= 1"]
    );
    let (rejected, nulled) = counted(&deliveries);
    assert_eq!(nulled, 0);
    assert_eq!(rejected.len(), 2);
    assert!(rejected[0].starts_with("2 +I size "), "{rejected:?}");
    assert!(rejected[1].starts_with("4 -D size "), "{rejected:?}");
}

#[test]
fn an_update_from_or_to_a_rejected_row_is_an_insert_or_a_delete() {
    let (deliveries, ended) = transaction(vec![
        update(good(1, 1), bad(1)),
        update(bad(2), good(2, 2)),
        update(bad(3), bad(3)),
        update(good(4, 4), good(4, 5)),
    ])
    .run(with(OnMisfit::Reject));
    ended.unwrap();
    assert_eq!(
        told(&deliveries),
        [
            "1.1 -D doc 1 1 null",
            "1.2 +I doc 2 2 null",
            "1.4 -U doc 4 4 null",
            "1.4 +U doc 4 5 null",
            "= 1",
        ]
    );
    assert_eq!(counted(&deliveries).0.len(), 4);
}

#[test]
fn an_update_of_a_rejected_row_that_leaves_columns_out_is_rejected() {
    let partly = Row(DOC, vec![Field::Int(1), Field::UInt(2), Field::Unchanged]);
    let (deliveries, ended) = transaction(vec![update(bad(1), partly)]).run(with(OnMisfit::Reject));
    ended.unwrap();
    assert_eq!(told(&deliveries), ["= 1"]);
    let rejected = counted(&deliveries).0;
    assert_eq!(
        rejected[1],
        "1 +U body not sent, and the old row that has it was rejected"
    );
}
