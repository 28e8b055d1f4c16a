//! Rows, changes and batches taken by a program: to their end, half-way, cancelled, and by an async task.
#![cfg(feature = "derive")]

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use connector_core::ErrorKind;
use connector_core::ingest::{Delivery, IngestOptions, Until};
use connector_core::prelude::*;

/// A number.
#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Number {
    #[dozer(primary_key)]
    id: u64,
}

/// A snapshot of so many numbers, then transactions of one number each, on and on.
#[derive(Debug, Clone)]
struct Numbers {
    snapshot: u64,
    follows: bool,
    /// Alive as long as anybody has the source: its thread among them.
    alive: Arc<()>,
}

impl Numbers {
    fn new(snapshot: u64, follows: bool) -> Self {
        Self {
            snapshot,
            follows,
            alive: Arc::default(),
        }
    }

    /// The source's last breath: nobody has it any more, and so no thread runs it.
    fn last_breath(self) -> Weak<()> {
        Arc::downgrade(&self.alive)
    }
}

impl Source for Numbers {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Number::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        let alive = Arc::clone(&self.alive);
        let (snapshot, follows) = (self.snapshot, self.follows);
        let rows = (0..snapshot).map(|id| Event::insert(Number { id }));
        let started = std::iter::once(Event::SnapshotStarted { lsn: 1 });
        let done = std::iter::once(Event::SnapshotDone { lsn: 1 });
        let changes = (2..).flat_map(move |lsn| {
            std::thread::sleep(Duration::from_millis(1));
            [
                Event::Begin { lsn },
                Event::insert(Number { id: snapshot + lsn }),
                Event::Commit,
            ]
        });
        let idle = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(1));
            Event::Idle { reached: None }
        });
        let after: Box<dyn Iterator<Item = Event<Number>>> = if follows {
            Box::new(changes)
        } else {
            Box::new(idle)
        };
        let events = started.chain(rows).chain(done).chain(after);
        // The stream holds it until it is dropped.
        Ok(events.map(move |event| {
            assert!(Arc::strong_count(&alive) > 0);
            Ok(event)
        }))
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }
}

/// Small batches, so that there are many.
fn options(until: Until) -> IngestOptions {
    IngestOptions {
        until,
        batch_bytes: 1 << 10,
        queue_bytes: 4 << 10,
        ..IngestOptions::default()
    }
}

