//! The change stream of the database in memory, and what is broken in it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connector_conformance::{Change as Made, Interruption, Row};
use connector_core::prelude::*;
use connector_core::{
    Cancellation, Change, Field, Phase, Rejected, RowImage, RowWriter, SourceRow, TimeUnit,
};

use crate::database::Database;
use crate::fault::Fault;

/// The values of a row, and the place of its table.
#[derive(Debug, Clone)]
pub(crate) struct Values(usize, Row);

impl RowImage for Values {
    fn table(&self) -> usize {
        self.0
    }

    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        (self.1.iter()).try_for_each(|field| row.push(field.as_value()))
    }
}

impl SourceRow for Values {
    type Old = Self;
    type Tracking = connector_core::tracking::AtRunTime;
}

pub(crate) struct Stream {
    database: Database,
    reader: String,
    cancellation: Cancellation,
    /// The rows of the snapshot that are still to be told, by table.
    snapshot: VecDeque<(usize, Arc<Row>)>,
    queue: VecDeque<Event<Values>>,
    /// The position of the snapshot, until its rows are told.
    in_snapshot: Option<u64>,
    /// Up to where transactions are told.
    done: u64,
    told: usize,
    /// Which stream of the process it is.
    number: usize,
    /// What it should not hold.
    #[expect(dead_code, reason = "it is held, and that is all")]
    buffered: Vec<Row>,
}

static STREAMS: AtomicUsize = AtomicUsize::new(0);

impl Stream {
    pub(crate) fn open(database: Database, request: &ChangeRequest) -> Result<Self> {
        let has = |fault| database.has(fault);
        if has(Fault::LeaksAThread) {
            std::thread::spawn(|| std::thread::sleep(Duration::from_mins(10)));
        }
        if has(Fault::LeaksAFile) {
            std::mem::forget(std::fs::File::open("/dev/null"));
        }
        let state = database.lock();
        let last = state.last();
        let done = match request.from() {
            StartFrom::Start => last,
            StartFrom::After { lsn } if has(Fault::SkipsATransactionAtResume) => lsn + 1,
            StartFrom::After { lsn } if has(Fault::RepeatsATransactionAtResume) => {
                lsn.saturating_sub(1)
            }
            StartFrom::After { lsn } if has(Fault::RepeatsWhenNothingIsNew) && lsn == last => {
                lsn.saturating_sub(1)
            }
            StartFrom::After { lsn } => lsn,
            StartFrom::Within { lsn } if has(Fault::LosesTheRestOfATransaction) => lsn,
            StartFrom::Within { lsn } => lsn - 1,
        };
        let begins = request.from() == StartFrom::Start;
        if !begins && done + 1 < state.earliest() {
            return Err(Error::position_lost(done, Some(state.earliest())));
        }
        let rows = state.rows.clone();
        drop(state);
        if begins && has(Fault::PanicsOnAnEmptyTable) {
            assert!(rows.iter().all(|rows| !rows.is_empty()), "no rows");
        }
        let buffered = if has(Fault::BuffersEverything) {
            rows.iter().flatten().map(|row| Row::clone(row)).collect()
        } else {
            Vec::new()
        };
        let mut stream = Self {
            snapshot: VecDeque::new(),
            queue: VecDeque::new(),
            in_snapshot: begins.then_some(last),
            reader: request.reader().to_owned(),
            cancellation: request.cancellation().clone(),
            done,
            told: 0,
            number: STREAMS.fetch_add(1, Ordering::Relaxed),
            buffered,
            database,
        };
        if begins {
            if !request.snapshot_only() {
                stream.database.register(&stream.reader, last);
            }
            stream.queue.push_back(Event::SnapshotStarted { lsn: last });
            if stream.database.has(Fault::DoublesAfterTheSnapshot) {
                stream.database.wait_for_a_commit_after(last);
                let rows = stream.database.lock().rows.clone();
                stream.take(rows);
            } else {
                stream.take(rows);
            }
        }
        Ok(stream)
    }

