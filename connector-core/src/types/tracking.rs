//! What a source tells of the old row.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an update or a delete tells of the row as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum ReplicationChangesTrackingType {
    /// The whole old row.
    FullChanges,
    /// The primary key of the old row.
    OnlyPK,
    /// Nothing: the table is append-only.
    #[default]
    Nothing,
}

impl fmt::Display for ReplicationChangesTrackingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FullChanges => "full changes",
            Self::OnlyPK => "only the key",
            Self::Nothing => "append-only",
        })
    }
}
