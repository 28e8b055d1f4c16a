//! A 256-bit integer, with the little arithmetic that decimals need.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::Misfit;

/// A signed integer of 256 bits in two's complement.
///
/// The fields lie in memory as in Arrow's 256-bit decimals, on a little-endian machine.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct I256 {
    low: u128,
    high: i128,
}

/// The greatest power of ten in 64 bits, and its exponent.
const CHUNK: u64 = 10_000_000_000_000_000_000;
const CHUNK_DIGITS: u32 = 19;

impl I256 {
    /// Zero.
    pub const ZERO: Self = Self { low: 0, high: 0 };
    /// The least integer, -2^255.
    pub const MIN: Self = Self {
        low: 0,
        high: i128::MIN,
    };
    /// The greatest integer, 2^255 - 1.
    pub const MAX: Self = Self {
        low: u128::MAX,
        high: i128::MAX,
    };

    /// The integer `high * 2^128 + low`.
    pub const fn from_parts(low: u128, high: i128) -> Self {
        Self { low, high }
    }

    /// The integer as `high * 2^128 + low`: (`low`, `high`).
    pub const fn to_parts(self) -> (u128, i128) {
        (self.low, self.high)
    }

    /// The bytes, lowest first.
    pub fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (low, high) = bytes.split_at_mut(16);
        low.copy_from_slice(&self.low.to_le_bytes());
        high.copy_from_slice(&self.high.to_le_bytes());
        bytes
    }

    /// The integer as `i128`, where it fits.
    #[inline]
    pub const fn to_i128(self) -> Option<i128> {
        let low = self.low.cast_signed();
        if self.high == low >> 127 {
            Some(low)
        } else {
            None
        }
    }

    /// The integer as `i64`, where it fits.
    #[inline]
    pub(crate) fn to_i64(self) -> Option<i64> {
        i64::try_from(self.to_i128()?).ok()
    }

    /// The integer as `u128`, where it fits.
    #[inline]
    pub const fn to_u128(self) -> Option<u128> {
        if self.high == 0 { Some(self.low) } else { None }
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.high < 0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.low == 0 && self.high == 0
    }

    /// The integer with the other sign; `None` for [`MIN`](Self::MIN).
    pub fn checked_neg(self) -> Option<Self> {
        (self != Self::MIN).then(|| self.wrapping_neg())
    }

    const fn wrapping_neg(self) -> Self {
        let (low, carry) = (!self.low).overflowing_add(1);
        Self {
            low,
            high: (!self.high).wrapping_add(carry as i128),
        }
    }

    fn magnitude(self) -> Magnitude {
        let size = if self.is_negative() {
            self.wrapping_neg()
        } else {
            self
        };
        Magnitude {
            low: size.low,
            high: size.high.cast_unsigned(),
        }
    }

    /// The number of decimal digits; 1 for zero.
    pub fn digits(self) -> u32 {
        if let Some(short) = self.to_i64() {
            return short
                .unsigned_abs()
                .checked_ilog10()
                .map_or(1, |log| log + 1);
        }
        let mut size = self.magnitude();
        let mut digits = 0;
        while size.high != 0 {
            size = size.div_rem(CHUNK).0;
            digits += CHUNK_DIGITS;
        }
        digits
            + size
                .low
                .checked_ilog10()
                .map_or(u32::from(digits == 0), |log| log + 1)
    }

    /// The integer times 10^`exponent`; `None` past 256 bits.
    pub fn checked_mul_pow10(self, exponent: u32) -> Option<Self> {
        if exponent == 0 || self.is_zero() {
            return Some(self);
        }
        // Most decimals are short, and 64 bits are a good deal faster.
        if let (Some(short), Some(factor)) = (self.to_i64(), 10_i64.checked_pow(exponent))
            && let Some(product) = short.checked_mul(factor)
        {
            return Some(product.into());
        }
        if let (Some(small), Some(factor)) = (self.to_i128(), 10_i128.checked_pow(exponent))
            && let Some(product) = small.checked_mul(factor)
        {
            return Some(product.into());
        }
        let mut size = self.magnitude();
        let mut left = exponent;
        while left > 0 {
            let step = left.min(CHUNK_DIGITS);
            size = size.checked_mul_add(10_u64.pow(step), 0)?;
            left -= step;
        }
        size.with_sign(self.is_negative())
    }

    /// The integer divided by 10^`exponent`, where nothing remains.
    pub fn checked_div_pow10(self, exponent: u32) -> Option<Self> {
        if exponent == 0 || self.is_zero() {
            return Some(self);
        }
        if let (Some(short), Some(divisor)) = (self.to_i64(), 10_i64.checked_pow(exponent)) {
            return (short % divisor == 0).then(|| (short / divisor).into());
        }
        if let Some(small) = self.to_i128() {
            // A non-zero number below 10^39 is no multiple of 10^39.
            let divisor = 10_i128.checked_pow(exponent)?;
            return (small % divisor == 0).then(|| (small / divisor).into());
        }
        let mut size = self.magnitude();
        let mut left = exponent;
        while left > 0 {
            let step = left.min(CHUNK_DIGITS);
            let (quotient, remainder) = size.div_rem(10_u64.pow(step));
            if remainder != 0 {
                return None;
            }
            size = quotient;
            left -= step;
        }
        size.with_sign(self.is_negative())
    }

    /// The integer of these decimal digits; `None` past 256 bits.
    pub(super) fn from_digits(negative: bool, digits: impl Iterator<Item = u8>) -> Option<Self> {
        let mut size = Magnitude::default();
        let mut chunk = 0;
        let mut scale = 1;
        for digit in digits {
            chunk = chunk * 10 + u64::from(digit);
            scale *= 10;
            if scale == CHUNK {
                size = size.checked_mul_add(scale, chunk)?;
                (chunk, scale) = (0, 1);
            }
        }
        size.checked_mul_add(scale, chunk)?.with_sign(negative)
    }
}

