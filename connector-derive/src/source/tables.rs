//! The impls of an enum of row structs.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Generics, Ident, Type, parse_quote};

use super::expand::{declared_tables, told};
use super::model::Rows;
use crate::emit::{Parts, in_private_scope, plain_traits, with_bounds, without_lifetimes};
use crate::path::Private;
use crate::shape;

pub(crate) fn rows(rows: &Rows<'_>) -> TokenStream {
    let (ident, private) = (rows.ident, &rows.private);
    let old_ident = old_ident(rows);
    let source_row = quote!(#private::SourceRow);
    let generics = where_rows_are(rows, &source_row);
    let declaration = old_declaration(rows, rows.generics, private);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let images = [
        image(rows, ident, &generics, &append_all(rows)),
        image(rows, &old_ident, &generics, &TokenStream::new()),
    ];
    let holds = holds(rows, &generics);
    let source = source(rows);
    let declared = declared_tables(&generics, private);
    let checks = checks(rows);
    let plain = old_traits(rows, &generics);
    let old = quote!(#old_ident #type_generics);
    let told = told(&quote!(#private::OldAmong), &old, ident, &generics, private);
    let scope = in_private_scope(
        private,
        &quote! {
            #checks
            #(#images)*
            #[automatically_derived]
            impl #impl_generics #source_row for #ident #type_generics #where_clause {
                type Old = #old;
                type Tracking = #private::OfEachTable;
                #declared
            }
            #told
            #holds
            #source
            #plain
        },
    );
    quote!(#declaration #scope)
}

/// The enum's generics, under the condition that each variant's row is one: otherwise the impls are not there, and what is
/// wrong is told at the variant alone.
fn where_rows_are(rows: &Rows<'_>, bound: &TokenStream) -> Generics {
    let mut generics = with_bounds(
        rows.generics,
        rows.variants.iter().map(|row| (row.ty, bound.clone())),
    );
    let private = &rows.private;
    let clause = generics.make_where_clause();
    for row in &rows.variants {
        if !shape::mentions_parameter(row.ty, rows.generics) {
            let ty = row.ty;
            // The bound variable keeps the compiler from checking the bound at the impl.
            clause
                .predicates
                .push(parse_quote!(for<'__any> #ty: #private::DozerSource));
        }
    }
    generics
}

/// The conversions from row structs.
pub(super) fn holds(rows: &Rows<'_>, generics: &Generics) -> TokenStream {
    let (ident, private, old_ident) = (rows.ident, &rows.private, old_ident(rows));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let mut impls = TokenStream::new();
    let mut before: Vec<String> = Vec::new();
    for row in rows
        .variants
        .iter()
        .filter(|row| is_told_apart(rows, row.ty))
    {
        let (variant, ty) = (row.ident, row.ty);
        // The same row twice is a mistake, which is told elsewhere.
        let shown = ty.to_token_stream().to_string();
        if before.contains(&shown) {
            continue;
        }
        before.push(shown);
        impls.extend(quote! {
            #[automatically_derived]
            impl #impl_generics ::core::convert::From<#ty> for #ident #type_generics #where_clause {
                #[inline]
                fn from(__row: #ty) -> Self {
                    Self::#variant(__row)
                }
            }
            #[automatically_derived]
            impl #impl_generics #private::Holds<#ty> for #ident #type_generics #where_clause {
                #[inline]
                fn hold(__row: #ty) -> Self {
                    Self::#variant(__row)
                }

                #[inline]
                fn hold_old(__old: <#ty as #private::SourceRow>::Old) -> Self::Old {
                    #old_ident::#variant(__old)
                }
            }
        });
    }
    impls
}

/// Whether no other variant could wrap the same type; a type parameter could be any row.
fn is_told_apart(rows: &Rows<'_>, ty: &Type) -> bool {
    if rows.variants.len() == 1 || !shape::mentions_parameter(ty, rows.generics) {
        return true;
    }
    let word = shape::last_word(ty);
    let is_parameter = rows
        .generics
        .type_params()
        .any(|parameter| word.as_deref() == Some(&parameter.ident.to_string()));
    !is_parameter
        && rows
            .variants
            .iter()
            .filter(|other| shape::last_word(other.ty) == word)
            .count()
            == 1
}

/// The generated enum: its variants are those of the rows, with their old images.
pub(super) fn old_ident(rows: &Rows<'_>) -> Ident {
    format_ident!("{}Old", rows.ident)
}

/// What people expect of any enum.
pub(super) fn old_traits(rows: &Rows<'_>, generics: &Generics) -> TokenStream {
    let private = &rows.private;
    let old_types = rows.variants.iter().map(|row| {
        let ty = row.ty;
        (row.ident, parse_quote!(<#ty as #private::SourceRow>::Old))
    });
    plain_traits(
        &old_ident(rows),
        generics,
        &Parts::Variants(old_types.collect()),
    )
}

pub(super) fn old_declaration(
    rows: &Rows<'_>,
    generics: &Generics,
    private: &Private,
) -> TokenStream {
    let (visibility, private) = (rows.visibility, private.in_full());
    let old_ident = old_ident(rows);
    let generics = with_bounds(
        generics,
        (rows.variants.iter()).map(|row| (row.ty, quote!(#private::SourceRow))),
    );
    let where_clause = &generics.where_clause;
    let about = format!(
        "The old image of a row of [`{}`]: what its table's tracking type tells.",
        rows.ident
    );
    let variants = rows.variants.iter().map(|row| {
        let (variant, ty) = (row.ident, row.ty);
        let about = format!("Of [`{}`]({}::{variant}).", variant, rows.ident);
        // A type that is no row is told at the variant.
        let old = quote_spanned!(ty.span()=> <#ty as #private::SourceRow>::Old);
        quote!(#[doc = #about] #variant(#old))
    });
    quote! {
        #[doc = #about]
        #[allow(private_interfaces)]
        #visibility enum #old_ident #generics #where_clause { #(#variants,)* }
    }
}

/// Dispatches to the rows; the table's place is the variant's.
fn image(rows: &Rows<'_>, ident: &Ident, generics: &Generics, many: &TokenStream) -> TokenStream {
    let private = &rows.private;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let variants: Vec<_> = rows.variants.iter().map(|row| row.ident).collect();
    let places = 0..variants.len();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::RowImage for #ident #type_generics #where_clause {
            #[inline]
            fn table(&self) -> usize {
                match self { #(Self::#variants(_) => #places,)* }
            }

            #[inline]
            fn append(&self, __row: &mut #private::RowWriter<'_>) -> ::core::result::Result<(), #private::Rejected> {
                match self { #(Self::#variants(__image) => #private::RowImage::append(__image, __row),)* }
            }

            #many
        }
    }
}

/// Many rows at once are rows of one variant.
fn append_all(rows: &Rows<'_>) -> TokenStream {
    let private = &rows.private;
    let variants: Vec<_> = rows.variants.iter().map(|row| row.ident).collect();
    quote! {
        #[inline]
        fn text_bytes(&self) -> #private::Option<usize> {
            match self { #(Self::#variants(__image) => #private::RowImage::text_bytes(__image),)* }
        }

        #[inline]
        fn append_all<'__rows>(
            __rows: impl ::core::iter::Iterator<Item = &'__rows Self> + ::core::clone::Clone,
            __into: &mut #private::RowsWriter<'_>,
        )
        where
            Self: '__rows,
        {
            #[allow(unreachable_patterns)]
            match ::core::iter::Iterator::next(&mut ::core::clone::Clone::clone(&__rows)) {
                #(#private::Some(Self::#variants(_)) => #private::append_variant(
                    __rows,
                    |__row| match __row {
                        Self::#variants(__image) => #private::Some(__image),
                        _ => #private::None,
                    },
                    __into,
                ),)*
                #private::None => {}
            }
        }
    }
}

fn source(rows: &Rows<'_>) -> TokenStream {
    let (ident, private) = (rows.ident, &rows.private);
    let types: Vec<_> = rows.variants.iter().map(|row| row.ty).collect();
    let generics = where_rows_are(rows, &quote!(#private::DozerSource));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let column_types = types.iter().rev().fold(
        quote!(#private::AnyTypes),
        |others, ty| quote!((<#ty as #private::DozerSource>::Types, #others)),
    );
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::DozerSource for #ident #type_generics #where_clause {
            type Types = #column_types;
            type Shape = #private::SeveralTables;

            const TABLE: ::core::option::Option<&'static str> = ::core::option::Option::None;

            #[inline]
            fn tables() -> #private::Vec<#private::TableInfo> {
                let mut __tables = #private::Vec::new();
                #(__tables.append(&mut <#types as #private::DozerSource>::tables());)*
                __tables
            }
        }
    }
}

/// Each variant is one table, and no two are the same one.
fn checks(rows: &Rows<'_>) -> TokenStream {
    let private = &rows.private;
    let mut items = TokenStream::new();
    let mut before: Vec<TokenStream> = Vec::new();
    for row in rows
        .variants
        .iter()
        .filter(|row| !shape::mentions_parameter(row.ty, rows.generics))
    {
        let ty = without_lifetimes(row.ty);
        let private = private.at(row.ty.span());
        let table = quote!(<#ty as #private::DozerSource>::TABLE);
        let variant = row.ident;
        let message = format!(
            "variant `{variant}` wraps an enum of rows\nhelp: wrap each of its row structs in a variant here"
        );
        let name = variant.unraw().to_string();
        items.extend(quote_spanned! {row.ty.span()=>
            const _: () = #private::check(#table.is_some(), #message);
            const _: () = #private::table_is_new(#name, #table, &[#(#before),*]);
        });
        before.push(quote!((#name, #table)));
    }
    items
}
