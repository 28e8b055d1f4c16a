//! What a command changed: a line for each thing done.

use connector_core::Result;
use serde::Serialize;

use super::json::{ErrorReport, document};
use crate::args::Format;
use crate::log::printable;

/// What was changed, connection by connection.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) connections: Vec<ConnectionChanged>,
}

/// What was changed for one connection.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionChanged {
    pub(crate) name: String,
    /// A line for each thing done.
    pub(crate) done: Vec<String>,
    pub(crate) error: Option<ErrorReport>,
}

impl Changed {
    /// Its text. `nothing`: what is said of a connection for which nothing had to be done.
    pub(crate) fn text(&self, format: Format, nothing: &str) -> Result<String> {
        if format == Format::Json {
            return document(self);
        }
        let lines = self.connections.iter().flat_map(|connection| {
            let nothing = (connection.done.is_empty() && connection.error.is_none())
                .then_some(nothing)
                .into_iter();
            let done = connection.done.iter().map(String::as_str);
            let line = |line: &str| printable(&format!("{}: {line}", connection.name)) + "\n";
            done.chain(nothing).map(line)
        });
        Ok(lines.collect())
    }
}
