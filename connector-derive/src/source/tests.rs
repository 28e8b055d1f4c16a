//! Rules and expansions, without a compiler. What rustc says of them is told in the compile-fail tests.

use super::*;

/// What is wrong with the declaration, first lines only.
fn problems(declaration: &str) -> Vec<String> {
    let input: DeriveInput = syn::parse_str(declaration).expect("a type");
    let errors = Errors::default();
    match parse::item(&input, &errors) {
        Some(Item::Row(row)) => check::row(&row, &errors),
        Some(Item::Rows(rows)) => check::rows(&rows, &errors),
        None => {}
    }
    errors
        .messages()
        .iter()
        .map(|message| message.lines().next().unwrap_or_default().to_owned())
        .collect()
}

fn expanded(declaration: &str) -> String {
    let input: DeriveInput = syn::parse_str(declaration).expect("a type");
    derive(&input).to_string()
}

#[test]
fn right_declarations_have_no_problems() {
    for declaration in [
        "struct Row { a: u8 }",
        "struct Row<'a, T: Clone, const N: usize> where T: Send { a: &'a str, b: T, c: [u8; N] }",
        "#[dozer(table = \"t\", tracking = \"full_changes\")] struct Row { a: u8, }",
        "#[dozer(crate = crate::core, types = system::Type<u8, u8>,)] struct Row { a: u8 }",
        "#[dozer(primary_key(b, r#type))] struct Row { r#type: u8, b: u8 }",
        "struct Row { #[dozer(skip, default = make)] a: Option<u8>, #[dozer(json, default)] b: Vec<u8> }",
        "struct Row { #[dozer(column = \"größe\")] a: u8, #[serde(rename = \"x\")] b: u8 }",
        "enum Rows<'a, T> { A(Row<'a>), B(Other<T>) }",
    ] {
        assert_eq!(problems(declaration), [] as [&str; 0], "{declaration}");
    }
}

#[test]
fn each_rule_has_its_words() {
    let long = format!(
        "struct Row {{ #[dozer(column = \"{}\")] a: u8 }}",
        "x".repeat(256)
    );
    for (declaration, problem) in [
        (long.as_str(), "the name of a column has 256 bytes"),
        (
            "struct Row { #[dozer(primary_key)] a: Point }",
            "`Point` cannot be the type of primary key column `a`",
        ),
        (
            "#[dozer(primary_key(a))] struct Row { #[dozer(json)] a: u8 }",
            "`a` is stored as JSON, so it cannot be part of the key",
        ),
        (
            "#[dozer(primary_key(a))] struct Row { #[dozer(skip)] a: u8, b: u8 }",
            "`a` is no column of its own, so it cannot be part of the key",
        ),
        (
            "struct Row { #[dozer(primary_key)] a: ::core::option::Option<u8> }",
            "primary key column `a` is nullable",
        ),
        (
            "#[dozer(rename_all = \"UPPERCASE\")] struct Row { a: u8, #[dozer(column = \"A\")] b: u8 }",
            "column `A` is also the column of field `a`",
        ),
        (
            "#[dozer(primary_key())] struct Row { a: u8 }",
            "the list of `primary_key` is empty",
        ),
        (
            "#[dozer(table = \"a\"suffix)] struct Row { a: u8 }",
            "`table` takes a string in quotes, found `\"a\"suffix`",
        ),
        (
            "#[dozer(table = b\"a\")] struct Row { a: u8 }",
            "`table` takes a string in quotes, found `b\"a\"`",
        ),
        (
            "#[dozer(, table = \"a\")] struct Row { a: u8 }",
            "expected a key of `#[dozer(…)]`, found `,`",
        ),
        (
            "#[dozer(tracking = \"only_pk\")] struct Row<K, G> { #[dozer(primary_key)] k: K, #[dozer(flatten)] g: G }",
            "the key struct of `Row` cannot count the columns of `G`",
        ),
        (
            "enum Rows { A(a::Row), B(a::Row) }",
            "`a::Row` is already the row of variant `A`",
        ),
    ] {
        assert_eq!(problems(declaration), [problem], "{declaration}");
    }
}

#[test]
fn reading_goes_on_after_a_mistake() {
    let found = problems(
        "#[dozer(tabel = \"a\" \"b\", 5, table, schema(1), tracking = \"never\")] struct Row { a: u8 }",
    );
    assert_eq!(found.len(), 5, "{found:?}");
}

#[test]
fn wrong_declarations_still_have_their_impls() {
    for declaration in [
        "struct Row(u8);",
        "struct Row;",
        "union Row { a: u8 }",
        "enum Row {}",
        "#[dozer(unknown, tracking = \"only_pk\")] struct Row<'a, T> { #[dozer(primary_key)] a: &'a T }",
    ] {
        let tokens = expanded(declaration);
        assert!(tokens.contains("compile_error"), "{declaration}");
        for name in ["RowImage", "SourceRow", "DozerSource", "Columns", "FromRow"] {
            assert!(
                tokens.contains(&format!("__dozer :: {name}")),
                "{name} of {declaration}"
            );
        }
    }
}

#[test]
fn only_what_is_declared_is_generated() {
    let append_only = expanded("struct Row { a: u8 }");
    assert!(!append_only.contains("KeyOf") && append_only.contains("NoOldRow"));
    let keyed = expanded(
        "#[dozer(tracking = \"only_pk\")] pub struct Row<T, U> { #[dozer(primary_key)] pub a: T, b: U }",
    );
    assert!(keyed.contains("pub struct RowKey < T >"), "{keyed}");
    let elsewhere = expanded("#[dozer(crate = ::platform::rows)] struct Row { a: u8 }");
    assert!(
        elsewhere.contains(":: platform :: rows :: __private")
            && !elsewhere.contains("connector_core")
    );
}

#[test]
fn columns_beside_the_key_are_counted_in_stretches() {
    let keyed = expanded(
        "#[dozer(tracking = \"only_pk\")] struct Row { a: u8, #[dozer(skip)] s: u8, b: u8, #[dozer(primary_key)] k: u8, c: u8 }",
    );
    assert_eq!(keyed.matches("push_unsent").count(), 2);
    assert!(keyed.contains("push_unsent (__row , 2usize)"));
}

/// Attributes made of the words and signs that real ones are made of, in any order.
#[test]
fn no_attribute_stops_the_derive() {
    const PARTS: [&str; 24] = [
        "table",
        "=",
        "\"x\"",
        ",",
        "(a)",
        "[1]",
        "{}",
        "primary_key",
        "tracking",
        "\"only_pk\"",
        "crate",
        "::",
        "a",
        "column",
        "field",
        "Decimal",
        "(10, -2)",
        "skip",
        "with",
        "default",
        "5",
        "'a",
        "type",
        "<u8>",
    ];
    // A linear congruential generator: the same attributes in every run.
    let mut state: u32 = 7;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    for _ in 0..1_500 {
        let mut list = || {
            let parts: Vec<_> = (0..next(9)).map(|_| PARTS[next(PARTS.len())]).collect();
            parts.join(" ")
        };
        let declaration = format!(
            "#[dozer({})] struct Row {{ #[dozer({})] a: u8, b: u8 }}",
            list(),
            list()
        );
        let tokens = expanded(&declaration);
        assert!(tokens.contains("DozerSource for Row"), "{declaration}");
    }
}
