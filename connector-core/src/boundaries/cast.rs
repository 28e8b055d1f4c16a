//! One boundary value on its way into a column and out of it again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::columns::Column;
use crate::source::RawValue;
use crate::types::{ColumnTypes, FieldType};
use crate::value::{Field, Misfit, Value};

/// What became of a boundary value.
pub(super) enum Outcome {
    /// The driver has no such value.
    NotProduced,
    /// It was appended, and reads back like this.
    Accepted(Field),
    /// It does not fit, and nothing was appended.
    Refused(Misfit),
    /// A rule was broken.
    Fault(String),
}

/// Casts a value as the driver would lend it, then what was read back.
pub(super) fn cast<T: ColumnTypes>(of: &T, field_type: FieldType, value: Value<'_>) -> Outcome {
    let mut column = Column::new(field_type);
    let first = append(of, &mut column, value);
    let Outcome::Accepted(read) = first else {
        return first;
    };
    let stored = column.value(1);
    let mut again = Column::new(field_type);
    match append(of, &mut again, stored) {
        Outcome::Accepted(second) if second != read => differs(&read, &second),
        Outcome::Refused(misfit) if stored.kind() == value.kind() => Outcome::Fault(format!(
            "reads back as {}, which is refused when it is cast again: {misfit}",
            stored.preview()
        )),
        // The rules of a system's texts and numbers need not hold for the kind of value that they become.
        Outcome::Accepted(_) | Outcome::Refused(_) | Outcome::NotProduced => {
            match Field::cast(field_type, stored) {
                Ok(second) if second == read => Outcome::Accepted(read),
                Ok(second) => differs(&read, &second),
                Err(misfit) => Outcome::Fault(format!(
                    "reads back as {}, which its column refuses: {misfit}",
                    stored.preview()
                )),
            }
        }
        Outcome::Fault(reason) => Outcome::Fault(format!(
            "reads back as {}, and when that is cast again: {reason}",
            stored.preview()
        )),
    }
}

fn differs(read: &Field, second: &Field) -> Outcome {
    Outcome::Fault(format!(
        "reads back as {}, and cast again as {}",
        read.as_value().preview(),
        second.as_value().preview()
    ))
}

/// Casts a value behind a row that is there already, and counts the rows.
fn append<T: ColumnTypes>(of: &T, column: &mut Column, value: Value<'_>) -> Outcome {
    // A cast that takes rows away is noticed only where there are some.
    column.push_null();
    let raw = match caught(|| T::Raw::from_value(value)) {
        // A driver may have no such value but null, as SQLite for a NaN; a null is not cast.
        Ok(Some(raw)) if raw.is_null() => return Outcome::NotProduced,
        Ok(Some(raw)) => raw,
        Ok(None) => return Outcome::NotProduced,
        Err(panic) => return Outcome::Fault(format!("`from_value` panics: {panic}")),
    };
    let result = match caught(|| of.cast()(of, raw, column)) {
        Ok(result) => result,
        Err(panic) => return Outcome::Fault(format!("the cast panics: {panic}")),
    };
    let rows = column.len();
    match (result, rows) {
        (Ok(()), 2) if column.is_null(1) => {
            Outcome::Fault("the cast makes it null in silence".to_owned())
        }
        (Ok(()), 2) => Outcome::Accepted(Field::from_value(column.field_type(), column.value(1))),
        (Err(misfit), 1) if misfit.to_string().is_empty() => {
            Outcome::Fault("the cast refuses it without a reason".to_owned())
        }
        (Err(misfit), 1) => Outcome::Refused(misfit),
        (Ok(()), 1) => Outcome::Fault("the cast succeeds and appends nothing".to_owned()),
        (Ok(()), 0) => Outcome::Fault("the cast succeeds and takes rows away".to_owned()),
        (Ok(()), _) => Outcome::Fault(format!(
            "the cast succeeds and appends {} rows instead of one",
            rows - 1
        )),
        (Err(_), 0) => Outcome::Fault("the cast fails and takes rows away".to_owned()),
        (Err(_), 2) => Outcome::Fault("the cast fails and leaves a row behind".to_owned()),
        (Err(_), _) => Outcome::Fault(format!(
            "the cast fails and leaves {} rows behind",
            rows - 1
        )),
    }
}

/// What is wrong with the driver's null, if it has one.
pub(super) fn null<T: ColumnTypes>() -> Option<String> {
    match caught(|| T::Raw::from_value(Value::Null).map(|raw| raw.is_null())) {
        Ok(None | Some(true)) => None,
        Ok(Some(false)) => Some("`is_null` denies that the driver's null is one".to_owned()),
        Err(panic) => Some(format!("`from_value` of a null panics: {panic}")),
    }
}

/// The result of a call, or what it says when it panics.
pub(super) fn caught<R>(call: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("without a text").to_owned()
    })
}
