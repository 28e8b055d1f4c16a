//! An exact decimal number of up to 76 digits.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::decimal_text::{DecimalText, write_scaled};
use super::float_text::FloatText;
use super::text_form::serde_as_text;
use super::{I256, Misfit};
use crate::types::{DecimalSize, FieldType};

const MAX_DIGITS: u32 = DecimalSize::MAX_PRECISION as u32;

/// An exact decimal number, `mantissa / 10^scale`, of up to 76 digits.
///
/// Reading a text never rounds: a number of more digits is refused. Zeros at the end are kept, so `1.50` prints as `1.50`;
/// comparisons and hashes look at the number alone, so it equals `1.5`. As text it has no exponent, though it reads one.
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    mantissa: I256,
    scale: i8,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self {
        mantissa: I256::ZERO,
        scale: 0,
    };

    /// The number `mantissa / 10^scale`; `None` where the mantissa has more than 76 digits.
    pub fn new(mantissa: I256, scale: i8) -> Option<Self> {
        (mantissa.digits() <= MAX_DIGITS).then_some(Self { mantissa, scale })
    }

    /// The number `mantissa / 10^scale`.
    #[inline]
    pub fn from_i128(mantissa: i128, scale: i8) -> Self {
        Self {
            mantissa: mantissa.into(),
            scale,
        }
    }

    /// A number out of a column, whose digits were counted when it went in.
    #[inline]
    pub(crate) fn from_column(mantissa: I256, scale: i8) -> Self {
        Self { mantissa, scale }
    }

    /// The number without its point.
    pub const fn mantissa(self) -> I256 {
        self.mantissa
    }

    /// How many digits of the mantissa are after the point; where it is negative, so many zeros follow the mantissa.
    pub const fn scale(self) -> i8 {
        self.scale
    }

    /// The number of digits of the mantissa; 1 for zero.
    pub fn digits(self) -> u32 {
        self.mantissa.digits()
    }

    /// The same number with another scale; `None` where digits would be lost, or more than 76 needed.
    pub fn rescale(self, scale: i8) -> Option<Self> {
        let mantissa = self.mantissa_at(scale)?;
        Self::new(mantissa, scale)
    }

    fn mantissa_at(self, scale: i8) -> Option<I256> {
        let shift = i32::from(scale) - i32::from(self.scale);
        if shift < 0 {
            self.mantissa.checked_div_pow10(shift.unsigned_abs())
        } else {
            self.mantissa.checked_mul_pow10(shift.unsigned_abs())
        }
    }

    /// The mantissa in a column of this size: [`Misfit::Inexact`] where its scale is too small,
    /// [`Misfit::OutOfRange`] where its precision is.
    pub fn fit(self, size: DecimalSize) -> Result<I256, Misfit> {
        let out_of_range = || Misfit::OutOfRange(FieldType::Decimal(Some(size)));
        let mantissa = self.mantissa_at(size.scale()).ok_or_else(|| {
            if size.scale() < self.scale {
                Misfit::Inexact
            } else {
                out_of_range()
            }
        })?;
        if mantissa.digits() > u32::from(size.precision()) {
            return Err(out_of_range());
        }
        Ok(mantissa)
    }

    /// The number as an integer, where it is one and fits.
    pub fn to_i128(self) -> Option<i128> {
        self.mantissa_at(0)?.to_i128()
    }

    /// The number as an unsigned integer, where it is one and fits.
    pub fn to_u128(self) -> Option<u128> {
        self.mantissa_at(0)?.to_u128()
    }

    /// Whether it has no fraction.
    pub fn is_whole(self) -> bool {
        self.scale <= 0 || self.mantissa_at(0).is_some()
    }

    /// The nearest `f64`, where its shortest text is this very number; so always up to 15 digits.
    pub fn to_f64(self) -> Option<f64> {
        let number: f64 = self.to_string().parse().ok()?;
        (Self::try_from(number).ok()? == self).then_some(number)
    }

    /// The same number without zeros at the end of its mantissa.
    #[must_use]
    pub fn normalize(self) -> Self {
        if self.mantissa.is_zero() {
            return Self::ZERO;
        }
        let mut short = self;
        // Halving the step finds up to 127 zeros in 7 divisions.
        for step in [64, 32, 16, 8, 4, 2, 1_i8] {
            while let Some(scale) = short.scale.checked_sub(step)
                && let Some(mantissa) = short
                    .mantissa
                    .checked_div_pow10(u32::from(step.unsigned_abs()))
            {
                short = Self { mantissa, scale };
            }
        }
        short
    }

    /// The number of a text that was taken apart.
    pub(crate) fn from_text(text: DecimalText<'_>) -> Option<Self> {
        if let Some((mantissa, scale)) = text.short() {
            return Some(Self {
                mantissa: mantissa.into(),
                scale,
            });
        }
        let mut scale = text.scale();
        let count = text.digits().count();
        if count == 0 {
            let scale = i8::try_from(scale.clamp(0, i64::from(i8::MAX))).ok()?;
            return Some(Self {
                mantissa: I256::ZERO,
                scale,
            });
        }
        // Zeros at the end are given up only where they do not fit.
        let mut kept = count;
        if count > MAX_DIGITS as usize || scale > i64::from(i8::MAX) {
            let significant = text
                .digits()
                .enumerate()
                .filter(|(_, digit)| *digit != 0)
                .last()?
                .0
                + 1;
            let excess = i64::try_from(count.saturating_sub(MAX_DIGITS as usize)).ok()?;
            let dropped = excess.max(scale - i64::from(i8::MAX));
            kept = count.checked_sub(usize::try_from(dropped).ok()?)?;
            if kept < significant {
                return None;
            }
            scale -= dropped;
        }
        let mantissa = I256::from_digits(text.is_negative(), text.digits().take(kept))?;
        if scale < 0 {
            // Digits before the point are written out where they fit.
            let zeros = u32::try_from(-scale).ok()?;
            if let Some(whole) = mantissa
                .checked_mul_pow10(zeros)
                .and_then(|whole| Self::new(whole, 0))
            {
                return Some(whole);
            }
        }
        Some(Self {
            mantissa,
            scale: i8::try_from(scale).ok()?,
        })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { mantissa, scale } = self.normalize();
        (mantissa, scale).hash(state);
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let sign = |number: &Self| {
            if number.mantissa.is_zero() {
                0
            } else if number.mantissa.is_negative() {
                -1
            } else {
                1
            }
        };
        let (left, right) = (sign(self), sign(other));
        if left != right || left == 0 {
            return left.cmp(&right);
        }
        // The place of the first digit decides; where it is the same, both fit at the greater scale.
        let place = |number: &Self| i64::from(number.digits()) - i64::from(number.scale);
        let size = place(self).cmp(&place(other)).then_with(|| {
            let scale = self.scale.max(other.scale);
            let (left_at, right_at) = (self.mantissa_at(scale), other.mantissa_at(scale));
            if left < 0 {
                right_at.cmp(&left_at)
            } else {
                left_at.cmp(&right_at)
            }
        });
        if left < 0 { size.reverse() } else { size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return self.mantissa.fmt(f);
        }
        let mantissa = self.mantissa.to_string();
        let digits = match mantissa.strip_prefix('-') {
            Some(digits) => {
                f.write_str("-")?;
                digits
            }
            None => &mantissa,
        };
        let digits = digits
            .bytes()
            .skip_while(|digit| *digit == b'0')
            .map(|digit| digit - b'0');
        write_scaled(f, digits, i64::from(self.scale))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Decimal {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let text = DecimalText::parse(text)?;
        Self::from_text(text)
            .ok_or_else(|| Misfit::Other("has more digits than a decimal holds (76)".to_owned()))
    }
}

impl TryFrom<f64> for Decimal {
    type Error = Misfit;

    /// The shortest digits that read back as the same float.
    fn try_from(number: f64) -> Result<Self, Misfit> {
        if !number.is_finite() {
            return Err(Misfit::NotFinite);
        }
        // Below 2^53 the shortest digits of a whole number are its own.
        if number.abs() < 9_007_199_254_740_992.0 && number.fract() == 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and within 54 bits")]
            return Ok(Self::from(number as i64));
        }
        FloatText(number).to_string().parse()
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Decimal {
            fn from(number: $integer) -> Self {
                Self::from_i128(i128::from(number), 0)
            }
        })*
    };
}

from_integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

impl From<u128> for Decimal {
    fn from(number: u128) -> Self {
        Self {
            mantissa: number.into(),
            scale: 0,
        }
    }
}

serde_as_text!(Decimal, "a decimal number as text");
