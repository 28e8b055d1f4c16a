//! `#[derive(DozerSource)]`.

mod check;
mod expand;
mod fallback;
mod key;
mod model;
mod parse;
mod tables;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::Row;
use self::parse::Item;
use crate::diag::Errors;
use crate::shape;

/// Reads, checks, and expands; with mistakes, tells all of them and still gives the impls.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let item = parse::item(input, &errors);
    match &item {
        Some(Item::Row(row)) => check::row(row, &errors),
        Some(Item::Rows(rows)) => check::rows(rows, &errors),
        None => {}
    }
    // What rustc refuses about the struct itself is told by it, once: nothing here repeats the type.
    let is_refused =
        |row: &Row<'_>| (row.members.iter()).any(|member| shape::elides_a_lifetime(member.ty));
    match &item {
        Some(Item::Row(row)) if errors.is_empty() && !is_refused(row) => expand::row(row),
        Some(Item::Rows(rows)) if errors.is_empty() => tables::rows(rows),
        _ => {
            let mut tokens = errors.into_tokens();
            tokens.extend(fallback::source(input, item.as_ref()));
            tokens
        }
    }
}
