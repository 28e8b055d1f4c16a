//! Batches as the rows of a file: the source's columns, then those of the change.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, RecordBatch, StringArray, UInt64Array, new_null_array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use connector_core::{Error, ErrorKind, Fingerprint, Result, RowOp, SourceSchema, TableBatch};

#[cfg(feature = "parquet")]
use super::exact::Instead;
use crate::{ChangeColumn, arrays, schema};

/// `_op` of the row that stands for the emptying of the table.
const TRUNCATE: &str = "T";

/// What the rows are for: Parquet lacks some types of Arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    #[cfg(feature = "ipc")]
    Ipc,
    #[cfg(feature = "parquet")]
    Parquet,
}

/// Turns the batches of one source into the rows of its files.
///
/// Every column of the source may be null, as the row of a truncate has no values. Nothing is a dictionary, so that files can
/// be read and streams continued without what came before.
#[derive(Debug)]
pub(crate) struct RowsFormat {
    format: Format,
    source: Arc<SourceSchema>,
    schema: SchemaRef,
    fingerprint: String,
}

impl RowsFormat {
    pub(crate) fn new(format: Format, source: &Arc<SourceSchema>) -> Result<Self> {
        let own = schema::with_changes(source, &[]).map_err(Error::sink)?;
        let mut fields = Vec::with_capacity(own.fields().len() + 4);
        for (field, definition) in own.fields().iter().zip(&source.schema.fields) {
            let mut field = field.as_ref().clone().with_nullable(true);
            if let Some(data_type) = format.instead(definition.typ) {
                field = field.with_data_type(data_type);
            }
            fields.push(field);
        }
        for column in ChangeColumn::ALL
            .into_iter()
            .filter(|column| column.is_in(source))
        {
            if fields.iter().any(|field| field.name() == column.name()) {
                let (name, column) = (&source.name, column.name());
                return Err(Error::new(
                    ErrorKind::Sink,
                    format!("source `{name}` has a column `{column}`, which is what the sink calls a column of its own"),
                )
                .with_help("leave the column out: list the others in the source's `columns`"));
            }
            fields.push(Field::new(
                column.name(),
                plain(column),
                column == ChangeColumn::Unchanged,
            ));
        }
        let schema = Schema::new_with_metadata(fields, own.metadata().clone());
        let hash = schema
            .fields()
            .iter()
            .fold(Fingerprint::new(), |hash, field| {
                hash.text(field.name()).text(&field.data_type().to_string())
            });
        Ok(Self {
            format,
            source: Arc::clone(source),
            schema: Arc::new(schema),
            fingerprint: format!("{:016x}", hash.finish()),
        })
    }

    pub(crate) fn schema_of_source(&self) -> &Arc<SourceSchema> {
        &self.source
    }

    pub(crate) fn source(&self) -> &SourceSchema {
        &self.source
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A hash of the columns' names and types.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The rows of a batch. Its columns are copied: the batch may be for other sinks as well.
    pub(crate) fn rows(&self, batch: &TableBatch) -> Result<RecordBatch> {
        if !Arc::ptr_eq(&batch.schema, &self.source) && batch.schema != self.source {
            let message = format!(
                "source `{}`: the batch has another schema than the sink was opened for",
                self.source.name
            );
            return Err(Error::protocol(message));
        }
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (column, definition) in batch.columns.iter().zip(&self.source.schema.fields) {
            let array = self.format.array(column).map_err(|error| {
                Error::new(ErrorKind::Sink, error.to_string())
                    .with_context(format!("column `{}`", definition.name))
                    .with_context(format!("source `{}`", self.source.name))
            })?;
            arrays.push(array);
        }
        arrays.push(symbols(&batch.ops));
        arrays.push(positions(&batch.lsn));
        arrays.push(positions(&batch.seq));
        if ChangeColumn::Unchanged.is_in(&self.source) {
            arrays.push(self.unchanged(batch)?);
        }
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::sink)
    }

    /// The row that says that the table was emptied at this position.
    pub(crate) fn truncate(&self, lsn: u64, seq: u64) -> Result<RecordBatch> {
        let own = self.source.schema.fields.len();
        let mut arrays: Vec<ArrayRef> = (self.schema.fields().iter().take(own))
            .map(|field| new_null_array(field.data_type(), 1))
            .collect();
        arrays.push(Arc::new(StringArray::from(vec![TRUNCATE])));
        arrays.push(positions(&[lsn]));
        arrays.push(positions(&[seq]));
        if ChangeColumn::Unchanged.is_in(&self.source) {
            arrays.push(new_null_array(&plain(ChangeColumn::Unchanged), 1));
        }
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::sink)
    }

    /// The names of the columns that were not sent, by row.
    fn unchanged(&self, batch: &TableBatch) -> Result<ArrayRef> {
        let item = Arc::new(unchanged_item());
        let rows = batch.len();
        let columns: Vec<_> = (batch.columns.iter().zip(&self.source.schema.fields))
            .filter(|(column, _)| column.null_count() > 0)
            .collect();
        let mut lengths = Vec::with_capacity(rows);
        let mut names = Vec::new();
        for row in 0..rows {
            let before = names.len();
            let unsent = columns
                .iter()
                .filter(|(column, _)| column.is_unchanged(row));
            names.extend(unsent.map(|(_, field)| field.name.as_str()));
            lengths.push(names.len() - before);
        }
        if names.is_empty() {
            return Ok(Arc::new(ListArray::new_null(item, rows)));
        }
        let nulls: NullBuffer = lengths.iter().map(|length| *length > 0).collect();
        let names = Arc::new(StringArray::from_iter_values(names));
        let offsets = OffsetBuffer::from_lengths(lengths);
        let list = ListArray::try_new(item, offsets, names, Some(nulls)).map_err(Error::sink)?;
        Ok(Arc::new(list))
    }
}

impl Format {
    /// The type that takes the place of one that the format lacks.
    fn instead(self, field_type: connector_core::FieldType) -> Option<DataType> {
        #[cfg(feature = "parquet")]
        if self == Self::Parquet {
            return Instead::of(field_type).map(Instead::data_type);
        }
        let _ = field_type;
        None
    }

    fn array(self, column: &connector_core::Column) -> Result<ArrayRef, arrow_schema::ArrowError> {
        #[cfg(feature = "parquet")]
        if self == Self::Parquet
            && let Some(instead) = Instead::of(column.field_type())
        {
            return instead.array(column);
        }
        arrays::array(column.clone().into_parts())
    }
}

/// The type of a column of the change, without dictionaries.
fn plain(column: ChangeColumn) -> DataType {
    match column {
        ChangeColumn::Op => DataType::Utf8,
        ChangeColumn::Lsn | ChangeColumn::Seq => DataType::UInt64,
        ChangeColumn::Unchanged => DataType::List(Arc::new(unchanged_item())),
    }
}

fn unchanged_item() -> Field {
    Field::new("item", DataType::Utf8, false)
}

fn positions(values: &[u64]) -> ArrayRef {
    Arc::new(UInt64Array::from(values.to_vec()))
}

fn symbols(ops: &[RowOp]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(
        ops.iter().map(|op| op.symbol()),
    ))
}
