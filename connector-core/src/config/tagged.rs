//! The settings of one connector or sink, read later by whoever is registered under their tag.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::deserialize::read;
use super::node::{Node, Origin, Position, Value};
use crate::suggest::did_you_mean;
use crate::{Error, Result};

/// A tagged value of the configuration (`!Sqlite {path: …}`) whose type is known to another crate.
#[derive(Clone)]
pub struct TaggedNode {
    node: Node,
    origin: Arc<Origin>,
    path: String,
}

impl TaggedNode {
    pub(super) fn new(node: Node, origin: Arc<Origin>, path: String) -> Self {
        Self { node, origin, path }
    }

    /// The tag without its `!`; nothing where the value has none, which [`unknown`](Self::unknown) tells.
    pub fn tag(&self) -> Option<&str> {
        self.node.tag.as_deref()
    }

    /// Where the tag stands in the file.
    pub fn position(&self) -> Position {
        self.node.position
    }

    /// Reads the value behind the tag.
    ///
    /// # Errors
    /// Names file, line, column and key of what does not fit `T`. `!Tag` alone is an empty mapping.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        read(&self.node, &self.origin, &self.path)
    }

    /// An error about this value, at its place in the file: for what only its reader can find wrong.
    pub fn error(&self, message: impl Into<String>) -> Error {
        self.origin.error(self.position(), &self.path, message)
    }

    /// An error about this value that was found after it was read, with its place in the file: that of the key that it
    /// [names](Error::key), or of the tag where that key is not written.
    #[must_use]
    pub fn place(&self, error: Error) -> Error {
        let written = error
            .key()
            .and_then(|key| Some((key, self.node.get(key)?.position)));
        let (path, at) = match written {
            Some((key, at)) => (format!("{}.{key}", self.path), at),
            None => (self.path.clone(), self.position()),
        };
        self.origin.place(at, &path, error)
    }

    /// The error for a tag that is missing or that no one has registered. `kind` is what the tag chooses
    /// (`"connector"`, `"sink"`), `known` the registered tags without `!`.
    pub fn unknown(&self, kind: &str, known: &[&str]) -> Error {
        let known: Vec<String> = known.iter().map(|tag| format!("!{tag}")).collect();
        let words = known.iter().map(String::as_str);
        if let Some(tag) = self.tag() {
            let tag = format!("!{tag}");
            return self
                .error(format!("unknown {kind} `{tag}`"))
                .with_help(did_you_mean(&tag, words));
        }
        let error = self.error(format!("the tag that names the {kind} is missing"));
        if known.is_empty() {
            return error;
        }
        let help = format!(
            "write one of these before the settings: `{}`",
            known.join("`, `")
        );
        error.with_help(help)
    }
}

/// Prints the tag and the keys; the values may be secrets.
impl fmt::Debug for TaggedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple(self.tag().unwrap_or("no tag"));
        if let Value::Mapping(entries) = &self.node.value {
            for (key, _) in entries {
                tuple.field(&key.text);
            }
        }
        tuple.finish()
    }
}