    /// The rows that the snapshot tells.
    fn take(&mut self, rows: Vec<Vec<Arc<Row>>>) {
        for (table, rows) in rows.into_iter().enumerate() {
            self.snapshot
                .extend(rows.into_iter().map(|row| (table, row)));
        }
        if self.database.has(Fault::GivesTwoRowsOneKey) && self.snapshot.len() > 1 {
            let mut row = Row::clone(&self.snapshot[1].1);
            row[0] = self.snapshot[0].1[0].clone();
            self.snapshot[1].1 = Arc::new(row);
        }
        if self.database.has(Fault::GoesOnInABrokenSnapshot) {
            let told = self.database.lock().told.get(&self.reader).copied();
            let told = told.unwrap_or(0).min(self.snapshot.len());
            self.snapshot.drain(..told);
        }
        if self.database.has(Fault::DropsTheLastRow) {
            self.snapshot.pop_back();
        }
        if self.database.has(Fault::DropsRowsOfNulls) {
            self.snapshot.retain(|(_, row)| {
                let nulls = row.iter().filter(|value| value.is_null()).count();
                nulls < 2 || row.len() - nulls > 2
            });
        }
        if self.database.has(Fault::RepeatsARow)
            && let Some(first) = self.snapshot.front().cloned()
        {
            self.snapshot.push_back(first);
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.database.has(fault)
    }

    /// A row as it is told.
    fn row(&self, table: usize, row: &Row) -> Values {
        let mut row = row.clone();
        if self.has(Fault::SwapsTwoValues) && row.len() > 4 {
            row.swap(2, 4);
        }
        if self.has(Fault::LosesAColumn) {
            row.pop();
        }
        for value in &mut row {
            match value {
                Field::Null if self.has(Fault::NullsBecomeValues) => *value = Field::UInt(0),
                Field::Text(text) if self.has(Fault::CutsLongTexts) => {
                    *text = text.chars().take(255).collect();
                }
                Field::Float(number) if self.has(Fault::RoundsNumbers) => {
                    *number = (*number * 2.0).round() / 2.0;
                }
                Field::Timestamp(at) if self.has(Fault::LosesMicroseconds) => {
                    *at = Timestamp::from_unit(at.seconds(), TimeUnit::Second);
                }
                Field::UInt(_) if self.has(Fault::ValuesBecomeNull) => *value = Field::Null,
                _ => {}
            }
        }
        let table = if self.has(Fault::TellsTheWrongTable) {
            1 - table
        } else {
            table
        };
        Values(table, row)
    }

    fn event(&self, change: &Made) -> Option<Event<Values>> {
        let insert = |table, row| {
            Event::Change(Change::Insert {
                new: self.row(table, row),
            })
        };
        Some(match change {
            Made::Insert { table, row } => insert(*table, row),
            Made::Update { table, new, .. } if self.has(Fault::TellsUpdatesAsInserts) => {
                insert(*table, new)
            }
            Made::Update { table, old, new } => {
                let old = if self.has(Fault::TellsTheNewRowAsTheOld)
                    || (self.has(Fault::LosesKeyChanges) && *table == 0)
                {
                    new
                } else {
                    old
                };
                Event::Change(Change::Update {
                    old: Some(self.row(*table, old)),
                    new: self.row(*table, new),
                })
            }
            Made::Delete { .. } if self.has(Fault::LosesADelete) => return None,
            Made::Delete { table, row } => {
                let mut old = self.row(*table, row);
                if self.has(Fault::TellsOldRowsInPart)
                    && let Some(last) = old.1.last_mut()
                {
                    *last = Field::Unchanged;
                }
                Event::Change(Change::Delete { old })
            }
            Made::Truncate { .. } if self.has(Fault::LosesTruncates) => return None,
            Made::Truncate { table } => Event::Truncate { table: *table },
        })
    }

    /// The next transaction into the queue; `false` where there is none.
    fn next_transaction(&mut self) -> Result<bool> {
        let state = self.database.lock();
        let next = self.done + 1;
        if next < state.earliest() {
            return Err(Error::position_lost(next, Some(state.earliest())));
        }
        let Some(mut changes) = state.transaction(next).cloned() else {
            return Ok(false);
        };
        drop(state);
        self.done = next;
        self.told += 1;
        let later = self.told > 1;
        if self.has(Fault::LosesTheFifthChange)
            && matches!(changes.get(4), Some(Made::Insert { .. }))
        {
            changes.remove(4);
        }
        let only_inserts = changes.iter().all(|it| matches!(it, Made::Insert { .. }));
        if self.has(Fault::OrderDiffers) && only_inserts && self.number.is_multiple_of(2) {
            changes.reverse();
        }
        let lsn = match next {
            _ if later && self.has(Fault::ReusesAPosition) => next - 1,
            _ if later && self.has(Fault::PositionsGoBack) => 1,
            _ => next,
        };
        if !(later && self.has(Fault::NoBegin)) {
            self.queue.push_back(Event::Begin { lsn });
        }
        let events: Vec<_> = changes.iter().filter_map(|it| self.event(it)).collect();
        self.queue.extend(events);
        if !self.has(Fault::NoCommit) {
            self.queue.push_back(Event::Commit);
        }
        if self.has(Fault::ForgetsBeforeItIsStored) {
            self.database.lock().forget_up_to(next);
        }
        Ok(true)
    }

    fn is_lost(&self) -> bool {
        self.database.lock().broken_off == Some(Interruption::Lose)
    }

    /// What a source that is broken off does.
    fn broken_off(&self) -> Option<Result<Option<Event<Values>>>> {
        let how = self.database.lock().broken_off?;
        let idle = || Ok(Some(Event::Idle { reached: None }));
        Some(match how {
            Interruption::Fail if self.has(Fault::SwallowsErrors) => idle(),
            Interruption::Panic if self.has(Fault::SwallowsPanics) => idle(),
            Interruption::End if self.has(Fault::EndsEarly) => idle(),
            Interruption::Lose if self.has(Fault::HidesItsLoss) => idle(),
            Interruption::Lose if self.has(Fault::CallsALossAnEnd) => idle(),
            Interruption::Lose => Err(Error::source("the line is dead")),
            Interruption::Fail => Err(Error::source("the disk is gone")),
            Interruption::Panic => panic!("out of cheese"),
            Interruption::End => Ok(None),
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.has(Fault::ForgetsWhatALeftReaderWasTold) && self.cancellation.is_cancelled() {
            self.database.lock().forget_up_to(self.done);
        }
    }
}

impl ChangeStream for Stream {
    type Row<'a> = Values;

    fn next_event(&mut self) -> Result<Option<Event<Values>>> {
        if let Some(event) = self.queue.pop_front() {
            return Ok(Some(event));
        }
        if let Some(lsn) = self.in_snapshot {
            if self.is_lost() {
                if self.has(Fault::CallsALossAnEnd) {
                    self.snapshot.clear();
                } else if !self.has(Fault::HidesItsLoss) {
                    return Err(Error::source("the line is dead"));
                }
            }
            if let Some((table, row)) = self.snapshot.pop_front() {
                *self
                    .database
                    .lock()
                    .told
                    .entry(self.reader.clone())
                    .or_default() += 1;
                let new = self.row(table, &row);
                return Ok(Some(Event::Change(Change::Insert { new })));
            }
            self.in_snapshot = None;
            if self.has(Fault::GapAfterTheSnapshot) {
                self.database.wait_for_a_commit_after(lsn);
                self.done = self.database.lock().last();
            }
            if self.has(Fault::ChangesBeforeTheSnapshotIsDone) {
                self.queue.push_back(Event::SnapshotDone { lsn });
                return Ok(Some(Event::Begin { lsn: lsn + 1 }));
            }
            let elsewhere = u64::from(self.has(Fault::SnapshotEndsElsewhere));
            return Ok(Some(Event::SnapshotDone {
                lsn: lsn + elsewhere,
            }));
        }
        if let Some(broken) = self.broken_off() {
            std::thread::sleep(Duration::from_millis(5));
            return broken;
        }
        if self.next_transaction()? {
            return self.next_event();
        }
        if self.has(Fault::IgnoresAStop) {
            std::thread::sleep(Duration::from_mins(1));
        }
        if !self.cancellation.is_cancelled() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Some(Event::Idle {
            reached: Some(self.done),
        }))
    }

    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        self.database.confirm(&self.reader, durable.lsn);
        // A snapshot that was told and is not stored was broken, too.
        if durable.phase == Phase::Changes {
            self.database.lock().told.remove(&self.reader);
        }
        Ok(())
    }
}
