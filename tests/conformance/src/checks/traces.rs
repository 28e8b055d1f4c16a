//! What stays behind.

use super::changes::Followed;
use crate::bench::{Bench, Context};
use crate::fixture::Capability;
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::process::{self, Held};
use crate::reading::Reading;
use crate::subject::Subject;

/// How often is read before it is counted, and while it is.
const WARM: usize = 2;
const READINGS: usize = 6;

pub(crate) fn no_thread_and_no_handle_is_leaked(context: &Context<'_>) -> Outcome {
    let Some(_) = Held::now() else {
        return Done::not_applicable(
            "this system does not list the threads and files of a process",
        );
    };
    let mut bench = context.bench()?;
    bench.seed(3);
    let read = |bench: &Bench<'_>| -> Result<(), Failure> {
        let subject = bench.subject();
        // One that is left at its start, one that comes to its end, one that is left after it.
        ingest_some(&subject, None)?;
        let begun = bench.begin(&subject)?;
        ingest_some(&subject, begun.checkpoint)
    };
    for _ in 0..WARM {
        read(&bench)?;
    }
    let before = process::settled(|_| true).unwrap_or_default();
    for _ in 0..READINGS {
        read(&bench)?;
    }
    // A thread that was told to end may need a moment.
    let after =
        process::settled(|held| held.threads <= before.threads && held.files <= before.files)
            .unwrap_or_default();
    ensure!(
        after.threads < before.threads + READINGS,
        "threads are leaked: {} readings left {} more",
        3 * READINGS,
        after.threads - before.threads
    );
    ensure!(
        after.files < before.files + READINGS,
        "open files are leaked: {} readings left {} more",
        3 * READINGS,
        after.files - before.files
    );
    Done::passed(3 * READINGS, "readings")
}

/// Reads one message and stops.
fn ingest_some(
    subject: &Subject,
    checkpoint: Option<connector_core::Checkpoint>,
) -> Result<(), Failure> {
    let mut reading = Reading::start(subject, checkpoint, connector_core::ingest::Until::Stopped);
    reading.poll(std::time::Duration::from_millis(50));
    reading.stop().map(drop)
}

pub(crate) fn nothing_is_left_in_the_source(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    if bench.source.leftovers().is_none() {
        return Done::not_applicable("the fixture does not list what is in its source");
    }
    drop(bench);
    let bench = if context.capabilities.has(Capability::Follow) {
        let mut followed = Followed::begin(context)?;
        followed.bench.history();
        followed.changes()?;
        followed.bench
    } else {
        let mut bench = context.bench()?;
        bench.seed(3);
        bench.begin(&bench.subject())?;
        bench
    };
    let subject = bench.subject();
    let removed = subject.connector.clean()?;
    let left = bench.source.leftovers().unwrap_or_default();
    ensure!(
        left.is_empty(),
        "after `clean` the source still has: {}",
        left.join(", ")
    );
    let again = subject.connector.clean()?;
    ensure!(
        again.is_empty(),
        "a second `clean` removes more: {}",
        again.join(", ")
    );
    Done::passed(removed.len(), "things removed")
}

pub(crate) fn a_second_setup_changes_nothing(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    let subject = bench.subject();
    let again = subject.connector.prepare(&bench.selection())?;
    ensure!(
        again.is_empty(),
        "what is prepared is prepared again: {}",
        again.join(", ")
    );
    Done::passed(bench.tables().len(), "tables")
}
