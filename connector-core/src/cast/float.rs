//! From a floating-point number.

use super::{Misfit, integer};
use crate::columns::Slot;
use crate::types::{DecimalSize, FieldType};
use crate::value::{Decimal, DecimalText, FloatText, Value};

pub(crate) fn cast(number: f64, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Float(values) => values.push(number),
        Slot::UInt(_) | Slot::U128(_) | Slot::Int(_) | Slot::Int8(_) | Slot::I128(_) => {
            return whole(number, slot);
        }
        Slot::Text(end) => return end.write(format_args!("{}", FloatText(number))),
        Slot::Json(end) if number.is_finite() => {
            return end.write(format_args!("{}", FloatText(number)));
        }
        Slot::DecimalText(end) if number.is_finite() => {
            let text = FloatText(number).to_string();
            return end.write(format_args!("{}", DecimalText::parse(&text)?));
        }
        Slot::Decimal(end) if number.is_finite() => {
            if let Some(mantissa) = short_mantissa(number, end.size()) {
                end.push_short(mantissa);
                return Ok(());
            }
            let out_of_range = Misfit::OutOfRange(FieldType::Decimal(Some(end.size())));
            let misfit = if number.abs() < 1.0 {
                Misfit::Inexact
            } else {
                out_of_range
            };
            // 76 digits and a scale of 127 hold every float that a column of decimals could.
            let mantissa = Decimal::try_from(number)
                .map_err(|_| misfit)?
                .fit(end.size())?;
            return end.push(mantissa);
        }
        Slot::Json(_) | Slot::DecimalText(_) | Slot::Decimal(_) => return Err(Misfit::NotFinite),
        Slot::Boolean(_)
        | Slot::Binary(_)
        | Slot::Timestamp(..)
        | Slot::Date(_)
        | Slot::Point(_)
        | Slot::Duration(..) => {
            return Err(Misfit::WrongKind {
                found: Value::Float(number).kind(),
            });
        }
    }
    Ok(())
}

/// The powers of ten up to 10^15, each exactly a float.
const POWERS_OF_TEN: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The mantissa of the float's shortest digits at this scale, where it has at most 15 digits: prices, for example. `None`
/// says only that this way does not tell.
///
/// Two decimals of up to 15 digits are never the same float. So, if a mantissa of that length divided by the power of ten,
/// which rounds to the nearest float, gives the number, its digits are the number's own.
pub(crate) fn short_mantissa(number: f64, size: DecimalSize) -> Option<i64> {
    let power = *POWERS_OF_TEN.get(usize::try_from(size.scale()).ok()?)?;
    let bound = *POWERS_OF_TEN.get(usize::from(size.precision().min(15)))?;
    let scaled = number * power;
    if scaled.abs() >= bound - 1.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 10^15")]
    let mantissa = (scaled + 0.5_f64.copysign(scaled)) as i64;
    #[expect(
        clippy::cast_precision_loss,
        clippy::float_cmp,
        reason = "below 10^15; only the very same float has these digits"
    )]
    let same = mantissa as f64 / power == number;
    same.then_some(mantissa)
}

/// A float without a fraction is an integer.
fn whole(number: f64, slot: Slot<'_>) -> Result<(), Misfit> {
    if !number.is_finite() {
        return Err(Misfit::NotFinite);
    }
    if number.fract() != 0.0 {
        return Err(Misfit::Inexact);
    }
    // 2^128, the first float that no integer type reaches.
    let limit = 2.0_f64.powi(128);
    if number.abs() >= limit || (number < 0.0 && number < -limit / 2.0) {
        return Err(Misfit::OutOfRange(slot.field_type()));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, and within 128 bits"
    )]
    if number < 0.0 {
        integer::signed(number as i128, slot)
    } else {
        integer::unsigned(number as u128, slot)
    }
}
