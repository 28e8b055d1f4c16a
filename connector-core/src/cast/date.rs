//! From a calendar day.

use super::{Misfit, timestamp};
use crate::columns::Slot;
use crate::value::{Date, Value};

pub(crate) fn cast(date: Date, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Date(values) => {
            values.push(date.days());
            Ok(())
        }
        Slot::Timestamp(..) => timestamp::cast(date.into(), slot),
        Slot::Text(end) => end.write(format_args!("{date}")),
        Slot::Json(end) => end.write(format_args!("\"{date}\"")),
        _ => Err(Misfit::WrongKind {
            found: Value::Date(date).kind(),
        }),
    }
}
