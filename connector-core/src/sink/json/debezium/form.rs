//! How the values of a column are written: Debezium's semantic types.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::types::{FieldDefinition, FieldType, TimeUnit};
use crate::value::{Point, Value, json_string as string};

/// What Debezium writes for a value that the source did not send.
const UNAVAILABLE: &str = "__debezium_unavailable_value";

/// The form of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A value as every JSON has it, of this type of Kafka Connect.
    Plain(&'static str),
    /// `io.debezium.data.Json`: the text of a document.
    Json,
    /// `io.debezium.time.Date`: days.
    Date,
    /// `io.debezium.time.Timestamp`, `MicroTimestamp` or `NanoTimestamp`: a number of the unit.
    Timestamp(TimeUnit),
    /// `io.debezium.time.ZonedTimestamp`: text.
    Zoned,
    /// `io.debezium.time.MicroTime` or `NanoTime`: a time of day.
    Time(TimeUnit),
    /// `io.debezium.time.MicroDuration` or `NanoDuration`.
    Duration(TimeUnit),
    /// `io.debezium.data.geometry.Point`.
    Point,
}

impl Form {
    pub(super) fn of(field: &FieldDefinition) -> Self {
        let external = field.external_type.as_deref().unwrap_or_default();
        let external = external.to_ascii_lowercase();
        let finest = |unit| match unit {
            TimeUnit::Nano => TimeUnit::Nano,
            TimeUnit::Second | TimeUnit::Milli | TimeUnit::Micro => TimeUnit::Micro,
        };
        match field.typ {
            FieldType::UInt | FieldType::Int => Self::Plain("int64"),
            FieldType::Int8 => Self::Plain("int8"),
            FieldType::Float => Self::Plain("double"),
            FieldType::Boolean => Self::Plain("boolean"),
            FieldType::U128
            | FieldType::I128
            | FieldType::String
            | FieldType::Text
            | FieldType::Decimal(_) => Self::Plain("string"),
            FieldType::Binary => Self::Plain("bytes"),
            FieldType::Json => Self::Json,
            FieldType::Date => Self::Date,
            FieldType::Timestamp(_)
                if external.contains("with time zone") || external.contains("timestamptz") =>
            {
                Self::Zoned
            }
            FieldType::Timestamp(TimeUnit::Second) => Self::Timestamp(TimeUnit::Milli),
            FieldType::Timestamp(unit) => Self::Timestamp(unit),
            // Durations that are times of day in the external system.
            FieldType::Duration(unit) if external.starts_with("time") => Self::Time(finest(unit)),
            FieldType::Duration(unit) => Self::Duration(finest(unit)),
            FieldType::Point => Self::Point,
        }
    }

    /// The type in Kafka Connect, and the semantic type where there is one.
    pub(super) fn connect(self) -> (&'static str, Option<&'static str>) {
        let micro = |unit, micro, nano| match unit {
            TimeUnit::Nano => nano,
            _ => micro,
        };
        match self {
            Self::Plain(name) => (name, None),
            Self::Json => ("string", Some("io.debezium.data.Json")),
            Self::Date => ("int32", Some("io.debezium.time.Date")),
            Self::Timestamp(TimeUnit::Second | TimeUnit::Milli) => {
                ("int64", Some("io.debezium.time.Timestamp"))
            }
            Self::Timestamp(unit) => {
                let name = micro(
                    unit,
                    "io.debezium.time.MicroTimestamp",
                    "io.debezium.time.NanoTimestamp",
                );
                ("int64", Some(name))
            }
            Self::Zoned => ("string", Some("io.debezium.time.ZonedTimestamp")),
            Self::Time(unit) => {
                let name = micro(
                    unit,
                    "io.debezium.time.MicroTime",
                    "io.debezium.time.NanoTime",
                );
                ("int64", Some(name))
            }
            Self::Duration(unit) => {
                let name = micro(
                    unit,
                    "io.debezium.time.MicroDuration",
                    "io.debezium.time.NanoDuration",
                );
                ("int64", Some(name))
            }
            Self::Point => ("struct", Some("io.debezium.data.geometry.Point")),
        }
    }

    /// The name of the type, for a person.
    pub(super) fn name(self) -> &'static str {
        let (connect, semantic) = self.connect();
        semantic.unwrap_or(connect)
    }

    /// Appends a value. `false`: it has no place in this form.
    pub(super) fn write(self, out: &mut Vec<u8>, value: Value<'_>) -> bool {
        let count = match (self, value) {
            (_, Value::Null) => {
                out.extend_from_slice(b"null");
                return true;
            }
            (_, Value::Unchanged) => return self.placeholder(out),
            (Self::Json, Value::Json(text)) => {
                string(out, text);
                return true;
            }
            (Self::Point, Value::Point(point)) => {
                write_point(out, point);
                return true;
            }
            (Self::Date, Value::Date(date)) => Some(i64::from(date.days())),
            (Self::Timestamp(unit), Value::Timestamp(value)) => value.to_unit(unit),
            (Self::Time(unit) | Self::Duration(unit), Value::Duration(value)) => {
                value.to_unit(unit)
            }
            (_, value) => {
                value.write_json(out);
                return true;
            }
        };
        // Writing to a `Vec` cannot fail.
        count.is_some_and(|count| write!(out, "{count}").is_ok())
    }

    fn placeholder(self, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Plain("string") | Self::Json | Self::Zoned => string(out, UNAVAILABLE),
            Self::Plain("bytes") => string(out, &BASE64.encode(UNAVAILABLE)),
            _ => return false,
        }
        true
    }
}

/// A point as its two numbers and as well-known binary, least significant byte first.
fn write_point(out: &mut Vec<u8>, point: Point) {
    let mut binary = vec![1, 1, 0, 0, 0];
    binary.extend_from_slice(&point.x.to_le_bytes());
    binary.extend_from_slice(&point.y.to_le_bytes());
    out.extend_from_slice(b"{\"x\":");
    Value::Float(point.x).write_json(out);
    out.extend_from_slice(b",\"y\":");
    Value::Float(point.y).write_json(out);
    // Writing to a `Vec` cannot fail.
    let _ = write!(
        out,
        ",\"wkb\":\"{}\",\"srid\":null}}",
        BASE64.encode(binary)
    );
}
