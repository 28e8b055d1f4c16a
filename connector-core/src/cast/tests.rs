//! Every kind of value into every field type.

use std::fmt::Write;

use crate::columns::Column;
use crate::types::{DecimalSize, FieldType, TimeUnit};
use crate::value::{
    Date, Decimal, Duration, Field, FloatText, Misfit, Point, Time, Timestamp, UuidText, Value,
};

/// What a cast gives, as a word or as the value's text.
fn outcome(field_type: FieldType, value: Value<'_>) -> String {
    let mut column = Column::new(field_type);
    let misfit = match column.push(value) {
        Ok(()) => {
            assert_eq!(column.len(), 1);
            return show(column.value(0));
        }
        Err(misfit) => misfit,
    };
    assert_eq!(column.len(), 0, "a failed push leaves no row");
    match misfit {
        Misfit::WrongKind { found } => {
            assert_eq!(found, value.kind());
            "wrong kind".to_owned()
        }
        Misfit::OutOfRange(named) => {
            // A coordinate is out of range for its float.
            assert!(
                named == field_type || field_type == FieldType::Point,
                "{value:?} {named}"
            );
            "out of range".to_owned()
        }
        Misfit::NotFinite => "not finite".to_owned(),
        Misfit::Inexact => "inexact".to_owned(),
        Misfit::TooLong => "too long".to_owned(),
        Misfit::Syntax { .. } => "syntax".to_owned(),
        other => panic!("{value:?} into {field_type}: {other:?}"),
    }
}

fn show(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Unchanged => "unchanged".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::I128(value) => value.to_string(),
        Value::U128(value) => value.to_string(),
        Value::Float(value) => FloatText(value).to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::DecimalText(text) if text.len() > 90 => {
            format!("{}… ({} characters)", &text[..20], text.len())
        }
        Value::Json(text) | Value::DecimalText(text) => text.to_owned(),
        Value::Bytes(bytes) => format!("bytes {bytes:02x?}"),
        Value::Decimal(value) => value.to_string(),
        Value::Timestamp(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::Duration(value) => value.to_string(),
        Value::Uuid(bytes) => UuidText(bytes).to_string(),
        Value::Point(value) => value.to_string(),
    }
}

/// One value into every type, the types grouped by what comes of it.
fn block(value: Value<'_>) -> String {
    let mut types = FieldType::ALL.to_vec();
    let decimals = ["Decimal(5, 2)", "Decimal(76, 0)", "Decimal(3, -2)"];
    types.extend(decimals.map(|name| name.parse::<FieldType>().unwrap()));
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for field_type in types {
        let outcome = outcome(field_type, value);
        match groups.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, types)) => types.push(field_type.to_string()),
            None => groups.push((outcome, vec![field_type.to_string()])),
        }
    }
    let variant = format!("{value:?}");
    let variant = variant.split('(').next().unwrap_or_default();
    let mut block = format!("{variant} {}\n", show(value));
    for (outcome, types) in groups {
        writeln!(block, "    {outcome}: {}", types.join(", ")).unwrap();
    }
    block
}

/// Texts of every form, and of almost every form.
const TEXTS: &[&str] = &[
    "",
    " ",
    " 1 ",
    "x",
    "+",
    "-",
    ".",
    "1e",
    "e5",
    "--1",
    "0x10",
    "1_000",
    "1,000",
    "1.2.3",
    "２",
    "yes",
    "0",
    "-0",
    "+7",
    "-1",
    "1.0",
    "1e2",
    "TRUE",
    "true",
    "f",
    "null",
    "NaN",
    "-inf",
    "1e999",
    "1e-999",
    "0e-999",
    "1e999999999999",
    "-129",
    "1000",
    "999.990",
    "0.001",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "9223372036854775808",
    "340282366920938463463374607431768211456",
    "-170141183460469231731687303715884105729",
    "2024-02-29",
    "2023-02-29",
    "9999999-01-01",
    "2024-03-01 00:00:00.500+01",
    "2024-02-29T00:00:00Z",
    "2024-02-29T12:00:00.1234567Z",
    "(1.5,-2)",
    "POINT(1.5 -2)",
    "(1,2",
    "1e999,0",
    "-PT1H2M3.5S",
    "-01:02:03.5",
    "P1Y",
    "PT0.0000001S",
    "{\"a\": [1, null]}",
    "[1,]",
    "caf\u{e9}",
];

