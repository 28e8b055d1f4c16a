//! Which letters are open after what the stream told.

use std::sync::Arc;

use super::*;
use crate::checkpoint::Phase;
use crate::columns::{CastError, Column, RowOp, TableBatch};
use crate::types::{
    FieldDefinition, FieldType, ReplicationChangesTrackingType as Tracking, Schema,
};
use crate::value::{Misfit, Value};

fn schema() -> Arc<SourceSchema> {
    let field = |name: &str, typ| FieldDefinition {
        name: name.to_owned(),
        typ,
        nullable: name != "id",
        external_type: None,
        description: None,
        number: None,
    };
    Arc::new(SourceSchema {
        name: "users".to_owned(),
        namespace: None,
        table_name: "users".to_owned(),
        schema: Schema {
            fields: vec![field("id", FieldType::Int), field("age", FieldType::Int)],
            primary_index: vec![0],
        },
        replication_type: Tracking::FullChanges,
        description: None,
    })
}

fn rejected(op: RowOp, id: &str, at: (u64, u64)) -> RejectedRow {
    let text = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    RejectedRow {
        source: "users".to_owned(),
        op,
        error: CastError {
            table: "users".to_owned(),
            column: "age".to_owned(),
            external_type: None,
            expected: FieldType::Int,
            preview: "\"old\"".to_owned(),
            misfit: Misfit::Null,
            lsn: at.0,
            seq: at.1,
        },
        row: vec![text("id", id), text("age", "old")],
        bytes: Vec::new(),
        unsent: Vec::new(),
        incomplete: false,
    }
}

/// A batch with these rejected rows, and good rows with these keys.
fn batch(rejected: Vec<RejectedRow>, rows: &[(RowOp, i64, (u64, u64))]) -> Batch {
    let (mut id, mut age) = (Column::new(FieldType::Int), Column::new(FieldType::Int));
    for (_, key, _) in rows {
        id.push(Value::Int(*key)).unwrap();
        age.push_null();
    }
    Batch {
        phase: Phase::Changes,
        tables: vec![TableBatch {
            table: 0,
            schema: schema(),
            ops: rows.iter().map(|row| row.0).collect(),
            lsn: rows.iter().map(|row| row.2.0).collect(),
            seq: rows.iter().map(|row| row.2.1).collect(),
            columns: vec![id, age],
        }],
        rejected,
        commits: Vec::new(),
        nulled: 0,
        end: Checkpoint::after(1),
    }
}

/// The positions of the letters that are open, as a new run or a replay reads them.
fn open(directory: &Path) -> Vec<(u64, u64)> {
    let file = LetterFile::read(&path_of(directory, "c")).unwrap();
    let position = |line: usize| match &file.lines.get(line).unwrap().1 {
        Line::Letter(letter) => letter.position(),
        _ => (0, 0),
    };
    file.open(&[schema()]).into_iter().map(position).collect()
}

/// What is open after these calls: the same in one process, and with the file read anew before each call.
fn after(calls: &[&dyn Fn(&mut DeadLetters)]) -> Vec<(u64, u64)> {
    let [one, anew] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let start = |directory: &Path| DeadLetters::open(directory, "c", &[schema()]).unwrap();
    let mut letters = start(one.path());
    for call in calls {
        call(&mut letters);
        call(&mut start(anew.path()));
    }
    assert_eq!(open(one.path()), open(anew.path()));
    open(one.path())
}

fn take(
    rejected: Vec<RejectedRow>,
    rows: &[(RowOp, i64, (u64, u64))],
) -> impl Fn(&mut DeadLetters) + use<> {
    let rows = rows.to_vec();
    move |letters| letters.take(&batch(rejected.clone(), &rows)).unwrap()
}

#[test]
fn a_letter_is_open_until_its_row_changes() {
    let letter = || vec![rejected(RowOp::Insert, "1", (5, 1))];
    let insert = take(letter(), &[]);
    assert_eq!(after(&[&insert]), [(5, 1)]);
    let other_row = take(Vec::new(), &[(RowOp::Insert, 2, (6, 1))]);
    assert_eq!(after(&[&insert, &other_row]), [(5, 1)]);
    for op in [RowOp::Insert, RowOp::UpdateBefore, RowOp::Delete] {
        let same_row = take(Vec::new(), &[(op, 1, (6, 1))]);
        assert_eq!(after(&[&insert, &same_row]), [], "{op:?}");
    }
    // In one batch, what comes first is no later change.
    let in_order = take(letter(), &[(RowOp::Delete, 1, (4, 9))]);
    assert_eq!(after(&[&in_order]), [(5, 1)]);
    let in_order = take(letter(), &[(RowOp::Insert, 1, (5, 2))]);
    assert_eq!(after(&[&in_order]), []);
}

