//! What a database holds: relations, their columns and keys, the types, and what logical replication needs of the server.

mod publication;
mod relation;
mod relations;
mod server;
mod stored;
mod types;

pub(crate) use publication::Publication;
#[cfg(test)]
pub(crate) use publication::Published;
pub(crate) use relation::{Attribute, Generated, Relation, RelationKind, ReplicaIdentity};
pub(crate) use relations::{Standing, attributes, names, oids, relations, standing};
pub(crate) use server::{ServerFacts, WalLevel};
pub(crate) use stored::{StoredTable, stored};
pub(crate) use types::types;
