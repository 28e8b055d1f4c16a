//! Days, times and instants.

use std::fmt;

use connector_core::{Date, FieldType, Misfit, Time, TimeUnit, Timestamp, utf8};

use super::super::cursor::{BinaryCursor, TextCursor, fixed, malformed};
use super::super::lend::Printed;
use super::super::value::{Form, PgValue};

/// Days from 1970-01-01 to 2000-01-01, from which Postgres counts.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

#[cold]
fn infinite() -> Misfit {
    Misfit::Other("an infinity, which is no point in time".to_owned())
}

/// A text that is not in the ISO form: an infinity, or nothing that the server writes.
#[cold]
fn not_a_day(text: &[u8], what: &'static str) -> Misfit {
    match text {
        b"infinity" | b"-infinity" => infinite(),
        _ => malformed(what),
    }
}

/// Reads `YYYY-MM-DD`: the year as written, without its era.
#[inline]
fn year_month_day(cursor: &mut TextCursor<'_>) -> Option<(i32, u8, u8)> {
    let year = i32::try_from(cursor.number()?).ok()?;
    cursor.expect(b'-')?;
    let month = cursor.two()?;
    cursor.expect(b'-')?;
    Some((year, month, cursor.two()?))
}

/// Reads the era, and gives the day: the year before 1 is 1 BC, which core counts as 0.
#[inline]
fn day_in_era(cursor: &mut TextCursor<'_>, (year, month, day): (i32, u8, u8)) -> Option<Date> {
    let year = if cursor.is_done() {
        year
    } else if cursor.eat_word(b" BC") && cursor.is_done() {
        1 - year
    } else {
        return None;
    };
    Date::new(year, month, day)
}

/// Reads `HH:MM:SS[.f]`, in microseconds since midnight.
#[inline]
fn clock(cursor: &mut TextCursor<'_>) -> Option<i64> {
    let hours = cursor.two()?;
    cursor.expect(b':')?;
    let minutes = cursor.two()?;
    cursor.expect(b':')?;
    let seconds = cursor.two()?;
    if hours > 24 || minutes > 59 || seconds > 60 {
        return None;
    }
    let micros = if cursor.eat(b'.') {
        cursor.micros()?
    } else {
        0
    };
    let seconds = (i64::from(hours) * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
    Some(seconds * 1_000_000 + micros)
}

/// Reads `+HH[:MM[:SS]]`, in seconds east of UTC.
#[inline]
fn zone(cursor: &mut TextCursor<'_>) -> Option<i64> {
    let west = match cursor.next()? {
        b'+' => false,
        b'-' => true,
        _ => return None,
    };
    let mut seconds = i64::from(cursor.two()?) * 3_600;
    if cursor.eat(b':') {
        seconds += i64::from(cursor.two()?) * 60;
        if cursor.eat(b':') {
            seconds += i64::from(cursor.two()?);
        }
    }
    Some(if west { -seconds } else { seconds })
}

/// A day of another year than one of four digits, and what is no day.
#[inline(never)]
fn other_date(text: &[u8]) -> Result<Date, Misfit> {
    let mut cursor = TextCursor::new(text);
    year_month_day(&mut cursor)
        .and_then(|day| day_in_era(&mut cursor, day))
        .ok_or_else(|| not_a_day(text, "a date"))
}

#[inline]
pub(crate) fn date(raw: PgValue<'_>) -> Result<Date, Misfit> {
    match raw.form()? {
        Form::Text(text) => Date::from_iso(text).map_or_else(|| other_date(text), Ok),
        Form::Binary(bytes) => match i32::from_be_bytes(fixed(bytes, "a date")?) {
            i32::MIN | i32::MAX => Err(infinite()),
            days => days
                .checked_add(EPOCH_DAYS)
                .map(Date::from_days)
                .ok_or(Misfit::OutOfRange(FieldType::Date)),
        },
    }
}

#[inline]
pub(crate) fn time(raw: PgValue<'_>) -> Result<Time, Misfit> {
    let micros = match raw.form()? {
        Form::Text(text) => {
            let mut cursor = TextCursor::new(text);
            clock(&mut cursor).filter(|_| cursor.is_done())
        }
        Form::Binary(bytes) => Some(i64::from_be_bytes(fixed(bytes, "a time")?)),
    };
    micros
        .and_then(|micros| u64::try_from(micros).ok()?.checked_mul(1_000))
        .and_then(Time::from_nanos)
        .ok_or_else(|| malformed("a time"))
}

/// A time of day with its offset from UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeTz {
    time: Time,
    /// Seconds, positive to the west.
    west: i32,
}

impl fmt::Display for TimeTz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.west.unsigned_abs();
        let sign = if self.west > 0 { '-' } else { '+' };
        write!(f, "{}{sign}{:02}", self.time, size / 3_600)?;
        let (minutes, seconds) = (size / 60 % 60, size % 60);
        if minutes > 0 || seconds > 0 {
            write!(f, ":{minutes:02}")?;
        }
        if seconds > 0 {
            write!(f, ":{seconds:02}")?;
        }
        Ok(())
    }
}

pub(crate) fn time_tz(raw: PgValue<'_>) -> Result<Printed<'_, TimeTz>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a time with its zone");
            let micros = u64::from_be_bytes(cursor.array()?);
            let west = cursor.int32()?;
            cursor.end()?;
            let time = micros.checked_mul(1_000).and_then(Time::from_nanos);
            let time = time.ok_or_else(|| cursor.malformed())?;
            Ok(Printed::Written(TimeTz { time, west }))
        }
    }
}

/// `timestamp` and `timestamptz`: the second has its offset in the text form, and is UTC in the binary one.
#[inline]
pub(crate) fn timestamp(raw: PgValue<'_>) -> Result<Timestamp, Misfit> {
    match raw.form()? {
        Form::Text(text) => {
            timestamp_text(text).ok_or_else(|| not_a_day(text, "a timestamp in ISO style"))
        }
        Form::Binary(bytes) => match i64::from_be_bytes(fixed(bytes, "a timestamp")?) {
            i64::MIN | i64::MAX => Err(infinite()),
            micros => micros
                .checked_add(EPOCH_MICROS)
                .map(|micros| Timestamp::from_unit(micros, TimeUnit::Micro))
                .ok_or(Misfit::OutOfRange(FieldType::TIMESTAMP)),
        },
    }
}

#[inline]
fn timestamp_text(text: &[u8]) -> Option<Timestamp> {
    let mut cursor = TextCursor::new(text);
    let day = year_month_day(&mut cursor)?;
    cursor.expect(b' ')?;
    let micros = clock(&mut cursor)?;
    let east = match cursor.peek() {
        Some(b'+' | b'-') => zone(&mut cursor)?,
        _ => 0,
    };
    let date = day_in_era(&mut cursor, day)?;
    let seconds = i64::from(date.days()) * 86_400 + micros / 1_000_000 - east;
    Timestamp::new(seconds, u32::try_from(micros % 1_000_000 * 1_000).ok()?)
}
