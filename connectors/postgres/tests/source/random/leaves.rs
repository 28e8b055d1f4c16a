//! Types that are not made of others, each with values up to its edges.

use proptest::prelude::*;
use proptest::sample::select;

use connector_postgres::literal;

use super::forms::{
    address, hexadecimal, hstore, json, json_path, lexeme, point, points, snapshot, xml,
};
use super::numbers::{decimal, double, edges, instant, interval, matching, offset_of, real, time};
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
