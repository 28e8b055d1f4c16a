//! Types that are not made of others, each with values up to its edges.

use std::fmt::Display;

use proptest::prelude::*;
use proptest::sample::select;

use connector_postgres::literal;

use super::words::{text, word};
use super::{POOL, Typed};

pub(super) type Kind = fn() -> BoxedStrategy<Typed>;

/// Types with both wire forms.
pub(super) const BOTH: &[Kind] = &[
    || of("Boolean", "bool", select(vec!["true", "false"])),
    || {
        of(
            "SmallInt",
            "int2",
            edges(any::<i16>(), &[i16::MIN, -1, 0, i16::MAX]),
        )
    },
    || {
        of(
            "Integer",
            "int4",
            edges(any::<i32>(), &[i32::MIN, -1, 0, i32::MAX]),
        )
    },
    || {
        of(
            "BigInt",
            "int8",
            edges(any::<i64>(), &[i64::MIN, -1, 0, i64::MAX]),
        )
    },
    || of("Real", "float4", real()),
    || of("Double", "float8", double(true)),
    sized_numeric,
    || of("Numeric", "numeric", decimal(60, 40)),
    money,
    || of("Text", "text", text()),
    varchar,
    character,
    || {
        by(
            "Byte",
            "\"char\"",
            any::<i8>().prop_map(|byte| format!("({byte})::int")),
        )
    },
    || of("Name", "name", text()),
    || of("Name", "refcursor", text()),
    || of("Citext", "citext", text()),
    || {
        of(
            "Uuid",
            "uuid",
            edges(any::<u128>(), &[0, u128::MAX])
                .prop_map(|number| format!("{:032x}", number.parse::<u128>().unwrap())),
        )
    },
    || {
        of(
            "Bytea",
            "bytea",
            prop::collection::vec(any::<u8>(), 0..40)
                .prop_map(|bytes| format!("\\x{}", hexadecimal(&bytes))),
        )
    },
    bits,
    || {
        by(
            "Date",
            "date",
            edges(
                -2_451_507_i32..2_145_031_949,
                &[-2_451_507, -730_120, 0, 2_145_031_948],
            )
            .prop_map(|days| format!("date '2000-01-01' + ({days})")),
        )
    },
    || of("Time", "time", time()),
    || {
        of(
            "TimeTz",
            "timetz",
            (time(), -57_599_i32..=57_599)
                .prop_map(|(time, offset)| format!("{time}{}", offset_of(offset))),
        )
    },
    || by("Timestamp", "timestamp", instant("timestamp")),
    || by("TimestampTz", "timestamptz", instant("timestamptz")),
    || of("Interval", "interval", interval()),
    || of("Json", "json", json(true)),
    || of("Jsonb", "jsonb", json(false)),
    || of("JsonPath", "jsonpath", json_path()),
    || of("Xml", "xml", xml()),
    || of("Point", "point", point(true)),
    || {
        of(
            "Line",
            "line",
            (double(false), double(false)).prop_map(|(b, c)| format!("{{1,{b},{c}}}")),
        )
    },
    || {
        of(
            "Segment",
            "lseg",
            points(2, 2).prop_map(|points| format!("[{points}]")),
        )
    },
    || of("Box", "box", points(2, 2)),
    || {
        of(
            "Path",
            "path",
            (points(1, 5), any::<bool>()).prop_map(|(points, closed)| {
                if closed {
                    format!("({points})")
                } else {
                    format!("[{points}]")
                }
            }),
        )
    },
    || {
        of(
            "Polygon",
            "polygon",
            points(1, 5).prop_map(|points| format!("({points})")),
        )
    },
    || {
        of(
            "Circle",
            "circle",
            (point(false), 0_u32..1000)
                .prop_map(|(center, radius)| format!("<{center},{radius}.5>")),
        )
    },
    || {
        of(
            "Network",
            "inet",
            address().prop_map(|(host, bits)| format!("{host}/{bits}")),
        )
    },
    || {
        by(
            "Network",
            "cidr",
            address().prop_map(|(host, bits)| format!("network(inet '{host}/{bits}')")),
        )
    },
    || {
        of(
            "MacAddress",
            "macaddr",
            any::<[u8; 6]>().prop_map(|bytes| hexadecimal(&bytes)),
        )
    },
    || {
        of(
            "MacAddress8",
            "macaddr8",
            any::<[u8; 8]>().prop_map(|bytes| hexadecimal(&bytes)),
        )
    },
    || {
        of(
            "TsVector",
            "tsvector",
            prop::collection::vec(lexeme(), 0..6).prop_map(|words| words.join(" ")),
        )
    },
    || of("Oid", "oid", edges(any::<u32>(), &[0, u32::MAX])),
    || of("Oid", "xid", edges(any::<u32>(), &[0, u32::MAX])),
    || of("Oid", "cid", edges(any::<u32>(), &[0, u32::MAX])),
    || of("Xid8", "xid8", edges(any::<u64>(), &[0, u64::MAX])),
    || {
        of(
            "RowPlace",
            "tid",
            (edges(any::<u32>(), &[0, u32::MAX]), any::<u16>())
                .prop_map(|(block, row)| format!("({block},{row})")),
        )
    },
    || {
        of(
            "LogPlace",
            "pg_lsn",
            any::<(u32, u32)>().prop_map(|(high, low)| format!("{high:X}/{low:X}")),
        )
    },
    || of("Snapshot", "pg_snapshot", snapshot()),
    || of("Snapshot", "txid_snapshot", snapshot()),
    || by("Hstore", "hstore", hstore()),
    || {
        of(
            "LabelTree",
            "ltree",
            prop::collection::vec(word(), 0..6).prop_map(|labels| labels.join(".")),
        )
    },
    || {
        of(
            "LabelTree",
            "lquery",
            word().prop_map(|label| format!("{label}@*.!a|{label}.*{{1,3}}")),
        )
    },
    || {
        of(
            "LabelTree",
            "ltxtquery",
            word().prop_map(|label| format!("{label} & !(b@ | c*)")),
        )
    },
];

