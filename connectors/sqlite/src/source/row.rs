//! One row on its way from SQLite's row buffer into the columns of a batch.

use std::rc::Rc;
use std::slice;

use connector_core::{
    Cast, Column, ColumnTypes as _, Date, Error, FieldType, Rejected, Result, RowImage, RowWriter,
    SelectedTable, SourceRow, Value,
};
use rusqlite::Connection;

use crate::capture::{CapturedTable, Changes};
use crate::read::{Statement, TakeValues, ValueRef};
use crate::types::{SqliteType, preview, utf8};

pub(super) type Handle = Rc<Connection>;

/// What is known of a selected table before its first row.
#[derive(Debug)]
pub(super) struct TablePlan {
    /// The place in the list of tables.
    pub(super) place: usize,
    pub(super) columns: Vec<ColumnPlan>,
}

/// A selected column.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnPlan {
    typ: SqliteType,
    cast: Cast<SqliteType>,
    kind: Kind,
}

/// What a column's values nearly always are, so that the cast is not asked for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Numbers: whole ones and floats, also as decimals.
    Number,
    /// Text.
    Text,
    /// Days, as text.
    Date,
    /// Whatever the cast says.
    Other,
}

impl Kind {
    fn of(typ: SqliteType) -> Self {
        match typ {
            SqliteType::Integer | SqliteType::Real | SqliteType::Decimal { .. } => Self::Number,
            SqliteType::Text | SqliteType::Varchar { .. } => Self::Text,
            SqliteType::Date => Self::Date,
            _ => Self::Other,
        }
    }
}

impl TablePlan {
    pub(super) fn new(selected: &SelectedTable) -> Self {
        let columns = selected
            .columns
            .iter()
            .filter_map(|&place| selected.info.columns.get(place));
        let plan = |column: &connector_core::ColumnInfo| {
            let typ = SqliteType::declared(column.external_type.as_deref().unwrap_or_default());
            ColumnPlan {
                typ,
                cast: typ.cast(),
                kind: Kind::of(typ),
            }
        };
        Self {
            place: selected.place,
            columns: columns.map(plan).collect(),
        }
    }
}

/// Where the selected columns are in the images of the log.
#[derive(Debug)]
pub(super) struct ImagePlan {
    pub(super) table: usize,
    places: Vec<usize>,
}

impl ImagePlan {
    /// Images from before a column was added are null there. Fails where the column then had another value.
    pub(super) fn new(
        table: usize,
        selected: &SelectedTable,
        captured: &CapturedTable,
    ) -> Result<Self> {
        let find = |&place: &usize| {
            let column = selected.info.columns.get(place);
            let name = column.map_or("", |column| column.name.as_str());
            let found = captured
                .columns
                .iter()
                .position(|column| column.name.eq_ignore_ascii_case(name));
            let was_null = column.is_some_and(|column| column.nullable && !column.has_default);
            match found {
                Some(place) => Ok(place),
                None if was_null && captured.columns.len() <= place => Ok(LACKING),
                None => Err(Error::new(
                    connector_core::ErrorKind::Drift,
                    format!("column `{name}` of table `{}` came after its changes were captured", captured.name),
                )
                .with_help("`dozer migrate` renews the triggers; then take a new snapshot with `dozer app reset`")),
            }
        };
        Ok(Self {
            table,
            places: selected.columns.iter().map(find).collect::<Result<_>>()?,
        })
    }
}

/// The place of a column that an image is too old to have: past the end of every row, where all is null.
const LACKING: usize = usize::MAX;

/// A row, lent by SQLite until the next step.
#[derive(Debug)]
pub(super) enum SqliteRow<'a> {
    /// Of a snapshot.
    Snapshot {
        plan: &'a TablePlan,
        statement: &'a Statement<Handle>,
    },
    /// Of the change log.
    Image {
        plan: &'a TablePlan,
        image: &'a ImagePlan,
        /// Stands on the image. Not the image itself: a row is moved a few times for each that is read.
        changes: &'a Changes<Handle>,
    },
    /// Of a table that nobody selected.
    Unselected,
}

impl RowImage for SqliteRow<'_> {
    fn table(&self) -> usize {
        match self {
            Self::Snapshot { plan, .. } | Self::Image { plan, .. } => plan.place,
            Self::Unselected => usize::MAX,
        }
    }

    /// In a function of its own, where the loop over the values has the processor's registers to itself.
    #[inline(never)]
    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        match self {
            Self::Snapshot { plan, statement } => {
                return statement.give(&mut Pushed {
                    row,
                    columns: plan.columns.iter(),
                });
            }
            Self::Image {
                plan,
                image,
                changes,
            } => {
                for (column, &place) in plan.columns.iter().zip(&image.places) {
                    push(row, column, changes.value(place))?;
                }
            }
            Self::Unselected => {}
        }
        Ok(())
    }
}

impl SourceRow for SqliteRow<'_> {
    type Old = Self;
    type Tracking = connector_core::tracking::AtRunTime;
}

/// Pushes the values of a row, each by its column.
struct Pushed<'p, 'w, 'b> {
    row: &'w mut RowWriter<'b>,
    columns: slice::Iter<'p, ColumnPlan>,
}

impl<'a> TakeValues<'a> for Pushed<'_, '_, '_> {
    type Refusal = Rejected;

    #[expect(clippy::inline_always, reason = "as of what it calls")]
    #[inline(always)]
    fn take(&mut self, value: ValueRef<'a>) -> Result<(), Rejected> {
        match self.columns.next() {
            Some(column) => push(self.row, column, value),
            None => Ok(()),
        }
    }
}

/// Pushes a value by the cast of its column, or without asking it where the value is of the kind that is usual there.
#[expect(
    clippy::inline_always,
    reason = "the value's kind is known where it is read: 40 instructions fewer for each"
)]
#[inline(always)]
fn push(row: &mut RowWriter<'_>, column: &ColumnPlan, raw: ValueRef<'_>) -> Result<(), Rejected> {
    let preview = move || preview(raw);
    match (raw, column.kind) {
        (ValueRef::Null, _) => row.push_null(),
        (ValueRef::Integer(value), Kind::Number) => {
            row.push_plain_or(Value::Int(value), |buffer| buffer.push_i64(value), preview)
        }
        (ValueRef::Real(value), Kind::Number) => row.push_plain_or(
            Value::Float(value),
            |buffer| buffer.push_f64(value),
            preview,
        ),
        (ValueRef::Text(text), Kind::Text) => match utf8(text) {
            Ok(text) => {
                row.push_plain_or(Value::Text(text), |buffer| buffer.push_str(text), preview)
            }
            Err(misfit) => row.push_with(|_| Err(misfit), preview),
        },
        (ValueRef::Text(text), Kind::Date) if let Some(date) = Date::from_iso(text) => {
            row.push_plain_or(Value::Date(date), |buffer| buffer.push_date(date), preview)
        }
        _ => {
            let ColumnPlan { typ, cast, .. } = *column;
            let append = move |buffer: &mut Column| match (raw, buffer.field_type()) {
                // A row that was refused is printed as it is stored.
                (ValueRef::Text(text), FieldType::String | FieldType::Text) => {
                    buffer.push_str(utf8(text)?)
                }
                _ => cast(&typ, raw, buffer),
            };
            row.push_with(append, preview)
        }
    }
}
