//! The `dozer` command, built beside the tests that start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    connector_cli::main_with(|registry| registry)
}
