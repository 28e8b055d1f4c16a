//! The impl of `ColumnTypes`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::model::{ColumnType, Parameters, TypeName, Types};
use crate::attr::shown;
use crate::emit::{in_private_scope, replace_lifetimes};
use crate::field_type::{Argument, FieldTypeSpec};
use crate::path::Private;
use crate::shape::option_of;

pub(crate) fn types(types: &Types<'_>) -> TokenStream {
    let (ident, private) = (types.ident, &types.private);
    let raw = raw(types, "__row");
    let entries = types.entries.iter().map(|entry| described(entry, private));
    let found = types
        .entries
        .iter()
        .flat_map(|entry| entry.names.iter().map(|name| find(entry, name, private)));
    let ignores_case = types.ignores_case();
    let last = types
        .entries
        .iter()
        .find(|entry| entry.other.is_some())
        .map_or_else(
            || quote!(::core::option::Option::None),
            |entry| {
                let variant = &entry.variant.ident;
                let fields = entry
                    .fields
                    .iter()
                    .map(|(field, _)| quote!(#field: ::core::option::Option::None));
                quote!(::core::option::Option::Some(Self::#variant { #(#fields),* }))
            },
        );
    let field_types = types.entries.iter().map(|entry| field_type(entry, private));
    let casts = types
        .entries
        .iter()
        .enumerate()
        .map(|entry| cast(entry, private));
    let declared_casts = types
        .entries
        .iter()
        .enumerate()
        .map(|entry| declared_cast(entry, types));
    let name = if types.entries.iter().any(|entry| !entry.names.is_empty()) {
        quote!(let __name = #private::TypeName::new(__name, #ignores_case);)
    } else {
        quote!(let _ = __name;)
    };
    let source = source(types, private);
    in_private_scope(
        private,
        &quote! {
            #(#declared_casts)*
            #[automatically_derived]
            impl #private::ColumnTypes for #ident {
                type Raw<'__row> = #raw;

                    const ENTRIES: &'static [#private::ColumnTypeEntry] = &[#(#entries),*];

                    fn from_name(__name: &str) -> ::core::option::Option<Self> {
                        #name
                        #(#found)*
                        #last
                    }

                    fn field_type(&self) -> ::core::result::Result<#private::FieldType, &'static str> {
                        match self { #(#field_types)* }
                    }

                    fn cast(&self) -> #private::Cast<Self> {
                        match self { #(#casts)* }
                    }
                }
            #source
        },
    )
}

/// Which source has these types.
fn source(types: &Types<'_>, private: &Private) -> Option<TokenStream> {
    let ident = types.ident;
    types.source.as_ref().map(|source| {
        let private = private.at(source.span());
        let place = Span::call_site().located_at(source.span());
        let types_of = quote_spanned!(place=> #private::TypesOf<#source>);
        quote! {
            #[automatically_derived]
            impl #types_of for #ident {}
        }
    })
}

/// An impl that finds nothing, for a declaration that is wrong.
pub(crate) fn fallback(types: &Types<'_>) -> TokenStream {
    let (ident, private) = (types.ident, types.private.clone().or_default());
    let raw = raw(types, "__row");
    let source = source(types, &private);
    in_private_scope(
        &private,
        &quote! {
            impl #private::ColumnTypes for #ident {
                type Raw<'__row> = #raw;
                const ENTRIES: &'static [#private::ColumnTypeEntry] = &[];
                fn from_name(_: &str) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
                fn field_type(&self) -> ::core::result::Result<#private::FieldType, &'static str> {
                    ::core::result::Result::Err("")
                }
                fn cast(&self) -> #private::Cast<Self> {
                    #private::append_raw::<Self>
                }
            }
            #source
        },
    )
}

/// The raw type, with `'_` as the lifetime that it is lent for.
fn raw(types: &Types<'_>, lifetime: &str) -> TokenStream {
    let private = &types.private;
    let given: TokenStream = types
        .raw
        .as_ref()
        .map_or_else(|| quote!(#private::Value<'_>), ToTokens::to_token_stream);
    replace_lifetimes(given, Some("_"), lifetime)
}

fn described(entry: &ColumnType<'_>, private: &Private) -> TokenStream {
    let variant = entry.variant.ident.to_string();
    let names = entry.names.iter().map(|name| &name.literal);
    let description = &entry.description;
    let field = match (&entry.field, &entry.unsupported) {
        (Some(field), _) => {
            let text = shown(&field.tokens);
            quote!(::core::result::Result::Ok(#text))
        }
        (None, reason) => quote!(::core::result::Result::Err(#reason)),
    };
    quote! {
        #private::ColumnTypeEntry { variant: #variant, names: &[#(#names),*], field: #field, description: #description }
    }
}

/// Returns the variant where the name is this one and its parameters can be read.
fn find(entry: &ColumnType<'_>, name: &TypeName, private: &Private) -> TokenStream {
    let (variant, template) = (&entry.variant.ident, &name.template);
    let some = quote!(::core::option::Option::Some);
    if name.parameters == Parameters::Any {
        let fields = entry
            .fields
            .iter()
            .map(|(field, _)| quote!(#field: ::core::option::Option::None));
        return quote! {
            if __name.is(#template) {
                return #some(Self::#variant { #(#fields),* });
            }
        };
    }
    let places: Vec<_> = (0..name.named().len())
        .map(|place| format_ident!("__parameter_{place}"))
        .collect();
    let count = places.len();
    let mut read = TokenStream::new();
    let mut fields = TokenStream::new();
    for (field, ty) in &entry.fields {
        let place = name
            .named()
            .iter()
            .position(|parameter| *field == parameter)
            .and_then(|place| places.get(place));
        let Some(place) = place else {
            fields.extend(quote!(#field: ::core::option::Option::None,));
            continue;
        };
        let (target, value) = match option_of(ty) {
            Some(inner) => (inner, quote!(#some(#place))),
            None => (*ty, quote!(#place)),
        };
        read.extend(quote!(&& let #some(#place) = #private::parameter::<#target>(#place)));
        fields.extend(quote!(#field: #value,));
    }
    let unread = places.iter().zip(name.named()).map(|(place, parameter)| {
        if entry.fields.iter().any(|(field, _)| *field == parameter) {
            quote!(#place)
        } else {
            quote!(_)
        }
    });
    quote! {
        if let #some([#(#unread),*]) = __name.parameters::<#count>(#template) #read {
            return #some(Self::#variant { #fields });
        }
    }
}

fn field_type(entry: &ColumnType<'_>, private: &Private) -> TokenStream {
    let variant = &entry.variant.ident;
    let Some(field) = &entry.field else {
        let reason = &entry.unsupported;
        return quote!(Self::#variant { .. } => ::core::result::Result::Err(#reason),);
    };
    let names: Vec<_> = field
        .arguments
        .iter()
        .filter_map(|argument| of_field(argument, entry))
        .collect();
    if names.is_empty() {
        let constant = field.expand(private);
        return quote!(Self::#variant { .. } => ::core::result::Result::Ok(#constant),);
    }
    let values = field
        .arguments
        .iter()
        .map(|argument| match of_field(argument, entry) {
            Some(name) => quote_spanned!(name.span()=> *#name),
            None => argument.to_token_stream(),
        });
    quote!(Self::#variant { #(#names,)* .. } => #private::sized_decimal(#(#values),*),)
}

/// The field of the variant that an argument names.
fn of_field<'s>(argument: &'s Argument, entry: &ColumnType<'_>) -> Option<&'s syn::Ident> {
    match argument {
        Argument::Name(name) => entry
            .fields
            .iter()
            .any(|(field, _)| *field == name)
            .then_some(name),
        Argument::Number(..) => None,
    }
}

fn cast((place, entry): (usize, &ColumnType<'_>), private: &Private) -> TokenStream {
    let variant = &entry.variant.ident;
    let cast = if entry.cast.is_some() {
        cast_name(place).to_token_stream()
    } else {
        quote!(#private::append_raw::<Self>)
    };
    quote!(Self::#variant { .. } => #cast,)
}

fn cast_name(place: usize) -> Ident {
    format_ident!("__CAST_{place}")
}

/// The cast of an entry that names one, if what it gives becomes the declared field type.
///
/// Both stand in one constant, so that a function that is no cast is told once.
fn declared_cast((place, entry): (usize, &ColumnType<'_>), types: &Types<'_>) -> TokenStream {
    let (Some(path), Some(field)) = (&entry.cast, &entry.field) else {
        return TokenStream::new();
    };
    let (ident, private, name) = (types.ident, &types.private, cast_name(place));
    let message = format!(
        "`{}` does not give what becomes `{}`\nhelp: let it give {}, or change `field`",
        shown(path),
        field.name,
        field.rust_type()
    );
    let here = types.private.at(path.span());
    let declared = without_fields(field, entry).expand(&here);
    let check = quote_spanned! {path.span()=>
        #here::check(#here::can_become(#here::cast_field_type(#path), #declared), #message);
    };
    quote! {
        const #name: #private::Cast<#ident> = {
            #check
            |_, __raw, __column| #private::append_cast(__raw, #path, __column)
        };
    }
}

/// The declared type without parameters that are known only at run time.
fn without_fields(field: &FieldTypeSpec, entry: &ColumnType<'_>) -> FieldTypeSpec {
    let mut field = field.clone();
    if field
        .arguments
        .iter()
        .any(|argument| of_field(argument, entry).is_some())
    {
        field.arguments.clear();
    }
    field
}
