//! How the connections of a run end, each for itself.

use serde::Deserialize;

use super::run::{ConnectionSummary, RunOptions};
use super::{App, AppConnection, Held};
use crate::error::{Error, ErrorKind, Result};
use crate::pipeline::RunEvent;

/// What happens to the other connections of a run when one fails for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// They go on, to their end or until the run is stopped.
    #[default]
    Continue,
    /// They are stopped.
    Stop,
}

/// How one connection ended.
#[derive(Debug)]
pub struct Outcome {
    /// The connection.
    pub connection: String,
    /// What was done for it, or what it failed with. What is stored is complete in either case.
    pub result: Result<ConnectionSummary>,
}

impl Held<'_> {
    /// Runs every connection that has sources, side by side, and gives how each ended, in the order of the configuration.
    ///
    /// # Errors
    /// When there is nothing to run. What a connection fails with is its outcome.
    pub fn outcomes(&self, options: &RunOptions) -> Result<Vec<Outcome>> {
        let app = self.app;
        let active: Vec<&AppConnection> = app
            .connections
            .iter()
            .filter(|connection| !connection.tables.is_empty())
            .collect();
        if active.is_empty() {
            return Err(Error::config(
                "the configuration has no sources: there is nothing to run",
            ));
        }
        if app.sinks.is_empty() {
            return Err(
                Error::config("the configuration has no sinks: rows have nowhere to go")
                    .with_help("add one under `sinks`, `!Null` to only count"),
            );
        }
        Ok(std::thread::scope(|scope| {
            let run = |connection| move || app.run_one(connection, options);
            let threads: Vec<_> = active
                .iter()
                .map(|&connection| (connection, scope.spawn(run(connection))))
                .collect();
            let join = |(connection, thread): (
                &AppConnection,
                std::thread::ScopedJoinHandle<'_, Result<ConnectionSummary>>,
            )| Outcome {
                connection: connection.name.clone(),
                result: thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::protocol("a sink panicked"))),
            };
            threads.into_iter().map(join).collect()
        }))
    }
}

impl App {
    /// Runs one connection; where it fails, the others are told as the configuration says.
    fn run_one(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
    ) -> Result<ConnectionSummary> {
        let result = self.run_connection(connection, options);
        let result = result.map_err(|error| super::run::of_run(connection, error));
        if let Err(error) = &result {
            // Nobody is left to write for where the reader of the output has gone.
            if self.config.on_failure == OnFailure::Stop || error.kind() == ErrorKind::Closed {
                options.cancellation.cancel();
            } else {
                options.report.event(&RunEvent::Failed {
                    connection: &connection.name,
                    error,
                });
            }
        }
        result
    }
}
