//! Rows: what a change stream delivers, what the derives implement.

use super::fields::{self, Fields};
use super::reading::RowTypes;
use super::tracking::Tells;
use crate::columns::{Column, RowReader, RowWriter, RowsWriter};
use crate::types::{FieldType, TableInfo};
use crate::value::Misfit;
use crate::value::Value;

/// The row was not taken; [`RowWriter`] keeps the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected;

/// One image of a row that can be appended to the columns of its table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row",
    label = "not a row of a source",
    note = "derive it: `#[derive(DozerSource)]` on the struct, or on an enum of row structs"
)]
pub trait RowImage {
    /// The place of the row's table in the list that the source's `get_tables` gives; `usize::MAX` for a row of no
    /// table that is there any more.
    fn table(&self) -> usize;

    /// Appends one value for each column of the table, in the table's order.
    ///
    /// # Errors
    /// When a value does not fit its column. Core then takes back what was appended of the row.
    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected>;

    /// The bytes that the row's texts take in columns, or a little more; `None` where that is not known before they are
    /// written. Only rows that know it are appended many at a time.
    #[inline]
    fn text_bytes(&self) -> Option<usize>
    where
        Self: Sized,
    {
        fields::text_bytes(self)
    }

    /// Appends many rows of one table, column by column: the same values in the same order as [`append`](Self::append).
    /// Core calls it for rows that know their [`text_bytes`](Self::text_bytes), and takes everything back where it gives up.
    #[inline]
    fn append_all<'i>(rows: impl Iterator<Item = &'i Self> + Clone, into: &mut RowsWriter<'_>)
    where
        Self: Sized + 'i,
    {
        fields::append_all(rows, into);
    }

    /// Shows the fields in the order of the columns, where the rows' type is derived.
    #[doc(hidden)]
    #[inline]
    fn fields<'i>(fields: &mut impl Fields<'i, Self>)
    where
        Self: Sized + 'i,
    {
        fields.written(|_, _| {});
    }
}

/// A row of a change stream, with what an update or a delete tells of the old row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of a change stream",
    label = "not a row of a source",
    note = "derive it: `#[derive(DozerSource)]` on the struct, or on an enum of row structs"
)]
pub trait SourceRow: RowImage + Sized {
    /// The old image: the row itself under `tracking = "full_changes"`, the generated key struct under
    /// `"only_pk"`, and [`NoOldRow`] under `"nothing"`.
    type Old: RowImage;
    /// The tracking type, as a type of [`tracking`](crate::tracking): what may be sent as the old image.
    type Tracking: Tells<Self, Self::Old>;

    /// The tables that the row type itself declares, in the order of [`RowImage::table`]: what `get_tables` must give.
    /// Empty for a driver's row, whose tables are found at run time.
    fn declared_tables() -> Vec<TableInfo> {
        Vec::new()
    }
}

/// A row type of several tables, of which `T` is one. Derived on enums of row structs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no variant that holds a `{T}`",
    label = "not a row type of this stream",
    note = "add a variant: `Name({T})`"
)]
pub trait Holds<T: SourceRow>: SourceRow {
    /// The row among the rows of several tables.
    fn hold(row: T) -> Self;

    /// The old image among the old images of several tables.
    fn hold_old(old: T::Old) -> Self::Old;
}

/// The old image of an append-only table: there is none, so no update and no delete can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoOldRow {}

impl RowImage for NoOldRow {
    fn table(&self) -> usize {
        match *self {}
    }

    fn append(&self, _row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        match *self {}
    }
}

/// Reading one fails: no row has such an image.
impl<'r> FromRow<'r> for NoOldRow {
    fn from_row(row: &mut RowReader<'r>) -> Result<Self, Rejected> {
        Err(row.reject(Misfit::Other(
            "the table is append-only: it has no old rows".to_owned(),
        )))
    }
}

/// A row type whose tables are known at compile time. Derived.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare tables",
    label = "not a `DozerSource`",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait DozerSource: SourceRow {
    /// The column types of the system that the rows are read from, and [`AnyTypes`](crate::reading::AnyTypes) where
    /// none are declared: what [`TypesOf`](crate::reading::TypesOf) is asked of.
    type Types: RowTypes;
    /// What kind of row it is, as a type of [`reading`](crate::reading).
    type Shape;

    /// The table's full name, where there is one table: `None` for an enum of rows.
    const TABLE: Option<&'static str>;

    /// The tables, in the order of [`RowImage::table`]: one for a struct, one for each variant of an enum.
    fn tables() -> Vec<TableInfo>;
}

/// A group of columns: what `#[derive(DozerSource)]` on a struct declares, and what `#[dozer(flatten)]` takes in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a group of columns",
    label = "cannot be flattened into a row",
    note = "derive `DozerSource` on `{Self}`, or use `#[dozer(json)]` to store it as one column"
)]
pub trait Columns: RowImage + Sized {
    /// The columns, in their order.
    const COLUMNS: &'static [DeclaredColumn];
    /// How many there are, those of groups among them.
    const COUNT: usize = DeclaredColumn::count(Self::COLUMNS);

    /// Shows a field that is such a group.
    #[doc(hidden)]
    #[inline]
    fn show<'i, R: 'i>(fields: &mut impl Fields<'i, R>, of: impl Fn(&'i R) -> &'i Self)
    where
        Self: 'i,
    {
        fields.group(of);
    }

    /// Pushes one value for each column; a refusal stays with the row.
    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        let _ = self.append(row);
    }
}