fn matrix() -> String {
    let mut blocks = Vec::new();
    let mut add = |value: Value<'_>| blocks.push(block(value));
    add(Value::Null);
    add(Value::Unchanged);
    add(Value::Bool(false));
    add(Value::Bool(true));
    for number in [
        0,
        1,
        -1,
        -128,
        -129,
        127,
        128,
        999,
        1000,
        i64::MIN,
        i64::MAX,
    ] {
        add(Value::Int(number));
    }
    for number in [0, 1 << 53, (1 << 53) + 1, u64::MAX] {
        add(Value::UInt(number));
    }
    for number in [0, -1, i128::from(u64::MAX) + 1, i128::MIN, i128::MAX] {
        add(Value::I128(number));
    }
    for number in [1, 1 << 127, u128::MAX] {
        add(Value::U128(number));
    }
    let two = |power| 2.0_f64.powi(power);
    for number in [
        0.0, -0.0, 1.0, -1.0, 0.1, -1.005, 999.99, 1200.0, 128.0, -128.0, 1e300, 1e-300,
    ] {
        add(Value::Float(number));
    }
    for number in [
        two(63),
        -two(63),
        two(64),
        two(127),
        -two(127),
        two(128),
        -two(128),
    ] {
        add(Value::Float(number));
    }
    for number in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
    ] {
        add(Value::Float(number));
    }
    for text in TEXTS {
        add(Value::Text(text));
    }
    for digits in [38, 76, 77] {
        add(Value::Text(&"9".repeat(digits)));
    }
    blocks.extend(other_values());
    blocks.join("\n")
}

/// Values that are neither numbers of a machine nor text.
fn other_values() -> Vec<String> {
    let mut blocks = Vec::new();
    let mut add = |value: Value<'_>| blocks.push(block(value));
    for bytes in [&b""[..], b"1", b"\xff\x00"] {
        add(Value::Bytes(bytes));
    }
    for text in [
        "0.000",
        "100.00",
        "-0.10",
        "0.125",
        "0.12345678901234567890",
        "1e76",
    ] {
        add(Value::Decimal(text.parse().unwrap()));
    }
    add(Value::Decimal(Decimal::from(u128::MAX)));
    add(Value::Decimal("9".repeat(76).parse().unwrap()));
    add(Value::DecimalText(&"1".repeat(80)));
    add(Value::DecimalText(&format!("0.{}", "1".repeat(80))));
    for text in [
        "2024-02-29T12:34:56.789Z",
        "2024-02-29T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
    ] {
        add(Value::Timestamp(text.parse().unwrap()));
    }
    add(Value::Timestamp(Timestamp::MIN));
    add(Value::Timestamp(Timestamp::MAX));
    add(Value::Date(Date::new(2024, 2, 29).unwrap()));
    add(Value::Date(Date::MIN));
    add(Value::Time("01:02:03.5".parse().unwrap()));
    add(Value::Time(Time::MAX));
    for duration in [
        Duration::ZERO,
        Duration::MIN,
        Duration::MAX,
        "-PT0.0000001S".parse().unwrap(),
    ] {
        add(Value::Duration(duration));
    }
    add(Value::Json("{\"a\":1}"));
    add(Value::Uuid(
        *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
    ));
    add(Value::Point(Point::new(1.5, -2.0)));
    add(Value::Point(Point::new(f64::INFINITY, 0.0)));
    blocks
}

#[test]
fn every_kind_of_value_casts_into_every_type_as_the_matrix_says() {
    let (actual, expected) = (matrix(), include_str!("matrix.txt"));
    for (actual, expected) in actual.split("\n\n").zip(expected.split("\n\n")) {
        assert_eq!(actual.trim_end(), expected.trim_end());
    }
    assert_eq!(actual, expected);
}

#[test]
fn units_of_time_hold_their_64_bits_to_the_last() {
    let cases = [
        ("Timestamp(s)", "1970-01-01T00:00:00.1Z", "inexact"),
        (
            "Timestamp(s)",
            "1970-01-01T00:00:01.000Z",
            "1970-01-01T00:00:01Z",
        ),
        (
            "Timestamp(ns)",
            "2262-04-11T23:47:16.854775807Z",
            "2262-04-11T23:47:16.854775807Z",
        ),
        (
            "Timestamp(ns)",
            "2262-04-11T23:47:16.854775808Z",
            "out of range",
        ),
        (
            "Timestamp(ns)",
            "1677-09-21T00:12:43.145224192Z",
            "1677-09-21T00:12:43.145224192Z",
        ),
        (
            "Timestamp(ns)",
            "1677-09-21T00:12:43.145224191Z",
            "out of range",
        ),
        (
            "Timestamp(ms)",
            "294276-12-31T23:59:59.999Z",
            "+294276-12-31T23:59:59.999Z",
        ),
        (
            "Timestamp(us)",
            "294247-01-10T04:00:54.775807Z",
            "+294247-01-10T04:00:54.775807Z",
        ),
        ("Timestamp(us)", "294248-01-01T00:00:00Z", "out of range"),
        (
            "Timestamp(ms)",
            "99999999999999999-01-01T00:00:00Z",
            "out of range",
        ),
        ("Duration(ms)", "PT0.0001S", "inexact"),
        (
            "Duration(ns)",
            "PT9223372036.854775807S",
            "PT2562047H47M16.854775807S",
        ),
        ("Duration(ns)", "PT9223372036.854775808S", "out of range"),
        (
            "Duration(s)",
            "-PT9223372036854775807S",
            "-PT2562047788015215H30M7S",
        ),
    ];
    for (field_type, text, expected) in cases {
        let actual = outcome(field_type.parse().unwrap(), Value::Text(text));
        assert_eq!(actual, expected, "{text} into {field_type}");
    }
    let midnight = Value::Date(Date::MAX);
    assert_eq!(
        outcome(FieldType::Timestamp(TimeUnit::Nano), midnight),
        "out of range"
    );
}

