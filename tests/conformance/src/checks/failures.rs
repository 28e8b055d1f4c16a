//! What breaks a source off.

use std::time::{Duration, Instant};

use connector_core::ErrorKind;
use connector_core::ingest::{IngestOptions, IngestionMessage as Message, Until};

use super::changes::Followed;
use super::needs;
use crate::bench::{Context, Step};
use crate::fixture::{Capability, Interruption};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::reading::Reading;
use crate::replay::Replayed;

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

pub(crate) fn a_lost_source_surfaces_with_its_position(context: &Context<'_>) -> Outcome {
    let in_a_snapshot = lost_in_a_snapshot(context)?;
    if in_a_snapshot == Told::NotBroken {
        return cannot(Interruption::Lose);
    }
    if context.capabilities.has(Capability::Follow) {
        lost_among_changes(context)?;
        return Done::passed(2, "losses, in a snapshot and among changes");
    }
    Done::passed(1, "loss in a snapshot")
}

/// How long a source may take to say that it is lost, before it has to go on instead.
const LOST: Duration = Duration::from_secs(3);

/// Loses the source while it is followed: then there is an error, or what comes later is told all the same, by another
/// connection.
fn lost_among_changes(context: &Context<'_>) -> Result<(), Failure> {
    let mut followed = Followed::begin(context)?;
    followed.bench.history();
    let mut reading = Reading::start(&followed.subject, followed.start.clone(), Until::Stopped);
    let mut told: Vec<Message> = reading.next()?.into_iter().collect();
    followed.bench.source.interrupt(Interruption::Lose);
    let since = Instant::now();
    while since.elapsed() < LOST && !reading.has_ended() {
        told.extend(reading.poll(Duration::from_millis(20)));
    }
    if !reading.has_ended() {
        followed.bench.transaction(&[Step::Insert(0)]);
    }
    while followed.compare(&told).is_err() {
        match reading.next().map_err(|_| swallowed(Interruption::Lose))? {
            Some(message) => told.push(message),
            None => break,
        }
    }
    if followed.compare(&told).is_ok() && !reading.has_ended() {
        return reading.stop().map(drop);
    }
    while reading.next()?.is_some() {}
    match reading.ended()? {
        Err(error) => said(&error.to_string(), &[]).map(drop),
        Ok(()) => Err(swallowed(Interruption::Lose)),
    }
}

/// What came of a snapshot whose source was lost.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    NotBroken,
    Everything,
    Error,
}

/// Loses the source while a snapshot of it is read: then there is an error, or nothing is missing.
fn lost_in_a_snapshot(context: &Context<'_>) -> Result<Told, Failure> {
    let mut bench = context.bench()?;
    bench.seed(300);
    let subject = bench.subject();
    let schemas = subject.schemas()?;
    let options = IngestOptions {
        batch_bytes: 1,
        queue_bytes: 1,
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let mut reading = Reading::with(&subject, options);
    let mut replayed = Replayed::new(&schemas);
    for _ in 0..2 {
        if let Some(message) = reading.next()? {
            replayed.apply(&message)?;
        }
    }
    if !bench.source.interrupt(Interruption::Lose) {
        // A source without snapshots says so here, and what is wrong with one is the matter of other checks.
        let _ = reading.stop();
        return Ok(Told::NotBroken);
    }
    while let Some(message) = (reading.next()).map_err(|_| swallowed(Interruption::Lose))? {
        replayed.apply(&message)?;
    }
    match reading.ended()? {
        Err(error) => said(&error.to_string(), &[]).map(|_| Told::Error),
        // What is open already can be read to its end, of a file that was removed, say.
        Ok(()) => bench
            .state
            .rows()
            .must_be(&replayed.rows())
            .map(|()| Told::Everything)
            .map_err(|failure| failure.within("the source was lost, and the snapshot ended")),
    }
}

fn cannot(how: Interruption) -> Outcome {
    Done::not_applicable(format!(
        "the fixture cannot break its source off by {how:?}"
    ))
}

/// Breaks the source off while it is followed, or before a snapshot of it is read.
fn interrupted(context: &Context<'_>, how: Interruption, words: &[&str]) -> Outcome {
    if !context.capabilities.has(Capability::Follow) {
        let mut bench = context.bench()?;
        bench.seed(3);
        let subject = bench.subject();
        if !bench.source.interrupt(how) {
            return cannot(how);
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
        return cannot(how);
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
