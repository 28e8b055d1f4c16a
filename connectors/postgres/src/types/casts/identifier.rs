//! UUIDs, and the server's own numbers of places and transactions.

use std::fmt;

use connector_core::{ColumnValue, Decimal, FieldType, Misfit, Value, utf8};

use super::super::cursor::{BinaryCursor, fixed, malformed};
use super::super::lend::Printed;
use super::super::value::{Form, PgValue};

/// A UUID's text: the server's own, or written from its sixteen bytes in lower case with hyphens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Uuid<'r> {
    AsIs(&'r str),
    Written([u8; 36]),
}

impl ColumnValue for Uuid<'_> {
    const FIELD_TYPE: FieldType = FieldType::String;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Text(match self {
            Self::AsIs(text) => text,
            // Every byte is ASCII.
            Self::Written(text) => std::str::from_utf8(text).unwrap_or_default(),
        }))
    }
}

#[inline]
pub(crate) fn uuid(raw: PgValue<'_>) -> Result<Uuid<'_>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Uuid::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let bytes: [u8; 16] = fixed(bytes, "a UUID")?;
            let mut text = [b'-'; 36];
            let mut rest = text.as_mut_slice();
            for (place, byte) in bytes.iter().enumerate() {
                // A hyphen stands before these.
                let hyphen = usize::from(matches!(place, 4 | 6 | 8 | 10));
                let Some((digits, after)) = rest
                    .get_mut(hyphen..)
                    .and_then(<[u8]>::split_first_chunk_mut::<2>)
                else {
                    break;
                };
                *digits = [byte >> 4, byte & 15].map(hexadecimal);
                rest = after;
            }
            Ok(Uuid::Written(text))
        }
    }
}

#[inline]
const fn hexadecimal(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

/// A place in the log: `16/B374D848`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogPlace(u64);

impl fmt::Display for LogPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

pub(crate) fn log_place(raw: PgValue<'_>) -> Result<Printed<'_, LogPlace>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let place = u64::from_be_bytes(fixed(bytes, "a pg_lsn")?);
            Ok(Printed::Written(LogPlace(place)))
        }
    }
}

/// The place of a row: `(block,row)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPlace {
    block: u32,
    row: u16,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{})", self.block, self.row)
    }
}

pub(crate) fn row_place(raw: PgValue<'_>) -> Result<Printed<'_, RowPlace>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a tid");
            let block = u32::from_be_bytes(cursor.array()?);
            let row = cursor.uint16()?;
            cursor.end()?;
            Ok(Printed::Written(RowPlace { block, row }))
        }
    }
}

/// A snapshot of transactions: `xmin:xmax:xip,xip`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot<'r> {
    least: u64,
    limit: u64,
    running: &'r [u8],
}

impl fmt::Display for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.least, self.limit)?;
        for (place, running) in self.running.as_chunks::<8>().0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}", u64::from_be_bytes(*running))?;
        }
        Ok(())
    }
}

pub(crate) fn snapshot(raw: PgValue<'_>) -> Result<Printed<'_, Snapshot<'_>>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a snapshot");
            let count = cursor.count()?;
            let least = u64::from_be_bytes(cursor.array()?);
            let limit = u64::from_be_bytes(cursor.array()?);
            let running = cursor.rest();
            if count.checked_mul(8) != Some(running.len()) {
                return Err(cursor.malformed());
            }
            Ok(Printed::Written(Snapshot {
                least,
                limit,
                running,
            }))
        }
    }
}

/// An amount. What is stored is a number of the smallest unit, `DECIMALS` digits behind the point; the text of every session is
/// the one of `lc_monetary = 'C'`, which takes that number for hundredths: `-$1,234.56`.
pub(crate) fn money<const DECIMALS: i8>(raw: PgValue<'_>) -> Result<Decimal, Misfit> {
    let units = match raw.form()? {
        Form::Binary(bytes) => i64::from_be_bytes(fixed(bytes, "a money amount")?),
        Form::Text(text) => {
            money_text(text).ok_or_else(|| malformed("a money amount with `lc_monetary = 'C'`"))?
        }
    };
    Ok(Decimal::from_i128(units.into(), DECIMALS))
}

fn money_text(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'-', text @ ..] => (true, text),
        text => (false, text),
    };
    let [whole @ .., b'.', tenth, hundredth] = text.strip_prefix(b"$")? else {
        return None;
    };
    let mut amount = 0_i64;
    let digits = whole.iter().filter(|byte| **byte != b',');
    for digit in digits.chain([tenth, hundredth]) {
        let digit = i64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
        // Counted downwards, as the least amount has no positive one.
        amount = amount.checked_mul(10)?.checked_sub(digit)?;
    }
    if negative {
        Some(amount)
    } else {
        amount.checked_neg()
    }
}
