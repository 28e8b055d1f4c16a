//! Postgres as a source: a consistent snapshot, then logical replication.
//!
//! The layers, from the bottom: [`settings`] says which server, as whom and how safely; [`wire`] speaks the protocol
//! over a blocking socket and lends what the server sends out of its own read buffer.

pub mod pgoutput;
mod quote;
pub mod settings;
pub mod types;
pub mod wire;

pub use quote::{identifier, literal};
pub use settings::{Postgres, Settings, SslMode};
