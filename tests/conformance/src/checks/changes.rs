//! What is told of what happens.

use std::time::Duration;

use connector_core::ReplicationChangesTrackingType as Tracking;
use connector_core::ingest::{IngestionMessage as Message, Until};

use super::needs;
use crate::bench::{Bench, Context, Step};
use crate::fixture::{Capability, Change};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::reading::Reading;
use crate::replay::Replayed;
use crate::subject::Subject;

/// A source with rows, what a first reading told, and what the changes after it told.
pub(crate) struct Followed<'c> {
    pub(crate) bench: Bench<'c>,
    pub(crate) subject: Subject,
    pub(crate) start: Option<connector_core::Checkpoint>,
    first: Vec<Message>,
}

impl<'c> Followed<'c> {
    /// A source with rows, read once.
    pub(crate) fn begin(context: &'c Context<'_>) -> Result<Self, Failure> {
        let mut bench = context.bench()?;
        bench.seed(4);
        let subject = bench.subject();
        let begun = bench.begin(&subject)?;
        Ok(Self {
            bench,
            subject,
            start: begun.checkpoint,
            first: begun.messages,
        })
    }

    /// What came after the first reading.
    pub(crate) fn changes(&self) -> Result<Vec<Message>, Failure> {
        self.subject.messages(self.start.clone())
    }

    /// Compares what both told with what the source holds.
    pub(crate) fn compare(&self, changes: &[Message]) -> Result<(), Failure> {
        let mut replayed = Replayed::of(&self.subject.schemas()?, &self.first)?;
        for message in changes {
            replayed.apply(message)?;
        }
        self.bench.state.rows().must_be(&replayed.rows())
    }
}

/// How many changes there are among messages.
pub(crate) fn count(messages: &[Message]) -> usize {
    let is_change = |message: &&Message| {
        matches!(
            message,
            Message::Operation { .. } | Message::Truncate { .. }
        )
    };
    messages.iter().filter(is_change).count()
}

pub(crate) fn changes_of_every_kind_arrive(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let changes = followed.changes()?;
    followed.compare(&changes)?;
    Done::passed(count(&changes), "changes")
}

pub(crate) fn the_tracking_type_is_kept(context: &Context<'_>) -> Outcome {
    needs!(context, Follow, Update);
    let mut followed = Followed::begin(context)?;
    let schemas = followed.subject.schemas()?;
    let told = (0..schemas.len()).filter(|&table| followed.bench.is_mutable(table));
    let told: Vec<usize> = told.collect();
    for &table in &told {
        followed.bench.transaction(&[Step::Update(table, 0)]);
        followed.bench.transaction(&[Step::Delete(table, 1)]);
    }
    let changes = followed.changes()?;
    followed.compare(&changes)?;
    for &table in &told {
        let name = schemas.get(table).map_or("", |schema| &schema.name);
        let tracking = schemas.get(table).map(|schema| schema.replication_type);
        let heard = changes
            .iter()
            .any(|message| matches!(message, Message::Operation { table: of, .. } if *of == table));
        ensure!(
            heard || tracking == Some(Tracking::Nothing),
            "nothing is told of an update and a delete in table `{name}`"
        );
    }
    Done::passed(count(&changes), "changes with old rows")
}

pub(crate) fn every_transaction_ends_with_a_commit(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let changes = followed.changes()?;
    // The order of changes and commits is what replaying asks for.
    followed.compare(&changes)?;
    let last = changes
        .last()
        .ok_or_else(|| Failure::new("no change is told"))?;
    ensure!(
        matches!(last, Message::Commit(end) if end.complete),
        "the last transaction is not followed by its commit, but by {last:?}"
    );
    let commits = changes
        .iter()
        .filter(|message| matches!(message, Message::Commit(_)));
    Done::passed(commits.count(), "commits")
}

pub(crate) fn truncates_empty_the_table(context: &Context<'_>) -> Outcome {
    needs!(context, Follow, Truncate);
    let mut followed = Followed::begin(context)?;
    let tables = followed.bench.tables().len();
    for table in 0..tables {
        let steps = [
            Step::Insert(table),
            Step::Truncate(table),
            Step::Insert(table),
        ];
        followed.bench.transaction(&steps);
    }
    let changes = followed.changes()?;
    followed.compare(&changes)?;
    Done::passed(tables, "tables")
}

pub(crate) fn keys_change(context: &Context<'_>) -> Outcome {
    needs!(context, Follow, ChangeKeys);
    let mut followed = Followed::begin(context)?;
    let tables = followed.bench.tables().len();
    let mut moved = 0;
    for table in 0..tables {
        followed.bench.transaction(&[Step::ChangeKey(table, 0)]);
        followed
            .bench
            .transaction(&[Step::ChangeKey(table, 1), Step::Update(table, 1)]);
        moved += usize::from(swap(&mut followed.bench, table)) * 2 + 2;
    }
    let changes = followed.changes()?;
    followed.compare(&changes)?;
    Done::passed(moved, "keys")
}

