//! A generated file, taken apart again.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Lit, LitStr, Meta, Token};

/// A row struct as a file declares it.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) ident: String,
    pub(super) schema: Option<String>,
    pub(super) table_name: String,
    pub(super) description: String,
    pub(super) tracking: String,
    pub(super) types: String,
    /// The key's columns, in the key's order.
    pub(super) key: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// All of its tokens.
    pub(super) tokens: String,
}

/// A field of a row struct.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) ident: String,
    pub(super) name: String,
    /// The Rust type without the `Sent` and the `Option` around it, with the field type where one is declared.
    pub(super) typ: String,
    pub(super) nullable: bool,
    pub(super) left_out: bool,
    pub(super) description: String,
}

/// The row structs of a file, in its order.
pub(super) fn structs(text: &str) -> syn::Result<Vec<Declared>> {
    syn::parse_str::<Structs>(text).map(|structs| structs.0)
}

struct Structs(Vec<Declared>);

impl Parse for Structs {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut structs = Vec::new();
        while !input.is_empty() {
            if input.peek(Token![use]) {
                while !input.peek(Token![;]) {
                    input.parse::<TokenTree>()?;
                }
                input.parse::<Token![;]>()?;
            } else {
                structs.push(declared(&input.parse()?)?);
            }
        }
        Ok(Self(structs))
    }
}

fn declared(item: &DeriveInput) -> syn::Result<Declared> {
    let Data::Struct(data) = &item.data else {
        return Err(syn::Error::new_spanned(
            &item.ident,
            format!("`{}` is not a struct", item.ident),
        ));
    };
    let arguments = arguments(&item.attrs);
    let mut key = Vec::new();
    let mut columns = Vec::new();
    for field in &data.fields {
        let (column, is_key) = column(field);
        if is_key {
            key.push(column.name.clone());
        }
        columns.push(column);
    }
    if let Some(listed) = value(&arguments, "primary_key") {
        let column = |ident: &str| {
            let named = columns
                .iter()
                .find(|column: &&Column| column.ident == ident);
            named.map_or_else(|| ident.to_owned(), |column| column.name.clone())
        };
        key = shown(listed).split(", ").map(column).collect();
    }
    Ok(Declared {
        ident: item.ident.to_string(),
        schema: value(&arguments, "schema").map(text),
        table_name: value(&arguments, "table").map_or_else(String::new, text),
        description: description(&item.attrs),
        tracking: value(&arguments, "tracking").map_or_else(|| "nothing".to_owned(), text),
        types: value(&arguments, "types").map_or_else(|| "none".to_owned(), shown),
        key,
        columns,
        tokens: shown(item.to_token_stream()),
    })
}

/// The field as a column, and whether it is marked as part of the key.
fn column(field: &syn::Field) -> (Column, bool) {
    let ident = field.ident.as_ref();
    let arguments = arguments(&field.attrs);
    let whole = shown(field.ty.to_token_stream());
    let sent = within(&whole, "Sent");
    let held = sent.unwrap_or(&whole);
    let inner = within(held, "Option");
    let rust = inner.unwrap_or(held);
    let column = Column {
        ident: ident.map_or_else(String::new, ToString::to_string),
        name: value(&arguments, "column").map_or_else(
            || ident.map_or_else(String::new, |ident| ident.unraw().to_string()),
            text,
        ),
        typ: match value(&arguments, "field") {
            Some(declared) => format!("{rust} as {}", shown(declared)),
            None => rust.to_owned(),
        },
        nullable: inner.is_some(),
        left_out: sent.is_some(),
        description: description(&field.attrs),
    };
    (column, value(&arguments, "primary_key").is_some())
}

/// The `T` of `name<T>`.
fn within<'t>(typ: &'t str, name: &str) -> Option<&'t str> {
    let rest = typ.strip_prefix(name)?;
    rest.strip_prefix('<')?.strip_suffix('>')
}

/// The arguments of `#[dozer(…)]`: each key with the tokens of its value.
fn arguments(attributes: &[Attribute]) -> Vec<(String, TokenStream)> {
    let mut arguments = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("dozer")) {
        let Meta::List(list) = &attribute.meta else {
            continue;
        };
        let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
        for argument in tokens.split(|token| is(token, ',')) {
            let [key, value @ ..] = argument else {
                continue;
            };
            let value = match value {
                [TokenTree::Group(group)] => group.stream(),
                [equals, value @ ..] if is(equals, '=') => value.iter().cloned().collect(),
                value => value.iter().cloned().collect(),
            };
            arguments.push((key.to_string(), value));
        }
    }
    arguments
}

fn value(arguments: &[(String, TokenStream)], key: &str) -> Option<TokenStream> {
    let found = arguments.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| value.clone())
}

/// What a string says; other tokens as they stand.
fn text(value: TokenStream) -> String {
    syn::parse2::<LitStr>(value.clone()).map_or_else(|_| shown(value), |text| text.value())
}

fn description(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    lines.join("\n")
}

fn is(token: &TokenTree, letter: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == letter)
}

/// Tokens in one form however they were laid out: a comma at the end of a list is layout, too.
fn shown(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut tokens = tokens.into_iter().peekable();
    let mut after_word = false;
    while let Some(token) = tokens.next() {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && after_word {
            text.push(' ');
        }
        after_word = is_word;
        match &token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                text.push_str(&shown(group.stream()));
                text.push_str(close);
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if tokens.peek().is_some() {
                    text.push_str(", ");
                }
            }
            // Writing to a string does not fail.
            token => drop(write!(text, "{token}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_generated_is_read_back() {
        let structs = structs(
            "use connector_core::{Decimal, DozerSource};\n\
             /// What was sold.\n\
             #[derive(Debug, DozerSource)]\n\
             #[dozer(table = \"sales\", schema = \"shop\", primary_key(b, r#type), types = a::Types,)]\n\
             pub struct Sales {\n\
                 #[dozer(column = \"Type\")] pub r#type: i64,\n\
                 pub b: String,\n\
                 /// In euros.\n\
                 #[dozer(field = Decimal(10, -2))] pub price: Option<Decimal>,\n\
             }",
        )
        .unwrap();
        let [sales] = structs.as_slice() else {
            panic!("{structs:?}");
        };
        assert_eq!(sales.ident, "Sales");
        assert_eq!(sales.schema.as_deref(), Some("shop"));
        assert_eq!(sales.table_name, "sales");
        assert_eq!(sales.description, "What was sold.");
        assert_eq!(sales.tracking, "nothing");
        assert_eq!(sales.types, "a::Types");
        assert_eq!(sales.key, ["b", "Type"]);
        let price = &sales.columns[2];
        assert_eq!(price.typ, "Decimal as Decimal(10, -2)");
        assert!(price.nullable);
        assert_eq!(price.description, "In euros.");
    }

    #[test]
    fn layout_is_no_difference() {
        let tokens = |text: &str| structs(text).unwrap().remove(0).tokens;
        assert_eq!(
            tokens("#[dozer(table = \"a\", types = b::C)] pub struct A { pub id: Option<i64>, }"),
            tokens(
                "#[dozer(\n table = \"a\",\n types = b::C,\n)]\npub struct A {\n pub id: Option<i64>\n}"
            ),
        );
    }

    #[test]
    fn what_is_no_row_struct_is_an_error() {
        assert!(structs("fn main() {}").is_err());
        assert!(structs("enum A { B }").is_err());
        assert!(structs("use a::b").is_err());
    }
}
