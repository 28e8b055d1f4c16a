//! `interval`: months, days and microseconds, which are not one length of time.

use std::fmt;

use connector_core::Misfit;

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::lend::Printed;
use super::super::value::{Form, PgValue};

/// The three parts, as Postgres stores them; printed as its style `iso_8601` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    Finite { months: i32, days: i32, micros: i64 },
    Infinite { negative: bool },
}

pub(crate) fn interval(raw: PgValue<'_>) -> Result<Printed<'_, Interval>, Misfit> {
    let interval = match raw.form()? {
        Form::Text(text) => parse(text).ok_or_else(|| malformed("an interval"))?,
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "an interval");
            let micros = i64::from_be_bytes(cursor.array()?);
            let days = cursor.int32()?;
            let months = cursor.int32()?;
            cursor.end()?;
            match (months, days, micros) {
                (i32::MAX, i32::MAX, i64::MAX) => Interval::Infinite { negative: false },
                (i32::MIN, i32::MIN, i64::MIN) => Interval::Infinite { negative: true },
                _ => Interval::Finite {
                    months,
                    days,
                    micros,
                },
            }
        }
    };
    Ok(Printed::Written(interval))
}

/// The text of the styles `postgres`, which is the default, and `iso_8601`.
fn parse(text: &[u8]) -> Option<Interval> {
    match text {
        b"infinity" => return Some(Interval::Infinite { negative: false }),
        b"-infinity" => return Some(Interval::Infinite { negative: true }),
        _ => {}
    }
    let mut cursor = TextCursor::new(text);
    let mut parts = Parts::default();
    if cursor.eat(b'P') {
        iso(&mut cursor, &mut parts)?;
    } else {
        postgres(&mut cursor, &mut parts)?;
    }
    Some(Interval::Finite {
        months: i32::try_from(parts.months).ok()?,
        days: i32::try_from(parts.days).ok()?,
        micros: i64::try_from(parts.micros).ok()?,
    })
}

#[derive(Default)]
struct Parts {
    months: i64,
    days: i64,
    micros: i128,
}

/// A sign, or none.
fn negative(cursor: &mut TextCursor<'_>) -> bool {
    if cursor.eat(b'-') {
        return true;
    }
    cursor.eat(b'+');
    false
}

/// `1Y2M3DT4H5M6.7S`, each number with its own sign.
fn iso(cursor: &mut TextCursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut in_time = false;
    let mut some = false;
    while !cursor.is_done() {
        if !in_time && cursor.eat(b'T') {
            in_time = true;
            some = false;
            continue;
        }
        let minus = negative(cursor);
        let size = cursor.number()?;
        let fraction = if cursor.eat(b'.') {
            Some(cursor.micros()?)
        } else {
            None
        };
        let number = if minus { -size } else { size };
        let letter = cursor.next()?;
        if fraction.is_some() && letter != b'S' {
            return None;
        }
        match (in_time, letter) {
            (false, b'Y') => parts.months = parts.months.checked_add(number.checked_mul(12)?)?,
            (false, b'M') => parts.months = parts.months.checked_add(number)?,
            (false, b'W') => parts.days = parts.days.checked_add(number.checked_mul(7)?)?,
            (false, b'D') => parts.days = parts.days.checked_add(number)?,
            (true, b'H') => parts.micros += i128::from(number) * 3_600_000_000,
            (true, b'M') => parts.micros += i128::from(number) * 60_000_000,
            (true, b'S') => {
                let micros = i128::from(size) * 1_000_000 + i128::from(fraction.unwrap_or(0));
                parts.micros += if minus { -micros } else { micros };
            }
            _ => return None,
        }
        some = true;
    }
    some.then_some(())
}

/// `1 year 2 mons -3 days +04:05:06.7`.
fn postgres(cursor: &mut TextCursor<'_>, parts: &mut Parts) -> Option<()> {
    loop {
        let minus = negative(cursor);
        let size = cursor.number()?;
        if cursor.eat(b':') {
            let minutes = cursor.two()?;
            cursor.expect(b':')?;
            let seconds = cursor.two()?;
            let fraction = if cursor.eat(b'.') {
                cursor.micros()?
            } else {
                0
            };
            let seconds = (i128::from(size) * 60 + i128::from(minutes)) * 60 + i128::from(seconds);
            let micros = seconds * 1_000_000 + i128::from(fraction);
            parts.micros += if minus { -micros } else { micros };
        } else {
            let number = if minus { -size } else { size };
            cursor.expect(b' ')?;
            match cursor.until(|byte| byte == b' ') {
                b"year" | b"years" => {
                    parts.months = parts.months.checked_add(number.checked_mul(12)?)?;
                }
                b"mon" | b"mons" => parts.months = parts.months.checked_add(number)?,
                b"day" | b"days" => parts.days = parts.days.checked_add(number)?,
                _ => return None,
            }
        }
        if cursor.is_done() {
            return Some(());
        }
        cursor.expect(b' ')?;
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (months, days, micros) = match *self {
            Self::Infinite { negative: false } => return f.write_str("infinity"),
            Self::Infinite { negative: true } => return f.write_str("-infinity"),
            Self::Finite {
                months,
                days,
                micros,
            } => (months, days, micros),
        };
        if (months, days, micros) == (0, 0, 0) {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        for (number, letter) in [(months / 12, 'Y'), (months % 12, 'M'), (days, 'D')] {
            if number != 0 {
                write!(f, "{number}{letter}")?;
            }
        }
        if micros == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        let minutes = micros / 60_000_000;
        for (number, letter) in [(minutes / 60, 'H'), (minutes % 60, 'M')] {
            if number != 0 {
                write!(f, "{number}{letter}")?;
            }
        }
        let rest = micros % 60_000_000;
        if rest == 0 {
            return Ok(());
        }
        let size = rest.unsigned_abs();
        let sign = if rest < 0 { "-" } else { "" };
        write!(f, "{sign}{}", size / 1_000_000)?;
        let mut fraction = size % 1_000_000;
        if fraction > 0 {
            let mut width = 6;
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        f.write_str("S")
    }
}
