//! `lock = "dozer.lock"`: the row beside the schema that `dozer migrate` wrote.
//!
//! What the file and the declaration say is compared here; what only the type system knows is left to constants, so
//! that a mistake is told through aliases, too.

mod column;
mod key;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use self::table::Table;
use super::model::Row;
use crate::diag::{Errors, Problem};
use crate::emit::in_private_scope;
use crate::lock::{self, Lock, Opened, Unusable};

/// Compares the row with its lock file, if it names one; the constants say the rest.
///
/// A declaration with mistakes of its own is not compared: what it means is not known yet.
pub(super) fn check(row: &Row<'_>, errors: &Errors) -> TokenStream {
    let Some(path) = &row.lock else {
        return TokenStream::new();
    };
    if !errors.is_empty() {
        return TokenStream::new();
    }
    match open(path) {
        Ok(Opened { lock, is_new }) => {
            let constants = compare(row, &lock, &path.value(), errors);
            // Once for all rows: the compiler reads the whole file at each.
            let rebuilt = is_new.then(|| rebuilt_with(path));
            in_private_scope(&row.private, &quote!(#rebuilt #constants))
        }
        Err(problem) => {
            errors.add(problem);
            TokenStream::new()
        }
    }
}

/// The rules, one function each.
fn compare(row: &Row<'_>, lock: &Lock, file: &str, errors: &Errors) -> TokenStream {
    let Some(table) = Table::of(row, lock, file, errors) else {
        return TokenStream::new();
    };
    key::is_the_locked_one(row, &table, errors);
    key::old_rows_are_told(row, &table, errors);
    row.members
        .iter()
        .map(|member| column::fits(row, member, &table, errors))
        .collect()
}

/// Makes the compiler look again when the file changes. Nothing uses the constant, so its bytes go nowhere.
fn rebuilt_with(path: &LitStr) -> TokenStream {
    quote! {
        const _: &[::core::primitive::u8] =
            ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path));
    }
}

fn open(path: &LitStr) -> Result<Opened, Problem> {
    let file = path.value();
    if file.trim().is_empty() {
        let problem = Problem::at(path, "`lock` names no file");
        return Err(problem.help("write `lock = \"dozer.lock\"`"));
    }
    if Path::new(&file).has_root() || Path::new(&file).is_absolute() {
        let problem = Problem::at(path, "the path of the lock file is absolute");
        return Err(problem
            .help("write it from the directory of `Cargo.toml`: `lock = \"dozer.lock\"`")
            .note("the crate is built in other places, too"));
    }
    let Some(base) = std::env::var_os("CARGO_MANIFEST_DIR") else {
        let problem = Problem::at(path, "the lock file cannot be found without cargo");
        return Err(
            problem.help("set `CARGO_MANIFEST_DIR` to the directory that the path begins at")
        );
    };
    lock::open(&PathBuf::from(base).join(&file)).map_err(|why| unusable(path, &file, why))
}

fn unusable(path: &LitStr, file: &str, why: Unusable) -> Problem {
    let write = "`dozer migrate -c dozer.yaml` writes it";
    match why {
        Unusable::NotThere => Problem::at(path, format!("there is no lock file `{file}`"))
            .help(format!("{write}, or mend the path"))
            .note("the path begins at the directory of the crate's `Cargo.toml`"),
        Unusable::Unreadable(error) => Problem::at(
            path,
            format!("the lock file `{file}` cannot be read: {error}"),
        )
        .help(format!("make it readable, or name another: {write}")),
        Unusable::NotALock(why) => {
            Problem::at(path, format!("`{file}` is not a lock file: {why}")).help(
                "name the file that `dozer migrate -c dozer.yaml` writes, or let it write this one anew",
            )
        }
        Unusable::Version(version) => Problem::at(
            path,
            format!(
                "the lock file `{file}` is of version {version}, which this derive does not read"
            ),
        )
        .help(format!(
            "{write}: use the `dozer` and the `connector-core` of one version"
        )),
    }
}
