//! A time of day.

use std::fmt;
use std::str::FromStr;

use super::Misfit;
use super::scan::Scanner;
use super::text_form::{serde_as_text, write_fraction};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A time of day, as nanoseconds since midnight; as text `HH:MM:SS[.f]`.
///
/// 24:00:00, the end of the day, is a time of its own, as in ISO 8601.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time {
    nanos: u64,
}

impl Time {
    /// The end of the day, 24:00:00.
    pub const MAX: Self = Self {
        nanos: 86_400 * NANOS_PER_SECOND,
    };

    /// The time that is so many nanoseconds after midnight; `None` past 24:00:00.
    pub const fn from_nanos(nanos: u64) -> Option<Self> {
        if nanos > Self::MAX.nanos {
            None
        } else {
            Some(Self { nanos })
        }
    }

    /// Nanoseconds since midnight: 0..=86400000000000.
    pub const fn nanos(self) -> u64 {
        self.nanos
    }
}

/// Reads `HH:MM:SS[.f]` with an hour below 24, as seconds and nanoseconds; `what` names the type in the error.
pub(super) fn scan_clock(scanner: &mut Scanner<'_>, what: &str) -> Result<(u32, u32), Misfit> {
    let form = || {
        Misfit::syntax(format!(
            "{what}: the time of day is not in the form HH:MM:SS[.f]"
        ))
    };
    let hour = scanner.two().ok_or_else(form)?;
    if !scanner.eat(b':') {
        return Err(form());
    }
    let (minute, second, nanos) = scan_minutes(scanner).ok_or_else(form)??;
    if hour == 24 && minute == 0 && second == 0 && nanos == 0 {
        return Ok((86_400, 0));
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(Misfit::syntax(format!(
            "{what}: there is no time {hour:02}:{minute:02}:{second:02}"
        )));
    }
    Ok((
        u32::from(hour) * 3_600 + u32::from(minute) * 60 + u32::from(second),
        nanos,
    ))
}

/// Reads `MM:SS[.f]`.
pub(super) fn scan_minutes(scanner: &mut Scanner<'_>) -> Option<Result<(u8, u8, u32), Misfit>> {
    let minute = scanner.two()?;
    if !scanner.eat(b':') {
        return None;
    }
    let second = scanner.two()?;
    if !scanner.eat(b'.') {
        return Some(Ok((minute, second, 0)));
    }
    Some(scanner.nanos()?.map(|nanos| (minute, second, nanos)))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.nanos / NANOS_PER_SECOND;
        write!(
            f,
            "{:02}:{:02}:{:02}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        write_fraction(
            f,
            u32::try_from(self.nanos % NANOS_PER_SECOND).unwrap_or_default(),
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let mut scanner = Scanner::new(text);
        let (seconds, nanos) = scan_clock(&mut scanner, "a time")?;
        if !scanner.is_done() {
            return Err(Misfit::syntax("a time in the form HH:MM:SS[.f]"));
        }
        Ok(Self {
            nanos: u64::from(seconds) * NANOS_PER_SECOND + u64::from(nanos),
        })
    }
}

serde_as_text!(Time, "a time in the form HH:MM:SS[.f]");
