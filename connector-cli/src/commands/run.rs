//! `app run`: reads the sources into the sinks, and follows their changes until stopped.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_core::pipeline::{App, AppConnection, ConnectionSummary, Outcome, RunOptions};
use connector_core::registry::Registry;
use connector_core::{Checkpoint, Error, Result};
use serde::Serialize;

use super::readiness::{make_ready, make_ready_late};
use crate::args::{Format, RunArgs};
use crate::console::Console;
use crate::exit::{self, Exit};
use crate::log::Told;
use crate::output::{Table, document, position};
use crate::progress::{Progress, follow};
use crate::signals::Signals;

#[derive(Serialize)]
struct RunSummary {
    /// Whether a signal stopped the run.
    interrupted: bool,
    connections: Vec<ConnectionRun>,
    /// The connections that failed.
    failed: Vec<ConnectionFailure>,
}

#[derive(Serialize)]
struct ConnectionFailure {
    connection: String,
    kind: &'static str,
    message: String,
}

#[derive(Serialize)]
struct ConnectionRun {
    connection: String,
    sources: Vec<SourceRun>,
    rows: u64,
    rejected: u64,
    nulled: u64,
    checkpoint: Option<Checkpoint>,
}

#[derive(Serialize)]
struct SourceRun {
    source: String,
    rows: u64,
    rejected: u64,
}

pub(super) fn run(
    args: &RunArgs,
    registry: &Registry,
    console: &mut Console<'_>,
    signals: &Signals,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    if app.takes_stdout()? {
        console.give_stdout_away();
    }
    let active = app.connections().iter().filter(|it| !it.tables.is_empty());
    let active: Vec<&AppConnection> = active.collect();
    // A run without sources or sinks is refused by core, before a source is touched.
    let held = app.hold()?;
    let mut late = Vec::new();
    if !active.is_empty() && app.sink_names().next().is_some() {
        late = make_ready(&app, &active, console)?;
    }
    signals.listen()?;
    let (progress, notes) = Progress::of(active.iter().map(|it| it.name.as_str()));
    let progress = Arc::new(progress);
    let options = RunOptions {
        once: args.once,
        cancellation: signals.cancellation().clone(),
        report: Arc::<Progress>::clone(&progress),
    };
    let outcomes = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let _over = progress.ends_here();
            held.outcomes_when(&options, |connection| {
                if late.contains(&connection.name) {
                    return make_ready_late(&app, connection, options.report.as_ref());
                }
                Ok(())
            })
        });
        follow(&progress, &notes, console, signals);
        run.join()
    });
    // A panic of the run's own thread goes on here: its message has been printed.
    let outcomes = outcomes.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let (done, failed) = parted(outcomes);
    let summary = RunSummary::of(done, &failed, &progress.rejected(), signals.received());
    // A run of which nothing came to its end has no result.
    if !summary.connections.is_empty() {
        let text = match args.format {
            Format::Json => document(&summary)?,
            Format::Table => table(&summary).render(console.terminal.stdout),
        };
        console.print(&text)?;
    }
    let mut exit = Exit::DONE;
    for (_, error) in &failed {
        console.error(error);
        exit = exit.or(exit::of(error.kind()));
    }
    Ok(if summary.interrupted {
        exit.or(Exit::INTERRUPTED)
    } else {
        exit
    })
}

/// What came to its end, and what failed.
fn parted(outcomes: Vec<Outcome>) -> (Vec<ConnectionSummary>, Vec<(String, Error)>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome.result {
            Ok(summary) => done.push(summary),
            Err(error) => failed.push((outcome.connection, error)),
        }
    }
    (done, failed)
}

impl RunSummary {
    fn of(
        done: Vec<ConnectionSummary>,
        failed: &[(String, Error)],
        rejected: &BTreeMap<(String, String), u64>,
        interrupted: bool,
    ) -> Self {
        let failure = |(connection, error): &(String, Error)| ConnectionFailure {
            connection: connection.clone(),
            kind: exit::word(error.kind()),
            message: Told::of(error).message,
        };
        let connection = |it: ConnectionSummary| {
            let source = |(source, rows): (String, u64)| {
                let key = (it.connection.clone(), source);
                SourceRun {
                    rejected: rejected.get(&key).copied().unwrap_or_default(),
                    source: key.1,
                    rows,
                }
            };
            let sources: Vec<SourceRun> = it.rows.into_iter().map(source).collect();
            ConnectionRun {
                rows: sources.iter().map(|source| source.rows).sum(),
                sources,
                rejected: it.rejected,
                nulled: it.nulled,
                checkpoint: it.checkpoint,
                connection: it.connection,
            }
        };
        Self {
            interrupted,
            connections: done.into_iter().map(connection).collect(),
            failed: failed.iter().map(failure).collect(),
        }
    }
}

/// A line for each source, then one for all of them with what is counted for the connection alone.
fn table(summary: &RunSummary) -> Table {
    let mut table = Table::new(&[
        "connection",
        "source",
        "rows",
        "rejected",
        "nulled",
        "checkpoint",
    ]);
    for connection in &summary.connections {
        let whole = |source: String| {
            [
                connection.connection.clone(),
                source,
                connection.rows.to_string(),
                connection.rejected.to_string(),
                connection.nulled.to_string(),
                connection
                    .checkpoint
                    .as_ref()
                    .map_or_else(String::new, position),
            ]
        };
        if let [source] = connection.sources.as_slice() {
            table.row(whole(source.source.clone()));
            continue;
        }
        for source in &connection.sources {
            table.row([
                connection.connection.clone(),
                source.source.clone(),
                source.rows.to_string(),
                source.rejected.to_string(),
                String::new(),
                String::new(),
            ]);
        }
        table.row(whole("(all)".to_owned()));
    }
    table
}
