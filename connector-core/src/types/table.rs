//! Tables and columns as a source has them, and as a person selects them.

use serde::{Deserialize, Serialize};

use super::{FieldType, ReplicationChangesTrackingType};

/// A table of a source: discovered by [`Source::get_tables`](crate::Source::get_tables), or named by a person who selects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableInfo {
    /// The name that the pipeline uses: a source's name in the configuration, else the table's own.
    pub name: String,
    /// The schema (namespace) in the external system, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table's name in the external system.
    pub table_name: String,
    /// Whether this is a table or a view.
    #[serde(default)]
    pub kind: TableKind,
    /// The columns, in the order in which rows deliver them. Empty in a selection: all columns.
    pub columns: Vec<ColumnInfo>,
    /// What an update or a delete tells of the old row.
    #[serde(default)]
    pub tracking: ReplicationChangesTrackingType,
    /// What the table holds, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the table was called when it was set up to be followed, where it has another name now and the source can tell.
    #[serde(skip)]
    pub formerly: Option<String>,
}

/// Whether changes can be expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TableKind {
    /// A table with rows of its own.
    #[default]
    Table,
    /// A view: it can be read as a snapshot, and has no changes.
    View,
}

/// A column of a [`TableInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// The column's name in the external system.
    pub name: String,
    /// The type's name in the external system; absent where the system has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_type: Option<String>,
    /// What the column becomes.
    #[serde(default)]
    pub mapping: ColumnMapping,
    /// Whether the external system allows null.
    pub nullable: bool,
    /// Whether the external system gives a value to rows that are written without one, by a default or otherwise: when the
    /// column is added, the rows that are there may get it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_default: bool,
    /// Whether a change may leave the value out where it is as before; a typed row then has [`Sent`](crate::Sent) for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_left_out: bool,
    /// The column's place in the primary key, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u16>,
    /// What the column holds, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A number that no other column of the table ever gets, where the external system has such numbers: by it, a column that
    /// was dropped and made anew under its name is told from the one before.
    #[serde(skip)]
    pub number: Option<u32>,
}

/// What a column of the external system becomes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ColumnMapping {
    /// A field of this type.
    Field(FieldType),
    /// Nothing: the reason, and what to do instead.
    Unsupported(String),
    /// Not looked up yet: a column that a person named in a selection.
    #[default]
    Unresolved,
}

impl TableInfo {
    /// A table of this name with these columns, append-only until [`tracking`](Self::with_tracking) says otherwise.
    pub fn new(name: impl Into<String>, columns: Vec<ColumnInfo>) -> Self {
        let name = name.into();
        Self {
            table_name: name.clone(),
            name,
            schema: None,
            kind: TableKind::Table,
            columns,
            tracking: ReplicationChangesTrackingType::Nothing,
            description: None,
            formerly: None,
        }
    }

    /// The selection of one table, all of its columns.
    pub fn select(table_name: impl Into<String>) -> Self {
        Self::new(table_name, Vec::new())
    }

    /// Restricts a selection to these columns, in this order.
    #[must_use]
    pub fn columns<I: Into<String>>(mut self, names: impl IntoIterator<Item = I>) -> Self {
        self.columns = names.into_iter().map(ColumnInfo::named).collect();
        self
    }

    /// The same selection without its choice of columns.
    pub(crate) fn whole(mut self) -> Self {
        self.columns.clear();
        self
    }

    /// The selection of this table, all of its columns.
    pub(crate) fn selection(&self) -> Self {
        Self {
            name: self.name.clone(),
            schema: self.schema.clone(),
            ..Self::select(&self.table_name)
        }
    }

    /// The same table under the name that the pipeline uses.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says which schema (namespace) of the external system the table is in.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Says what an update or a delete tells of the old row.
    #[must_use]
    pub fn with_tracking(mut self, tracking: ReplicationChangesTrackingType) -> Self {
        self.tracking = tracking;
        self
    }

    /// Adds a description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Places, in `columns`, of the primary key's columns, in the key's order.
    pub fn key_columns(&self) -> Vec<usize> {
        let mut key: Vec<(u16, usize)> = (self.columns.iter().enumerate())
            .filter_map(|(place, column)| column.key.map(|order| (order, place)))
            .collect();
        key.sort_unstable();
        key.into_iter().map(|(_, place)| place).collect()
    }

    /// The table's name with its schema, as a person reads it.
    pub fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.table_name),
            None => self.table_name.clone(),
        }
    }
}

impl ColumnInfo {
    /// A column that becomes a field of this type.
    pub fn new(name: impl Into<String>, field_type: FieldType) -> Self {
        Self {
            mapping: ColumnMapping::Field(field_type),
            ..Self::named(name)
        }
    }

    /// A column known by its name alone, as in a selection.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            external_type: None,
            mapping: ColumnMapping::Unresolved,
            nullable: false,
            has_default: false,
            number: None,
            may_be_left_out: false,
            key: None,
            description: None,
        }
    }

    /// Says what the external system calls the type.
    #[must_use]
    pub fn with_external_type(mut self, name: impl Into<String>) -> Self {
        self.external_type = Some(name.into());
        self
    }

    /// Says whether the external system allows null.
    #[must_use]
    pub fn nullable(mut self, nullable: bool) -> Self {
        self.nullable = nullable;
        self
    }

    /// Says whether a change may leave the value out where it is as before.
    #[must_use]
    pub fn left_out(mut self, may_be_left_out: bool) -> Self {
        self.may_be_left_out = may_be_left_out;
        self
    }

    /// Makes the column part of the primary key, at this place, from 1.
    #[must_use]
    pub fn key(mut self, place: u16) -> Self {
        self.key = Some(place);
        self
    }

    /// Adds a description; an empty one is none.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        let description = description.into();
        self.description = (!description.is_empty()).then_some(description);
        self
    }

    /// The column as messages name it: its name, the external type, and what an added one has to be.
    pub(crate) fn described(&self) -> String {
        let typ = match &self.external_type {
            Some(name) => format!("`{name}`, "),
            None => String::new(),
        };
        let null = if self.nullable {
            "nullable"
        } else {
            "not null"
        };
        let default = if self.has_default {
            ", with a default"
        } else {
            ""
        };
        format!("`{}` ({typ}{null}{default})", self.name)
    }

    /// The field type that the column becomes, if it becomes one.
    pub fn field_type(&self) -> Option<FieldType> {
        match self.mapping {
            ColumnMapping::Field(field_type) => Some(field_type),
            ColumnMapping::Unsupported(_) | ColumnMapping::Unresolved => None,
        }
    }
}
