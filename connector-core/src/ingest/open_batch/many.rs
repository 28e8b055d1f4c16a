//! Many inserts, at once or one after another: when, and into which columns.

use std::iter::repeat_n;

use super::{OpenBatch, OpenTable, Position, failure};
use crate::columns::{Column, Image, NotUtf8, Refusal, RowOp, RowWriter, RowsWriter, Why};
use crate::error::Result;
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
        self.note_inserts(open, first, rows.len(), bytes);
        true
    }

    /// The bytes of a row of a selected table without its texts.
    pub(crate) fn fixed_bytes(&self, open: usize) -> usize {
        self.tables.get(open).map_or(0, |table| table.fixed_bytes)
    }

    /// Appends a row that is to be inserted, all or nothing, behind those that were not noted yet. Gives the bytes of its texts.
    #[inline]
    pub(crate) fn append_lent<R: RowImage>(
        &mut self,
        open: usize,
        row: &R,
        not_noted: usize,
    ) -> Result<usize, Refusal> {
        let Some(table) = self.tables.get_mut(open) else {
            return Ok(0);
        };
        let mut writer = RowWriter::of_many(&mut table.columns, &table.plan, table.on_misfit);
        let appended = row.append(&mut writer);
        match writer.finish(appended) {
            Ok(taken) => {
                self.nulled += taken.nulled;
                Ok(taken.bytes)
            }
            Err(refusal) => {
                let row = table.ops.len() + not_noted;
                let refusal = table.refused_first(row, refusal);
                table.truncate(row);
                Err(refusal)
            }
        }
    }

    /// Says why a row was not inserted, or puts it among the rejected ones.
    pub(crate) fn refused_insert<R: RowImage>(
        &mut self,
        open: usize,
        row: &R,
        at: Position,
        refusal: Refusal,
    ) -> Result<()> {
        self.refused(open, RowOp::Insert, row, Image::New, at, refusal)
            .map(drop)
    }

    /// Validates the texts of rows that were lent, and notes the rows. Where one is to be refused, none is noted, and
    /// [`refused_late`](Self::refused_late) tells why: the run ends, and what they are part of stays incomplete.
    pub(crate) fn note_lent(
        &mut self,
        open: usize,
        first: Position,
        rows: usize,
        text_bytes: usize,
    ) {
        let Some(table) = self.tables.get_mut(open) else {
            return;
        };
        let Some((place, wrong)) = table.validate_texts() else {
            return self.note_inserts(open, first, rows, text_bytes);
        };
        let before = wrong.row.saturating_sub(table.ops.len()) as u64;
        table.roll_back();
        let at = Position {
            seq: first.seq + before,
            ..first
        };
        let column = table.column_of(place);
        let error = table.cast_error(column, wrong.misfit, wrong.preview, at);
        (self.refused_late).get_or_insert_with(|| failure(error, column));
    }

    /// Whether a row that was lent is refused after all.
    ///
    /// # Errors
    /// Why it is: once.
    #[inline]
    pub(crate) fn refused_late(&mut self) -> Result<()> {
        match self.refused_late.take() {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Notes the operations, the positions and the bytes of rows that were appended.
    fn note_inserts(&mut self, open: usize, first: Position, rows: usize, text_bytes: usize) {
        let Some(table) = self.tables.get_mut(open) else {
            return;
        };
        table.ops.extend(repeat_n(RowOp::Insert, rows));
        table.lsn.extend(repeat_n(first.lsn, rows));
        table.seq.extend((first.seq..).take(rows));
        self.rows += rows;
        self.bytes += table.fixed_bytes * rows + text_bytes;
    }
}

impl OpenTable {
    /// Validates the texts that were not yet: the first row with one that is not UTF-8, and the place of its column.
    fn validate_texts(&mut self) -> Option<(usize, NotUtf8)> {
        let wrong = |(place, column): (usize, &mut Column)| {
            let wrong = column.validate_texts().err()?;
            Some((place, wrong))
        };
        let wrong = self.columns.iter_mut().enumerate().filter_map(wrong);
        wrong.min_by_key(|(_, wrong)| wrong.row)
    }

    /// Why the row that was pushed last is refused: for a value, or for a text before that, which was not validated.
    #[cold]
    fn refused_first(&self, row: usize, refusal: Refusal) -> Refusal {
        let mut before = self.columns.iter().take(refusal.column).enumerate();
        let wrong = |(column, texts): (usize, &Column)| {
            let NotUtf8 {
                misfit, preview, ..
            } = texts.not_utf8(row)?;
            let why = Why::Misfit { misfit, preview };
            Some(Refusal { column, why })
        };
        before.find_map(wrong).unwrap_or(refusal)
    }
}
