//! One row on its way into, and out of, the columns of a batch.

use super::Column;
use crate::source::{FromValue, RawValue as _, Rejected};
use crate::types::ColumnTypes;
use crate::value::Misfit;
use crate::value::Value;

/// Where each column of a table goes: made once per table.
#[derive(Debug, Clone)]
pub(crate) struct RowPlan {
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The place among the selected columns, or `SKIP`.
    target: u32,
    nullable: bool,
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
        Self {
            slots: slots.collect(),
        }
    }

    /// The same plan for printing a row: every column may be null.
    pub(crate) fn lenient(&self) -> Self {
        Self {
            slots: self
                .slots
                .iter()
                .map(|slot| Slot {
                    nullable: true,
                    ..*slot
                })
                .collect(),
        }
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
    columns: &'b mut [Column],
    plan: &'b RowPlan,
    next: usize,
    image: Image,
    on_misfit: OnMisfit,
    nulled: u64,
    refusal: Option<Refusal>,
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
    pub(crate) fn new(
        columns: &'b mut [Column],
        plan: &'b RowPlan,
        image: Image,
        on_misfit: OnMisfit,
    ) -> Self {
        Self {
            columns,
            plan,
            next: 0,
            image,
            on_misfit,
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
        self.push_known(value)
    }

    /// The same where the kind of value is known to the compiler: what is left is the append of that kind.
    #[expect(
        clippy::inline_always,
        reason = "a third of the instructions of `push` for each value of a derived row"
    )]
    #[inline(always)]
    pub(crate) fn push_known(&mut self, value: Value<'_>) -> Result<(), Rejected> {
        match value {
            Value::Null => self.push_null(),
            Value::Unchanged => self.push_unsent(),
            value => {
                let Some((column, _)) = self.next_column()? else {
                    return Ok(());
                };
                match column.push_known(value) {
                    Ok(()) => Ok(()),
                    Err(misfit) => self.misfit(misfit, || value.preview()),
                }
            }
        }
    }

    /// Pushes the next column by its own means: `append` is called unless the column is passed over; `preview`
    /// is called only for an error.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    #[expect(
        clippy::inline_always,
        reason = "a call with two closures costs as much as the append; the seldom paths are out of line"
    )]
    #[inline(always)]
    pub fn push_with(
        &mut self,
        append: impl FnOnce(&mut Column) -> Result<(), Misfit>,
        preview: impl FnOnce() -> String,
    ) -> Result<(), Rejected> {
        let Some((column, _)) = self.next_column()? else {
            return Ok(());
        };
        match append(column) {
            Ok(()) => Ok(()),
            Err(misfit) => self.misfit(misfit, preview),
        }
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
    #[inline]
    pub fn push_null(&mut self) -> Result<(), Rejected> {
        let Some((column, nullable)) = self.next_column()? else {
            return Ok(());
        };
        if nullable {
            column.push_null();
            return Ok(());
        }
        self.misfit(Misfit::Null, || "null".to_owned())
    }

    /// Says that the source did not send the next column: it is unchanged, or not part of the key.
    ///
    /// # Errors
    /// When the column must be sent: a key, or any column of a full old row.
    #[inline]
    pub fn push_unsent(&mut self) -> Result<(), Rejected> {
        let slot = self.next_slot()?;
        if slot.key {
            self.next -= 1;
            return self.refuse(Why::Protocol("a column of the primary key was not sent"));
        }
        let why = match self.image {
            Image::After | Image::Key => None,
            Image::New => Some(Why::Protocol(
                "a column of a new row was not sent; only an update may leave columns out",
            )),
            Image::Old => Some(Why::Protocol(
                "a full old row was announced, and a column of it was not sent",
            )),
            Image::AfterRejected => Some(Why::Misfit {
                misfit: Misfit::Other(
                    "not sent, and the old row that has it was rejected".to_owned(),
                ),
                preview: "unchanged".to_owned(),
            }),
        };
        if let Some(why) = why {
            self.next -= 1;
            return self.refuse(why);
        }
        self.unsent_at(slot);
        Ok(())
    }

    /// Gives the row up because of the next column, with a reason of the row's own.
    #[cold]
    pub fn reject(&mut self, misfit: Misfit) -> Rejected {
        self.give_up(Why::Misfit {
            misfit,
            preview: String::new(),
        })
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

    /// Goes to the next column.
    #[inline]
    fn next_slot(&mut self) -> Result<Slot, Rejected> {
        match self.plan.slots.get(self.next) {
            Some(&slot) => {
                self.next += 1;
                Ok(slot)
            }
            None => Err(self.too_wide()),
        }
    }

    #[cold]
    fn too_wide(&mut self) -> Rejected {
        if self.refusal.is_some() {
            return Rejected;
        }
        self.give_up(Why::Protocol(
            "the row has more values than its table has columns",
        ))
    }

    /// Refuses the row because of the next column; no column is next from then on.
    fn give_up(&mut self, why: Why) -> Rejected {
        self.refusal = Some(Refusal {
            column: self.next,
            why,
        });
        self.next = usize::MAX;
        Rejected
    }

    /// Goes to the next column, and says whether it may be null; `None` when it was not selected, or counts as not sent.
    #[inline]
    fn next_column(&mut self) -> Result<Option<(&mut Column, bool)>, Rejected> {
        let Slot {
            target,
            nullable,
            key,
        } = self.next_slot()?;
        let column = self.columns.get_mut(target as usize);
        if self.image == Image::Key && !key {
            if let Some(column) = column {
                column.push_unchanged();
            }
            return Ok(None);
        }
        Ok(column.map(|column| (column, nullable)))
    }

    #[inline]
    fn unsent_at(&mut self, slot: Slot) {
        if let Some(column) = self.columns.get_mut(slot.target as usize) {
            column.push_unchanged();
        }
    }

    /// The value of the column that was gone to last does not fit.
    #[cold]
    fn misfit(&mut self, misfit: Misfit, preview: impl FnOnce() -> String) -> Result<(), Rejected> {
        self.next -= 1;
        if self.on_misfit == OnMisfit::Null
            && let Some(slot) = self.plan.slots.get(self.next)
            && slot.nullable
            && let Some(column) = self.columns.get_mut(slot.target as usize)
        {
            column.push_null();
            self.next += 1;
            self.nulled += 1;
            return Ok(());
        }
        let preview = preview();
        self.refuse(Why::Misfit { misfit, preview })
    }

    #[cold]
    fn refuse(&mut self, why: Why) -> Result<(), Rejected> {
        Err(self.give_up(why))
    }

    /// Ends the row: how many values became null by policy, or why the row was refused.
    pub(crate) fn finish(self, appended: Result<(), Rejected>) -> Result<u64, Refusal> {
        match (appended, self.refusal) {
            (Ok(()), None) if self.next == self.plan.width() => Ok(self.nulled),
            (Ok(()), None) => Err(Refusal {
                column: self.next,
                why: Why::Protocol("the row has fewer values than its table has columns"),
            }),
            (_, Some(refusal)) => Err(refusal),
            (Err(Rejected), None) => Err(Refusal {
                column: self.next,
                why: Why::Protocol("the row was given up without a reason"),
            }),
        }
    }
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
