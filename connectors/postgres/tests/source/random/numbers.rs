//! Numbers and times, as text.

use std::fmt::{Debug, Display};

use proptest::prelude::*;
use proptest::sample::select;

/// Numbers as text, often one of these.
pub(super) fn edges<T: Display + Debug + Clone + 'static>(
    any: impl Strategy<Value = T> + 'static,
    edges: &[T],
) -> BoxedStrategy<String> {
    prop_oneof![2 => any, 1 => select(edges.to_vec())]
        .prop_map(|number| number.to_string())
        .boxed()
}

pub(super) fn real() -> impl Strategy<Value = String> {
    let any = any::<u32>().prop_map(f32::from_bits);
    let edge = select(vec![0.1, -0.0, 1e-45, f32::MAX, f32::MIN_POSITIVE]);
    prop_oneof![3 => any, 1 => edge]
        .prop_map(|number| float(f64::from(number), format!("{number:e}")))
}

pub(super) fn double(odd: bool) -> BoxedStrategy<String> {
    let any = any::<u64>().prop_map(f64::from_bits);
    let edge = select(vec![
        0.1,
        -0.0,
        5e-324,
        f64::MAX,
        f64::MIN_POSITIVE,
        1e15,
        123_456_789.0,
    ]);
    prop_oneof![3 => any, 1 => edge]
        .prop_filter("finite", move |number| {
            odd || (number.is_finite() && number.abs() < 1e100)
        })
        .prop_map(|number| float(number, format!("{number:e}")))
        .boxed()
}

fn float(number: f64, text: String) -> String {
    match number {
        number if number.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        _ => text,
    }
}

/// Digits with a point among them.
pub(super) fn decimal(whole: usize, fraction: usize) -> BoxedStrategy<String> {
    let any = format!(
        "-?(0|[1-9][0-9]{{0,{}}})(\\.[0-9]{{1,{fraction}}})?",
        whole - 1
    );
    let edge = select(vec![
        "0",
        "0.0000",
        "-0.0001",
        "1e300",
        "-1e-300",
        "9999.9999",
        "10000",
        "1e131071",
        "1e-16383",
    ]);
    prop_oneof![
        4 => matching(&any),
        2 => "-?[1-9]0{0,30}(\\.0{1,12}[0-9]?)?",
        1 => edge.prop_map(str::to_owned),
    ]
    .boxed()
}

/// Text that matches a pattern.
pub(super) fn matching(pattern: &str) -> BoxedStrategy<String> {
    proptest::string::string_regex(pattern).unwrap().boxed()
}

pub(super) fn time() -> BoxedStrategy<String> {
    let time = (0_u64..86_400_000_000).prop_map(|micros| {
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        format!(
            "{:02}:{:02}:{:02}.{micros:06}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    });
    prop_oneof![4 => time, 1 => select(vec!["00:00", "24:00", "12:30:00", "23:59:59.999999"]).prop_map(str::to_owned)].boxed()
}

pub(super) fn offset_of(seconds: i32) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    format!(
        "{sign}{:02}:{:02}:{:02}",
        size / 3600,
        size / 60 % 60,
        size % 60
    )
}

/// From the first day that Postgres knows to the last one that a field type of microseconds does.
pub(super) fn instant(typ: &'static str) -> impl Strategy<Value = String> {
    let days = edges(
        -2_451_507_i32..106_741_000,
        &[-2_451_507, -730_120, -1, 0, 8_825, 106_741_000],
    );
    (days, time()).prop_map(move |(days, time)| {
        format!("{typ} '2000-01-01' + {days} * interval '1 day' + interval '{time}'")
    })
}

pub(super) fn interval() -> impl Strategy<Value = String> {
    let months = edges(-10_000_i32..10_000, &[i32::MIN + 1, -1, 0, i32::MAX]);
    let days = edges(-10_000_i32..10_000, &[i32::MIN + 1, -1, 0, i32::MAX]);
    let hours = edges(0_u32..100, &[0, 2_000_000_000]);
    (
        months,
        days,
        select(vec!["", "-"]),
        hours,
        0_u32..60,
        0_u32..60,
        edges(0_u32..1_000_000, &[0, 1, 500_000]),
    )
        .prop_map(|(months, days, sign, hours, minutes, seconds, micros)| {
            format!(
                "{months} mons {days} days {sign}{hours}:{minutes:02}:{seconds:02}.{micros:0>6}"
            )
        })
}