#[test]
fn decimals_hold_their_precision_to_the_last_digit() {
    let nines = "9".repeat(39);
    let cases = [
        ("Decimal(38, 0)", &nines[..38], &nines[..38]),
        ("Decimal(38, 0)", &nines, "out of range"),
        ("Decimal(39, 0)", &nines, &nines),
        ("Decimal(5, 2)", "-999.99", "-999.99"),
        ("Decimal(5, 2)", "999.991", "inexact"),
        ("Decimal(1, -76)", "9e76", &format!("9{}", "0".repeat(76))),
        ("Decimal(1, -76)", "1e77", "out of range"),
        ("Decimal(1, -76)", "0", "0"),
        (
            "Decimal(76, 76)",
            "1e-76",
            &format!("0.{}1", "0".repeat(75)),
        ),
        ("Decimal(76, 76)", "1e-77", "inexact"),
        ("Decimal(2, 5)", "0.00099", "0.00099"),
        ("Decimal(2, 5)", "0.001", "out of range"),
    ];
    for (field_type, text, expected) in cases {
        let actual = outcome(field_type.parse().unwrap(), Value::Text(text));
        assert_eq!(actual, expected, "{text} into {field_type}");
    }
}

#[test]
fn json_of_any_depth_is_checked_without_using_up_the_stack() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(Column::new(FieldType::Json).push_str(&deep), Ok(()));
    let open = "[".repeat(1_000_000);
    assert_eq!(outcome(FieldType::Json, Value::Text(&open)), "syntax");
}

#[test]
fn an_exponent_cannot_ask_for_endless_zeros() {
    let mut column = Column::new(FieldType::DECIMAL);
    assert_eq!(column.push_str("1e999999999999"), Err(Misfit::TooLong));
    assert_eq!(column.push_str("1e-200000"), Err(Misfit::TooLong));
    assert_eq!(column.push_str("1e-6000"), Ok(()));
    assert_eq!(column.len(), 1);
    assert_eq!(column.text(0).map(str::len), Some(6_002));
}

#[test]
fn a_misfit_says_the_reason_alone() {
    let reason = |field_type: &str, value: Value<'_>| {
        Field::cast(field_type.parse().unwrap(), value)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        reason("UInt", Value::Int(-1)),
        "out of range for a 64-bit unsigned integer"
    );
    let sized = "out of range for a decimal of precision 5 and scale 2";
    assert_eq!(reason("Decimal(5, 2)", Value::Int(1000)), sized);
    assert_eq!(
        reason("Date", Value::Bool(true)),
        "wrong kind of value: a boolean"
    );
    let no_day = "not a date: month 02 has no day 29";
    assert_eq!(reason("Date", Value::Text("2023-02-29")), no_day);
    assert_eq!(
        reason("Int", Value::Float(0.5)),
        "cannot be held without rounding"
    );
    assert_eq!(
        reason("Json", Value::Float(f64::NAN)),
        "not a finite number"
    );
}

#[test]
fn floats_and_integers_become_the_decimals_that_their_digits_say() {
    for (precision, scale) in [(15, 2), (5, 0), (3, 3), (38, 15), (18, 6), (40, 2)] {
        let typ = FieldType::Decimal(DecimalSize::new(precision, scale));
        for number in [
            0.0,
            -0.0,
            0.01,
            0.1,
            0.29,
            4.35,
            1.005,
            99.995,
            -0.5,
            -17_954.55,
            999.99,
            1_000.0,
            123_456.789,
            9_999_999_999_999.99,
            1e15,
        ] {
            let digits = FloatText(number).to_string();
            let said = outcome(typ, Value::DecimalText(&digits));
            assert_eq!(
                outcome(typ, Value::Float(number)),
                said,
                "{number} into {typ}"
            );
        }
        for number in [
            0,
            1,
            -1,
            99,
            -100,
            12_345,
            99_999,
            100_000,
            i64::MAX,
            i64::MIN,
        ] {
            let digits = number.to_string();
            let said = outcome(typ, Value::DecimalText(&digits));
            assert_eq!(
                outcome(typ, Value::Int(number)),
                said,
                "{number} into {typ}"
            );
        }
    }
}
