//! The `dozer` command line, and the same command line for an author's own connectors.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! # use connector_core::prelude::*;
//! # use connector_core::ConfigKey;
//! # #[derive(Debug, Deserialize)]
//! # struct Weather {}
//! # impl ConnectorConfig for Weather {
//! #     const NAME: &'static str = "weather";
//! #     const DESCRIPTION: &'static str = "";
//! #     fn keys() -> Vec<ConfigKey> { Vec::new() }
//! # }
//! # impl Source for Weather {
//! #     fn get_tables(&self) -> Result<Vec<TableInfo>> { Ok(Vec::new()) }
//! #     fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
//! #         Ok(std::iter::empty::<Result<Event<Row>>>())
//! #     }
//! # }
//! # struct Row;
//! # impl connector_core::RowImage for Row {
//! #     fn table(&self) -> usize { 0 }
//! #     fn append(&self, _: &mut connector_core::RowWriter<'_>) -> Result<(), connector_core::Rejected> { Ok(()) }
//! # }
//! # impl SourceRow for Row {
//! #     type Old = connector_core::NoOldRow;
//! #     type Tracking = connector_core::tracking::Nothing;
//! # }
//! fn main() -> ExitCode {
//!     connector_cli::main_with(|registry| registry.connector::<Weather>())
//! }
//! ```
//!
//! For **connector authors**: [`main_with`] adds connectors and sinks to what this crate's features bring along.
//! [`run`] takes a whole registry. [`execute`] is for tests: it prints into buffers.
//!
//! For **operators**: `dozer --help` names the commands and the exit codes.

mod args;
mod commands;
mod console;
mod exit;
mod log;
mod output;
mod panics;
mod progress;
mod rows;
mod signals;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use connector_core::registry::Registry;
use connector_core::sink::{Jsonl, Null, Stdout};

use crate::args::Cli;
use crate::console::{Console, Terminal};
use crate::exit::Exit;
use crate::signals::Signals;

/// Runs the command line of this process with the connectors and sinks of this crate's features, and those that
/// `add` adds.
pub fn main_with(add: impl FnOnce(Registry) -> Registry) -> ExitCode {
    run(&add(default_registry()))
}

/// Runs the command line of this process.
///
/// Installs a panic hook that prints no values and, for `app run`, a handler of Ctrl-C and termination signals.
pub fn run(registry: &Registry) -> ExitCode {
    run_from(std::env::args_os(), registry)
}

/// As [`run`], with these arguments; the first is the program's name.
pub fn run_from(args: impl IntoIterator<Item = OsString>, registry: &Registry) -> ExitCode {
    panics::install();
    let command = || {
        let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
        let terminal = Terminal::of_process();
        let outputs = (&mut out as &mut dyn Write, &mut err as &mut dyn Write);
        command(args, registry, outputs, terminal, &Signals::new(true))
    };
    let exit = catch_unwind(AssertUnwindSafe(command)).unwrap_or(Exit::BUG);
    ExitCode::from(exit.0)
}

/// Runs one command line and gives its exit code. Prints as if neither output were a terminal, asks nothing, and
/// leaves the signals and the panic hook of the process alone. The first argument is the program's name.
///
/// ```
/// let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
/// let args = ["dozer", "connector", "types"];
/// let code = connector_cli::execute(args, &connector_cli::default_registry(), &mut stdout, &mut stderr);
/// assert_eq!(code, 0);
/// assert!(String::from_utf8(stdout).unwrap().contains("!Jsonl"));
/// ```
pub fn execute(
    args: impl IntoIterator<Item = impl Into<OsString>>,
    registry: &Registry,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let args = args.into_iter().map(Into::into);
    let terminal = Terminal::default();
    command(
        args,
        registry,
        (stdout, stderr),
        terminal,
        &Signals::new(false),
    )
    .0
}

/// The connectors and sinks that this crate's features bring along.
pub fn default_registry() -> Registry {
    let registry = Registry::new()
        .sink::<Null>()
        .sink::<Jsonl>()
        .sink::<Stdout>();
    #[cfg(feature = "arrow")]
    let registry = registry.sink::<connector_arrow::Arrow>();
    #[cfg(feature = "parquet")]
    let registry = registry.sink::<connector_arrow::Parquet>();
    #[cfg(feature = "postgres")]
    let registry = registry
        .connector::<connector_postgres::Postgres>()
        .sink::<connector_postgres::PostgresSink>();
    #[cfg(feature = "sqlite")]
    let registry = registry
        .connector::<connector_sqlite::Sqlite>()
        .sink::<connector_sqlite::SqliteSink>();
    registry
}

fn command(
    args: impl IntoIterator<Item = OsString>,
    registry: &Registry,
    (out, err): (&mut dyn Write, &mut dyn Write),
    terminal: Terminal,
    signals: &Signals,
) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, out, err, terminal),
    };
    let mut console = Console::new(out, err, terminal, cli.log.log_level, cli.log.log_format);
    commands::run(cli.command, registry, &mut console, signals).unwrap_or_else(|error| {
        console.error(&error);
        exit::of(error.kind())
    })
}

/// Reads the arguments; the program calls itself by the name that it was started by.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let name = args.first().map(std::path::Path::new);
    if let Some(name) = name.and_then(|path| path.file_stem()?.to_str()) {
        command = command.display_name(name).bin_name(name);
    }
    Cli::from_arg_matches(&command.try_get_matches_from(args)?)
}

/// Help and version go to stdout, a wrong command line to stderr.
fn usage<'a>(
    error: &clap::Error,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    terminal: Terminal,
) -> Exit {
    let text = error.render();
    let colour = terminal.colour && error.use_stderr();
    let text = if colour {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    let (to, exit) = if error.use_stderr() {
        (err, Exit::USAGE)
    } else {
        (out, Exit::DONE)
    };
    // There is nowhere to tell that an output is closed.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
    exit
}
