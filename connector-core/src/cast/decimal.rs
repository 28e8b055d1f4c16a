//! From a decimal number.

use super::{Misfit, integer};
use crate::columns::Slot;
use crate::types::FieldType;
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
        Slot::UInt(_) => whole(number, slot, FieldType::UInt),
        Slot::U128(_) => whole(number, slot, FieldType::U128),
        Slot::Int(_) => whole(number, slot, FieldType::Int),
        Slot::Int8(_) => whole(number, slot, FieldType::Int8),
        Slot::I128(_) => whole(number, slot, FieldType::I128),
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

fn whole(number: Decimal, slot: Slot<'_>, field_type: FieldType) -> Result<(), Misfit> {
    if let Some(integer) = number.to_i128() {
        return integer::signed(integer, slot);
    }
    match number.to_u128() {
        Some(integer) => integer::unsigned(integer, slot),
        None if number.is_whole() => Err(Misfit::OutOfRange(field_type)),
        None => Err(Misfit::Inexact),
    }
}

/// A decimal number by its text, of any length.
pub(crate) fn cast_text(text: &str, slot: Slot<'_>) -> Result<(), Misfit> {
    let number = DecimalText::parse(text)?;
    match slot {
        Slot::DecimalText(end) | Slot::Text(end) | Slot::Json(end) => {
            number.check_length()?;
            end.write(format_args!("{number}"))
        }
        Slot::Decimal(end) => {
            let out_of_range = Misfit::OutOfRange(FieldType::Decimal(Some(end.size())));
            // More than 76 digits: too many before the point, or after it.
            let misfit = if number.is_below_one() {
                Misfit::Inexact
            } else {
                out_of_range
            };
            let mantissa = Decimal::from_text(number).ok_or(misfit)?.fit(end.size())?;
            end.push(mantissa)
        }
        Slot::Float(_) => Err(Misfit::Inexact),
        _ => cast(Decimal::from_text(number).ok_or(Misfit::Inexact)?, slot),
    }
}
