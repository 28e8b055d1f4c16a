//! What is missing in the server for changes to be followed, in plain words, each with the SQL to run.

mod server;
mod slot;
mod table;

pub(crate) use server::{check_reading, check_server};
pub(crate) use slot::lag;
pub(crate) use table::{Wanted, findings, missing_in_changes};
