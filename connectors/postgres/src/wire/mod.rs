//! The protocol over a blocking socket: login, simple queries, prepared statements, COPY in both directions, logical
//! replication.
//!
//! One [`Connection`] is used by one thread. What the server sends is lent out of the connection's read buffer: a
//! message is valid until the next one is asked for. [`CancelRequest`] stops a statement from another thread.

mod authentication;
mod awaited;
mod body;
mod buffer;
mod cancel;
mod channel_binding;
mod connect;
mod connection;
mod copy;
mod copy_in;
mod error;
mod link;
mod pace;
mod replication;
mod rows;
mod server_error;
mod session;
mod socket;
mod statement;
mod tls;
mod transport;

pub use awaited::{Awaited, AwaitedCopy};
pub use cancel::CancelRequest;
pub use connection::{Connection, Mode};
pub use copy::CopyOut;
pub use copy_in::CopyIn;
pub use error::{PgError, Result};
pub use replication::{Message, Replication};
pub use rows::{Row, Rows};
pub use server_error::ServerError;
pub use statement::{Parameters, Prepared};
