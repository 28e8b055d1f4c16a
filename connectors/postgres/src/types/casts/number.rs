//! Booleans, integers and floating-point numbers.

use connector_core::{FieldType, Misfit};

use super::super::cursor::{TextCursor, fixed, malformed};
use super::super::value::{Form, PgValue, utf8};

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
    let mut cursor = TextCursor::new(text);
    let negative = cursor.eat(b'-');
    match cursor.number() {
        Some(number) if cursor.is_done() => Ok(if negative { -number } else { number }),
        _ => slow_signed(text),
    }
}

/// The one integer whose size alone is past 63 bits, and what is no integer.
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
