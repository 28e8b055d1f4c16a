//! `#[derive(ColumnValue)]`: a newtype is a column as what it wraps is.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Member, Type, parse_quote};

use crate::attr::Entries;
use crate::diag::{Errors, Problem};
use crate::emit::{in_private_scope, read_for, with_bounds, with_conditions};
use crate::keys;
use crate::path::Private;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let entries = Entries::read(&input.attrs, &keys::NEWTYPE, &errors);
    let private = Private::under(entries.path("crate"));
    private.check(&errors);
    if let Data::Struct(data) = &input.data {
        for field in &data.fields {
            Entries::read(&field.attrs, &keys::NEWTYPE_FIELD, &errors);
        }
    }
    let wrapped = wrapped(input, &errors);
    match wrapped {
        Some((member, ty)) if errors.is_empty() => expand(input, &private, &member, ty),
        _ => {
            let mut tokens = errors.into_tokens();
            // As text, which no rule forbids.
            tokens.extend(fallback(input, &private.or_default()));
            tokens
        }
    }
}

/// The one field.
fn wrapped<'a>(input: &'a DeriveInput, errors: &Errors) -> Option<(Member, &'a Type)> {
    let problem = match &input.data {
        Data::Struct(DataStruct { fields, .. }) => {
            let mut all = fields.iter();
            match (all.next(), all.next()) {
                (Some(field), None) => {
                    let member = field.ident.clone().map_or_else(|| parse_quote!(0), Member::Named);
                    return Some((member, &field.ty));
                }
                (None, _) => Problem::at(&input.ident, format!("`{}` wraps nothing", input.ident))
                    .help(format!("write a newtype: `struct {}(Type)`", input.ident)),
                (Some(_), Some(_)) => {
                    let what = format!("`{}` has {} fields, and a column is one value", input.ident, fields.len());
                    Problem::at(fields, what).help(
                        "for a group of columns derive `DozerSource` and use `#[dozer(flatten)]`; for one JSON column use `#[dozer(json)]` on the field",
                    )
                }
            }
        }
        Data::Enum(data) => Problem::at(data.enum_token, "an enum is not a newtype").help(
            "implement `ColumnValue` and `FromValue` by hand, or use `#[dozer(json)]` or `#[dozer(with = module)]` on the field",
        ),
        Data::Union(data) => Problem::at(data.union_token, "a union is not a newtype").help("write a newtype: `struct Name(Type)`"),
    };
    errors.add(problem);
    None
}

fn expand(input: &DeriveInput, private: &Private, member: &Member, ty: &Type) -> TokenStream {
    let ident = &input.ident;
    let generics = with_bounds(&input.generics, [(ty, quote!(#private::ColumnValue))]);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let value = quote!(<#ty as #private::ColumnValue>);
    let (life, extended) = read_for(&input.generics);
    let from_where = with_conditions(&extended, [(ty, quote!(#private::FromValue<#life>))]);
    let (from_generics, _, _) = extended.split_for_impl();
    in_private_scope(
        private,
        &quote! {
            #[automatically_derived]
            impl #impl_generics #private::ColumnValue for #ident #type_generics #where_clause {
                const FIELD_TYPE: #private::FieldType = #value::FIELD_TYPE;
                const NULLABLE: bool = #value::NULLABLE;

                #[inline]
                fn with_value<__R>(&self, __take: impl ::core::ops::FnOnce(#private::Value<'_>) -> __R) -> __R {
                    #value::with_value(&self.#member, __take)
                }

                #[inline]
                fn text_bytes(&self) -> ::core::option::Option<usize> {
                    #value::text_bytes(&self.#member)
                }

                #[inline]
                fn push_all_into<'__v>(
                    __values: impl ::core::iter::Iterator<Item = ::core::option::Option<&'__v Self>>,
                    __rows: &mut #private::RowsWriter<'_>,
                )
                where
                    Self: '__v,
                {
                    #value::push_all_into(
                        ::core::iter::Iterator::map(
                            __values,
                            |__value| ::core::option::Option::map(__value, |__value| &__value.#member),
                        ),
                        __rows,
                    );
                }
            }
            #[automatically_derived]
            impl #from_generics #private::FromValue<#life> for #ident #type_generics #from_where {
                #[inline]
                fn from_value(__value: #private::Value<#life>) -> ::core::result::Result<Self, #private::Misfit> {
                    ::core::result::Result::Ok(Self { #member: <#ty as #private::FromValue<#life>>::from_value(__value)? })
                }
            }
        },
    )
}

fn fallback(input: &DeriveInput, private: &Private) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let (life, extended) = read_for(&input.generics);
    let (from_generics, _, _) = extended.split_for_impl();
    in_private_scope(
        private,
        &quote! {
            impl #impl_generics #private::ColumnValue for #ident #type_generics #where_clause {
                const FIELD_TYPE: #private::FieldType = #private::FieldType::String;
                fn with_value<__R>(&self, __take: impl ::core::ops::FnOnce(#private::Value<'_>) -> __R) -> __R {
                    __take(#private::Value::Null)
                }
            }
            impl #from_generics #private::FromValue<#life> for #ident #type_generics #where_clause {
                fn from_value(_: #private::Value<#life>) -> ::core::result::Result<Self, #private::Misfit> {
                    ::core::result::Result::Err(#private::Misfit::Null)
                }
            }
        },
    )
}
