//! A length of time.

use std::fmt;
use std::str::FromStr;

use super::scan::Scanner;
use super::text_form::{serde_as_text, write_fraction};
use super::time::scan_minutes;
use super::{Misfit, Time};
use crate::types::{FieldType, TimeUnit};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A signed length of time with nanoseconds: ±2^63 seconds.
///
/// As text it is ISO 8601, `PT1H2M3.5S` and `-PT1H`. It also reads weeks and days (of 24 hours), a sign on every number, and
/// `[-]HH:MM:SS[.f]`. Years and months are refused, since they have no fixed length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration {
    /// Rounded down, so the fields compare in order.
    seconds: i64,
    /// Below 10^9; counts forward also where `seconds` is negative.
    nanos: u32,
}

impl Duration {
    /// The most negative duration.
    pub const MIN: Self = Self {
        seconds: i64::MIN,
        nanos: 0,
    };
    /// The longest duration.
    pub const MAX: Self = Self {
        seconds: i64::MAX,
        nanos: 999_999_999,
    };
    /// No time at all.
    pub const ZERO: Self = Self {
        seconds: 0,
        nanos: 0,
    };

    /// So many seconds, and so many nanoseconds more (also where the seconds are negative); `None` where these reach a
    /// second.
    pub const fn new(seconds: i64, nanos: u32) -> Option<Self> {
        if nanos < 1_000_000_000 {
            Some(Self { seconds, nanos })
        } else {
            None
        }
    }

    pub(super) const fn from_parts(seconds: i64, nanos: u32) -> Self {
        Self { seconds, nanos }
    }

    pub(super) const fn parts(self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }

    /// So many units.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below 10^9")]
    pub const fn from_unit(count: i64, unit: TimeUnit) -> Self {
        let per_second = unit.per_second() as i64;
        let nanos = count.rem_euclid(per_second) as u32 * unit.nanos();
        Self {
            seconds: count.div_euclid(per_second),
            nanos,
        }
    }

    /// The length, counted in a unit; `None` where it is between two counts or past 64 bits.
    #[inline]
    pub fn to_unit(self, unit: TimeUnit) -> Option<i64> {
        match unit {
            TimeUnit::Second => self.count::<1_000_000_000>(),
            TimeUnit::Milli => self.count::<1_000_000>(),
            TimeUnit::Micro => self.count::<1_000>(),
            TimeUnit::Nano => self.count::<1>(),
        }
    }

    /// The length in units of so many nanoseconds: known here, dividing by it is a multiplication.
    #[inline]
    fn count<const NANOS: u32>(self) -> Option<i64> {
        if !self.nanos.is_multiple_of(NANOS) {
            return None;
        }
        let per_second = 1_000_000_000 / NANOS;
        let fraction = self.nanos / NANOS;
        let whole = self.seconds.checked_mul(i64::from(per_second));
        match whole.and_then(|whole| whole.checked_add(i64::from(fraction))) {
            Some(count) => Some(count),
            None => self.count_at_the_limit(per_second, fraction),
        }
    }

    /// Rounding down can step over the limit of 64 bits while the sum stays within it.
    #[cold]
    fn count_at_the_limit(self, per_second: u32, fraction: u32) -> Option<i64> {
        let sum = i128::from(self.seconds) * i128::from(per_second) + i128::from(fraction);
        i64::try_from(sum).ok()
    }

    /// Whether the length is a whole number of units.
    pub const fn is_whole(self, unit: TimeUnit) -> bool {
        self.nanos.is_multiple_of(unit.nanos())
    }

    /// So many nanoseconds; `None` past ±2^63 seconds.
    pub fn from_nanos(nanos: i128) -> Option<Self> {
        let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
        let nanos = u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).ok()?;
        Some(Self { seconds, nanos })
    }

    /// The whole length in nanoseconds.
    pub fn total_nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS_PER_SECOND + i128::from(self.nanos)
    }

    /// Whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after those seconds: below 1000000000.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// Whether it is shorter than nothing.
    pub const fn is_negative(self) -> bool {
        self.seconds < 0
    }

    pub(super) fn saturating_neg(self) -> Self {
        Self::from_nanos(-self.total_nanos()).unwrap_or(Self::MAX)
    }
}

impl From<Time> for Duration {
    /// The time since midnight.
    fn from(time: Time) -> Self {
        Self::from_nanos(i128::from(time.nanos())).unwrap_or(Self::MAX)
    }
}

