//! Many inserts at once: when, and into which columns.

use std::iter::repeat_n;

use super::{OpenBatch, Position};
use crate::columns::{RowOp, RowsWriter};
use crate::source::RowImage;

/// So many inserts one after another are a sign of more.
pub(super) const BEFORE_MANY: u32 = 8;

/// So many rows go one by one after some that could not be appended together.
const AFTER_FAILURE: u32 = 2_000;

impl OpenBatch {
    /// Notes that something else than an insert came.
    #[inline]
    pub(crate) fn ends_inserts(&mut self) {
        self.one_by_one = self.one_by_one.max(BEFORE_MANY);
    }

    /// Whether many inserts may be taken at once: some have come one after another.
    #[inline]
    pub(crate) fn takes_many(&self) -> bool {
        self.one_by_one == 0
    }

    /// Notes that the rows that come now cannot be appended together.
    #[cold]
    pub(crate) fn one_by_one(&mut self) {
        self.one_by_one = AFTER_FAILURE;
    }

    /// Of the source's table `place`, if many rows of it can be taken at once: its place among the open ones, the bytes
    /// of a row without its texts, and whether rows have been taken so before.
    pub(crate) fn many_of(&mut self, place: usize) -> Option<(usize, usize, bool)> {
        let open = self.open(place).ok().flatten()?;
        let table = self.tables.get(open)?;
        Some((open, table.fixed_bytes, table.by_column))
    }

    /// Inserts many rows of one table, all or none. `false`: they are to be inserted one by one.
    pub(crate) fn insert_many<R: RowImage>(
        &mut self,
        open: usize,
        rows: &[R],
        first: Position,
    ) -> bool {
        let Some(table) = self.tables.get_mut(open) else {
            return false;
        };
        let mut writer = RowsWriter::new(&mut table.columns, &table.plan, rows.len());
        R::append_all(rows.iter(), &mut writer);
        let taken = writer.finish();
        table.by_column |= taken.is_some();
        let Some(bytes) = taken else {
            table.roll_back();
            self.one_by_one();
            return false;
        };
        table.ops.extend(repeat_n(RowOp::Insert, rows.len()));
        table.lsn.extend(repeat_n(first.lsn, rows.len()));
        table.seq.extend((first.seq..).take(rows.len()));
        self.rows += rows.len();
        self.bytes += table.fixed_bytes * rows.len() + bytes;
        true
    }
}
