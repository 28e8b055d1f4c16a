//! Panics: a short message without the panic's words, which could hold a secret.

use std::panic::{PanicHookInfo, set_hook};

/// Replaces the message of panics for this process.
pub(crate) fn install() {
    set_hook(Box::new(|info| eprint!("{}", message(info))));
}

/// Whether the panic is one of a connector on a thread of core's: core makes an error of it, which is printed.
fn is_told_by_core() -> bool {
    let thread = std::thread::current();
    let core_s = |name: &str| name.starts_with("source ") || name.starts_with("snapshot part ");
    thread.name().is_some_and(core_s)
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    if is_told_by_core() {
        // The error follows, with the connection and the position.
        return format!("note: a connector panicked{place}\n");
    }
    format!(
        "error: a bug: the program panicked{place}\n\
         help: please report it to the program's authors, with this line and the command\n"
    )
}
