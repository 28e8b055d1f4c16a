//! From text: strict, without regard to any locale, all of the text.

use std::str::FromStr;

use serde::de::IgnoredAny;

use super::{Misfit, date, decimal, duration, timestamp};
use crate::columns::Slot;
use crate::types::FieldType;
use crate::value::{I256, Point, parse_float};

pub(crate) fn cast(text: &str, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Text(end) => return end.push(text),
        Slot::Binary(end) => return end.push(text.as_bytes()),
        Slot::UInt(values) => values.push(integer(text, FieldType::UInt)?),
        Slot::U128(values) => values.push(integer::<u128>(text, FieldType::U128)?.into()),
        Slot::Int(values) => values.push(integer(text, FieldType::Int)?),
        Slot::Int8(values) => values.push(integer(text, FieldType::Int8)?),
        Slot::I128(values) => values.push(I256::from(integer::<i128>(text, FieldType::I128)?)),
        Slot::Float(values) => values.push(parse_float(text)?),
        Slot::Boolean(bits) => bits.push(boolean(text)?),
        Slot::DecimalText(_) | Slot::Decimal(_) => return decimal::cast_text(text, slot),
        Slot::Timestamp(_, unit) => {
            let timestamp = parse(text, FieldType::Timestamp(unit))?;
            return timestamp::cast(timestamp, slot);
        }
        Slot::Date(_) => return date::cast(text.parse()?, slot),
        Slot::Duration(_, unit) => {
            let duration = parse(text, FieldType::Duration(unit))?;
            return duration::cast(duration, slot);
        }
        Slot::Json(end) => {
            check_json(text)?;
            return end.push(text);
        }
        Slot::Point(values) => {
            let Point { x, y } = text.parse()?;
            values.extend([x, y]);
        }
    }
    Ok(())
}

/// A value by its own text form; the type in the error is the column's.
fn parse<T: FromStr<Err = Misfit>>(text: &str, field_type: FieldType) -> Result<T, Misfit> {
    text.parse().map_err(|misfit| match misfit {
        Misfit::OutOfRange(_) => Misfit::OutOfRange(field_type),
        other => other,
    })
}

fn integer<T: FromStr + Default>(text: &str, field_type: FieldType) -> Result<T, Misfit> {
    text.parse().or_else(|_| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misfit::syntax("a whole number"));
        }
        // An unsigned type refuses every minus; before a zero it means nothing.
        if digits.bytes().all(|digit| digit == b'0') {
            return Ok(T::default());
        }
        Err(Misfit::OutOfRange(field_type))
    })
}

fn boolean(text: &str) -> Result<bool, Misfit> {
    let is = |names: [&str; 3]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    if is(["true", "t", "1"]) {
        Ok(true)
    } else if is(["false", "f", "0"]) {
        Ok(false)
    } else {
        Err(Misfit::syntax("a boolean: true, t, 1, false, f or 0"))
    }
}

fn check_json(text: &str) -> Result<(), Misfit> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(IgnoredAny) => Ok(()),
        Err(error) => Err(Misfit::syntax(format!("JSON: {error}"))),
    }
}
