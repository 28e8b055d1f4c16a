//! The sixteen field types, with their parameters inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The type of a column.
///
/// As text: the name, then the parameters where there are any: `UInt`, `Decimal`, `Decimal(10, 2)`,
/// `Timestamp(us)`, `Duration(ns)`. `Timestamp` and `Duration` alone mean microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// An unsigned integer of 64 bits.
    UInt,
    /// An unsigned integer of 128 bits.
    U128,
    /// A signed integer of 64 bits.
    Int,
    /// A signed integer of 8 bits.
    Int8,
    /// A signed integer of 128 bits.
    I128,
    /// A floating-point number of 64 bits.
    Float,
    /// True or false.
    Boolean,
    /// UTF-8 text, usually short.
    String,
    /// UTF-8 text of any length.
    Text,
    /// Bytes.
    Binary,
    /// An exact decimal number; without a size it has as many digits as each value needs.
    Decimal(Option<DecimalSize>),
    /// An instant, counted in the unit from 1970-01-01T00:00:00Z in 64 bits.
    Timestamp(TimeUnit),
    /// A calendar day.
    Date,
    /// A JSON document, as its text.
    Json,
    /// A point in the plane: two floating-point numbers.
    Point,
    /// A signed length of time, counted in the unit in 64 bits.
    Duration(TimeUnit),
}

impl FieldType {
    /// A decimal with as many digits as each value needs.
    pub const DECIMAL: Self = Self::Decimal(None);
    /// A timestamp in microseconds.
    pub const TIMESTAMP: Self = Self::Timestamp(TimeUnit::Micro);
    /// A duration in microseconds.
    pub const DURATION: Self = Self::Duration(TimeUnit::Micro);

    /// Every field type once, parameters at their defaults.
    pub const ALL: [Self; 16] = [
        Self::UInt,
        Self::U128,
        Self::Int,
        Self::Int8,
        Self::I128,
        Self::Float,
        Self::Boolean,
        Self::String,
        Self::Text,
        Self::Binary,
        Self::DECIMAL,
        Self::TIMESTAMP,
        Self::Date,
        Self::Json,
        Self::Point,
        Self::DURATION,
    ];

    /// The name without parameters.
    pub fn kind_name(self) -> &'static str {
        match self {
            Self::UInt => "UInt",
            Self::U128 => "U128",
            Self::Int => "Int",
            Self::Int8 => "Int8",
            Self::I128 => "I128",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::String => "String",
            Self::Text => "Text",
            Self::Binary => "Binary",
            Self::Decimal(_) => "Decimal",
            Self::Timestamp(_) => "Timestamp",
            Self::Date => "Date",
            Self::Json => "Json",
            Self::Point => "Point",
            Self::Duration(_) => "Duration",
        }
    }

    /// What a value of this type is, for a sentence: "a 64-bit unsigned integer".
    pub fn describe(self) -> String {
        match self {
            Self::UInt => "a 64-bit unsigned integer".to_owned(),
            Self::U128 => "a 128-bit unsigned integer".to_owned(),
            Self::Int => "a 64-bit integer".to_owned(),
            Self::Int8 => "an 8-bit integer".to_owned(),
            Self::I128 => "a 128-bit integer".to_owned(),
            Self::Float => "a 64-bit floating-point number".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::String | Self::Text => "text".to_owned(),
            Self::Binary => "bytes".to_owned(),
            Self::Decimal(None) => "a decimal".to_owned(),
            Self::Decimal(Some(size)) => {
                format!(
                    "a decimal of precision {} and scale {}",
                    size.precision(),
                    size.scale()
                )
            }
            Self::Timestamp(unit) => format!("a 64-bit timestamp in {}", unit.plural()),
            Self::Date => "a date".to_owned(),
            Self::Json => "JSON".to_owned(),
            Self::Point => "a point".to_owned(),
            Self::Duration(unit) => format!("a 64-bit duration in {}", unit.plural()),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind_name())?;
        match self {
            Self::Decimal(Some(size)) => write!(f, "({}, {})", size.precision, size.scale),
            Self::Timestamp(unit) | Self::Duration(unit) => write!(f, "({unit})"),
            _ => Ok(()),
        }
    }
}

/// Precision and scale of a decimal column.
///
/// The precision is the number of digits, the scale says how many of them stand after the point. A negative
/// scale means that this many digits before the point are always zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DecimalSize {
    precision: u8,
    scale: i8,
}

impl DecimalSize {
    /// The greatest number of digits that a decimal column holds.
    pub const MAX_PRECISION: u8 = 76;

    /// A size, where the precision is in 1..=76 and the scale in -76..=76.
    ///
    /// The scale may be greater than the precision: `Decimal(2, 5)` holds 0.00099.
    pub const fn new(precision: u8, scale: i8) -> Option<Self> {
        let limit = Self::MAX_PRECISION;
        if precision == 0 || precision > limit || scale.unsigned_abs() > limit {
            return None;
        }
        Some(Self { precision, scale })
    }

    /// The number of digits: 1..=76.
    pub const fn precision(self) -> u8 {
        self.precision
    }

