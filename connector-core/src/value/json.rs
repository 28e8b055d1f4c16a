//! Values as JSON.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Field, Value};
use crate::types::FieldType;

impl Value<'_> {
    /// Appends the value as JSON, on one line. Integers of 64 bits are numbers with all their digits; wider ones and
    /// decimals are strings, as are floats that JSON has no number for; binary is base64; times are RFC 3339 and ISO 8601.
    pub fn write_json(self, out: &mut Vec<u8>) {
        let _ = match self {
            Self::Null | Self::Unchanged => out.write_all(b"null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Int(value) => write!(out, "{value}"),
            Self::UInt(value) => write!(out, "{value}"),
            Self::I128(value) => write!(out, "\"{value}\""),
            Self::U128(value) => write!(out, "\"{value}\""),
            Self::Float(value) if value.is_finite() => {
                serde_json::to_writer(&mut *out, &value).map_err(Into::into)
            }
            Self::Float(value) if value.is_nan() => out.write_all(b"\"NaN\""),
            Self::Float(value) if value > 0.0 => out.write_all(b"\"Infinity\""),
            Self::Float(_) => out.write_all(b"\"-Infinity\""),
            Self::Text(text) => {
                string(out, text);
                Ok(())
            }
            Self::Bytes(bytes) => {
                out.push(b'"');
                let start = out.len();
                out.resize(start + bytes.len().div_ceil(3) * 4, 0);
                let space = out.get_mut(start..).unwrap_or_default();
                let written = BASE64.encode_slice(bytes, space).unwrap_or(0);
                out.truncate(start + written);
                out.push(b'"');
                Ok(())
            }
            Self::Decimal(value) => write!(out, "\"{value}\""),
            Self::DecimalText(text) => write!(out, "\"{text}\""),
            Self::Timestamp(value) => write!(out, "\"{value}\""),
            Self::Date(value) => write!(out, "\"{value}\""),
            Self::Time(value) => write!(out, "\"{value}\""),
            Self::Duration(value) => write!(out, "\"{value}\""),
            Self::Json(text) if text.contains(['\n', '\r']) => {
                one_line(out, text);
                Ok(())
            }
            Self::Json(text) => out.write_all(text.as_bytes()),
            Self::Uuid(_) | Self::Point(_) => other(out, self),
        };
    }
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

pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    // Writing to a `Vec` cannot fail, and a `str` is always a JSON string.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Point;

    fn json(value: Value<'_>) -> String {
        let mut out = Vec::new();
        value.write_json(&mut out);
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
