//! Every kind of value into every field type.

use crate::columns::Column;
use crate::types::{DecimalSize, FieldType, TimeUnit};
use crate::value::{Date, Decimal, Duration, Field, Misfit, Point, Time, Timestamp, Value};

/// What a cast gives, in a form that a table can hold.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Is(Field),
    WrongKind,
    OutOfRange,
    NotFinite,
    Inexact,
    Syntax,
}

use Outcome::{Inexact, Is, NotFinite, OutOfRange, Syntax, WrongKind};

fn cast(field_type: FieldType, value: Value<'_>) -> Outcome {
    let mut column = Column::new(field_type);
    match column.push(value) {
        Ok(()) => {
            assert_eq!(column.len(), 1);
            Is(Field::from_value(field_type, column.value(0)))
        }
        Err(misfit) => {
            assert_eq!(column.len(), 0);
            match misfit {
                Misfit::WrongKind { found } => {
                    assert_eq!(found, value.kind());
                    WrongKind
                }
                Misfit::OutOfRange(named) => {
                    assert_eq!(named, field_type, "{value:?}");
                    OutOfRange
                }
                Misfit::NotFinite => NotFinite,
                Misfit::Inexact => Inexact,
                Misfit::Syntax { .. } => Syntax,
                other => panic!("{value:?} into {field_type}: {other:?}"),
            }
        }
    }
}

fn decimal(precision: u8, scale: i8) -> FieldType {
    FieldType::Decimal(Some(DecimalSize::new(precision, scale).unwrap()))
}

fn string(text: &str) -> Outcome {
    Is(Field::String(text.to_owned()))
}

fn long_text(text: &str) -> Outcome {
    Is(Field::Text(text.to_owned()))
}

fn json(text: &str) -> Outcome {
    Is(Field::Json(text.to_owned()))
}

fn number(text: &str) -> Outcome {
    Is(Field::Decimal(text.parse().unwrap()))
}

fn binary(bytes: &[u8]) -> Outcome {
    Is(Field::Binary(bytes.to_owned()))
}

/// One value into the sixteen types in their order; the sized decimal is `Decimal(5, 2)`.
fn row(value: Value<'_>, expected: [Outcome; 17]) {
    let mut types = FieldType::ALL.to_vec();
    types.insert(11, decimal(5, 2));
    for (field_type, expected) in types.into_iter().zip(expected) {
        assert_eq!(
            cast(field_type, value),
            expected,
            "{value:?} into {field_type}"
        );
    }
}

/// A number into the types of numbers and text; every other type refuses its kind.
fn number_row(
    value: Value<'_>,
    numbers: [Outcome; 6],
    boolean: Outcome,
    text: &str,
    sized: Outcome,
) {
    let [uint, u128, int, int8, i128, float] = numbers;
    row(
        value,
        [
            uint,
            u128,
            int,
            int8,
            i128,
            float,
            boolean,
            string(text),
            long_text(text),
            WrongKind,
            number(text),
            sized,
            WrongKind,
            WrongKind,
            json(text),
            WrongKind,
            WrongKind,
        ],
    );
}

