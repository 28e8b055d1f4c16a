//! Arrays: JSON arrays, one within another for each dimension. Where the numbering starts is left out.

use connector_core::Misfit;

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::decoder::{Decoder, Element};
use super::super::value::{Form, PgValue};

/// As many dimensions as Postgres has.
const DIMENSIONS: usize = 6;

const WHAT: &str = "an array";

pub(in super::super) fn write(
    element: &Decoder,
    delimiter: u8,
    raw: PgValue<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let mut element = element.element();
    match raw.form()? {
        Form::Text(text) => {
            let mut reader = TextReader {
                cursor: TextCursor::new(text),
                delimiter,
                unescaped: Vec::new(),
            };
            if reader.cursor.peek() == Some(b'[') {
                reader.cursor.until(|byte| byte == b'=');
                reader.cursor.next();
            }
            reader.level(1, &mut element, out)?;
            if reader.cursor.is_done() {
                Ok(())
            } else {
                Err(malformed(WHAT))
            }
        }
        Form::Binary(bytes) => binary(bytes, &mut element, out),
    }
}

struct TextReader<'a> {
    cursor: TextCursor<'a>,
    delimiter: u8,
    unescaped: Vec<u8>,
}

impl TextReader<'_> {
    /// Reads `{…}`.
    fn level(
        &mut self,
        depth: usize,
        element: &mut Element<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        if depth > DIMENSIONS || !self.cursor.eat(b'{') {
            return Err(malformed(WHAT));
        }
        out.push(b'[');
        if self.cursor.eat(b'}') {
            out.push(b']');
            return Ok(());
        }
        loop {
            if self.cursor.peek() == Some(b'{') {
                self.level(depth + 1, element, out)?;
            } else {
                self.item(element, out)?;
            }
            match self.cursor.next() {
                Some(b'}') => break,
                Some(byte) if byte == self.delimiter => out.push(b','),
                _ => return Err(malformed(WHAT)),
            }
        }
        out.push(b']');
        Ok(())
    }

    fn item(&mut self, element: &mut Element<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
        self.unescaped.clear();
        if !self.cursor.eat(b'"') {
            let delimiter = self.delimiter;
            let plain = self
                .cursor
                .until(|byte| byte == delimiter || matches!(byte, b'{' | b'}' | b'"' | b'\\'));
            return match plain {
                [] => Err(malformed(WHAT)),
                b"NULL" => element.write(PgValue::Null, out),
                plain => element.write(PgValue::Text(plain), out),
            };
        }
        loop {
            let plain = self.cursor.until(|byte| matches!(byte, b'"' | b'\\'));
            self.unescaped.extend_from_slice(plain);
            match (self.cursor.next(), self.cursor.peek()) {
                (Some(b'"'), _) => break,
                (Some(b'\\'), Some(escaped)) => {
                    self.cursor.next();
                    self.unescaped.push(escaped);
                }
                _ => return Err(malformed(WHAT)),
            }
        }
        element.write(PgValue::Text(&self.unescaped), out)
    }
}

fn binary(bytes: &[u8], element: &mut Element<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let mut cursor = BinaryCursor::new(bytes, WHAT);
    let depth = cursor.count()?;
    if depth > DIMENSIONS {
        return Err(cursor.malformed());
    }
    // Whether there are nulls, and the type of the elements: the catalog knows it.
    cursor.array::<8>()?;
    let mut sizes = [0; DIMENSIONS];
    let (sizes, _) = sizes.split_at_mut(depth);
    for size in &mut *sizes {
        *size = cursor.count()?;
        cursor.int32()?;
    }
    if sizes.is_empty() {
        out.extend_from_slice(b"[]");
    } else {
        dimension(sizes, &mut cursor, element, out)?;
    }
    cursor.end()
}

fn dimension(
    sizes: &[usize],
    cursor: &mut BinaryCursor<'_>,
    element: &mut Element<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let Some((&size, inner)) = sizes.split_first() else {
        let raw = cursor.sized()?.map_or(PgValue::Null, PgValue::Binary);
        return element.write(raw, out);
    };
    out.push(b'[');
    for place in 0..size {
        // Empty dimensions would take no bytes, and could be announced without end.
        if cursor.is_done() {
            return Err(cursor.malformed());
        }
        if place > 0 {
            out.push(b',');
        }
        dimension(inner, cursor, element, out)?;
    }
    out.push(b']');
    Ok(())
}
