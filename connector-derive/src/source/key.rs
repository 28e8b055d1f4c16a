//! The key struct of a row that tracks `only_pk`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Generics, Ident};

use super::expand::{count, push};
use super::model::{Kind, Member, Row, passes_on};
use super::read::key_from_row;
use crate::emit::{Parts, plain_traits, with_bounds, with_conditions};
use crate::shape;

/// A stretch of the row's members.
pub(super) enum Run<'r, 'a> {
    Key(&'r Member<'a>),
    /// Members beside the key, one behind the other.
    Others(Vec<&'r Member<'a>>),
}

/// Walks over the members in the table's order.
pub(super) fn runs<'r, 'a>(row: &'r Row<'a>, mut each: impl FnMut(Run<'r, 'a>)) {
    let key = row.key();
    let mut others = Vec::new();
    for (place, member) in row.members.iter().enumerate() {
        if key.contains(&place) {
            if !others.is_empty() {
                each(Run::Others(std::mem::take(&mut others)));
            }
            each(Run::Key(member));
        } else if !matches!(member.kind, Kind::Skip) {
            others.push(member);
        }
    }
    if !others.is_empty() {
        each(Run::Others(others));
    }
}

pub(super) fn ident(row: &Row<'_>) -> Ident {
    format_ident!("{}Key", row.ident)
}

/// The members of the key, in the table's order.
pub(crate) fn members<'r, 'a>(row: &'r Row<'a>) -> impl Iterator<Item = &'r Member<'a>> {
    let key = row.key();
    (row.members.iter().enumerate())
        .filter(move |(place, _)| key.contains(place))
        .map(|(_, member)| member)
}

/// The row's generics that the key's fields use.
pub(crate) fn generics(row: &Row<'_>) -> Generics {
    let types: TokenStream = members(row)
        .map(|member| member.ty.to_token_stream())
        .collect();
    shape::used_generics(row.generics, &types)
}

/// The key struct as a type.
pub(super) fn name(row: &Row<'_>, generics: &Generics) -> TokenStream {
    let ident = ident(row);
    let (_, type_generics, _) = generics.split_for_impl();
    quote!(#ident #type_generics)
}

pub(super) fn declaration(row: &Row<'_>) -> TokenStream {
    let (visibility, ident, generics) = (row.visibility, ident(row), generics(row));
    let where_clause = &generics.where_clause;
    let about = format!(
        "The primary key of a [`{}`], as an update or a delete tells it.",
        row.ident
    );
    let fields = members(row).map(|member| {
        let (visibility, name, ty) = (&member.field.vis, member.ident, member.ty);
        let about = if member.description.is_empty() {
            format!("The key column `{}`.", member.column.text)
        } else {
            member.description.clone()
        };
        let attributes = member
            .field
            .attrs
            .iter()
            .filter(|attribute| passes_on(attribute));
        quote!(#(#attributes)* #[doc = #about] #visibility #name: #ty)
    });
    quote! {
        #[doc = #about]
        #visibility struct #ident #generics #where_clause { #(#fields,)* }
    }
}

pub(super) fn impls(row: &Row<'_>) -> TokenStream {
    let (ident, generics, private) = (ident(row), generics(row), &row.private);
    let mut pushed = TokenStream::new();
    runs(row, |run| match run {
        Run::Key(member) => pushed.extend(push(member, "self", private)),
        Run::Others(members) => {
            let count = count(members.into_iter(), private);
            pushed.extend(quote!(#private::push_unsent(__row, #count);));
        }
    });
    let bound = |member: &Member<'_>| matches!(member.kind, Kind::Value);
    let bounds = members(row)
        .filter(|member| bound(member))
        .map(|member| (member.ty, quote!(#private::ColumnValue)));
    let bounded = with_bounds(&generics, bounds);
    let (impl_generics, type_generics, where_clause) = bounded.split_for_impl();
    let (plain, from_row) = (plain_impls(row), key_from_row(row, &ident, &generics));
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::RowImage for #ident #type_generics #where_clause {
            #[inline]
            fn table(&self) -> usize {
                0
            }

            #[inline]
            fn append(&self, __row: &mut #private::RowWriter<'_>) -> #private::Result<(), #private::Rejected> {
                #pushed
                __row.outcome()
            }
        }
        #plain
        #from_row
    }
}

/// What people expect of any struct, and the key of a row that is at hand.
pub(super) fn plain_impls(row: &Row<'_>) -> TokenStream {
    let (ident, generics) = (ident(row), generics(row));
    let fields = members(row).map(|member| (member.ident, member.ty));
    let mut impls = plain_traits(&ident, &generics, &Parts::Fields(fields.collect()));
    impls.extend(of_row(row, &ident, &generics));
    impls
}

/// The key of a row that is at hand.
fn of_row(row: &Row<'_>, key: &Ident, key_generics: &Generics) -> TokenStream {
    let fields: Vec<_> = members(row).map(|member| member.ident).collect();
    let conditions = members(row).map(|member| (member.ty, quote!(::core::clone::Clone)));
    let where_clause = with_conditions(row.generics, conditions);
    let (impl_generics, row_generics, _) = row.generics.split_for_impl();
    let (_, type_generics, _) = key_generics.split_for_impl();
    let row_ident = row.ident;
    quote! {
        #[automatically_derived]
        impl #impl_generics ::core::convert::From<&#row_ident #row_generics> for #key #type_generics #where_clause {
            #[inline]
            fn from(__row: &#row_ident #row_generics) -> Self {
                Self { #(#fields: ::core::clone::Clone::clone(&__row.#fields),)* }
            }
        }
    }
}
