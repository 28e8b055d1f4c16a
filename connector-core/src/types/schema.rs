//! The schema of the rows that a source delivers.

use serde::{Deserialize, Serialize};

use super::{FieldType, ReplicationChangesTrackingType};

/// The fields of a source's rows and the fields that are its key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Schema {
    /// The fields, in the order of every record's values.
    pub fields: Vec<FieldDefinition>,
    /// Places, in `fields`, of the primary key's fields, in the key's order. Empty: no key.
    pub primary_index: Vec<usize>,
}

/// One field of a [`Schema`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    /// The field's name.
    pub name: String,
    /// The field's type.
    #[serde(rename = "type")]
    pub typ: FieldType,
    /// Whether a value may be null.
    pub nullable: bool,
    /// The type's name in the external system, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_type: Option<String>,
    /// What the field holds, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As [`ColumnInfo::number`](super::ColumnInfo::number); not written out, since it is one of this database alone.
    #[serde(skip)]
    pub number: Option<u32>,
}

/// The schema of one source: a selected table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSchema {
    /// The source's name in the pipeline.
    pub name: String,
    /// The schema (namespace) in the external system, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The table's name in the external system.
    pub table_name: String,
    /// The fields and the key.
    pub schema: Schema,
    /// What an update or a delete tells of the old row.
    pub replication_type: ReplicationChangesTrackingType,
    /// What the table holds, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Schema {
    /// Whether `field` is part of the key.
    pub fn is_key(&self, field: usize) -> bool {
        self.primary_index.contains(&field)
    }
}
