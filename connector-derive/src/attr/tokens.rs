//! Tokens of an attribute, looked at and printed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Token;
use syn::parse::ParseStream;

/// The next token, without taking it.
pub(super) fn next_token(input: ParseStream<'_>) -> TokenTree {
    input.fork().parse().unwrap_or_else(|_| {
        TokenTree::Group(proc_macro2::Group::new(Delimiter::None, TokenStream::new()))
    })
}

/// The tokens up to the next comma, without taking them.
pub(super) fn to_comma(input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    let mut tokens = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        let Ok(token) = ahead.parse::<TokenTree>() else {
            break;
        };
        tokens.extend([token]);
    }
    tokens
}

pub(super) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            break;
        }
    }
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
