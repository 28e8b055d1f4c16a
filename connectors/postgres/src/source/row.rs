//! One row on its way from the server's message into the columns of a batch.

use std::sync::Arc;

use connector_core::tracking::AtRunTime;
use connector_core::{Rejected, RowImage, RowWriter, SourceRow, TableInfo};

use super::tuple::Tuple;
use crate::catalog::Standing;
use crate::snapshot::{CopyForm, Fields};
use crate::types::{Decoder, PgValue};

/// What is known of a selected table before its first row.
#[derive(Debug)]
pub(crate) struct TablePlan {
    /// The name, for messages.
    pub(crate) name: String,
    /// The number that the server gave the table.
    pub(super) relation: u32,
    /// What it was declared to tell of old rows.
    pub(super) old: OldRows,
    /// The table as it was looked at, with all its columns.
    pub(super) info: Arc<TableInfo>,
    /// The place in the list of tables.
    pub(super) place: usize,
    /// The selected columns, in the order in which rows deliver them.
    pub(super) columns: Vec<ColumnPlan>,
}

/// What a table's changes have to tell of old rows.
#[derive(Debug)]
pub(super) enum OldRows {
    /// All of them.
    Whole,
    /// These columns.
    Key(Vec<String>),
    None,
}

/// A selected column.
#[derive(Debug)]
pub(super) struct ColumnPlan {
    pub(super) name: Arc<str>,
    /// Its number in the table, which no other column of the table ever gets.
    pub(super) number: i16,
    /// What the column had when it was looked at.
    pub(super) type_oid: u32,
    pub(super) modifier: i32,
    pub(super) decoder: Decoder,
}

impl TablePlan {
    /// How many columns a row has.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The columns' names, in the order in which rows deliver them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// Whether the table had a column of this name when it was looked at.
    pub(super) fn knows(&self, name: &str) -> bool {
        let mut known = self.info.columns.iter();
        known.any(|known| known.name == name)
    }

    /// Whether a column that is read is no longer what it was planned as.
    pub(super) fn altered(&self, seen: &Standing) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| {
            let (numbered, named) = (column.number == seen.number, *column.name == seen.name);
            // One that was dropped and made anew has the name, and another number.
            (numbered || named)
                && !(numbered && named && column.is_still(seen.type_oid, seen.modifier))
        })
    }

    /// The form in which a copy is made: the one that costs the server less, which is slower than the reader; where that is
    /// equal, the binary one, which is cheaper to read.
    pub(super) fn form(&self) -> CopyForm {
        form(self.columns.iter().map(|column| &column.decoder))
    }

    /// Whether all columns can be read in binary form.
    pub(super) fn has_binary_form(&self) -> bool {
        self.columns
            .iter()
            .all(|column| column.decoder.has_binary_form())
    }
}

/// The form in which rows of these columns are copied.
fn form<'d>(mut columns: impl Iterator<Item = &'d Decoder> + Clone) -> CopyForm {
    let saved: i32 = columns.clone().map(Decoder::binary_saves).sum();
    if saved >= 0 && columns.all(Decoder::has_binary_form) {
        CopyForm::Binary
    } else {
        CopyForm::Text
    }
}

impl ColumnPlan {
    /// Whether the column has the type that it was planned with. Another modifier of a type without a size of its own
    /// (text that may be longer) changes nothing.
    pub(super) fn is_still(&self, type_oid: u32, modifier: i32) -> bool {
        const NUMERIC: u32 = 1700;
        self.type_oid == type_oid && (self.modifier == modifier || type_oid != NUMERIC)
    }
}

/// Where the selected columns stand in the tuples of a relation, as it was described last.
#[derive(Debug)]
pub(crate) struct ImagePlan {
    pub(super) places: Vec<usize>,
    /// The columns, by their place in the plan, that still had a narrower type, each with how that is read.
    pub(super) older: Vec<(usize, Decoder)>,
    /// Of each selected column, whether it is part of the replica identity.
    pub(super) identity: Vec<bool>,
}

impl ImagePlan {
    /// How the column at this place of the plan is read.
    #[inline]
    fn decoder<'d>(&'d self, place: usize, column: &'d ColumnPlan) -> &'d Decoder {
        if self.older.is_empty() {
            return &column.decoder;
        }
        let mut older = self.older.iter();
        let older = older.find(|(at, _)| *at == place);
        older.map_or(&column.decoder, |(_, decoder)| decoder)
    }
}

