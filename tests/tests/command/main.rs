//! The `dozer` command as a process, from a configuration file to what its sinks hold, beside `sqlite3` as the other
//! process that reads and writes the same files.
#![cfg(unix)]

mod arrow_stdout;
mod bad_input;
mod bad_values;
mod drift;
mod evolve;
mod flights;
mod formats;
mod live;
mod lock_check;
mod replay;
mod stop;
#[allow(
    dead_code,
    unused_imports,
    reason = "each test program uses the part of this that it needs"
)]
mod support;
