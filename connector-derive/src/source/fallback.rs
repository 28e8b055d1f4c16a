//! The impls of an item whose declaration is wrong, so that nothing else is reported about it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Generics};

use super::expand::told;
use super::model::{Row, Rows, Tracking};
use super::parse::Item;
use super::{key, tables};
use crate::emit::{in_private_scope, read_for, with_bounds};
use crate::path::Private;
use crate::shape;

/// Impls without a body worth running. The generated types are there as well, since other code may name them.
pub(crate) fn source(input: &DeriveInput, item: Option<&Item<'_>>) -> TokenStream {
    let private = match item {
        Some(Item::Row(row)) => row.private.clone(),
        Some(Item::Rows(rows)) => rows.private.clone(),
        None => Private::under(None),
    };
    let private = private.or_default();
    let Old {
        declared,
        ty: old,
        impls: mut items,
        generics,
    } = match item {
        Some(Item::Row(row)) => old_of_row(row, &private),
        Some(Item::Rows(rows)) => old_of_rows(rows, &private),
        None => Old::row_itself(&input.generics),
    };
    let ident = &input.ident;
    // Named after the struct, so that an enum of rows has nothing to say about it.
    let table = if matches!(input.data, Data::Enum(_)) {
        quote!(#private::None)
    } else {
        let name = ident.to_string();
        quote!(#private::Some(#name))
    };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    items.extend(image(ident, &generics, &private));
    items.extend(from_row(ident, &generics, &private));
    items.extend(quote! {
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
            const TABLE: #private::Option<&'static str> = #table;
            fn tables() -> #private::Vec<#private::TableInfo> {
                #private::Vec::new()
            }
        }
    });
    let scope = in_private_scope(&private, &items);
    quote!(#declared #scope)
}

/// The old image, with the type that is generated for it.
struct Old {
    declared: TokenStream,
    ty: TokenStream,
    impls: TokenStream,
    /// Those of the item, with what the old image needs of them.
    generics: Generics,
}

impl Old {
    fn row_itself(generics: &Generics) -> Self {
        Self {
            declared: TokenStream::new(),
            ty: quote!(Self),
            impls: TokenStream::new(),
            generics: generics.clone(),
        }
    }
}

fn old_of_row(row: &Row<'_>, private: &Private) -> Old {
    let mut old = Old::row_itself(row.generics);
    match row.tracking {
        Tracking::FullChanges => {}
        Tracking::Nothing => old.ty = quote!(#private::NoOldRow),
        // Without a key column, too: the struct's name is known.
        Tracking::OnlyPk => {
            let (ident, generics) = (key::ident(row), key::generics(row));
            old.declared = key::declaration(row);
            old.ty = key::name(row, &generics);
            old.impls.extend(image(&ident, &generics, private));
            old.impls.extend(from_row(&ident, &generics, private));
            old.impls.extend(key::plain_impls(row));
            let is_old = quote!(#private::KeyOf);
            (old.impls).extend(told(&is_old, &old.ty, row.ident, row.generics, private));
        }
    }
    old
}

fn old_of_rows(rows: &Rows<'_>, private: &Private) -> Old {
    // A variant that is wrong has no old image, and takes its parameters with it.
    let types: TokenStream = rows
        .variants
        .iter()
        .map(|row| row.ty.to_token_stream())
        .collect();
    let used = shape::used_generics(rows.generics, &types);
    let bounds = || {
        let types = rows.variants.iter().map(|row| row.ty);
        types.map(|ty| (ty, quote!(#private::SourceRow)))
    };
    let bounded = with_bounds(&used, bounds());
    let (_, type_generics, _) = used.split_for_impl();
    let ident = tables::old_ident(rows);
    let ty = quote!(#ident #type_generics);
    let generics = with_bounds(rows.generics, bounds());
    let mut impls = image(&ident, &bounded, private);
    impls.extend(tables::old_traits(rows, &bounded));
    impls.extend(tables::holds(rows, &generics));
    let is_old = quote!(#private::OldAmong);
    impls.extend(told(&is_old, &ty, rows.ident, &generics, private));
    Old {
        declared: tables::old_declaration(rows, &used, private),
        ty,
        impls,
        generics,
    }
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
