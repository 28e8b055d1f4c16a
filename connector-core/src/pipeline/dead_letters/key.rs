//! The keys of rows and of letters, as bytes that are equal where the keys are.

use super::letter::{Kept, Letter};
use crate::columns::{Column, TableBatch};
use crate::types::SourceSchema;
use crate::value::Value;

/// The key of a row.
pub(super) fn of_row(batch: &TableBatch, row: usize) -> Vec<u8> {
    let mut key = Vec::new();
    for &place in &batch.schema.schema.primary_index {
        if let Some(column) = batch.columns.get(place) {
            column.value(row).write_json(&mut key);
            key.push(b',');
        }
    }
    key
}

/// The key of a letter: as that of a row where its values fit the key's columns.
pub(super) fn of_letter(letter: &Letter, schema: &SourceSchema) -> Vec<u8> {
    cast(letter, schema).unwrap_or_else(|| letter.raw_key(schema))
}

fn cast(letter: &Letter, schema: &SourceSchema) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    for &place in &schema.schema.primary_index {
        let field = schema.schema.fields.get(place)?;
        let mut column = Column::new(field.typ);
        match letter.value(&field.name)? {
            Kept::Null => return None,
            Kept::Text(text) => column.push(Value::Text(&text)).ok()?,
            Kept::Bytes(bytes) => column.push(Value::Bytes(&bytes)).ok()?,
        }
        column.value(0).write_json(&mut key);
        key.push(b',');
    }
    Some(key)
}
