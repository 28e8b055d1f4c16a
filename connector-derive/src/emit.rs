//! What the expansions have in common.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Lifetime, LifetimeParam, Type, parse_quote};

use crate::path::Private;
use crate::shape;

/// Keeps helper items to itself, and the lints of the author's crate away from generated code.
pub(crate) fn in_private_scope(private: &Private, items: &TokenStream) -> TokenStream {
    let import = private.import();
    quote! {
        #[doc(hidden)]
        #[allow(
            deprecated, private_bounds, private_interfaces, single_use_lifetimes, unused_imports, unused_lifetimes,
            unused_qualifications, clippy::all, clippy::pedantic,
        )]
        const _: () = { #import #items };
    }
}

/// The lifetime that a type is read for, its own or a new one, with the generics that declare it.
pub(crate) fn read_for(generics: &Generics) -> (Lifetime, Generics) {
    if let Some(own) = shape::lifetime(generics) {
        return (own.clone(), generics.clone());
    }
    let new = Lifetime::new("'__row", Span::call_site());
    let mut extended = generics.clone();
    let new_parameter = GenericParam::Lifetime(LifetimeParam::new(new.clone()));
    extended.params.insert(0, new_parameter);
    (new, extended)
}

/// The generics with `ty: bound` for each type that mentions a parameter.
///
/// Other types are left to the code that uses them, where the message points at the field.
pub(crate) fn with_bounds<'a>(
    generics: &Generics,
    bounds: impl IntoIterator<Item = (&'a Type, TokenStream)>,
) -> Generics {
    let mut bound_generics = generics.clone();
    for (ty, bound) in bounds {
        if shape::mentions_parameter(ty, generics) {
            bound_generics
                .make_where_clause()
                .predicates
                .push(parse_quote!(#ty: #bound));
        }
    }
    bound_generics
}

/// The where clause with `ty: bound` for each type: the impl exists if all of them hold, and is no error otherwise.
///
/// The bound variable, though unused, keeps the compiler from checking the bound at the impl.
pub(crate) fn with_conditions<'a>(
    generics: &Generics,
    conditions: impl IntoIterator<Item = (&'a Type, TokenStream)>,
) -> TokenStream {
    let own = (generics.where_clause.iter()).flat_map(|clause| &clause.predicates);
    let mut clause = quote!(where #(#own,)*);
    let mut told: Vec<String> = Vec::new();
    for (ty, bound) in conditions {
        let condition = quote!(for<'__any> #ty: #bound,);
        let text = condition.to_string();
        if !told.contains(&text) {
            told.push(text);
            clause.extend(condition);
        }
    }
    clause
}

/// The type with every lifetime as `'static`: for constants, which have no lifetimes in scope.
pub(crate) fn without_lifetimes(ty: &Type) -> TokenStream {
    replace_lifetimes(ty.to_token_stream(), None, "static")
}

/// The tokens with a lifetime, or all of them, replaced.
pub(crate) fn replace_lifetimes(
    tokens: TokenStream,
    replaced: Option<&str>,
    with: &str,
) -> TokenStream {
    let mut result = TokenStream::new();
    let mut in_lifetime = false;
    for token in tokens {
        let after_quote = std::mem::take(&mut in_lifetime);
        result.extend([match token {
            TokenTree::Ident(ident) if after_quote && replaced.is_none_or(|name| ident == name) => {
                TokenTree::Ident(Ident::new(with, ident.span()))
            }
            TokenTree::Group(group) => {
                let stream = replace_lifetimes(group.stream(), replaced, with);
                let mut inner = proc_macro2::Group::new(group.delimiter(), stream);
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            TokenTree::Punct(punct) => {
                in_lifetime = punct.as_char() == '\'';
                TokenTree::Punct(punct)
            }
            other => other,
        }]);
    }
    result
}

/// What a generated type is made of.
pub(crate) enum Parts<'a> {
    /// The fields of a struct.
    Fields(Vec<(&'a syn::Ident, &'a Type)>),
    /// The variants of an enum, each with its one value.
    Variants(Vec<(&'a syn::Ident, Type)>),
}

/// `Debug`, `Clone`, `PartialEq` and `Eq` of a generated type, as far as its parts have them.
pub(crate) fn plain_traits(
    ident: &syn::Ident,
    generics: &Generics,
    parts: &Parts<'_>,
) -> TokenStream {
    let types: Vec<&Type> = match parts {
        Parts::Fields(fields) => fields.iter().map(|(_, ty)| *ty).collect(),
        Parts::Variants(variants) => variants.iter().map(|(_, ty)| ty).collect(),
    };
    let name = ident.to_string();
    let (debug, clone, equal) = match parts {
        Parts::Fields(fields) => {
            let idents: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
            let names = idents.iter().map(ToString::to_string);
            (
                quote!(__f.debug_struct(#name) #(.field(#names, &self.#idents))* .finish()),
                quote!(Self { #(#idents: ::core::clone::Clone::clone(&self.#idents),)* }),
                if idents.is_empty() {
                    quote!(true)
                } else {
                    quote!(#(self.#idents == __other.#idents)&&*)
                },
            )
        }
        // Those of a wrong declaration: there is no value.
        Parts::Variants(variants) if variants.is_empty() => {
            let never = quote!(match *self {});
            (never.clone(), never.clone(), never)
        }
        Parts::Variants(variants) => {
            let idents: Vec<_> = variants.iter().map(|(variant, _)| *variant).collect();
            let names = idents.iter().map(ToString::to_string);
            (
                quote!(match self { #(Self::#idents(__row) => __f.debug_tuple(#names).field(__row).finish(),)* }),
                quote!(match self { #(Self::#idents(__row) => Self::#idents(::core::clone::Clone::clone(__row)),)* }),
                quote! {
                    match (self, __other) {
                        #((Self::#idents(__row), Self::#idents(__same)) => __row == __same,)*
                        #[allow(unreachable_patterns)]
                        _ => false,
                    }
                },
            )
        }
    };
    let mut items = TokenStream::new();
    for (path, method) in [
        (
            quote!(::core::fmt::Debug),
            quote! {
                #[inline]
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { #debug }
            },
        ),
        (
            quote!(::core::clone::Clone),
            quote!(#[inline] fn clone(&self) -> Self { #clone }),
        ),
        (
            quote!(::core::cmp::PartialEq),
            quote!(#[inline] fn eq(&self, __other: &Self) -> bool { #equal }),
        ),
        (quote!(::core::cmp::Eq), TokenStream::new()),
    ] {
        let where_clause = with_conditions(generics, types.iter().map(|ty| (*ty, path.clone())));
        let (impl_generics, type_generics, _) = generics.split_for_impl();
        items.extend(quote! {
            #[automatically_derived]
            impl #impl_generics #path for #ident #type_generics #where_clause { #method }
        });
    }
    items
}
