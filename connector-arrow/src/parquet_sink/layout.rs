//! Where the rows of a source go: one directory, or one for each value of the columns that it is divided by.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;
use connector_core::{Error, ErrorKind, FieldType, Result, SourceSchema, TableBatch, Value};

use crate::files::{Format, NULL, RowsFormat, value_name};

/// The layout of one source's files.
#[derive(Debug)]
pub(super) struct Layout {
    rows: RowsFormat,
    /// The columns that the files are divided by: name and place.
    divided_by: Vec<(String, usize)>,
    /// The columns of a file, by their places among all.
    kept: Vec<usize>,
    schema: SchemaRef,
}

/// Rows for one directory.
#[derive(Debug)]
pub(super) struct Part {
    /// Within the source's directory; empty where it is not divided.
    pub(super) directory: String,
    pub(super) rows: RecordBatch,
}

impl Layout {
    pub(super) fn new(source: &Arc<SourceSchema>, partition_by: &[String]) -> Result<Self> {
        let rows = RowsFormat::new(Format::Parquet, source)?;
        let mut divided_by = Vec::new();
        for name in partition_by {
            let fields = &source.schema.fields;
            let Some(place) = fields.iter().position(|field| field.name == *name) else {
                continue;
            };
            if let Some(field) = fields
                .get(place)
                .filter(|field| !names_directories(field.typ))
            {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("column `{name}` of source `{}` is of type {}: no directory can be named by its values", source.name, field.typ),
                )
                .with_key("partition_by")
                .with_help("divide by columns of whole numbers, booleans, dates or short texts"));
            }
            divided_by.push((value_name(name), place));
        }
        let left_out = |place: &usize| divided_by.iter().any(|(_, divides)| divides == place);
        let all = 0..rows.schema().fields().len();
        let kept: Vec<usize> = all.filter(|place| !left_out(place)).collect();
        let schema = rows.schema().project(&kept).map_err(Error::sink)?;
        Ok(Self {
            rows,
            divided_by,
            kept,
            schema: Arc::new(schema),
        })
    }

    pub(super) fn schema_of_source(&self) -> &Arc<SourceSchema> {
        self.rows.schema_of_source()
    }

    pub(super) fn source(&self) -> &str {
        &self.rows.source().name
    }

    /// The columns of a file.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn fingerprint(&self) -> &str {
        self.rows.fingerprint()
    }

    /// The rows of a batch, by directory.
    pub(super) fn parts(&self, batch: &TableBatch) -> Result<Vec<Part>> {
        let rows = self.rows.rows(batch)?;
        if self.divided_by.is_empty() {
            return Ok(vec![Part {
                directory: String::new(),
                rows,
            }]);
        }
        let rows = rows.project(&self.kept).map_err(Error::sink)?;
        let mut groups = self.groups(batch);
        if let [(directory, _)] = groups.as_mut_slice() {
            let directory = std::mem::take(directory);
            return Ok(vec![Part { directory, rows }]);
        }
        let part = |(directory, places): (String, Vec<u32>)| {
            let rows = take_record_batch(&rows, &UInt32Array::from(places)).map_err(Error::sink)?;
            Ok(Part { directory, rows })
        };
        groups.into_iter().map(part).collect()
    }

    /// The row of a truncate. It has no values, so that it is where nulls are.
    pub(super) fn truncate(&self, position: (u64, u64)) -> Result<Part> {
        let rows = self.rows.truncate(position.0, position.1)?;
        Ok(Part {
            directory: self.directory(|_| Value::Null),
            rows: rows.project(&self.kept).map_err(Error::sink)?,
        })
    }

    /// The directories of a batch's rows, each with its rows' places, in the order of the rows.
    fn groups(&self, batch: &TableBatch) -> Vec<(String, Vec<u32>)> {
        let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let value = |column: usize, row: usize| {
            let column = batch.columns.get(column);
            column.map_or(Value::Null, |column| column.value(row))
        };
        let mut before: Option<(usize, usize)> = None;
        for (row, place) in (0..batch.len()).zip(0_u32..) {
            // Neighbours often go the same way.
            let same = before.filter(|(earlier, _)| {
                let mut columns = self.divided_by.iter();
                columns.all(|&(_, column)| value(column, row) == value(column, *earlier))
            });
            let group = if let Some((_, group)) = same {
                group
            } else {
                let directory = self.directory(|column| value(column, row));
                *known.entry(directory).or_insert_with_key(|directory| {
                    groups.push((directory.clone(), Vec::new()));
                    groups.len() - 1
                })
            };
            before = Some((row, group));
            if let Some((_, places)) = groups.get_mut(group) {
                places.push(place);
            }
        }
        groups
    }

    fn directory<'v>(&self, value: impl Fn(usize) -> Value<'v>) -> String {
        let part = |(name, column): &(String, usize)| format!("{name}={}", text(value(*column)));
        self.divided_by
            .iter()
            .map(part)
            .collect::<Vec<_>>()
            .join("/")
    }
}

/// Whether every value of the type has a text that readers take for the same value.
fn names_directories(field_type: FieldType) -> bool {
    matches!(
        field_type,
        FieldType::UInt
            | FieldType::Int
            | FieldType::Int8
            | FieldType::Boolean
            | FieldType::String
            | FieldType::Text
            | FieldType::Date
    )
}

/// A value in a path. A text that is what stands for a null is told apart from it.
fn text(value: Value<'_>) -> String {
    match value {
        Value::Text(NULL) => NULL.replacen('_', "%5F", 1),
        Value::Text(text) => value_name(text),
        Value::Bool(bit) => bit.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Date(date) => value_name(&date.to_string()),
        // What the source did not send is null in the files, too.
        _ => NULL.to_owned(),
    }
}
