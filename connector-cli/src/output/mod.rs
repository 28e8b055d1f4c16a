//! Results on stdout: tables for people, JSON for programs.

mod done;
mod json;
mod table;
mod text;

pub(crate) use done::{Changed, ConnectionChanged};
pub(crate) use json::{ErrorReport, document};
pub(crate) use table::Table;
pub(crate) use text::{grouped, position, yes_no};
