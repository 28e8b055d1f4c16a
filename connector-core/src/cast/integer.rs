//! From integers.

use super::{Misfit, in_range};
use crate::columns::Slot;
use crate::types::{DecimalSize, FieldType};
use crate::value::{Decimal, I256, Value};

/// Integers of up to 64 bits, and signed ones of 128.
pub(crate) fn signed(number: i128, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::UInt(values) => values.push(in_range(number, FieldType::UInt)?),
        Slot::Int(values) => values.push(in_range(number, FieldType::Int)?),
        Slot::Int8(values) => values.push(in_range(number, FieldType::Int8)?),
        Slot::U128(values) => values.push(in_range::<_, u128>(number, FieldType::U128)?.into()),
        Slot::I128(values) => values.push(number.into()),
        Slot::Float(values) => {
            let float = exact_float(number.unsigned_abs())?;
            values.push(if number < 0 { -float } else { float });
        }
        Slot::Boolean(bits) => bits.push(match number {
            0 => false,
            1 => true,
            _ => return Err(Misfit::OutOfRange(FieldType::Boolean)),
        }),
        Slot::Decimal(end) => {
            let short = i64::try_from(number).ok();
            if let Some(mantissa) = short.and_then(|number| short_mantissa(number, end.size())) {
                end.push_short(mantissa);
                return Ok(());
            }
            let mantissa = Decimal::from_i128(number, 0).fit(end.size())?;
            return end.push(mantissa);
        }
        Slot::Text(end) | Slot::DecimalText(end) | Slot::Json(end) => {
            return end.write(format_args!("{number}"));
        }
        Slot::Binary(_)
        | Slot::Timestamp(..)
        | Slot::Date(_)
        | Slot::Point(_)
        | Slot::Duration(..) => {
            return Err(Misfit::WrongKind {
                found: Value::I128(number).kind(),
            });
        }
    }
    Ok(())
}

/// Unsigned integers of 128 bits.
pub(crate) fn unsigned(number: u128, slot: Slot<'_>) -> Result<(), Misfit> {
    if let Ok(number) = i128::try_from(number) {
        return signed(number, slot);
    }
    match slot {
        Slot::U128(values) => values.push(I256::from(number)),
        Slot::Float(values) => values.push(exact_float(number)?),
        Slot::Decimal(end) => {
            let mantissa = Decimal::from(number).fit(end.size())?;
            return end.push(mantissa);
        }
        Slot::Text(end) | Slot::DecimalText(end) | Slot::Json(end) => {
            return end.write(format_args!("{number}"));
        }
        Slot::UInt(_) | Slot::Int(_) | Slot::Int8(_) | Slot::I128(_) | Slot::Boolean(_) => {
            return Err(Misfit::OutOfRange(slot.field_type()));
        }
        Slot::Binary(_)
        | Slot::Timestamp(..)
        | Slot::Date(_)
        | Slot::Point(_)
        | Slot::Duration(..) => {
            return Err(Misfit::WrongKind {
                found: Value::U128(number).kind(),
            });
        }
    }
    Ok(())
}

/// The powers of ten that 64 bits hold.
const POWERS_OF_TEN: [i64; 19] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
    10_000_000_000_000,
    100_000_000_000_000,
    1_000_000_000_000_000,
    10_000_000_000_000_000,
    100_000_000_000_000_000,
    1_000_000_000_000_000_000,
];

/// The mantissa of an integer at this scale, where 64 bits hold it and it fits; `None` says only that this way does not tell.
#[inline]
pub(crate) fn short_mantissa(number: i64, size: DecimalSize) -> Option<i64> {
    short_shifted(number, size.scale(), size)
}

/// The same of an integer with so many zeros behind it.
#[inline]
pub(super) fn short_shifted(number: i64, zeros: i8, size: DecimalSize) -> Option<i64> {
    let power = *POWERS_OF_TEN.get(usize::try_from(zeros).ok()?)?;
    let mantissa = number.checked_mul(power)?;
    // 18 digits are the most that every number of 64 bits has room for.
    let bound = *POWERS_OF_TEN.get(usize::from(size.precision().min(18)))?;
    (mantissa.unsigned_abs() < bound.unsigned_abs()).then_some(mantissa)
}

/// A float has 53 bits for the digits of an integer; the zeros below them cost nothing.
fn exact_float(number: u128) -> Result<f64, Misfit> {
    let bits = u128::BITS - number.leading_zeros();
    if number != 0 && bits - number.trailing_zeros() > f64::MANTISSA_DIGITS {
        return Err(Misfit::Inexact);
    }
    #[expect(clippy::cast_precision_loss, reason = "the bits were counted")]
    Ok(number as f64)
}
