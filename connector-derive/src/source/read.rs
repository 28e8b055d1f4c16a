//! The impls that read a row struct and its key out of a row's columns.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Generics, Ident, Lifetime, Type};

use super::expand::{count, in_module};
use super::key;
use super::model::{Default, Kind, Member, Row};
use crate::emit::{read_for, with_conditions};
use crate::path::Private;

/// Reading is a condition, not a demand: a row whose fields can only be written is still a row.
pub(super) fn from_row(row: &Row<'_>) -> TokenStream {
    let (life, generics) = read_for(row.generics);
    let fields = row.members.iter().map(|member| {
        let (ident, value) = (member.ident, read(member, &life, &row.private));
        quote!(#ident: #value)
    });
    let body = quote!(#(#fields,)*);
    from_row_impl(
        row,
        row.ident,
        row.generics,
        row.members.iter(),
        (&life, &generics),
        &body,
    )
}

/// The impl that reads `ident`, with these members, by `fields`.
fn from_row_impl<'r>(
    row: &'r Row<'_>,
    ident: &Ident,
    own: &Generics,
    members: impl Iterator<Item = &'r Member<'r>>,
    (life, generics): (&Lifetime, &Generics),
    fields: &TokenStream,
) -> TokenStream {
    let private = &row.private;
    let conditions = members.flat_map(|member| read_conditions(member, life, private));
    let where_clause = with_conditions(generics, conditions);
    let (impl_generics, _, _) = generics.split_for_impl();
    let (_, type_generics, _) = own.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::FromRow<#life> for #ident #type_generics #where_clause {
            #[inline]
            fn from_row(__row: &mut #private::RowReader<#life>) -> #private::Result<Self, #private::Rejected> {
                #private::Ok(Self { #fields })
            }
        }
    }
}

/// The impl that reads the key struct: other columns are passed over.
pub(super) fn key_from_row(
    row: &Row<'_>,
    key_ident: &Ident,
    key_generics: &Generics,
) -> TokenStream {
    let private = &row.private;
    let (life, generics) = read_for(key_generics);
    let mut passed = TokenStream::new();
    let mut fields = TokenStream::new();
    // Fields are read in the order in which they are written. Columns behind the last one need not be passed over.
    key::runs(row, |run| match run {
        key::Run::Others(members) => {
            let count = count(members.iter().copied(), private);
            passed = quote!(#private::pass_over(__row, #count););
        }
        key::Run::Key(member) => {
            let (ident, value) = (member.ident, read(member, &life, private));
            let passed = std::mem::take(&mut passed);
            fields.extend(if passed.is_empty() {
                quote!(#ident: #value,)
            } else {
                quote!(#ident: { #passed #value },)
            });
        }
    });
    from_row_impl(
        row,
        key_ident,
        key_generics,
        key::members(row),
        (&life, &generics),
        &fields,
    )
}

/// What must hold for the member to be read.
fn read_conditions<'a>(
    member: &Member<'a>,
    life: &Lifetime,
    private: &Private,
) -> Vec<(&'a Type, TokenStream)> {
    let ty = member.ty;
    let mut conditions = match member.kind {
        Kind::Value => vec![(ty, quote!(#private::FromValue<#life>))],
        Kind::Json => vec![(ty, quote!(#private::DeserializeOwned))],
        Kind::Flatten => vec![(ty, quote!(#private::FromRow<#life>))],
        Kind::Skip | Kind::With(_) => Vec::new(),
    };
    let wants_default = match member.default {
        None => matches!(member.kind, Kind::Skip),
        Some(Default::OfType) => true,
        Some(Default::Path(_)) => false,
    };
    if wants_default {
        conditions.push((ty, quote!(::core::default::Default)));
    }
    conditions
}

/// The member, read from the next columns.
fn read(member: &Member<'_>, life: &Lifetime, private: &Private) -> TokenStream {
    let ty = member.ty;
    let default = match &member.default {
        Some(Default::Path(path)) => Some(path.to_token_stream()),
        Some(Default::OfType) => Some(quote!(<#ty as ::core::default::Default>::default)),
        None => None,
    };
    let result = match (&member.kind, default) {
        (Kind::Skip, Some(default)) => return quote!(#default()),
        (Kind::Skip, None) => return quote!(<#ty as ::core::default::Default>::default()),
        (Kind::Flatten, _) => quote!(<#ty as #private::FromRow<#life>>::from_row(__row)),
        (Kind::Value, None) => quote!(<#ty as #private::FromValue<#life>>::read_from(__row)),
        (Kind::Value, Some(default)) => quote!(#private::read_or::<#ty>(__row, #default)),
        (Kind::Json, None) => member.option().map_or_else(
            || quote!(#private::read_json::<#ty>(__row)),
            |inner| quote!(#private::read_optional_json::<#inner>(__row)),
        ),
        (Kind::Json, Some(default)) => quote!(#private::read_json_or::<#ty>(__row, #default)),
        (Kind::With(module), default) => {
            let from_value = in_module(module, "from_value");
            match default {
                None => quote!(#private::read_with::<#ty>(__row, #from_value)),
                Some(default) => {
                    quote!(#private::read_with_or::<#ty>(__row, #from_value, #default))
                }
            }
        }
    };
    // Not `?`, which takes the compiler several times as long.
    quote! {
        match #result {
            #private::Ok(__value) => __value,
            #private::Err(__rejected) => return #private::Err(__rejected),
        }
    }
}
