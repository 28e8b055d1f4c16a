//! Rules of column types, without a compiler.

use super::*;

fn problems(declaration: &str) -> Vec<String> {
    let input: DeriveInput = syn::parse_str(declaration).expect("a type");
    let errors = Errors::default();
    check::types(&parse::types(&input, &errors), &input, &errors);
    errors
        .messages()
        .iter()
        .map(|message| message.lines().next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn right_declarations_have_no_problems() {
    for declaration in [
        "enum T { #[column_type(\"A\", \"B\", field = Int)] A }",
        "enum T { #[column_type(\"A(n)\", field = Text)] A, #[column_type(\"A\", field = Int)] B }",
        "enum T { #[column_type(\"A(p, _)\", field = Decimal(p, 0))] A { p: u8 } }",
        "enum T { #[column_type(\"a\", field = Int)] A, #[column_type(\"A\", field = Int)] B }",
        "enum T { #[column_type(\"E(x)\", field = Int)] A, #[column_type(\"E(..)\", field = Text)] B }",
        "enum T { #[column_type(other, unsupported = \"cast it\")] A }",
        "#[column_types(raw = driver::Value<'_, u8>)] enum T { #[column_type(\"A\", field = Int, cast = a::b)] A }",
    ] {
        assert_eq!(problems(declaration), [] as [&str; 0], "{declaration}");
    }
}

#[test]
fn each_rule_has_its_words() {
    for (declaration, problem) in [
        (
            "enum T { #[column_type(\"A(p, p)\", field = Int)] A }",
            "parameter `p` stands twice",
        ),
        (
            "enum T { #[column_type(\"A(p,)\", field = Int)] A }",
            "a parameter has no name",
        ),
        (
            "enum T { #[column_type(\"A\", other, field = Int)] A }",
            "the name `A` does not go with `other`",
        ),
        (
            "enum T { #[column_type(other, field = Int)] A { p: u8 } }",
            "nothing fills field `p` of variant `A`",
        ),
        (
            "enum T { #[column_type(\"A(..)\", field = Int)] A { p: u8 } }",
            "nothing fills field `p` of variant `A`",
        ),
        (
            "enum T { #[column_type(\"A\", field = Decimal(10, 100))] A }",
            "`100` is out of range",
        ),
        (
            "union T { a: u8 }",
            "column types are the variants of an enum",
        ),
    ] {
        assert_eq!(problems(declaration), [problem], "{declaration}");
    }
}

#[test]
fn the_raw_type_takes_the_life_of_the_row() {
    let input: DeriveInput = syn::parse_str(
        "#[column_types(raw = driver::Value<'_, 'static>)] enum T { #[column_type(\"A\", field = Int)] A }",
    )
    .expect("a type");
    let tokens = derive(&input).to_string();
    assert!(
        tokens.contains("type Raw < '__row > = driver :: Value < '__row , 'static > ;"),
        "{tokens}"
    );
}
