//! `${NAME}` and `{{NAME}}` in the scalars of a tree, replaced from the environment.
//!
//! The tree exists before anything is replaced, so a value never becomes a key, a list or a comment.

use super::node::{Node, Origin, Position, Value, preview};
use crate::{Error, Result};

/// Where the value of a variable comes from.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces every reference in the values (never the keys) of a tree.
pub(super) fn substitute(node: &mut Node, origin: &Origin, lookup: Lookup<'_>) -> Result<()> {
    let at = node.position;
    match &mut node.value {
        Value::Scalar(scalar) => {
            if let Some(text) = replace(&scalar.text, at, origin, lookup)? {
                scalar.substituted = text.from_environment;
                scalar.text = text.text;
            }
        }
        Value::Sequence(items) => {
            for item in items {
                substitute(item, origin, lookup)?;
            }
        }
        Value::Mapping(entries) => {
            for (_, value) in entries {
                substitute(value, origin, lookup)?;
            }
        }
    }
    Ok(())
}

struct Replaced {
    text: String,
    from_environment: bool,
}

/// The text with its references replaced, or nothing where it has none and no escapes.
fn replace(
    text: &str,
    at: Position,
    origin: &Origin,
    lookup: Lookup<'_>,
) -> Result<Option<Replaced>> {
    if !text.contains("${") && !text.contains("{{") {
        return Ok(None);
    }
    let mut replaced = Replaced {
        text: String::with_capacity(text.len()),
        from_environment: false,
    };
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("$${{") {
            replaced.text.push_str("{{");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("$${") {
            replaced.text.push_str("${");
            rest = after;
        } else if let Some((open, close)) = opening(rest) {
            let Some((name, after)) = rest.get(open.len()..).and_then(|r| r.split_once(close))
            else {
                let message = format!("`{open}` is not closed by `{close}`");
                return Err(escape_help(origin.error(at, "", message), open));
            };
            let name = name.trim();
            if !is_name(name) {
                let message = format!(
                    "`{}` is not the name of an environment variable",
                    preview(name)
                );
                return Err(escape_help(origin.error(at, "", message), open));
            }
            let Some(value) = lookup(name) else {
                let message = format!("the environment variable `{name}` is not set");
                return Err(origin
                    .error(at, "", message)
                    .with_help(format!("export {name}=…")));
            };
            replaced.text.push_str(&value);
            replaced.from_environment = true;
            rest = after;
        } else {
            replaced.text.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(Some(replaced))
}

fn opening(rest: &str) -> Option<(&'static str, &'static str)> {
    [("${", "}"), ("{{", "}}")]
        .into_iter()
        .find(|(open, _)| rest.starts_with(open))
}

fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

fn escape_help(error: Error, open: &str) -> Error {
    let escaped = if open == "${" { "$${" } else { "$${{" };
    error.with_help(format!(
        "write `${{NAME}}` with letters, digits and `_`, or `{escaped}` for the text `{open}` itself"
    ))
}