/// What a row struct declares of one field: its column, or the columns of a flattened group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclaredColumn {
    /// One column.
    One {
        /// Its name in the external system.
        name: &'static str,
        /// Its type.
        field_type: FieldType,
        /// Whether it may be null.
        nullable: bool,
        /// Whether a change may leave it out where it is as before.
        may_be_left_out: bool,
        /// Its place in the key, from 1; 0 where it is not part of it.
        key: u16,
        /// What it holds, in a person's words; may be empty.
        description: &'static str,
    },
    /// The columns of a group.
    Group(&'static [DeclaredColumn]),
}

impl DeclaredColumn {
    const fn count(columns: &[Self]) -> usize {
        let mut count = 0;
        let mut rest = columns;
        while let [first, behind @ ..] = rest {
            count += match first {
                Self::One { .. } => 1,
                Self::Group(columns) => Self::count(columns),
            };
            rest = behind;
        }
        count
    }
}

/// Reads a group of columns out of a row, in the order of [`Columns::COLUMNS`]. Derived.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read out of a row",
    label = "not a typed row",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait FromRow<'r>: Sized {
    /// Reads the next columns.
    ///
    /// # Errors
    /// When a value does not fit the field that it is read into.
    fn from_row(row: &mut RowReader<'r>) -> Result<Self, Rejected>;
}

/// A Rust type that is one column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column type",
    label = "no field type holds a `{Self}`",
    note = "for a type of your own: `#[derive(ColumnValue)]` on a newtype, `#[dozer(json)]` on the field to store any serde type as JSON, `#[dozer(flatten)]` to take in the columns of another struct, or `#[dozer(with = module)]`",
    note = "types of other crates need core's feature of that name: `jiff`, `chrono`, `uuid`"
)]
pub trait ColumnValue {
    /// The field type of the column.
    const FIELD_TYPE: FieldType;
    /// Whether the column may be null.
    const NULLABLE: bool = false;
    /// Whether a source may leave the value out where it did not change: [`Sent`](crate::Sent).
    const MAY_BE_LEFT_OUT: bool = false;

    /// Hands the value over as the column takes it, for as long as the call lasts.
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R;

    /// Pushes the value into the next column; a refusal stays with the row.
    ///
    /// The derives call this, so that the types of core need no code in the crates that use them.
    #[inline]
    fn push_into(&self, row: &mut RowWriter<'_>) {
        let _ = self.with_value(|value| row.push(value));
    }

    /// Shows a field of this type.
    #[doc(hidden)]
    #[inline]
    fn show<'i, R: 'i>(fields: &mut impl Fields<'i, R>, of: impl Fn(&'i R) -> &'i Self)
    where
        Self: 'i,
    {
        fields.value(of);
    }

    /// The bytes that the value's text takes in a column of its own type, or a little more: 0 for what is no text, and
    /// `None` where that is not known before it is written. Rows with such a value are appended one by one.
    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        None
    }

    /// Pushes the next column of many rows; `None` is null. Called for values that know their
    /// [`text_bytes`](Self::text_bytes).
    #[inline]
    fn push_all_into<'v>(values: impl Iterator<Item = Option<&'v Self>>, rows: &mut RowsWriter<'_>)
    where
        Self: 'v,
    {
        let _ = values;
        rows.give_up();
    }
}

/// A Rust type that is read out of one column. `'r` is the life of the row that it may borrow from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read out of a column",
    label = "no conversion from a column's value",
    note = "derive it with `#[derive(ColumnValue)]` on a newtype, or implement it; a row with such a field can be written and not read"
)]
pub trait FromValue<'r>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// When the value does not fit the type.
    fn from_value(value: Value<'r>) -> Result<Self, Misfit>;

    /// Reads the next column.
    ///
    /// # Errors
    /// When the value does not fit the type.
    #[inline]
    fn read_from(row: &mut RowReader<'r>) -> Result<Self, Rejected> {
        row.read_by(Self::from_value)
    }

    /// Reads the next column, `None` where it is null.
    ///
    /// # Errors
    /// When the value does not fit the type.
    #[inline]
    fn read_optional_from(row: &mut RowReader<'r>) -> Result<Option<Self>, Rejected> {
        row.read_by(Option::from_value)
    }
}

/// A value as a driver lends it.
///
/// [`Value`] is one itself; a driver with a cheaper form of its own implements it there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a raw value of a driver",
    label = "is not appended to a column",
    note = "implement `connector_core::RawValue` for it, or leave `raw` out of `#[column_types(…)]`: then the values are core's `Value<'_>`"
)]
pub trait RawValue<'r>: Sized {
    /// Whether it is null: then no cast of a connector's own is called.
    fn is_null(&self) -> bool;

    /// Casts the value into the column.
    ///
    /// # Errors
    /// When the value does not fit; then nothing was appended.
    fn append_to(self, column: &mut Column) -> Result<(), Misfit>;

    /// The value that the driver would hand over for this one, if it ever could: makes the boundary tests.
    fn from_value(value: Value<'r>) -> Option<Self>;
}

impl<'r> RawValue<'r> for Value<'r> {
    #[inline]
    fn is_null(&self) -> bool {
        Value::is_null(self)
    }

    #[inline]
    fn append_to(self, column: &mut Column) -> Result<(), Misfit> {
        column.push(self)
    }

    fn from_value(value: Value<'r>) -> Option<Self> {
        Some(value)
    }
}
