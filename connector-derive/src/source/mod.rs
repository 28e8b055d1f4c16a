//! `#[derive(DozerSource)]`.

mod check;
mod expand;
mod fallback;
mod key;
mod lock;
mod model;
mod parse;
mod tables;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::parse::Item;
use crate::diag::Errors;

/// Reads, checks, and expands; with mistakes, tells all of them and still gives the impls.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let item = parse::item(input, &errors);
    let locked = match &item {
        Some(Item::Row(row)) => {
            check::row(row, &errors);
            lock::check(row, &errors)
        }
        Some(Item::Rows(rows)) => {
            check::rows(rows, &errors);
            TokenStream::new()
        }
        None => TokenStream::new(),
    };
    let mut tokens = match &item {
        Some(Item::Row(row)) if errors.is_empty() => expand::row(row),
        Some(Item::Rows(rows)) if errors.is_empty() => tables::rows(rows),
        _ => {
            let mut tokens = errors.into_tokens();
            tokens.extend(fallback::source(input, item.as_ref()));
            tokens
        }
    };
    // Beside the fallback, too: its constants tell the rest of what differs from the file.
    tokens.extend(locked);
    tokens
}
