//! Constants that stop the compilation where a row breaks a rule that only the type system knows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::expand::in_module;
use super::model::{Kind, Row};
use crate::attr::shown;
use crate::emit::without_lifetimes;
use crate::path::Private;
use crate::shape;

/// What only the type system knows: a constant each, so that every mistake is told.
pub(super) fn checks(row: &Row<'_>) -> TokenStream {
    let private = &row.private;
    let mut items = TokenStream::new();
    for (place, member) in row.members.iter().enumerate() {
        if let (Kind::With(module), Some(_)) = (&member.kind, row.key_place(place)) {
            items.extend(key_of_module_is_exact(module, &member.column.text, private));
        }
        let names_self = shape::mentions(member.ty.to_token_stream(), &["Self".to_owned()]);
        if shape::mentions_parameter(member.ty, row.generics)
            || names_self
            || !matches!(member.kind, Kind::Value)
        {
            continue;
        }
        let ty = without_lifetimes(member.ty);
        let value = quote!(<#ty as #private::ColumnValue>);
        let column = &member.column.text;
        let mut check = |at: Span, condition: TokenStream, message: String| {
            let private = private.at(at);
            items.extend(quote_spanned!(at=> const _: () = #private::check(#condition, #message);));
        };
        if let Some(spec) = &member.field_type {
            let field_type = spec.expand(private);
            let message = format!(
                "field `{}` is `{}`, which does not become `{}`\nhelp: make it {}, remove `field = {}`, or convert with `with = module`",
                member.ident,
                shown(member.ty),
                spec.name,
                spec.rust_type(),
                shown(&spec.tokens),
            );
            let condition = quote!(#private::can_become(#value::FIELD_TYPE, #field_type));
            check(spec.name.span(), condition, message);
        } else if row.key_place(place).is_some() {
            let message = inexact_key(column);
            check(
                member.ty.span(),
                quote!(#private::can_be_key(#value::FIELD_TYPE)),
                message,
            );
        }
        if row.key_place(place).is_some() {
            let message = format!(
                "primary key column `{column}` is nullable\nhelp: take the `Option` off its type"
            );
            check(member.ty.span(), quote!(!#value::NULLABLE), message);
            let message = format!(
                "primary key column `{column}` may be left out\nhelp: take the `Sent` off its type; a key is always sent"
            );
            check(member.ty.span(), quote!(!#value::MAY_BE_LEFT_OUT), message);
        }
    }
    items.extend(groups_apart(row));
    items
}

/// A key column whose type the module of `with` says.
fn key_of_module_is_exact(module: &Path, column: &str, private: &Private) -> TokenStream {
    let private = private.at(module.span());
    let (field_type, message) = (in_module(module, "FIELD_TYPE"), inexact_key(column));
    quote_spanned! {module.span()=>
        const _: () = #private::check(#private::can_be_key(#field_type), #message);
    }
}

fn inexact_key(column: &str) -> String {
    format!(
        "primary key column `{column}` is a float, a point or JSON\nhelp: choose an exact type, such as an integer, a decimal or text"
    )
}

/// A flattened group's columns have other names than the row's own and those of groups before it.
fn groups_apart(row: &Row<'_>) -> TokenStream {
    let mut items = TokenStream::new();
    let names: Vec<TokenStream> = (row.members.iter())
        .filter(|member| member.is_column())
        .map(|member| {
            let (field, name) = (member.ident.unraw().to_string(), &member.column.text);
            quote!((#field, #name))
        })
        .collect();
    let mut before: Vec<TokenStream> = Vec::new();
    for group in &row.members {
        if !matches!(group.kind, Kind::Flatten) || shape::mentions_parameter(group.ty, row.generics)
        {
            continue;
        }
        let private = row.private.at(group.ty.span());
        let ty = without_lifetimes(group.ty);
        let columns = quote!(<#ty as #private::Columns>::COLUMNS);
        let field = group.ident.unraw().to_string();
        items.extend(quote_spanned! {group.ty.span()=>
            const _: () = #private::group_is_apart(#field, #columns, &[#(#names),*], &[#(#before),*]);
        });
        before.push(quote!((#field, #columns)));
    }
    items
}
