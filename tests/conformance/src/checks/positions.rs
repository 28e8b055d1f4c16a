//! Where a stream stands, stops and goes on.

use connector_core::ingest::IngestionMessage as Message;

use super::changes::{Followed, count};
use super::needs;
use crate::bench::{Context, Step};
use crate::outcome::{Done, Outcome, ensure};
use crate::subject::{Memory, same_changes};

pub(crate) fn positions_increase_and_are_unique(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let mut last = (followed.start.as_ref()).map_or((0, 0), |start| (start.lsn, u64::MAX));
    let changes = followed.changes()?;
    let mut tried = 0;
    for message in &changes {
        let (Message::Operation { position, .. } | Message::Truncate { position, .. }) = message
        else {
            continue;
        };
        ensure!(
            *position > last,
            "position {position:?} was told after {last:?}: positions must increase"
        );
        last = *position;
        tried += 1;
    }
    ensure!(tried > 0, "no change is told");
    Done::passed(tried, "positions")
}

pub(crate) fn positions_are_the_same_in_a_second_read(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let first = followed.changes()?;
    for _ in 0..2 {
        same_changes(&first, &followed.changes()?)?;
    }
    Done::passed(count(&first), "changes, read three times")
}

pub(crate) fn it_resumes_after_every_change(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let start = followed.start.clone();
    let resumed = followed.subject.resumes_at_every_position_from(start)?;
    Done::passed(resumed, "positions")
}

pub(crate) fn a_break_at_any_step_of_a_snapshot_is_survived(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(2);
    let subject = bench.subject();
    let breaks = subject.survives_every_break_of(&[1, 1 << 20])?;
    same_as_source(&subject.stores()?, &bench.state)?;
    Done::passed(breaks, "breaks")
}

pub(crate) fn a_break_at_any_step_among_changes_is_survived(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut bench = context.bench()?;
    bench.seed(2);
    let subject = bench.subject();
    // Another reading, which confirms nothing: what changes is kept for every run.
    subject.messages(None)?;
    let stored = subject.stores()?;
    bench.history();
    let breaks = subject.survives(&stored, &[1, 256, 1 << 20])?;
    let whole = stored.fork();
    subject.run(&whole, 1 << 20)?;
    same_as_source(&whole, &bench.state)?;
    Done::passed(breaks, "breaks")
}

fn same_as_source(
    memory: &Memory,
    state: &crate::state::State,
) -> Result<(), crate::outcome::Failure> {
    state
        .rows()
        .must_be(&memory.all_rows())
        .map_err(|failure| failure.within("the sink does not hold what the source holds"))
}

pub(crate) fn what_is_not_confirmed_can_be_read_again(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let first = followed.changes()?;
    // A stream of its own, left in the middle of what it tells.
    let mut left = crate::reading::Reading::start(
        &followed.subject,
        followed.start.clone(),
        connector_core::ingest::Until::Stopped,
    );
    left.next()?;
    left.stop()?;
    same_changes(&first, &followed.changes()?)
        .map_err(|failure| failure.within("what was told and never stored"))?;
    Done::passed(count(&first), "changes, told again")
}

pub(crate) fn what_is_confirmed_stays_confirmed(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(3);
    let subject = bench.subject();
    let memory = Memory::default();
    subject.run(&memory, 1 << 20)?;
    let mut runs = 1;
    for round in 0..3 {
        bench.transaction(&[Step::Insert(0), Step::Update(0, round), Step::Delete(0, 0)]);
        subject.run(&memory, 1 << 20)?;
        same_as_source(&memory, &bench.state)
            .map_err(|failure| failure.within(format!("run {}", runs + 1)))?;
        // With nothing new.
        subject.run(&memory, 1 << 20)?;
        same_as_source(&memory, &bench.state)?;
        runs += 2;
    }
    Done::passed(runs, "runs into one sink")
}
