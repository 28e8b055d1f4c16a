//! Sources as data.

pub mod config;
pub mod error;
pub mod suggest;
pub use config::{AppConfig, ByteSize, ConfigPath, Secret};
pub use error::{Error, ErrorKind, Result};
