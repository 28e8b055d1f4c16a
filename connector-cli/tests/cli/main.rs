//! The command line, from arguments to outputs and exit codes.

mod clean;
mod configuration;
mod ledger;
mod listing;
mod migration;
mod place;
mod process;
mod running;
mod secrets;
mod signals;
mod state;
mod weather;
