//! Ranges: `{"lower":1,"upper":5,"bounds":"[)"}`. A bound that is not there is null; the bounds of the empty range are
//! `"empty"`. A multirange is an array of them.

use connector_core::Misfit;

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::decoder::{Decoder, Element};
use super::super::value::{Form, PgValue};
use super::composite::part;

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

const WHAT: &str = "a range";

pub(in super::super) fn write(
    bound: &Decoder,
    raw: PgValue<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let mut bound = bound.element();
    match raw.form()? {
        Form::Text(text) => {
            let mut cursor = TextCursor::new(text);
            write_text(&mut cursor, &mut bound, out)?;
            if cursor.is_done() {
                Ok(())
            } else {
                Err(malformed(WHAT))
            }
        }
        Form::Binary(bytes) => write_binary(bytes, &mut bound, out),
    }
}

pub(in super::super) fn write_multirange(
    bound: &Decoder,
    raw: PgValue<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let mut bound = bound.element();
    out.push(b'[');
    match raw.form()? {
        Form::Text(b"{}") => {}
        Form::Text(text) => {
            let mut cursor = TextCursor::new(text);
            let mut opening = b'{';
            while cursor.eat(opening) {
                if opening == b',' {
                    out.push(b',');
                }
                opening = b',';
                write_text(&mut cursor, &mut bound, out)?;
            }
            if cursor.rest() != b"}" {
                return Err(malformed("a multirange"));
            }
        }
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a multirange");
            for place in 0..cursor.count()? {
                if place > 0 {
                    out.push(b',');
                }
                let range = cursor.sized()?.ok_or_else(|| cursor.malformed())?;
                write_binary(range, &mut bound, out)?;
            }
            cursor.end()?;
        }
    }
    out.push(b']');
    Ok(())
}

/// Reads `[a,b)` or `empty`.
fn write_text(
    cursor: &mut TextCursor<'_>,
    bound: &mut Element<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    if cursor.eat_word(b"empty") {
        write_empty(out);
        return Ok(());
    }
    let wrong = || malformed(WHAT);
    let opening = cursor.next().filter(|byte| matches!(byte, b'[' | b'('));
    let opening = opening.ok_or_else(wrong)?;
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    let lower = part(cursor, b"])", &mut lower).ok_or_else(wrong)?;
    cursor.expect(b',').ok_or_else(wrong)?;
    let upper = part(cursor, b"])", &mut upper).ok_or_else(wrong)?;
    let closing = cursor.next().filter(|byte| matches!(byte, b']' | b')'));
    let closing = closing.ok_or_else(wrong)?;
    write_bounds([lower, upper], [opening, closing], bound, out)
}

fn write_binary(bytes: &[u8], bound: &mut Element<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    let mut cursor = BinaryCursor::new(bytes, WHAT);
    let flags = cursor.byte()?;
    let has = |flag: u8| flags & flag != 0;
    if has(EMPTY) {
        write_empty(out);
        return cursor.end();
    }
    let mut next = |infinite: bool| {
        if infinite {
            return Ok(PgValue::Null);
        }
        let bytes = cursor.sized()?.ok_or_else(|| cursor.malformed())?;
        Ok(PgValue::Binary(bytes))
    };
    let lower = next(has(LOWER_INFINITE))?;
    let upper = next(has(UPPER_INFINITE))?;
    cursor.end()?;
    let opening = if has(LOWER_INCLUSIVE) { b'[' } else { b'(' };
    let closing = if has(UPPER_INCLUSIVE) { b']' } else { b')' };
    write_bounds([lower, upper], [opening, closing], bound, out)
}

fn write_empty(out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"lower\":null,\"upper\":null,\"bounds\":\"empty\"}");
}

fn write_bounds(
    [lower, upper]: [PgValue<'_>; 2],
    [opening, closing]: [u8; 2],
    bound: &mut Element<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    out.extend_from_slice(b"{\"lower\":");
    bound.write(lower, out)?;
    out.extend_from_slice(b",\"upper\":");
    bound.write(upper, out)?;
    out.extend_from_slice(b",\"bounds\":\"");
    out.extend_from_slice(&[opening, closing]);
    out.extend_from_slice(b"\"}");
    Ok(())
}
