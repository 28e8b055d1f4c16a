//! From a JSON document.

use super::Misfit;
use crate::columns::Slot;
use crate::value::Value;

pub(crate) fn cast(text: &str, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Json(end) | Slot::Text(end) => end.push(text),
        _ => Err(Misfit::WrongKind {
            found: Value::Json(text).kind(),
        }),
    }
}
