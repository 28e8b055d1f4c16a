//! The `dozer` command, built beside the tests that start it: the one program whose failpoints do what the environment says.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = connector_core::failpoint::arm_from_environment() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    connector_cli::main_with(|registry| registry)
}
