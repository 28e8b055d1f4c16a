//! Rows that core takes many at a time come out as rows that it takes one by one.
#![cfg(feature = "derive")]
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "a test fails by it, a driver breaks where it is told to, and the numbers of made rows are cut to their types"
)]

mod given;
mod held;
mod rows;
mod validated;

use connector_core::{ColumnMapping, DozerSource, Event, FieldType, OnMisfit, TableInfo};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use given::{Act, History};
use rows::{Any, Narrow, Wide, Wrong, key, narrow, noted, wide};

/// A stretch of a history.
#[derive(Debug, Clone)]
enum Stretch {
    /// So many rows of one table, of which every so many-th is wrong.
    Wide(u64, u64),
    Narrow(u64),
    Noted(u64),
    /// So many rows of two tables in turn.
    InTurn(u64),
    Update,
    Delete,
    Truncate,
    Commit,
    Idle,
    Wait,
    Cancel,
    Fail,
    Panic,
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let rows = || prop_oneof![4 => 1..40_u64, 2 => 40..400_u64, 1 => 1_000..1_100_u64];
    let wrong = prop_oneof![4 => Just(u64::MAX), 1 => 1..5_u64, 1 => 60..300_u64];
    prop_oneof![
        12 => (rows(), wrong).prop_map(|(rows, wrong)| Stretch::Wide(rows, wrong)),
        6 => rows().prop_map(Stretch::Narrow),
        1 => rows().prop_map(Stretch::Noted),
        1 => (1..40_u64).prop_map(Stretch::InTurn),
        2 => Just(Stretch::Update),
        2 => Just(Stretch::Delete),
        1 => Just(Stretch::Truncate),
        4 => Just(Stretch::Commit),
        1 => Just(Stretch::Idle),
        4 => Just(Stretch::Wait),
        1 => Just(Stretch::Cancel),
        1 => Just(Stretch::Fail),
        1 => Just(Stretch::Panic),
    ]
}

/// How a history begins.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Rows without a word around them.
    Bare,
    Snapshot,
    Transactions,
}

/// The history that these stretches make.
fn acts(kind: Kind, stretches: &[Stretch]) -> Vec<Act<Any>> {
    let (mut acts, mut id, mut lsn) = (Vec::new(), 0, 1);
    if kind != Kind::Bare {
        acts.push(Act::Tell(Event::SnapshotStarted { lsn }));
    }
    let begin = |acts: &mut Vec<Act<Any>>, lsn: &mut u64| {
        *lsn += 1;
        acts.push(Act::Tell(Event::Begin { lsn: *lsn }));
    };
    if kind == Kind::Transactions {
        acts.push(Act::Tell(Event::SnapshotDone { lsn }));
        begin(&mut acts, &mut lsn);
    }
    let mut next = || {
        id += 1;
        id
    };
    for stretch in stretches {
        match *stretch {
            Stretch::Wide(rows, every) => acts.extend((1..=rows).map(|row| {
                let wrong = match row % every {
                    0 if row % 2 == 0 => Wrong::Price,
                    0 => Wrong::At,
                    _ => Wrong::Nothing,
                };
                Act::Tell(Event::insert(Any::Wide(wide(next(), wrong))))
            })),
            Stretch::Narrow(rows) => acts
                .extend((0..rows).map(|_| Act::Tell(Event::insert(Any::Narrow(narrow(next())))))),
            Stretch::Noted(rows) => {
                acts.extend((0..rows).map(|_| Act::Tell(Event::insert(Any::Noted(noted(next()))))));
            }
            Stretch::InTurn(rows) => acts.extend((0..rows).map(|row| {
                let row = if row % 2 == 0 {
                    Any::Narrow(narrow(next()))
                } else {
                    Any::Wide(wide(next(), Wrong::Nothing))
                };
                Act::Tell(Event::insert(row))
            })),
            Stretch::Update => {
                let id = next();
                let event = Event::update(key(id), wide(id, Wrong::Nothing));
                acts.push(Act::Tell(event.among()));
            }
            Stretch::Delete => {
                acts.push(Act::Tell(Event::<Narrow>::delete(narrow(next())).among()));
            }
            Stretch::Truncate => acts.push(Act::Tell(Event::Truncate { table: 0 })),
            Stretch::Commit if kind == Kind::Transactions => {
                acts.push(Act::Tell(Event::Commit));
                begin(&mut acts, &mut lsn);
            }
            Stretch::Commit => {}
            Stretch::Idle => acts.push(Act::Tell(Event::Idle { reached: None })),
            Stretch::Wait => acts.push(Act::Wait),
            Stretch::Cancel => acts.push(Act::Cancel),
            Stretch::Fail => acts.push(Act::Fail),
            Stretch::Panic => acts.push(Act::Panic),
        }
    }
    match kind {
        Kind::Bare => {}
        Kind::Snapshot => acts.push(Act::Tell(Event::SnapshotDone { lsn })),
        Kind::Transactions => acts.push(Act::Tell(Event::Commit)),
    }
    acts
}

