//! A calendar day.

use std::fmt;
use std::str::FromStr;

use super::Misfit;
use super::calendar::{CivilDate, days_in_month, days_of_four_digits};
use super::scan::Scanner;
use super::text_form::serde_as_text;
use crate::types::FieldType;

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
///
/// As text `YYYY-MM-DD`. Years outside 0000..=9999 carry a sign, `+10000-01-01` and `-0043-03-15` (44 BC), which may be
/// left out where the year is positive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date {
    days: i32,
}

impl Date {
    /// The first day that can be held, in the year -5877641.
    pub const MIN: Self = Self { days: i32::MIN };
    /// The last day that can be held, in the year 5881580.
    pub const MAX: Self = Self { days: i32::MAX };

    /// The day that is so many days after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self { days }
    }

    /// The day of a year, month and day; year 0 is 1 BC. `None` where the calendar has no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let year = i64::from(year);
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        let days = CivilDate { year, month, day }.days()?;
        i32::try_from(days).ok().map(Self::from_days)
    }

    /// Reads `YYYY-MM-DD`, which is what nearly every day looks like; `None` for everything else, mistakes included: what
    /// parsing the text makes of it is then the answer.
    pub fn from_iso(text: &[u8]) -> Option<Self> {
        /// What makes the digits their own values, and the dashes 0.
        const FORM: u64 = u64::from_le_bytes(*b"0000-00-");
        /// What carries a byte that is greater than it may be, 9 or 0, into its highest bit.
        const OVER: u64 = u64::from_le_bytes([118, 118, 118, 118, 127, 118, 118, 127]);
        const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);

        let Some((head, &[d1, d2])) = text.split_first_chunk::<8>() else {
            return None;
        };
        // All at once: a branch for each digit would cost more than the rest.
        let digits = u64::from_le_bytes(*head) ^ FORM;
        let (d1, d2) = (d1.wrapping_sub(b'0'), d2.wrapping_sub(b'0'));
        if (digits.wrapping_add(OVER) | digits) & HIGHEST != 0 || d1.max(d2) > 9 {
            return None;
        }
        // In every byte ten times a digit and the one that follows.
        let pairs = (digits * 10 + (digits >> 8)).to_le_bytes();
        let [century, _, year, _, _, month, ..] = pairs;
        let year = u32::from(century) * 100 + u32::from(year);
        let day = d1 * 10 + d2;
        let in_month = day <= 28 || day <= days_in_month(i64::from(year), month);
        if !(1..=12).contains(&month) || day == 0 || !in_month {
            return None;
        }
        Some(Self::from_days(days_of_four_digits(year, month, day)))
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.days
    }

    /// The year, where 0 is 1 BC, the month in 1..=12, and the day in 1..=31.
    pub fn year_month_day(self) -> (i32, u8, u8) {
        let day = CivilDate::from_days(i64::from(self.days));
        // 2^31 days are fewer than 6 million years.
        (
            i32::try_from(day.year).unwrap_or_default(),
            day.month,
            day.day,
        )
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CivilDate::from_days(i64::from(self.days)).fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads `[+-]YYYY-MM-DD`; `what` names the type in the error.
pub(super) fn scan_day(scanner: &mut Scanner<'_>, what: &str) -> Result<CivilDate, Misfit> {
    let form = || Misfit::syntax(format!("{what} in the form YYYY-MM-DD"));
    let sign = scanner.sign();
    let year = scanner.number(4).ok_or_else(form)?;
    let year = if sign == Some(true) { -year } else { year };
    if !scanner.eat(b'-') {
        return Err(form());
    }
    let month = scanner.two().ok_or_else(form)?;
    if !scanner.eat(b'-') {
        return Err(form());
    }
    let day = scanner.two().ok_or_else(form)?;
    if !(1..=12).contains(&month) {
        return Err(Misfit::syntax(format!(
            "{what}: there is no month {month:02}"
        )));
    }
    if day == 0 || day > days_in_month(year, month) {
        return Err(Misfit::syntax(format!(
            "{what}: month {month:02} has no day {day:02}"
        )));
    }
    Ok(CivilDate { year, month, day })
}

impl FromStr for Date {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        if let Some(date) = Self::from_iso(text.as_bytes()) {
            return Ok(date);
        }
        let mut scanner = Scanner::new(text);
        let day = scan_day(&mut scanner, "a date")?;
        if !scanner.is_done() {
            return Err(Misfit::syntax("a date in the form YYYY-MM-DD"));
        }
        day.days()
            .and_then(|days| i32::try_from(days).ok())
            .map(Self::from_days)
            .ok_or(Misfit::OutOfRange(FieldType::Date))
    }
}

serde_as_text!(Date, "a date in the form YYYY-MM-DD");
