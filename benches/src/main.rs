//! What a row costs, as a ratio to what the driver alone costs in the same run.
//!
//! `README.md` says how to run it and how to read the figures. A [`Path`](measure::Path) is one line of the table: a limit
//! written by hand, our way of doing the same, and what is to be reached. `measure` runs the two in turn, each in a
//! process of its own; `paths` has the lines, `limits` what they are held to, `data` the tables that are read.

#[path = "../../connectors/postgres/tests/support/cluster.rs"]
mod cluster;
mod command;
mod data;
mod limits;
mod measure;
mod paths;
mod report;
mod run;
mod server;

use std::process::ExitCode;

/// What can go wrong ends the program.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    match command::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
