//! Field types, schemas, tables, operations.

mod column_types;
mod field_type;
mod operation;
mod readable;
mod schema;
mod table;
mod tracking;

pub use column_types::{Cast, ColumnTypeEntry, ColumnTypes};
pub use field_type::{DecimalSize, FieldType, TimeUnit, UnknownFieldType};
pub use operation::{Operation, Record};
pub use readable::readable;
pub use schema::{FieldDefinition, Schema, SourceSchema};
pub use table::{ColumnInfo, ColumnMapping, TableInfo, TableKind};
pub use tracking::ReplicationChangesTrackingType;
