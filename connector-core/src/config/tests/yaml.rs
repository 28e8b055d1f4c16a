use std::fmt::Write as _;

use serde::de::IgnoredAny;

use super::{error, from};

fn fails(text: &str) -> String {
    error::<IgnoredAny>(text)
}

#[test]
fn a_duplicate_key_names_both_lines() {
    assert_eq!(
        fails("a: 1\nb: 2\na: 3\n"),
        "a.yaml:3:1: duplicate key `a`, first on line 1\nhelp: remove one of the two"
    );
}

#[test]
fn broken_yaml_is_told_with_its_place_and_without_the_line() {
    assert_eq!(
        fails("password: canary: 1\n"),
        "a.yaml:1:17: this is not YAML: mapping values are not allowed in this context"
    );
    assert_eq!(
        fails("a: 'x\n"),
        "a.yaml:1:4: this is not YAML: while scanning a quoted scalar, found unexpected end of stream"
    );
}

#[test]
fn a_second_document_is_refused() {
    assert_eq!(
        fails("a: 1\n---\nb: 1\n"),
        "a.yaml:2:1: a second YAML document starts here\n\
         help: keep one document per file: remove the `---`"
    );
}

#[test]
fn references_without_quotes_that_yaml_reads_as_mappings_are_explained() {
    assert_eq!(
        fails("a: {{PORT}}\n"),
        "a.yaml:1:5: YAML reads `{{` without quotes as two mappings\n\
         help: put quotes around it: `\"{{NAME}}\"`"
    );
    let error = fails("a: {b: ${PORT}}\n");
    assert!(
        error.ends_with("\nhelp: put quotes around a value with `${…}` or `{{…}}` in it"),
        "{error}"
    );
}

#[test]
fn keys_are_plain_text() {
    assert_eq!(
        fails("? [a]\n: b\n"),
        "a.yaml:1:3: a key must be text, not a list or a mapping"
    );
    assert_eq!(fails("!x a: b\n"), "a.yaml:1:1: a key cannot have a tag");
    assert_eq!(fails("? \n: b\n"), "a.yaml:2:1: a key is empty");
    assert_eq!(
        fails("a: &x {b: 1}\nc:\n  <<: *x\n"),
        "a.yaml:3:3: merge keys (`<<`) are not part of YAML 1.2\nhelp: write the keys out"
    );
}

#[test]
fn foreign_tags_are_refused() {
    assert_eq!(
        fails("a: !<tag:x> b\n"),
        "a.yaml:1:4: unknown tag `tag:x`\nhelp: a tag here is one `!` and a name: `!Sqlite`"
    );
    assert_eq!(
        fails("a: !!binary b\n"),
        "a.yaml:1:4: unknown tag `tag:yaml.org,2002:binary`\n\
         help: a tag here is one `!` and a name: `!Sqlite`"
    );
    assert_eq!(from::<String>("!!str 12").unwrap(), "12");
    assert_eq!(from::<u8>("!!int 12").unwrap(), 12);
}

#[test]
fn an_alias_repeats_its_value() {
    let pairs: Vec<Vec<u8>> = from("- &pair [1, 2]\n- *pair\n").unwrap();
    assert_eq!(pairs, [[1, 2], [1, 2]]);
}

#[test]
fn an_alias_inside_its_own_value_is_refused() {
    assert_eq!(
        fails("&a [1, *a]\n"),
        "a.yaml:1:8: this alias stands inside the value it repeats"
    );
}

#[test]
fn aliases_of_aliases_stop_at_a_bound() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{before}]").unwrap();
    }
    let error = fails(&text);
    assert!(
        error.ends_with("the aliases of this file expand to more than 1048576 bytes"),
        "{error}"
    );
}

#[test]
fn nesting_stops_at_a_bound() {
    for (open, at) in [("- ", 129), ("[", 65), ("{a: ", 257)] {
        let error = fails(&open.repeat(200));
        assert_eq!(
            error,
            format!("a.yaml:1:{at}: values nest deeper than 64 levels")
        );
    }
    assert!(fails(&"[".repeat(100_000)).contains("recursion limit"));
    let error = fails(&"- ".repeat(100_000));
    assert_eq!(error, "a.yaml:1:129: values nest deeper than 64 levels");
}

#[test]
fn aliases_cannot_nest_deeper_than_the_bound() {
    let mut text = String::from("- &a0 [x]\n");
    for level in 1..70 {
        writeln!(text, "- &a{level} [*a{}]", level - 1).unwrap();
    }
    assert_eq!(
        fails(&text),
        "a.yaml:64:9: values nest deeper than 64 levels"
    );
}
