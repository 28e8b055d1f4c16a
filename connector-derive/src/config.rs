//! `#[derive(ConnectorConfig)]`: the keys of a connector's configuration, from the struct that serde reads.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Field, Fields, Ident, Type, parse_quote};

use crate::attr::{Entries, shown};
use crate::case::{Case, snake};
use crate::diag::{Errors, Problem};
use crate::emit::{in_private_scope, with_bounds};
use crate::path::Private;
use crate::serde_names::SerdeNames;
use crate::{docs, keys};

/// A key of the configuration.
struct ConfigKey<'a> {
    field: &'a Ident,
    name: String,
    ty: &'a Type,
    description: String,
    has_default: bool,
}

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let entries = Entries::read(&input.attrs, &keys::CONFIG, &errors);
    let private = Private::under(entries.path("crate"));
    private.check(&errors);
    let name = entries.text("name").map_or_else(
        || snake(&input.ident.unraw().to_string()),
        syn::LitStr::value,
    );
    if let Some(text) = entries.text("name") {
        connector_name_is_a_word(text, &errors);
    }
    let serde = SerdeNames::read(&input.attrs);
    reads_its_own_fields(input, &serde, &errors);
    let keys = fields(input, &errors)
        .map(|fields| read_keys(fields, &serde, &errors))
        .unwrap_or_default();
    if errors.is_empty() {
        expand(input, &private, &name, &keys)
    } else {
        let mut tokens = errors.into_tokens();
        tokens.extend(expand(input, &private.or_default(), &name, &[]));
        tokens
    }
}

fn fields<'a>(input: &'a DeriveInput, errors: &Errors) -> Option<Vec<&'a Field>> {
    let at = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter().collect()),
            Fields::Unit => return Some(Vec::new()),
            Fields::Unnamed(fields) => fields.to_token_stream(),
        },
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    };
    let problem = Problem::at(
        at,
        "a configuration is a struct with named fields: each field is a key",
    );
    errors.add(problem.help("write `struct Name { key: Type }`"));
    None
}

/// The name stands in configuration files and on the command line.
fn connector_name_is_a_word(text: &syn::LitStr, errors: &Errors) {
    let name = text.value();
    let is_word = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if !is_word {
        let problem = Problem::at(text, format!("`{name}` cannot be the name of a connector"));
        let help = word_of(&name).map_or_else(
            || "write lower-case letters, digits, `_` and `-`, beginning with a letter".to_owned(),
            |word| format!("write `name = \"{word}\"`"),
        );
        errors.add(
            problem.help(help).note(
                "a name has lower-case letters, digits, `_` and `-`, as it stands in configuration files and on the command line",
            ),
        );
    }
}

/// The name that was probably meant.
fn word_of(name: &str) -> Option<String> {
    let spaced: String = (name.trim().chars())
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let word = snake(&spaced);
    word.starts_with(|first: char| first.is_ascii_lowercase())
        .then_some(word)
}

/// serde reads the struct's own fields, which are the keys that are listed.
fn reads_its_own_fields(input: &DeriveInput, serde: &SerdeNames, errors: &Errors) {
    let Some(other) = &serde.reads_other else {
        return;
    };
    let name = shown(other);
    let problem = Problem::at(
        other,
        format!(
            "`{name}` reads other keys than the fields of `{}`",
            input.ident
        ),
    );
    errors.add(
        problem
            .help("remove it, or derive `ConnectorConfig` on the type that serde reads")
            .note("the fields are the keys that are listed, with their types and descriptions"),
    );
}

