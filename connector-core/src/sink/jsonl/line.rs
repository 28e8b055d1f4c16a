//! One line of JSON for each change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::io::Write as _;

use crate::columns::{Column, RowOp, TableBatch};
use crate::types::{FieldType, SourceSchema};
use crate::value::{Field, Value};

/// What a line of a source begins with, made once per source.
#[derive(Debug, Clone)]
pub(super) struct LineFormat {
    table: Vec<u8>,
    /// `"name":` for each field.
    names: Vec<Vec<u8>>,
}

impl LineFormat {
    pub(super) fn new(schema: &SourceSchema) -> Self {
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
    pub(super) fn batch(&self, out: &mut Vec<u8>, batch: &TableBatch, snapshot: bool) {
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
    pub(super) fn truncate(&self, out: &mut Vec<u8>, lsn: u64, seq: u64) {
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
            value_as_json(out, value);
        }
        out.push(b'}');
    }
}

/// A value as JSON. Integers of 64 bits are numbers with all their digits; wider ones and decimals are strings, as
/// are floats that JSON has no number for; binary is base64; times are RFC 3339 and ISO 8601.
pub(crate) fn value_as_json(out: &mut Vec<u8>, value: Value<'_>) {
    let _ = match value {
        Value::Null | Value::Unchanged => out.write_all(b"null"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::UInt(value) => write!(out, "{value}"),
        Value::I128(value) => write!(out, "\"{value}\""),
        Value::U128(value) => write!(out, "\"{value}\""),
        Value::Float(value) if value.is_finite() => {
            serde_json::to_writer(&mut *out, &value).map_err(Into::into)
        }
        Value::Float(value) if value.is_nan() => out.write_all(b"\"NaN\""),
        Value::Float(value) if value > 0.0 => out.write_all(b"\"Infinity\""),
        Value::Float(_) => out.write_all(b"\"-Infinity\""),
        Value::Text(text) => {
            string(out, text);
            Ok(())
        }
        Value::Bytes(bytes) => {
            out.push(b'"');
            let start = out.len();
            out.resize(start + bytes.len().div_ceil(3) * 4, 0);
            let space = out.get_mut(start..).unwrap_or_default();
            let written = BASE64.encode_slice(bytes, space).unwrap_or(0);
            out.truncate(start + written);
            out.push(b'"');
            Ok(())
        }
        Value::Decimal(value) => write!(out, "\"{value}\""),
        Value::DecimalText(text) => write!(out, "\"{text}\""),
        Value::Timestamp(value) => write!(out, "\"{value}\""),
        Value::Date(value) => write!(out, "\"{value}\""),
        Value::Time(value) => write!(out, "\"{value}\""),
        Value::Duration(value) => write!(out, "\"{value}\""),
        Value::Json(text) if text.contains(['\n', '\r']) => {
            one_line(out, text);
            Ok(())
        }
        Value::Json(text) => out.write_all(text.as_bytes()),
        Value::Uuid(_) | Value::Point(_) => other(out, value),
    };
}

/// JSON over several lines, on one: outside strings a line break is only layout, and inside there is none.
fn one_line(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().map(|byte| {
        if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            byte
        }
    }));
}

fn other(out: &mut Vec<u8>, value: Value<'_>) -> std::io::Result<()> {
    if let Ok(Field::Json(text)) = Field::cast(FieldType::Json, value) {
        return out.write_all(text.as_bytes());
    }
    string(out, &value.preview());
    Ok(())
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Writing to a `Vec` cannot fail, and a `str` is always a JSON string.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Point;

    fn json(value: Value<'_>) -> String {
        let mut out = Vec::new();
        value_as_json(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn integers_and_decimals_keep_every_digit() {
        assert_eq!(json(Value::Int(i64::MIN)), "-9223372036854775808");
        assert_eq!(json(Value::UInt(u64::MAX)), "18446744073709551615");
        assert_eq!(
            json(Value::U128(u128::MAX)),
            "\"340282366920938463463374607431768211455\""
        );
        assert_eq!(json(Value::Decimal("1.20".parse().unwrap())), "\"1.20\"");
    }

    #[test]
    fn floats_read_back_as_they_were() {
        assert_eq!(json(Value::Float(10.0)), "10.0");
        assert_eq!(json(Value::Float(0.1)), "0.1");
        assert_eq!(json(Value::Float(f64::NAN)), "\"NaN\"");
        assert_eq!(json(Value::Float(f64::NEG_INFINITY)), "\"-Infinity\"");
    }

    #[test]
    fn binary_is_base64_and_text_is_escaped() {
        assert_eq!(json(Value::Bytes(b"\x00\xff\x10")), "\"AP8Q\"");
        assert_eq!(json(Value::Bytes(b"")), "\"\"");
        assert_eq!(json(Value::Text("a\"\0\n")), "\"a\\\"\\u0000\\n\"");
    }

    #[test]
    fn json_stays_on_one_line() {
        assert_eq!(json(Value::Json("{\"a\":\n1}")), "{\"a\": 1}");
    }

    #[test]
    fn a_point_is_a_pair() {
        assert_eq!(json(Value::Point(Point { x: 1.5, y: -2.0 })), "[1.5,-2]");
    }
}