    /// The number of digits after the point: -76..=76.
    pub const fn scale(self) -> i8 {
        self.scale
    }
}

/// What a timestamp or a duration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Milliseconds.
    Milli,
    /// Microseconds.
    #[default]
    Micro,
    /// Nanoseconds.
    Nano,
}

impl TimeUnit {
    /// How many of this unit make a second.
    pub const fn per_second(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Milli => 1_000,
            Self::Micro => 1_000_000,
            Self::Nano => 1_000_000_000,
        }
    }

    /// How many nanoseconds make one of this unit.
    pub const fn nanos(self) -> u32 {
        1_000_000_000 / self.per_second()
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Milli => "milliseconds",
            Self::Micro => "microseconds",
            Self::Nano => "nanoseconds",
        }
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Second => "s",
            Self::Milli => "ms",
            Self::Micro => "us",
            Self::Nano => "ns",
        })
    }
}

impl FromStr for TimeUnit {
    type Err = UnknownFieldType;

    fn from_str(text: &str) -> Result<Self, UnknownFieldType> {
        match text {
            "s" => Ok(Self::Second),
            "ms" => Ok(Self::Milli),
            "us" => Ok(Self::Micro),
            "ns" => Ok(Self::Nano),
            _ => Err(UnknownFieldType(text.to_owned())),
        }
    }
}

/// A text that names no field type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a field type\nhelp: write one of UInt, U128, Int, Int8, I128, Float, Boolean, String, Text, \
     Binary, Decimal, Decimal(precision, scale), Timestamp, Timestamp(s|ms|us|ns), Date, Json, Point, Duration, \
     Duration(s|ms|us|ns)"
)]
pub struct UnknownFieldType(String);

impl FromStr for FieldType {
    type Err = UnknownFieldType;

    fn from_str(text: &str) -> Result<Self, UnknownFieldType> {
        let unknown = || UnknownFieldType(text.to_owned());
        let Some((name, parameters)) = text.split_once('(') else {
            return Self::ALL
                .into_iter()
                .find(|field_type| field_type.kind_name() == text)
                .ok_or_else(unknown);
        };
        let parameters = parameters.strip_suffix(')').ok_or_else(unknown)?.trim();
        match name.trim_end() {
            "Decimal" => {
                let (precision, scale) = parameters.split_once(',').unwrap_or((parameters, "0"));
                let precision = precision.trim_end().parse().map_err(|_| unknown())?;
                let scale = scale.trim_start().parse().map_err(|_| unknown())?;
                let size = DecimalSize::new(precision, scale).ok_or_else(unknown)?;
                Ok(Self::Decimal(Some(size)))
            }
            "Timestamp" => parameters
                .parse()
                .map(Self::Timestamp)
                .map_err(|_| unknown()),
            "Duration" => parameters
                .parse()
                .map(Self::Duration)
                .map_err(|_| unknown()),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for FieldType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl de::Visitor<'_> for Name {
            type Value = FieldType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field type")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldType, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back_what_it_prints() {
        let sized = DecimalSize::new(10, -2).map(|size| FieldType::Decimal(Some(size)));
        for field_type in FieldType::ALL.into_iter().chain(sized).chain([
            FieldType::Timestamp(TimeUnit::Second),
            FieldType::Timestamp(TimeUnit::Milli),
            FieldType::Duration(TimeUnit::Nano),
        ]) {
            assert_eq!(field_type.to_string().parse(), Ok(field_type));
            let json = serde_json::to_string(&field_type).unwrap();
            assert_eq!(
                serde_json::from_str::<FieldType>(&json).unwrap(),
                field_type
            );
        }
    }

    #[test]
    fn bare_names_take_the_default_parameters() {
        assert_eq!(
            "Timestamp".parse(),
            Ok(FieldType::Timestamp(TimeUnit::Micro))
        );
        assert_eq!("Duration".parse(), Ok(FieldType::Duration(TimeUnit::Micro)));
        assert_eq!("Decimal".parse(), Ok(FieldType::Decimal(None)));
        assert_eq!(
            "Decimal(5)".parse(),
            Ok(FieldType::Decimal(DecimalSize::new(5, 0)))
        );
    }

    #[test]
    fn a_wrong_name_or_parameter_is_refused_with_the_list_of_names() {
        for text in [
            "",
            "uint",
            "Int(3)",
            "Decimal(0, 0)",
            "Decimal(77, 0)",
            "Decimal(10, 77)",
            "Decimal(10, -77)",
            "Decimal(10, 2",
            "Decimal()",
            "Timestamp(m)",
            " Int",
        ] {
            let error = text.parse::<FieldType>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is not a field type")),
                "{error}"
            );
            assert!(error.contains("U128"), "{error}");
        }
    }

    #[test]
    fn display_separates_precision_and_scale() {
        let size = DecimalSize::new(10, 2);
        assert_eq!(FieldType::Decimal(size).to_string(), "Decimal(10, 2)");
        assert_eq!(
            FieldType::Timestamp(TimeUnit::Micro).to_string(),
            "Timestamp(us)"
        );
    }
}
