//! Many rows at once on their way into the columns of a batch, column by column.

use std::slice;

use super::Column;
use super::plain::Plain;
use super::row::{RowPlan, Slot};

/// Takes many rows of one table, column by column, in the order of the table's columns.
///
/// What a [`RowWriter`](super::RowWriter) asks for each value (is its column selected, is it of the column's kind, may it be
/// null) is asked once for each column here. Only what needs no answer of its own is taken: a value that is to be cast
/// or refused ends it, and core then appends the rows one by one.
#[derive(Debug)]
pub struct RowsWriter<'b> {
    columns: &'b mut [Column],
    /// Those of the columns to come.
    slots: slice::Iter<'b, Slot>,
    rows: usize,
    /// The bytes of the rows' texts.
    bytes: usize,
    given_up: bool,
}

/// How full a column is.
struct Extent {
    rows: usize,
    nulls: usize,
    bytes: usize,
}

impl Extent {
    fn of(column: &Column) -> Self {
        Self {
            rows: column.len(),
            nulls: column.null_count(),
            bytes: column.data.variable_bytes(),
        }
    }
}

impl<'b> RowsWriter<'b> {
    /// A writer of so many rows.
    pub(crate) fn new(columns: &'b mut [Column], plan: &'b RowPlan, rows: usize) -> Self {
        Self {
            columns,
            slots: plan.slots(),
            rows,
            bytes: 0,
            given_up: false,
        }
    }

    /// Says that the rows cannot be appended column by column.
    pub fn give_up(&mut self) {
        self.given_up = true;
    }

    /// Pushes the next column of all rows; `None` is null.
    #[inline]
    pub(crate) fn push_all<T: Plain>(&mut self, values: impl Iterator<Item = Option<T>>) {
        let Some((column, nullable)) = self.next_column() else {
            return;
        };
        let before = Extent::of(column);
        if T::append_all(values, column) {
            let after = Extent::of(column);
            self.pushed(&before, &after, nullable);
        } else {
            self.give_up();
        }
    }

    /// The next column, and whether it may hold nulls; none where nobody selected it, or the rows were given up.
    #[inline(never)]
    fn next_column(&mut self) -> Option<(&mut Column, bool)> {
        if self.given_up {
            return None;
        }
        let Some(slot) = self.slots.next() else {
            self.given_up = true;
            return None;
        };
        let column = self.columns.get_mut(slot.target as usize)?;
        Some((column, slot.nullable))
    }

    #[inline(never)]
    fn pushed(&mut self, before: &Extent, after: &Extent, nullable: bool) {
        self.bytes += after.bytes - before.bytes;
        let short = after.rows != before.rows + self.rows;
        let null = !nullable && after.nulls > before.nulls;
        self.given_up |= short || null;
    }

    /// Ends the rows: the bytes of their texts, where all of them were taken.
    pub(crate) fn finish(mut self) -> Option<usize> {
        let all = self.slots.next().is_none();
        (all && !self.given_up).then_some(self.bytes)
    }
}
