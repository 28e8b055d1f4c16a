//! What the output of `#[derive(DozerSource)]` calls: the behaviour behind generated code.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Columns, FromValue, Rejected};
use crate::columns::{RowReader, RowWriter};
use crate::types::{ColumnInfo, FieldType, TableInfo};
use crate::value::{Misfit, Value};

/// Stops the compilation where a declaration breaks a rule that only the type system can check.
///
/// # Panics
/// When it does not hold; it is only called in constants.
#[track_caller]
pub const fn check(holds: bool, message: &str) {
    assert!(holds, "{}", message);
}

/// Whether a value whose own field type is `own` may be declared as a column of type `declared`.
///
/// Each value is still cast, and refused where it does not fit.
pub const fn can_become(own: FieldType, declared: FieldType) -> bool {
    use FieldType as T;
    match (own, declared) {
        (_, T::String | T::Text) => !matches!(own, T::Binary),
        (T::UInt | T::U128 | T::Int | T::Int8 | T::I128, _) => matches!(
            declared,
            T::UInt | T::U128 | T::Int | T::Int8 | T::I128 | T::Float | T::Decimal(_) | T::Json
        ),
        (T::String | T::Text, _)
        | (T::Float, T::Float | T::Decimal(_))
        | (T::Boolean, T::Boolean)
        | (T::Binary, T::Binary)
        | (T::Decimal(_), T::Decimal(_))
        | (T::Timestamp(_), T::Timestamp(_))
        | (T::Date, T::Date | T::Timestamp(_))
        | (T::Json, T::Json)
        | (T::Point, T::Point)
        | (T::Duration(_), T::Duration(_)) => true,
        _ => false,
    }
}

/// Whether equal values of the type are equal bit by bit, as a key wants it.
pub const fn can_be_key(field_type: FieldType) -> bool {
    !matches!(
        field_type,
        FieldType::Float | FieldType::Json | FieldType::Point
    )
}

/// The table with the columns that the row struct declares.
pub fn table<R: Columns>(mut table: TableInfo) -> Vec<TableInfo> {
    table.columns.reserve(R::COUNT);
    R::describe(&mut table.columns);
    vec![table]
}

/// Adds the columns of a flattened group. Its keys are those of its own tables, not of this one.
pub fn describe_group(describe: fn(&mut Vec<ColumnInfo>), columns: &mut Vec<ColumnInfo>) {
    let first = columns.len();
    describe(columns);
    for column in columns.iter_mut().skip(first) {
        column.key = None;
    }
}

/// Appends a serde value as JSON.
pub fn append_json<T: Serialize>(value: &T, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
    match serde_json::to_string(value) {
        Ok(text) => row.push(Value::Json(&text)),
        Err(error) => Err(row.reject(Misfit::Other(format!("cannot be written as JSON: {error}")))),
    }
}

/// Appends a serde value as JSON, or null.
pub fn append_optional_json<T: Serialize>(
    value: &Option<T>,
    row: &mut RowWriter<'_>,
) -> Result<(), Rejected> {
    match value {
        Some(value) => append_json(value, row),
        None => row.push_null(),
    }
}

/// Says of so many columns that they were not sent.
pub fn append_unsent(row: &mut RowWriter<'_>, columns: usize) -> Result<(), Rejected> {
    for _ in 0..columns {
        row.push_unsent()?;
    }
    Ok(())
}

/// Passes over so many columns.
pub fn pass_over(row: &mut RowReader<'_>, columns: usize) {
    for _ in 0..columns {
        row.value();
    }
}

/// Reads a value, or makes one where the column is null.
pub fn read_or<'r, T: FromValue<'r>>(
    row: &mut RowReader<'r>,
    default: impl FnOnce() -> T,
) -> Result<T, Rejected> {
    read_with_or(row, T::from_value, default)
}

/// Reads a serde value out of JSON.
pub fn read_json<T: DeserializeOwned>(row: &mut RowReader<'_>) -> Result<T, Rejected> {
    read_with(row, json)
}

/// Reads a serde value out of JSON, or `None` where the column is null.
pub fn read_optional_json<T: DeserializeOwned>(
    row: &mut RowReader<'_>,
) -> Result<Option<T>, Rejected> {
    read_with_or(row, |value| json(value).map(Some), || None)
}

/// Reads a serde value out of JSON, or makes one where the column is null.
pub fn read_json_or<T: DeserializeOwned>(
    row: &mut RowReader<'_>,
    default: impl FnOnce() -> T,
) -> Result<T, Rejected> {
    read_with_or(row, json, default)
}

/// Reads a value by the function of a `with` module.
pub fn read_with<'r, T>(
    row: &mut RowReader<'r>,
    from_value: impl FnOnce(Value<'r>) -> Result<T, Misfit>,
) -> Result<T, Rejected> {
    let value = row.value();
    from_value(value).map_err(|misfit| row.reject(misfit))
}

/// Reads a value by the function of a `with` module, or makes one where the column is null.
pub fn read_with_or<'r, T>(
    row: &mut RowReader<'r>,
    from_value: impl FnOnce(Value<'r>) -> Result<T, Misfit>,
    default: impl FnOnce() -> T,
) -> Result<T, Rejected> {
    read_with(row, |value| {
        if value.is_null() {
            Ok(default())
        } else {
            from_value(value)
        }
    })
}

fn json<T: DeserializeOwned>(value: Value<'_>) -> Result<T, Misfit> {
    let text = match value {
        Value::Json(text) | Value::Text(text) => text,
        Value::Null => return Err(Misfit::Null),
        Value::Unchanged => return Err(Misfit::Unchanged),
        other => {
            return Err(Misfit::WrongKind {
                found: other.kind(),
            });
        }
    };
    serde_json::from_str(text).map_err(|error| Misfit::Syntax {
        what: format!("the JSON of the field's type: {error}"),
    })
}
