//! Composites: JSON objects with the fields by name.

use connector_core::{Misfit, Value};

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::decoder::Decoder;
use super::super::value::{Form, PgValue};
use super::unknown;

const WHAT: &str = "a composite";

/// Writes a value with these fields; without any they are numbered.
pub(in super::super) fn write(
    fields: &[(String, Decoder)],
    raw: PgValue<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Misfit> {
    let mut writer = Writer {
        fields,
        next: 0,
        out,
    };
    writer.out.push(b'{');
    match raw.form()? {
        Form::Text(text) => writer.text(text)?,
        Form::Binary(bytes) => writer.binary(bytes)?,
    }
    if writer.next < fields.len() {
        return Err(malformed(WHAT));
    }
    out.push(b'}');
    Ok(())
}

struct Writer<'w> {
    fields: &'w [(String, Decoder)],
    next: usize,
    out: &'w mut Vec<u8>,
}

impl Writer<'_> {
    fn field(&mut self, raw: PgValue<'_>) -> Result<(), Misfit> {
        if self.next > 0 {
            self.out.push(b',');
        }
        let place = self.next;
        self.next += 1;
        if self.fields.is_empty() {
            Value::Text(&format!("f{}", self.next)).write_json(self.out);
            self.out.push(b':');
            return unknown().element().write(raw, self.out);
        }
        let (name, decoder) = self.fields.get(place).ok_or_else(|| malformed(WHAT))?;
        Value::Text(name).write_json(self.out);
        self.out.push(b':');
        decoder.element().write(raw, self.out)
    }

    fn text(&mut self, text: &[u8]) -> Result<(), Misfit> {
        let mut cursor = TextCursor::new(text);
        let mut unescaped = Vec::new();
        cursor.expect(b'(').ok_or_else(|| malformed(WHAT))?;
        // A composite without fields.
        if cursor.rest() == b")" && self.fields.is_empty() {
            return Ok(());
        }
        loop {
            let raw = part(&mut cursor, b")", &mut unescaped).ok_or_else(|| malformed(WHAT))?;
            self.field(raw)?;
            match cursor.next() {
                Some(b',') => {}
                Some(b')') if cursor.is_done() => return Ok(()),
                _ => return Err(malformed(WHAT)),
            }
        }
    }

    fn binary(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        let mut cursor = BinaryCursor::new(bytes, WHAT);
        let count = cursor.count()?;
        for _ in 0..count {
            // The field's type, which the catalog knows.
            cursor.int32()?;
            let raw = cursor.sized()?.map_or(PgValue::Null, PgValue::Binary);
            self.field(raw)?;
        }
        cursor.end()
    }
}

/// Reads a field of a composite or a bound of a range, up to a comma or one of `ends`: null where there is nothing. Within
/// double quotes everything is itself but `""` and what follows a backslash.
pub(super) fn part<'a>(
    cursor: &mut TextCursor<'_>,
    ends: &[u8],
    unescaped: &'a mut Vec<u8>,
) -> Option<PgValue<'a>> {
    unescaped.clear();
    let mut quoted = false;
    let mut some = false;
    loop {
        let byte = cursor.peek()?;
        if !quoted && (byte == b',' || ends.contains(&byte)) {
            break;
        }
        cursor.next();
        some = true;
        match byte {
            b'\\' => unescaped.push(cursor.next()?),
            b'"' if quoted && cursor.eat(b'"') => unescaped.push(b'"'),
            b'"' => quoted = !quoted,
            byte => unescaped.push(byte),
        }
    }
    Some(if some {
        PgValue::Text(unescaped)
    } else {
        PgValue::Null
    })
}
