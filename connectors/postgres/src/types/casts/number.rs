//! Booleans, integers and floating-point numbers.

use connector_core::{FieldType, Misfit, utf8};

use super::super::cursor::{fixed, malformed};
use super::super::value::{Form, PgValue};

#[inline]
pub(crate) fn boolean(raw: PgValue<'_>) -> Result<bool, Misfit> {
    match raw.form()? {
        Form::Text(b"t") | Form::Binary([1]) => Ok(true),
        Form::Text(b"f") | Form::Binary([0]) => Ok(false),
        Form::Text(_) | Form::Binary(_) => Err(malformed("a boolean")),
    }
}

#[inline]
fn signed(text: &[u8]) -> Result<i64, Misfit> {
    let digits = text.strip_prefix(b"-");
    match short_number(digits.unwrap_or(text)) {
        Some(number) if digits.is_some() => Ok(-number),
        Some(number) => Ok(number),
        None => slow_signed(text),
    }
}

/// The number of up to 18 digits, which fits whatever they are.
#[inline]
fn short_number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0;
    let (eights, rest) = digits.as_chunks();
    for eight in eights {
        number = number * 100_000_000 + eight_digits(*eight)?;
    }
    for digit in rest {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    i64::try_from(number).ok()
}

/// The number that eight digits write. They are taken together: first each two of them, then each four, then all.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    const HIGH_HALVES: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let digits = u64::from_le_bytes(digits);
    // A digit has 3 for its upper half, also when 6 is added to it.
    let beyond_nine = digits.wrapping_add(0x0606_0606_0606_0606);
    if (digits & HIGH_HALVES) != ZEROS || (beyond_nine & HIGH_HALVES) != ZEROS {
        return None;
    }
    let ones = digits - ZEROS;
    let twos = (ones.wrapping_mul(10 * 256 + 1) >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos.wrapping_mul(100 * 65_536 + 1) >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul(10_000 * 4_294_967_296 + 1) >> 32)
}

/// An integer of more digits, and what is no integer.
#[cold]
fn slow_signed(text: &[u8]) -> Result<i64, Misfit> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(malformed("an integer"));
    }
    let number = utf8(text)?.parse();
    number.map_err(|_| Misfit::OutOfRange(FieldType::Int))
}

#[inline]
pub(crate) fn int2(raw: PgValue<'_>) -> Result<i64, Misfit> {
    match raw.form()? {
        Form::Text(text) => signed(text),
        Form::Binary(bytes) => Ok(i16::from_be_bytes(fixed(bytes, "an int2")?).into()),
    }
}

#[inline]
pub(crate) fn int4(raw: PgValue<'_>) -> Result<i64, Misfit> {
    match raw.form()? {
        Form::Text(text) => signed(text),
        Form::Binary(bytes) => Ok(i32::from_be_bytes(fixed(bytes, "an int4")?).into()),
    }
}

#[inline]
pub(crate) fn int8(raw: PgValue<'_>) -> Result<i64, Misfit> {
    match raw.form()? {
        Form::Text(text) => signed(text),
        Form::Binary(bytes) => Ok(i64::from_be_bytes(fixed(bytes, "an int8")?)),
    }
}

fn unsigned(text: &[u8]) -> Result<u64, Misfit> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if !digits {
        return Err(malformed("an unsigned integer"));
    }
    let number = utf8(text)?.parse();
    number.map_err(|_| Misfit::OutOfRange(FieldType::UInt))
}

pub(crate) fn uint4(raw: PgValue<'_>) -> Result<u64, Misfit> {
    match raw.form()? {
        Form::Text(text) => unsigned(text),
        Form::Binary(bytes) => Ok(u32::from_be_bytes(fixed(bytes, "an oid")?).into()),
    }
}

pub(crate) fn uint8(raw: PgValue<'_>) -> Result<u64, Misfit> {
    match raw.form()? {
        Form::Text(text) => unsigned(text),
        Form::Binary(bytes) => Ok(u64::from_be_bytes(fixed(bytes, "an xid8")?)),
    }
}

/// The exact value of the 32 bits, not of their shortest digits: as Postgres' own cast to `float8`.
#[inline]
pub(crate) fn float4(raw: PgValue<'_>) -> Result<f64, Misfit> {
    match raw.form()? {
        Form::Text(text) => {
            let number: f32 = parsed(text)?;
            checked(f64::from(number), text)
        }
        Form::Binary(bytes) => Ok(f32::from_be_bytes(fixed(bytes, "a float4")?).into()),
    }
}

#[inline]
pub(crate) fn float8(raw: PgValue<'_>) -> Result<f64, Misfit> {
    match raw.form()? {
        Form::Text(text) => float_text(text),
        Form::Binary(bytes) => Ok(f64::from_be_bytes(fixed(bytes, "a float8")?)),
    }
}

#[inline]
pub(crate) fn float_text(text: &[u8]) -> Result<f64, Misfit> {
    checked(parsed(text)?, text)
}

#[inline]
fn parsed<T: std::str::FromStr>(text: &[u8]) -> Result<T, Misfit> {
    utf8(text)?.parse().map_err(|_| malformed("a float"))
}

/// Neither infinity nor zero may come from digits that say something else; every NaN is the one that the binary form has.
#[inline]
fn checked(number: f64, text: &[u8]) -> Result<f64, Misfit> {
    if number.is_finite() && number != 0.0 {
        return Ok(number);
    }
    if number.is_nan() {
        return Ok(f64::NAN);
    }
    let mantissa = text.split(|byte| matches!(byte, b'e' | b'E')).next();
    let mut mantissa = mantissa.unwrap_or_default().iter();
    if number == 0.0 && mantissa.clone().any(|byte| matches!(byte, b'1'..=b'9')) {
        return Err(Misfit::Inexact);
    }
    if number.is_infinite() && mantissa.any(u8::is_ascii_digit) {
        return Err(Misfit::OutOfRange(FieldType::Float));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_integer_is_refused_wherever_it_stands() {
        for text in ["", "-", "--1", "+1", "1-", "12345678-", "- 1", "１"] {
            assert!(signed(text.as_bytes()).is_err(), "{text}");
        }
        // Each byte that is no digit, at each place of a number that is long enough to be taken together.
        for place in 0..17 {
            for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"12345678901234567";
                text[place] = byte;
                let is_negative = place == 0 && byte == b'-';
                assert_eq!(signed(&text).is_ok(), is_negative, "{text:?}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_are_read() {
        for number in [0, 9, 10, 99_999_999, 100_000_000, i64::MAX, i64::MIN] {
            assert_eq!(signed(number.to_string().as_bytes()), Ok(number));
        }
        assert_eq!(signed(b"-0"), Ok(0));
        assert_eq!(signed(b"0000000000000000000000001"), Ok(1));
        let beyond = signed(b"9223372036854775808");
        assert_eq!(beyond, Err(Misfit::OutOfRange(FieldType::Int)));
    }

    proptest! {
        #[test]
        fn an_integer_is_read_as_it_was_written(number: i64, digits in 0_u32..19) {
            let number = number % 10_i64.pow(digits);
            prop_assert_eq!(signed(number.to_string().as_bytes()), Ok(number));
        }
    }
}
