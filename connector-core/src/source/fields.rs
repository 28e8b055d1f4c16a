//! What is done with the fields of rows: the derive names them once, and all of it follows from that.

use super::{ColumnValue, Columns, Rejected, RowImage};
use crate::columns::{RowWriter, RowsWriter};

/// Is shown the columns of rows of a type, in the table's order. `'i` is the life of the rows.
pub trait Fields<'i, R: 'i> {
    /// A field that is one column.
    fn value<T: ColumnValue + ?Sized + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T);

    /// A field that is a group of columns.
    fn group<T: Columns + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T);

    /// A column whose value is made as it is written.
    fn written(&mut self, push: impl FnOnce(&'i R, &mut RowWriter<'_>));
}

/// Appends one row.
struct One<'i, 'w, 'b, R> {
    row: &'i R,
    writer: &'w mut RowWriter<'b>,
}

impl<'i, R: 'i> Fields<'i, R> for One<'i, '_, '_, R> {
    #[inline]
    fn value<T: ColumnValue + ?Sized + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        of(self.row).push_into(self.writer);
    }

    #[inline]
    fn group<T: Columns + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        of(self.row).push_into(self.writer);
    }

    #[inline]
    fn written(&mut self, push: impl FnOnce(&'i R, &mut RowWriter<'_>)) {
        push(self.row, self.writer);
    }
}

/// Counts the bytes of a row's texts.
struct TextBytes<'i, R> {
    row: &'i R,
    bytes: Option<usize>,
}

impl<'i, R: 'i> Fields<'i, R> for TextBytes<'i, R> {
    #[inline]
    fn value<T: ColumnValue + ?Sized + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        let row = self.row;
        self.bytes = (self.bytes).and_then(|bytes| Some(bytes + of(row).text_bytes()?));
    }

    #[inline]
    fn group<T: Columns + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        let row = self.row;
        self.bytes = (self.bytes).and_then(|bytes| Some(bytes + of(row).text_bytes()?));
    }

    #[inline]
    fn written(&mut self, _: impl FnOnce(&'i R, &mut RowWriter<'_>)) {
        self.bytes = None;
    }
}

/// Appends many rows, column by column.
struct Many<'w, 'b, I> {
    rows: I,
    into: &'w mut RowsWriter<'b>,
}

impl<'i, R: 'i, I: Iterator<Item = &'i R> + Clone> Fields<'i, R> for Many<'_, '_, I> {
    #[inline]
    fn value<T: ColumnValue + ?Sized + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        T::push_all_into(self.rows.clone().map(|row| Some(of(row))), self.into);
    }

    #[inline]
    fn group<T: Columns + 'i>(&mut self, of: impl Fn(&'i R) -> &'i T) {
        T::append_all(self.rows.clone().map(&of), self.into);
    }

    #[inline]
    fn written(&mut self, _: impl FnOnce(&'i R, &mut RowWriter<'_>)) {
        self.into.give_up();
    }
}

/// Appends a row.
///
/// # Errors
/// When a value does not fit its column.
#[inline]
pub fn append<R: RowImage>(row: &R, writer: &mut RowWriter<'_>) -> Result<(), Rejected> {
    R::fields(&mut One { row, writer });
    writer.outcome()
}

/// See [`RowImage::text_bytes`].
#[inline]
pub(super) fn text_bytes<R: RowImage>(row: &R) -> Option<usize> {
    let mut counted = TextBytes {
        row,
        bytes: Some(0),
    };
    R::fields(&mut counted);
    counted.bytes
}

/// See [`RowImage::append_all`].
#[inline]
pub(super) fn append_all<'i, R: RowImage + 'i>(
    rows: impl Iterator<Item = &'i R> + Clone,
    into: &mut RowsWriter<'_>,
) {
    R::fields(&mut Many { rows, into });
}
