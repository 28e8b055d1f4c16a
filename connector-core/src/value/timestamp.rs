//! An instant.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use super::calendar::{CivilDate, SECONDS_PER_DAY};
use super::date::scan_day;
use super::scan::Scanner;
use super::text_form::{serde_as_text, write_fraction};
use super::time::scan_clock;
use super::{Date, Duration, Misfit};
use crate::types::{FieldType, TimeUnit};

/// An instant on the UTC line: seconds since 1970-01-01T00:00:00Z and nanoseconds after that second.
///
/// It holds every value of a 64-bit timestamp column of every unit. As text it is RFC 3339 with `Z` and just the digits that
/// are needed; years outside 0000..=9999 carry a sign, as in ISO 8601. It reads `YYYY-MM-DD`, then `T` or a blank, then
/// `HH:MM:SS[.f]`, then an offset: `Z`, `±HH`, `±HH:MM`, `±HHMM` or `±HH:MM:SS`. Without an offset the text is read as UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    seconds: i64,
    /// Below 10^9; counts forward also before 1970.
    nanos: u32,
}

impl Timestamp {
    /// The earliest instant.
    pub const MIN: Self = Self {
        seconds: i64::MIN,
        nanos: 0,
    };
    /// The latest instant.
    pub const MAX: Self = Self {
        seconds: i64::MAX,
        nanos: 999_999_999,
    };
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self {
        seconds: 0,
        nanos: 0,
    };

    /// So many seconds after 1970-01-01T00:00:00Z, and so many nanoseconds after that; `None` where these reach a second.
    pub const fn new(seconds: i64, nanos: u32) -> Option<Self> {
        if nanos < 1_000_000_000 {
            Some(Self { seconds, nanos })
        } else {
            None
        }
    }

    /// So many units after 1970-01-01T00:00:00Z.
    #[inline]
    pub const fn from_unit(count: i64, unit: TimeUnit) -> Self {
        let (seconds, nanos) = Duration::from_unit(count, unit).parts();
        Self { seconds, nanos }
    }

    /// The instant, counted in a unit; `None` where it is between two counts or past 64 bits.
    #[inline]
    pub fn to_unit(self, unit: TimeUnit) -> Option<i64> {
        self.since_epoch().to_unit(unit)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after that second: below 1000000000.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The UTC day, where a [`Date`] can hold it.
    pub fn date(self) -> Option<Date> {
        i32::try_from(self.seconds.div_euclid(SECONDS_PER_DAY))
            .ok()
            .map(Date::from_days)
    }

    /// Whether it is midnight in UTC.
    pub const fn is_midnight(self) -> bool {
        self.nanos == 0 && self.seconds % SECONDS_PER_DAY == 0
    }

    /// Now, by the system's clock.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// The time since 1970-01-01T00:00:00Z, negative before.
    pub const fn since_epoch(self) -> Duration {
        Duration::from_parts(self.seconds, self.nanos)
    }
}

impl From<Date> for Timestamp {
    /// Midnight in UTC.
    fn from(date: Date) -> Self {
        Self {
            seconds: i64::from(date.days()) * SECONDS_PER_DAY,
            nanos: 0,
        }
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        // A `SystemTime` is within 64 bits of seconds on every system.
        let since =
            |elapsed: std::time::Duration| Duration::try_from(elapsed).unwrap_or(Duration::MAX);
        let since = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => since(after),
            Err(before) => since(before.duration()).saturating_neg(),
        };
        let (seconds, nanos) = since.parts();
        Self { seconds, nanos }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = Misfit;

    /// Fails where the system's clock does not reach the instant.
    fn try_from(timestamp: Timestamp) -> Result<Self, Misfit> {
        let seconds = std::time::Duration::from_secs(timestamp.seconds.unsigned_abs());
        let second = if timestamp.seconds < 0 {
            Self::UNIX_EPOCH.checked_sub(seconds)
        } else {
            Self::UNIX_EPOCH.checked_add(seconds)
        };
        let nanos = std::time::Duration::from_nanos(u64::from(timestamp.nanos));
        second
            .and_then(|second| second.checked_add(nanos))
            .ok_or_else(|| Misfit::Other("out of range for the system's clock".to_owned()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CivilDate::from_days(self.seconds.div_euclid(SECONDS_PER_DAY)).fmt(f)?;
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        write!(
            f,
            "T{:02}:{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )?;
        write_fraction(f, self.nanos)?;
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads an offset from UTC, in seconds; nothing at all is UTC.
fn scan_offset(scanner: &mut Scanner<'_>) -> Option<i64> {
    if scanner.is_done() || scanner.eat(b'Z') || scanner.eat(b'z') {
        return Some(0);
    }
    let negative = scanner.sign()?;
    let hours = scanner.two()?;
    let mut minutes = 0;
    let mut seconds = 0;
    if !scanner.is_done() {
        let colon = scanner.eat(b':');
        minutes = scanner.two()?;
        if colon && scanner.eat(b':') {
            seconds = scanner.two()?;
        }
    }
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let offset = i64::from(hours) * 3_600 + i64::from(minutes) * 60 + i64::from(seconds);
    Some(if negative { -offset } else { offset })
}

impl FromStr for Timestamp {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let what = "a timestamp";
        let mut scanner = Scanner::new(text);
        let day = scan_day(&mut scanner, what)?;
        if !matches!(scanner.next(), Some(b'T' | b't' | b' ')) {
            return Err(Misfit::syntax(
                "a timestamp: `T` or one blank and the time of day must follow the date",
            ));
        }
        let (second, nanos) = scan_clock(&mut scanner, what)?;
        let offset = scan_offset(&mut scanner)
            .filter(|_| scanner.is_done())
            .ok_or_else(|| {
                Misfit::syntax("a timestamp: what follows the time is no offset as `Z` or `+01:00`")
            })?;
        // Wide enough for a day count of 64 bits.
        day.days()
            .map(|days| {
                i128::from(days) * i128::from(SECONDS_PER_DAY) + i128::from(second)
                    - i128::from(offset)
            })
            .and_then(|seconds| i64::try_from(seconds).ok())
            .map(|seconds| Self { seconds, nanos })
            .ok_or(Misfit::OutOfRange(FieldType::TIMESTAMP))
    }
}

serde_as_text!(Timestamp, "a timestamp as in RFC 3339");
