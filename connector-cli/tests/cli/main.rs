//! The command line, from arguments to outputs and exit codes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod catalog;
mod clean;
mod configuration;
mod conformance;
mod failures;
mod generate;
mod ledger;
mod listing;
mod migration;
mod place;
mod process;
mod running;
mod secrets;
mod signals;
mod state;
mod stdout;
mod verify;
mod weather;
