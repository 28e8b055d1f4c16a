//! Decimal numbers as text, of any length.

use std::fmt;

use super::Misfit;

/// Digits that an exponent may add: as many as the longest number of Postgres has.
const MAX_ADDED_DIGITS: i64 = 147_455;

/// A decimal number, taken apart: `0.<digits>` moved by the exponent.
///
/// `Display` gives the canonical text: no exponent, no plus, no zeros in front, no negative zero; zeros at the end stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecimalText<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> DecimalText<'a> {
    /// Reads `[+-]digits[.digits][e[+-]digits]`; digits may be missing on one side of the point.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Misfit> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let negative = text.starts_with('-');
        let (whole, rest) = split_digits(unsigned);
        let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
        let exponent = match rest.strip_prefix(['e', 'E']) {
            _ if whole.len() + fraction.len() == 0 => None,
            Some(digits) => Some(parse_exponent(digits)?),
            None => rest.is_empty().then_some(0),
        };
        let exponent = exponent.ok_or_else(|| {
            if is_special(unsigned) {
                Misfit::NotFinite
            } else {
                Misfit::syntax("a decimal number")
            }
        })?;
        let whole = whole.trim_start_matches('0');
        let zero = whole.is_empty() && fraction.bytes().all(|digit| digit == b'0');
        Ok(Self {
            negative: negative && !zero,
            whole,
            fraction,
            exponent,
        })
    }

    pub(crate) fn is_negative(self) -> bool {
        self.negative
    }

    /// The significant digits, the first one not a zero: the mantissa.
    pub(crate) fn digits(self) -> impl Iterator<Item = u8> + Clone + use<'a> {
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        digits
            .skip_while(|digit| *digit == b'0')
            .map(|digit| digit - b'0')
    }

    /// Where the point stands: so many of the digits are after it.
    pub(crate) fn scale(self) -> i64 {
        let digits = i64::try_from(self.fraction.len()).unwrap_or(i64::MAX);
        digits.saturating_sub(self.exponent)
    }

    /// Whether it has no fraction.
    pub(crate) fn is_whole(self) -> bool {
        let count = i64::try_from(self.digits().count()).unwrap_or(i64::MAX);
        let before = usize::try_from(count.saturating_sub(self.scale())).unwrap_or(0);
        self.digits().skip(before).all(|digit| digit == 0)
    }

    /// Mantissa and scale, where there are at most 18 digits and no exponent.
    pub(crate) fn short(self) -> Option<(i64, i8)> {
        if self.exponent != 0 || self.whole.len() + self.fraction.len() > 18 {
            return None;
        }
        let append = |number: i64, digit: u8| number * 10 + i64::from(digit - b'0');
        let number = self.whole.bytes().fold(0, append);
        let number = self.fraction.bytes().fold(number, append);
        let scale = i8::try_from(self.fraction.len()).ok()?;
        Some((if self.negative { -number } else { number }, scale))
    }

    /// Whether a text that was read as this number is its canonical text.
    pub(crate) fn is_canonical(self, text: &str) -> bool {
        let point = usize::from(!self.fraction.is_empty());
        let length =
            usize::from(self.negative) + self.whole.len().max(1) + point + self.fraction.len();
        // Every other form is longer or shorter, but for a needless sign in the place of a zero.
        let signed = text.starts_with(['+', '-']);
        self.exponent == 0 && length == text.len() && signed == self.negative
    }

    /// Whether the canonical text can be written: an exponent must not ask for endless zeros.
    pub(crate) fn check_length(self) -> Result<(), Misfit> {
        if self.exponent.abs() > MAX_ADDED_DIGITS {
            Err(Misfit::TooLong)
        } else {
            Ok(())
        }
    }
}

/// The digits that a text starts with, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit());
    end.and_then(|end| text.split_at_checked(end))
        .unwrap_or((text, ""))
}

/// A short exponent as it is, a longer one as one past every limit.
fn parse_exponent(text: &str) -> Result<i64, Misfit> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Misfit::syntax(
            "a decimal number: the exponent has no digits",
        ));
    }
    let size = digits
        .parse::<i64>()
        .unwrap_or(i64::MAX)
        .min(i64::from(i32::MAX));
    Ok(if text.starts_with('-') { -size } else { size })
}

fn is_special(text: &str) -> bool {
    ["nan", "inf", "infinity"]
        .iter()
        .any(|name| text.eq_ignore_ascii_case(name))
}

impl fmt::Display for DecimalText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        if self.exponent == 0 {
            f.write_str(if self.whole.is_empty() {
                "0"
            } else {
                self.whole
            })?;
            return if self.fraction.is_empty() {
                Ok(())
            } else {
                write!(f, ".{}", self.fraction)
            };
        }
        write_scaled(f, self.digits(), self.scale())
    }
}

/// Writes digits, the first one not a zero, with the point before the last `scale` of them.
pub(super) fn write_scaled(
    f: &mut fmt::Formatter<'_>,
    digits: impl Iterator<Item = u8> + Clone,
    scale: i64,
) -> fmt::Result {
    use fmt::Write;

    let count = i64::try_from(digits.clone().count()).unwrap_or(i64::MAX);
    // A zero has no digits, and no zeros follow it.
    let mut place = if count == 0 {
        -scale.max(0)
    } else {
        count - scale
    };
    if place <= 0 {
        f.write_str("0")?;
        if scale > 0 {
            f.write_str(".")?;
        }
        for _ in place..0 {
            f.write_str("0")?;
        }
    }
    let leading = place <= 0;
    for digit in digits {
        if place == 0 && !leading {
            f.write_str(".")?;
        }
        f.write_char(char::from(b'0' + digit))?;
        place -= 1;
    }
    for _ in 0..place.max(0) {
        f.write_str("0")?;
    }
    Ok(())
}
