//! What goes wrong while a tree is read into a type, and how it is told.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::node::{Node, Origin, Position, Value};
use crate::Error;
use crate::suggest::{did_you_mean, list};

/// An error of the deserializer: first as serde reports it, then with its place and its words.
pub(super) struct Failure(Box<State>);

enum State {
    Raised(Problem),
    Placed(Placed),
}

struct Placed {
    at: Position,
    path: String,
    message: String,
    help: Option<String>,
}

enum Problem {
    /// Words of a type's own `Deserialize`, which may repeat the value.
    Words(String),
    Mismatch {
        found: Found,
        expected: String,
    },
    Length(String),
    UnknownKey {
        key: String,
        expected: &'static [&'static str],
    },
    UnknownVariant {
        variant: String,
        expected: &'static [&'static str],
    },
    Missing(&'static str),
    Duplicate(&'static str),
}

/// What a visitor was given instead of what it expects.
struct Found {
    collection: bool,
    shown: String,
}

impl Failure {
    /// An error with its words and its place.
    pub(super) fn placed(
        at: Position,
        path: String,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        Self(Box::new(State::Placed(Placed {
            at,
            path,
            message: message.into(),
            help,
        })))
    }

    /// Gives an error the place of the node that was being read, unless it has one.
    /// `hidden` says that the node's text must not be shown.
    pub(super) fn at(self, node: &Node, hidden: bool, path: impl Fn() -> String) -> Self {
        let State::Raised(problem) = &*self.0 else {
            return self;
        };
        let (message, help) = problem.told(node, hidden);
        Self::placed(node.position, path(), message, help)
    }

    pub(super) fn into_error(self, origin: &Origin) -> Error {
        match *self.0 {
            State::Placed(placed) => {
                let error = origin.error(placed.at, &placed.path, placed.message);
                match placed.help {
                    Some(help) => error.with_help(help),
                    None => error,
                }
            }
            State::Raised(_) => Error::config(self.to_string()),
        }
    }
}

impl Problem {
    fn told(&self, node: &Node, hidden: bool) -> (String, Option<String>) {
        match self {
            Self::Words(_) if hidden => ("the value is not valid (not shown)".into(), None),
            // The words of core's own errors carry their help with them.
            Self::Words(words) => match words.split_once("\nhelp: ") {
                Some((message, help)) => (message.into(), Some(help.into())),
                None => (words.clone(), None),
            },
            Self::Mismatch { found, expected } => {
                let in_words = in_words(expected);
                let described = match &node.value {
                    // A type that reads a collection in two steps complains about a part of it.
                    Value::Sequence(_) | Value::Mapping(_) if !found.collection && hidden => {
                        "a value of another type".into()
                    }
                    Value::Sequence(_) | Value::Mapping(_) if !found.collection => {
                        found.shown.clone()
                    }
                    _ => node.described(hidden),
                };
                let help = quoted_number(node, expected).then(|| {
                    "remove the quotes: text in quotes is never a number or a boolean".into()
                });
                (format!("expected {in_words}, found {described}"), help)
            }
            Self::Length(expected) => (format!("expected {expected}"), None),
            Self::UnknownKey { key, expected } => (
                format!("unknown key `{key}`"),
                Some(did_you_mean(key, expected.iter().copied())),
            ),
            Self::UnknownVariant { expected, .. } if hidden => {
                ("unknown value (not shown)".into(), Some(list(expected)))
            }
            Self::UnknownVariant { variant, expected } if node.tag.as_ref() == Some(variant) => {
                let tags: Vec<String> = expected.iter().map(|tag| format!("!{tag}")).collect();
                let help = did_you_mean(&format!("!{variant}"), tags.iter().map(String::as_str));
                (format!("unknown tag `!{variant}`"), Some(help))
            }
            Self::UnknownVariant { variant, expected } => (
                format!("unknown value `{variant}`"),
                Some(did_you_mean(variant, expected.iter().copied())),
            ),
            Self::Missing(key) => (
                format!("missing key `{key}`"),
                Some(format!("add `{key}: …` to this mapping")),
            ),
            Self::Duplicate(key) => (format!("duplicate key `{key}`"), None),
        }
    }
}

fn quoted_number(node: &Node, expected: &str) -> bool {
    let Value::Scalar(scalar) = &node.value else {
        return false;
    };
    let typed = in_words(expected);
    (typed.contains("number") || typed.contains("`true`"))
        && !scalar.plain
        && !scalar.substituted
        && {
            let mut plain = scalar.clone();
            plain.plain = true;
            plain.kind() != "the text" && !plain.is_null()
        }
}

/// Serde names Rust's types; a person who writes YAML knows their meaning.
fn in_words(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" | "a character" => "text".into(),
        "a boolean" | "a bool" => "`true` or `false`".into(),
        "f32" | "f64" => "a number".into(),
        "a sequence" => "a list".into(),
        "a map" => "a mapping".into(),
        "path string" => "a path".into(),
        "unit" => "nothing".into(),
        _ if expected.starts_with("struct ") => "a mapping".into(),
        _ if expected.starts_with("enum ") => "one of its values".into(),
        _ => whole_number(expected).unwrap_or_else(|| expected.into()),
    }
}

fn whole_number(expected: &str) -> Option<String> {
    let (least, kind) = match expected.strip_prefix("a nonzero ") {
        Some(kind) => ("1", kind),
        None => ("0", expected),
    };
    let most = match kind {
        "u8" => "255",
        "u16" => "65535",
        "u32" => "4294967295",
        "u64" | "usize" => "18446744073709551615",
        "i8" => return Some("a whole number from -128 to 127".into()),
        "i16" => return Some("a whole number from -32768 to 32767".into()),
        "i32" => return Some("a whole number from -2147483648 to 2147483647".into()),
        "i64" | "isize" | "i128" | "u128" => return Some("a whole number".into()),
        _ => return None,
    };
    Some(format!("a whole number from {least} to {most}"))
}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::Words(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let collection = matches!(
            found,
            Unexpected::Map
                | Unexpected::Seq
                | Unexpected::StructVariant
                | Unexpected::TupleVariant
        );
        let found = Found {
            collection,
            shown: found.to_string(),
        };
        Problem::Mismatch {
            found,
            expected: expected.to_string(),
        }
        .into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let items = ["a tuple of size ", "an array of length "]
            .into_iter()
            .find_map(|words| expected.strip_prefix(words));
        let expected = items.map_or(expected.clone(), |items| format!("a list of {items} items"));
        Problem::Length(format!("{expected}, found {found}")).into()
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Problem::UnknownVariant {
            variant: variant.into(),
            expected,
        }
        .into()
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Problem::UnknownKey {
            key: field.into(),
            expected,
        }
        .into()
    }

    fn missing_field(field: &'static str) -> Self {
        Problem::Missing(field).into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        Problem::Duplicate(field).into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(State::Raised(problem)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            State::Placed(placed) => f.write_str(&placed.message),
            State::Raised(_) => f.write_str("the value is not valid"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}
