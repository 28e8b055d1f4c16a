//! What a row type may be read from, as types: a row of another system, an enum of rows, or a row that borrows does not
//! compile where it cannot be read.

use std::sync::Arc;

use super::Source;
use super::row::{Columns, DozerSource, FromRow};
use crate::types::ColumnTypes;

/// The column types of a row struct that declares none: it is read from every source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyTypes;

/// A row struct that owns what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedRow;

/// A row struct with a lifetime: it borrows from the batch that it is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LentRow;

/// An enum of row structs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeveralTables;

/// Column types that the source `S` has.
///
/// Implemented by `#[column_types(source = S)]`.
#[diagnostic::on_unimplemented(
    message = "rows with the column types `{Self}` are not read from a `{S}`",
    label = "its row struct declares `#[dozer(types = {Self})]`",
    note = "read them from a source of that system, or take `types` off the row struct: then it is read from every source",
    note = "if a `{S}` does have columns of these types, the enum `{Self}` says so: `#[column_types(source = {S})]`"
)]
pub trait TypesOf<S: Source> {}

impl<S: Source> TypesOf<S> for AnyTypes {}

/// An [`Arc`] of a source has its columns.
impl<S: Source, T: ColumnTypes + TypesOf<S>> TypesOf<Arc<S>> for T {}

/// Those of an enum of rows: the first variant's, and the others'.
impl<S: Source, First: TypesOf<S>, Others: TypesOf<S>> TypesOf<S> for (First, Others) {}

/// What `#[dozer(types = …)]` may name: the column types of one system.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare the column types of a system",
    label = "not an enum of column types",
    note = "name the enum that derives `ColumnTypes`, such as `SqliteType`, not its source"
)]
pub trait RowTypes {}

impl RowTypes for AnyTypes {}
impl<T: ColumnTypes> RowTypes for T {}
impl<First: RowTypes, Others: RowTypes> RowTypes for (First, Others) {}

/// A row type whose columns the source `S` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a typed row",
    label = "declares no table",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait ReadFrom<S: Source>: DozerSource {}

impl<S: Source, R> ReadFrom<S> for R
where
    R: DozerSource,
    R::Types: TypesOf<S>,
{
}

/// A row type of one table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a typed row",
    label = "declares no table",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait OneTable: DozerSource {}

impl<R> OneTable for R
where
    R: DozerSource,
    R::Shape: IsOneTable<R>,
{
}

/// A row type whose rows and changes can be read and kept.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a typed row",
    label = "declares no table",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait Kept: OneTable + DozerSource<Old: for<'r> FromRow<'r>> + for<'r> FromRow<'r> {}

impl<R> Kept for R
where
    R: DozerSource<Old: for<'r> FromRow<'r>> + for<'r> FromRow<'r>,
    R::Shape: IsOneTable<R> + IsKept<R>,
{
}

/// A row type that is read out of a batch, from which it may borrow for `'r`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a typed row",
    label = "cannot be read out of a row",
    note = "derive it: `#[derive(DozerSource)]`"
)]
pub trait Lent<'r>: FromRow<'r> + Columns {}

impl<'r, R: FromRow<'r> + Columns> Lent<'r> for R {}

/// The shape of a row of one table.
#[diagnostic::on_unimplemented(
    message = "nothing says that `{R}` is a row of one table",
    label = "may be an enum of rows",
    note = "say it by a bound: `{R}: connector_core::reading::OneTable`"
)]
pub trait IsOneTable<R> {}

impl<R> IsOneTable<R> for OwnedRow {}
impl<R> IsOneTable<R> for LentRow {}
impl<R> IsOneTable<R> for SeveralTables where Self: SingleTable<R> {}

/// The shape of a row that can be kept.
#[diagnostic::on_unimplemented(
    message = "nothing says that a `{R}` can be kept",
    label = "may borrow from the batch that it is read from",
    note = "say it by a bound: `{R}: connector_core::reading::Kept`"
)]
pub trait IsKept<R> {}

impl<R> IsKept<R> for OwnedRow {}
impl<R> IsKept<R> for SeveralTables {}
impl<R> IsKept<R> for LentRow where Self: OwnsItsColumns<R> {}

/// What an enum of rows is not: nothing implements it.
// The tag is `Self`: of a trait on the row itself, the compiler would tell the name alone.
#[diagnostic::on_unimplemented(
    message = "`{R}` is an enum of rows, and typed rows are read one table at a time",
    label = "has several tables",
    note = "name one of its row structs here"
)]
pub trait SingleTable<R> {}

/// What a row struct with a lifetime does not: nothing implements it.
#[diagnostic::on_unimplemented(
    message = "`{R}` borrows from the batch that it is read from, and cannot be kept",
    label = "a row struct with a lifetime",
    note = "name a row struct whose fields are owned, such as `String` for `&str`",
    note = "to read rows that borrow, lend one at a time: `while let Some(row) = rows.lend::<{R}>()? {{ … }}`"
)]
pub trait OwnsItsColumns<R> {}
