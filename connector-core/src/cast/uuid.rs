//! From a UUID.

use super::Misfit;
use crate::columns::Slot;
use crate::value::{I256, UuidText, Value};

pub(crate) fn cast(bytes: [u8; 16], slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Text(end) => end.write(format_args!("{}", UuidText(bytes))),
        Slot::Binary(end) => end.push(&bytes),
        Slot::Json(end) => end.write(format_args!("\"{}\"", UuidText(bytes))),
        Slot::U128(values) => {
            values.push(I256::from(u128::from_be_bytes(bytes)));
            Ok(())
        }
        _ => Err(Misfit::WrongKind {
            found: Value::Uuid(bytes).kind(),
        }),
    }
}
