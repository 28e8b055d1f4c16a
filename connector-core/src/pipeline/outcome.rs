//! How the connections of a run end, each for itself.

use std::time::Duration;

use serde::Deserialize;

use super::run::{ConnectionSummary, RunOptions};
use super::{App, AppConnection, Held};
use crate::backoff::Backoff;
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

/// How often a stop is looked for while a connection is waited for.
const LOOK: Duration = Duration::from_millis(100);

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
        self.outcomes_when(options, |_| Ok(()))
    }

    /// As [`outcomes`](Self::outcomes); each connection is made ready first, on a thread of its own. One that fails there for a
    /// reason that may pass, because it cannot be reached, say, is tried again as `retry` of the configuration says, and keeps
    /// none of the others waiting.
    ///
    /// # Errors
    /// As [`outcomes`](Self::outcomes).
    pub fn outcomes_when(
        &self,
        options: &RunOptions,
        ready: impl Fn(&AppConnection) -> Result<()> + Sync,
    ) -> Result<Vec<Outcome>> {
        let ready: Ready<'_> = &ready;
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
            let run = |connection| move || app.run_one(connection, options, ready);
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

/// Makes a connection ready for a run.
type Ready<'r> = &'r (dyn Fn(&AppConnection) -> Result<()> + Sync);

impl App {
    /// Makes the connection ready, or comes back when the run is stopped.
    fn wait_for(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
        ready: Ready<'_>,
    ) -> Result<()> {
        let mut backoff = Backoff::with(self.config.retry);
        let go_on = || {
            if options.cancellation.is_cancelled() {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    "stopped before the source could be reached",
                ));
            }
            Ok(())
        };
        loop {
            let error = match ready(connection) {
                Err(error) if error.is_transient() => error,
                done => return done,
            };
            go_on()?;
            backoff.failed();
            if !backoff.goes_on() {
                return Err(backoff.given_up(error));
            }
            let message = format!(
                "does not answer, and is asked again in {:.1} s: {}",
                backoff.left().as_secs_f64(),
                error.message()
            );
            options.report.event(&RunEvent::Warning {
                connection: &connection.name,
                message: &message,
            });
            while !backoff.is_due(LOOK) {
                go_on()?;
            }
            go_on()?;
        }
    }

    /// Runs one connection; where it fails, the others are told as the configuration says.
    fn run_one(
        &self,
        connection: &AppConnection,
        options: &RunOptions,
        ready: Ready<'_>,
    ) -> Result<ConnectionSummary> {
        let result = match self.wait_for(connection, options, ready) {
            Ok(()) => (self.run_connection(connection, options))
                .map_err(|error| super::run::of_run(connection, error)),
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                Ok(ConnectionSummary::of(&connection.name))
            }
            Err(error) => Err(error),
        };
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
