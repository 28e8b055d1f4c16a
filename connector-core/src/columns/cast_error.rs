//! A value that does not fit its column, with everything that a person needs to find it.

use crate::error::{Error, ErrorKind};
use crate::types::FieldType;
use crate::value::Misfit;

/// A value that does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "table `{table}`, column `{column}`{} at position ({lsn}, {seq}): {preview} does not fit `{expected}`: {misfit}",
    self.declared()
)]
pub struct CastError {
    /// The table, with its schema where it has one.
    pub table: String,
    /// The column.
    pub column: String,
    /// The type's name in the external system, where it has one.
    pub external_type: Option<String>,
    /// The field type that the column becomes.
    pub expected: FieldType,
    /// The value, cut short, as a person reads it.
    pub preview: String,
    /// Why it does not fit.
    pub misfit: Misfit,
    /// The position of the row.
    pub lsn: u64,
    /// The number of the row's change in its transaction.
    pub seq: u64,
}

impl CastError {
    fn declared(&self) -> String {
        let name = self.external_type.as_ref();
        name.map_or_else(String::new, |name| format!(" of type `{name}`"))
    }
}

impl From<CastError> for Error {
    fn from(error: CastError) -> Self {
        Self::caused(ErrorKind::Value, error)
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        Self::caused(ErrorKind::Value, misfit)
    }
}