/// The tables as the source gives them: as they are declared, or with a column that wants another kind of value or no null.
fn tables(strict: &[usize], cast: &[usize]) -> Vec<TableInfo> {
    let mut tables = Any::tables();
    if let Some(wide) = tables.first_mut() {
        for (place, column) in wide.columns.iter_mut().enumerate() {
            if strict.contains(&place) {
                column.nullable = false;
            }
            if cast.contains(&place) && column.key.is_none() {
                column.mapping = ColumnMapping::Field(FieldType::Text);
            }
        }
    }
    tables
}

/// All tables whole, or some of them with some columns in some order.
fn selected() -> impl Strategy<Value = Vec<TableInfo>> {
    let names = |table: &TableInfo| -> Vec<String> {
        table
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    };
    let wide: Vec<String> = names(&Wide::tables().remove(0));
    let some = subsequence(wide.clone(), 1..wide.len()).prop_shuffle();
    let wide = prop_oneof![
        2 => Just(TableInfo::select("wide")),
        1 => some.prop_map(|names| TableInfo::select("wide").columns(names)),
    ];
    let others = subsequence(vec!["narrow", "noted"], 0..=2);
    (wide, others).prop_map(|(wide, others)| {
        let others = others.into_iter().map(TableInfo::select);
        std::iter::once(wide).chain(others).collect()
    })
}

fn history() -> impl Strategy<Value = History<Any>> {
    let kind = select(vec![Kind::Bare, Kind::Snapshot, Kind::Transactions]);
    let width = Wide::tables().remove(0).columns.len();
    let places = || prop_oneof![4 => Just(Vec::new()), 1 => vec(0..width, 1)];
    let policy = select(vec![OnMisfit::Fail, OnMisfit::Null, OnMisfit::Reject]);
    let batch_bytes = select(vec![1, 3_000, 40_000, 1 << 20]);
    let stretches = (kind, vec(stretch(), 1..12)).prop_map(|(kind, it)| acts(kind, &it));
    (
        stretches,
        places(),
        places(),
        selected(),
        policy,
        batch_bytes,
    )
        .prop_map(
            |(acts, strict, cast, selected, on_misfit, batch_bytes)| History {
                acts,
                tables: tables(&strict, &cast),
                selected,
                on_misfit,
                batch_bytes,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn many_rows_at_a_time_are_seen_as_rows_one_by_one(history in history()) {
        let (many, one_by_one) = (history.many(), history.one_by_one());
        prop_assert_eq!(many.ended, one_by_one.ended);
        prop_assert_eq!(many.told.len(), one_by_one.told.len());
        for (many, one_by_one) in many.told.iter().zip(&one_by_one.told) {
            prop_assert_eq!(many, one_by_one);
        }
        // No more is read ahead than rows are held.
        let read = one_by_one.asked..=one_by_one.asked + 256;
        prop_assert!(read.contains(&many.asked), "{} of {read:?}", many.asked);
    }

    #[test]
    fn rows_that_are_lent_many_at_a_time_are_seen_as_rows_one_by_one(history in history()) {
        let (lent, one_by_one) = (history.lent(), history.one_by_one());
        prop_assert_eq!(&lent.ended, &one_by_one.ended);
        prop_assert_eq!(lent.told.len(), one_by_one.told.len());
        for (lent, one_by_one) in lent.told.iter().zip(&one_by_one.told) {
            prop_assert_eq!(lent, one_by_one);
        }
        prop_assert_eq!(lent.asked, one_by_one.asked);
    }
}

#[test]
fn a_consumer_that_waits_is_given_a_rejected_row_that_was_lent_at_once() {
    let insert = |id, wrong| Act::Tell(Event::insert(Any::Wide(wide(id, wrong))));
    let history = History {
        acts: vec![
            Act::Tell(Event::SnapshotStarted { lsn: 1 }),
            Act::Wait,
            insert(1, Wrong::Price),
            insert(2, Wrong::Nothing),
            Act::Tell(Event::SnapshotDone { lsn: 1 }),
        ],
        tables: Any::tables(),
        selected: vec![TableInfo::select("wide")],
        on_misfit: OnMisfit::Reject,
        batch_bytes: 1 << 20,
    };
    let lent = history.lent();
    assert_eq!(lent, history.one_by_one());
    // The start, the row that was rejected, the other one, and the end.
    assert_eq!(lent.told.len(), 4, "{:?}", lent.told);
}

/// `PROPTEST_CASES` sets how many histories are tried.
fn cases() -> u32 {
    let set = std::env::var("PROPTEST_CASES").ok();
    set.and_then(|cases| cases.parse().ok()).unwrap_or(48)
}
