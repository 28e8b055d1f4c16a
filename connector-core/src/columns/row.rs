//! One row on its way into, and out of, the columns of a batch.

use std::slice;

use super::Column;
use crate::source::{ColumnValue, FromValue, RawValue as _, Rejected};
use crate::types::{ColumnTypes, FieldType};
use crate::value::Misfit;
use crate::value::Value;

/// Where each column of a table goes: made once per table.
#[derive(Debug, Clone)]
pub(crate) struct RowPlan {
    slots: Vec<Slot>,
    /// Whether each value goes to the column of its own place: every column is selected.
    straight: bool,
}

/// Where a value of a row goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The place among the selected columns, or `SKIP`.
    pub(super) target: u32,
    pub(super) nullable: bool,
    key: bool,
}

const SKIP: u32 = u32::MAX;

/// One column of a table, as a [`RowPlan`] needs to know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    pub(crate) target: Option<usize>,
    pub(crate) nullable: bool,
    pub(crate) key: bool,
}

impl RowPlan {
    pub(crate) fn new(columns: impl IntoIterator<Item = Planned>) -> Self {
        let slots = columns.into_iter().map(|column| Slot {
            target: column
                .target
                .and_then(|place| u32::try_from(place).ok())
                .unwrap_or(SKIP),
            nullable: column.nullable,
            key: column.key,
        });
        let slots: Vec<Slot> = slots.collect();
        let straight = (0..).zip(&slots).all(|(place, slot)| slot.target == place);
        Self { slots, straight }
    }

    /// The same plan for printing a row: every column may be null.
    pub(crate) fn lenient(&self) -> Self {
        let slots = self.slots.iter().map(|slot| Slot {
            nullable: true,
            ..*slot
        });
        Self {
            slots: slots.collect(),
            straight: self.straight,
        }
    }

    /// Where each value goes, in the order in which a row delivers them.
    pub(super) fn slots(&self) -> slice::Iter<'_, Slot> {
        self.slots.iter()
    }

    /// How many values a row must deliver.
    pub(crate) fn width(&self) -> usize {
        self.slots.len()
    }
}

/// Which image of a row is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Image {
    /// A row that was inserted, or read in a snapshot: all of it must be there.
    New,
    /// A row after an update: its key must be there.
    After,
    /// A row after an update whose old image was rejected: to the sink it is new, so all of it must be there.
    AfterRejected,
    /// The whole old row: nothing may be missing.
    Old,
    /// The key of an old row: the rest counts as not sent.
    Key,
}

/// What a person wants done with a value that does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMisfit {
    /// The run stops.
    #[default]
    Fail,
    /// The value becomes null, where the column is nullable; else the run stops.
    Null,
    /// The row goes to the dead-letter file.
    Reject,
}

/// Takes one row, value by value, in the order of its table's columns.
///
/// Columns that nobody selected are passed over; nulls, widths and misfits are looked after here, so that a row
/// has nothing to do but push. Once a row is refused, what is pushed of it further has no effect.
#[derive(Debug)]
pub struct RowWriter<'b> {
    /// The columns of the values to come, where each value goes to the column of its own place; else empty.
    straight: slice::IterMut<'b, Column>,
    /// The columns, where the plan has to be asked for each value; else empty.
    planned: &'b mut [Column],
    plan: &'b RowPlan,
    /// The place behind the next value and those in `straight`: see [`place`](Self::place).
    end: usize,
    image: Image,
    on_misfit: OnMisfit,
    /// Whether texts are validated where they are pushed; if not, whoever made the writer does it later.
    validates_texts: bool,
    /// The bytes of the row's texts.
    bytes: usize,
    nulled: u64,
    refusal: Option<Refusal>,
}

/// A column that is gone to, and that no value was pushed into yet; none, where the row's plan says which it is.
#[derive(Debug)]
pub struct NextColumn<'b>(Option<&'b mut Column>);

