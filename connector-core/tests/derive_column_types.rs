//! The column types of a system that `#[derive(ColumnTypes)]` declares.
#![cfg(feature = "derive")]

use connector_core::{
    ChangeRequest, ChangeStream, Column, ColumnMapping, ColumnTypes, Decimal, DecimalSize,
    DozerSource, Event, FieldType, Misfit, RawValue, Result, Source, TableInfo, TimeUnit, Value,
};

/// A driver's own form of a value.
#[derive(Debug, Clone, Copy)]
enum Raw<'r> {
    Nothing,
    Number(i64),
    Letters(&'r str),
}

impl<'r> RawValue<'r> for Raw<'r> {
    fn is_null(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn append_to(self, column: &mut Column) -> Result<(), Misfit> {
        column.push(match self {
            Self::Nothing => Value::Null,
            Self::Number(number) => Value::Int(number),
            Self::Letters(text) => Value::Text(text),
        })
    }

    fn from_value(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Nothing),
            Value::Int(number) => Some(Self::Number(number)),
            Value::Text(text) => Some(Self::Letters(text)),
            _ => None,
        }
    }
}

/// The types of a made-up database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
#[column_types(raw = Raw<'_>, ignore_case)]
enum Type {
    /// A whole number.
    #[column_type("INTEGER", "INT", "BIGINT", field = Int)]
    Integer,
    #[column_type("DECIMAL(p, s)", "DECIMAL(p)", "NUMERIC", field = Decimal(p, s), cast = decimal)]
    Decimal { p: Option<u8>, s: Option<i8> },
    #[column_type("MONEY", field = Decimal(12, 2), cast = decimal)]
    Money,
    #[column_type("TIMESTAMP(p) WITH TIME ZONE", field = Timestamp(ns))]
    Timestamp { p: u8 },
    #[column_type("VARCHAR(n)", "DOUBLE  PRECISION", field = String)]
    Varchar,
    #[column_type("ENUM(..)", field = Text, cast = borrowed)]
    Enum,
    #[column_type("GEOMETRY", unsupported = "select ST_AsText instead")]
    Geometry,
    #[column_type(other, field = Binary)]
    Other,
}

/// Cents.
fn decimal(raw: Raw<'_>) -> Result<Decimal, Misfit> {
    match raw {
        Raw::Number(cents) => Ok(Decimal::from_i128(cents.into(), 2)),
        Raw::Letters(text) => text.parse(),
        Raw::Nothing => Err(Misfit::Other("nulls do not come here".to_owned())),
    }
}

fn borrowed(raw: Raw<'_>) -> Result<&str, Misfit> {
    match raw {
        Raw::Letters(text) => Ok(text),
        _ => Err(Misfit::Other("no letters".to_owned())),
    }
}

#[test]
fn types_are_found_by_name() {
    for (name, expected) in [
        ("INTEGER", Type::Integer),
        (" bigInt ", Type::Integer),
        (
            "decimal(10,2)",
            Type::Decimal {
                p: Some(10),
                s: Some(2),
            },
        ),
        (
            "DECIMAL ( 10 )",
            Type::Decimal {
                p: Some(10),
                s: None,
            },
        ),
        ("numeric", Type::Decimal { p: None, s: None }),
        ("timestamp(9)  with time zone", Type::Timestamp { p: 9 }),
        ("varchar(255)", Type::Varchar),
        ("double precision", Type::Varchar),
        ("enum('a', 'b', 'c')", Type::Enum),
        ("geometry", Type::Geometry),
        // Neither a parameter that is no number nor too many of them make a `DECIMAL`.
        ("decimal(x, 2)", Type::Other),
        ("decimal(1, 2, 3)", Type::Other),
        ("varchar", Type::Other),
    ] {
        assert_eq!(Type::from_name(name), Some(expected), "{name}");
    }
}

