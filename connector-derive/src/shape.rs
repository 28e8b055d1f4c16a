//! What can be told of a type from its tokens.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{GenericArgument, GenericParam, Generics, Lifetime, PathArguments, Type};

/// The type without the invisible group that a `macro_rules!` capture has, and without parentheses.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        _ => ty,
    }
}

/// The `T` of an `Option<T>` that is written as one; an alias is caught later, by the type system.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Option")
}

/// The one argument of the generic type of this name: the `T` of a `Vec<T>`.
pub(crate) fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = peeled(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match (last.ident == name, arguments.args.first()) {
        (true, Some(GenericArgument::Type(inner))) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// The last word of a type's path: `f64`, or `Value` of `serde_json::Value`.
pub(crate) fn last_word(ty: &Type) -> Option<String> {
    match peeled(ty) {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.unraw().to_string()),
        _ => None,
    }
}

/// Whether the type borrows without saying for how long, which rustc refuses in a struct.
pub(crate) fn elides_a_lifetime(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Reference(reference) => {
            reference.lifetime.is_none() || elides_a_lifetime(&reference.elem)
        }
        Type::Slice(slice) => elides_a_lifetime(&slice.elem),
        Type::Array(array) => elides_a_lifetime(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(elides_a_lifetime),
        Type::Path(path) => path.path.segments.iter().any(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return false;
            };
            arguments.args.iter().any(|argument| match argument {
                GenericArgument::Type(ty) => elides_a_lifetime(ty),
                _ => false,
            })
        }),
        _ => false,
    }
}

/// Whether the type's tokens name a lifetime that the generics do not declare, which rustc refuses as well.
pub(crate) fn names_unknown_lifetime(ty: &Type, generics: &Generics) -> bool {
    fn names_unknown(tokens: TokenStream, known: &[String]) -> bool {
        let mut after_quote = false;
        tokens.into_iter().any(|token| {
            let is_lifetime = std::mem::take(&mut after_quote);
            match token {
                TokenTree::Ident(ident) => is_lifetime && known.iter().all(|name| ident != name),
                TokenTree::Group(group) => names_unknown(group.stream(), known),
                TokenTree::Punct(punct) => {
                    after_quote = punct.as_char() == '\'';
                    false
                }
                TokenTree::Literal(_) => false,
            }
        })
    }
    // Those of a `for<'a>` are declared where they stand.
    if mentions(ty.to_token_stream(), &["for".to_owned()]) {
        return false;
    }
    let own = generics
        .lifetimes()
        .map(|parameter| parameter.lifetime.ident.to_string());
    let known: Vec<String> = own.chain(["static".to_owned(), "_".to_owned()]).collect();
    names_unknown(ty.to_token_stream(), &known)
}

/// Whether the type's tokens name one of the type or const parameters.
pub(crate) fn mentions_parameter(ty: &Type, generics: &Generics) -> bool {
    let names: Vec<String> = (generics.params.iter())
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    !names.is_empty() && mentions(ty.to_token_stream(), &names)
}

/// Whether the tokens hold an identifier of this name.
pub(crate) fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

/// The row's one lifetime, if it has one.
pub(crate) fn lifetime(generics: &Generics) -> Option<&Lifetime> {
    generics
        .lifetimes()
        .next()
        .map(|parameter| &parameter.lifetime)
}

/// The parameters of `generics` that the tokens use, with the where clause as far as it concerns only these.
pub(crate) fn used_generics(generics: &Generics, tokens: &TokenStream) -> Generics {
    let mut used = generics.clone();
    let mut tokens = tokens.clone();
    // A bound of a used parameter may name another one.
    for _ in 0..generics.params.len() {
        for parameter in &generics.params {
            if mentions(tokens.clone(), &[name_of(parameter)]) {
                tokens.extend(parameter.to_token_stream());
            }
        }
    }
    let mut left_out = Vec::new();
    used.params = (generics.params.iter())
        .filter(|parameter| {
            let name = name_of(parameter);
            let is_used = mentions(tokens.clone(), std::slice::from_ref(&name));
            if !is_used {
                left_out.push(name);
            }
            is_used
        })
        .cloned()
        .collect();
    if used.params.is_empty() {
        return Generics::default();
    }
    if let Some(clause) = &mut used.where_clause {
        clause.predicates = (clause.predicates.iter())
            .filter(|predicate| !mentions(predicate.to_token_stream(), &left_out))
            .cloned()
            .collect();
    }
    used
}

fn name_of(parameter: &GenericParam) -> String {
    match parameter {
        GenericParam::Lifetime(parameter) => parameter.lifetime.ident.to_string(),
        GenericParam::Type(parameter) => parameter.ident.to_string(),
        GenericParam::Const(parameter) => parameter.ident.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn an_option_is_seen_through_groups_and_paths() {
        for ty in [
            parse_quote!(Option<i64>),
            parse_quote!(::core::option::Option<i64>),
            parse_quote!((Option<i64>)),
        ] {
            assert!(option_of(&ty).is_some());
        }
        let group = Type::Group(syn::TypeGroup {
            attrs: Vec::new(),
            group_token: syn::token::Group::default(),
            elem: Box::new(parse_quote!(Option<i64>)),
        });
        assert!(option_of(&group).is_some());
        assert!(option_of(&parse_quote!(Optional<i64>)).is_none());
    }

    #[test]
    fn only_used_parameters_stay() {
        let generics: Generics = {
            let item: syn::DeriveInput = parse_quote! { struct Row<'a, T: Clone, const N: usize> where T: Send, [u8; N]: Sized { x: &'a T } };
            item.generics
        };
        let used = used_generics(&generics, &quote::quote!(Vec<T>));
        assert_eq!(
            used.to_token_stream().to_string(),
            quote::quote!(<T: Clone>).to_string()
        );
        assert_eq!(
            used.where_clause.to_token_stream().to_string(),
            "where T : Send"
        );
    }
}