/// What a row did that was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// The bytes of its texts.
    pub(crate) bytes: usize,
    /// How many values became null by policy.
    pub(crate) nulled: u64,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// The place of the column in the table.
    pub(crate) column: usize,
    pub(crate) why: Why,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Why {
    /// A value does not fit.
    Misfit { misfit: Misfit, preview: String },
    /// The connector broke a rule.
    Protocol(&'static str),
}

impl<'b> RowWriter<'b> {
    #[inline]
    pub(crate) fn new(
        columns: &'b mut [Column],
        plan: &'b RowPlan,
        image: Image,
        on_misfit: OnMisfit,
    ) -> Self {
        Self::with_validation(columns, plan, image, on_misfit, true)
    }

    /// For one of many new rows, of which texts that are pushed as bytes are [validated](Column::validate_texts) by the caller,
    /// where the run ends with the first that does not fit.
    #[inline]
    pub(crate) fn of_many(
        columns: &'b mut [Column],
        plan: &'b RowPlan,
        on_misfit: OnMisfit,
    ) -> Self {
        let validates_texts = on_misfit != OnMisfit::Fail;
        Self::with_validation(columns, plan, Image::New, on_misfit, validates_texts)
    }

    #[inline]
    fn with_validation(
        columns: &'b mut [Column],
        plan: &'b RowPlan,
        image: Image,
        on_misfit: OnMisfit,
        validates_texts: bool,
    ) -> Self {
        // Of a key image most columns take nothing, whatever is pushed.
        let (straight, planned) = if plan.straight && image != Image::Key {
            (columns, Default::default())
        } else {
            (Default::default(), columns)
        };
        Self {
            end: straight.len(),
            straight: straight.iter_mut(),
            planned,
            plan,
            image,
            on_misfit,
            validates_texts,
            bytes: 0,
            nulled: 0,
            refusal: None,
        }
    }

    /// Pushes the value of the next column.
    ///
    /// # Errors
    /// When the value does not fit and the policy is not to take null for it; the row is then given up.
    #[inline]
    pub fn push(&mut self, value: Value<'_>) -> Result<(), Rejected> {
        match value {
            Value::Null => self.push_null(),
            Value::Unchanged => self.push_unsent(),
            value => self.push_with(|column| column.push(value), || value.preview()),
        }
    }

    /// Pushes a value whose kind is known to the compiler: `plain` is what `value` hands over. A refusal stays with the row.
    #[expect(clippy::inline_always, reason = "as what it calls")]
    #[inline(always)]
    pub(crate) fn push_known<T: ColumnValue + ?Sized>(&mut self, value: &T, plain: Value<'_>) {
        if let Err(column) = self.push_plain(plain) {
            self.push_otherwise(value, column);
        }
    }

    /// Pushes a value by the plan, or where its kind is not that of its column.
    #[inline(never)]
    fn push_otherwise<T: ColumnValue + ?Sized>(&mut self, value: &T, column: NextColumn<'b>) {
        let _ = value.with_value(|value| match column.0 {
            None => self.push(value),
            Some(_) => self.push_into(column, |column| column.push(value), || value.preview()),
        });
    }

    /// Pushes a value into the next column as it is, where its kind is the column's own. For drivers that know the kind of value
    /// where they push it.
    ///
    /// # Errors
    /// Where the value has to be cast, or the row's plan to be asked: then nothing was pushed, and the column is to be given to
    /// [`push_into`](Self::push_into).
    #[expect(
        clippy::inline_always,
        reason = "a quarter of the instructions of `push`: what is left is the append of that kind"
    )]
    #[inline(always)]
    pub fn push_plain(&mut self, value: Value<'_>) -> Result<(), NextColumn<'b>> {
        let mut column = self.straight.next();
        // No method with a closure: what it calls would not be sure to be in line.
        if let Some(column) = &mut column
            && let Some(bytes) = column.push_plain(value)
        {
            self.bytes += bytes;
            return Ok(());
        }
        Err(NextColumn(column))
    }

    /// Pushes bytes that are to be UTF-8 into the next column, as they are, where it is one of texts: as
    /// [`push_plain`](Self::push_plain) does, with no need to validate them before. For drivers to which other bytes are no text.
    ///
    /// # Errors
    /// As [`push_plain`](Self::push_plain), and where the bytes are not UTF-8. Where rows are
    /// [lent](crate::ingest::LentInserts), and the run ends with the first value that does not fit, core validates the texts of
    /// many rows at once, and refuses the row itself.
    #[expect(clippy::inline_always, reason = "as `push_plain`")]
    #[inline(always)]
    pub fn push_utf8(&mut self, bytes: &[u8]) -> Result<(), NextColumn<'b>> {
        let now = self.validates_texts;
        let mut column = self.straight.next();
        if let Some(column) = &mut column
            && let Some(bytes) = column.push_utf8(bytes, now)
        {
            self.bytes += bytes;
            return Ok(());
        }
        Err(NextColumn(column))
    }

    /// Pushes into the column that [`push_plain`](Self::push_plain) gave back, by its own means: `append` is called unless the
    /// column is passed over; `preview` is called only for an error.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    #[expect(
        clippy::inline_always,
        reason = "a call with two closures costs as much as the append; the seldom paths are out of line"
    )]
    #[inline(always)]
    pub fn push_into(
        &mut self,
        column: NextColumn<'b>,
        append: impl FnOnce(&mut Column) -> Result<(), Misfit>,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        let Some(column) = column.0 else {
            return self.push_planned(append, preview);
        };
        match append(column) {
            Ok(()) => {
                self.bytes += column.last_bytes();
                Ok(())
            }
            Err(misfit) => self.misfit(column, misfit, preview),
        }
    }

    /// Pushes the next column by its own means: `append` is called unless the column is passed over; `preview`
    /// is called only for an error.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    #[expect(clippy::inline_always, reason = "as what it calls")]
    #[inline(always)]
    pub fn push_with(
        &mut self,
        append: impl FnOnce(&mut Column) -> Result<(), Misfit>,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        let column = self.next_column();
        self.push_into(column, append, preview)
    }

    /// Goes to the next column, to [`push_into`](Self::push_into) it.
    #[inline]
    pub fn next_column(&mut self) -> NextColumn<'b> {
        NextColumn(self.straight.next())
    }

    /// Pushes a driver's raw value of a declared column type, by the type's own cast.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    #[inline]
    pub fn push_raw<T: ColumnTypes>(
        &mut self,
        declared: &T,
        raw: T::Raw<'_>,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        if raw.is_null() {
            return self.push_null();
        }
        self.push_with(|column| (declared.cast())(declared, raw, column), preview)
    }

    /// Pushes null into the next column.
    ///
    /// # Errors
    /// When the column is not nullable.
    pub fn push_null(&mut self) -> Result<(), Rejected> {
        let nullable = self.next_slot().is_some_and(|slot| slot.nullable);
        match self.straight.next() {
            Some(column) if nullable => {
                column.push_null();
                Ok(())
            }
            Some(column) => self.misfit(column, Misfit::Null, null_preview),
            None => self.push_planned(|column| null_into(column, nullable), null_preview),
        }
    }

    /// Says that the source did not send the next column: it is unchanged, or not part of the key.
    ///
    /// # Errors
    /// When the column must be sent: a key, or any column of a full old row.
    pub fn push_unsent(&mut self) -> Result<(), Rejected> {
        let Some(slot) = self.next_slot() else {
            return Err(self.too_wide());
        };
        if slot.key {
            return Err(self.broken("a column of the primary key was not sent"));
        }
        match self.image {
            Image::After | Image::Key => {}
            Image::New => {
                return Err(self.broken(
                    "a column of a new row was not sent; only an update may leave columns out",
                ));
            }
            Image::Old => {
                return Err(
                    self.broken("a full old row was announced, and a column of it was not sent")
                );
            }
            Image::AfterRejected => {
                let why = Why::Misfit {
                    misfit: Misfit::Other(
                        "not sent, and the old row that has it was rejected".to_owned(),
                    ),
                    preview: "unchanged".to_owned(),
                };
                return Err(self.give_up(self.place(), why));
            }
        }
        let mut column = self.straight.next();
        if column.is_none() {
            self.end += 1;
            column = self.planned.get_mut(slot.target as usize);
        }
        if let Some(column) = column {
            column.push_unchanged();
        }
        Ok(())
    }

    /// Gives the row up because of the next column, with a reason of the row's own.
    #[cold]
    pub fn reject(&mut self, misfit: Misfit) -> Rejected {
        let why = Why::Misfit {
            misfit,
            preview: String::new(),
        };
        self.give_up(self.place(), why)
    }

    /// Whether the row was taken as far as it was pushed.
    ///
    /// # Errors
    /// When a value was refused.
    #[inline]
    pub fn outcome(&self) -> Result<(), Rejected> {
        match self.refusal {
            None => Ok(()),
            Some(_) => Err(Rejected),
        }
    }

    /// The place of the next value in its row.
    #[inline]
    fn place(&self) -> usize {
        self.end - self.straight.len()
    }

    #[inline]
    fn next_slot(&self) -> Option<Slot> {
        self.plan.slots.get(self.place()).copied()
    }

    /// Pushes the next column where the plan has to say which it is.
    fn push_planned(
        &mut self,
        append: impl FnOnce(&mut Column) -> Result<(), Misfit>,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        let Some(slot) = self.next_slot() else {
            return Err(self.too_wide());
        };
        self.end += 1;
        let Some(column) = self.planned.get_mut(slot.target as usize) else {
            return Ok(());
        };
        if self.image == Image::Key && !slot.key {
            column.push_unchanged();
            return Ok(());
        }
        let Err(misfit) = append(column) else {
            self.bytes += column.last_bytes();
            return Ok(());
        };
        if self.on_misfit == OnMisfit::Null && slot.nullable {
            column.push_null();
            self.nulled += 1;
            return Ok(());
        }
        let preview = preview();
        Err(self.give_up(self.place() - 1, Why::Misfit { misfit, preview }))
    }

    #[cold]
    fn too_wide(&mut self) -> Rejected {
        if self.refusal.is_some() {
            return Rejected;
        }
        self.broken("the row has more values than its table has columns")
    }

    /// Refuses the row because of the next column: a rule is broken.
    #[cold]
    fn broken(&mut self, rule: &'static str) -> Rejected {
        self.give_up(self.place(), Why::Protocol(rule))
    }

    /// Refuses the row because of a column; none is next from then on.
    #[cold]
    fn give_up(&mut self, column: usize, why: Why) -> Rejected {
        self.refusal = Some(Refusal { column, why });
        self.straight = slice::IterMut::default();
        self.end = usize::MAX;
        Rejected
    }

    /// The value of the column that was gone to last does not fit.
    #[cold]
    fn misfit(
        &mut self,
        column: &mut Column,
        misfit: Misfit,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        let place = self.place() - 1;
        let nullable = self.plan.slots.get(place).is_some_and(|slot| slot.nullable);
        if self.on_misfit == OnMisfit::Null && nullable {
            column.push_null();
            self.nulled += 1;
            return Ok(());
        }
        let preview = preview();
        Err(self.give_up(place, Why::Misfit { misfit, preview }))
    }

    /// Ends the row: what there was of it, or why it was refused.
    #[inline]
    pub(crate) fn finish(&mut self, appended: Result<(), Rejected>) -> Result<Taken, Refusal> {
        if appended.is_ok() && self.refusal.is_none() && self.place() == self.plan.width() {
            return Ok(Taken {
                bytes: self.bytes,
                nulled: self.nulled,
            });
        }
        Err(self.refused(appended))
    }

    #[cold]
    fn refused(&mut self, appended: Result<(), Rejected>) -> Refusal {
        let column = self.place();
        let protocol = |message| Refusal {
            column,
            why: Why::Protocol(message),
        };
        self.refusal.take().unwrap_or_else(|| match appended {
            Ok(()) => protocol("the row has fewer values than its table has columns"),
            Err(Rejected) => protocol("the row was given up without a reason"),
        })
    }
}

