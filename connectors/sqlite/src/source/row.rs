//! One row on its way from SQLite's row buffer into the columns of a batch.

use std::rc::Rc;

use connector_core::{
    Cast, Column, ColumnTypes as _, Date, Error, FieldType, Misfit, NextColumn, Rejected, Result,
    RowImage, RowWriter, SelectedTable, SourceRow, Value, utf8,
};
use rusqlite::Connection;

use crate::capture::{CapturedTable, Image};
use crate::read::{Row, TakeValue, ValueRef};
use crate::types::{SqliteType, preview};

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

impl ColumnPlan {
    fn cast(&self, raw: ValueRef<'_>, buffer: &mut Column) -> Result<(), Misfit> {
        (self.cast)(&self.typ, raw, buffer)
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
        values: Row<'a>,
    },
    /// Of the change log.
    Image {
        plan: &'a TablePlan,
        image: &'a ImagePlan,
        values: Image<'a>,
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
            Self::Snapshot { plan, values } => {
                for (place, column) in (0..).zip(&plan.columns) {
                    values.give(place, &mut Pushed { row, column })?;
                }
            }
            Self::Image {
                plan,
                image,
                values,
            } => {
                for (&place, column) in image.places.iter().zip(&plan.columns) {
                    values.give(place, &mut Pushed { row, column })?;
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

/// Pushes a value by its column.
struct Pushed<'p, 'w, 'b> {
    row: &'w mut RowWriter<'b>,
    column: &'p ColumnPlan,
}

impl<'a> TakeValue<'a> for Pushed<'_, '_, '_> {
    type Refusal = Rejected;

    #[expect(clippy::inline_always, reason = "as of what it calls")]
    #[inline(always)]
    fn take(&mut self, value: ValueRef<'a>) -> Result<(), Rejected> {
        push(self.row, self.column, value)
    }
}

/// Pushes a value: as it is where it is of its column's kind, else by the column's cast. What is seldom is out of line, and is
/// given what was read in registers.
#[expect(
    clippy::inline_always,
    reason = "the value's kind is known where it is read: 40 instructions fewer for each"
)]
#[inline(always)]
fn push(row: &mut RowWriter<'_>, column: &ColumnPlan, raw: ValueRef<'_>) -> Result<(), Rejected> {
    match raw {
        ValueRef::Null => row.push_null(),
        ValueRef::Integer(value) => match row.push_plain(Value::Int(value)) {
            Ok(()) => Ok(()),
            Err(next) => push_integer(row, next, column, value),
        },
        ValueRef::Real(value) => match row.push_plain(Value::Float(value)) {
            Ok(()) => Ok(()),
            Err(next) => push_real(row, next, column, value),
        },
        ValueRef::Text(bytes) => {
            let pushed = match column.kind {
                Kind::Text => row.push_utf8(bytes),
                Kind::Date if let Some(date) = Date::from_iso(bytes) => {
                    row.push_plain(Value::Date(date))
                }
                _ => Err(row.next_column()),
            };
            match pushed {
                Ok(()) => Ok(()),
                Err(next) => push_text(row, next, column, bytes),
            }
        }
        ValueRef::Blob(bytes) => match row.push_plain(Value::Bytes(bytes)) {
            Ok(()) => Ok(()),
            Err(next) => push_blob(row, next, column, bytes),
        },
    }
}

/// Of decimals, too, which need no cast of their own.
#[inline(never)]
fn push_integer<'b>(
    row: &mut RowWriter<'b>,
    next: NextColumn<'b>,
    column: &ColumnPlan,
    value: i64,
) -> Result<(), Rejected> {
    let raw = ValueRef::Integer(value);
    let append = move |buffer: &mut Column| match column.kind {
        Kind::Number => buffer.push_i64(value),
        _ => column.cast(raw, buffer),
    };
    row.push_into(next, append, move || preview(raw))
}

#[inline(never)]
fn push_real<'b>(
    row: &mut RowWriter<'b>,
    next: NextColumn<'b>,
    column: &ColumnPlan,
    value: f64,
) -> Result<(), Rejected> {
    let raw = ValueRef::Real(value);
    let append = move |buffer: &mut Column| match column.kind {
        Kind::Number => buffer.push_f64(value),
        _ => column.cast(raw, buffer),
    };
    row.push_into(next, append, move || preview(raw))
}

#[inline(never)]
fn push_text<'b>(
    row: &mut RowWriter<'b>,
    next: NextColumn<'b>,
    column: &ColumnPlan,
    text: &[u8],
) -> Result<(), Rejected> {
    let raw = ValueRef::Text(text);
    let append = move |buffer: &mut Column| match buffer.field_type() {
        // A row that was refused is printed as it is stored.
        FieldType::String | FieldType::Text => buffer.push_str(utf8(text)?),
        _ => column.cast(raw, buffer),
    };
    row.push_into(next, append, move || preview(raw))
}

#[inline(never)]
fn push_blob<'b>(
    row: &mut RowWriter<'b>,
    next: NextColumn<'b>,
    column: &ColumnPlan,
    bytes: &[u8],
) -> Result<(), Rejected> {
    let raw = ValueRef::Blob(bytes);
    row.push_into(
        next,
        move |buffer| column.cast(raw, buffer),
        move || preview(raw),
    )
}