#[test]
fn parameters_decide_the_field_type() {
    let money = FieldType::Decimal(DecimalSize::new(12, 2));
    for (found, expected) in [
        (Type::Integer, Ok(FieldType::Int)),
        (
            Type::Decimal {
                p: Some(10),
                s: Some(2),
            },
            Ok(FieldType::Decimal(DecimalSize::new(10, 2))),
        ),
        (
            Type::Decimal {
                p: Some(10),
                s: None,
            },
            Ok(FieldType::Decimal(DecimalSize::new(10, 0))),
        ),
        (Type::Decimal { p: None, s: None }, Ok(FieldType::DECIMAL)),
        (Type::Money, Ok(money)),
        (
            Type::Timestamp { p: 3 },
            Ok(FieldType::Timestamp(TimeUnit::Nano)),
        ),
        (Type::Geometry, Err("select ST_AsText instead")),
    ] {
        assert_eq!(found.field_type(), expected);
    }
    assert!(
        Type::Decimal {
            p: Some(200),
            s: None
        }
        .field_type()
        .is_err()
    );
    let column = Type::column("shape", "GEOMETRY");
    assert_eq!(
        column.mapping,
        ColumnMapping::Unsupported("select ST_AsText instead".to_owned())
    );
}

#[test]
fn casts_fill_the_column() {
    let cast = |found: Type, raw: Raw<'_>| {
        let mut column = Column::new(found.field_type().expect("a field"));
        found.cast()(&found, raw, &mut column)?;
        Ok::<_, Misfit>(format!("{:?}", column.value(0)))
    };
    assert_eq!(
        cast(Type::Integer, Raw::Number(-1)),
        Ok("Int(-1)".to_owned())
    );
    assert_eq!(
        cast(Type::Money, Raw::Number(-1250)),
        Ok("Decimal(-12.50)".to_owned())
    );
    assert_eq!(
        cast(Type::Enum, Raw::Letters("a")),
        Ok("Text(\"a\")".to_owned())
    );
    assert_eq!(
        cast(Type::Enum, Raw::Number(1)),
        Err(Misfit::Other("no letters".to_owned()))
    );
    assert_eq!(cast(Type::Money, Raw::Nothing), Ok("Null".to_owned()));
}

#[test]
fn the_declaration_can_be_listed() {
    let listed: Vec<_> = Type::ENTRIES
        .iter()
        .map(|entry| (entry.variant, entry.names, entry.field))
        .collect();
    assert_eq!(
        listed[0],
        (
            "Integer",
            ["INTEGER", "INT", "BIGINT"].as_slice(),
            Ok("Int")
        )
    );
    assert_eq!(listed[1].2, Ok("Decimal(p, s)"));
    assert_eq!(listed[6].2, Err("select ST_AsText instead"));
    assert_eq!(Type::ENTRIES[0].description, "A whole number.");
}

/// The source of [`Plain`] columns.
#[derive(Debug)]
struct Plainly;

impl Source for Plainly {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Rows::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(std::iter::empty::<Result<Event<Rows>>>())
    }
}

/// Case counts, and the raw values are core's own.
#[derive(Debug, PartialEq, ColumnTypes)]
#[column_types(source = Plainly)]
enum Plain {
    #[column_type("int", field = Int)]
    Int,
}

#[test]
fn case_counts_unless_it_is_ignored() {
    assert_eq!(Plain::from_name("int"), Some(Plain::Int));
    assert_eq!(Plain::from_name("INT"), None);
    let mut column = Column::new(FieldType::Int);
    Plain::Int.cast()(&Plain::Int, Value::Int(4), &mut column).expect("it fits");
    assert_eq!(column.value(0), Value::Int(4));
}

#[derive(Debug, DozerSource)]
#[dozer(types = Plain)]
struct Row {
    #[allow(dead_code, reason = "only its declaration matters")]
    id: i64,
}

#[derive(Debug, DozerSource)]
#[dozer(table = "others")]
struct FromAnywhere {
    #[allow(dead_code, reason = "only its declaration matters")]
    id: i64,
}

#[derive(Debug, DozerSource)]
#[allow(dead_code, reason = "only its declaration matters")]
enum Rows {
    Plain(Row),
    Any(FromAnywhere),
}

#[test]
fn a_row_is_read_from_the_source_of_its_types() {
    fn reads<S: Source, R: connector_core::reading::ReadFrom<S>>(tables: usize) {
        assert_eq!(R::tables().len(), tables);
    }
    reads::<Plainly, Row>(1);
    reads::<std::sync::Arc<Plainly>, Row>(1);
    reads::<Plainly, Rows>(2);
}
