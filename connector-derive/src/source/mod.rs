//! `#[derive(DozerSource)]`.

mod check;
mod constants;
mod expand;
mod fallback;
mod key;
mod lock;
mod model;
mod parse;
mod read;
mod tables;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::{Row, Tracking};
use self::parse::Item;
use crate::diag::Errors;
use crate::shape;

/// Reads, checks, and expands; with mistakes, tells all of them and still gives the impls.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let mut item = parse::item(input, &errors);
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
    let mut is_refused = false;
    if let Some(Item::Row(row)) = &mut item
        && is_refused_by_rustc(row)
    {
        is_refused = true;
        // A key struct would repeat the types, and so the message.
        row.tracking = Tracking::FullChanges;
    }
    let mut tokens = match &item {
        Some(Item::Row(row)) if errors.is_empty() && !is_refused => expand::row(row),
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

/// Whether rustc does not take the struct itself, and says so: nothing here repeats what it refuses.
fn is_refused_by_rustc(row: &Row<'_>) -> bool {
    row.members.iter().enumerate().any(|(place, member)| {
        let mut before = row.members.iter().take(place);
        shape::elides_a_lifetime(member.ty)
            || shape::names_unknown_lifetime(member.ty, row.generics)
            || before.any(|before| before.ident == member.ident)
    })
}
