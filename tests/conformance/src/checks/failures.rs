//! What breaks a source off.

use connector_core::ErrorKind;
use connector_core::ingest::Until;

use super::changes::Followed;
use super::needs;
use crate::bench::Context;
use crate::fixture::Interruption;
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::reading::Reading;

pub(crate) fn a_failure_surfaces_with_its_position(context: &Context<'_>) -> Outcome {
    interrupted(context, Interruption::Fail, &[])
}

pub(crate) fn a_panic_surfaces_with_its_position(context: &Context<'_>) -> Outcome {
    interrupted(context, Interruption::Panic, &["panicked"])
}

pub(crate) fn an_early_end_is_an_error(context: &Context<'_>) -> Outcome {
    needs!(context, Follow);
    interrupted(context, Interruption::End, &["ended"])
}

/// Breaks the source off while it is followed, or before a snapshot of it is read.
fn interrupted(context: &Context<'_>, how: Interruption, words: &[&str]) -> Outcome {
    let cannot = || {
        Done::not_applicable(format!(
            "the fixture cannot break its source off by {how:?}"
        ))
    };
    let follows = context
        .lacks(&[crate::fixture::Capability::Follow])
        .is_none();
    if !follows {
        let mut bench = context.bench()?;
        bench.seed(3);
        let subject = bench.subject();
        if !bench.source.interrupt(how) {
            return cannot();
        }
        return match subject.messages(None) {
            Ok(_) => Err(swallowed(how)),
            Err(failure) => said(failure.message(), words),
        };
    }
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let mut reading = Reading::start(&followed.subject, followed.start.clone(), Until::Stopped);
    reading.next()?;
    if !followed.bench.source.interrupt(how) {
        reading.stop()?;
        return cannot();
    }
    while let Some(_message) = reading.next().map_err(|_| swallowed(how))? {}
    let Err(error) = reading.ended()? else {
        return Err(swallowed(how));
    };
    ensure!(
        error.kind() != ErrorKind::Cancelled,
        "the run ended as if it had been stopped: {error}"
    );
    said(&error.to_string(), words)
}

fn swallowed(how: Interruption) -> Failure {
    Failure::new(format!(
        "the source was broken off ({how:?}), and the run did not fail"
    ))
}

/// The error says where the stream stood, and what it was.
fn said(message: &str, words: &[&str]) -> Outcome {
    let placed = ["position", "snapshot", "at the start", "get_tables"];
    ensure!(
        placed.iter().any(|word| message.contains(word)),
        "the error does not say where the stream stood: {message}"
    );
    for word in words {
        ensure!(
            message.contains(word),
            "the error does not say `{word}`: {message}"
        );
    }
    Done::passed(1, "error that says where it happened")
}
