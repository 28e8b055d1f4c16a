//! From a length of time.

use super::Misfit;
use crate::columns::Slot;
use crate::types::FieldType;
use crate::value::{Duration, Value};

pub(crate) fn cast(duration: Duration, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Duration(values, unit) => {
            values.push(duration.to_unit(unit).ok_or_else(|| {
                if duration.is_whole(unit) {
                    Misfit::OutOfRange(FieldType::Duration(unit))
                } else {
                    Misfit::Inexact
                }
            })?);
            Ok(())
        }
        Slot::Text(end) => end.write(format_args!("{duration}")),
        Slot::Json(end) => end.write(format_args!("\"{duration}\"")),
        _ => Err(Misfit::WrongKind {
            found: Value::Duration(duration).kind(),
        }),
    }
}
