//! What the derives' output names. Not part of the interface: it changes without notice.

pub use std::borrow::ToOwned;
pub use std::option::Option;
pub use std::result::Result;
pub use std::string::String;
pub use std::vec::Vec;

pub use crate::config::{ConfigKey, ConfigValue, ConnectorConfig};
pub use crate::{
    Cast, Column, ColumnInfo, ColumnTypeEntry, ColumnTypes, ColumnValue, Columns, DecimalSize,
    DozerSource, FieldType, FromRow, FromValue, Holds, KeepsOldRows, Misfit, NoOldRow, RawValue,
    Rejected, ReplicationChangesTrackingType, RowImage, RowReader, RowWriter, SourceRow, TableInfo,
    TimeUnit, Value,
};

/// Marks a row struct as read from a system with these column types.
pub trait ReadFrom<T: ColumnTypes> {}

/// A serde value as JSON text.
pub fn json_to_string<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Misfit> {
    serde_json::to_string(value).map_err(|error| Misfit::Other(format!("not JSON: {error}")))
}

/// A serde value out of JSON text.
pub fn json_from_value<T: serde::de::DeserializeOwned>(value: Value<'_>) -> Result<T, Misfit> {
    let text = match value {
        Value::Json(text) | Value::Text(text) => text,
        Value::Null => "null",
        other => {
            return Err(Misfit::WrongKind {
                found: other.kind(),
            });
        }
    };
    serde_json::from_str(text)
        .map_err(|error| Misfit::Other(format!("not the expected JSON: {error}")))
}
