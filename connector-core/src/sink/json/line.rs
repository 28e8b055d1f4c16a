//! One line of JSON for each change.

use std::io::Write as _;

use crate::columns::{Column, RowOp, TableBatch};
use crate::types::SourceSchema;
use crate::value::{Value, json_string as string};

/// What a line of a source begins with, made once per source.
#[derive(Debug, Clone)]
pub(in crate::sink) struct LineFormat {
    table: Vec<u8>,
    /// `"name":` for each field.
    names: Vec<Vec<u8>>,
}

impl LineFormat {
    pub(in crate::sink) fn new(schema: &SourceSchema) -> Self {
        let quoted = |text: &str| {
            let mut out = Vec::new();
            string(&mut out, text);
            out
        };
        let name = |name: &str| {
            let mut out = quoted(name);
            out.push(b':');
            out
        };
        let fields = schema.schema.fields.iter();
        Self {
            table: quoted(&schema.table_name),
            names: fields.map(|field| name(&field.name)).collect(),
        }
    }

    /// Writes the lines of a batch. `snapshot` makes the op of an insert `r` for read.
    pub(in crate::sink) fn batch(&self, out: &mut Vec<u8>, batch: &TableBatch, snapshot: bool) {
        let mut before = None;
        for (row, op) in batch.ops.iter().enumerate() {
            let (op, old, new) = match op {
                RowOp::Insert => (if snapshot { "r" } else { "c" }, None, Some(row)),
                RowOp::Delete => ("d", Some(row), None),
                RowOp::UpdateBefore => {
                    before = Some(row);
                    continue;
                }
                RowOp::UpdateAfter => ("u", before.take(), Some(row)),
            };
            let (lsn, seq) = batch.position(row).unwrap_or_default();
            self.head(out, op, lsn, seq);
            self.image(out, &batch.columns, old);
            out.extend_from_slice(b",\"after\":");
            self.image(out, &batch.columns, new);
            out.extend_from_slice(b"}\n");
        }
    }

    /// Writes the line of a truncate.
    pub(in crate::sink) fn truncate(&self, out: &mut Vec<u8>, lsn: u64, seq: u64) {
        self.head(out, "t", lsn, seq);
        out.extend_from_slice(b"null,\"after\":null}\n");
    }

    fn head(&self, out: &mut Vec<u8>, op: &str, lsn: u64, seq: u64) {
        out.extend_from_slice(b"{\"op\":\"");
        out.extend_from_slice(op.as_bytes());
        out.extend_from_slice(b"\",\"table\":");
        out.extend_from_slice(&self.table);
        // Writing to a `Vec` cannot fail.
        let _ = write!(out, ",\"lsn\":{lsn},\"seq\":{seq},\"before\":");
    }

    /// The columns of one image; what the source did not send is left out.
    fn image(&self, out: &mut Vec<u8>, columns: &[Column], row: Option<usize>) {
        let Some(row) = row else {
            out.extend_from_slice(b"null");
            return;
        };
        out.push(b'{');
        let mut first = true;
        for (name, column) in self.names.iter().zip(columns) {
            let value = column.value(row);
            if value == Value::Unchanged {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(name);
            value.write_json(out);
        }
        out.push(b'}');
    }
}