/// A row, lent by the connection until its next message.
#[derive(Debug)]
pub(crate) enum PostgresRow<'a> {
    /// Of a snapshot.
    Copied {
        plan: &'a TablePlan,
        fields: &'a Fields,
        message: &'a [u8],
        form: CopyForm,
    },
    /// Of the change stream: a whole row, new or old. What was not sent because it did not change is taken from what is told of
    /// the old row, if it is told there.
    Whole {
        plan: &'a TablePlan,
        image: &'a ImagePlan,
        tuple: &'a Tuple,
        old: Option<&'a Tuple>,
        message: &'a [u8],
    },
    /// Of the change stream: of an old row, what the replica identity tells.
    Identity {
        plan: &'a TablePlan,
        image: &'a ImagePlan,
        tuple: &'a Tuple,
        message: &'a [u8],
    },
    /// Of a table that nobody selected.
    Unselected,
}

impl RowImage for PostgresRow<'_> {
    fn table(&self) -> usize {
        match self {
            Self::Copied { plan, .. } | Self::Whole { plan, .. } | Self::Identity { plan, .. } => {
                plan.place
            }
            Self::Unselected => usize::MAX,
        }
    }

    #[inline]
    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        match *self {
            Self::Copied {
                plan,
                fields,
                message,
                form,
            } => {
                let source = fields.source(message);
                for (column, span) in plan.columns.iter().zip(fields.spans()) {
                    match span.of(source) {
                        Some(bytes) => push_sent(row, &column.decoder, form.value(bytes))?,
                        None => row.push_null()?,
                    }
                }
            }
            Self::Whole {
                plan,
                image,
                tuple,
                old,
                message,
            } => {
                for (at, ((column, &place), &told)) in
                    (plan.columns.iter().zip(&image.places).zip(&image.identity)).enumerate()
                {
                    let mut value = tuple.value(message, place);
                    if let (PgValue::Unchanged, Some(old), true) = (value, old, told) {
                        value = old.value(message, place);
                    }
                    push(row, image.decoder(at, column), value)?;
                }
            }
            Self::Identity {
                plan,
                image,
                tuple,
                message,
            } => {
                for (at, ((column, &place), &told)) in
                    (plan.columns.iter().zip(&image.places).zip(&image.identity)).enumerate()
                {
                    if told {
                        let decoder = image.decoder(at, column);
                        push(row, decoder, tuple.value(message, place))?;
                    } else {
                        row.push_unsent()?;
                    }
                }
            }
            Self::Unselected => {}
        }
        Ok(())
    }
}

impl SourceRow for PostgresRow<'_> {
    type Old = Self;
    type Tracking = AtRunTime;
}

/// Appends a value. It is handed on in registers: where it is written down and read again as a whole, the processor waits until
/// every store before it is done, that of the last text too.
#[expect(clippy::inline_always, reason = "a call writes the value down")]
#[inline(always)]
fn push(row: &mut RowWriter<'_>, decoder: &Decoder, value: PgValue<'_>) -> Result<(), Rejected> {
    match value {
        PgValue::Null => row.push_null(),
        PgValue::Unchanged => row.push_unsent(),
        value => push_sent(row, decoder, value),
    }
}

/// The same of a value that is there.
#[expect(clippy::inline_always, reason = "as what calls it")]
#[inline(always)]
fn push_sent(
    row: &mut RowWriter<'_>,
    decoder: &Decoder,
    value: PgValue<'_>,
) -> Result<(), Rejected> {
    row.push_with(|buffer| decoder.append(value, buffer), || value.preview())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TypeCatalog;

    #[test]
    fn a_table_is_copied_in_the_form_that_costs_the_server_less() {
        const INTEGER: u32 = 23;
        const NUMERIC: u32 = 1700;
        const TEXT: u32 = 25;
        const UUID: u32 = 2950;
        const TSQUERY: u32 = 3615;
        const JSONB: u32 = 3802;
        let types = TypeCatalog::default();
        let of = |oids: &[u32]| {
            let columns: Vec<Decoder> = (oids.iter())
                .map(|oid| types.resolve(*oid, -1).unwrap())
                .collect();
            form(columns.iter())
        };
        assert_eq!(of(&[JSONB]), CopyForm::Text);
        assert_eq!(of(&[INTEGER, NUMERIC]), CopyForm::Text);
        assert_eq!(of(&[INTEGER, JSONB, UUID]), CopyForm::Binary);
        assert_eq!(of(&[INTEGER, TEXT]), CopyForm::Binary);
        // Has no binary form.
        assert_eq!(of(&[UUID, TSQUERY]), CopyForm::Text);
        // Nothing of it is read.
        assert_eq!(of(&[]), CopyForm::Binary);
    }
}
