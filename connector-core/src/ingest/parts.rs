//! A large snapshot in parts, each read on a thread of its own.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use super::delivery::Delivery;
use super::ingestor::Ingestor;
use super::inserts::{self, BYTES_TO_THE_HUNGRY, Bound, Following, ROWS_TO_THE_HUNGRY};
use super::open_batch::{OpenBatch, Position};
use crate::checkpoint::{Checkpoint, Phase};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Cancellation, Change, ChangeStream, Event};

/// How often the stream that waits for its parts is kept alive.
const KEEP_ALIVE: Duration = Duration::from_millis(500);

/// Rows of part `n` are numbered from `n` times this on, so that a position tells rows apart across parts.
const PART: u64 = 1 << 40;

/// A part of a snapshot: opened and read on a thread of its own.
///
/// See [`ChangeStream::snapshot_parts`].
pub struct SnapshotPart(Box<Run>);

type Run = dyn FnOnce(&mut PartRun<'_>) -> Result<()> + Send;

impl SnapshotPart {
    /// A part whose rows are those of the stream that `open` gives, called on the part's thread. The stream gives
    /// bare rows, and ends. Before it waits for more, and where one thing is read and the next begins, it says so
    /// ([`Event::Idle`]): a consumer that waits is then given what there is.
    pub fn new<S: ChangeStream>(open: impl FnOnce() -> Result<S> + Send + 'static) -> Self {
        Self(Box::new(move |part| match open() {
            Ok(stream) => part.run(stream),
            // What it needs of another part may be gone by now.
            Err(_) if part.stop.is_cancelled() => Err(stopped()),
            Err(error) => Err(error),
        }))
    }
}

impl fmt::Debug for SnapshotPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotPart").finish_non_exhaustive()
    }
}

/// One part while it runs.
struct PartRun<'i> {
    ingestor: &'i Ingestor,
    open: OpenBatch,
    end: Checkpoint,
    /// The bytes that a consumer which waits is given at the least; 0 before it was given anything.
    worth: usize,
    /// Set when the run is stopped, or by a part that failed.
    stop: &'i Cancellation,
}

impl PartRun<'_> {
    fn run<S: ChangeStream>(&mut self, mut stream: S) -> Result<()> {
        loop {
            match self.next(&mut stream)? {
                Following::Break(None) => return self.flush(),
                Following::Break(Some(Event::Change(change @ Change::Insert { .. }))) => {
                    self.end.seq += 1;
                    let at = Position {
                        lsn: self.end.lsn,
                        seq: self.end.seq,
                    };
                    self.open.append(&change, at)?;
                    self.feed_many()?;
                }
                Following::Continue(()) => self.feed_many()?,
                Following::Break(Some(Event::Idle { .. })) => self.feed()?,
                Following::Break(Some(_)) => {
                    return Err(Error::protocol(
                        "a part of a snapshot gave something else than bare rows",
                    ));
                }
            }
            if self.open.byte_size() >= self.ingestor.options().batch_bytes {
                self.flush()?;
            }
            if self.stop.is_cancelled() {
                return Err(stopped());
            }
        }
    }

    /// Takes the inserts that come next, many at once where they are values, and the event after them.
    fn next<'s, S: ChangeStream>(&mut self, stream: &'s mut S) -> Result<Following<S::Row<'s>>> {
        let bound = Bound {
            lsn: self.end.lsn,
            seq: &mut self.end.seq,
            held: &mut 0,
            batch_bytes: self.ingestor.options().batch_bytes,
            cancellation: self.stop,
        };
        inserts::next(stream, &mut self.open, Some(bound))
    }

    /// Gives a consumer that waits what there is, every so many rows, if it is worth it.
    fn feed_many(&mut self) -> Result<()> {
        let many = self.open.rows().is_multiple_of(ROWS_TO_THE_HUNGRY);
        if many && self.open.byte_size() >= self.worth {
            self.feed()?;
        }
        Ok(())
    }

    /// Gives a consumer that waits what there is. The first rows it is given in any case: it may wait a moment later, and the
    /// stream for long.
    fn feed(&mut self) -> Result<()> {
        if self.worth == 0 || self.ingestor.is_hungry() {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        self.worth = BYTES_TO_THE_HUNGRY;
        let batch = self.open.take(Phase::Snapshot, self.end.clone());
        self.ingestor.send(Delivery::Batch(batch), || Ok(()))
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "the snapshot was stopped")
}

/// Runs the parts side by side, and calls `meanwhile` twice a second until all are done. The first part that fails
/// stops the others.
pub(crate) fn run_parts(
    parts: Vec<SnapshotPart>,
    ingestor: &Ingestor,
    started: &Checkpoint,
    open: impl Fn() -> OpenBatch,
    mut meanwhile: impl FnMut() -> Result<()>,
) -> Result<()> {
    let stop = ingestor.options().cancellation.child();
    let (done, finished) = mpsc::channel();
    std::thread::scope(|scope| {
        let start = |(number, part): (u64, SnapshotPart)| {
            let end = Checkpoint {
                seq: number * PART,
                ..started.clone()
            };
            let mut run = PartRun {
                ingestor,
                open: open(),
                end,
                worth: 0,
                stop: &stop,
            };
            let (stop, done) = (&stop, done.clone());
            std::thread::Builder::new()
                .name(format!("snapshot part {number}"))
                .spawn_scoped(scope, move || {
                    let run = || (part.0)(&mut run);
                    let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
                        Err(Error::of_panic("snapshot part", panic.as_ref()))
                    });
                    if result.is_err() {
                        stop.cancel();
                    }
                    // Nobody waits any more only when starting another part failed.
                    let _ = done.send(());
                    result
                })
        };
        let threads = (1..)
            .zip(parts)
            .map(start)
            .collect::<std::io::Result<Vec<_>>>()?;
        let mut kept_alive = Ok(());
        let mut running = threads.len();
        while running > 0 {
            match finished.recv_timeout(KEEP_ALIVE) {
                Ok(()) => running -= 1,
                Err(_) if kept_alive.is_ok() => kept_alive = meanwhile(),
                Err(_) => stop.cancel(),
            }
        }
        let join = |thread: ScopedJoinHandle<'_, Result<()>>| {
            thread
                .join()
                .unwrap_or_else(|panic| Err(Error::of_panic("snapshot part", panic.as_ref())))
        };
        let results: Vec<Result<()>> = threads.into_iter().map(join).collect();
        kept_alive?;
        // What stopped the others is the news, not that they were stopped.
        let (stopped, failures): (Vec<Error>, Vec<Error>) = results
            .into_iter()
            .filter_map(Result::err)
            .partition(|error| error.kind() == ErrorKind::Cancelled);
        failures
            .into_iter()
            .chain(stopped)
            .next()
            .map_or(Ok(()), Err)
    })
}
