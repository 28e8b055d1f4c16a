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

/// A snapshot of one part, which ends when it is told that its first rows have arrived.
#[derive(Debug)]
struct Waiting {
    arrived: std::sync::Mutex<Option<mpsc::Receiver<()>>>,
}

struct WaitingStream {
    arrived: Option<mpsc::Receiver<()>>,
    events: std::vec::IntoIter<Event<Number>>,
}

impl ChangeStream for WaitingStream {
    type Row<'a> = Number;

    fn next_event(&mut self) -> Result<Option<Event<Number>>> {
        Ok(self.events.next())
    }

    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        let Some(arrived) = self.arrived.take() else {
            return Ok(Vec::new());
        };
        let mut rows = (0..3).map(|number| Event::insert(Number { number }));
        let begun = Instant::now();
        let events = std::iter::from_fn(move || {
            if let Some(row) = rows.next() {
                return Some(Ok(row));
            }
            // A slow table: nothing more comes before what is there has arrived.
            let arrived = arrived.recv_timeout(Duration::from_millis(1)).is_ok();
            assert!(begun.elapsed() < Duration::from_mins(1), "no row arrived");
            (!arrived).then_some(Ok(Event::Idle { reached: None }))
        });
        Ok(vec![SnapshotPart::new(|| Ok(events))])
    }
}

impl Source for Waiting {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Number::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let events = [
            Event::SnapshotStarted { lsn: 7 },
            Event::SnapshotDone { lsn: 7 },
        ];
        Ok(WaitingStream {
            arrived: self.arrived.lock().unwrap().take(),
            events: Vec::from(events).into_iter(),
        })
    }
}

#[test]
fn a_consumer_that_waits_is_given_the_rows_of_a_part_that_has_no_more_for_now() {
    let (tell, arrived) = mpsc::channel();
    let source = Waiting {
        arrived: std::sync::Mutex::new(Some(arrived)),
    };
    let options = IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let run = std::thread::spawn(move || source.start(None, &ingestor, None));
    let mut rows = 0;
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = delivery {
            rows += batch.rows();
            let _ = tell.send(());
        }
    }
    drop(deliveries);
    run.join().unwrap().unwrap();
    assert_eq!(rows, 3);
}
