//! Postgres as a source: a consistent snapshot, then logical replication.
//!
//! The layers, from the bottom: [`settings`] says which server, as whom and how safely; [`wire`] speaks the protocol
//! over a blocking socket and lends what the server sends out of its own read buffer.

mod catalog;
mod checks;
mod lsn;
pub mod pgoutput;
mod quote;
pub mod settings;
mod slot;
mod snapshot;
mod source;
pub mod types;
pub mod wire;

pub use quote::{identifier, literal};
pub use settings::{Capture, Postgres, Settings, SslMode};
pub use types::PostgresType;
