use super::*;
use crate::columns::Column;
use crate::source::RawValue;
use crate::types::Cast;
use crate::value::{Misfit, Value};

const fn entry(
    variant: &'static str,
    names: &'static [&'static str],
    field: Result<&'static str, &'static str>,
) -> ColumnTypeEntry {
    ColumnTypeEntry {
        variant,
        names,
        field,
        description: "",
    }
}

/// A system whose driver lends values as they are.
#[derive(Debug, Clone, Copy)]
enum Sound {
    Plain(FieldType),
    Decimal { p: u8, s: i8 },
    Clock,
    Geometry,
    Other,
}

impl ColumnTypes for Sound {
    type Raw<'r> = Value<'r>;

    const ENTRIES: &'static [ColumnTypeEntry] = &[
        entry("Plain", &["UInt"], Ok("UInt")),
        entry("Plain", &["U128"], Ok("U128")),
        entry("Plain", &["Int"], Ok("Int")),
        entry("Plain", &["Int8"], Ok("Int8")),
        entry("Plain", &["I128"], Ok("I128")),
        entry("Plain", &["Float"], Ok("Float")),
        entry("Plain", &["Boolean"], Ok("Boolean")),
        entry("Plain", &["String", "Text"], Ok("String")),
        entry("Plain", &["Binary"], Ok("Binary")),
        entry("Plain", &["Decimal"], Ok("Decimal")),
        entry("Plain", &["Timestamp(p)"], Ok("Timestamp")),
        entry("Plain", &["Date"], Ok("Date")),
        entry("Plain", &["Json"], Ok("Json")),
        entry("Plain", &["Point"], Ok("Point")),
        entry("Plain", &["Duration"], Ok("Duration(us)")),
        entry("Decimal", &["DECIMAL(p, s)"], Ok("Decimal(p, s)")),
        entry("Clock", &["CLOCK"], Ok("Timestamp(s)")),
        entry(
            "Geometry",
            &["GEOMETRY"],
            Err("no field type holds a geometry"),
        ),
        entry("Other", &[], Ok("Text")),
    ];

    fn from_name(name: &str) -> Option<Self> {
        let plain = |name: &str| name.parse().ok().map(Self::Plain);
        match name.split_once('(') {
            // Parameters above 6 are refused: another number must be tried.
            Some(("Timestamp", "6)")) => plain("Timestamp"),
            Some(("DECIMAL", parameters)) => {
                let (p, s) = parameters.strip_suffix(')')?.split_once(", ")?;
                let (p, s) = (p.parse().ok()?, s.parse().ok()?);
                Some(Self::Decimal { p, s })
            }
            Some(_) => None,
            None => match name {
                "Text" => plain("String"),
                "CLOCK" => Some(Self::Clock),
                "GEOMETRY" => Some(Self::Geometry),
                name => plain(name).or(Some(Self::Other)),
            },
        }
    }

    fn field_type(&self) -> Result<FieldType, &'static str> {
        match *self {
            Self::Plain(field_type) => Ok(field_type),
            Self::Decimal { p, s } => crate::types::DecimalSize::new(p, s)
                .map(|size| FieldType::Decimal(Some(size)))
                .ok_or("out of range"),
            Self::Clock => Ok(FieldType::Timestamp(crate::types::TimeUnit::Second)),
            Self::Geometry => Err("select the text of it"),
            Self::Other => Ok(FieldType::Text),
        }
    }

    fn cast(&self) -> Cast<Self> {
        match self {
            // Seconds since 1970, and nothing else.
            Self::Clock => |_, raw, column| match raw {
                Value::Int(seconds) => {
                    let unit = crate::types::TimeUnit::Second;
                    column.push_timestamp(crate::value::Timestamp::from_unit(seconds, unit))
                }
                other => Err(Misfit::WrongKind {
                    found: other.kind(),
                }),
            },
            _ => |_, raw, column| raw.append_to(column),
        }
    }
}

#[test]
fn every_cast_of_core_holds_at_its_boundaries() {
    let report = check::<Sound>().unwrap();
    assert_eq!(report.entries.len(), Sound::ENTRIES.len() + 1);
    let of = |name: &str| {
        report
            .entries
            .iter()
            .find(|entry| entry.name == name)
            .unwrap()
    };
    let int = of("Int");
    assert!(
        int.accepted
            .iter()
            .any(|(given, _)| given == "9223372036854775807")
    );
    assert!(
        int.refused
            .iter()
            .any(|(given, _)| given == "9223372036854775808")
    );
    assert_eq!(of("DECIMAL(10, 2)").variant, "Decimal");
    assert_eq!(of("Timestamp(6)").field_type, Ok(FieldType::TIMESTAMP));
    assert!(of("GEOMETRY").accepted.is_empty());
    assert_eq!(report.entries.last().unwrap().variant, "Other");
}

