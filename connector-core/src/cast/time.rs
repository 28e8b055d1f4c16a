//! From a time of day.

use super::{Misfit, duration};
use crate::columns::Slot;
use crate::value::{Time, Value};

pub(crate) fn cast(time: Time, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Duration(..) => duration::cast(time.into(), slot),
        Slot::Text(end) => end.write(format_args!("{time}")),
        Slot::Json(end) => end.write(format_args!("\"{time}\"")),
        _ => Err(Misfit::WrongKind {
            found: Value::Time(time).kind(),
        }),
    }
}
