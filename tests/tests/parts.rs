//! A snapshot in parts: read side by side, delivered once, at one position.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

use connector_conformance::Subject;
use connector_core::connector::Connector as _;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, SnapshotPart, Until};
use connector_core::prelude::*;

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Number {
    #[dozer(primary_key)]
    number: u64,
}

/// A table of numbers that is read in parts; what comes after the snapshot is one more row.
#[derive(Debug, Clone)]
struct Numbers {
    parts: u64,
    opened: Arc<AtomicUsize>,
    /// Where every part waits for the others: it passes only if they run side by side.
    together: Arc<Barrier>,
    broken: Option<u64>,
}

struct Stream {
    source: Numbers,
    events: std::vec::IntoIter<Event<Number>>,
}

fn rows(part: u64) -> impl Iterator<Item = Result<Event<Number>>> {
    (part * 1000..(part + 1) * 1000).map(|number| Ok(Event::insert(Number { number })))
}

impl ChangeStream for Stream {
    type Row<'a> = Number;

    fn next_event(&mut self) -> Result<Option<Event<Number>>> {
        Ok(Some(
            self.events
                .next()
                .unwrap_or(Event::Idle { reached: Some(8) }),
        ))
    }

    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        let part = |part| {
            let source = self.source.clone();
            SnapshotPart::new(move || {
                source.opened.fetch_add(1, Ordering::SeqCst);
                source.together.wait();
                assert_ne!(source.broken, Some(part), "part {part} is broken");
                Ok(rows(part))
            })
        };
        Ok((0..self.source.parts).map(part).collect())
    }
}

impl Source for Numbers {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Number::tables())
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let mut events = Vec::new();
        if request.from() == StartFrom::Start {
            events.extend([
                Event::SnapshotStarted { lsn: 7 },
                Event::SnapshotDone { lsn: 7 },
            ]);
        }
        if request.from() != (StartFrom::After { lsn: 8 }) {
            let late = Event::insert(Number { number: u64::MAX });
            events.extend([Event::Begin { lsn: 8 }, late, Event::Commit]);
        }
        Ok(Stream {
            source: self.clone(),
            events: events.into_iter(),
        })
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Ok(Some(8))
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }
}

fn numbers(parts: usize) -> Numbers {
    Numbers {
        parts: parts as u64,
        opened: Arc::default(),
        together: Arc::new(Barrier::new(parts)),
        broken: None,
    }
}

#[test]
fn every_part_is_read_once_side_by_side() {
    let source = numbers(3);
    let stored = Subject::new(source.clone()).stores().unwrap();
    assert_eq!(source.opened.load(Ordering::SeqCst), 3);
    assert_eq!(stored.rows()["number"].len(), 3001);
    assert_eq!(stored.checkpoint().unwrap().position(), (8, 1));
}

#[test]
fn a_part_that_panics_fails_the_run_and_stores_nothing() {
    let source = Numbers {
        broken: Some(1),
        ..numbers(2)
    };
    let error = Subject::new(source).stores().unwrap_err().to_string();
    assert!(
        error.contains("snapshot part panicked") && error.contains("part 1 is broken"),
        "{error}"
    );
}

#[test]
fn it_survives_a_break_at_every_step() {
    assert!(
        Subject::new(numbers(2))
            .survives_every_break_of(&[1 << 12, 1 << 20])
            .unwrap()
            > 10
    );
}

/// A snapshot of one part.
#[derive(Debug)]
struct OnePart(std::sync::Mutex<Option<SnapshotPart>>);

struct OneStream {
    part: Option<SnapshotPart>,
    events: std::vec::IntoIter<Event<Number>>,
}

impl ChangeStream for OneStream {
    type Row<'a> = Number;

    fn next_event(&mut self) -> Result<Option<Event<Number>>> {
        Ok(self.events.next())
    }

    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        Ok(self.part.take().into_iter().collect())
    }
}

impl Source for OnePart {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Number::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let events = [
            Event::SnapshotStarted { lsn: 7 },
            Event::SnapshotDone { lsn: 7 },
        ];
        Ok(OneStream {
            part: self.0.lock().unwrap().take(),
            events: Vec::from(events).into_iter(),
        })
    }
}

/// Told when a batch has arrived.
type Arrived = mpsc::Receiver<()>;

/// Reads a snapshot of one part, and gives the rows of each batch.
fn batches<I>(part: impl FnOnce(Arrived) -> I + Send + 'static) -> Vec<usize>
where
    I: Iterator<Item = Event<Number>>,
{
    let (tell, arrived) = mpsc::channel();
    let part = SnapshotPart::new(|| Ok(part(arrived).map(Ok)));
    let source = OnePart(std::sync::Mutex::new(Some(part)));
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let run = std::thread::spawn(move || source.start(None, &ingestor, None));
    let mut rows = Vec::new();
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = delivery {
            rows.push(batch.rows());
            let _ = tell.send(());
        }
    }
    drop(deliveries);
    run.join().unwrap().unwrap();
    rows
}

fn insert(number: u64) -> Event<Number> {
    Event::insert(Number { number })
}

/// A slow table: that there is nothing more for now is said until what there was has arrived.
fn idle_until(
    arrived: &Arc<std::sync::Mutex<Arrived>>,
) -> impl Iterator<Item = Event<Number>> + use<> {
    let (arrived, begun) = (Arc::clone(arrived), Instant::now());
    std::iter::from_fn(move || {
        let arrived = arrived
            .lock()
            .unwrap()
            .recv_timeout(Duration::from_millis(1));
        assert!(begun.elapsed() < Duration::from_mins(1), "no row arrived");
        arrived.is_err().then_some(Event::Idle { reached: None })
    })
}

#[test]
fn a_consumer_that_waits_is_given_the_rows_of_a_part_that_has_no_more_for_now() {
    let rows = batches(|arrived| {
        let arrived = Arc::new(std::sync::Mutex::new(arrived));
        let (first, second) = (Arc::clone(&arrived), arrived);
        let few = (0..3)
            .map(insert)
            .chain(std::iter::once_with(move || idle_until(&first)).flatten());
        let more = (3..5)
            .map(insert)
            .chain(std::iter::once_with(move || idle_until(&second)).flatten());
        few.chain(more)
    });
    assert_eq!(rows, [3, 2]);
}

#[test]
fn the_first_of_many_rows_come_at_once_and_the_others_where_they_are_worth_it() {
    // So many that less than 256 KiB are left.
    let rows = batches(|arrived| {
        let wait = move || {
            let told = arrived.recv_timeout(Duration::from_mins(1));
            assert!(told.is_ok(), "the first rows did not arrive");
            None
        };
        let first = (0..1024).map(insert);
        first
            .chain(std::iter::once_with(wait).flatten())
            .chain((1024..8192).map(insert))
    });
    assert_eq!(rows, [1024, 7168]);
}
