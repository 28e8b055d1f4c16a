use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::{environment, from, origin};
use crate::config::AppConfig;
use crate::config::deserialize::read;
use crate::config::environment::substitute;
use crate::config::parse::parse;

/// Pieces that mean something to YAML or to us, so that random text reaches the corners.
fn yaml() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "a",
            "b: ",
            "- ",
            "\n",
            "\n  ",
            "\n\t",
            " ",
            ": ",
            ", ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!Ref ",
            "!",
            "!!str ",
            "!<x> ",
            "|\n",
            ">-\n",
            "'",
            "\"",
            "\\x",
            "#",
            " # ",
            "---\n",
            "...\n",
            "%TAG ! x\n",
            "? ",
            "<<: ",
            "${",
            "${PORT}",
            "{{",
            "{{PORT}}",
            "}}",
            "$$",
            "~",
            "null",
            "1",
            "-0x1",
            ".inf",
            "\u{feff}",
            "\0",
            "é",
            "\r",
            "app_name: x\n",
            "connections:\n",
            "sources:\n",
            "name: y\n",
            "config: !X z\n",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

#[derive(Debug, PartialEq, Deserialize)]
struct Server {
    host: String,
    port: u16,
    tags: Vec<String>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_the_reader(text in yaml()) {
        let _ = from::<IgnoredAny>(&text);
        let _ = from::<Json>(&text);
        let _ = AppConfig::parse(&text, "a.yaml", "", environment);
    }

    #[test]
    fn no_value_of_a_variable_changes_the_structure(value in yaml(), number in any::<u16>()) {
        let text = "host: ${V}\nport: \"{{ N }}\"\ntags: ['${V}', \"<${V}>\"]\n";
        let lookup = |name: &str| match name {
            "V" => Some(value.clone()),
            "N" => Some(number.to_string()),
            _ => None,
        };
        let mut node = parse(text, &origin()).unwrap();
        substitute(&mut node, &origin(), &lookup).unwrap();
        let expected = Server {
            host: value.clone(),
            port: number,
            tags: vec![value.clone(), format!("<{value}>")],
        };
        prop_assert_eq!(read::<Server>(&node, &origin(), "").unwrap(), expected);
    }

    #[test]
    fn json_is_read_as_json_reads_it(
        text in "[a-z \\\\\"{}\\[\\]:,#&*!|>'%@`-]{0,20}",
        number in any::<i64>(),
        flag in any::<bool>(),
    ) {
        let json = serde_json::json!({ "text": text, "list": [number, flag, null, {"k": text}] });
        prop_assume!(!text.contains("{{"));
        prop_assert_eq!(from::<Json>(&json.to_string()).unwrap(), json);
    }
}
