//! Lengths of time, with units.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Visitor};

use super::node::preview;
use crate::suggest::did_you_mean;
use crate::{Error, Result};

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A length of time, written as `500ms`, `30 s`, `5m` or `1h`: a whole number of milliseconds, seconds, minutes or hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(Duration);

impl Period {
    /// This length of time.
    pub const fn new(duration: Duration) -> Self {
        Self(duration)
    }

    /// The length of time.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit());
        let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
        let unit = unit.trim_start();
        if digits.is_empty() || unit.is_empty() || unit.starts_with(['.', ',', '_']) {
            let message = format!(
                "`{}` is not a whole number with a unit of time",
                preview(text)
            );
            return Err(Error::config(message).with_help("write a length of time as `30s`"));
        }
        let Some((_, millis)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let message = format!("`{}` is not a unit of time", preview(unit));
            let known = UNITS.iter().map(|(name, _)| *name);
            return Err(Error::config(message).with_help(did_you_mean(unit, known)));
        };
        let count: Option<u64> = digits.parse().ok();
        count
            .and_then(|count| count.checked_mul(*millis))
            .map(|millis| Self(Duration::from_millis(millis)))
            .ok_or_else(|| Error::config(format!("`{}` is too long a time", preview(text))))
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PeriodVisitor)
    }
}

struct PeriodVisitor;

impl Visitor<'_> for PeriodVisitor {
    type Value = Period;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time, as `30s`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Period, E> {
        text.parse().map_err(|error: Error| E::custom(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_a_unit() {
        let millis = |text: &str| text.parse::<Period>().unwrap().duration().as_millis();
        assert_eq!(millis("250ms"), 250);
        assert_eq!(millis(" 30 s"), 30_000);
        assert_eq!(millis("5m"), 300_000);
        assert_eq!(millis("2h"), 7_200_000);
        for (text, words) in [
            ("30", "with a unit"),
            ("s", "with a unit"),
            ("1.5s", "with a unit"),
            ("3 sec", "not a unit of time"),
            ("99999999999999999999s", "too long"),
        ] {
            let error = text.parse::<Period>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
