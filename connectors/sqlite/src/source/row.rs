//! One row on its way from SQLite's row buffer into the columns of a batch.

use std::rc::Rc;

use connector_core::{
    Cast, Column, ColumnTypes as _, Error, FieldType, Rejected, Result, RowImage, RowWriter,
    SelectedTable, SourceRow,
};
use rusqlite::Connection;

use crate::capture::{CapturedTable, LogRow};
use crate::read::{Statement, ValueRef};
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

/// The place of a column that an image is too old to have.
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
        row: LogRow<'a, Handle>,
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

    #[inline]
    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        match self {
            Self::Snapshot { plan, statement } => {
                for (place, column) in plan.columns.iter().enumerate() {
                    push(row, column, statement.value(place))?;
                }
            }
            Self::Image {
                plan,
                image,
                row: log_row,
            } => {
                for (column, &place) in plan.columns.iter().zip(&image.places) {
                    let value = match place {
                        LACKING => ValueRef::Null,
                        place => log_row.value(place),
                    };
                    push(row, column, value)?;
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

/// Pushes a value by the cast of its column. Where the kind of the value is the column's own there is nothing to cast, and
/// the call is saved: a third of what pushing a whole number costs.
#[expect(
    clippy::inline_always,
    reason = "the value's kind is known where it is read: 40 instructions fewer for each"
)]
#[inline(always)]
fn push(row: &mut RowWriter<'_>, column: &ColumnPlan, raw: ValueRef<'_>) -> Result<(), Rejected> {
    let ColumnPlan { typ, cast } = *column;
    let preview = move || preview(raw);
    match raw {
        ValueRef::Null => row.push_null(),
        ValueRef::Integer(value) => {
            let append = move |buffer: &mut Column| match buffer.field_type() {
                FieldType::Int => buffer.push_i64(value),
                _ => cast(&typ, ValueRef::Integer(value), buffer),
            };
            row.push_with(append, preview)
        }
        ValueRef::Real(value) => {
            let append = move |buffer: &mut Column| match buffer.field_type() {
                FieldType::Float => buffer.push_f64(value),
                _ => cast(&typ, ValueRef::Real(value), buffer),
            };
            row.push_with(append, preview)
        }
        ValueRef::Text(text) => {
            let append = move |buffer: &mut Column| match buffer.field_type() {
                FieldType::String | FieldType::Text => buffer.push_str(utf8(text)?),
                _ => cast(&typ, ValueRef::Text(text), buffer),
            };
            row.push_with(append, preview)
        }
        ValueRef::Blob(_) => row.push_with(move |buffer| cast(&typ, raw, buffer), preview),
    }
}
