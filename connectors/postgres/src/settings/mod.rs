//! Which server, as whom, how safely, how patiently: from the keys of `!Postgres` or from a URL.
//!
//! Both say the same things, and each thing is said once: in the URL or as a key. Only these two are read: the
//! environment variables, password files and service files of Postgres's own client library are not, so that one
//! configuration means one server on every machine. `${NAME}` takes a value from the environment where that is wanted.

mod keys;
mod resolve;
mod sink_keys;
mod ssl_mode;
mod url;

pub use keys::{Capture, Postgres, SnapshotSplit};
pub use resolve::{Host, Identity, Settings};
pub use sink_keys::PostgresSink;
pub use ssl_mode::SslMode;