#[test]
fn integers_go_where_their_number_is_held_exactly() {
    let uint = |number| Is(Field::UInt(number));
    let u128 = |number| Is(Field::U128(number));
    let int = |number| Is(Field::Int(number));
    let int8 = |number| Is(Field::Int8(number));
    let i128 = |number| Is(Field::I128(number));
    let float = |number| Is(Field::Float(number));
    let boolean = |value| Is(Field::Boolean(value));

    for value in [
        Value::Int(0),
        Value::UInt(0),
        Value::I128(0),
        Value::U128(0),
    ] {
        number_row(
            value,
            [uint(0), u128(0), int(0), int8(0), i128(0), float(0.0)],
            boolean(false),
            "0",
            number("0"),
        );
    }
    number_row(
        Value::Int(1),
        [uint(1), u128(1), int(1), int8(1), i128(1), float(1.0)],
        boolean(true),
        "1",
        number("1.00"),
    );
    number_row(
        Value::Int(-1),
        [
            OutOfRange,
            OutOfRange,
            int(-1),
            int8(-1),
            i128(-1),
            float(-1.0),
        ],
        OutOfRange,
        "-1",
        number("-1"),
    );
    number_row(
        Value::Int(-128),
        [
            OutOfRange,
            OutOfRange,
            int(-128),
            int8(-128),
            i128(-128),
            float(-128.0),
        ],
        OutOfRange,
        "-128",
        number("-128"),
    );
    number_row(
        Value::Int(-129),
        [
            OutOfRange,
            OutOfRange,
            int(-129),
            OutOfRange,
            i128(-129),
            float(-129.0),
        ],
        OutOfRange,
        "-129",
        number("-129"),
    );
    number_row(
        Value::UInt(127),
        [
            uint(127),
            u128(127),
            int(127),
            int8(127),
            i128(127),
            float(127.0),
        ],
        OutOfRange,
        "127",
        number("127"),
    );
    number_row(
        Value::UInt(999),
        [
            uint(999),
            u128(999),
            int(999),
            OutOfRange,
            i128(999),
            float(999.0),
        ],
        OutOfRange,
        "999",
        number("999"),
    );
    number_row(
        Value::UInt(1000),
        [
            uint(1000),
            u128(1000),
            int(1000),
            OutOfRange,
            i128(1000),
            float(1000.0),
        ],
        OutOfRange,
        "1000",
        OutOfRange,
    );

    let min = i64::MIN;
    number_row(
        Value::Int(min),
        [
            OutOfRange,
            OutOfRange,
            int(min),
            OutOfRange,
            i128(min.into()),
            float(-(2.0_f64.powi(63))),
        ],
        OutOfRange,
        "-9223372036854775808",
        OutOfRange,
    );
    let max = i64::MAX;
    number_row(
        Value::Int(max),
        [
            uint(max.unsigned_abs()),
            u128(max.unsigned_abs().into()),
            int(max),
            OutOfRange,
            i128(max.into()),
            Inexact,
        ],
        OutOfRange,
        "9223372036854775807",
        OutOfRange,
    );
    let max = u64::MAX;
    number_row(
        Value::UInt(max),
        [
            uint(max),
            u128(max.into()),
            OutOfRange,
            OutOfRange,
            i128(max.into()),
            Inexact,
        ],
        OutOfRange,
        "18446744073709551615",
        OutOfRange,
    );
    let over = u128::from(max) + 1;
    number_row(
        Value::U128(over),
        [
            OutOfRange,
            u128(over),
            OutOfRange,
            OutOfRange,
            i128(over.cast_signed()),
            float(2.0_f64.powi(64)),
        ],
        OutOfRange,
        "18446744073709551616",
        OutOfRange,
    );
    let min = i128::MIN;
    number_row(
        Value::I128(min),
        [
            OutOfRange,
            OutOfRange,
            OutOfRange,
            OutOfRange,
            i128(min),
            float(-(2.0_f64.powi(127))),
        ],
        OutOfRange,
        "-170141183460469231731687303715884105728",
        OutOfRange,
    );
    let max = u128::MAX;
    number_row(
        Value::U128(max),
        [
            OutOfRange,
            u128(max),
            OutOfRange,
            OutOfRange,
            OutOfRange,
            Inexact,
        ],
        OutOfRange,
        "340282366920938463463374607431768211455",
        OutOfRange,
    );
}

#[test]
fn an_integer_becomes_a_float_only_when_the_float_has_all_its_bits() {
    let limit = 1_i64 << 53;
    assert_eq!(
        cast(FieldType::Float, Value::Int(limit)),
        Is(Field::Float(9_007_199_254_740_992.0))
    );
    assert_eq!(cast(FieldType::Float, Value::Int(limit + 1)), Inexact);
    assert_eq!(
        cast(FieldType::Float, Value::Int(limit + 2)),
        Is(Field::Float(9_007_199_254_740_994.0))
    );
    assert_eq!(cast(FieldType::Float, Value::Int(-limit - 1)), Inexact);
}

#[test]
fn booleans_go_into_integers_and_text() {
    for (value, bit, text) in [(false, 0_u8, "false"), (true, 1, "true")] {
        row(
            Value::Bool(value),
            [
                Is(Field::UInt(bit.into())),
                Is(Field::U128(bit.into())),
                Is(Field::Int(bit.into())),
                Is(Field::Int8(bit.cast_signed())),
                Is(Field::I128(bit.into())),
                WrongKind,
                Is(Field::Boolean(value)),
                string(text),
                long_text(text),
                WrongKind,
                WrongKind,
                WrongKind,
                WrongKind,
                WrongKind,
                json(text),
                WrongKind,
                WrongKind,
            ],
        );
    }
}

