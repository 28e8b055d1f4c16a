//! What the derives' output names. Not part of the interface: it changes without notice.

pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Err, Ok};
pub use std::vec::Vec;

pub use serde::Serialize;
pub use serde::de::DeserializeOwned;

pub use crate::config::{ConfigKey, ConfigValue, ConnectorConfig};
pub use crate::source::clash::{group_is_apart, table_is_new};
pub use crate::source::derived::{
    append_variant, can_be_key, can_become, check, column, pass_over, push, push_json,
    push_optional_json, push_unsent, read_json, read_json_or, read_optional_json, read_or,
    read_with, read_with_or, table,
};
pub use crate::source::derived_types::{
    TypeName, append_cast, append_raw, cast_field_type, parameter, sized_decimal,
};
pub use crate::source::fields::{Fields, append};
pub use crate::source::locked::check_group;
pub use crate::source::reading::{AnyTypes, LentRow, OwnedRow, SeveralTables, TypesOf};
pub use crate::source::tracking::{
    AtRunTime, FullChanges, KeyOf, Nothing, OfEachTable, OldAmong, OnlyPk,
};
pub use crate::types::readable;
pub use crate::{
    Cast, Column, ColumnInfo, ColumnTypeEntry, ColumnTypes, ColumnValue, Columns, DecimalSize,
    DeclaredColumn, DozerSource, Event, FieldType, FromRow, FromValue, Holds, Misfit, NoOldRow,
    RawValue, Rejected, ReplicationChangesTrackingType, RowImage, RowReader, RowWriter, RowsWriter,
    SourceRow, TableInfo, TimeUnit, Value,
};