#[test]
fn an_update_into_a_row_that_does_not_fit_opens_a_letter_and_one_out_of_it_closes_it() {
    let into = take(
        vec![rejected(RowOp::UpdateAfter, "1", (5, 1))],
        &[(RowOp::Delete, 1, (5, 1))],
    );
    assert_eq!(after(&[&into]), [(5, 1)]);
    let out_of = take(
        vec![rejected(RowOp::UpdateBefore, "1", (6, 1))],
        &[(RowOp::Insert, 1, (6, 1))],
    );
    assert_eq!(after(&[&into, &out_of]), []);
    let both = vec![
        rejected(RowOp::UpdateBefore, "1", (6, 1)),
        rejected(RowOp::UpdateAfter, "1", (6, 1)),
    ];
    assert_eq!(after(&[&into, &take(both, &[])]), [(6, 1)]);
    let deleted = take(vec![rejected(RowOp::Delete, "1", (7, 1))], &[]);
    assert_eq!(after(&[&into, &deleted]), []);
}

#[test]
fn a_truncate_or_a_snapshot_closes_every_letter() {
    let insert = take(vec![rejected(RowOp::Insert, "1", (5, 1))], &[]);
    let truncated = |letters: &mut DeadLetters| {
        letters.truncated(0, &Checkpoint::within(6, 1)).unwrap();
    };
    assert_eq!(after(&[&insert, &truncated]), []);
    let snapshot = |letters: &mut DeadLetters| {
        letters.snapshot(&Checkpoint::snapshot(9)).unwrap();
    };
    let again = take(vec![rejected(RowOp::Insert, "1", (9, 1))], &[]);
    assert_eq!(after(&[&insert, &snapshot, &again]), [(9, 1)]);
}

#[test]
fn what_is_delivered_twice_is_open_once() {
    let insert = take(vec![rejected(RowOp::Insert, "1", (5, 1))], &[]);
    assert_eq!(after(&[&insert, &insert]), [(5, 1)]);
}

#[test]
fn keys_that_do_not_fit_are_told_apart_by_their_text() {
    let one = take(vec![rejected(RowOp::Insert, "x", (5, 1))], &[]);
    let other = take(vec![rejected(RowOp::Insert, "y", (5, 2))], &[]);
    let gone = take(vec![rejected(RowOp::Delete, "x", (6, 1))], &[]);
    assert_eq!(after(&[&one, &other, &gone]), [(5, 2)]);
}

#[test]
fn a_line_that_was_torn_off_is_cut_and_the_rest_is_private() {
    let directory = tempfile::tempdir().unwrap();
    let path = path_of(directory.path(), "c");
    let start = || DeadLetters::open(directory.path(), "c", &[schema()]).unwrap();
    let letter = |at| batch(vec![rejected(RowOp::Insert, "1", at)], &[]);
    start().take(&letter((5, 1))).unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole, &whole[..whole.len() / 2]].concat()).unwrap();
    assert_eq!(open(directory.path()), [(5, 1)]);
    start().take(&letter((6, 1))).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert_eq!(open(directory.path()), [(6, 1)]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_is_done_is_moved_and_what_is_left_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = path_of(directory.path(), "c");
    let mut letters = DeadLetters::open(directory.path(), "c", &[schema()]).unwrap();
    for at in 1..=3 {
        let row = rejected(RowOp::Insert, &at.to_string(), (at, 1));
        letters.take(&batch(vec![row], &[])).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = before.lines().collect();
    let file = LetterFile::read(&path).unwrap();
    file.finish(|line| (line == 1).then_some("replayed"))
        .unwrap();
    let left = std::fs::read_to_string(&path).unwrap();
    assert_eq!(left.lines().collect::<Vec<_>>(), [lines[0], lines[2]]);
    let moved = std::fs::read_to_string(path.with_extension("replayed.jsonl")).unwrap();
    let moved: serde_json::Value = serde_json::from_str(&moved).unwrap();
    assert_eq!(moved["outcome"], "replayed");
    assert_eq!(moved["letter"]["lsn"], 2);
    assert_eq!(open(directory.path()), [(1, 1), (3, 1)]);
}
