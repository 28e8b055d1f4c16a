//! Table batches as record batches.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow_schema::{ArrowError, SchemaRef};
use connector_core::{Bitmap, Column, SourceSchema, TableBatch};

use crate::{ChangeColumn, arrays, changes, schema};

/// Turns the batches of one source into record batches of one schema.
///
/// When the source's schema changes, make a new one.
#[derive(Debug, Clone)]
pub struct BatchConverter {
    source: Arc<SourceSchema>,
    schema: SchemaRef,
    changes: Vec<ChangeColumn>,
    /// The names of the source's columns, for `_unchanged`.
    names: ArrayRef,
}

impl BatchConverter {
    /// A converter that adds every column of the change.
    ///
    /// # Errors
    /// When a column of the source has the name of a column of the change.
    pub fn new(source: Arc<SourceSchema>) -> Result<Self, ArrowError> {
        Self::with_changes(source, &ChangeColumn::ALL)
    }

    /// A converter that adds these columns of the change, in this order, after the source's own.
    ///
    /// Without [`ChangeColumn::Unchanged`] a value that was not sent is a null like any other.
    ///
    /// # Errors
    /// When a name occurs twice.
    pub fn with_changes(
        source: Arc<SourceSchema>,
        changes: &[ChangeColumn],
    ) -> Result<Self, ArrowError> {
        Ok(Self {
            schema: schema::with_changes(&source, changes)?,
            changes: (changes.iter().copied())
                .filter(|change| change.is_in(&source))
                .collect(),
            names: changes::column_names(&source),
            source,
        })
    }

    /// The schema of every record batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The rows of a batch, in the memory in which they are.
    ///
    /// # Errors
    /// When the batch has another schema than the converter, its columns are not those of its schema, a field that is
    /// not nullable holds a null, or a value was not sent in a table without updates and deletes.
    pub fn convert(&self, batch: TableBatch) -> Result<RecordBatch, ArrowError> {
        if !Arc::ptr_eq(&batch.schema, &self.source) && batch.schema != self.source {
            return Err(invalid(format!(
                "the batch has another schema than the converter of source `{}`\nhelp: make a converter of the batch's \
                 schema",
                self.source.name,
            )));
        }
        let rows = batch.len();
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        let mut unsent = Vec::new();
        for (place, column) in batch.columns.into_iter().enumerate() {
            let (array, bits) = self.column(place, column)?;
            arrays.push(array);
            unsent.extend(i32::try_from(place).ok().zip(bits));
        }
        let (mut ops, mut lsn, mut seq) = (Some(batch.ops), Some(batch.lsn), Some(batch.seq));
        for change in &self.changes {
            arrays.push(match change {
                ChangeColumn::Op => changes::ops(ops.take().unwrap_or_default())?,
                ChangeColumn::Lsn => positions(lsn.take().unwrap_or_default()),
                ChangeColumn::Seq => positions(seq.take().unwrap_or_default()),
                ChangeColumn::Unchanged => changes::unchanged(rows, &self.names, &unsent)?,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema(), arrays, &options)
    }

    /// One column as an array, and which of its rows were not sent.
    fn column(
        &self,
        place: usize,
        column: Column,
    ) -> Result<(ArrayRef, Option<Bitmap>), ArrowError> {
        let mut parts = column.into_parts();
        let unchanged = parts.unchanged.take();
        if unchanged.is_some() && !schema::may_be_unsent(&self.source) {
            let field = self.source.schema.fields.get(place);
            return Err(invalid(format!(
                "column `{}` of source `{}` has a value that was not sent, in a table without updates and deletes\n\
                 help: declare what the source tells of old rows, or let it send every value",
                field.map_or("?", |field| &field.name),
                self.source.name,
            )));
        }
        Ok((arrays::array(parts)?, unchanged))
    }
}

/// The rows of one batch, with every column of the change.
///
/// For many batches make a [`BatchConverter`], which makes the schema once.
///
/// # Errors
/// As [`BatchConverter::new`] and [`BatchConverter::convert`].
pub fn record_batch(batch: TableBatch) -> Result<RecordBatch, ArrowError> {
    BatchConverter::new(Arc::clone(&batch.schema))?.convert(batch)
}

fn positions(values: Vec<u64>) -> ArrayRef {
    Arc::new(UInt64Array::new(values.into(), None))
}

fn invalid(reason: String) -> ArrowError {
    ArrowError::InvalidArgumentError(reason)
}
