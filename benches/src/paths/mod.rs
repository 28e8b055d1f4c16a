//! The lines of the table, by what they are measured on.

mod sqlite;

use crate::measure::Group;

/// All groups of paths, in the order of the table.
pub(crate) fn groups() -> Vec<Group> {
    vec![sqlite::group()]
}
