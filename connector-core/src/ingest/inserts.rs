//! Many inserts at once, from a stream of rows that are values into the columns of their table.

use std::ops::ControlFlow;

use super::lent::LentInserts;
use super::open_batch::{OpenBatch, Position};
use crate::error::Result;
use crate::source::{Cancellation, Change, ChangeStream, Event, SourceRow, StreamItem};

/// The event that follows inserts which were taken; none at the end. `Continue`: a batch may be full, and there is more.
pub type Following<R> = ControlFlow<Option<Event<R>>>;

/// How many bytes of rows are held at once, beside their texts: they are to stay in the processor's nearest cache.
const ROW_BYTES: usize = 16 << 10;

/// How many bytes of texts are held at once.
const TEXT_BYTES: usize = 64 << 10;

/// Fewer rows than these are not worth it.
const FEW: usize = 8;

/// How many rows are held at most.
const ROWS: usize = 256;

/// A consumer that waits is given what there is every so many rows.
pub(crate) const ROWS_TO_THE_HUNGRY: usize = 1024;
/// Of a snapshot, once it was given something, it is given no less: to wake it costs as much as a few hundred rows.
pub(super) const BYTES_TO_THE_HUNGRY: usize = 256 * 1024;

/// Takes what a stream gives next: many inserts, where they may come (`bound`) and the stream can hand them over, or an event.
#[inline]
pub(super) fn next<'s, S: ChangeStream>(
    stream: &'s mut S,
    open: &mut OpenBatch,
    bound: Option<Bound<'_>>,
) -> Result<Following<S::Row<'s>>> {
    // What is left of a transaction that is to be finished after a stop comes event by event.
    match bound.filter(|bound| !bound.cancellation.is_cancelled()) {
        Some(bound) if S::LENDS_INSERTS => {
            let following = stream.lend_inserts(LentInserts::new(open, bound));
            // What came first is told first.
            open.refused_late()?;
            following
        }
        Some(bound) if S::GIVES_VALUES => match Inserts::begin(open, bound) {
            Some(inserts) => stream.next_inserts(inserts),
            None => stream.next_event().map(Following::Break),
        },
        _ => stream.next_event().map(Following::Break),
    }
}

/// Takes the inserts that a stream has one after another, and appends them together.
///
/// What comes of them is what comes of rows that are appended one by one: they are held no longer than until a batch may be
/// closed, and rows with anything unusual go one by one after all.
#[derive(Debug)]
pub struct Inserts<'r> {
    open: &'r mut OpenBatch,
    lsn: u64,
    /// The number of the last row that was appended.
    seq: &'r mut u64,
    /// How many rows are held.
    held: &'r mut u64,
    cancellation: &'r Cancellation,
    /// The bytes at which the open batch is full.
    batch_bytes: usize,
    /// The table of the rows that are held, or that of rows which have none; and its place among the open ones.
    table: usize,
    opened: usize,
    /// The bytes of a row without its texts.
    fixed_bytes: usize,
    /// Whether rows of the table were appended together before: its columns are of the kinds of their values.
    is_known: bool,
    /// How many rows, and how many bytes, may still be taken.
    rows_left: usize,
    bytes_left: usize,
}

/// Where inserts are counted, and what bounds them.
#[derive(Debug)]
pub(crate) struct Bound<'r> {
    pub(crate) lsn: u64,
    pub(crate) seq: &'r mut u64,
    pub(crate) held: &'r mut u64,
    pub(crate) batch_bytes: usize,
    pub(crate) cancellation: &'r Cancellation,
}

impl<'r> Inserts<'r> {
    /// `None`: the next event is to be taken by itself.
    #[inline]
    fn begin(open: &'r mut OpenBatch, bound: Bound<'r>) -> Option<Self> {
        if !open.takes_many() {
            return None;
        }
        let Bound {
            lsn,
            seq,
            held,
            batch_bytes,
            cancellation,
        } = bound;
        Some(Self {
            open,
            lsn,
            seq,
            held,
            cancellation,
            batch_bytes,
            table: usize::MAX,
            opened: 0,
            fixed_bytes: 0,
            is_known: false,
            rows_left: 1,
            bytes_left: 1,
        })
    }

    /// Takes inserts from an iterator of events, up to the next event of another kind.
    pub(crate) fn take_from<I: Iterator>(
        mut self,
        stream: &mut I,
    ) -> Result<Following<<I::Item as StreamItem>::Row>>
    where
        I::Item: StreamItem,
    {
        let mut rows = Vec::with_capacity(Self::most::<<I::Item as StreamItem>::Row>());
        let next = loop {
            if self.rows_left == 0 || self.bytes_left == 0 || self.cancellation.is_cancelled() {
                break Ok(Following::Continue(()));
            }
            match stream.next().map(StreamItem::event).transpose() {
                Ok(Some(Event::Change(Change::Insert { new }))) if self.takes(&new) => {
                    rows.push(new);
                }
                Ok(event) => break Ok(Following::Break(event)),
                Err(error) => break Err(error),
            }
        };
        // What came first is told first.
        self.append(&rows)?;
        next
    }

    /// How many rows of this type are held at most.
    fn most<R>() -> usize {
        (ROW_BYTES / size_of::<R>().max(1)).clamp(2 * FEW, ROWS)
    }

    /// Whether the row can be appended with those that are held.
    #[inline]
    fn takes<R: SourceRow>(&mut self, row: &R) -> bool {
        let table = row.table();
        if table != self.table && !self.takes_table::<R>(table) {
            return false;
        }
        let Some(bytes) = row.text_bytes() else {
            self.open.one_by_one();
            return false;
        };
        *self.held += 1;
        self.rows_left -= 1;
        self.bytes_left = self.bytes_left.saturating_sub(self.fixed_bytes + bytes);
        true
    }

    /// Whether rows of the table can be held: none of another one is.
    #[inline(never)]
    fn takes_table<R>(&mut self, table: usize) -> bool {
        if *self.held > 0 {
            return false;
        }
        let Some((opened, fixed_bytes, is_known)) = self.open.many_of(table) else {
            self.open.one_by_one();
            return false;
        };
        // A consumer that waits is looked at after each row until there is one more.
        let past = self.open.rows() % ROWS_TO_THE_HUNGRY;
        if past == 0 {
            return false;
        }
        self.table = table;
        self.opened = opened;
        self.fixed_bytes = fixed_bytes;
        self.is_known = is_known;
        // One row tells whether the columns are of the values' kinds.
        let most = if is_known { Self::most::<R>() } else { 1 };
        self.rows_left = most.min(ROWS_TO_THE_HUNGRY - past);
        self.bytes_left = (self.batch_bytes.saturating_sub(self.open.byte_size()))
            .min(TEXT_BYTES + fixed_bytes * ROWS);
        self.bytes_left > 0
    }

    fn append<R: SourceRow>(&mut self, rows: &[R]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let first = Position {
            lsn: self.lsn,
            seq: *self.seq + 1,
        };
        *self.held = 0;
        if self.table == usize::MAX {
            // A row of no table: it is counted, and dropped.
        } else if self.is_known && rows.len() < FEW {
            self.open.ends_inserts();
        } else if self.open.insert_many(self.opened, rows, first) {
            *self.seq += rows.len() as u64;
            return Ok(());
        }
        for row in rows {
            *self.seq += 1;
            let at = Position {
                lsn: self.lsn,
                seq: *self.seq,
            };
            self.open.insert(row, at)?;
        }
        Ok(())
    }
}
