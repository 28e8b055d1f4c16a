//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::log::{Level, LogFormat};

/// Moves rows from sources to sinks, as a configuration file says.
#[derive(Debug, Parser)]
#[command(name = "dozer", version, after_help = exit::HELP, propagate_version = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LogArgs {
    /// The least grave messages to print on stderr.
    #[arg(
        long = "log",
        global = true,
        value_name = "LEVEL",
        default_value = "info"
    )]
    pub(crate) log_level: Level,
    /// How to print messages on stderr.
    #[arg(
        long = "log-format",
        global = true,
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look into connections and what this program can connect to.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Prepare the sources, check every table and column, and write the lock file.
    #[command(after_help = exit::HELP)]
    Migrate(MigrateArgs),
    /// Run the application, or look after its state.
    #[command(subcommand)]
    App(AppCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorCommand {
    /// List the tables and columns of every connection, and what a run guarantees.
    #[command(after_help = exit::HELP)]
    Ls(ListArgs),
    /// List the connectors and sinks that this program knows, with their settings.
    Types(TypesArgs),
    /// Write Rust row structs for the tables of a connection, or check that a file of them still matches.
    ///
    /// Without `--output` the code goes to stdout. The same tables always give the same code. What it cannot declare is
    /// left out, with a comment and a warning that say why.
    #[command(after_help = exit::HELP)]
    Generate(GenerateArgs),
    /// Try what a connector is held to on a live source, without writing to it.
    ///
    /// Takes snapshots of the configured tables, or of all where none is configured: at most 10,000 rows each time. Nothing
    /// is set up in the source. Exits with 3 where a check fails.
    #[command(after_help = exit::HELP)]
    Test(ListArgs),
    /// Remove everything that was set up in the sources.
    #[command(after_help = exit::HELP)]
    Clean(CleanArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Read the sources into the sinks, and follow their changes until stopped.
    #[command(after_help = exit::HELP)]
    Run(RunArgs),
    /// Show how far each connection has come.
    #[command(after_help = exit::HELP)]
    Status(ListArgs),
    /// Compare what the sinks hold with a new snapshot of the sources. Changes neither.
    #[command(after_help = exit::HELP)]
    Verify(ListArgs),
    /// Write the rejected rows that fit now into the sinks that store rows by key.
    ///
    /// A row of which anything came later is left out, so that a newer row is never replaced by an older one. Rows that still do
    /// not fit stay in the dead-letter file.
    #[command(after_help = exit::HELP)]
    Replay(ListArgs),
    /// Forget the position of a connection: the next run takes a new snapshot.
    #[command(after_help = exit::HELP)]
    Reset(ResetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration file.
    #[arg(short, long, value_name = "FILE", default_value = "dozer.yaml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// How to print the result on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
    /// Only this connection.
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TypesArgs {
    /// A table, or JSON Schemas of each connector, each sink and the whole file.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The connection; it need not be named where there is only one.
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Only this table or view, by its name or by `schema.name`; may be given several times.
    #[arg(long = "table", value_name = "NAME")]
    pub(crate) tables: Vec<String>,
    /// The file to write, or to compare with. A file that was not generated is left alone.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing: exit with 6 where the file's row structs no longer match. Layout and comments do not count.
    #[arg(long, requires = "output", conflicts_with = "force")]
    pub(crate) check: bool,
    /// Replace the file even if it was not generated, or from another connection.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// The Rust path of the source's column types, for `#[dozer(types = …)]`; `none` leaves it out. Without this, what
    /// the connector says.
    #[arg(long, value_name = "PATH")]
    pub(crate) types: Option<String>,
    /// How to print the result on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Only this connection.
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// How to print the result on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// How to print the result on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
    /// Change nothing: exit with 3 where a finding is an error, with 6 where the schema has drifted.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Stop at the position that is current when the run starts.
    #[arg(long)]
    pub(crate) once: bool,
    /// How to print the summary on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The connection.
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: String,
    /// How to print the result on stdout.
    #[arg(long, default_value = "table")]
    pub(crate) format: Format,
}

/// How results are printed on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// One JSON document for programs.
    Json,
}
