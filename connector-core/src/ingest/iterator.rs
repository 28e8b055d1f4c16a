//! The consumer's end: deliveries, or one record at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::delivery::Delivery;
use super::ingestor::{Ended, Queue};
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{Batch, RowOp};
use crate::types::{Operation, Record};

/// The consumer's end of the queue.
///
/// [`next_delivery`](Self::next_delivery) gives batches; as an iterator it gives one record at a time, made from
/// batches on demand.
#[derive(Debug)]
pub struct IngestionIterator {
    queue: Arc<Queue>,
    messages: VecDeque<IngestionMessage>,
    in_snapshot: bool,
}

/// One message of the row view.
#[derive(Debug, Clone, PartialEq)]
pub enum IngestionMessage {
    /// The rows of a snapshot follow, as inserts.
    SnapshottingStarted(Checkpoint),
    /// The snapshot is complete.
    SnapshottingDone(Checkpoint),
    /// One change of one row.
    Operation {
        /// The source's place in the run's list.
        table: usize,
        /// `(lsn, seq)`: resuming from here gives the next change.
        position: (u64, u64),
        /// The change.
        operation: Operation,
    },
    /// A table was emptied.
    Truncate {
        /// The source's place in the run's list.
        table: usize,
        /// `(lsn, seq)`.
        position: (u64, u64),
    },
    /// Everything up to here is complete.
    Commit(Checkpoint),
}

impl IngestionIterator {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self {
            queue,
            messages: VecDeque::new(),
            in_snapshot: false,
        }
    }

    /// The next delivery; waits for it. `None` is the end of the run: `start` has returned, and says why.
    pub fn next_delivery(&mut self) -> Option<Delivery> {
        self.queue.next(None).ok().flatten()
    }

    /// The next delivery, or `Ok(None)` when there was none within `wait`.
    ///
    /// # Errors
    /// [`RunEnded`] at the end of the run.
    pub fn next_within(&mut self, wait: Duration) -> Result<Option<Delivery>, RunEnded> {
        self.queue.next(Some(wait)).map_err(|Ended| RunEnded)
    }

    /// The next delivery for a task, which is woken when there is one. `Ready(None)` is the end of the run.
    pub fn poll_delivery(&mut self, context: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.queue.poll(context)
    }

    /// Says that nothing more will be taken or confirmed.
    pub(crate) fn leave(&self) {
        self.queue.leave();
    }

    /// Whether nothing waits at the moment.
    pub fn is_drained(&self) -> bool {
        self.queue.is_empty()
    }

    /// Says that everything up to `durable` is stored. Only then may the source forget it; it is told of whole
    /// transactions alone.
    pub fn confirm(&self, durable: Checkpoint) {
        if durable.complete {
            self.queue.confirm(durable);
        }
    }
}

/// The run has ended and everything was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEnded;

impl Drop for IngestionIterator {
    fn drop(&mut self) {
        self.queue.leave();
    }
}

impl Iterator for IngestionIterator {
    type Item = IngestionMessage;

    fn next(&mut self) -> Option<IngestionMessage> {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return Some(message);
            }
            let delivery = self.next_delivery()?;
            self.read_out(delivery);
        }
    }
}

impl IngestionIterator {
    /// The messages of one delivery.
    fn read_out(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::SnapshotStarted { at: checkpoint, .. } => {
                self.in_snapshot = true;
                self.messages
                    .push_back(IngestionMessage::SnapshottingStarted(checkpoint));
            }
            Delivery::Reached(checkpoint) if std::mem::take(&mut self.in_snapshot) => {
                self.messages
                    .push_back(IngestionMessage::SnapshottingDone(checkpoint));
            }
            Delivery::Reached(checkpoint) => self
                .messages
                .push_back(IngestionMessage::Commit(checkpoint)),
            Delivery::Truncate { table, end } => {
                self.messages.push_back(IngestionMessage::Truncate {
                    table,
                    position: end.position(),
                });
            }
            // Who reads all rows with a policy is told of it by the run.
            Delivery::SchemaChanged { .. } => {}
            Delivery::Batch(batch) => records(&batch, &mut self.messages),
        }
    }
}

fn records(batch: &Batch, messages: &mut VecDeque<IngestionMessage>) {
    let mut before: Option<Record> = None;
    let mut last = None;
    for (place, row) in batch.in_order() {
        let Some(table) = batch.tables.get(place) else {
            continue;
        };
        let (Some(position), Some(op)) = (table.position(row), table.ops.get(row)) else {
            continue;
        };
        let record = table.record(row);
        if let Some((lsn, seq)) = last.filter(|(lsn, _)| *lsn != position.0)
            && batch.phase == Phase::Changes
        {
            // Another transaction begins, so the one before it is complete.
            messages.push_back(IngestionMessage::Commit(end_of(batch, lsn, seq)));
        }
        last = Some(position);
        let operation = match op {
            RowOp::Insert => Operation::Insert { new: record },
            RowOp::Delete => Operation::Delete { old: record },
            RowOp::UpdateBefore => {
                before = Some(record);
                continue;
            }
            RowOp::UpdateAfter => match before.take() {
                Some(old) => Operation::Update { old, new: record },
                None => Operation::Insert { new: record },
            },
        };
        messages.push_back(IngestionMessage::Operation {
            table: table.table,
            position,
            operation,
        });
    }
    if batch.end.complete {
        messages.push_back(IngestionMessage::Commit(batch.end.clone()));
    } else if let Some((lsn, seq)) = last.filter(|(lsn, _)| *lsn != batch.end.lsn)
        && batch.phase == Phase::Changes
    {
        // The batch was closed in a later transaction, of which it has no row: by a truncate that came first in it.
        messages.push_back(IngestionMessage::Commit(end_of(batch, lsn, seq)));
    }
}

/// The end of a transaction within a batch.
fn end_of(batch: &Batch, lsn: u64, seq: u64) -> Checkpoint {
    let noted = batch.commits.iter().find(|commit| commit.lsn == lsn);
    noted.cloned().unwrap_or_else(|| Checkpoint {
        lsn,
        seq,
        complete: true,
        state: String::new(),
        ..batch.end.clone()
    })
}