/// Types with the text form alone.
pub(super) const TEXT_ONLY: &[Kind] = &[
    || {
        of(
            "TsQuery",
            "tsquery",
            word().prop_map(|word| format!("'{word} it''''s' & (b | !c:*A) <-> d")),
        )
    },
    || {
        of(
            "Named",
            "regclass",
            select(vec!["pg_class", "pg_catalog.pg_type", "12345", "-"]),
        )
    },
    || {
        of(
            "Named",
            "regtype",
            select(vec!["integer", "text[]", "timestamp with time zone"]),
        )
    },
    || of("Named", "regprocedure", select(vec!["length(text)", "-"])),
    || {
        of(
            "Other",
            "aclitem",
            select(vec!["postgres=r/postgres", "=arwdDxt/postgres"]),
        )
    },
    || of("Other", "int2vector", select(vec!["", "1 2 -3"])),
];

/// `numeric`, where it becomes text.
pub(super) fn numeric_text() -> BoxedStrategy<Typed> {
    let odd = select(vec!["NaN", "Infinity", "-Infinity"]).prop_map(str::to_owned);
    of(
        "NumericText",
        "numeric",
        prop_oneof![3 => decimal(60, 40), 1 => odd],
    )
}

/// A type, and texts of its values.
pub(super) fn of(
    variant: &'static str,
    declared: &str,
    texts: impl Strategy<Value = impl AsRef<str> + std::fmt::Debug> + 'static,
) -> BoxedStrategy<Typed> {
    by(
        variant,
        declared,
        texts.prop_map(|text| literal(text.as_ref())),
    )
}

/// A type, and expressions that are cast to it.
pub(super) fn by(
    variant: &'static str,
    declared: &str,
    expressions: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Typed> {
    let declared = declared.to_owned();
    prop::collection::vec(expressions, POOL)
        .prop_map(move |expressions| Typed {
            variant,
            values: (expressions.iter())
                .map(|expression| format!("({expression})::{declared}"))
                .collect(),
            declared: declared.clone(),
            ddl: Vec::new(),
        })
        .boxed()
}

/// Numbers as text, often one of these.
fn edges<T: Display + std::fmt::Debug + Clone + 'static>(
    any: impl Strategy<Value = T> + 'static,
    edges: &[T],
) -> BoxedStrategy<String> {
    prop_oneof![2 => any, 1 => select(edges.to_vec())]
        .prop_map(|number| number.to_string())
        .boxed()
}

