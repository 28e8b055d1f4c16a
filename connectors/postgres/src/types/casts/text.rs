//! Text with a rule of its own, and JSON.

use std::fmt;

use connector_core::{Misfit, utf8};

use super::super::cursor::malformed;
use super::super::lend::{Json, Printed};
use super::super::value::{Form, PgValue};

/// Blanks at the end only fill the stated length, and mean nothing: as in Postgres' own cast to `text`.
#[inline]
pub(crate) fn blank_padded(raw: PgValue<'_>) -> Result<&str, Misfit> {
    raw.text().map(|text| text.trim_end_matches(' '))
}

/// One byte: as itself where it is ASCII, else as Postgres 16 and later print it, `\377`; zero is no text at all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Byte(u8);

impl fmt::Display for Byte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            byte if byte.is_ascii() => write!(f, "{}", char::from(byte)),
            byte => write!(f, "\\{byte:03o}"),
        }
    }
}

pub(crate) fn byte(raw: PgValue<'_>) -> Result<Printed<'_, Byte>, Misfit> {
    match raw.form()? {
        Form::Text([byte]) | Form::Binary([byte]) => Ok(Printed::Written(Byte(*byte))),
        Form::Text(text @ ([] | [b'\\', _, _, _])) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Text(_) | Form::Binary(_) => Err(malformed("a `\"char\"`")),
    }
}

#[inline]
pub(crate) fn json(raw: PgValue<'_>) -> Result<Json<'_>, Misfit> {
    raw.text().map(Json)
}

#[inline]
pub(crate) fn jsonb(raw: PgValue<'_>) -> Result<Json<'_>, Misfit> {
    versioned(raw, "a jsonb of version 1").map(Json)
}

pub(crate) fn json_path(raw: PgValue<'_>) -> Result<&str, Misfit> {
    versioned(raw, "a jsonpath of version 1")
}

pub(crate) fn label_tree(raw: PgValue<'_>) -> Result<&str, Misfit> {
    versioned(raw, "an ltree of version 1")
}

/// The binary form is the text with a byte before it, which is 1 in every version so far.
#[inline]
fn versioned<'r>(raw: PgValue<'r>, what: &'static str) -> Result<&'r str, Misfit> {
    match raw.form()? {
        Form::Text(text) | Form::Binary([1, text @ ..]) => utf8(text),
        Form::Binary(_) => Err(malformed(what)),
    }
}

/// The text form of a type whose binary form says something else, or is nothing that is documented.
pub(crate) fn text_only(raw: PgValue<'_>) -> Result<&str, Misfit> {
    match raw.form()? {
        Form::Text(text) => utf8(text),
        Form::Binary(_) => Err(Misfit::Other(
            "the binary form of a type that is read as text".to_owned(),
        )),
    }
}
