//! What a database holds: relations, their columns and keys, the types, and what logical replication needs of the server.

mod columns;
mod publication;
mod relation;
mod relations;
mod server;
mod stored;
mod types;

pub(crate) use columns::{Standing, TypeAndModifier, attributes, standing};
pub(crate) use publication::Publication;
#[cfg(test)]
pub(crate) use publication::Published;
pub(crate) use relation::{Attribute, Generated, Relation, RelationKind, ReplicaIdentity};
pub(crate) use relations::{names, oids, relations};
pub(crate) use server::{ServerFacts, WalLevel};
pub(crate) use stored::{StoredTable, stored};
pub(crate) use types::types;
