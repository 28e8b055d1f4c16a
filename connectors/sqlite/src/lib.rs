//! SQLite as a source, with change capture by triggers, and as a sink.
//!
//! The layers, from the bottom: [`read`] lends values out of SQLite's own row buffers, [`catalog`] says what a file
//! holds, [`capture`] keeps a log of changes inside the file and reads it. `CAPTURE.md` says what is captured, how,
//! and what SQLite puts out of reach.

pub mod capture;
pub mod catalog;
mod connect;
mod error;
#[cfg(feature = "failpoints")]
mod failpoints;
mod quote;
pub mod read;
mod sink;
mod source;
mod types;

pub use connect::{Access, Patience, open, retry, write};
pub use error::sqlite_error;
#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub use failpoints::FAILPOINTS;
pub use quote::{identifier, literal};
pub use sink::{SqliteSink, SqliteWriter};
pub use source::{Capture, Sqlite};
pub use types::SqliteType;
