//! The configuration file: YAML with places, the environment, tagged settings, secrets.
//!
//! Text becomes a tree (`node`) that knows where everything stands, variables are replaced in the tree
//! (`environment`), and serde reads types out of it (`deserialize`), so that every error names file, line, column
//! and key.

mod access;
mod app;
mod bytes;
mod deserialize;
mod environment;
mod failure;
mod keys;
mod node;
mod parse;
mod path;
mod period;
mod scalar;
mod secret;
mod spanned;
mod tagged;
#[cfg(test)]
mod tests;

pub use app::{AppConfig, ConnectionConfig, SinkConfig, SourceConfig};
pub use bytes::ByteSize;
pub(crate) use keys::tag;
pub use keys::{ConfigKey, ConfigValue, ConnectorConfig};
pub use node::Position;
pub use path::ConfigPath;
pub use period::Period;
pub use secret::Secret;
pub use spanned::{Ref, Spanned};
pub use tagged::TaggedNode;
