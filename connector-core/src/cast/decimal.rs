//! From a decimal number.

use super::{Misfit, integer};
use crate::columns::Slot;
use crate::types::DecimalSize;
use crate::value::{Decimal, DecimalText, Value};

pub(crate) fn cast(number: Decimal, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Decimal(end) => {
            let mantissa = number.fit(end.size())?;
            end.push(mantissa)
        }
        Slot::DecimalText(end) | Slot::Text(end) | Slot::Json(end) => {
            end.write(format_args!("{number}"))
        }
        Slot::Float(values) => {
            values.push(number.to_f64().ok_or(Misfit::Inexact)?);
            Ok(())
        }
        Slot::UInt(_) | Slot::U128(_) | Slot::Int(_) | Slot::Int8(_) | Slot::I128(_) => {
            whole(number, slot)
        }
        Slot::Boolean(_)
        | Slot::Binary(_)
        | Slot::Timestamp(..)
        | Slot::Date(_)
        | Slot::Point(_)
        | Slot::Duration(..) => Err(Misfit::WrongKind {
            found: Value::Decimal(number).kind(),
        }),
    }
}

/// The mantissa at this scale, where 64 bits hold it and it fits; `None` says only that this way does not tell.
#[inline]
pub(crate) fn short_mantissa(number: Decimal, size: DecimalSize) -> Option<i64> {
    let zeros = size.scale().checked_sub(number.scale())?;
    integer::short_shifted(number.mantissa().to_i64()?, zeros, size)
}

fn whole(number: Decimal, slot: Slot<'_>) -> Result<(), Misfit> {
    if let Some(integer) = number.to_i128() {
        return integer::signed(integer, slot);
    }
    match number.to_u128() {
        Some(integer) => integer::unsigned(integer, slot),
        None if number.is_whole() => Err(Misfit::OutOfRange(slot.field_type())),
        None => Err(Misfit::Inexact),
    }
}

/// A decimal number by its text, of any length.
pub(crate) fn cast_text(text: &str, slot: Slot<'_>) -> Result<(), Misfit> {
    let number = DecimalText::parse(text)?;
    if let Slot::DecimalText(end) = slot {
        if number.is_canonical(text) {
            return end.push(text);
        }
        number.check_length()?;
        return end.write(format_args!("{number}"));
    }
    if let Some(number) = Decimal::from_text(number) {
        return cast(number, slot);
    }
    match slot {
        Slot::Text(end) | Slot::Json(end) => {
            number.check_length()?;
            end.write(format_args!("{number}"))
        }
        // More than 76 digits: too many before the point, or after it.
        Slot::Decimal(_)
        | Slot::UInt(_)
        | Slot::U128(_)
        | Slot::Int(_)
        | Slot::Int8(_)
        | Slot::I128(_)
            if number.is_whole() =>
        {
            Err(Misfit::OutOfRange(slot.field_type()))
        }
        Slot::Decimal(_)
        | Slot::UInt(_)
        | Slot::U128(_)
        | Slot::Int(_)
        | Slot::Int8(_)
        | Slot::I128(_)
        | Slot::Float(_) => Err(Misfit::Inexact),
        _ => Err(Misfit::WrongKind {
            found: Value::DecimalText(text).kind(),
        }),
    }
}
