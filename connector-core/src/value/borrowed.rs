//! One value, borrowed.

use std::fmt::Write;

use super::float_text::FloatText;
use super::{Date, Decimal, Duration, Point, Time, Timestamp};

/// One value as a driver hands it over, or as it is read out of a column.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Value<'a> {
    /// No value.
    #[default]
    Null,
    /// The source did not send the value, because it did not change.
    Unchanged,
    /// True or false.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A signed integer of 128 bits.
    I128(i128),
    /// An unsigned integer of 128 bits.
    U128(u128),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An exact decimal number.
    Decimal(Decimal),
    /// The text of a decimal number of more digits than [`Decimal`] holds; only columns of `Decimal` without a size hold it.
    DecimalText(&'a str),
    /// An instant.
    Timestamp(Timestamp),
    /// A calendar day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A length of time.
    Duration(Duration),
    /// A JSON document, as text that the driver vouches for.
    Json(&'a str),
    /// A UUID, its first byte first.
    Uuid([u8; 16]),
    /// A point in the plane.
    Point(Point),
}

/// How many characters of a text or bytes of a value a preview shows.
const PREVIEW_CHARS: usize = 32;
const PREVIEW_BYTES: usize = 16;

impl Value<'_> {
    /// What sort of value it is, with its article, for a sentence.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "a null",
            Self::Unchanged => "an unchanged value",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::I128(_) | Self::UInt(_) | Self::U128(_) => "an integer",
            Self::Float(_) => "a floating-point number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Decimal(_) | Self::DecimalText(_) => "a decimal",
            Self::Timestamp(_) => "a timestamp",
            Self::Date(_) => "a date",
            Self::Time(_) => "a time",
            Self::Duration(_) => "a duration",
            Self::Json(_) => "JSON",
            Self::Uuid(_) => "a UUID",
            Self::Point(_) => "a point",
        }
    }

    /// Whether it is null; an unchanged value is not.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value for an error message, cut at about 40 characters: text is quoted and escaped, bytes are in
    /// hexadecimal.
    pub fn preview(&self) -> String {
        match *self {
            Self::Null => "null".to_owned(),
            Self::Unchanged => "unchanged".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::UInt(value) => value.to_string(),
            Self::I128(value) => value.to_string(),
            Self::U128(value) => value.to_string(),
            Self::Float(value) => FloatText(value).to_string(),
            Self::Text(text) | Self::Json(text) => preview_text(text),
            Self::Bytes(bytes) => preview_bytes(bytes),
            Self::Decimal(value) => shorten(&value.to_string()),
            Self::DecimalText(text) => shorten(text),
            Self::Timestamp(value) => value.to_string(),
            Self::Date(value) => value.to_string(),
            Self::Time(value) => value.to_string(),
            Self::Duration(value) => value.to_string(),
            Self::Uuid(bytes) => super::UuidText(bytes).to_string(),
            Self::Point(point) => shorten(&point.to_string()),
        }
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn preview_text(text: &str) -> String {
    let mut preview = String::from('"');
    let mut room = PREVIEW_CHARS;
    for character in text.chars() {
        let escaped = character.escape_debug();
        let Some(left) = room.checked_sub(escaped.len()) else {
            preview.push('…');
            break;
        };
        room = left;
        // Only what could be misread is escaped: a single quote cannot.
        if character == '\'' {
            preview.push(character);
        } else {
            preview.extend(escaped);
        }
    }
    preview.push('"');
    preview
}

fn preview_bytes(bytes: &[u8]) -> String {
    let mut preview = String::from("0x");
    for byte in bytes.iter().take(PREVIEW_BYTES) {
        // Writing to a `String` cannot fail.
        let _ = write!(preview, "{byte:02x}");
    }
    if bytes.len() > PREVIEW_BYTES {
        preview.push('…');
    }
    preview
}

macro_rules! from_types {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from_types! {
    bool => Bool, i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => UInt, u16 => UInt, u32 => UInt, u64 => UInt,
    i128 => I128, u128 => U128, f32 => Float, f64 => Float, Decimal => Decimal, Timestamp => Timestamp,
    Date => Date, Time => Time, Duration => Duration, Point => Point,
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    /// `None` is null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
