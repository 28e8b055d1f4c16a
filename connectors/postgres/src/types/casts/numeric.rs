//! `numeric`: groups of four digits in the binary form.

use connector_core::{
    Column, ColumnTypes as _, ColumnValue, Decimal, FieldType, Misfit, Value, utf8,
};

use super::super::PostgresType;
use super::super::cursor::{BinaryCursor, malformed};
use super::super::lend::with_scratch;
use super::super::value::{Form, PgValue};

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

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::Text(text) => take(Value::DecimalText(text)),
            Self::Short(number) => take(Value::Decimal(*number)),
            Self::Groups(groups) => groups.with_text(|text| take(Value::DecimalText(text))),
        }
    }
}

/// A number for a column of its own size.
pub(crate) fn sized(raw: PgValue<'_>) -> Result<Numeric<'_>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Numeric::Text(utf8(text)?)),
        Form::Binary(bytes) => {
            let groups = finite(bytes)?;
            let short = groups.short();
            Ok(short.map_or(Numeric::Groups(groups), Numeric::Short))
        }
    }
}

/// Appends what [`sized`] gives, by itself where the number is short: it is then moved from register to register, and what
/// `sized` gives is written down twice on its way.
pub(crate) fn append_sized(
    typ: &PostgresType,
    raw: PgValue<'_>,
    column: &mut Column,
) -> Result<(), Misfit> {
    let short = match raw {
        PgValue::Text(text) => short_text(text),
        PgValue::Binary(bytes) => short_groups(bytes),
        PgValue::Null | PgValue::Unchanged => None,
    };
    match short {
        Some((digits, scale)) => column.push_decimal(Decimal::from_i128(digits.into(), scale)),
        None => typ.cast()(typ, raw, column),
    }
}

/// The digits of a text that 63 bits hold, and how many of them are behind the point. `None` says only that this way does not
/// tell.
#[inline]
fn short_text(text: &[u8]) -> Option<(i64, i8)> {
    let digits = text.strip_prefix(b"-");
    let negative = digits.is_some();
    let digits = digits.unwrap_or(text);
    if digits.len() > 19 {
        return None;
    }
    let mut mantissa = 0;
    let mut point = digits.len();
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if *byte == b'.' && point == digits.len() {
            point = at;
        } else {
            return None;
        }
    }
    let behind = (digits.len() - point).saturating_sub(1);
    // Postgres writes digits before the point, and never a point alone.
    if point == 0 {
        return None;
    }
    let mantissa = i64::try_from(mantissa).ok()?;
    let mantissa = if negative { -mantissa } else { mantissa };
    Some((mantissa, i8::try_from(behind).ok()?))
}

/// The same of a binary form of up to four groups: nearly every number's.
#[inline]
fn short_groups(bytes: &[u8]) -> Option<(i64, i8)> {
    /// A division by a number that the compiler knows is a multiplication.
    #[inline]
    fn without_zeros<const POWER: u64>(number: u64) -> Option<u64> {
        number.is_multiple_of(POWER).then_some(number / POWER)
    }
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let [count, weight, sign, scale, groups @ ..] = pairs else {
        return None;
    };
    let [count, weight, sign, scale] =
        [count, weight, sign, scale].map(|pair| u16::from_be_bytes(*pair));
    if groups.len() > 4 || groups.len() != usize::from(count) {
        return None;
    }
    let number = groups.iter().fold(0, |number, group| {
        number * 10_000 + u64::from(u16::from_be_bytes(*group))
    });
    let weight = i32::from(weight.cast_signed());
    let number = match zeros(groups.len(), weight, scale)? {
        0 => number,
        1 => number * 10,
        2 => number * 100,
        -1 => without_zeros::<10>(number)?,
        -2 => without_zeros::<100>(number)?,
        -3 => without_zeros::<1_000>(number)?,
        _ if number == 0 => 0,
        _ => return None,
    };
    let number = i64::try_from(number).ok()?;
    let number = match sign {
        0 => number,
        NEGATIVE => -number,
        _ => return None,
    };
    Some((number, i8::try_from(scale).ok()?))
}

/// So many zeros are to be put behind the number that the groups make, or taken away from it, to have the digits of the scale.
#[inline]
fn zeros(groups: usize, weight: i32, scale: u16) -> Option<i32> {
    let behind = (i32::try_from(groups).ok()? - 1 - weight) * 4;
    Some(i32::from(scale) - behind)
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
    fn short(&self) -> Option<Decimal> {
        let append = |number: i128, group| {
            let number = number.checked_mul(10_000)?;
            number.checked_add(i128::from(group))
        };
        let mut number = self.groups().try_fold(0, append)?;
        if number != 0 {
            let zeros = zeros(self.groups().len(), self.weight, self.scale)?;
            let power = 10_i128.checked_pow(zeros.unsigned_abs())?;
            if zeros >= 0 {
                number = number.checked_mul(power)?;
            } else if number % power == 0 {
                number /= power;
            } else {
                return None;
            }
        }
        let number = if self.negative { -number } else { number };
        Some(Decimal::from_i128(number, i8::try_from(self.scale).ok()?))
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