/// The size of an integer, without its sign.
#[derive(Debug, Clone, Copy, Default)]
struct Magnitude {
    low: u128,
    high: u128,
}

impl Magnitude {
    /// Four limbs of 64 bits, lowest first.
    #[expect(clippy::cast_possible_truncation, reason = "a limb is the low half")]
    const fn limbs(self) -> [u64; 4] {
        [
            self.low as u64,
            (self.low >> 64) as u64,
            self.high as u64,
            (self.high >> 64) as u64,
        ]
    }

    const fn from_limbs([a, b, c, d]: [u64; 4]) -> Self {
        Self {
            low: (b as u128) << 64 | a as u128,
            high: (d as u128) << 64 | c as u128,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a limb is the low half")]
    fn checked_mul_add(self, factor: u64, summand: u64) -> Option<Self> {
        let mut carry = u128::from(summand);
        let limbs = self.limbs().map(|limb| {
            let product = u128::from(limb) * u128::from(factor) + carry;
            carry = product >> 64;
            product as u64
        });
        (carry == 0).then(|| Self::from_limbs(limbs))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "quotient and remainder are below 2^64"
    )]
    fn div_rem(self, divisor: u64) -> (Self, u64) {
        let mut limbs = self.limbs();
        let divisor = u128::from(divisor);
        let mut remainder = 0_u128;
        for limb in limbs.iter_mut().rev() {
            let dividend = remainder << 64 | u128::from(*limb);
            *limb = (dividend / divisor) as u64;
            remainder = dividend % divisor;
        }
        (Self::from_limbs(limbs), remainder as u64)
    }

    fn with_sign(self, negative: bool) -> Option<I256> {
        let size = I256 {
            low: self.low,
            high: self.high.cast_signed(),
        };
        let signed = if negative { size.wrapping_neg() } else { size };
        (signed.is_zero() || signed.is_negative() == negative).then_some(signed)
    }
}

impl Ord for I256 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.high.cmp(&other.high).then(self.low.cmp(&other.low))
    }
}

impl PartialOrd for I256 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i128> for I256 {
    #[inline]
    fn from(number: i128) -> Self {
        Self {
            low: number.cast_unsigned(),
            high: number >> 127,
        }
    }
}

impl From<u128> for I256 {
    #[inline]
    fn from(number: u128) -> Self {
        Self {
            low: number,
            high: 0,
        }
    }
}

impl From<i64> for I256 {
    #[inline]
    fn from(number: i64) -> Self {
        i128::from(number).into()
    }
}

impl From<u64> for I256 {
    #[inline]
    fn from(number: u64) -> Self {
        u128::from(number).into()
    }
}

impl fmt::Display for I256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(small) = self.to_i128() {
            return fmt::Display::fmt(&small, f);
        }
        let mut size = self.magnitude();
        let mut chunks = Vec::with_capacity(3);
        while size.high != 0 {
            let (quotient, chunk) = size.div_rem(CHUNK);
            chunks.push(chunk);
            size = quotient;
        }
        if self.is_negative() {
            f.write_str("-")?;
        }
        write!(f, "{}", size.low)?;
        chunks
            .iter()
            .rev()
            .try_for_each(|chunk| write!(f, "{chunk:019}"))
    }
}

impl fmt::Debug for I256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for I256 {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misfit::syntax("a whole number"));
        }
        Self::from_digits(
            text.starts_with('-'),
            digits.bytes().map(|byte| byte - b'0'),
        )
        .ok_or_else(|| Misfit::Other("out of range for a 256-bit integer".to_owned()))
    }
}
