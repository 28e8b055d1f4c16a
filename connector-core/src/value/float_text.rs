//! Floating-point numbers as text, without loss.

use std::fmt;

use super::Misfit;
use crate::types::FieldType;

/// Prints the shortest digits that read back as the same number; an exponent where the number is very great or small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FloatText(pub(crate) f64);

impl fmt::Display for FloatText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-5..1e17).contains(&size) || !size.is_finite() {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}

/// Reads a number, `NaN` or an infinity; a number too great or too small for 64 bits is refused, not rounded to infinity
/// or zero.
pub(crate) fn parse(text: &str) -> Result<f64, Misfit> {
    let number: f64 = text.parse().map_err(|_| Misfit::syntax("a number"))?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    if number.is_infinite() && mantissa.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(Misfit::OutOfRange(FieldType::Float));
    }
    if number == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return Err(Misfit::Inexact);
    }
    Ok(number)
}
