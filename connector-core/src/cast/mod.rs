//! Casts of values into column types: one file per kind of value, one arm per type.
//!
//! Every cast is total: it appends one value, or returns why the value does not fit and appends nothing. None rounds, none
//! guesses.

mod boolean;
mod bytes;
mod date;
mod decimal;
mod duration;
mod float;
mod integer;
mod json;
mod point;
mod text;
mod time;
mod timestamp;
mod uuid;

pub(crate) use boolean::cast as boolean;
pub(crate) use bytes::cast as bytes;
pub(crate) use date::cast as date;
pub(crate) use decimal::{
    cast as decimal, cast_text as decimal_text, short_mantissa as short_decimal,
};
pub(crate) use duration::cast as duration;
pub(crate) use float::{cast as float, short_mantissa as short_float};
pub(crate) use integer::{short_mantissa as short_integer, signed, unsigned};
pub(crate) use json::cast as json;
pub(crate) use point::cast as point;
pub(crate) use text::cast as text;
pub(crate) use time::cast as time;
pub(crate) use timestamp::cast as timestamp;
pub(crate) use uuid::cast as uuid;

use crate::types::FieldType;
use crate::value::Misfit;

/// An integer in range, or the error that names the type it should have had.
fn in_range<N, T: TryFrom<N>>(number: N, field_type: FieldType) -> Result<T, Misfit> {
    T::try_from(number).map_err(|_| Misfit::OutOfRange(field_type))
}

#[cfg(test)]
mod tests;
