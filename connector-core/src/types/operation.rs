//! The row view: one change of one row, as values.

use crate::value::Field;

/// The values of one row, in the order of the schema's fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// One value for each field.
    pub values: Vec<Field>,
}

/// One change of one row.
///
/// Under `OnlyPK`, the fields of an old record that are not in the key are [`Field::Unchanged`].
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// The row is gone.
    Delete {
        /// The row as it was.
        old: Record,
    },
    /// The row is new, or was read in a snapshot.
    Insert {
        /// The row.
        new: Record,
    },
    /// The row has changed.
    Update {
        /// The row as it was.
        old: Record,
        /// The row as it is.
        new: Record,
    },
}
