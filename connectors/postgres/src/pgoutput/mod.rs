//! The messages of logical replication, as the server's plugin `pgoutput` writes them: protocol versions 1 and 2.
//!
//! [`Message::decode`] borrows everything from the message. Between [`Message::StreamStart`] and [`Message::StreamStop`]
//! (version 2: parts of large transactions that are still open) messages name their transaction; the caller knows whether it
//! is there.

mod bytes;
mod error;
mod message;
mod relation;
mod tuple;

#[cfg(test)]
mod tests;

pub use error::DecodeError;
pub use message::{Message, Old, TruncateOptions};
pub use relation::{Relation, RelationColumn, RelationColumns, ReplicaIdentity};
pub use tuple::{Tuple, TupleValues};
