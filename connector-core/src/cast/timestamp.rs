//! From an instant.

use super::Misfit;
use crate::columns::Slot;
use crate::types::{FieldType, TimeUnit};
use crate::value::{Timestamp, Value};

pub(crate) fn cast(timestamp: Timestamp, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Timestamp(values, unit) => values.push(count(timestamp, unit)?),
        Slot::Date(values) => {
            if !timestamp.is_midnight() {
                return Err(Misfit::Inexact);
            }
            let date = timestamp
                .date()
                .ok_or(Misfit::OutOfRange(FieldType::Date))?;
            values.push(date.days());
        }
        Slot::Text(end) => return end.write(format_args!("{timestamp}")),
        Slot::Json(end) => return end.write(format_args!("\"{timestamp}\"")),
        _ => {
            return Err(Misfit::WrongKind {
                found: Value::Timestamp(timestamp).kind(),
            });
        }
    }
    Ok(())
}

#[inline]
fn count(timestamp: Timestamp, unit: TimeUnit) -> Result<i64, Misfit> {
    timestamp.to_unit(unit).ok_or_else(|| {
        if timestamp.since_epoch().is_whole(unit) {
            Misfit::OutOfRange(FieldType::Timestamp(unit))
        } else {
            Misfit::Inexact
        }
    })
}
