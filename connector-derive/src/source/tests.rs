//! Rules and expansions, without a compiler. What rustc says of them is told in the compile-fail tests.

use quote::ToTokens;

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

/// The names of the types that the expansion declares, and the traits with their types that it implements.
fn generated(declaration: &str) -> Vec<String> {
    fn items(all: Vec<syn::Item>, names: &mut Vec<String>) {
        for item in all {
            match item {
                syn::Item::Struct(item) => names.push(item.ident.to_string()),
                syn::Item::Enum(item) => names.push(item.ident.to_string()),
                syn::Item::Impl(item) => {
                    let traits = item
                        .trait_
                        .as_ref()
                        .and_then(|(path, _)| path.segments.last());
                    let name = traits
                        .map(|name| name.ident.to_string())
                        .unwrap_or_default();
                    let of = item.self_ty.to_token_stream().to_string();
                    names.push(format!("{name} for {of}"));
                }
                syn::Item::Const(item) => {
                    if let syn::Expr::Block(block) = *item.expr {
                        let inner =
                            block
                                .block
                                .stmts
                                .into_iter()
                                .filter_map(|statement| match statement {
                                    syn::Stmt::Item(item) => Some(item),
                                    _ => None,
                                });
                        items(inner.collect(), names);
                    }
                }
                _ => {}
            }
        }
    }
    let file: syn::File = syn::parse_str(&expanded(declaration)).expect("items");
    let mut names = Vec::new();
    items(file.items, &mut names);
    names
}

/// Right declarations, each spoiled by every one of these mistakes in turn.
#[test]
fn a_wrong_declaration_generates_what_the_right_one_would() {
    const RIGHT: [&str; 6] = [
        "#[dozer()] struct Row { #[dozer()] a: u8, b: String }",
        "#[dozer(tracking = \"only_pk\")] pub struct Row { #[dozer(primary_key)] a: u8, #[dozer()] b: u8 }",
        "#[dozer(tracking = \"only_pk\", primary_key(c, a))] struct Row<'a, T: Clone, U = u8, const N: usize = 3> where T: Send { a: T, #[dozer(json)] b: U, c: &'a str, d: [u8; N] }",
        "#[dozer(tracking = \"full_changes\", types = SqliteType)] struct Row<T> { #[dozer(flatten)] a: T, #[dozer(skip)] b: u8 }",
        "#[dozer()] enum Rows<'a> { A(Row<'a>), #[dozer()] B(Other) }",
        "#[dozer()] enum Rows<T: Clone> { A(Row<T>), B(Other) }",
    ];
    const MISTAKES: [&str; 8] = [
        "unknown,",
        "crate = relative,",
        "table,",
        "rename_all = \"up\",",
        "tabel = \"x\",",
        "column = 5,",
        ",",
        "with = \"m\",",
    ];
    for declaration in RIGHT {
        // What stands there empty, to be spoiled, is no configuration.
        let right = declaration.replace("#[dozer()] ", "");
        assert_eq!(problems(&right), [] as [&str; 0], "{right}");
        let expected = generated(&right);
        for place in declaration
            .match_indices("#[dozer(")
            .map(|(place, found)| place + found.len())
        {
            for mistake in MISTAKES {
                let (before, behind) = declaration.split_at(place);
                let wrong = format!("{before}{mistake}{behind}");
                assert!(!problems(&wrong).is_empty(), "{wrong}");
                let found = generated(&wrong);
                let missing: Vec<_> = expected
                    .iter()
                    .filter(|name| !found.contains(name))
                    .collect();
                assert!(missing.is_empty(), "{wrong}\nlacks {missing:?}");
            }
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
