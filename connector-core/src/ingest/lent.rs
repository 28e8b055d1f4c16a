//! Inserts that are lent one after another: what is the same for all of them is done once for many.

use super::inserts::{Bound, ROWS_TO_THE_HUNGRY};
use super::open_batch::{OpenBatch, Position};
use crate::columns::Refusal;
use crate::error::Result;
use crate::source::{Cancellation, SourceRow};

/// Takes the inserts that a stream lends one after another.
///
/// Each is appended as it comes. Its operation, its position and its bytes are noted together with those of the others, at the
/// latest where a batch may be closed; so what comes of them is what comes of rows that are events of their own. Texts may not be
/// validated before that: then a row is refused when the taking has ended.
#[derive(Debug)]
pub struct LentInserts<'r> {
    open: &'r mut OpenBatch,
    lsn: u64,
    /// The number of the last row that was noted.
    seq: &'r mut u64,
    cancellation: &'r Cancellation,
    /// The table of the rows, and its place among the open ones.
    table: Option<usize>,
    opened: Option<usize>,
    /// The bytes of a row without its texts.
    fixed_bytes: usize,
    /// The rows that were appended and not noted yet, and the bytes of their texts.
    rows: usize,
    bytes: usize,
    /// How many rows and how many bytes may still be taken.
    rows_left: usize,
    bytes_left: usize,
}

impl<'r> LentInserts<'r> {
    pub(super) fn new(open: &'r mut OpenBatch, bound: Bound<'r>) -> Self {
        let Bound {
            lsn,
            seq,
            held: _,
            batch_bytes,
            cancellation,
        } = bound;
        let rows_left = ROWS_TO_THE_HUNGRY - open.rows() % ROWS_TO_THE_HUNGRY;
        let bytes_left = batch_bytes.saturating_sub(open.byte_size());
        Self {
            open,
            lsn,
            seq,
            cancellation,
            table: None,
            opened: None,
            fixed_bytes: 0,
            rows: 0,
            bytes: 0,
            rows_left,
            // The batch was looked at before: one more row it takes, however small it is to be.
            bytes_left: bytes_left.max(1),
        }
    }

    /// Whether a further row can be taken; if not, a batch may be full, or the run is to stop.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.rows_left > 0 && self.bytes_left > 0 && !self.cancellation.is_cancelled()
    }

    /// Inserts a row.
    ///
    /// # Errors
    /// When the row does not fit its table, as the policy has it, or names a table that there is not.
    #[inline]
    pub fn push<R: SourceRow>(&mut self, row: &R) -> Result<()> {
        let table = row.table();
        if self.table != Some(table) {
            self.turn_to::<R>(table)?;
        }
        let Some(opened) = self.opened else {
            *self.seq += 1;
            self.look_at_consumer();
            return Ok(());
        };
        match self.open.append_lent(opened, row, self.rows) {
            Ok(bytes) => {
                self.rows_left = self.rows_left.saturating_sub(1);
                self.rows += 1;
                self.bytes += bytes;
                self.bytes_left = self.bytes_left.saturating_sub(self.fixed_bytes + bytes);
                Ok(())
            }
            Err(refusal) => self.refused(opened, row, refusal),
        }
    }

    /// Goes on with the rows of another table.
    #[cold]
    fn turn_to<R: SourceRow>(&mut self, table: usize) -> Result<()> {
        self.note();
        self.open.compare_declared::<R>()?;
        self.opened = self.open.open(table)?;
        self.fixed_bytes = self.opened.map_or(0, |open| self.open.fixed_bytes(open));
        self.table = Some(table);
        Ok(())
    }

    #[cold]
    fn refused<R: SourceRow>(&mut self, opened: usize, row: &R, refusal: Refusal) -> Result<()> {
        self.note();
        *self.seq += 1;
        let at = Position {
            lsn: self.lsn,
            seq: *self.seq,
        };
        (self.open).refused_insert(opened, row, at, refusal)?;
        self.look_at_consumer();
        Ok(())
    }

    /// Ends the taking after a row that was not appended, where a consumer that waits is to be given what there is.
    fn look_at_consumer(&mut self) {
        if !self.open.is_empty() && self.open.rows().is_multiple_of(ROWS_TO_THE_HUNGRY) {
            self.rows_left = 0;
        }
    }

    /// Validates the texts of what was appended, and notes it.
    fn note(&mut self) {
        let Some(opened) = self.opened.filter(|_| self.rows > 0) else {
            return;
        };
        let first = Position {
            lsn: self.lsn,
            seq: *self.seq + 1,
        };
        (self.open).note_lent(opened, first, self.rows, self.bytes);
        *self.seq += self.rows as u64;
        (self.rows, self.bytes) = (0, 0);
    }
}

/// What was appended counts, however the taking ends.
impl Drop for LentInserts<'_> {
    fn drop(&mut self) {
        self.note();
    }
}
