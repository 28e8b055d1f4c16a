//! A YAML document as a tree that remembers where everything stands.

use std::fmt;
use std::path::PathBuf;

use super::scalar::Scalar;
use crate::Error;

/// A place in the configuration file; line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The file a tree was read from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The file's name as the person gave it.
    pub(super) file: String,
    /// The directory that relative paths in the file start from.
    pub(super) base_dir: PathBuf,
}

impl Origin {
    /// An error at a place of the file; `path` names the keys that lead there and may be empty.
    pub(super) fn error(&self, at: Position, path: &str, message: impl Into<String>) -> Error {
        self.place(at, path, Error::config(message))
    }

    /// An error with its place.
    pub(super) fn place(&self, at: Position, path: &str, error: Error) -> Error {
        let error = if path.is_empty() {
            error
        } else {
            error.with_context(path)
        };
        error.with_context(format!("{}:{at}", self.file))
    }
}

/// One value of the document.
#[derive(Clone)]
pub(super) struct Node {
    /// The application's own tag without its `!`.
    pub(super) tag: Option<String>,
    pub(super) value: Value,
    /// Where the value starts, its tag included.
    pub(super) position: Position,
}

#[derive(Clone)]
pub(super) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

#[derive(Clone)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) position: Position,
}

impl Node {
    /// The value under a key, where this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Mapping(entries) = &self.value else {
            return None;
        };
        entries
            .iter()
            .find_map(|(name, node)| (name.text == key).then_some(node))
    }

    /// The items, where this is a list.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => &[],
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// Whether text from the environment stands anywhere in this value.
    pub(super) fn is_substituted(&self) -> bool {
        match &self.value {
            Value::Scalar(scalar) => scalar.substituted,
            Value::Sequence(items) => items.iter().any(Node::is_substituted),
            Value::Mapping(entries) => entries.iter().any(|(_, node)| node.is_substituted()),
        }
    }

    /// What a person would call this value, without showing it.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) => scalar.kind(),
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// The value as messages show it: its kind, and its text unless it must stay hidden.
    pub(super) fn described(&self, hidden: bool) -> String {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing".into(),
            Value::Scalar(_) if hidden => format!("{} (not shown)", self.kind()),
            Value::Scalar(scalar) => format!("{} `{}`", self.kind(), preview(&scalar.text)),
            Value::Sequence(_) | Value::Mapping(_) => self.kind().into(),
        }
    }
}

/// Values stay out of every debug print: any of them may be a secret.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tag) = &self.tag {
            write!(f, "!{tag} ")?;
        }
        match &self.value {
            Value::Scalar(_) => f.write_str(self.kind()),
            Value::Sequence(items) => f.debug_list().entries(items).finish(),
            Value::Mapping(entries) => f
                .debug_map()
                .entries(entries.iter().map(|(key, node)| (&key.text, node)))
                .finish(),
        }
    }
}

/// The beginning of a text, on one line.
pub(super) fn preview(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect::<String>();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
