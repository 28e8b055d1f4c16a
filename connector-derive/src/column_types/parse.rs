//! Reads an enum of column types into its model. Nothing fails: mistakes are recorded.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Fields, Type, Variant};

use super::model::{ColumnType, TypeName, Types};
use crate::attr::{Entries, Given, shown};
use crate::diag::{Errors, Problem};
use crate::path::Private;
use crate::{docs, keys};

pub(crate) fn types<'a>(input: &'a DeriveInput, errors: &Errors) -> Types<'a> {
    let before = errors.count();
    for attribute in &input.attrs {
        let help = "write `#[column_types(…)]` here, and `#[column_type(…)]` on each variant";
        belongs_elsewhere(
            attribute,
            "column_type",
            "a variant, not on the enum",
            help,
            errors,
        );
    }
    let entries = Entries::read(&input.attrs, &keys::TYPES, errors);
    let is_incomplete = errors.count() > before;
    let given = |key| match &entries.get(key)?.given {
        Given::Type(ty) => Some(Type::clone(ty)),
        _ => None,
    };
    let (raw, source) = (given("raw"), given("source"));
    let not_an_enum = |at: TokenStream| {
        let problem = Problem::at(at, "column types are the variants of an enum");
        errors.add(problem.help("write an enum with a variant for each type of the system"));
        Vec::new()
    };
    let types = match &input.data {
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| column_type(variant, errors))
            .collect(),
        Data::Struct(data) => not_an_enum(data.struct_token.to_token_stream()),
        Data::Union(data) => not_an_enum(data.union_token.to_token_stream()),
    };
    Types {
        ident: &input.ident,
        private: Private::under(entries.path("crate")),
        raw,
        source,
        ignore_case: entries.get("ignore_case").cloned(),
        entries: types,
        is_incomplete,
    }
}

/// One of the two attributes stands where the other one does.
fn belongs_elsewhere(attribute: &Attribute, name: &str, place: &str, help: &str, errors: &Errors) {
    if attribute.path().is_ident(name) {
        let problem = Problem::at(
            attribute.path(),
            format!("`#[{name}(…)]` belongs on {place}"),
        );
        errors.add(problem.help(help));
    }
}

fn column_type<'a>(variant: &'a Variant, errors: &Errors) -> ColumnType<'a> {
    let before = errors.count();
    for attribute in &variant.attrs {
        let help = "write `#[column_type(…)]` here, and `#[column_types(…)]` on the enum";
        belongs_elsewhere(
            attribute,
            "column_types",
            "the enum, not on a variant",
            help,
            errors,
        );
    }
    for attribute in variant.fields.iter().flat_map(|field| &field.attrs) {
        for name in ["column_type", "column_types"] {
            let help = "remove it: a field takes the parameter of its name";
            belongs_elsewhere(
                attribute,
                name,
                "a variant or on the enum, not on a field",
                help,
                errors,
            );
        }
    }
    let mut entries = Entries::read(&variant.attrs, &keys::TYPE, errors);
    let mut names = Vec::new();
    for literal in std::mem::take(&mut entries.names) {
        if let Some(name) = TypeName::read(literal.clone()) {
            names.push(name);
        } else {
            let problem = Problem::at(literal, "the parentheses of this name do not match");
            errors.add(problem.help("write parameters once, and by name: `\"DECIMAL(p, s)\"`"));
        }
    }
    let fields = match &variant.fields {
        Fields::Named(fields) => fields
            .named
            .iter()
            .filter_map(|field| Some((field.ident.as_ref()?, &field.ty)))
            .collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            let name = &variant.ident;
            let problem = Problem::at(
                quote!(#name #fields),
                format!("variant `{name}` has fields without names"),
            );
            let parameters = names.first().map(TypeName::named).unwrap_or_default();
            let declared: Vec<String> = (fields.unnamed.iter().enumerate())
                .map(|(place, field)| {
                    let parameter = parameters.get(place).map_or("parameter", String::as_str);
                    format!("{parameter}: {}", shown(&field.ty))
                })
                .collect();
            errors.add(problem.help(format!(
                "name them after the parameters: `{name} {{ {} }}`",
                declared.join(", ")
            )));
            Vec::new()
        }
    };
    ColumnType {
        variant,
        description: docs::description(&variant.attrs),
        is_declared: variant
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("column_type")),
        is_incomplete: errors.count() > before,
        names,
        field: entries.field_type("field").cloned(),
        cast: entries.path("cast").cloned(),
        unsupported: entries.text("unsupported").cloned(),
        other: entries.get("other").cloned(),
        fields,
    }
}