#[test]
fn floats_go_where_nothing_of_them_is_lost() {
    let float = |number| Is(Field::Float(number));
    let all = |outcome: Outcome| {
        [
            outcome.clone(),
            outcome.clone(),
            outcome.clone(),
            outcome.clone(),
            outcome,
        ]
    };
    let float_row = |value: f64,
                     integers: [Outcome; 5],
                     text: &str,
                     unsized_decimal: Outcome,
                     sized,
                     in_json| {
        let [uint, u128, int, int8, i128] = integers;
        row(
            Value::Float(value),
            [
                uint,
                u128,
                int,
                int8,
                i128,
                float(value),
                WrongKind,
                string(text),
                long_text(text),
                WrongKind,
                unsized_decimal,
                sized,
                WrongKind,
                WrongKind,
                in_json,
                WrongKind,
                WrongKind,
            ],
        );
    };
    let integers = |n: i8| {
        [
            Is(Field::UInt(n.unsigned_abs().into())),
            Is(Field::U128(n.unsigned_abs().into())),
            Is(Field::Int(n.into())),
            Is(Field::Int8(n)),
            Is(Field::I128(n.into())),
        ]
    };
    float_row(0.0, integers(0), "0", number("0"), number("0"), json("0"));
    float_row(
        -0.0,
        integers(0),
        "-0",
        number("0"),
        number("0"),
        json("-0"),
    );
    float_row(
        127.0,
        integers(127),
        "127",
        number("127"),
        number("127"),
        json("127"),
    );
    float_row(
        0.1,
        all(Inexact),
        "0.1",
        number("0.1"),
        number("0.1"),
        json("0.1"),
    );
    float_row(
        -1.005,
        all(Inexact),
        "-1.005",
        number("-1.005"),
        Inexact,
        json("-1.005"),
    );
    float_row(
        1e-300,
        all(Inexact),
        "1e-300",
        number_text(&format!("0.{}1", "0".repeat(299))),
        Inexact,
        json("1e-300"),
    );
    let great = number_text(&format!("1{}", "0".repeat(300)));
    float_row(
        1e300,
        all(OutOfRange),
        "1e300",
        great,
        OutOfRange,
        json("1e300"),
    );
    float_row(
        f64::NAN,
        all(NotFinite),
        "NaN",
        NotFinite,
        NotFinite,
        NotFinite,
    );
    float_row(
        f64::INFINITY,
        all(NotFinite),
        "inf",
        NotFinite,
        NotFinite,
        NotFinite,
    );
    float_row(
        f64::NEG_INFINITY,
        all(NotFinite),
        "-inf",
        NotFinite,
        NotFinite,
        NotFinite,
    );

    let cases = [
        (FieldType::UInt, -1.0, OutOfRange),
        (FieldType::UInt, 2.0_f64.powi(64), OutOfRange),
        (FieldType::Int, 2.0_f64.powi(63), OutOfRange),
        (
            FieldType::Int,
            -(2.0_f64.powi(63)),
            Is(Field::Int(i64::MIN)),
        ),
        (
            FieldType::U128,
            2.0_f64.powi(127),
            Is(Field::U128(1 << 127)),
        ),
        (FieldType::U128, 2.0_f64.powi(128), OutOfRange),
        (FieldType::I128, 2.0_f64.powi(127), OutOfRange),
        (
            FieldType::I128,
            -(2.0_f64.powi(127)),
            Is(Field::I128(i128::MIN)),
        ),
        (FieldType::I128, -(2.0_f64.powi(128)), OutOfRange),
        (FieldType::Int8, -128.0, Is(Field::Int8(-128))),
        (FieldType::Int8, 128.0, OutOfRange),
        (decimal(5, 2), 999.99, number("999.99")),
        (decimal(5, 2), 1000.0, OutOfRange),
        (decimal(3, -2), 1200.0, number("1200")),
        (decimal(3, -2), 1250.0, Inexact),
    ];
    for (field_type, value, expected) in cases {
        assert_eq!(
            cast(field_type, Value::Float(value)),
            expected,
            "{value} into {field_type}"
        );
    }
}

