//! Where a stream stands: what is stored with the data, and where a restart begins.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::types::SourceSchema;

/// Whether rows come from a snapshot or from the log of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Rows of a snapshot.
    Snapshot,
    /// Changes that follow it.
    #[default]
    Changes,
}

/// A position that a sink stores in the same step as the data before it.
///
/// `(lsn, seq)` is the order key: `lsn` is the commit position of a source transaction, and `seq` the number of
/// its changes that are done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// In a snapshot, a restart takes a new one; among changes, it resumes.
    pub phase: Phase,
    /// The commit position of the last transaction that is stored, wholly or in part.
    pub lsn: u64,
    /// How many changes of that transaction are stored.
    pub seq: u64,
    /// Whether the transaction is stored as a whole.
    pub complete: bool,
    /// The connector's own position beside `lsn` (a GTID set, offsets), in its own form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// A hash of what the numbering within a transaction depends on in the source.
    #[serde(default)]
    pub fingerprint: u64,
    /// The sources that are stored up to here, each with a hash of its table and columns. Set when a run stores it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selection: BTreeMap<String, u64>,
    /// The sources to whose tables columns were added that are not stored: such a column can no longer be taken on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub passed_over: BTreeSet<String>,
}

/// The selection of these sources, for a checkpoint.
pub(crate) fn selection_of(schemas: &[Arc<SourceSchema>]) -> BTreeMap<String, u64> {
    let entry = |schema: &Arc<SourceSchema>| {
        let all = schema.schema.fields.len();
        (schema.name.clone(), selection_hash(schema, all))
    };
    schemas.iter().map(entry).collect()
}

/// Whether this is the hash of a source's table and its first `columns` columns.
pub(crate) fn is_selection(hash: u64, schema: &SourceSchema, columns: usize) -> bool {
    // Earlier releases stored the names alone.
    hash == selection_hash(schema, columns) || hash == names_hash(schema, columns).finish()
}

/// The hash of a source's table and its first `columns` columns.
fn selection_hash(schema: &SourceSchema, columns: usize) -> u64 {
    let fields = schema.schema.fields.iter().take(columns);
    let numbers = fields.filter_map(|field| field.number);
    numbers
        .fold(names_hash(schema, columns), |hash, number| {
            hash.text(&number.to_string())
        })
        .finish()
}

fn names_hash(schema: &SourceSchema, columns: usize) -> Fingerprint {
    let fields = schema.schema.fields.iter().take(columns);
    let table = [
        schema.namespace.as_deref().unwrap_or_default(),
        &schema.table_name,
    ];
    table
        .into_iter()
        .chain(fields.map(|field| field.name.as_str()))
        .fold(Fingerprint::new(), Fingerprint::text)
}

impl Checkpoint {
    /// The position after the whole transaction `lsn`.
    pub fn after(lsn: u64) -> Self {
        Self {
            lsn,
            complete: true,
            ..Self::default()
        }
    }

    /// The position after the first `seq` changes of transaction `lsn`.
    pub fn within(lsn: u64, seq: u64) -> Self {
        Self {
            lsn,
            seq,
            ..Self::default()
        }
    }

    /// A snapshot at `lsn` has begun and is not done.
    pub fn snapshot(lsn: u64) -> Self {
        Self {
            phase: Phase::Snapshot,
            lsn,
            ..Self::default()
        }
    }

    /// The position as the seed's pair.
    pub fn position(&self) -> (u64, u64) {
        (self.lsn, self.seq)
    }

    /// Whether `self` is stored no later than `other` in the order of the stream.
    pub fn cmp_position(&self, other: &Self) -> Ordering {
        let rank = |checkpoint: &Self| {
            let phase = u8::from(checkpoint.phase == Phase::Changes);
            (phase, checkpoint.lsn, checkpoint.complete, checkpoint.seq)
        };
        rank(self).cmp(&rank(other))
    }
}
