//! Reads an item into its model. Nothing fails: mistakes are recorded, and what can be read is kept.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Data, DataEnum, DeriveInput, Fields, Ident, LitStr};

use super::model::{
    Default, Kind, Member, Name, Row, Rows, TRACKINGS, Tracking, Wrapped, column_name,
};
use crate::attr::{Entries, Given, shown};
use crate::case::{CASES, Case, snake};
use crate::diag::{Errors, Problem};
use crate::path::Private;
use crate::suggest::nearest;
use crate::{docs, keys};

/// An item that the derive stands on.
pub(crate) enum Item<'a> {
    Row(Box<Row<'a>>),
    Rows(Rows<'a>),
}

pub(crate) fn item<'a>(input: &'a DeriveInput, errors: &Errors) -> Option<Item<'a>> {
    match &input.data {
        Data::Struct(data) => {
            let entries = Entries::read(&input.attrs, &keys::ROW, errors);
            match &data.fields {
                Fields::Named(fields) => {
                    let fields = fields
                        .named
                        .iter()
                        .filter_map(|field| Some((field, field.ident.as_ref()?)));
                    return Some(Item::Row(Box::new(row(input, &entries, fields, errors))));
                }
                Fields::Unnamed(fields) => {
                    let problem = Problem::at(
                        fields,
                        "a row needs a name for each column, and a tuple struct has none",
                    );
                    errors.add(problem.help("name the fields: `struct Row { column: Type }`; for a newtype that is one column, derive `ColumnValue`"));
                }
                Fields::Unit => {
                    let problem = Problem::at(
                        &input.ident,
                        "a row needs columns, and a unit struct has none",
                    );
                    errors.add(problem.help("name the fields: `struct Row { column: Type }`"));
                }
            }
            None
        }
        Data::Enum(data) => Some(Item::Rows(rows(input, data, errors))),
        Data::Union(data) => {
            let problem = Problem::at(data.union_token, "a union is not a row");
            errors.add(problem.help("derive `DozerSource` on a struct with named fields"));
            None
        }
    }
}

fn row<'a>(
    input: &'a DeriveInput,
    entries: &Entries,
    fields: impl Iterator<Item = (&'a syn::Field, &'a Ident)>,
    errors: &Errors,
) -> Row<'a> {
    let rename_all = entries
        .text("rename_all")
        .and_then(|rule| Some((rule.clone(), rename_rule(rule, errors)?)));
    let case = rename_all.as_ref().map(|(_, case)| *case);
    let before = errors.count();
    let members = fields
        .map(|(field, ident)| member(field, ident, case, errors))
        .collect();
    let table = entries.text("table").map_or_else(
        || Name {
            text: snake(&unraw(&input.ident)),
            at: input.ident.to_token_stream(),
        },
        |text| Name {
            text: text.value(),
            at: text.to_token_stream(),
        },
    );
    let listed_key = entries
        .get("primary_key")
        .and_then(|entry| match &entry.given {
            Given::Names(names) => Some((entry.clone(), names.clone())),
            _ => None,
        });
    Row {
        ident: &input.ident,
        visibility: &input.vis,
        generics: &input.generics,
        attributes: &input.attrs,
        private: Private::under(entries.path("crate")),
        description: docs::description(&input.attrs),
        table,
        schema: entries.text("schema").cloned(),
        rename_all,
        tracking: entries
            .text("tracking")
            .map_or(Tracking::Nothing, |text| tracking(text, errors)),
        tracking_at: (entries.text("tracking"))
            .map_or_else(|| input.ident.to_token_stream(), ToTokens::to_token_stream),
        types: entries.path("types").cloned(),
        lock: entries.text("lock").cloned(),
        members,
        is_incomplete: entries.is_incomplete || errors.count() > before,
        listed_key,
    }
}

fn member<'a>(
    field: &'a syn::Field,
    ident: &'a Ident,
    case: Option<Case>,
    errors: &Errors,
) -> Member<'a> {
    let mut entries = Entries::read(&field.attrs, &keys::FIELD, errors);
    let column = entries.text("column").map_or_else(
        || Name {
            text: column_name(ident, case),
            at: ident.to_token_stream(),
        },
        |text| Name {
            text: text.value(),
            at: text.to_token_stream(),
        },
    );
    let kind = if entries.get("skip").is_some() {
        Kind::Skip
    } else if entries.get("flatten").is_some() {
        Kind::Flatten
    } else if entries.get("json").is_some() {
        Kind::Json
    } else if let Some(module) = entries.path("with") {
        Kind::With(module.clone())
    } else {
        Kind::Value
    };
    let default = entries.get("default").map(|entry| match &entry.given {
        Given::Path(path) => Default::Path(path.clone()),
        _ => Default::OfType,
    });
    Member {
        field,
        ident,
        ty: &field.ty,
        description: docs::description(&field.attrs),
        column,
        kind,
        default,
        field_type: entries.field_type("field").cloned(),
        key: entries.get("primary_key").map(|entry| entry.key.clone()),
        entries: entries.take_all(),
    }
}

