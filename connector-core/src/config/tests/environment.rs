use std::collections::BTreeMap;

use serde::Deserialize;

use super::{error, from};

fn text(yaml: &str) -> String {
    from(yaml).unwrap()
}

#[test]
fn both_forms_are_replaced_in_plain_and_quoted_text() {
    assert_eq!(text("${PORT}"), "5432");
    assert_eq!(text("'{{PORT}}'"), "5432");
    assert_eq!(text("\"{{ PORT }}\""), "5432");
    assert_eq!(
        text("tcp://host:${ PORT }/x{{PORT}}"),
        "tcp://host:5432/x5432"
    );
    assert_eq!(text("|\n  a ${PORT}\n  b\n"), "a 5432\nb\n");
}

#[test]
fn an_escape_keeps_the_text() {
    assert_eq!(text("$${PORT}"), "${PORT}");
    assert_eq!(text("'$${{PORT}}'"), "{{PORT}}");
    assert_eq!(text("$$${PORT}"), "$${PORT}");
    assert_eq!(text("costs $5 and 5$"), "costs $5 and 5$");
}

#[test]
fn keys_are_not_replaced() {
    let map: BTreeMap<String, String> = from("'${PORT}': ${PORT}\n").unwrap();
    assert_eq!(
        map,
        BTreeMap::from([("${PORT}".to_owned(), "5432".to_owned())])
    );
}

#[test]
fn a_number_may_come_from_the_environment() {
    assert_eq!(from::<u16>("${PORT}").unwrap(), 5432);
    assert_eq!(from::<u16>("'{{PORT}}'").unwrap(), 5432);
}

#[test]
fn an_empty_or_null_variable_is_still_a_text() {
    assert_eq!(text("${EMPTY}"), "");
    assert_eq!(text("${NULL}"), "null");
    assert_eq!(
        from::<Option<String>>("${NULL}").unwrap(),
        Some("null".into())
    );
}

#[test]
fn a_value_never_changes_the_structure() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Server {
        host: String,
        port: u16,
    }
    for yaml in [
        "host: ${INJECTION}\nport: 7\n",
        "{host: \"{{INJECTION}}\", port: 7}",
    ] {
        let host = "x\nport: 1 # !Ref [y, {z: 1}] ${PORT}".to_owned();
        assert_eq!(from::<Server>(yaml).unwrap(), Server { host, port: 7 });
    }
}

#[test]
fn a_missing_variable_is_named_with_its_place() {
    assert_eq!(
        error::<String>("\n  x ${DB_PASSWORD}\n"),
        "a.yaml:2:3: the environment variable `DB_PASSWORD` is not set\nhelp: export DB_PASSWORD=…"
    );
}

#[test]
fn a_malformed_reference_is_an_error() {
    let dollar =
        "help: write `${NAME}` with letters, digits and `_`, or `$${` for the text `${` itself";
    let braces =
        "help: write `${NAME}` with letters, digits and `_`, or `$${{` for the text `{{` itself";
    assert_eq!(
        error::<String>("x${PORT"),
        format!("a.yaml:1:1: `${{` is not closed by `}}`\n{dollar}")
    );
    assert_eq!(
        error::<String>("'{{PORT}'"),
        format!("a.yaml:1:1: `{{{{` is not closed by `}}}}`\n{braces}")
    );
    for (yaml, name) in [
        ("${PORT:-1}", "PORT:-1"),
        ("${}", ""),
        ("${1A}", "1A"),
        ("${a b}", "a b"),
    ] {
        let message = format!("`{name}` is not the name of an environment variable");
        assert_eq!(
            error::<String>(yaml),
            format!("a.yaml:1:1: {message}\n{dollar}")
        );
    }
}
