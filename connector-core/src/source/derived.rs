//! What the output of `#[derive(DozerSource)]` calls: the behaviour behind generated code.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DeclaredColumn, FromValue, Rejected, RowImage};
use crate::columns::{RowReader, RowWriter, RowsWriter};
use crate::types::{ColumnInfo, FieldType, ReplicationChangesTrackingType, TableInfo};
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

/// What a field declares of its column.
pub const fn column(
    name: &'static str,
    field_type: FieldType,
    nullable: bool,
    may_be_left_out: bool,
    key: u16,
    description: &'static str,
) -> DeclaredColumn {
    DeclaredColumn::One {
        name,
        field_type,
        nullable,
        may_be_left_out,
        key,
        description,
    }
}

/// The table that a row struct declares.
pub fn table(
    name: &str,
    schema: Option<&str>,
    tracking: ReplicationChangesTrackingType,
    description: &str,
    columns: &[DeclaredColumn],
) -> Vec<TableInfo> {
    vec![TableInfo {
        schema: schema.map(str::to_owned),
        tracking,
        description: (!description.is_empty()).then(|| description.to_owned()),
        ..TableInfo::new(name, described(columns))
    }]
}

/// The columns as a source lists them. The keys of flattened groups are those of their own tables, not of this one.
pub(crate) fn described(columns: &[DeclaredColumn]) -> Vec<ColumnInfo> {
    let mut list = Vec::new();
    describe(columns, false, &mut list);
    list
}

fn describe(columns: &[DeclaredColumn], in_group: bool, list: &mut Vec<ColumnInfo>) {
    for column in columns {
        match *column {
            DeclaredColumn::One {
                name,
                field_type,
                nullable,
                may_be_left_out,
                key,
                description,
            } => {
                let info = ColumnInfo::new(name, field_type)
                    .nullable(nullable)
                    .left_out(may_be_left_out)
                    .with_description(description);
                list.push(if in_group || key == 0 {
                    info
                } else {
                    info.key(key)
                });
            }
            DeclaredColumn::Group(columns) => describe(columns, true, list),
        }
    }
}

/// Pushes a serde value as JSON.
pub fn push_json<T: Serialize>(value: &T, row: &mut RowWriter<'_>) {
    match serde_json::to_string(value) {
        Ok(text) => push(Value::Json(&text), row),
        Err(error) => {
            row.reject(Misfit::Other(format!("cannot be written as JSON: {error}")));
        }
    }
}

/// Pushes a serde value as JSON, or null.
pub fn push_optional_json<T: Serialize>(value: &Option<T>, row: &mut RowWriter<'_>) {
    match value {
        Some(value) => push_json(value, row),
        None => push(Value::Null, row),
    }
}

/// Pushes a value; a refusal stays with the row.
pub fn push(value: Value<'_>, row: &mut RowWriter<'_>) {
    let _ = row.push(value);
}

/// Appends many rows of an enum that are of one table; `row` gives the row that a variant wraps.
pub fn append_variant<'i, E: 'i, R: RowImage + 'i>(
    rows: impl Iterator<Item = &'i E>,
    row: impl Fn(&'i E) -> Option<&'i R>,
    into: &mut RowsWriter<'_>,
) {
    let rows: Vec<&R> = rows.filter_map(row).collect();
    R::append_all(rows.iter().copied(), into);
}

/// Says of so many columns that they were not sent.
pub fn push_unsent(row: &mut RowWriter<'_>, columns: usize) {
    for _ in 0..columns {
        let _ = row.push_unsent();
    }
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
    row.read_by(from_value)
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