/// Waits until no thread has the source any more.
fn gone(source: &Weak<()>) {
    let start = Instant::now();
    while source.strong_count() > 0 {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "a thread still has the source"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn batches_bring_every_row_once_and_the_position_to_resume_from() {
    let source = Numbers::new(5_000, false);
    let mut batches = source.batches(None, options(Until::CaughtUp)).unwrap();
    let (mut rows, mut many) = (0, 0);
    for delivery in batches.by_ref() {
        if let Delivery::Batch(batch) = delivery.unwrap() {
            rows += batch.rows();
            many += 1;
        }
    }
    assert_eq!(rows, 5_000);
    assert!(many > 10, "{many} batches");
    let end = batches.checkpoint().unwrap();
    assert_eq!((end.lsn, end.complete), (1, true));
    drop(batches);
    gone(&source.last_breath());
}

#[test]
fn what_is_dropped_half_way_leaves_no_thread() {
    // A source that waits for room, and one that has nothing to tell.
    for (rows, follows) in [(100_000, false), (10, false), (10, true)] {
        let source = Numbers::new(rows, follows);
        let mut batches = source.batches(None, options(Until::Stopped)).unwrap();
        batches.next().unwrap().unwrap();
        drop(batches);
        let mut numbers = source.rows::<Number>().unwrap();
        assert_eq!(numbers.next().unwrap().unwrap(), Number { id: 0 });
        drop(numbers);
        let mut changes = source
            .changes_of::<Number>(options(Until::Stopped))
            .unwrap();
        changes.next().unwrap().unwrap();
        drop(changes);
        gone(&source.last_breath());
    }
}

#[test]
fn a_handle_stops_what_another_thread_waits_for() {
    let source = Numbers::new(3, false);
    let batches = source.batches(None, options(Until::Stopped)).unwrap();
    let handle = batches.cancellation().clone();
    let reader = std::thread::spawn(move || {
        let deliveries: Vec<Delivery> = batches.map(Result::unwrap).collect();
        deliveries.last().unwrap().end().clone()
    });
    std::thread::sleep(Duration::from_millis(50));
    handle.cancel();
    assert!(
        reader.join().unwrap().complete,
        "what is whole was delivered"
    );
    gone(&source.last_breath());
}

#[test]
fn rows_that_are_cancelled_are_not_taken_for_all_rows() {
    let source = Numbers::new(100_000, false);
    let mut rows = source.rows::<Number>().unwrap();
    rows.next().unwrap().unwrap();
    rows.cancellation().cancel();
    let ended = rows.find_map(Result::err).expect("no whole end");
    assert_eq!(ended.kind(), ErrorKind::Cancelled);
}

#[cfg(feature = "stream")]
mod streams {
    use std::pin::Pin;
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread::Thread;

    use futures_core::Stream;

    use super::*;

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    /// The next item; the thread sleeps until it is woken, and would sleep for ever if it were not.
    fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut *stream).poll_next(&mut context) {
                Poll::Ready(item) => return item,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    #[test]
    fn rows_changes_and_batches_come_by_streams_as_by_iterators() {
        let source = Numbers::new(3_000, false);
        let mut rows = source.rows::<Number>().unwrap().into_stream();
        let read: Vec<u64> = std::iter::from_fn(|| next(&mut rows))
            .map(|row| row.unwrap().id)
            .collect();
        assert!(read.into_iter().eq(0..3_000));

        let mut batches = source
            .batches(None, options(Until::CaughtUp))
            .unwrap()
            .into_stream();
        let mut count = 0;
        while let Some(delivery) = next(&mut batches) {
            if let Delivery::Batch(batch) = delivery.unwrap() {
                count += batch.rows();
            }
        }
        assert_eq!(count, 3_000);
        assert!(batches.get_ref().checkpoint().unwrap().complete);

        let options = options(Until::CaughtUp);
        let by_iterator = source.changes_of::<Number>(options.clone()).unwrap();
        let by_iterator: Vec<Event<Number>> = by_iterator.map(Result::unwrap).collect();
        let mut changes = source.changes_of::<Number>(options).unwrap().into_stream();
        let by_stream: Vec<Event<Number>> = std::iter::from_fn(|| next(&mut changes))
            .map(Result::unwrap)
            .collect();
        assert_eq!(by_stream, by_iterator);
        assert_eq!(by_stream.len(), 3_002);
    }

    #[test]
    fn a_task_that_waits_is_woken_by_the_next_change() {
        let source = Numbers::new(1, true);
        let mut changes = source
            .changes_of::<Number>(options(Until::Stopped))
            .unwrap()
            .into_stream();
        let mut inserts = 0;
        while inserts < 50 {
            if let Event::Change(_) = next(&mut changes).unwrap().unwrap() {
                inserts += 1;
            }
        }
        drop(changes);
        gone(&source.last_breath());
    }

    #[test]
    fn a_stream_that_is_dropped_half_way_leaves_no_thread() {
        for rows in [100_000, 2] {
            let source = Numbers::new(rows, false);
            let mut batches = source
                .batches(None, options(Until::Stopped))
                .unwrap()
                .into_stream();
            next(&mut batches).unwrap().unwrap();
            drop(batches);
            let mut rows = source.rows::<Number>().unwrap().into_stream();
            next(&mut rows).unwrap().unwrap();
            drop(rows);
            gone(&source.last_breath());
        }
    }

    #[test]
    fn what_the_source_fails_with_is_the_last_item() {
        #[derive(Debug, Clone)]
        struct Broken;

        impl Source for Broken {
            fn get_tables(&self) -> Result<Vec<TableInfo>> {
                Ok(Number::tables())
            }

            fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
                let rows = (0..3).map(|id| Ok(Event::insert(Number { id })));
                Ok(rows.chain([Err(Error::source("the cable is cut"))]))
            }
        }

        let mut rows = Broken.rows::<Number>().unwrap().into_stream();
        let error = loop {
            match next(&mut rows) {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("the end, without the error"),
            }
        };
        assert!(error.to_string().contains("the cable is cut"));
        assert!(next(&mut rows).is_none());
    }
}
