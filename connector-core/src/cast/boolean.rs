//! From a boolean.

use super::Misfit;
use crate::columns::Slot;
use crate::value::{I256, Value};

pub(crate) fn cast(value: bool, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Boolean(bits) => bits.push(value),
        Slot::UInt(values) => values.push(u64::from(value)),
        Slot::Int(values) => values.push(i64::from(value)),
        Slot::Int8(values) => values.push(i8::from(value)),
        Slot::U128(values) | Slot::I128(values) => values.push(I256::from(u64::from(value))),
        Slot::Text(end) | Slot::Json(end) => {
            return end.push(if value { "true" } else { "false" });
        }
        _ => {
            return Err(Misfit::WrongKind {
                found: Value::Bool(value).kind(),
            });
        }
    }
    Ok(())
}
