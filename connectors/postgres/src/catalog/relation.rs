//! A table, a view or whatever else has rows, as the catalog describes it.

use std::sync::Arc;

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationKind {
    /// An ordinary table.
    Table,
    /// A partitioned table: its partitions hold the rows.
    Partitioned,
    /// A view.
    View,
    /// A view whose rows are stored.
    MaterializedView,
    /// A table of another server.
    Foreign,
}

impl RelationKind {
    /// By `pg_class.relkind`.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "r" => Self::Table,
            "p" => Self::Partitioned,
            "v" => Self::View,
            "m" => Self::MaterializedView,
            "f" => Self::Foreign,
            _ => return None,
        })
    }

    /// Whether logical replication tells its changes.
    pub(crate) fn can_be_followed(self) -> bool {
        matches!(self, Self::Table | Self::Partitioned)
    }

    /// In words, for messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Table => "a table",
            Self::Partitioned => "a partitioned table",
            Self::View => "a view",
            Self::MaterializedView => "a materialized view",
            Self::Foreign => "a foreign table",
        }
    }
}

/// What the server writes into its log of a row that is updated or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplicaIdentity {
    /// The columns of the primary key, or nothing where there is none.
    Default,
    /// The columns of one unique index.
    Index,
    /// All columns.
    Full,
    /// Nothing: updates and deletes of a published table fail.
    Nothing,
}

impl ReplicaIdentity {
    /// By `pg_class.relreplident`, and by the same letters in a Relation message.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            b'd' => Self::Default,
            b'i' => Self::Index,
            b'f' => Self::Full,
            b'n' => Self::Nothing,
            _ => return None,
        })
    }
}

/// Where a column's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generated {
    /// Whoever writes the row.
    No,
    /// `GENERATED … AS IDENTITY`: a number of a sequence, sent as any other value.
    Identity,
    /// `GENERATED ALWAYS AS (…) STORED`: logical replication leaves it out, unless a publication of Postgres 18 or later
    /// says otherwise.
    Stored,
    /// `GENERATED ALWAYS AS (…) VIRTUAL`, since Postgres 18: never sent.
    Virtual,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, as the catalog has it"
)]
pub(crate) struct Attribute {
    /// Its number in the table, from 1. Numbers of dropped columns are not used again.
    pub(crate) number: i16,
    pub(crate) name: Arc<str>,
    /// The type's `oid`.
    pub(crate) type_oid: u32,
    /// The type's modifier: a length, a precision and a scale; -1 for none.
    pub(crate) type_modifier: i32,
    /// The type as `format_type` writes it: `numeric(10,2)`.
    pub(crate) type_name: Arc<str>,
    pub(crate) nullable: bool,
    /// Whether rows that are written without it, or were there before it, have a value.
    pub(crate) has_default: bool,
    /// Whether a value may be stored out of line (TOAST): then an update that leaves it alone does not send it.
    pub(crate) out_of_line: bool,
    pub(crate) generated: Generated,
    pub(crate) comment: Option<String>,
    /// Whether the connected role may read it.
    pub(crate) readable: bool,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, as the catalog has it"
)]
pub(crate) struct Relation {
    pub(crate) oid: u32,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) kind: RelationKind,
    /// Whether it is written to the log at all: an unlogged table is not.
    pub(crate) logged: bool,
    pub(crate) identity: ReplicaIdentity,
    /// Numbers of the primary key's columns, in the key's order; empty without one.
    pub(crate) primary_key: Vec<i16>,
    /// Numbers of the columns of the index that is the replica identity.
    pub(crate) identity_index: Vec<i16>,
    /// Whether it has a place for values that are stored out of line, or may have one somewhere.
    pub(crate) toasts: bool,
    /// How many pages it had when they were counted last, and about how many rows; the rows are -1, and before Postgres 14
    /// also 0, where nobody has counted them.
    pub(crate) counted_pages: i64,
    pub(crate) counted_rows: f64,
    /// Whether the connected role may look into the schema.
    pub(crate) schema_usable: bool,
    /// Whether the connected role may read all of its columns.
    pub(crate) readable: bool,
    /// Whether a row-level-security policy may hide rows from the connected role.
    pub(crate) rows_hidden: bool,
    pub(crate) comment: Option<String>,
    pub(crate) columns: Vec<Attribute>,
}

impl Relation {
    /// The columns that tell its rows apart, as logical replication sends them of an old row: numbers, in the key's order.
    ///
    /// Under `REPLICA IDENTITY USING INDEX` these are the index's columns, since nothing else of an old row is known.
    pub(crate) fn key(&self) -> &[i16] {
        match self.identity {
            ReplicaIdentity::Index if !self.identity_index.is_empty() => &self.identity_index,
            _ => &self.primary_key,
        }
    }

    /// The name with its schema, as a person reads it.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_catalog_are_known() {
        assert_eq!(
            RelationKind::from_code("p"),
            Some(RelationKind::Partitioned)
        );
        assert_eq!(RelationKind::from_code("i"), None);
        assert_eq!(
            ReplicaIdentity::from_code(b'f'),
            Some(ReplicaIdentity::Full)
        );
        assert_eq!(ReplicaIdentity::from_code(b'x'), None);
    }
}
