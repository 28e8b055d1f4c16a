//! The command as a process of its own, with the sources of the tests.

use std::process::{Child, Command, ExitCode, Stdio};

use crate::place::{Place, registry};

const ARGUMENTS: &str = "DOZER_TEST_ARGUMENTS";

/// Not a test: the program that other tests start.
#[test]
#[ignore = "started by other tests, as a program"]
fn program() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else {
        return;
    };
    let arguments = ["dozer"].into_iter().chain(arguments.split('\n'));
    let code = connector_cli::run_from(arguments.map(Into::into), &registry());
    // An exit code cannot be looked into.
    let codes = (0..=u8::MAX).find(|code_of| ExitCode::from(*code_of) == code);
    std::process::exit(codes.map_or(1, i32::from));
}

/// Starts `dozer <command> --config <the configuration>`, with this variable in its environment.
pub(crate) fn start(place: &Place, command: &str, variable: (&str, &str)) -> Child {
    let mut arguments: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    arguments.extend(["--config".to_owned(), place.configuration()]);
    Command::new(std::env::current_exe().unwrap())
        .args(["process::program", "--exact", "--ignored", "--nocapture"])
        .env(ARGUMENTS, arguments.join("\n"))
        .env(variable.0, variable.1)
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
