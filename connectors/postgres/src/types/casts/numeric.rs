//! `numeric`: groups of four digits in the binary form.

use connector_core::{ColumnValue, Decimal, FieldType, Misfit, Value};

use super::super::cursor::{BinaryCursor, malformed};
use super::super::lend::with_scratch;
use super::super::value::{Form, PgValue, utf8};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// A number in one of its forms, to be written as a decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numeric<'r> {
    Text(&'r str),
    Short(Decimal),
    Groups(Groups<'r>),
}

/// The binary form, its header read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups<'r> {
    /// Two bytes each, a number below 10000.
    pairs: &'r [u8],
    /// The power of 10000 of the first group.
    weight: i32,
    negative: bool,
    /// The number of digits behind the point.
    scale: u16,
}

impl ColumnValue for Numeric<'_> {
    const FIELD_TYPE: FieldType = FieldType::DECIMAL;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::Text(text) => take(Value::DecimalText(text)),
            Self::Short(number) => take(Value::Decimal(*number)),
            Self::Groups(groups) => groups.with_text(|text| take(Value::DecimalText(text))),
        }
    }
}

/// A number for a column of its own size.
#[inline]
pub(crate) fn sized(raw: PgValue<'_>) -> Result<Numeric<'_>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Numeric::Text(utf8(text)?)),
        Form::Binary(bytes) => {
            let groups = finite(bytes)?;
            Ok(groups
                .short()
                .map_or(Numeric::Groups(groups), Numeric::Short))
        }
    }
}

/// A number for a column that holds any, as text.
#[inline]
pub(crate) fn unlimited(raw: PgValue<'_>) -> Result<Numeric<'_>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Numeric::Text(utf8(text)?)),
        Form::Binary(bytes) => finite(bytes).map(Numeric::Groups),
    }
}

/// A number, NaN or an infinity, as the text that Postgres prints.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NumericText<'r> {
    AsIs(&'r str),
    Groups(Groups<'r>),
}

impl ColumnValue for NumericText<'_> {
    const FIELD_TYPE: FieldType = FieldType::String;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::AsIs(text) => take(Value::Text(text)),
            Self::Groups(groups) => groups.with_text(|text| take(Value::Text(text))),
        }
    }
}

pub(crate) fn as_text(raw: PgValue<'_>) -> Result<NumericText<'_>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(NumericText::AsIs(utf8(text)?)),
        Form::Binary(bytes) => Ok(match read(bytes)? {
            Read::Finite(groups) => NumericText::Groups(groups),
            Read::Special(name) => NumericText::AsIs(name),
        }),
    }
}

enum Read<'r> {
    Finite(Groups<'r>),
    Special(&'static str),
}

#[inline]
fn finite(bytes: &[u8]) -> Result<Groups<'_>, Misfit> {
    match read(bytes)? {
        Read::Finite(groups) => Ok(groups),
        Read::Special(_) => Err(Misfit::NotFinite),
    }
}

#[inline]
fn read(bytes: &[u8]) -> Result<Read<'_>, Misfit> {
    let mut cursor = BinaryCursor::new(bytes, "a numeric");
    let count = cursor.uint16()?;
    let weight = i32::from(cursor.int16()?);
    let sign = cursor.uint16()?;
    let scale = cursor.uint16()?;
    let pairs = cursor.take(usize::from(count) * 2)?;
    cursor.end()?;
    let special = match sign {
        0 | NEGATIVE => {
            return Ok(Read::Finite(Groups {
                pairs,
                weight,
                negative: sign == NEGATIVE,
                scale,
            }));
        }
        NAN => "NaN",
        INFINITY => "Infinity",
        NEGATIVE_INFINITY => "-Infinity",
        _ => return Err(malformed("a numeric")),
    };
    Ok(Read::Special(special))
}

impl Groups<'_> {
    fn groups(&self) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator {
        let pairs = self.pairs.as_chunks::<2>().0;
        pairs.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    /// The number in 128 bits, where it fits them.
    #[inline]
    fn short(&self) -> Option<Decimal> {
        let count = self.groups().len();
        let mut mantissa = 0_u128;
        if count <= 4 {
            let mut narrow = 0_u64;
            for group in self.groups() {
                narrow = narrow * 10_000 + u64::from(group);
            }
            mantissa = u128::from(narrow);
        } else {
            for group in self.groups() {
                mantissa = mantissa
                    .checked_mul(10_000)?
                    .checked_add(u128::from(group))?;
            }
        }
        // So many digits of the mantissa are behind the point; the scale may say more, or fewer where the rest is zeros.
        let behind = (i32::try_from(count).ok()? - 1 - self.weight) * 4;
        let shift = i32::from(self.scale) - behind;
        let power = 10_u128.checked_pow(shift.unsigned_abs());
        if mantissa == 0 {
        } else if shift >= 0 {
            mantissa = mantissa.checked_mul(power?)?;
        } else {
            let power = power?;
            if !mantissa.is_multiple_of(power) {
                return None;
            }
            mantissa /= power;
        }
        let mantissa = i128::try_from(mantissa).ok()?;
        let scale = i8::try_from(self.scale).ok()?;
        Some(Decimal::from_i128(
            if self.negative { -mantissa } else { mantissa },
            scale,
        ))
    }

    /// The number as Postgres prints it.
    fn with_text<R>(&self, take: impl FnOnce(&str) -> R) -> R {
        with_scratch(|out| {
            self.write(out);
            take(std::str::from_utf8(out).unwrap_or_default())
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.negative && self.groups().any(|group| group != 0) {
            out.push(b'-');
        }
        let mut groups = self.groups();
        let start = out.len();
        for _ in 0..=self.weight {
            let group = groups.next().unwrap_or(0);
            if out.len() == start {
                // The first digits have no zeros before them.
                if group != 0 {
                    four(group, out);
                    let zeros = out.iter().skip(start).take_while(|digit| **digit == b'0');
                    let zeros = zeros.count();
                    out.drain(start..start + zeros);
                }
            } else {
                four(group, out);
            }
        }
        if out.len() == start {
            out.push(b'0');
        }
        if self.scale == 0 {
            return;
        }
        out.push(b'.');
        let end = out.len() + usize::from(self.scale);
        for _ in self.weight + 1..0 {
            if out.len() >= end {
                break;
            }
            four(0, out);
        }
        while out.len() < end {
            match groups.next() {
                Some(group) => four(group, out),
                None => out.resize(end, b'0'),
            }
        }
        out.truncate(end);
    }
}

/// The digits of one group.
fn four(group: u16, out: &mut Vec<u8>) {
    let digit = |power: u16| b'0' + u8::try_from(group / power % 10).unwrap_or_default();
    out.extend_from_slice(&[digit(1000), digit(100), digit(10), digit(1)]);
}
