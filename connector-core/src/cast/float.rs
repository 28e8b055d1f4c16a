//! From a floating-point number.

use super::{Misfit, integer};
use crate::columns::Slot;
use crate::types::FieldType;
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