/// What an [`Only`] type does: one fault each.
trait Behaviour: 'static {
    const ENTRY: ColumnTypeEntry = entry("Only", &["INT"], Ok("Int"));

    fn from_name(name: &str) -> Option<Only<Self>>
    where
        Self: Sized,
    {
        (name == "INT").then_some(Only(std::marker::PhantomData))
    }

    fn field_type() -> Result<FieldType, &'static str> {
        Ok(FieldType::Int)
    }

    fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
        column.push(raw)
    }
}

struct Only<B>(std::marker::PhantomData<B>);

impl<B> std::fmt::Debug for Only<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Only")
    }
}

impl<B: Behaviour> ColumnTypes for Only<B> {
    type Raw<'r> = Value<'r>;

    const ENTRIES: &'static [ColumnTypeEntry] = &[B::ENTRY];

    fn from_name(name: &str) -> Option<Self> {
        B::from_name(name)
    }

    fn field_type(&self) -> Result<FieldType, &'static str> {
        B::field_type()
    }

    fn cast(&self) -> Cast<Self> {
        |_, raw, column| B::cast(raw, column)
    }
}

/// A type with one fault, and a part of what is said of it.
macro_rules! faulty {
    ($($test:ident: $said:literal, { $($behaviour:tt)* })*) => {
        $(#[test]
        fn $test() {
            struct Faulty;
            impl Behaviour for Faulty { $($behaviour)* }
            let faults = check::<Only<Faulty>>().unwrap_err();
            let said = faults.to_string();
            assert!(said.contains("`Only` (`"), "{said}");
            assert!(said.contains($said), "{said}");
        })*
    };
}

faulty! {
    a_type_that_its_name_does_not_find_is_caught: "is not found by its name: `from_name` knows none of `INT`", {
        fn from_name(_: &str) -> Option<Only<Self>> { None }
    }
    a_declared_field_type_that_is_not_the_real_one_is_caught: "is declared as `Float` and becomes `Int`", {
        const ENTRY: ColumnTypeEntry = entry("Only", &["INT"], Ok("Float"));
    }
    declared_parameters_that_are_not_the_real_ones_are_caught:
        "is declared as `Timestamp(ns)` and becomes `Timestamp(us)`",
    {
        const ENTRY: ColumnTypeEntry = entry("Only", &["INT"], Ok("Timestamp(ns)"));
        fn field_type() -> Result<FieldType, &'static str> { Ok(FieldType::TIMESTAMP) }
    }
    a_supported_type_without_a_field_type_is_caught: "is declared as `Int` and becomes no field: later", {
        fn field_type() -> Result<FieldType, &'static str> { Err("later") }
    }
    an_unsupported_type_with_a_field_type_is_caught: "is declared as unsupported and becomes `Int`", {
        const ENTRY: ColumnTypeEntry = entry("Only", &["INT"], Err("no"));
    }
    an_unsupported_type_without_a_reason_is_caught: "is unsupported without a reason", {
        const ENTRY: ColumnTypeEntry = entry("Only", &["INT"], Err(""));
        fn field_type() -> Result<FieldType, &'static str> { Err("") }
    }
    a_type_that_is_declared_and_not_castable_is_caught: "is declared as `Int` and is not castable", {
        fn cast(raw: Value<'_>, _: &mut Column) -> Result<(), Misfit> {
            Err(Misfit::WrongKind { found: raw.kind() })
        }
    }
    a_cast_that_appends_nothing_is_caught: "a boolean true: the cast succeeds and appends nothing", {
        fn cast(_: Value<'_>, _: &mut Column) -> Result<(), Misfit> { Ok(()) }
    }
    a_cast_that_appends_two_rows_is_caught: "appends 2 rows instead of one", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            column.push(raw)?;
            column.push(raw)
        }
    }
    a_cast_that_takes_rows_away_is_caught: "the cast succeeds and takes rows away", {
        fn cast(_: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            column.truncate(0);
            Ok(())
        }
    }
    a_cast_that_fails_and_takes_rows_away_is_caught: "the cast fails and takes rows away", {
        fn cast(_: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            column.truncate(0);
            Err(Misfit::NotFinite)
        }
    }
    a_cast_that_fails_and_leaves_a_row_is_caught: "the cast fails and leaves a row behind", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            column.push(raw)?;
            Err(Misfit::NotFinite)
        }
    }
    a_cast_that_panics_is_caught: "a floating-point number NaN: the cast panics: not today", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            assert!(!matches!(raw, Value::Float(value) if value.is_nan()), "not today");
            column.push(raw)
        }
    }
    a_cast_to_null_is_caught: "the cast makes it null in silence", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            if column.push(raw).is_err() {
                column.push_null();
            }
            Ok(())
        }
    }
    a_refusal_without_a_reason_is_caught: "the cast refuses it without a reason", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            column.push(raw).map_err(|_| Misfit::Other(String::new()))
        }
    }
    a_cast_that_is_not_idempotent_is_caught: "reads back as 2, and cast again as 3", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            match raw {
                Value::Int(number) => column.push_i64(number.wrapping_add(1)),
                other => column.push(other),
            }
        }
    }
    a_cast_that_refuses_what_it_wrote_is_caught: "is refused when it is cast again", {
        fn cast(raw: Value<'_>, column: &mut Column) -> Result<(), Misfit> {
            match raw {
                Value::Int(number) if number % 2 == 0 => column.push_i64(number + 1),
                _ => Err(Misfit::NotFinite),
            }
        }
    }
    a_lookup_that_panics_is_caught: "`from_name(\"INT\")` panics: no such name", {
        fn from_name(_: &str) -> Option<Only<Self>> { panic!("no such name") }
    }
}