/// An unconstrained decimal: as a number where it fits, else as its text.
fn number_text(text: &str) -> Outcome {
    Is(text
        .parse()
        .map_or_else(|_| Field::DecimalText(text.to_owned()), Field::Decimal))
}

#[test]
fn text_is_read_strictly_by_each_type() {
    let text_row = |text: &str, mut expected: [Outcome; 17]| {
        expected[7] = string(text);
        expected[8] = long_text(text);
        expected[9] = binary(text.as_bytes());
        row(Value::Text(text), expected);
    };
    let none: [Outcome; 17] = std::array::from_fn(|_| Syntax);
    for text in [
        "", " ", "x", "é", "1 2", "--1", "0x10", "1_000", "２", "yes", "1.2.3", "e5", ".", "+",
        "-", "1e",
    ] {
        text_row(text, none.clone());
    }
    let mut one = none.clone();
    one[0] = Is(Field::UInt(1));
    one[1] = Is(Field::U128(1));
    one[2] = Is(Field::Int(1));
    one[3] = Is(Field::Int8(1));
    one[4] = Is(Field::I128(1));
    one[5] = Is(Field::Float(1.0));
    one[6] = Is(Field::Boolean(true));
    one[10] = number("1");
    one[11] = number("1");
    one[14] = json("1");
    text_row("1", one);
    let mut padded = none.clone();
    padded[14] = json(" 1 ");
    text_row(" 1 ", padded);
    let mut negative = none.clone();
    for place in [0, 1, 3, 11] {
        negative[place] = OutOfRange;
    }
    negative[2] = Is(Field::Int(-1000));
    negative[4] = Is(Field::I128(-1000));
    negative[5] = Is(Field::Float(-1000.0));
    negative[10] = number("-1000");
    negative[14] = json("-1000");
    text_row("-1000", negative);
    let mut nan = none.clone();
    nan[5] = Is(Field::Float(f64::NAN));
    nan[10] = NotFinite;
    nan[11] = NotFinite;
    text_row("NaN", nan);
    let mut word = none.clone();
    word[6] = Is(Field::Boolean(true));
    text_row("TRUE", word.clone());
    word[14] = json("true");
    text_row("true", word);
    let mut instant = none.clone();
    instant[12] = Is(Field::Timestamp("2024-02-29T23:00:00.5Z".parse().unwrap()));
    text_row("2024-03-01 00:00:00.500+01", instant);
    let mut day = none.clone();
    day[13] = Is(Field::Date(Date::new(2024, 2, 29).unwrap()));
    text_row("2024-02-29", day);
    let mut pair = none.clone();
    pair[15] = Is(Field::Point(Point::new(1.5, -2.0)));
    for text in ["(1.5,-2)", "1.5,-2", "POINT(1.5 -2)", "point (1.5 -2)"] {
        text_row(text, pair.clone());
    }
    let mut length = none.clone();
    length[16] = Is(Field::Duration(
        Duration::from_nanos(-3_723_500_000_000).unwrap(),
    ));
    text_row("-PT1H2M3.5S", length.clone());
    text_row("-01:02:03.5", length);
    let mut document = none;
    document[14] = json("{\"a\": [1, null]}");
    text_row("{\"a\": [1, null]}", document);
}

