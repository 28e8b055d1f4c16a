//! What a column of the sink is in Postgres, and its values in their binary form.

use connector_core::{Column, ColumnData, FieldDefinition, FieldType, TimeUnit, Value};
use memchr::memchr;

use super::numeric::{write_short, write_text};

/// From 1970-01-01 to 2000-01-01, where Postgres begins to count.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// What Postgres holds, in its own count: from 4714-11-24 BC on, up to the year 5874897 and to 294276.
const FIRST_DAY: i32 = -2_451_545;
const LAST_DAY: i32 = 2_145_031_948;
const FIRST_MICRO: i64 = -211_813_488_000_000_000;
const END_MICRO: i64 = 9_223_371_331_200_000_000;
/// Since this version a numeric's scale may be negative, or greater than its precision.
const ANY_SCALE: u32 = 150_000;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `bigint`; also nanoseconds, since 1970 or as a length.
    Int,
    Int8,
    UInt,
    /// Integers of 128 bits.
    Wide,
    Float,
    Boolean,
    Text,
    Bytes,
    Decimal,
    Timestamp {
        micros: i64,
    },
    Date,
    Point,
    Interval {
        micros: i64,
    },
}

/// One column of a table of the sink.
#[derive(Debug, Clone)]
pub(super) struct SinkColumn {
    pub(super) name: String,
    /// The type, as Postgres prints it.
    pub(super) declared: String,
    /// The type without its parameters, and its number.
    pub(super) base: &'static str,
    pub(super) oid: u32,
    form: Form,
}

/// Why Postgres cannot hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    ZeroCharacter,
    OutOfRange,
    TooManyDigits,
}

impl Refused {
    /// What is wrong with the value.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::ZeroCharacter => {
                "it holds a character of code zero, which no text of Postgres can"
            }
            Self::OutOfRange => "it is out of the type's range",
            Self::TooManyDigits => {
                "Postgres keeps 131072 digits before the point and 16383 behind it"
            }
        }
    }

    /// What to do about it.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::ZeroCharacter => {
                "take the character out at the source, or leave the column out of the source's `columns`"
            }
            Self::OutOfRange | Self::TooManyDigits => {
                "mend the value at the source, or leave the column out of the source's `columns`"
            }
        }
    }
}

impl SinkColumn {
    /// `is_key`: it is to be compared, which Postgres does not do with JSON.
    pub(super) fn new(field: &FieldDefinition, is_key: bool, server_version: u32) -> Self {
        let (base, oid, form) = match field.typ {
            FieldType::Int => ("bigint", 20, Form::Int),
            FieldType::Timestamp(TimeUnit::Nano) | FieldType::Duration(TimeUnit::Nano) => {
                ("bigint", 20, Form::Int)
            }
            FieldType::Int8 => ("smallint", 21, Form::Int8),
            FieldType::UInt => ("numeric", 1700, Form::UInt),
            FieldType::U128 | FieldType::I128 => ("numeric", 1700, Form::Wide),
            FieldType::Decimal(_) => ("numeric", 1700, Form::Decimal),
            FieldType::Float => ("double precision", 701, Form::Float),
            FieldType::Boolean => ("boolean", 16, Form::Boolean),
            FieldType::Json if !is_key => ("json", 114, Form::Text),
            FieldType::String | FieldType::Text | FieldType::Json => ("text", 25, Form::Text),
            FieldType::Binary => ("bytea", 17, Form::Bytes),
            FieldType::Timestamp(unit) => {
                let micros = micros(unit);
                ("timestamp with time zone", 1184, Form::Timestamp { micros })
            }
            FieldType::Date => ("date", 1082, Form::Date),
            FieldType::Point => ("point", 600, Form::Point),
            FieldType::Duration(unit) => {
                let micros = micros(unit);
                ("interval", 1186, Form::Interval { micros })
            }
        };
        let declared = match field.typ {
            FieldType::UInt => "numeric(20,0)".to_owned(),
            FieldType::U128 | FieldType::I128 => "numeric(39,0)".to_owned(),
            FieldType::Decimal(Some(size)) => {
                let (precision, scale) = (size.precision(), size.scale());
                let usual = u8::try_from(scale).is_ok_and(|scale| scale <= precision);
                if usual || server_version >= ANY_SCALE {
                    format!("numeric({precision},{scale})")
                } else {
                    base.to_owned()
                }
            }
            _ => base.to_owned(),
        };
        Self {
            name: field.name.clone(),
            declared,
            base,
            oid,
            form,
        }
    }

    /// Whether an index keeps its values, which are short.
    pub(super) fn is_short(&self) -> bool {
        !matches!(self.form, Form::Text | Form::Bytes | Form::Point)
    }

    /// Whether an index may keep a hash of its values.
    pub(super) fn has_hash(&self) -> bool {
        matches!(self.form, Form::Text | Form::Bytes) && self.base != "json"
    }

    /// Whether it can be a part of a key.
    pub(super) fn can_be_key(&self) -> bool {
        self.form != Form::Point
    }

