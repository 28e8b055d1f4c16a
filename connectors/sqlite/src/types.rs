//! SQLite's declared types, and the casts of what its columns really hold.

use connector_core::prelude::*;
use connector_core::{Column, RawValue, utf8};

use crate::Sqlite;
use crate::read::ValueRef;

/// SQLite's declared column types.
///
/// A name that is not listed is taken by [SQLite's rules of affinity](https://www.sqlite.org/datatype3.html): see
/// [`SqliteType::declared`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
#[column_types(raw = ValueRef<'_>, ignore_case, source = Sqlite)]
pub enum SqliteType {
    /// Whole numbers.
    #[column_type(
        "INTEGER", "INT", "BIGINT", "SMALLINT", "MEDIUMINT", "TINYINT", "INT2", "INT4", "INT8",
        "UNSIGNED BIG INT", "BIG INT", field = Int
    )]
    Integer,
    /// Floating point numbers.
    #[column_type("REAL", "DOUBLE", "DOUBLE PRECISION", "FLOAT", field = Float)]
    Real,
    /// Truth values: SQLite keeps them as 0 and 1.
    #[column_type("BOOLEAN", "BOOL", field = Boolean)]
    Boolean,
    /// Text of a stated length. SQLite does not keep to the length.
    #[column_type(
        "VARCHAR(n)", "CHARACTER(n)", "CHAR(n)", "NCHAR(n)", "NVARCHAR(n)", "VARYING CHARACTER(n)",
        "NATIVE CHARACTER(n)", "VARCHAR", "CHARACTER", "CHAR", "NCHAR", "NVARCHAR", "STRING", "UUID",
        field = String
    )]
    Varchar {
        /// The stated length.
        n: Option<u32>,
    },
    /// Text.
    #[column_type("TEXT", "CLOB", "NTEXT", "CITEXT", field = Text)]
    Text,
    /// Bytes. Text in such a column is taken as its UTF-8 bytes.
    #[column_type("BLOB", "BINARY", "VARBINARY", "BYTEA", field = Binary)]
    Blob,
    /// Decimal numbers of a stated precision and scale. SQLite does not keep to them: what has more digits does not fit.
    #[column_type("DECIMAL(p, s)", "NUMERIC(p, s)", "DEC(p, s)", field = Decimal(p, s))]
    Decimal {
        /// The number of digits.
        p: u8,
        /// The number of digits behind the point.
        s: i8,
    },
    /// Decimal numbers, exact to the last digit.
    #[column_type("DECIMAL", "NUMERIC", "DEC", "DECIMAL(p)", "NUMERIC(p)", "DEC(p)", "MONEY", field = Decimal)]
    Numeric {
        /// The stated number of digits. SQLite does not keep to it.
        p: Option<u8>,
    },
    /// Days: text as ISO 8601, or what [`Timestamp`](Self::Timestamp) takes at midnight.
    #[column_type("DATE", field = Date, cast = date)]
    Date,
    /// Points in time, in UTC unless the text says otherwise: text as ISO 8601, integers as seconds since 1970, floats as
    /// Julian days to the millisecond, as SQLite's own date functions have it.
    #[column_type("TIMESTAMP", "DATETIME", "TIMESTAMPTZ", field = Timestamp(us), cast = timestamp)]
    Timestamp,
    /// JSON text.
    #[column_type("JSON", field = Json)]
    Json,
    /// SQLite's own binary JSON.
    #[column_type(
        "JSONB",
        unsupported = "its bytes are SQLite's own; select `json(column)` in a view instead"
    )]
    Jsonb,
}

impl SqliteType {
    /// The type of a column declared like this: by its name, else by SQLite's rules of affinity. A column without a type
    /// becomes text, numbers as their digits.
    pub fn declared(name: &str) -> Self {
        if let Some(known) = Self::from_name(name) {
            return known;
        }
        let name = name.to_ascii_uppercase();
        let has = |word: &str| name.contains(word);
        if has("INT") {
            Self::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") || name.trim().is_empty() {
            Self::Text
        } else if has("BLOB") {
            Self::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Self::Real
        } else {
            Self::Numeric { p: None }
        }
    }

    /// The column of this name and declared type.
    pub(crate) fn column_of(name: &str, declared: &str) -> ColumnInfo {
        let mapping = match Self::declared(declared).field_type() {
            Ok(field_type) => connector_core::ColumnMapping::Field(field_type),
            Err(reason) => connector_core::ColumnMapping::Unsupported(reason.to_owned()),
        };
        let column = ColumnInfo::named(name);
        ColumnInfo {
            mapping,
            external_type: (!declared.is_empty()).then(|| declared.to_owned()),
            ..column
        }
    }
}

