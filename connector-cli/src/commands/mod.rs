//! One module for each command.

mod clean;
mod file_schema;
mod generate;
mod inspection;
mod ls;
mod migrate;
mod patience;
mod readiness;
mod replay;
mod reset;
mod run;
mod status;
mod test;
mod types;
mod verify;

use connector_core::pipeline::{App, AppConnection};
use connector_core::registry::Registry;
use connector_core::{Error, Result};

use crate::args::{AppCommand, Command, ConnectorCommand};
use crate::console::Console;
use crate::exit::Exit;
use crate::signals::Signals;

/// Runs a command.
///
/// # Errors
/// What made it fail, where it could not go on.
pub(crate) fn run(
    command: Command,
    registry: &Registry,
    console: &mut Console<'_>,
    signals: &Signals,
) -> Result<Exit> {
    match command {
        Command::Connector(ConnectorCommand::Ls(args)) => ls::run(&args, registry, console),
        Command::Connector(ConnectorCommand::Types(args)) => types::run(&args, registry, console),
        Command::Connector(ConnectorCommand::Generate(args)) => {
            generate::run(&args, registry, console)
        }
        Command::Connector(ConnectorCommand::Test(args)) => test::run(&args, registry, console),
        Command::Connector(ConnectorCommand::Clean(args)) => clean::run(&args, registry, console),
        Command::Migrate(args) => migrate::run(&args, registry, console),
        Command::App(AppCommand::Run(args)) => run::run(&args, registry, console, signals),
        Command::App(AppCommand::Status(args)) => status::run(&args, registry, console),
        Command::App(AppCommand::Verify(args)) => verify::run(&args, registry, console, signals),
        Command::App(AppCommand::Replay(args)) => replay::run(&args, registry, console),
        Command::App(AppCommand::Reset(args)) => reset::run(&args, registry, console),
    }
}

/// The connections that are asked for: all, or the one of this name.
fn chosen<'a>(app: &'a App, name: Option<&str>) -> Result<Vec<&'a AppConnection>> {
    let Some(name) = name else {
        return Ok(app.connections().iter().collect());
    };
    let found = app.connections().iter().find(|it| it.name == name);
    found.map(|connection| vec![connection]).ok_or_else(|| {
        let known: Vec<&str> = app
            .connections()
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        let error = Error::config(format!("there is no connection `{name}`"));
        if known.is_empty() {
            error.with_help("the configuration has no connections: add one under `connections`")
        } else {
            error.with_help(format!("the configuration has `{}`", known.join("`, `")))
        }
    })
}

/// The tag of a connection's connector.
fn tag(app: &App, connection: &AppConnection) -> String {
    let config = app.config().connection(&connection.name);
    config
        .and_then(|config| config.config.tag())
        .map_or_else(String::new, |tag| format!("!{tag}"))
}

/// The error with the connection's name in front of it.
fn of_connection(connection: &AppConnection) -> impl Fn(Error) -> Error {
    |error| connection.named(error)
}