impl TryFrom<std::time::Duration> for Duration {
    type Error = Misfit;

    fn try_from(duration: std::time::Duration) -> Result<Self, Misfit> {
        let seconds = i64::try_from(duration.as_secs())
            .map_err(|_| Misfit::OutOfRange(FieldType::Duration(TimeUnit::Second)))?;
        Ok(Self {
            seconds,
            nanos: duration.subsec_nanos(),
        })
    }
}

impl TryFrom<Duration> for std::time::Duration {
    type Error = Misfit;

    /// Fails where the duration is negative.
    fn try_from(duration: Duration) -> Result<Self, Misfit> {
        let seconds = u64::try_from(duration.seconds)
            .map_err(|_| Misfit::Other("negative, and the target has no sign".to_owned()))?;
        Ok(Self::new(seconds, duration.nanos))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total_nanos();
        let length = total.unsigned_abs();
        let seconds = length / NANOS_PER_SECOND.unsigned_abs();
        let nanos = u32::try_from(length % NANOS_PER_SECOND.unsigned_abs()).unwrap_or_default();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        f.write_str(if total < 0 { "-PT" } else { "PT" })?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        if seconds > 0 || nanos > 0 || length == 0 {
            write!(f, "{seconds}")?;
            write_fraction(f, nanos)?;
            f.write_str("S")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What follows `P`, in nanoseconds.
fn scan_parts(scanner: &mut Scanner<'_>) -> Option<Result<i128, Misfit>> {
    // Each unit may come once, in this order.
    const UNITS: [(u8, bool, i128); 5] = [
        (b'W', false, 604_800),
        (b'D', false, 86_400),
        (b'H', true, 3_600),
        (b'M', true, 60),
        (b'S', true, 1),
    ];
    let mut units = UNITS.iter();
    let mut total = 0_i128;
    let mut in_time = false;
    let mut some = false;
    while !scanner.is_done() {
        if !in_time && scanner.eat(b'T') {
            in_time = true;
            some = false;
            continue;
        }
        let negative = scanner.sign() == Some(true);
        let number = i128::from(scanner.number(1)?);
        let fraction = if scanner.eat(b'.') || scanner.eat(b',') {
            match scanner.nanos()? {
                Ok(nanos) => Some(i128::from(nanos)),
                Err(misfit) => return Some(Err(misfit)),
            }
        } else {
            None
        };
        let letter = scanner.next()?;
        let (_, _, seconds) = units.find(|(unit, time, _)| *unit == letter && *time == in_time)?;
        if fraction.is_some() && letter != b'S' {
            return None;
        }
        // At most 2^63 weeks: far from the limits of 128 bits.
        let part = number * seconds * NANOS_PER_SECOND + fraction.unwrap_or(0);
        total += if negative { -part } else { part };
        some = true;
    }
    some.then_some(Ok(total))
}

/// `HH:MM:SS[.f]`, in nanoseconds.
fn scan_clock(scanner: &mut Scanner<'_>) -> Option<Result<i128, Misfit>> {
    let hours = i128::from(scanner.number(2)?);
    if !scanner.eat(b':') {
        return None;
    }
    let (minutes, seconds, nanos) = match scan_minutes(scanner)? {
        Ok(parts) => parts,
        Err(misfit) => return Some(Err(misfit)),
    };
    if minutes > 59 || seconds > 59 || !scanner.is_done() {
        return None;
    }
    let seconds = hours * 3_600 + i128::from(minutes) * 60 + i128::from(seconds);
    Some(Ok(seconds * NANOS_PER_SECOND + i128::from(nanos)))
}

impl FromStr for Duration {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let mut scanner = Scanner::new(text);
        let negative = scanner.sign() == Some(true);
        let nanos = if scanner.eat(b'P') {
            scan_parts(&mut scanner)
        } else {
            scan_clock(&mut scanner)
        };
        let nanos = nanos.ok_or_else(|| {
            Misfit::syntax("a duration in the form PT1H2M3.5S or [-]HH:MM:SS[.f]")
        })??;
        Self::from_nanos(if negative { -nanos } else { nanos })
            .ok_or(Misfit::OutOfRange(FieldType::Duration(TimeUnit::Second)))
    }
}

serde_as_text!(Duration, "a duration as in ISO 8601");
