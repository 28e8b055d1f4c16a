//! Where a stream stands, stops and goes on.

use connector_core::ingest::IngestionMessage as Message;

use super::changes::{Followed, count};
use super::needs;
use crate::bench::{Context, Step};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::subject::{Memory, same_changes};

/// The sizes of batches at which runs are broken off: of one row, and of many.
const BATCHES: [usize; 2] = [1, 1 << 20];

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
    let breaks = subject.survives_every_break_of(&BATCHES)?;
    same_as_source(&subject.stores()?, &bench.state)?;
    Done::passed(breaks, "breaks")
}

pub(crate) fn a_break_at_any_step_among_changes_is_survived(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    let mut bench = context.bench()?;
    bench.seed(2);
    let subject = bench.subject();
    let memory = subject.stores()?;
    let mut breaks = 0;
    // What is stored and confirmed need not be there a second time, so each break has changes of its own.
    for batch_bytes in BATCHES {
        for step in 0.. {
            let place = || format!("a break at step {step} of batches of {batch_bytes} bytes");
            bench.short_history();
            memory.break_at(memory.steps() + step);
            let broken = subject.run(&memory, batch_bytes);
            let was_broken = memory.was_broken();
            memory.break_nowhere();
            match broken {
                Err(failure) if !was_broken => return Err(failure),
                Ok(()) if was_broken => {
                    return Err(Failure::new(format!(
                        "{}: the run did not notice it",
                        place()
                    )));
                }
                _ => {}
            }
            let stored = memory.checkpoint();
            subject
                .run(&memory, batch_bytes)
                .and_then(|()| same_as_source(&memory, &bench.state))
                .map_err(|failure| failure.within(format!("after {}", place())))?;
            let went_back = (stored.zip(memory.checkpoint()))
                .is_some_and(|(before, after)| after.lsn < before.lsn);
            ensure!(!went_back, "after {}, positions went back", place());
            if !was_broken {
                break;
            }
            breaks += 1;
        }
    }
    Done::passed(breaks, "breaks")
}

fn same_as_source(memory: &Memory, state: &crate::state::State) -> Result<(), Failure> {
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
