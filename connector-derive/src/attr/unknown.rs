//! Keys that the attribute does not have, and what was probably meant.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use super::tokens::{shown, to_comma};
use crate::diag::Problem;
use crate::keys::{Form, Level};
use crate::suggest::{nearest, same_word};

/// Crates whose keys stand in attributes of their own.
const OTHER_CRATES: [&str; 8] = [
    "serde", "sqlx", "diesel", "sea_orm", "clap", "schemars", "doc", "arrow",
];

/// The problem of a key that the level does not have.
pub(super) fn unknown(
    written: &Ident,
    name: &str,
    level: &'static Level,
    input: ParseStream<'_>,
) -> Problem {
    let rest = to_comma(input);
    let attribute = level.attribute;
    let elsewhere = level.others.iter().find_map(|other| {
        other
            .keys
            .iter()
            .find(|key| key.name == name)
            .map(|key| (other, key))
    });
    if let Some((other, key)) = elsewhere {
        let problem = Problem::at(
            written,
            format!(
                "`{name}` belongs on {}, not on {}",
                other.place, level.place
            ),
        );
        let moved = if rest.is_empty() && key.form != Form::Names {
            name.to_owned()
        } else if rest.is_empty() {
            key.example.to_owned()
        } else {
            format!("{name}{}", shown_behind(&rest))
        };
        return problem.help(format!("move it there: `#[{}({moved})]`", other.attribute));
    }
    let problem = Problem::at(
        written,
        format!(
            "`{name}` is not a key of `#[{attribute}(…)]` on {}",
            level.place
        ),
    );
    if OTHER_CRATES.contains(&name) {
        let whole = format!("{name}{}", shown_behind(&rest));
        return problem.help(format!("write it as an attribute of its own: `#[{whole}]`"));
    }
    if let Some((_, advice)) = level
        .synonyms
        .iter()
        .find(|(other, _)| same_word(other, name))
    {
        return problem.help(with_value(advice, &rest));
    }
    if let Some(meant) = nearest(name, level.keys.iter().map(|key| key.name)) {
        return problem.help(format!("did you mean `{meant}`?"));
    }
    if level.takes_names && rest.is_empty() {
        return problem.help(format!("write a name in quotes: `\"{name}\"`"));
    }
    problem.help(examples(level))
}

/// The advice with the text that was given in the place of its `…`.
fn with_value(advice: &str, rest: &TokenStream) -> String {
    let value: TokenStream = rest.clone().into_iter().skip(1).collect();
    match syn::parse2::<LitStr>(value) {
        Ok(text) => advice.replace("\"…\"", &format!("\"{}\"", text.value())),
        Err(_) => advice.to_owned(),
    }
}

/// Names the keys of the level.
pub(super) fn examples(level: &Level) -> String {
    if level.keys.is_empty() {
        return format!(
            "remove it: {} takes no `#[{}(…)]`",
            level.place, level.attribute
        );
    }
    let keys: Vec<String> = level
        .keys
        .iter()
        .map(|key| format!("`{}`", key.name))
        .collect();
    let names = if level.takes_names {
        "names in quotes, and "
    } else {
        ""
    };
    format!("{} takes {names}{}", level.place, keys.join(", "))
}

fn shown_behind(rest: &TokenStream) -> String {
    let text = shown(rest);
    if text.starts_with('=') {
        format!(" {text}")
    } else {
        text
    }
}
