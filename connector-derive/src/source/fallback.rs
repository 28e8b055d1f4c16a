//! The impls of an item whose declaration is wrong, so that nothing else is reported about it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Fields, Generics};

use super::key;
use super::model::Tracking;
use super::parse::Item;
use crate::emit::{in_private_scope, read_for, with_conditions};
use crate::path::Private;

/// Impls without a body worth running. The generated types are there as well, since other code may name them.
pub(crate) fn source(input: &DeriveInput, item: Option<&Item<'_>>) -> TokenStream {
    let mut declared = TokenStream::new();
    let mut impls = TokenStream::new();
    let private = match item {
        Some(Item::Row(row)) => row.private.clone(),
        Some(Item::Rows(rows)) => rows.private.clone(),
        None => Private::under(None),
    };
    let private = private.or_default();
    let mut old = quote!(Self);
    match item {
        Some(Item::Row(row))
            if row.tracking == Tracking::OnlyPk && key::members(row).next().is_some() =>
        {
            declared = key::declaration(row);
            let generics = key::generics(row);
            old = key::name(row, &generics);
            let key_ident = key::ident(row);
            impls.extend(image(&key_ident, &generics, &private));
            impls.extend(from_row(&key_ident, &generics, &private));
        }
        Some(Item::Row(row)) if row.tracking == Tracking::Nothing => {
            old = quote!(#private::NoOldRow);
        }
        _ => {}
    }
    let (ident, generics) = (&input.ident, &input.generics);
    // Named after the struct, so that an enum of rows has nothing to say about it.
    let table = if matches!(input.data, Data::Enum(_)) {
        quote!(::core::option::Option::None)
    } else {
        let name = ident.to_string();
        quote!(::core::option::Option::Some(#name))
    };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    impls.extend(image(ident, generics, &private));
    impls.extend(from_row(ident, generics, &private));
    impls.extend(quote! {
        impl #impl_generics #private::Columns for #ident #type_generics #where_clause {
            const COLUMNS: &'static [#private::DeclaredColumn] = &[];
        }
        impl #impl_generics #private::SourceRow for #ident #type_generics #where_clause {
            type Old = #old;
            type Tracking = #private::AtRunTime;
        }
        impl #impl_generics #private::DozerSource for #ident #type_generics #where_clause {
            type Types = #private::AnyTypes;
            type Shape = #private::OwnedRow;
            const TABLE: ::core::option::Option<&'static str> = #table;
            fn tables() -> #private::Vec<#private::TableInfo> {
                #private::Vec::new()
            }
        }
    });
    impls.extend(holds(input, &private));
    let scope = in_private_scope(&private, &impls);
    quote!(#declared #scope)
}

fn image(ident: &syn::Ident, generics: &Generics, private: &Private) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics #private::RowImage for #ident #type_generics #where_clause {
            fn table(&self) -> usize {
                0
            }
            fn append(&self, _: &mut #private::RowWriter<'_>) -> ::core::result::Result<(), #private::Rejected> {
                ::core::result::Result::Ok(())
            }
        }
    }
}

fn from_row(ident: &syn::Ident, generics: &Generics, private: &Private) -> TokenStream {
    let (_, type_generics, _) = generics.split_for_impl();
    let (life, extended) = read_for(generics);
    let (impl_generics, _, where_clause) = extended.split_for_impl();
    quote! {
        impl #impl_generics #private::FromRow<#life> for #ident #type_generics #where_clause {
            fn from_row(_: &mut #private::RowReader<#life>) -> ::core::result::Result<Self, #private::Rejected> {
                ::core::result::Result::Err(#private::Rejected)
            }
        }
    }
}

/// The conversions from row structs, for the variants that wrap one.
///
/// What is no row, which rustc tells where it is used, gets none: the bound is a condition.
fn holds(input: &DeriveInput, private: &Private) -> TokenStream {
    let Data::Enum(data) = &input.data else {
        return TokenStream::new();
    };
    if input.generics.type_params().next().is_some() {
        return TokenStream::new();
    }
    let (_, type_generics, _) = input.generics.split_for_impl();
    let ident = &input.ident;
    let mut seen: Vec<String> = Vec::new();
    let mut impls = TokenStream::new();
    for variant in &data.variants {
        let Fields::Unnamed(fields) = &variant.fields else {
            continue;
        };
        let (Some(field), 1) = (fields.unnamed.first(), fields.unnamed.len()) else {
            continue;
        };
        let (name, ty) = (&variant.ident, &field.ty);
        let shown = ty.to_token_stream().to_string();
        if seen.contains(&shown) {
            continue;
        }
        seen.push(shown);
        let where_clause = with_conditions(&input.generics, [(ty, quote!(#private::SourceRow))]);
        let (impl_generics, _, _) = input.generics.split_for_impl();
        impls.extend(quote! {
            impl #impl_generics ::core::convert::From<#ty> for #ident #type_generics #where_clause {
                fn from(__row: #ty) -> Self {
                    Self::#name(__row)
                }
            }
            impl #impl_generics #private::Holds<#ty> for #ident #type_generics #where_clause {
                fn hold(__row: #ty) -> Self {
                    Self::#name(__row)
                }
                fn hold_old(_: <#ty as #private::SourceRow>::Old) -> Self {
                    ::core::unreachable!()
                }
            }
        });
    }
    impls
}
