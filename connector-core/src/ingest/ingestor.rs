//! The bounded queue between a source's thread and the consumer.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::delivery::Delivery;
use super::iterator::IngestionIterator;
use super::runner::Until;
use super::schema_change::OnSchemaChange;
use crate::checkpoint::Checkpoint;
use crate::columns::OnMisfit;
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Cancellation, Notices};

/// How long a source waits at its end for a consumer that knows of the end to say what it has stored.
const LAST_WORD: Duration = Duration::from_millis(500);

/// How a run ingests.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Where to resume; `None` starts at the start.
    pub checkpoint: Option<Checkpoint>,
    /// How far to go.
    pub until: Until,
    /// The bytes at which a batch is closed. A batch is larger by at most one row.
    pub batch_bytes: usize,
    /// The bytes of closed batches that may wait for the consumer; a source that is ahead by more is blocked.
    pub queue_bytes: usize,
    /// What to do with values that do not fit, by source; sources that are not named fail.
    pub on_misfit: HashMap<String, OnMisfit>,
    /// What to do when columns are added, by source; of sources that are not named they are passed over, and not told.
    pub schema_change: HashMap<String, OnSchemaChange>,
    /// Whether the consumer bears to be given changes again: it is transactional or idempotent.
    pub redelivery: bool,
    /// The name under which the source keeps what it keeps for this reader.
    pub reader: String,
    /// Stops the run when it is set.
    pub cancellation: Cancellation,
    /// Takes what the source says beside its rows.
    pub notices: Notices,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            checkpoint: None,
            until: Until::Stopped,
            batch_bytes: 1 << 20,
            queue_bytes: 8 << 20,
            on_misfit: HashMap::new(),
            schema_change: HashMap::new(),
            redelivery: false,
            reader: "default".to_owned(),
            cancellation: Cancellation::new(),
            notices: Notices::default(),
        }
    }
}

/// The source's end of the queue, handed to [`Connector::start`](crate::connector::Connector::start).
#[derive(Debug)]
pub struct Ingestor {
    queue: Arc<Queue>,
    options: IngestOptions,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<QueueState>,
    not_empty: Condvar,
    not_full: Condvar,
    hungry: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct QueueState {
    deliveries: VecDeque<Delivery>,
    bytes: usize,
    durable: Option<Checkpoint>,
    /// The last position that was sent, and the last one that was confirmed.
    sent: (u64, u64),
    confirmed: (u64, u64),
    producer_gone: bool,
    consumer_gone: bool,
    /// Since when the consumer knows that there will be nothing more.
    end_known: Option<Instant>,
    /// The task that waits for something.
    waker: Option<Waker>,
}

impl Ingestor {
    /// A queue: the source's end and the consumer's end.
    pub fn initialize_channel(options: IngestOptions) -> (Self, IngestionIterator) {
        let queue = Arc::new(Queue::default());
        let iterator = IngestionIterator::new(Arc::clone(&queue));
        (Self { queue, options }, iterator)
    }

    /// How the run ingests.
    pub fn options(&self) -> &IngestOptions {
        &self.options
    }

    /// The checkpoint to resume from.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.options.checkpoint.as_ref()
    }

    /// Whether the consumer waits for something.
    #[inline]
    pub fn is_hungry(&self) -> bool {
        self.queue.hungry.load(Ordering::Relaxed)
    }

    /// The last position that the consumer has stored, if it is news since the last call.
    pub fn take_durable(&self) -> Option<Checkpoint> {
        self.queue.lock().durable.take()
    }

    /// Fails where the consumer is gone: who has nothing to send would not notice it.
    ///
    /// # Errors
    /// Of the kind [`Cancelled`](ErrorKind::Cancelled).
    pub fn check_consumer(&self) -> Result<()> {
        if self.queue.lock().consumer_gone {
            return Err(gone());
        }
        Ok(())
    }

    /// Hands a delivery to the consumer. While the consumer is slow, `meanwhile` is called at least every second.
    ///
    /// # Errors
    /// When the consumer is gone, or `meanwhile` fails.
    pub fn send(
        &self,
        delivery: Delivery,
        mut meanwhile: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let bytes = delivery.byte_size();
        let mut state = self.queue.lock();
        // A delivery larger than the bound passes when the queue is empty: else it never would.
        while state.bytes > 0
            && state.bytes + bytes > self.options.queue_bytes
            && !state.consumer_gone
        {
            let (back, timeout) = (self.queue.not_full)
                .wait_timeout(state, Duration::from_millis(500))
                .unwrap_or_else(PoisonError::into_inner);
            state = back;
            if timeout.timed_out() {
                drop(state);
                meanwhile()?;
                state = self.queue.lock();
            }
        }
        if state.consumer_gone {
            return Err(gone());
        }
        state.bytes += bytes;
        state.sent = delivery.end().position();
        state.deliveries.push_back(delivery);
        self.queue.hungry.store(false, Ordering::Relaxed);
        self.queue.tell(state);
        Ok(())
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::Cancelled, "the consumer of the stream is gone")
}

