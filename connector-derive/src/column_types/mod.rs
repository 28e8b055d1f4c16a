//! `#[derive(ColumnTypes)]`.

mod check;
mod expand;
mod model;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diag::Errors;

/// Reads, checks, and expands; with mistakes, tells all of them and still gives an impl.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let types = parse::types(input, &errors);
    check::types(&types, input, &errors);
    if errors.is_empty() {
        return expand::types(&types);
    }
    let mut tokens = errors.into_tokens();
    if input.generics.params.is_empty() {
        tokens.extend(expand::fallback(&types));
    }
    tokens
}
