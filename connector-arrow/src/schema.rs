//! The Arrow schema of a source.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use connector_core::{
    DecimalSize, FieldDefinition, FieldType, ReplicationChangesTrackingType, SourceSchema, TimeUnit,
};

use crate::ChangeColumn;

/// The greatest precision, and the greatest scale, of a decimal in 128 bits.
const NARROW: u8 = 38;

/// The Arrow schema of a source's rows, with every column of the change.
///
/// # Errors
/// When a column of the source has the name of a column of the change.
pub fn schema(source: &SourceSchema) -> Result<SchemaRef, ArrowError> {
    with_changes(source, &ChangeColumn::ALL)
}

/// The schema with these columns of the change.
pub(crate) fn with_changes(
    source: &SourceSchema,
    changes: &[ChangeColumn],
) -> Result<SchemaRef, ArrowError> {
    let fields = &source.schema.fields;
    let changes = changes.iter().filter(|change| change.is_in(source));
    let mut all: Vec<Field> = (fields.iter().enumerate())
        .map(|(place, definition)| field(source, place, definition))
        .collect();
    for change in changes {
        if all.iter().any(|field| field.name() == change.name()) {
            return Err(ArrowError::SchemaError(format!(
                "source `{}` has a column `{name}` already\nhelp: make the converter without the change's `{name}`, or \
                 give each a name of its own",
                source.name,
                name = change.name(),
            )));
        }
        all.push(change.field());
    }
    Ok(Arc::new(Schema::new_with_metadata(all, metadata(source))))
}

/// Whether rows of the source may leave out values that are not null.
pub(crate) fn may_be_unsent(source: &SourceSchema) -> bool {
    source.replication_type != ReplicationChangesTrackingType::Nothing
}

fn field(source: &SourceSchema, place: usize, definition: &FieldDefinition) -> Field {
    let key = (source.schema.primary_index.iter()).position(|key| *key == place);
    let nullable = definition.nullable || (may_be_unsent(source) && key.is_none());
    let metadata = [
        ("dozer.type", Some(definition.typ.to_string())),
        ("dozer.external_type", definition.external_type.clone()),
        ("dozer.nullable", Some(definition.nullable.to_string())),
        ("dozer.key", key.map(|place| (place + 1).to_string())),
        ("comment", definition.description.clone()),
    ];
    Field::new(&definition.name, data_type(definition.typ), nullable).with_metadata(known(metadata))
}

fn metadata(source: &SourceSchema) -> HashMap<String, String> {
    known([
        ("dozer.source", Some(source.name.clone())),
        ("dozer.namespace", source.namespace.clone()),
        ("dozer.table", Some(source.table_name.clone())),
        ("dozer.tracking", Some(source.replication_type.to_string())),
        ("comment", source.description.clone()),
    ])
}

fn known<const N: usize>(entries: [(&str, Option<String>); N]) -> HashMap<String, String> {
    (entries.into_iter())
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// The Arrow type of a field type.
pub(crate) fn data_type(field_type: FieldType) -> DataType {
    match field_type {
        FieldType::UInt => DataType::UInt64,
        FieldType::Int => DataType::Int64,
        FieldType::Int8 => DataType::Int8,
        FieldType::Float => DataType::Float64,
        FieldType::Boolean => DataType::Boolean,
        FieldType::String | FieldType::Text | FieldType::Json | FieldType::Decimal(None) => {
            DataType::Utf8
        }
        FieldType::Binary => DataType::Binary,
        // 2^128 has 39 digits.
        FieldType::U128 | FieldType::I128 => DataType::Decimal256(39, 0),
        FieldType::Decimal(Some(size)) => match arrow_size(size) {
            (precision, scale) if precision <= NARROW => DataType::Decimal128(precision, scale),
            (precision, scale) => DataType::Decimal256(precision, scale),
        },
        FieldType::Timestamp(unit) => DataType::Timestamp(arrow_unit(unit), Some("UTC".into())),
        FieldType::Date => DataType::Date32,
        FieldType::Point => DataType::FixedSizeList(Arc::new(point_item()), 2),
        FieldType::Duration(unit) => DataType::Duration(arrow_unit(unit)),
    }
}

/// The item of a point's list.
pub(crate) fn point_item() -> Field {
    Field::new("xy", DataType::Float64, false)
}

/// Arrow has no scale above the precision.
fn arrow_size(size: DecimalSize) -> (u8, i8) {
    let scale = u8::try_from(size.scale()).unwrap_or_default();
    (size.precision().max(scale), size.scale())
}

fn arrow_unit(unit: TimeUnit) -> arrow_schema::TimeUnit {
    match unit {
        TimeUnit::Second => arrow_schema::TimeUnit::Second,
        TimeUnit::Milli => arrow_schema::TimeUnit::Millisecond,
        TimeUnit::Micro => arrow_schema::TimeUnit::Microsecond,
        TimeUnit::Nano => arrow_schema::TimeUnit::Nanosecond,
    }
}