impl<'r> RawValue<'r> for ValueRef<'r> {
    #[inline]
    fn append_to(self, column: &mut Column) -> Result<(), Misfit> {
        match self {
            Self::Integer(value) => column.push_i64(value),
            Self::Text(text) => column.push_str(utf8(text)?),
            Self::Real(value) => column.push_f64(value),
            Self::Blob(bytes) => column.push_bytes(bytes),
            Self::Null => {
                column.push_null();
                Ok(())
            }
        }
    }

    #[inline]
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn from_value(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(value) => Some(Self::Integer(i64::from(value))),
            Value::Int(value) => Some(Self::Integer(value)),
            // SQLite keeps no NaN: it becomes null.
            Value::Float(value) if !value.is_nan() => Some(Self::Real(value)),
            Value::Text(text) | Value::Json(text) => Some(Self::Text(text.as_bytes())),
            Value::Bytes(bytes) => Some(Self::Blob(bytes)),
            _ => None,
        }
    }
}

/// The value as an error message shows it.
pub(crate) fn preview(raw: ValueRef<'_>) -> String {
    match raw {
        ValueRef::Null => Value::Null.preview(),
        ValueRef::Integer(value) => Value::Int(value).preview(),
        ValueRef::Real(value) => Value::Float(value).preview(),
        ValueRef::Blob(bytes) => Value::Bytes(bytes).preview(),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text).preview(),
            Err(_) => Value::Bytes(text).preview(),
        },
    }
}

fn timestamp(raw: ValueRef<'_>) -> Result<Timestamp, Misfit> {
    match raw {
        ValueRef::Text(text) => utf8(text)?.parse(),
        ValueRef::Integer(seconds) => Timestamp::new(seconds, 0)
            .ok_or(Misfit::OutOfRange(connector_core::FieldType::TIMESTAMP)),
        ValueRef::Real(days) => julian(days),
        ValueRef::Blob(_) => Err(Misfit::WrongKind { found: "bytes" }),
        ValueRef::Null => Err(Misfit::Null),
    }
}

/// The first and the last Julian day that SQLite's date functions know: the years -4713 and 9999.
const JULIAN_DAYS: std::ops::Range<f64> = 0.0..5_373_484.5;

/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: f64 = 2_440_587.5;

fn julian(days: f64) -> Result<Timestamp, Misfit> {
    if !JULIAN_DAYS.contains(&days) {
        return Err(Misfit::Other(
            "not a Julian day between the years -4713 and 9999".to_owned(),
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked: some 10^14 milliseconds"
    )]
    let milliseconds = ((days - JULIAN_EPOCH) * 86_400_000.0).round() as i64;
    let nanos = u32::try_from(milliseconds.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
    Timestamp::new(milliseconds.div_euclid(1000), nanos)
        .ok_or(Misfit::OutOfRange(connector_core::FieldType::TIMESTAMP))
}

fn date(raw: ValueRef<'_>) -> Result<Date, Misfit> {
    if let ValueRef::Text(text) = raw
        && let Ok(date) = utf8(text)?.parse()
    {
        return Ok(date);
    }
    let timestamp = timestamp(raw)?;
    if timestamp.is_midnight() {
        return timestamp
            .date()
            .ok_or(Misfit::OutOfRange(connector_core::FieldType::Date));
    }
    Err(Misfit::Inexact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_type_holds_at_its_boundaries() {
        connector_core::boundaries::check::<SqliteType>().unwrap();
    }

    #[test]
    fn a_name_that_is_not_listed_follows_the_rules_of_affinity() {
        assert_eq!(SqliteType::declared("FLOATING POINT"), SqliteType::Integer);
        assert_eq!(SqliteType::declared("LONGTEXT"), SqliteType::Text);
        assert_eq!(SqliteType::declared("TINYBLOB"), SqliteType::Blob);
        assert_eq!(SqliteType::declared("DOUBLES"), SqliteType::Real);
        assert_eq!(
            SqliteType::declared("WHATEVER"),
            SqliteType::Numeric { p: None }
        );
        assert_eq!(SqliteType::declared(""), SqliteType::Text);
        assert_eq!(
            SqliteType::declared("decimal(10,2)"),
            SqliteType::Decimal { p: 10, s: 2 }
        );
        assert_eq!(
            SqliteType::declared("varchar (20)"),
            SqliteType::Varchar { n: Some(20) }
        );
    }

    #[test]
    fn times_are_read_as_sqlite_s_date_functions_read_them() {
        let text = |raw| timestamp(raw).unwrap().to_string();
        assert_eq!(
            text(ValueRef::Integer(1_092_941_466)),
            "2004-08-19T18:51:06Z"
        );
        assert_eq!(
            text(ValueRef::Real(2_453_238.285_486_11)),
            "2004-08-20T18:51:06Z"
        );
        assert_eq!(
            text(ValueRef::Text(b"2004-08-19 18:51:06.25")),
            "2004-08-19T18:51:06.25Z"
        );
        assert!(timestamp(ValueRef::Real(f64::INFINITY)).is_err());
        assert_eq!(
            date(ValueRef::Text(b"2004-08-19")).unwrap().to_string(),
            "2004-08-19"
        );
        assert_eq!(
            date(ValueRef::Text(b"2004-08-19 00:00:00"))
                .unwrap()
                .to_string(),
            "2004-08-19"
        );
        assert_eq!(date(ValueRef::Integer(1)), Err(Misfit::Inexact));
    }
}
