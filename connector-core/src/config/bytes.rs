//! Sizes in bytes, with units.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};

use super::node::preview;
use crate::suggest::did_you_mean;
use crate::{Error, Result};

const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// A number of bytes, written as `64MiB`, `500 MB` or `1048576`.
///
/// `KiB`, `MiB`, `GiB` and `TiB` count in 1024s, `KB`, `MB`, `GB` and `TB` in 1000s; case does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// This many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let unit = unit.trim_start();
        let known = UNITS.iter().map(|(name, _)| *name);
        let factor = match unit {
            "" => Some(1),
            _ => UNITS
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(unit))
                .map(|(_, n)| *n),
        };
        if digits.is_empty() || unit.starts_with(['.', ',', '_']) {
            let message = format!("`{}` is not a whole number of bytes", preview(text));
            return Err(Error::config(message).with_help("write a size as `64MiB`"));
        }
        let Some(factor) = factor else {
            let message = format!("`{}` is not a unit of bytes", preview(unit));
            return Err(Error::config(message).with_help(did_you_mean(unit, known)));
        };
        digits
            .parse()
            .ok()
            .and_then(|count: u64| count.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| {
                Error::config(format!(
                    "`{}` is more than 64 bits can count",
                    preview(text)
                ))
            })
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.get(..5).unwrap_or_default().iter().rev();
        for (name, factor) in exact {
            if self.0 != 0 && self.0.is_multiple_of(*factor) {
                return write!(f, "{}{name}", self.0 / factor);
            }
        }
        write!(f, "{}B", self.0)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = ByteSize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size in bytes, as `64MiB`")
    }

    fn visit_u64<E: serde::de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
        Ok(ByteSize(bytes))
    }

    fn visit_i64<E: serde::de::Error>(self, bytes: i64) -> Result<ByteSize, E> {
        let size = u64::try_from(bytes).map(ByteSize);
        size.map_err(|_| E::invalid_value(Unexpected::Signed(bytes), &self))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ByteSize, E> {
        text.parse().map_err(|error: Error| E::custom(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_count_in_1024s_and_1000s() {
        let bytes = |text: &str| text.parse::<ByteSize>().unwrap().bytes();
        assert_eq!(bytes("64MiB"), 64 << 20);
        assert_eq!(bytes("64 mib"), 64 << 20);
        assert_eq!(bytes("2GB"), 2_000_000_000);
        assert_eq!(bytes("1KiB"), 1024);
        assert_eq!(bytes("1kb"), 1000);
        assert_eq!(bytes("7"), 7);
        assert_eq!(bytes("7B"), 7);
    }

    #[test]
    fn what_is_no_size_is_an_error() {
        let error = |text: &str| text.parse::<ByteSize>().unwrap_err().to_string();
        assert_eq!(
            error("64MIP"),
            "`MIP` is not a unit of bytes\nhelp: did you mean `MiB`?"
        );
        assert_eq!(
            error("1.5GiB"),
            "`1.5GiB` is not a whole number of bytes\nhelp: write a size as `64MiB`"
        );
        assert_eq!(
            error("-1"),
            "`-1` is not a whole number of bytes\nhelp: write a size as `64MiB`"
        );
        assert_eq!(
            error("99999999999TiB"),
            "`99999999999TiB` is more than 64 bits can count"
        );
    }

    #[test]
    fn a_size_is_printed_in_its_largest_exact_unit() {
        for text in ["64MiB", "1KiB", "3TiB", "1001B", "0B"] {
            assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
        }
        assert_eq!(ByteSize::new(1536).to_string(), "1536B");
    }
}