#[test]
fn text_at_the_edges_of_numbers() {
    let nines = "9".repeat(100);
    let cases = [
        (
            FieldType::UInt,
            "18446744073709551615",
            Is(Field::UInt(u64::MAX)),
        ),
        (FieldType::UInt, "18446744073709551616", OutOfRange),
        (FieldType::UInt, "-0", Is(Field::UInt(0))),
        (FieldType::UInt, "-1", OutOfRange),
        (FieldType::UInt, "1.0", Syntax),
        (
            FieldType::U128,
            "340282366920938463463374607431768211455",
            Is(Field::U128(u128::MAX)),
        ),
        (
            FieldType::U128,
            "340282366920938463463374607431768211456",
            OutOfRange,
        ),
        (
            FieldType::Int,
            "-9223372036854775808",
            Is(Field::Int(i64::MIN)),
        ),
        (FieldType::Int, "-9223372036854775809", OutOfRange),
        (FieldType::Int, "+7", Is(Field::Int(7))),
        (FieldType::Int8, "-129", OutOfRange),
        (
            FieldType::I128,
            "-170141183460469231731687303715884105729",
            OutOfRange,
        ),
        (FieldType::I128, &nines, OutOfRange),
        (FieldType::Float, "1e999", OutOfRange),
        (FieldType::Float, "-1e999", OutOfRange),
        (FieldType::Float, "1e-999", Inexact),
        (FieldType::Float, "0e-999", Is(Field::Float(0.0))),
        (FieldType::Float, "-0", Is(Field::Float(-0.0))),
        (
            FieldType::Float,
            "-inf",
            Is(Field::Float(f64::NEG_INFINITY)),
        ),
        (
            FieldType::DECIMAL,
            &nines,
            Is(Field::DecimalText(nines.clone())),
        ),
        (FieldType::DECIMAL, "1e-3", number("0.001")),
        (FieldType::DECIMAL, "-0.00", number("0")),
        (decimal(5, 2), "1e2", number("100")),
        (decimal(5, 2), "999.990", number("999.99")),
        (decimal(5, 2), "0.001", Inexact),
        (decimal(5, 2), "1000", OutOfRange),
        (decimal(5, 2), &nines, OutOfRange),
        (decimal(76, 0), &nines[..76], number(&nines[..76])),
        (decimal(38, 0), &nines[..38], number(&nines[..38])),
        (decimal(38, 0), &nines[..39], OutOfRange),
        (decimal(76, 76), "1e-77", Inexact),
        (decimal(1, -76), "1e76", number("1e76")),
        (FieldType::Json, "[1,]", Syntax),
        (FieldType::Json, "nul", Syntax),
        (FieldType::Date, "2023-02-29", Syntax),
        (FieldType::Date, "9999999-01-01", OutOfRange),
        (
            FieldType::Timestamp(TimeUnit::Second),
            "1970-01-01T00:00:00.1Z",
            Inexact,
        ),
        (
            FieldType::Timestamp(TimeUnit::Nano),
            "2262-04-11T23:47:16.854775807Z",
            Is(Field::Timestamp(Timestamp::from_unit(
                i64::MAX,
                TimeUnit::Nano,
            ))),
        ),
        (
            FieldType::Timestamp(TimeUnit::Nano),
            "2262-04-11T23:47:16.854775808Z",
            OutOfRange,
        ),
        (
            FieldType::Timestamp(TimeUnit::Nano),
            "1677-09-21T00:12:43.145224192Z",
            Is(Field::Timestamp(Timestamp::from_unit(
                i64::MIN,
                TimeUnit::Nano,
            ))),
        ),
        (
            FieldType::Timestamp(TimeUnit::Nano),
            "1677-09-21T00:12:43.145224191Z",
            OutOfRange,
        ),
        (
            FieldType::Timestamp(TimeUnit::Milli),
            "99999999999999999-01-01T00:00:00Z",
            OutOfRange,
        ),
        (FieldType::Duration(TimeUnit::Milli), "PT0.0001S", Inexact),
        (
            FieldType::Duration(TimeUnit::Nano),
            "PT9223372037S",
            OutOfRange,
        ),
        (FieldType::Point, "1e999,0", OutOfRange),
    ];
    for (field_type, text, expected) in cases {
        // A coordinate is out of range for its float, and says so.
        if field_type == FieldType::Point {
            let misfit = Column::new(field_type).push_str(text);
            assert_eq!(misfit, Err(Misfit::OutOfRange(FieldType::Float)));
        } else {
            assert_eq!(
                cast(field_type, Value::Text(text)),
                expected,
                "{text} into {field_type}"
            );
        }
    }
}

#[test]
fn json_of_any_depth_is_checked_without_using_up_the_stack() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(Column::new(FieldType::Json).push_str(&deep), Ok(()));
    let open = "[".repeat(1_000_000);
    assert!(matches!(
        Column::new(FieldType::Json).push_str(&open),
        Err(Misfit::Syntax { .. })
    ));
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

/// A value into the types that take it; every other type refuses its kind.
fn only(value: Value<'_>, takes: &[(usize, Outcome)]) {
    let expected = std::array::from_fn(|place| {
        takes
            .iter()
            .find(|(taken, _)| *taken == place)
            .map_or(WrongKind, |(_, outcome)| outcome.clone())
    });
    row(value, expected);
}

