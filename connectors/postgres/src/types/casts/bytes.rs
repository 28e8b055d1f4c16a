//! `bytea` and bit strings.

use std::fmt::{self, Write as _};

use connector_core::{ColumnValue, FieldType, Misfit, Value, utf8};

use super::super::cursor::{BinaryCursor, malformed};
use super::super::lend::{Printed, with_scratch};
use super::super::value::{Form, PgValue};

/// Bytes, decoded when they are asked for; the texts were checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bytes<'r> {
    AsIs(&'r [u8]),
    /// The digits behind `\x`.
    Hex(&'r [u8]),
    /// The older form: `\\` is a backslash, `\ooo` a byte in octal.
    Escaped(&'r [u8]),
}

impl ColumnValue for Bytes<'_> {
    const FIELD_TYPE: FieldType = FieldType::Binary;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::AsIs(bytes) => take(Value::Bytes(bytes)),
            Self::Hex(digits) => with_scratch(|out| {
                let pairs = digits.as_chunks::<2>().0;
                out.extend(pairs.iter().map(|[high, low]| {
                    nibble(*high).unwrap_or(0) << 4 | nibble(*low).unwrap_or(0)
                }));
                take(Value::Bytes(out))
            }),
            Self::Escaped(text) => with_scratch(|out| {
                unescape(text, out);
                take(Value::Bytes(out))
            }),
        }
    }
}

#[inline]
const fn nibble(digit: u8) -> Option<u8> {
    /// The value of each byte as a hexadecimal digit, or 255.
    const NIBBLES: [u8; 256] = {
        let mut table = [255; 256];
        let mut value = 0;
        while value < 16 {
            #[expect(clippy::indexing_slicing, reason = "constant: checked by the compiler")]
            {
                table[b"0123456789abcdef"[value as usize] as usize] = value;
                table[b"0123456789ABCDEF"[value as usize] as usize] = value;
            }
            value += 1;
        }
        table
    };
    #[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
    match NIBBLES[digit as usize] {
        255 => None,
        value => Some(value),
    }
}

fn unescape(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return true,
            [b'\\', b'\\', rest @ ..] => {
                out.push(b'\\');
                rest
            }
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                rest @ ..,
            ] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest
            }
            [b'\\', ..] => return false,
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        }
    }
}

#[inline]
pub(crate) fn bytea(raw: PgValue<'_>) -> Result<Bytes<'_>, Misfit> {
    let text = match raw.form()? {
        Form::Binary(bytes) => return Ok(Bytes::AsIs(bytes)),
        Form::Text(text) => text,
    };
    let (bytes, sound) = match text {
        [b'\\', b'x', digits @ ..] => (
            Bytes::Hex(digits),
            digits.len().is_multiple_of(2) && digits.iter().all(|digit| nibble(*digit).is_some()),
        ),
        text => (
            Bytes::Escaped(text),
            with_scratch(|out| unescape(text, out)),
        ),
    };
    if sound {
        Ok(bytes)
    } else {
        Err(malformed("a bytea"))
    }
}

/// So many bits of these bytes, the highest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'r> {
    bytes: &'r [u8],
    count: usize,
}

impl fmt::Display for Bits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self
            .bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
        for bit in bits.take(self.count) {
            f.write_char(char::from(b'0' + bit))?;
        }
        Ok(())
    }
}

pub(crate) fn bits(raw: PgValue<'_>) -> Result<Printed<'_, Bits<'_>>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a bit string");
            let count = cursor.count()?;
            let bytes = cursor.take(count.div_ceil(8))?;
            cursor.end()?;
            Ok(Printed::Written(Bits { bytes, count }))
        }
    }
}