impl Ingestor {
    /// Says that there is nothing more, and waits for the consumer to store the rest: the last position that it has
    /// stored, if that is news. Meanwhile, `meanwhile` is called at least every second.
    pub(crate) fn finish(
        &self,
        mut meanwhile: impl FnMut() -> Result<()>,
    ) -> Result<Option<Checkpoint>> {
        let mut state = self.queue.lock();
        state.producer_gone = true;
        self.queue.tell(state);
        state = self.queue.lock();
        loop {
            let known = state.end_known.map(|since| since.elapsed());
            let stored =
                state.confirmed >= state.sent || (known.is_some() && state.durable.is_some());
            if state.consumer_gone || stored || known.is_some_and(|known| known > LAST_WORD) {
                return Ok(state.durable.take());
            }
            let (back, timeout) = (self.queue.not_full)
                .wait_timeout(state, LAST_WORD)
                .unwrap_or_else(PoisonError::into_inner);
            state = back;
            if timeout.timed_out() {
                drop(state);
                meanwhile()?;
                state = self.queue.lock();
            }
        }
    }
}

impl Drop for Ingestor {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.producer_gone = true;
        self.queue.tell(state);
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        // A panic elsewhere leaves the queue itself whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the consumer, whichever way it waits.
    fn tell(&self, mut state: MutexGuard<'_, QueueState>) {
        let waker = state.waker.take();
        drop(state);
        self.not_empty.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The next delivery for a task, which is woken when there is one; none at the end.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Option<Delivery>> {
        let mut state = self.lock();
        if let Some(delivery) = state.deliveries.pop_front() {
            state.bytes = state.bytes.saturating_sub(delivery.byte_size());
            drop(state);
            self.not_full.notify_one();
            return Poll::Ready(Some(delivery));
        }
        if state.producer_gone {
            state.end_known.get_or_insert_with(Instant::now);
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        self.hungry.store(true, Ordering::Relaxed);
        Poll::Pending
    }

    /// The next delivery. `Ok(None)` after `wait`, `Err(())` when there will be none.
    pub(super) fn next(&self, wait: Option<Duration>) -> Result<Option<Delivery>, Ended> {
        let deadline = wait.map(|wait| Instant::now() + wait);
        let mut state = self.lock();
        loop {
            if let Some(delivery) = state.deliveries.pop_front() {
                state.bytes = state.bytes.saturating_sub(delivery.byte_size());
                drop(state);
                self.not_full.notify_one();
                return Ok(Some(delivery));
            }
            if state.producer_gone {
                if state.end_known.is_none() {
                    state.end_known = Some(Instant::now());
                    // The source waits for that: see `finish`.
                    self.not_full.notify_one();
                }
                return Err(Ended);
            }
            self.hungry.store(true, Ordering::Relaxed);
            state = match deadline {
                None => self
                    .not_empty
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(None);
                    }
                    self.not_empty
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().deliveries.is_empty()
    }

    pub(super) fn confirm(&self, durable: Checkpoint) {
        let mut state = self.lock();
        state.confirmed = durable.position();
        state.durable = Some(durable);
        drop(state);
        self.not_full.notify_all();
    }

    pub(super) fn leave(&self) {
        self.lock().consumer_gone = true;
        self.not_full.notify_all();
    }
}

/// The source's end of the queue is gone and everything was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended;

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(lsn: u64) -> Delivery {
        Delivery::Reached(Checkpoint {
            lsn,
            complete: true,
            ..Checkpoint::default()
        })
    }

    fn told_to_wait() -> Result<()> {
        Err(Error::config("it waited"))
    }

    #[test]
    fn a_source_that_has_ended_does_not_wait_where_all_is_stored() {
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions::default());
        ingestor.send(reached(7), || Ok(())).unwrap();
        let end = deliveries.next_delivery().unwrap().end().clone();
        deliveries.confirm(end.clone());
        assert_eq!(ingestor.take_durable(), Some(end));
        assert_eq!(ingestor.finish(told_to_wait).unwrap(), None);
    }

    #[test]
    fn a_source_that_has_ended_waits_for_what_is_not_stored_yet() {
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions::default());
        ingestor.send(reached(7), || Ok(())).unwrap();
        let end = deliveries.next_delivery().unwrap().end().clone();
        ingestor.send(reached(8), || Ok(())).unwrap();
        deliveries.confirm(end);
        assert!(ingestor.finish(told_to_wait).is_err());
        let end = deliveries.next_delivery().unwrap().end().clone();
        deliveries.confirm(end.clone());
        assert!(deliveries.next_delivery().is_none());
        assert_eq!(ingestor.finish(told_to_wait).unwrap(), Some(end));
    }
}
