//! A position in the server's write-ahead log.

use std::fmt;
use std::str::FromStr;

/// A byte position in the log, written as `16/B374D848`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Lsn(pub(crate) u64);

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

impl Lsn {
    /// Appends it as it is displayed, many times as fast: each transaction has one.
    pub(crate) fn write(self, out: &mut String) {
        half(self.0 >> 32, out);
        out.push('/');
        half(self.0 & 0xFFFF_FFFF, out);
    }
}

fn half(number: u64, out: &mut String) {
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        let digit = u8::try_from(number >> (place * 4) & 0xF).unwrap_or_default();
        let letter = if digit < 10 {
            b'0' + digit
        } else {
            b'A' - 10 + digit
        };
        out.push(char::from(letter));
    }
}

/// Not a position in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position in the write-ahead log, such as `16/B374D848`")]
pub(crate) struct NotAnLsn;

impl FromStr for Lsn {
    type Err = NotAnLsn;

    fn from_str(text: &str) -> Result<Self, NotAnLsn> {
        let half = |digits: &str| {
            let hexadecimal =
                !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let number = hexadecimal.then(|| u32::from_str_radix(digits, 16));
            number.and_then(Result::ok).map(u64::from)
        };
        let (high, low) = text.split_once('/').ok_or(NotAnLsn)?;
        Ok(Self(
            half(high).ok_or(NotAnLsn)? << 32 | half(low).ok_or(NotAnLsn)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        for text in ["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"] {
            assert_eq!(
                text.parse::<Lsn>().map(|lsn| lsn.to_string()).as_deref(),
                Ok(text)
            );
        }
        assert_eq!("1/1".parse(), Ok(Lsn(0x1_0000_0001)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "/",
            "1",
            "1/",
            "/1",
            "+1/1",
            "1/-1",
            "100000000/0",
            "1/2/3",
            " 1/1",
        ] {
            assert_eq!(text.parse::<Lsn>(), Err(NotAnLsn), "{text}");
        }
    }
}