fn rows<'a>(input: &'a DeriveInput, data: &'a DataEnum, errors: &Errors) -> Rows<'a> {
    let entries = Entries::read(&input.attrs, &keys::ROWS, errors);
    let mut variants = Vec::new();
    for variant in &data.variants {
        Entries::read(&variant.attrs, &keys::ROWS_VARIANT, errors);
        match &variant.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                for field in &fields.unnamed {
                    Entries::read(&field.attrs, &keys::ROWS_VARIANT, errors);
                    variants.push(Wrapped {
                        ident: &variant.ident,
                        ty: &field.ty,
                    });
                }
            }
            _ => {
                let name = &variant.ident;
                let problem = Problem::at(
                    variant_tokens(variant),
                    format!("variant `{name}` does not wrap one row struct"),
                );
                let types: Vec<String> = (variant.fields.iter())
                    .map(|field| shown(&field.ty))
                    .collect();
                errors.add(match types.as_slice() {
                    [row] => problem.help(format!("write `{name}({row})`")),
                    [] => problem.help(format!(
                        "remove it, or write `{name}(Row)`, where `Row` is a struct that derives `DozerSource`"
                    )),
                    rows => problem.help(format!("write a variant for each of `{}`", rows.join("`, `"))),
                });
            }
        }
    }
    if data.variants.is_empty() {
        let problem = Problem::at(&input.ident, format!("`{}` has no tables", input.ident));
        errors.add(problem.help("add a variant for each table: `Readings(Reading)`"));
    }
    Rows {
        ident: &input.ident,
        visibility: &input.vis,
        generics: &input.generics,
        private: Private::under(entries.path("crate")),
        variants,
    }
}

/// The variant without its attributes.
fn variant_tokens(variant: &syn::Variant) -> TokenStream {
    let (ident, fields) = (&variant.ident, &variant.fields);
    quote::quote!(#ident #fields)
}

fn rename_rule(rule: &LitStr, errors: &Errors) -> Option<Case> {
    let name = rule.value();
    let case = Case::named(&name);
    if case.is_none() {
        let names = CASES.map(|(name, _)| name);
        let problem = Problem::at(rule, format!("`{name}` is not a rule of `rename_all`"));
        errors.add(match nearest(&name, names) {
            Some(meant) => problem.help(format!("did you mean `\"{meant}\"`?")),
            None => problem.help(format!("the rules are {}", quoted(&names))),
        });
    }
    case
}

fn tracking(text: &LitStr, errors: &Errors) -> Tracking {
    let name = text.value();
    if let Some((_, tracking)) = TRACKINGS.iter().find(|(known, _)| *known == name) {
        return *tracking;
    }
    let names = TRACKINGS.map(|(name, _)| name);
    let problem = Problem::at(text, format!("`{name}` is not a tracking type"));
    let meant = match name.as_str() {
        "full" | "all" | "old_row" | "before" | "row" => Some("full_changes"),
        "key" | "pk" | "only_key" | "primary_key" | "id" => Some("only_pk"),
        "none" | "append_only" | "insert_only" | "inserts" | "off" => Some("nothing"),
        _ => nearest(&name, names),
    };
    errors.add(match meant {
        Some(meant) => problem.help(format!("did you mean `\"{meant}\"`?")),
        None => problem.help(format!("the tracking types are {}", quoted(&names))),
    });
    // What was meant, so that code that names the generated types is not complained about. Never `Nothing`: a mistyped word
    // must not bring "append-only" into further messages.
    match meant {
        Some("only_pk") => Tracking::OnlyPk,
        _ => Tracking::FullChanges,
    }
}

fn unraw(ident: &Ident) -> String {
    syn::ext::IdentExt::unraw(ident).to_string()
}

fn quoted(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`\"{name}\"`"))
        .collect::<Vec<_>>()
        .join(", ")
}
