//! Postgres as a source: a consistent snapshot, then logical replication; and as a sink, whose rows and checkpoint are stored in one
//! transaction.
//!
//! In a configuration it is `config: !Postgres`; `README.md` lists its keys and says what the server needs. In a program it is a [`Source`](connector_core::Source):
//!
//! ```no_run
//! use connector_core::TypedSource;
//! use connector_core::prelude::*;
//! use connector_postgres::Postgres;
//!
//! /// Columns by their names; `connector generate` writes such a struct.
//! #[derive(Debug, DozerSource)]
//! #[dozer(table = "customers")]
//! struct Customer {
//!     #[dozer(primary_key)]
//!     id: i64,
//!     name: String,
//!     note: Option<String>,
//! }
//!
//! # fn main() -> Result<()> {
//! let postgres = Postgres::new("postgres://reader@localhost/shop");
//! for customer in postgres.rows::<Customer>()? {
//!     println!("{:?}", customer?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The layers, from the bottom: [`settings`] says which server, as whom and how safely; [`wire`] speaks the protocol
//! over a blocking socket and lends what the server sends out of its own read buffer; [`pgoutput`] reads the messages of
//! logical replication; [`types`] says what every type becomes. [`PostgresSink`] is the sink's settings.

mod catalog;
mod checks;
#[cfg(feature = "failpoints")]
mod failpoints;
mod lsn;
pub mod pgoutput;
mod quote;
pub mod settings;
mod sink;
mod slot;
mod snapshot;
mod source;
pub mod types;
pub mod wire;

#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub use failpoints::FAILPOINTS;
pub use quote::{identifier, literal};
pub use settings::{Capture, Postgres, PostgresSink, Settings, SnapshotSplit, SslMode};
pub use sink::PostgresWriter;
pub use types::PostgresType;