#[test]
fn bytes_are_bytes_and_nothing_else() {
    for bytes in [&b""[..], b"1", b"\xff\x00", b"true"] {
        only(Value::Bytes(bytes), &[(9, binary(bytes))]);
    }
}

#[test]
fn decimals_go_where_their_number_is_held_exactly() {
    let integers = |outcome: &Outcome| {
        (0..5)
            .map(|place| (place, outcome.clone()))
            .collect::<Vec<_>>()
    };
    let decimal_row = |text: &str, first: Vec<(usize, Outcome)>, float: Outcome, sized: Outcome| {
        let mut takes = first;
        takes.extend([
            (5, float),
            (7, string(text)),
            (8, long_text(text)),
            (10, number(text)),
            (11, sized),
            (14, json(text)),
        ]);
        only(Value::Decimal(text.parse().unwrap()), &takes);
    };
    let hundred = vec![
        (0, Is(Field::UInt(100))),
        (1, Is(Field::U128(100))),
        (2, Is(Field::Int(100))),
        (3, Is(Field::Int8(100))),
        (4, Is(Field::I128(100))),
    ];
    decimal_row("100.00", hundred, Is(Field::Float(100.0)), number("100"));
    decimal_row(
        "0.10",
        integers(&Inexact),
        Is(Field::Float(0.1)),
        number("0.1"),
    );
    decimal_row(
        "0.125",
        integers(&Inexact),
        Is(Field::Float(0.125)),
        Inexact,
    );
    decimal_row(
        "0.12345678901234567890",
        integers(&Inexact),
        Inexact,
        Inexact,
    );
    let nines = "9".repeat(76);
    decimal_row(&nines, integers(&OutOfRange), Inexact, OutOfRange);
    let zero = vec![
        (0, Is(Field::UInt(0))),
        (1, Is(Field::U128(0))),
        (2, Is(Field::Int(0))),
        (3, Is(Field::Int8(0))),
        (4, Is(Field::I128(0))),
    ];
    decimal_row("0.000", zero, Is(Field::Float(0.0)), number("0"));
    let max = Value::Decimal(Decimal::from(u128::MAX));
    assert_eq!(cast(FieldType::U128, max), Is(Field::U128(u128::MAX)));
    assert_eq!(cast(FieldType::I128, max), OutOfRange);
    let long = "1".repeat(90);
    let takes = [
        (0, Inexact),
        (1, Inexact),
        (2, Inexact),
        (3, Inexact),
        (4, Inexact),
        (5, Inexact),
        (7, string(&long)),
        (8, long_text(&long)),
        (10, Is(Field::DecimalText(long.clone()))),
        (11, OutOfRange),
        (14, json(&long)),
    ];
    assert_eq!(
        cast(FieldType::DECIMAL, Value::DecimalText(&long)),
        takes[8].1
    );
    assert_eq!(cast(FieldType::Text, Value::DecimalText(&long)), takes[7].1);
    assert_eq!(cast(decimal(5, 2), Value::DecimalText(&long)), OutOfRange);
    assert_eq!(cast(FieldType::Int, Value::DecimalText(&long)), OutOfRange);
    assert_eq!(cast(FieldType::Date, Value::DecimalText(&long)), WrongKind);
}

