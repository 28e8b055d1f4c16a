//! `tsvector`.

use std::fmt::{self, Write as _};

use connector_core::{Misfit, utf8};

use super::super::cursor::BinaryCursor;
use super::super::lend::Printed;
use super::super::value::{Form, PgValue};

/// The words of a document with their places, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'r>(BinaryCursor<'r>);

const WHAT: &str = "a tsvector";

pub(crate) fn words(raw: PgValue<'_>) -> Result<Printed<'_, Words<'_>>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, WHAT);
            cursor.count()?;
            let words = Words(cursor);
            while !cursor.is_done() {
                word(&mut cursor)?;
            }
            Ok(Printed::Written(words))
        }
    }
}

/// One word, and its places in two bytes each.
fn word<'r>(cursor: &mut BinaryCursor<'r>) -> Result<(&'r str, &'r [u8]), Misfit> {
    let word = utf8(cursor.until_zero()?)?;
    let count = usize::from(cursor.uint16()?);
    Ok((word, cursor.take(count * 2)?))
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cursor = self.0;
        let mut first = true;
        while let Ok((word, places)) = word(&mut cursor) {
            f.write_str(if first { "'" } else { " '" })?;
            first = false;
            for character in word.chars() {
                // Doubled, as within any of Postgres' texts.
                if matches!(character, '\'' | '\\') {
                    f.write_char(character)?;
                }
                f.write_char(character)?;
            }
            f.write_char('\'')?;
            for (number, place) in places.as_chunks::<2>().0.iter().enumerate() {
                // The weight is in the two highest bits.
                let place = u16::from_be_bytes(*place);
                let weight = ["", "C", "B", "A"];
                let weight = weight.get(usize::from(place >> 14)).copied();
                let sign = if number == 0 { ':' } else { ',' };
                write!(f, "{sign}{}{}", place & 0x3FFF, weight.unwrap_or_default())?;
            }
        }
        Ok(())
    }
}