#[test]
fn a_name_that_finds_another_variant_is_caught() {
    struct Renamed;
    impl Behaviour for Renamed {
        const ENTRY: ColumnTypeEntry = entry("Later", &["INT"], Ok("Int"));
    }
    let said = check::<Only<Renamed>>().unwrap_err().to_string();
    assert!(
        said.ends_with("\n  `Later` (`INT`): `INT` is found as `Only`"),
        "{said}"
    );
}

/// Without an entry there is nothing to find.
#[derive(Debug)]
struct Undeclared;

impl ColumnTypes for Undeclared {
    type Raw<'r> = Value<'r>;

    const ENTRIES: &'static [ColumnTypeEntry] = &[];

    fn from_name(_: &str) -> Option<Self> {
        None
    }

    fn field_type(&self) -> Result<FieldType, &'static str> {
        Err("none")
    }

    fn cast(&self) -> Cast<Self> {
        |_, _, _| Err(Misfit::NotFinite)
    }
}

#[test]
fn an_enum_without_entries_is_caught() {
    let faults = check::<Undeclared>().unwrap_err();
    assert_eq!(
        format!("{faults:?}"),
        "1 fault in the declared column types\n  no column type is declared"
    );
}

/// A driver that has integers alone, and knows its null or not.
#[derive(Debug)]
struct Integers<const KNOWS_NULL: bool>;

struct Integer<const KNOWS_NULL: bool>(Option<i64>);

impl<'r, const KNOWS_NULL: bool> RawValue<'r> for Integer<KNOWS_NULL> {
    fn is_null(&self) -> bool {
        KNOWS_NULL && self.0.is_none()
    }

    fn append_to(self, column: &mut Column) -> Result<(), Misfit> {
        column.push(self.0.into())
    }

    fn from_value(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Int(value) => Some(Self(Some(value))),
            Value::Float(value) if value.is_nan() => Some(Self(None)),
            Value::Null => Some(Self(None)),
            _ => None,
        }
    }
}

impl<const KNOWS_NULL: bool> ColumnTypes for Integers<KNOWS_NULL> {
    type Raw<'r> = Integer<KNOWS_NULL>;

    const ENTRIES: &'static [ColumnTypeEntry] = &[entry("Integers", &["FLAG"], Ok("Boolean"))];

    fn from_name(_: &str) -> Option<Self> {
        Some(Self)
    }

    fn field_type(&self) -> Result<FieldType, &'static str> {
        Ok(FieldType::Boolean)
    }

    fn cast(&self) -> Cast<Self> {
        |_, raw, column| raw.append_to(column)
    }
}

#[test]
fn values_that_the_driver_never_produces_are_counted_and_not_cast() {
    let report = check::<Integers<true>>().unwrap();
    let flag = &report.entries[0];
    let given: Vec<&str> = flag
        .accepted
        .iter()
        .map(|(given, _)| given.as_str())
        .collect();
    assert_eq!(given, ["0", "1"]);
    assert!(
        flag.refused
            .iter()
            .all(|(given, _)| given.parse::<i64>().is_ok())
    );
    let all = values::all(&values::Texts::new()).len();
    assert_eq!(
        flag.accepted.len() + flag.refused.len() + flag.not_produced,
        all
    );
}

#[test]
fn a_null_that_is_not_known_as_one_is_caught() {
    let said = check::<Integers<false>>().unwrap_err().to_string();
    assert!(
        said.contains("\n  `is_null` denies that the driver's null is one"),
        "{said}"
    );
    assert!(
        said.contains("NaN: the cast makes it null in silence"),
        "{said}"
    );
}

#[test]
fn markdown_shows_every_entry_on_a_line_of_its_own() {
    let table = markdown::<Sound>();
    assert!(
        table.starts_with("| Type | Field type | Description |\n|---|---|---|\n"),
        "{table}"
    );
    assert_eq!(table.lines().count(), Sound::ENTRIES.len() + 2);
    for line in [
        "| `String`, `Text` | `String` |  |",
        "| `DECIMAL(p, s)` | `Decimal(p, s)` |  |",
        "| `GEOMETRY` | not supported: no field type holds a geometry |  |",
        "| any other | `Text` |  |",
    ] {
        assert!(table.lines().any(|found| found == line), "{line}\n{table}");
    }
}