fn null_into(column: &mut Column, nullable: bool) -> Result<(), Misfit> {
    if !nullable {
        return Err(Misfit::Null);
    }
    column.push_null();
    Ok(())
}

fn null_preview() -> String {
    "null".to_owned()
}

/// Reads one row out of a batch, value by value, in the order of its columns.
#[derive(Debug)]
pub struct RowReader<'b> {
    columns: &'b [Column],
    row: usize,
    next: usize,
    refusal: Option<(usize, Misfit)>,
}

impl<'b> RowReader<'b> {
    /// A reader of row `row` of these columns.
    pub fn new(columns: &'b [Column], row: usize) -> Self {
        Self {
            columns,
            row,
            next: 0,
            refusal: None,
        }
    }

    /// The value of the next column.
    #[inline]
    pub fn value(&mut self) -> Value<'b> {
        let value = self
            .columns
            .get(self.next)
            .map_or(Value::Null, |column| column.value(self.row));
        self.next += 1;
        value
    }

    /// Reads the next column as a `T`.
    ///
    /// # Errors
    /// When the value does not fit a `T`.
    #[inline]
    pub fn read<T: FromValue<'b>>(&mut self) -> Result<T, Rejected> {
        T::read_from(self)
    }

    /// Reads the next column by this function.
    #[inline]
    pub(crate) fn read_by<T>(
        &mut self,
        from_value: impl FnOnce(Value<'b>) -> Result<T, Misfit>,
    ) -> Result<T, Rejected> {
        // In line, so that the look at the column's layout is one with the look at the value's kind.
        let value = (self.columns.get(self.next))
            .map_or(Value::Null, |column| column.value_in_line(self.row));
        self.next += 1;
        from_value(value).map_err(|misfit| self.reject_last(misfit))
    }

    /// The same, for values that mostly lie as those of type `usual` do.
    #[inline]
    pub(crate) fn read_usual<T>(
        &mut self,
        usual: FieldType,
        from_value: fn(Value<'b>) -> Result<T, Misfit>,
    ) -> Result<T, Rejected> {
        let column = self.columns.get(self.next);
        match column.and_then(|column| column.usual_value(usual, self.row)) {
            Some(value) => {
                self.next += 1;
                from_value(value).map_err(|misfit| self.reject_last(misfit))
            }
            None => self.read_otherwise(from_value),
        }
    }

    #[inline(never)]
    fn read_otherwise<T>(
        &mut self,
        from_value: fn(Value<'b>) -> Result<T, Misfit>,
    ) -> Result<T, Rejected> {
        self.read_by(from_value)
    }

    /// Gives the row up because of the column that was read last.
    #[cold]
    pub fn reject(&mut self, misfit: Misfit) -> Rejected {
        self.reject_last(misfit)
    }

    #[cold]
    fn reject_last(&mut self, misfit: Misfit) -> Rejected {
        self.refusal = Some((self.next.saturating_sub(1), misfit));
        Rejected
    }

    /// Why the row could not be read: the column's place and the reason.
    pub fn refusal(&self) -> Option<(usize, &Misfit)> {
        self.refusal
            .as_ref()
            .map(|(column, misfit)| (*column, misfit))
    }
}
