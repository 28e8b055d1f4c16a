//! From bytes: nothing is guessed about what they encode.

use super::Misfit;
use crate::columns::Slot;
use crate::value::Value;

pub(crate) fn cast(bytes: &[u8], slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Binary(end) => end.push(bytes),
        _ => Err(Misfit::WrongKind {
            found: Value::Bytes(bytes).kind(),
        }),
    }
}
