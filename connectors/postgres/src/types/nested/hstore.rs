//! `hstore`: a JSON object of texts and nulls.

use connector_core::{Misfit, Value, utf8};

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::value::{Form, PgValue};

const WHAT: &str = "an hstore";

pub(super) fn write(raw: PgValue<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
    out.push(b'{');
    match raw.form()? {
        Form::Text(text) => write_text(text, out)?,
        Form::Binary(bytes) => write_binary(bytes, out)?,
    }
    out.push(b'}');
    Ok(())
}

fn write_text(text: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
    let wrong = || malformed(WHAT);
    let mut cursor = TextCursor::new(text);
    let mut unescaped = Vec::new();
    while !cursor.is_done() {
        quoted(&mut cursor, &mut unescaped).ok_or_else(wrong)?;
        Value::Text(utf8(&unescaped)?).write_json(out);
        out.push(b':');
        if !cursor.eat_word(b"=>") {
            return Err(wrong());
        }
        if cursor.eat_word(b"NULL") {
            out.extend_from_slice(b"null");
        } else {
            quoted(&mut cursor, &mut unescaped).ok_or_else(wrong)?;
            Value::Text(utf8(&unescaped)?).write_json(out);
        }
        if cursor.eat_word(b", ") {
            out.push(b',');
            if cursor.is_done() {
                return Err(wrong());
            }
        } else if !cursor.is_done() {
            return Err(wrong());
        }
    }
    Ok(())
}

/// Reads a text in double quotes.
fn quoted(cursor: &mut TextCursor<'_>, unescaped: &mut Vec<u8>) -> Option<()> {
    unescaped.clear();
    cursor.expect(b'"')?;
    loop {
        match cursor.next()? {
            b'"' => return Some(()),
            b'\\' => unescaped.push(cursor.next()?),
            byte => unescaped.push(byte),
        }
    }
}

fn write_binary(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
    let mut cursor = BinaryCursor::new(bytes, WHAT);
    for place in 0..cursor.count()? {
        if place > 0 {
            out.push(b',');
        }
        let key = cursor.sized()?.ok_or_else(|| cursor.malformed())?;
        Value::Text(utf8(key)?).write_json(out);
        out.push(b':');
        let value = match cursor.sized()? {
            Some(value) => Value::Text(utf8(value)?),
            None => Value::Null,
        };
        value.write_json(out);
    }
    cursor.end()
}