    /// Appends a value: its length and its bytes. Nothing is appended where it is refused.
    #[inline]
    pub(super) fn write(
        &self,
        column: &Column,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        if column.is_null(row) {
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            return Ok(());
        }
        match (self.form, column.data()) {
            (
                Form::Int,
                ColumnData::Int(values)
                | ColumnData::Timestamp(values)
                | ColumnData::Duration(values),
            ) => {
                fixed(out, at(values, row).to_be_bytes());
            }
            (Form::Int8, ColumnData::Int8(values)) => {
                fixed(out, i16::from(at(values, row)).to_be_bytes());
            }
            (Form::UInt, ColumnData::UInt(values)) => {
                write_short(out, false, at(values, row).into(), 0, String::new);
            }
            (Form::Float, ColumnData::Float(values)) => {
                fixed(out, at(values, row).to_be_bytes());
            }
            (Form::Boolean, ColumnData::Boolean(bits)) => {
                fixed(out, [u8::from(bits.get(row) == Some(true))]);
            }
            (Form::Text, ColumnData::Utf8(texts)) => {
                let text = texts.get(row).unwrap_or_default().as_bytes();
                if memchr(0, text).is_some() {
                    return Err(Refused::ZeroCharacter);
                }
                variable(out, text);
            }
            (Form::Bytes, ColumnData::Binary { offsets, bytes }) => {
                variable(out, slice(offsets, bytes, row));
            }
            (Form::Decimal, ColumnData::Decimal128(values)) => {
                let value = at(values, row);
                let scale = scale_of(column.field_type());
                match u8::try_from(scale) {
                    Ok(scale) => write_short(out, value < 0, value.unsigned_abs(), scale, || {
                        text_of(column.value(row))
                    }),
                    Err(_) => return written(write_text(out, &text_of(column.value(row)))),
                }
            }
            (Form::Decimal, ColumnData::Utf8(texts)) => {
                return written(write_text(out, texts.get(row).unwrap_or_default()));
            }
            (Form::Wide | Form::Decimal, _) => {
                return written(write_text(out, &text_of(column.value(row))));
            }
            (Form::Timestamp { micros }, ColumnData::Timestamp(values)) => {
                let value = (at(values, row).checked_mul(micros))
                    .and_then(|value| value.checked_sub(EPOCH_MICROS))
                    .filter(|value| (FIRST_MICRO..END_MICRO).contains(value));
                fixed(out, value.ok_or(Refused::OutOfRange)?.to_be_bytes());
            }
            (Form::Date, ColumnData::Date(values)) => {
                let value = (at(values, row).checked_sub(EPOCH_DAYS))
                    .filter(|value| (FIRST_DAY..=LAST_DAY).contains(value));
                fixed(out, value.ok_or(Refused::OutOfRange)?.to_be_bytes());
            }
            (Form::Point, ColumnData::Point(values)) => {
                out.extend_from_slice(&16_u32.to_be_bytes());
                out.extend_from_slice(&at(values, row * 2).to_be_bytes());
                out.extend_from_slice(&at(values, row * 2 + 1).to_be_bytes());
            }
            (Form::Interval { micros }, ColumnData::Duration(values)) => {
                let value = at(values, row).checked_mul(micros);
                let value = value.ok_or(Refused::OutOfRange)?;
                out.extend_from_slice(&16_u32.to_be_bytes());
                out.extend_from_slice(&value.to_be_bytes());
                // No days, no months.
                out.extend_from_slice(&[0; 8]);
            }
            // A column's data are those of its type.
            _ => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
        Ok(())
    }

    /// Appends a value so that two that Postgres finds equal have the same bytes.
    pub(super) fn write_key(
        &self,
        column: &Column,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let start = out.len();
        if let (Form::Float, ColumnData::Float(values), false) =
            (self.form, column.data(), column.is_null(row))
        {
            let value = at(values, row);
            let value = if value.is_nan() {
                f64::NAN
            } else {
                value + 0.0
            };
            fixed(out, value.to_be_bytes());
            return Ok(());
        }
        self.write(column, row, out)?;
        if self.base == "numeric"
            && let Some(scale) = out.get_mut(start + 10..start + 12)
        {
            scale.fill(0);
        }
        Ok(())
    }
}

fn micros(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000,
        TimeUnit::Milli => 1_000,
        TimeUnit::Micro | TimeUnit::Nano => 1,
    }
}

fn scale_of(typ: FieldType) -> i8 {
    match typ {
        FieldType::Decimal(Some(size)) => size.scale(),
        _ => 0,
    }
}

fn text_of(value: Value<'_>) -> String {
    match value {
        Value::Decimal(value) => value.to_string(),
        Value::DecimalText(text) => text.to_owned(),
        Value::I128(value) => value.to_string(),
        Value::U128(value) => value.to_string(),
        _ => String::new(),
    }
}

fn written(written: bool) -> Result<(), Refused> {
    written.then_some(()).ok_or(Refused::TooManyDigits)
}

/// The value of a row, which is there.
#[inline]
fn at<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

#[inline]
fn slice<'b>(offsets: &[i32], bytes: &'b [u8], row: usize) -> &'b [u8] {
    let place = |row: usize| {
        offsets
            .get(row)
            .and_then(|offset| usize::try_from(*offset).ok())
    };
    match (place(row), place(row + 1)) {
        (Some(start), Some(end)) => bytes.get(start..end).unwrap_or_default(),
        _ => &[],
    }
}

#[inline]
fn fixed<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    let length = u32::try_from(N).unwrap_or_default();
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes);
}

#[inline]
fn variable(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}
