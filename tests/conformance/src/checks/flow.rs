//! Slow consumers, several readers, stops.

use std::time::Duration;

use connector_core::Cancellation;
use connector_core::ingest::{IngestOptions, Ingestor, Until};

use super::changes::count;
use crate::bench::{Bench, Context};
use crate::fixture::{Capability, Change};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::process;
use crate::reading::Reading;
use crate::replay::Replayed;
use crate::subject::{Memory, Subject};

pub(crate) fn two_readers_each_get_everything(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(5);
    let (first, second) = (bench.subject_of("first"), bench.subject_of("second"));
    let held = Memory::default();
    first.run(&held, 1 << 20)?;
    let begun = bench.begin(&second)?;
    let mut told = begun.messages;
    if context.capabilities.has(Capability::Follow) {
        bench.history();
        // The first one stores and confirms everything before the second one reads on.
        first.run(&held, 1 << 20)?;
        first.run(&held, 1 << 20)?;
        told.extend(second.messages(begun.checkpoint).map_err(|failure| {
            failure.within("the second reader, after the first one confirmed")
        })?);
    }
    let replayed = Replayed::of(&second.schemas()?, &told)?;
    let source = bench.state.rows();
    source.must_be(&replayed.rows())?;
    source.must_be(&held.all_rows())?;
    Done::passed(2, "readers")
}

/// Bytes of each row, and how many there are: about 24 MiB.
const ROW: usize = 16 << 10;
const ROWS: usize = 1536;

pub(crate) fn a_slow_consumer_bounds_what_is_held(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    let Some((table, column, long)) = long_column(context, &bench) else {
        return Done::not_applicable("no column of the tables holds a long text or bytes");
    };
    if process::resident_bytes().is_none() {
        return Done::not_applicable("this system does not tell how much memory a process has");
    }
    let mut bench = bench;
    // In small transactions: what is made for them is soon free again.
    for _ in 0..ROWS / 32 {
        let rows: Vec<Change> = (0..32)
            .map(|_| {
                let number = bench.new_number();
                let mut row = bench.row(table, number, 0);
                if let Some(value) = row.get_mut(column) {
                    value.clone_from(&long);
                }
                Change::Insert { table, row }
            })
            .collect();
        bench.source.apply(&rows);
    }
    let subject = bench.subject();
    holds_little(&subject, Until::Stopped, ROW * ROWS)
}

/// A column that holds a long value, with that value.
fn long_column(
    context: &Context<'_>,
    bench: &Bench<'_>,
) -> Option<(usize, usize, connector_core::Field)> {
    use connector_core::{Field, FieldType};
    for (table, info) in bench.tables().iter().enumerate() {
        for (place, column) in info.columns.iter().enumerate() {
            let long = match column.field_type() {
                Some(FieldType::Text) => Field::Text("x".repeat(ROW)),
                Some(FieldType::String) => Field::String("x".repeat(ROW)),
                Some(FieldType::Binary) => Field::Binary(vec![7; ROW]),
                _ => continue,
            };
            if column.key.is_none() && context.maker().holds(column, &long) {
                return Some((table, place, long));
            }
        }
    }
    None
}

/// Takes nothing of a stream until it stands still, and looks by how much the process has grown.
pub(crate) fn holds_little(subject: &Subject, until: Until, all: usize) -> Outcome {
    let cancellation = Cancellation::new();
    let (ingestor, messages) = Ingestor::initialize_channel(IngestOptions {
        batch_bytes: 64 << 10,
        queue_bytes: 256 << 10,
        until,
        reader: subject.reader.clone(),
        cancellation: cancellation.clone(),
        ..IngestOptions::default()
    });
    let before = process::resident_bytes().unwrap_or(0);
    let (connector, tables) = (subject.connector.clone(), subject.tables.clone());
    let source = std::thread::spawn(move || connector.start(None, &ingestor, tables));
    let mut most = before;
    let mut still = 0;
    // Until it has not grown for a second.
    while still < 20 && !source.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        let now = process::resident_bytes().unwrap_or(0);
        still = if now > most + (64 << 10) {
            0
        } else {
            still + 1
        };
        most = most.max(now);
    }
    let blocked = !source.is_finished();
    cancellation.cancel();
    drop(messages);
    // That it was left is what it ends with.
    let ended =
        subject
            .patience
            .bound(&cancellation, "the stream that nobody reads", move || {
                source.join()
            })?;
    let grown = most.saturating_sub(before);
    if !blocked && let Ok(Err(error)) = ended {
        return Err(error.into());
    }
    ensure!(
        grown < all / 2,
        "nobody took anything, and the process grew by {} KiB, with {} KiB as the bound",
        grown >> 10,
        all >> 11
    );
    Done::passed(all >> 11, "KiB, which are the bound")
}

pub(crate) fn a_stop_is_obeyed(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(50);
    let subject = bench.subject();
    let mut stops = 0;
    // In what is told first.
    let mut reading = Reading::with(
        &subject,
        IngestOptions {
            batch_bytes: 1,
            queue_bytes: 1,
            ..IngestOptions::default()
        },
    );
    reading.next()?;
    stopped(reading)?;
    stops += 1;
    if context.capabilities.has(Capability::Follow) {
        let begun = bench.begin(&subject)?;
        bench.history();
        let mut among = Reading::start(&subject, begun.checkpoint.clone(), Until::Stopped);
        among.next()?;
        stopped(among)?;
        // While nothing happens.
        let changes = subject.messages(begun.checkpoint)?;
        let last = crate::subject::last_checkpoint(&changes, None);
        let mut idle = Reading::start(&subject, last, Until::Stopped);
        let told = idle.poll(Duration::from_millis(300));
        ensure!(
            told.as_ref()
                .is_none_or(|told| count(std::slice::from_ref(told)) == 0),
            "something is told after everything was: {told:?}"
        );
        stopped(idle)?;
        stops += 2;
    }
    Done::passed(stops, "stops")
}

fn stopped(reading: Reading) -> Result<(), Failure> {
    reading.stop().map(drop)
}
