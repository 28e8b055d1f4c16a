//! The `dozer` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    connector_cli::main_with(|registry| registry)
}