fn real() -> impl Strategy<Value = String> {
    let any = any::<u32>().prop_map(f32::from_bits);
    let edge = select(vec![0.1, -0.0, 1e-45, f32::MAX, f32::MIN_POSITIVE]);
    prop_oneof![3 => any, 1 => edge]
        .prop_map(|number| float(f64::from(number), format!("{number:e}")))
}

fn double(odd: bool) -> BoxedStrategy<String> {
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

/// Text that matches a pattern.
fn matching(pattern: &str) -> BoxedStrategy<String> {
    proptest::string::string_regex(pattern).unwrap().boxed()
}

/// Digits with a point among them.
fn decimal(whole: usize, fraction: usize) -> BoxedStrategy<String> {
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

/// Of any number of digits: past 76 it is read as `numeric` without a size.
fn sized_numeric() -> BoxedStrategy<Typed> {
    let size = prop_oneof![3 => 1_i32..=38, 2 => 1_i32..=76, 1 => 1_i32..=1000];
    (size, -30_i32..=60)
        .prop_flat_map(|(precision, scale)| {
            let digits = matching(&format!("-?[0-9]{{1,{precision}}}"));
            let declared = format!("numeric({precision},{scale})");
            let variant = if precision <= 76 {
                "SizedNumeric"
            } else {
                "Numeric"
            };
            of(
                variant,
                &declared,
                digits.prop_map(move |digits| format!("{digits}e{}", -scale)),
            )
        })
        .boxed()
}

fn money() -> BoxedStrategy<Typed> {
    let units = prop_oneof![3 => any::<i64>(), 1 => select(vec![i64::MIN, i64::MAX, 0, -5])];
    let text = units.prop_map(|units| {
        let (sign, size) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
        format!("{sign}{}.{:02}", size / 100, size % 100)
    });
    of("Money", "money", text)
}

fn varchar() -> BoxedStrategy<Typed> {
    let sized = (1_u32..40).prop_map(|n| format!("varchar({n})"));
    prop_oneof![sized, Just("varchar".to_owned())]
        .prop_flat_map(|declared| of("Varchar", &declared, text()))
        .boxed()
}

fn character() -> BoxedStrategy<Typed> {
    (1_u32..40)
        .prop_flat_map(|n| of("Character", &format!("char({n})"), text()))
        .boxed()
}

fn bits() -> BoxedStrategy<Typed> {
    let fixed = (1_usize..70).prop_flat_map(|n| {
        of(
            "Bits",
            &format!("bit({n})"),
            matching(&format!("[01]{{{n}}}")),
        )
    });
    prop_oneof![fixed, of("Bits", "varbit", "[01]{0,90}")].boxed()
}

fn time() -> BoxedStrategy<String> {
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

fn offset_of(seconds: i32) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    format!(
        "{sign}{:02}:{:02}:{:02}",
        size / 3600,
        size / 60 % 60,
        size % 60
    )
}

/// From the first day that Postgres knows to the last one that a field type of microseconds does.
fn instant(typ: &'static str) -> impl Strategy<Value = String> {
    let days = edges(
        -2_451_507_i32..106_741_000,
        &[-2_451_507, -730_120, -1, 0, 8_825, 106_741_000],
    );
    (days, time()).prop_map(move |(days, time)| {
        format!("{typ} '2000-01-01' + {days} * interval '1 day' + interval '{time}'")
    })
}

fn interval() -> impl Strategy<Value = String> {
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

fn json(with_zero: bool) -> BoxedStrategy<String> {
    let string = text().prop_map(|text| serde_json::to_string(&text).unwrap());
    let zero = select(vec![
        if with_zero {
            "\"\\u0000\""
        } else {
            "\"\\u0001\""
        },
        "1.50",
        "-0",
        "1E400",
        "0.1e-7",
        "true",
        "null",
        "123456789012345678901234567890",
    ]);
    let leaf = prop_oneof![2 => string, 2 => zero.prop_map(str::to_owned)];
    let tree = leaf.prop_recursive(3, 20, 4, |inner| {
        let key = text().prop_map(|text| serde_json::to_string(&text).unwrap());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|parts| format!("[ {}]", parts.join(" ,"))),
            prop::collection::vec((key, inner), 0..4).prop_map(|parts| {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(key, value)| format!("{key}\n:{value}"))
                    .collect();
                format!("{{{}}}", parts.join(", "))
            }),
        ]
    });
    tree.boxed()
}

