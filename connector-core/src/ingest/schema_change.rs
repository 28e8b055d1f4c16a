//! What a person wants done when a table that is followed changes.

use serde::{Deserialize, Serialize};

/// What to do when a column is added to a table of which a source reads all columns.
///
/// What can no longer be read stops the run under each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnSchemaChange {
    /// The column is taken on: it has to be nullable, without a default.
    Evolve,
    /// The run stops.
    Freeze,
    /// The column is passed over, with one warning.
    #[default]
    Ignore,
}
