//! Panics: a short message without the panic's words, which could hold a secret.

use std::panic::{PanicHookInfo, set_hook};

/// Replaces the message of panics for this process.
pub(crate) fn install() {
    set_hook(Box::new(|info| eprint!("{}", message(info))));
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    format!(
        "error: a bug: the program panicked{place}\n\
         help: please report it to the program's authors, with this line and the command\n"
    )
}