fn json_path() -> impl Strategy<Value = String> {
    let key = text().prop_map(|text| serde_json::to_string(&text).unwrap());
    (
        key,
        select(vec![
            "[*] ? (@ > 1.50)",
            "[0 to last]",
            ".**{2 to 3}",
            ".type()",
            " ? (@ like_regex \"^a\" flag \"i\")",
        ]),
        any::<bool>(),
    )
        .prop_map(|(key, rest, strict)| {
            format!("{}$.{key}{rest}", if strict { "strict " } else { "" })
        })
}

fn xml() -> impl Strategy<Value = String> {
    ("[a-zæ🦀]{1,5}", "[a-z ]{0,9}", any::<bool>()).prop_map(|(name, text, whole)| {
        if whole {
            format!("<e {name}=\"{text}\">{text}<!-- {text} --><b/>&amp;</e>")
        } else {
            format!("{text}<e/>\n{text}")
        }
    })
}

fn point(odd: bool) -> BoxedStrategy<String> {
    (double(odd), double(odd))
        .prop_map(|(x, y)| format!("({x},{y})"))
        .boxed()
}

fn points(least: usize, most: usize) -> BoxedStrategy<String> {
    prop::collection::vec(point(true), least..=most)
        .prop_map(|points| points.join(","))
        .boxed()
}

fn address() -> impl Strategy<Value = (String, u8)> {
    let four = (any::<u32>(), 0_u8..=32)
        .prop_map(|(address, bits)| (std::net::Ipv4Addr::from(address).to_string(), bits));
    // Long runs of zeros are written in several ways.
    let group = prop_oneof![2 => Just(0_u16), 1 => any::<u16>(), 1 => Just(0xffff_u16)];
    let groups =
        prop::collection::vec(group, 8).prop_map(|groups| <[u16; 8]>::try_from(groups).unwrap());
    let six = (groups, 0_u8..=128).prop_map(|(groups, bits)| {
        let groups = groups.map(|group| format!("{group:x}"));
        (groups.join(":"), bits)
    });
    prop_oneof![four, six]
}

fn lexeme() -> impl Strategy<Value = String> {
    let place = (1_u16..=16_383, select(vec!["", "A", "B", "C"]))
        .prop_map(|(place, weight)| format!("{place}{weight}"));
    let word = text().prop_filter("no lexeme is empty, or this long", |text| {
        !text.is_empty() && text.len() < 500
    });
    (word, prop::collection::vec(place, 0..4)).prop_map(|(word, places)| {
        let word = word.replace('\\', "\\\\").replace('\'', "''");
        let colon = if places.is_empty() { "" } else { ":" };
        format!("'{word}'{colon}{}", places.join(","))
    })
}

fn snapshot() -> impl Strategy<Value = String> {
    (1_u64..1 << 60, prop::collection::vec(1_u64..1000, 0..5)).prop_map(|(least, steps)| {
        let mut at = least - 1;
        let running: Vec<String> = (steps.iter())
            .map(|step| {
                at += step;
                at.to_string()
            })
            .collect();
        format!("{least}:{}:{}", at + 1, running.join(","))
    })
}

fn hstore() -> impl Strategy<Value = String> {
    let value = prop::option::of(text())
        .prop_map(|text| text.map_or_else(|| "NULL".to_owned(), |text| literal(&text)));
    prop::collection::vec((text(), value), 0..5).prop_map(|pairs| {
        let keys: Vec<String> = pairs.iter().map(|(key, _)| literal(key)).collect();
        let values: Vec<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
        format!(
            "hstore(ARRAY[{}]::text[], ARRAY[{}]::text[])",
            keys.join(","),
            values.join(",")
        )
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
