//! Tokens of an attribute, looked at and printed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Token};

/// The next token, without taking it.
pub(super) fn next_token(input: ParseStream<'_>) -> TokenTree {
    input.fork().parse().unwrap_or_else(|_| {
        TokenTree::Group(proc_macro2::Group::new(Delimiter::None, TokenStream::new()))
    })
}

/// The tokens up to the next comma, without taking them.
pub(super) fn to_comma(input: ParseStream<'_>) -> TokenStream {
    take_to_comma(&input.fork())
}

/// Takes the tokens up to the next comma. One between the `<` and `>` of a type does not count.
pub(super) fn take_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut depth = 0_usize;
    let mut behind_name = false;
    while !input.is_empty() && (depth > 0 || !input.peek(Token![,])) {
        let opens = behind_name && input.peek(Token![<]);
        let closes = input.peek(Token![>]);
        behind_name = input.peek(Ident::peek_any);
        let Ok(token) = input.parse::<TokenTree>() else {
            break;
        };
        depth = (depth + usize::from(opens)).saturating_sub(usize::from(closes));
        tokens.extend([token]);
    }
    tokens
}

/// Tokens as a person writes them, without the spaces that printing puts around punctuation.
pub(crate) fn shown(tokens: impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace("= :: ", "= ::")
        .replace(" :: ", "::")
        .replace(":: ", "::")
        .replace(" (", "(")
        .replace(" ,", ",")
        .replace(" < ", "<")
        .replace(" >", ">")
}