fn read_keys<'a>(
    fields: Vec<&'a Field>,
    serde: &SerdeNames,
    errors: &Errors,
) -> Vec<ConfigKey<'a>> {
    let case = serde.rename_all.as_deref().and_then(Case::named);
    let mut keys: Vec<ConfigKey<'a>> = Vec::new();
    for field in fields {
        Entries::read(&field.attrs, &keys::CONFIG_FIELD, errors);
        let names = SerdeNames::read(&field.attrs);
        let (Some(ident), false) = (&field.ident, names.is_skipped) else {
            continue;
        };
        if let Some(flatten) = &names.flatten {
            let problem = Problem::at(flatten, "`flatten` hides the keys of a configuration");
            errors.add(
                problem
                    .help("make it a key of its own: remove `flatten`")
                    .note("every key is listed by name, with its type and description"),
            );
            continue;
        }
        let own = ident.unraw().to_string();
        let name = names
            .rename
            .unwrap_or_else(|| case.map_or(own.clone(), |case| case.apply(&own)));
        if let Some(first) = keys.iter().find(|key| key.name == name) {
            let problem = Problem::at(
                names
                    .rename_at
                    .as_ref()
                    .map_or_else(|| ident.to_token_stream(), ToTokens::to_token_stream),
                format!(
                    "key `{}` is also the key of field `{}`",
                    first.name, first.field
                ),
            );
            errors.add(problem.help("give one of them another name: `#[serde(rename = \"…\")]`"));
        }
        keys.push(ConfigKey {
            field: ident,
            name,
            ty: &field.ty,
            description: docs::description(&field.attrs),
            has_default: names.has_default || serde.has_default,
        });
    }
    keys
}

fn expand(
    input: &DeriveInput,
    private: &Private,
    name: &str,
    keys: &[ConfigKey<'_>],
) -> TokenStream {
    let ident = &input.ident;
    let bounds = keys
        .iter()
        .map(|key| (key.ty, quote!(#private::ConfigValue)));
    let mut generics = with_bounds(&input.generics, bounds);
    if generics.type_params().next().is_some() {
        let predicate = parse_quote!(Self: #private::DeserializeOwned);
        generics.make_where_clause().predicates.push(predicate);
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let about = docs::description(&input.attrs);
    let listed = keys.iter().map(|key| {
        let ConfigKey {
            field: _,
            name,
            ty,
            description,
            has_default,
        } = key;
        let required = if *has_default {
            quote!(false)
        } else {
            quote!(!<#ty as #private::ConfigValue>::OPTIONAL)
        };
        quote!(#private::ConfigKey::of::<#ty>(#name, #description, #required))
    });
    let count = keys.len();
    in_private_scope(
        private,
        &quote! {
            #[automatically_derived]
            impl #impl_generics #private::ConnectorConfig for #ident #type_generics #where_clause {
                const NAME: &'static str = #name;
                const DESCRIPTION: &'static str = #about;

                fn keys() -> #private::Vec<#private::ConfigKey> {
                    let mut __keys = #private::Vec::with_capacity(#count);
                    #(__keys.push(#listed);)*
                    __keys
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(declaration: &str) -> (Vec<(String, bool)>, Vec<String>) {
        let input: DeriveInput = syn::parse_str(declaration).expect("a type");
        let errors = Errors::default();
        let fields = fields(&input, &errors).unwrap_or_default();
        let keys = read_keys(fields, &SerdeNames::read(&input.attrs), &errors);
        (
            keys.into_iter()
                .map(|key| (key.name, key.has_default))
                .collect(),
            errors.messages(),
        )
    }

    #[test]
    fn the_names_are_serdes() {
        let (keys, errors) = keys_of(
            "#[serde(rename_all(deserialize = \"kebab-case\"), deny_unknown_fields)]
             struct Config {
                 max_rows: u8,
                 #[serde(rename(serialize = \"x\", deserialize = \"y\"), default)] other: u8,
                 #[serde(skip_deserializing)] hidden: u8,
                 r#type: u8,
             }",
        );
        assert_eq!(errors, [] as [&str; 0]);
        let names: Vec<_> = keys
            .iter()
            .map(|(name, has_default)| (name.as_str(), *has_default))
            .collect();
        assert_eq!(names, [("max-rows", false), ("y", true), ("type", false)]);
    }

    #[test]
    fn two_fields_have_two_keys() {
        let (_, errors) = keys_of("struct Config { a: u8, #[serde(rename = \"a\")] b: u8 }");
        assert!(
            errors
                .first()
                .is_some_and(|error| error.starts_with("key `a` is also the key of field `a`")),
            "{errors:?}"
        );
    }
}
