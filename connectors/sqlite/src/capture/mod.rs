//! Change capture: triggers that write every change of chosen tables into a log in the same file.
//!
//! [`install`], [`release`] and [`remove`] are the only calls that change a schema. A reader [registers](register_reader), takes a
//! [`Snapshot`], and then asks a [`Log`] for the next [boundary](Log::next_boundary) and the
//! [changes](Log::changes) up to it; [`confirm`] lets the log be pruned. [`DataVersion`] tells when to look again.

mod added;
mod boundary;
mod conflict;
mod index_sql;
mod install;
mod layout;
mod log;
mod readers;
mod snapshot;
mod state;
mod triggers;
mod wake;

pub use install::{Installed, Report, install, release, remove};
pub use layout::{CapturedTable, FORMAT};
pub(crate) use log::Image;
pub use log::{Changes, Log, LogRow, Operation};
pub use readers::{ReaderState, confirm, register_reader, remove_reader};
pub use snapshot::Snapshot;
pub use state::{Problem, State, renamed, state};
pub use wake::DataVersion;