#[test]
fn times_of_every_sort_go_where_they_mean_something() {
    let instant: Timestamp = "2024-02-29T12:34:56.789Z".parse().unwrap();
    let shown = instant.to_string();
    let quoted = format!("\"{shown}\"");
    only(
        Value::Timestamp(instant),
        &[
            (7, string(&shown)),
            (8, long_text(&shown)),
            (12, Is(Field::Timestamp(instant))),
            (13, Inexact),
            (14, json(&quoted)),
        ],
    );
    let midnight: Timestamp = "2024-02-29T00:00:00Z".parse().unwrap();
    let day = Date::new(2024, 2, 29).unwrap();
    assert_eq!(
        cast(FieldType::Date, Value::Timestamp(midnight)),
        Is(Field::Date(day))
    );
    only(
        Value::Timestamp(Timestamp::MAX),
        &[
            (7, string(&Timestamp::MAX.to_string())),
            (8, long_text(&Timestamp::MAX.to_string())),
            (12, Inexact),
            (13, Inexact),
            (14, json(&format!("\"{}\"", Timestamp::MAX))),
        ],
    );
    assert_eq!(
        cast(FieldType::TIMESTAMP, Value::Timestamp(Timestamp::MIN)),
        OutOfRange
    );
    assert_eq!(
        cast(
            FieldType::Timestamp(TimeUnit::Second),
            Value::Timestamp(Timestamp::MIN)
        ),
        Is(Field::Timestamp(Timestamp::MIN))
    );
    let far = Timestamp::new(i64::MAX / 86_400 * 86_400, 0).unwrap();
    assert_eq!(cast(FieldType::Date, Value::Timestamp(far)), OutOfRange);

    only(
        Value::Date(day),
        &[
            (7, string("2024-02-29")),
            (8, long_text("2024-02-29")),
            (12, Is(Field::Timestamp(midnight))),
            (13, Is(Field::Date(day))),
            (14, json("\"2024-02-29\"")),
        ],
    );
    assert_eq!(
        cast(FieldType::Timestamp(TimeUnit::Nano), Value::Date(Date::MAX)),
        OutOfRange
    );

    let time: Time = "01:02:03.5".parse().unwrap();
    let length = Duration::from(time);
    only(
        Value::Time(time),
        &[
            (7, string("01:02:03.5")),
            (8, long_text("01:02:03.5")),
            (14, json("\"01:02:03.5\"")),
            (16, Is(Field::Duration(length))),
        ],
    );
    only(
        Value::Duration(length),
        &[
            (7, string("PT1H2M3.5S")),
            (8, long_text("PT1H2M3.5S")),
            (14, json("\"PT1H2M3.5S\"")),
            (16, Is(Field::Duration(length))),
        ],
    );
    assert_eq!(
        cast(
            FieldType::Duration(TimeUnit::Second),
            Value::Duration(length)
        ),
        Inexact
    );
    assert_eq!(
        cast(FieldType::DURATION, Value::Duration(Duration::MIN)),
        OutOfRange
    );
}

#[test]
fn json_uuids_and_points_go_where_they_mean_something() {
    let document = "{\"a\":1}";
    only(
        Value::Json(document),
        &[
            (7, string(document)),
            (8, long_text(document)),
            (14, json(document)),
        ],
    );
    let id: [u8; 16] = std::array::from_fn(|place| u8::try_from(place).unwrap() * 0x11);
    let shown = "00112233-4455-6677-8899-aabbccddeeff";
    only(
        Value::Uuid(id),
        &[
            (
                1,
                Is(Field::U128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)),
            ),
            (7, string(shown)),
            (8, long_text(shown)),
            (9, binary(&id)),
            (14, json(&format!("\"{shown}\""))),
        ],
    );
    let point = Point::new(1.5, -2.0);
    only(
        Value::Point(point),
        &[
            (7, string("(1.5,-2)")),
            (8, long_text("(1.5,-2)")),
            (14, json("[1.5,-2]")),
            (15, Is(Field::Point(point))),
        ],
    );
    let infinite = Value::Point(Point::new(f64::INFINITY, 0.0));
    assert_eq!(cast(FieldType::Json, infinite), NotFinite);
}

#[test]
fn null_and_unchanged_go_into_every_type() {
    row(Value::Null, std::array::from_fn(|_| Is(Field::Null)));
    row(
        Value::Unchanged,
        std::array::from_fn(|_| Is(Field::Unchanged)),
    );
}

#[test]
fn a_misfit_says_the_reason_alone() {
    let misfit = Column::new(FieldType::UInt).push_i64(-1).unwrap_err();
    assert_eq!(
        misfit.to_string(),
        "out of range for a 64-bit unsigned integer"
    );
    let misfit = Column::new(decimal(5, 2)).push_i64(1000).unwrap_err();
    assert_eq!(
        misfit.to_string(),
        "out of range for a decimal of precision 5 and scale 2"
    );
    let misfit = Column::new(FieldType::Date).push_bool(true).unwrap_err();
    assert_eq!(misfit.to_string(), "wrong kind of value: a boolean");
    let misfit = Column::new(FieldType::Date)
        .push_str("2023-02-29")
        .unwrap_err();
    assert_eq!(misfit.to_string(), "not a date: month 02 has no day 29");
}
