//! From a point.

use super::Misfit;
use crate::columns::Slot;
use crate::value::{FloatText, Point, Value};

pub(crate) fn cast(point: Point, slot: Slot<'_>) -> Result<(), Misfit> {
    match slot {
        Slot::Point(values) => {
            values.extend([point.x, point.y]);
            Ok(())
        }
        Slot::Text(end) => end.write(format_args!("{point}")),
        Slot::Json(_) if !(point.x.is_finite() && point.y.is_finite()) => Err(Misfit::NotFinite),
        Slot::Json(end) => end.write(format_args!(
            "[{},{}]",
            FloatText(point.x),
            FloatText(point.y)
        )),
        _ => Err(Misfit::WrongKind {
            found: Value::Point(point).kind(),
        }),
    }
}
