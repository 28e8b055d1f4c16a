//! What it costs to decode a million values of a type from either wire form into a column, against copying the same bytes.
//!
//! `cargo run --release -p connector-postgres --example decode_cost`
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement, not a library"
)]

use std::hint::black_box;
use std::time::Instant;

use connector_core::Column;
use connector_postgres::types::{PgValue, TypeCatalog, TypeOptions};

const ROWS: usize = 1_000_000;
/// Values that are gone through again and again.
const KINDS: usize = 1_000;

/// A type: its number and modifier, and the text and the binary form of its `n`th value.
type Case = (
    &'static str,
    u32,
    i32,
    fn(i64) -> String,
    fn(i64) -> Vec<u8>,
);

fn numeric(n: i64) -> Vec<u8> {
    // n * 1234.56 as groups of four digits, with a scale of 2.
    let hundredths = n * 123_456;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let groups = [
        whole / 10_000 / 10_000,
        whole / 10_000 % 10_000,
        whole % 10_000,
        rest * 100,
    ];
    let mut bytes = vec![0, 4, 0, 2, 0, 0, 0, 2];
    for group in groups {
        bytes.extend(u16::try_from(group).unwrap().to_be_bytes());
    }
    bytes
}

const CASES: &[Case] = &[
    (
        "boolean",
        16,
        -1,
        |n| if n % 2 == 0 { "t" } else { "f" }.into(),
        |n| vec![u8::from(n % 2 == 0)],
    ),
    (
        "integer",
        23,
        -1,
        |n| (n * 12_345).to_string(),
        |n| i32::try_from(n * 12_345).unwrap().to_be_bytes().into(),
    ),
    (
        "bigint",
        20,
        -1,
        |n| (n * 1_234_567_890_123).to_string(),
        |n| (n * 1_234_567_890_123).to_be_bytes().into(),
    ),
    (
        "double precision",
        701,
        -1,
        |n| (n as f64 / 7.0).to_string(),
        |n| (n as f64 / 7.0).to_be_bytes().into(),
    ),
    (
        "numeric(12,2)",
        1700,
        (12 << 16 | 2) + 4,
        |n| format!("{}.{:02}", n * 123_456 / 100, n * 123_456 % 100),
        numeric,
    ),
    (
        "numeric",
        1700,
        -1,
        |n| format!("{}.{:02}", n * 123_456 / 100, n * 123_456 % 100),
        numeric,
    ),
    (
        "text",
        25,
        -1,
        |n| format!("some text {n}"),
        |n| format!("some text {n}").into_bytes(),
    ),
    (
        "date",
        1082,
        -1,
        |n| format!("20{:02}-02-{:02}", n % 100, n % 28 + 1),
        |n| i32::try_from(n).unwrap().to_be_bytes().into(),
    ),
    (
        "timestamptz",
        1184,
        -1,
        |n| format!("2024-02-{:02} 12:34:56.{:06}+00", n % 28 + 1, n),
        |n| (n * 86_400_000_001).to_be_bytes().into(),
    ),
    (
        "uuid",
        2950,
        -1,
        |n| format!("a0eebc99-9c0b-4ef8-bb6d-6bb9{n:08}"),
        |n| u128::try_from(n).unwrap().to_be_bytes().into(),
    ),
    (
        "bytea",
        17,
        -1,
        |n| format!("\\x{n:064x}"),
        |n| {
            let mut bytes = vec![0; 24];
            bytes.extend(n.to_be_bytes());
            bytes
        },
    ),
    (
        "integer[]",
        1007,
        -1,
        |n| format!("{{{n},{n},{n}}}"),
        |n| {
            let mut bytes = vec![0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 3, 0, 0, 0, 1];
            for _ in 0..3 {
                bytes.extend([0, 0, 0, 4]);
                bytes.extend(i32::try_from(n).unwrap().to_be_bytes());
            }
            bytes
        },
    ),
];

fn main() {
    println!("nanoseconds a value; in brackets, times the cost of a copy of its bytes");
    println!("{:<18}{:>18}{:>18}", "type", "text", "binary");
    let types = TypeCatalog::new(TypeOptions::default());
    for (name, oid, modifier, text, binary) in CASES {
        let decoder = types.resolve(*oid, *modifier).unwrap();
        let numbers = 0..i64::try_from(KINDS).unwrap();
        let texts: Vec<Vec<u8>> = numbers.clone().map(|n| text(n).into_bytes()).collect();
        let binaries: Vec<Vec<u8>> = numbers.map(binary).collect();
        let measure = |values: &[Vec<u8>], raw: fn(&[u8]) -> PgValue<'_>| {
            let best = |run: &mut dyn FnMut()| {
                let time = |_| {
                    let start = Instant::now();
                    run();
                    start.elapsed().as_secs_f64()
                };
                (0..5).map(time).fold(f64::INFINITY, f64::min) / ROWS as f64 * 1e9
            };
            let decoding = best(&mut || {
                let mut column = Column::with_capacity(decoder.field_type(), ROWS);
                for value in values.iter().cycle().take(ROWS) {
                    decoder.append(raw(value), &mut column).unwrap();
                }
                assert_eq!(black_box(&column).len(), ROWS);
            });
            let size = values.iter().map(Vec::len).sum::<usize>() * (ROWS / KINDS);
            let copying = best(&mut || {
                let mut copy = Vec::with_capacity(size);
                for value in values.iter().cycle().take(ROWS) {
                    copy.extend_from_slice(value);
                }
                assert_eq!(black_box(&copy).len(), size);
            });
            format!("{decoding:.1} ({:.1})", decoding / copying)
        };
        println!(
            "{name:<18}{:>18}{:>18}",
            measure(&texts, |value| PgValue::Text(value)),
            measure(&binaries, |value| PgValue::Binary(value))
        );
    }
}