/// Two rows of a table change places, by way of a third key.
fn swap(bench: &mut Bench<'_>, table: usize) -> bool {
    let key =
        (bench.tables().get(table)).map_or_else(Vec::new, connector_core::TableInfo::key_columns);
    let rows = bench.state.of_table(table);
    let number = bench.new_number();
    let spare = bench.row(table, number, 0);
    let [first, second, ..] = rows.as_slice() else {
        return false;
    };
    if key.is_empty() || !bench.is_mutable(table) {
        return false;
    }
    let with_key = |row: &crate::fixture::Row, of: &crate::fixture::Row| {
        let mut row = row.clone();
        for &place in &key {
            if let (Some(value), Some(key)) = (row.get_mut(place), of.get(place)) {
                *value = key.clone();
            }
        }
        row
    };
    let (aside, there, here) = (
        with_key(first, &spare),
        with_key(second, first),
        with_key(first, second),
    );
    let update = |old: &crate::fixture::Row, new: &crate::fixture::Row| Change::Update {
        table,
        old: old.clone(),
        new: new.clone(),
    };
    bench.apply(&[
        update(first, &aside),
        update(second, &there),
        update(&aside, &here),
    ]);
    true
}

pub(crate) fn interleaved_transactions_arrive_in_the_order_of_their_commits(
    context: &Context<'_>,
) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    let last = followed.bench.tables().len().saturating_sub(1);
    let (first, second, could) = followed.bench.interleave(
        &[Step::Insert(0), Step::Update(0, 0), Step::Insert(last)],
        &[Step::Insert(0), Step::Delete(0, 1), Step::Insert(last)],
    );
    if !could {
        return Done::not_applicable("the source has one writer at a time");
    }
    let changes = followed.changes()?;
    followed.compare(&changes)?;
    let (first, second) = (places(&first, &changes), places(&second, &changes));
    let (Some(first), Some(second)) = (first.iter().min(), second.iter().max()) else {
        return Err(Failure::new("nothing is told of one of two transactions"));
    };
    ensure!(
        second < first,
        "of two transactions that were open at once, a row of the one that was committed last is told at {first:?}, and a row of the other at {second:?}"
    );
    Done::passed(count(&changes), "changes of two transactions")
}

/// At which positions the rows that these changes add are told.
fn places(made: &[Change], told: &[Message]) -> Vec<(u64, u64)> {
    let added = made.iter().filter_map(|change| match change {
        Change::Insert { table, row } => Some((*table, row)),
        _ => None,
    });
    let place = |(table, row): (usize, &crate::fixture::Row)| {
        told.iter().find_map(|message| match message {
            Message::Operation {
                table: of,
                position,
                operation: connector_core::Operation::Insert { new },
            } if *of == table && new.values == *row => Some(*position),
            _ => None,
        })
    };
    added.filter_map(place).collect()
}

pub(crate) fn a_snapshot_and_its_changes_leave_no_gap_and_no_double(
    context: &Context<'_>,
) -> Outcome {
    needs!(context, Follow);
    let mut bench = context.bench()?;
    bench.seed(200);
    let subject = bench.subject();
    let schemas = subject.schemas()?;
    let mut replayed = Replayed::new(&schemas);
    let mut reading = Reading::start(&subject, None, Until::Stopped);
    let mut told = 0;
    for round in 0..24_usize {
        // Half of the changes are made while the stream opens, the others after it has begun, whatever the machine does.
        if round == 12 && told == 0 {
            if let Some(message) = reading.next()? {
                replayed.apply(&message)?;
            }
            told += 1;
        }
        bench.transaction(&[
            Step::Insert(0),
            Step::Update(0, round * 31),
            Step::Delete(0, round * 17),
            Step::Insert(bench.tables().len().saturating_sub(1)),
        ]);
        while let Some(message) = reading.poll(Duration::from_millis(2)) {
            replayed.apply(&message)?;
            told += 1;
        }
    }
    // Up to the last change, whose row is told from every other.
    let last = bench.insert(0);
    bench.apply(std::slice::from_ref(&last));
    let expected = bench.state.rows();
    loop {
        if expected.must_be(&replayed.rows()).is_ok() {
            break;
        }
        match reading.next() {
            Ok(Some(message)) => replayed.apply(&message)?,
            Ok(None) => {
                reading.ended()??;
                break;
            }
            Err(_) => break,
        }
        told += 1;
    }
    expected.must_be(&replayed.rows())?;
    let (_, more) = reading.stop()?;
    for message in &more {
        replayed.apply(message)?;
    }
    ensure!(
        count(&more) == 0,
        "{} changes are told after the last one",
        count(&more)
    );
    ensure!(
        context.capabilities.has(Capability::Follow) && told > 0,
        "nothing was told"
    );
    Done::passed(told, "messages while others wrote")
}
