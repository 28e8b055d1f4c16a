//! Documents, shapes, addresses, and whatever else has a form of its own, as text.

use connector_postgres::literal;
use proptest::prelude::*;
use proptest::sample::select;

use super::numbers::double;
use super::words::text;

pub(super) fn json(with_zero: bool) -> BoxedStrategy<String> {
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

pub(super) fn json_path() -> impl Strategy<Value = String> {
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

pub(super) fn xml() -> impl Strategy<Value = String> {
    ("[a-zæ🦀]{1,5}", "[a-z ]{0,9}", any::<bool>()).prop_map(|(name, text, whole)| {
        if whole {
            format!("<e {name}=\"{text}\">{text}<!-- {text} --><b/>&amp;</e>")
        } else {
            format!("{text}<e/>\n{text}")
        }
    })
}

pub(super) fn point(odd: bool) -> BoxedStrategy<String> {
    (double(odd), double(odd))
        .prop_map(|(x, y)| format!("({x},{y})"))
        .boxed()
}

pub(super) fn points(least: usize, most: usize) -> BoxedStrategy<String> {
    prop::collection::vec(point(true), least..=most)
        .prop_map(|points| points.join(","))
        .boxed()
}

pub(super) fn address() -> impl Strategy<Value = (String, u8)> {
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

pub(super) fn lexeme() -> impl Strategy<Value = String> {
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

pub(super) fn snapshot() -> impl Strategy<Value = String> {
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

pub(super) fn hstore() -> impl Strategy<Value = String> {
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

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let write = |text: String, byte: &u8| text + &format!("{byte:02x}");
    bytes.iter().fold(String::new(), write)
}
