//! Values at the boundaries of every kind.

use crate::types::TimeUnit;
use crate::value::{Date, Decimal, Duration, I256, Point, Time, Timestamp, Value};

/// Texts and bytes that are too long to be written down.
pub(super) struct Texts {
    letters: String,
    digits: String,
    bytes: Vec<u8>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self {
            letters: "long æ ".repeat(10_000),
            digits: "9".repeat(200),
            bytes: (0..=u8::MAX).cycle().take(70_000).collect(),
        }
    }
}

/// Every boundary value but null.
pub(super) fn all(texts: &Texts) -> Vec<Value<'_>> {
    let mut values = vec![Value::Bool(false), Value::Bool(true)];
    integers(&mut values);
    values.extend(FLOATS.map(Value::Float));
    values.extend(TEXTS.map(Value::Text));
    values.extend([&texts.letters, &texts.digits].map(|text| Value::Text(text)));
    values.extend([b"".as_slice(), b"\0", b"\xff\xfe", &texts.bytes].map(Value::Bytes));
    decimals(&mut values);
    values.push(Value::DecimalText(&texts.digits));
    times(&mut values);
    values.extend(DOCUMENTS.map(Value::Json));
    values.extend([[0; 16], [u8::MAX; 16]].map(Value::Uuid));
    let points = [(0.0, -0.0), (f64::MIN, f64::MAX), (f64::NAN, f64::INFINITY)];
    values.extend(points.map(|(x, y)| Value::Point(Point::new(x, y))));
    values
}

/// The least and the greatest integer of every width, one beyond them, and the greatest that a float counts by ones.
fn integers(values: &mut Vec<Value<'_>>) {
    let widths = [8_u32, 16, 32, 53, 64];
    let mut signed = vec![-1_i128, 0, 1];
    for width in widths {
        let half = 1_i128 << (width - 1);
        signed.extend([-half - 1, -half, half - 1, half, 2 * half - 1, 2 * half]);
    }
    for number in signed {
        values.extend(i64::try_from(number).map(Value::Int));
        values.extend(u64::try_from(number).map(Value::UInt));
        values.push(Value::I128(number));
    }
    values.extend([i128::MIN, i128::MAX].map(Value::I128));
    values.extend([0, 1, u128::from(u64::MAX) + 1, u128::MAX].map(Value::U128));
}

const FLOATS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MIN,
    f64::MAX,
    f64::EPSILON,
    9_007_199_254_740_993.0,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// Texts of every form that some system writes, at its limits and past them.
const TEXTS: [&str; 71] = [
    "",
    " ",
    "\0",
    "a\0b",
    "text",
    "æøå 🦀",
    "t",
    "f",
    "true",
    "FALSE",
    "0",
    "1",
    "-0",
    "+1",
    "01",
    "127",
    "128",
    "-129",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "1.5",
    "-1.50",
    "12345678.99",
    "123456789.001",
    ".5",
    "1.",
    "1e3",
    "1e-400",
    "1e400",
    "NaN",
    "Infinity",
    "-inf",
    "$1,000.50",
    "0101",
    "0x00ff",
    "\\x00ff",
    "\\x0",
    "1970-01-01",
    "0000-00-00",
    "2024-02-29",
    "2023-02-29",
    "9999-12-31",
    "10000-01-01",
    "0001-01-01 BC",
    "infinity",
    "1970-01-01T00:00:00Z",
    "2024-02-29 23:59:59.999999",
    "2024-02-29 23:59:60",
    "294276-12-31 23:59:59.999999+00",
    "00:00:00",
    "23:59:59.999999",
    "24:00:00",
    "-838:59:59",
    "P1DT2H3M4.5S",
    "1 mon 2 days",
    "(1.5,-2)",
    "(2,3),(0,1)",
    "((0,1),(2,3))",
    "[(0,1),(2,3)]",
    "<(0,1),2>",
    "{1,-2,3}",
    "{1,NULL,\"a, b\"}",
    "[1,5)",
    "{[1,5),[8,9)}",
    "\"a\"=>\"1\", \"b\"=>NULL",
    "{\"a\": [1, null]}",
    "123e4567-e89b-12d3-a456-426614174000",
];

/// Documents, the last two of which are none.
const DOCUMENTS: [&str; 7] = [
    "null",
    "{}",
    "[1, 2.50, \"\\u0000\"]",
    "\"text\"",
    "1e400",
    "{\"a\":",
    "",
];

fn decimals(values: &mut Vec<Value<'_>>) {
    let greatest = I256::from(1_i64).checked_mul_pow10(76).and_then(|power| {
        // Ten to the 76th is the least mantissa that has a digit too many.
        let (low, high) = power.to_parts();
        Decimal::new(I256::from_parts(low.wrapping_sub(1), high), 0)
    });
    let least = greatest.and_then(|decimal| Decimal::new(decimal.mantissa().checked_neg()?, 0));
    values.extend([greatest, least].into_iter().flatten().map(Value::Decimal));
    let tiny = [(1, 76), (1, -76), (-1, 127), (1, i8::MIN)];
    let plain = [
        (0, 0),
        (150, 2),
        (-1, 0),
        (9_999_999_999, 2),
        (10_000_000_000, 2),
        (1, 3),
    ];
    let halves = [(i128::from(i64::MAX), 0), (i128::MAX, 38), (i128::MIN, 0)];
    for (mantissa, scale) in plain.into_iter().chain(halves).chain(tiny) {
        values.push(Value::Decimal(Decimal::from_i128(mantissa, scale)));
    }
}

fn times(values: &mut Vec<Value<'_>>) {
    values.extend([Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX].map(Value::Timestamp));
    values.extend([Duration::MIN, Duration::ZERO, Duration::MAX].map(Value::Duration));
    for unit in [
        TimeUnit::Second,
        TimeUnit::Milli,
        TimeUnit::Micro,
        TimeUnit::Nano,
    ] {
        for count in [i64::MIN, -1, 1, i64::MAX] {
            values.push(Value::Timestamp(Timestamp::from_unit(count, unit)));
            values.push(Value::Duration(Duration::from_unit(count, unit)));
        }
    }
    values.extend([Date::MIN, Date::from_days(0), Date::MAX].map(Value::Date));
    values.extend(
        [(9999, 12, 31), (0, 1, 1), (2024, 2, 29)]
            .into_iter()
            .filter_map(|(year, month, day)| Date::new(year, month, day).map(Value::Date)),
    );
    values.extend(
        [Time::from_nanos(0), Some(Time::MAX)]
            .into_iter()
            .flatten()
            .map(Value::Time),
    );
}
