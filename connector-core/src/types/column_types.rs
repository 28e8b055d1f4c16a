//! The column types of an external system: one declaration for the schema, the casts, validation, docs and tests.

use super::{ColumnInfo, ColumnMapping, FieldType};
use crate::columns::Column;
use crate::source::RawValue;
use crate::value::Misfit;

/// How one column's raw values get into its buffer; chosen once per column.
pub type Cast<T> = for<'r> fn(&T, <T as ColumnTypes>::Raw<'r>, &mut Column) -> Result<(), Misfit>;

/// The column types of an external system. Derived on an enum.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare the column types of a system",
    label = "not an enum of column types",
    note = "derive it on an enum: `#[derive(ColumnTypes)]`"
)]
pub trait ColumnTypes: Sized + 'static {
    /// A value as the driver lends it.
    type Raw<'r>: RawValue<'r>;

    /// Every declared type, in order: for documentation and for the boundary tests.
    const ENTRIES: &'static [ColumnTypeEntry];

    /// The type of this name; parameters such as the `10` and the `2` of `DECIMAL(10, 2)` are read out of it.
    fn from_name(name: &str) -> Option<Self>;

    /// The field type that it becomes, or why it becomes none.
    ///
    /// # Errors
    /// The reason why no field type holds it, and what to do instead.
    fn field_type(&self) -> Result<FieldType, &'static str>;

    /// The cast of this type's raw values.
    fn cast(&self) -> Cast<Self>;

    /// The column of this name and type.
    fn column(name: impl Into<String>, type_name: &str) -> ColumnInfo {
        let column = ColumnInfo::named(name).with_external_type(type_name);
        let mapping = match Self::from_name(type_name).map(|known| known.field_type()) {
            Some(Ok(field_type)) => ColumnMapping::Field(field_type),
            Some(Err(reason)) => ColumnMapping::Unsupported(reason.to_owned()),
            None => ColumnMapping::Unsupported(format!("`{type_name}` is not a known column type")),
        };
        ColumnInfo { mapping, ..column }
    }
}

/// One declared type of a [`ColumnTypes`] enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnTypeEntry {
    /// The variant's name.
    pub variant: &'static str,
    /// The names in the external system, as declared: `DECIMAL(p, s)`.
    pub names: &'static [&'static str],
    /// The field type's name, or why there is none.
    pub field: Result<&'static str, &'static str>,
    /// The variant's documentation.
    pub description: &'static str,
}
