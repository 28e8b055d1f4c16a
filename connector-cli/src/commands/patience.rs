//! Asking a source again that was there and did not answer.

use std::time::Duration;

use connector_core::pipeline::AppConnection;
use connector_core::{Backoff, Result};

use crate::console::Console;
use crate::log::{Level, Told};

/// The longest sleep between two looks at the clock.
const LOOK: Duration = Duration::from_secs(1);

/// Calls until it works, fails for good, or has failed for too long; a line for each failure that may pass.
pub(super) fn patiently<T>(
    connection: &AppConnection,
    console: &mut Console<'_>,
    call: impl FnMut() -> Result<T>,
) -> Result<T> {
    patiently_all(&[connection], console, call)
}

/// The same for a call that asks several connections.
pub(super) fn patiently_all<T>(
    connections: &[&AppConnection],
    console: &mut Console<'_>,
    mut call: impl FnMut() -> Result<T>,
) -> Result<T> {
    let mut backoff = Backoff::new();
    loop {
        let passes = |error| {
            connections
                .iter()
                .any(|connection| connection.can_pass(error))
        };
        let error = match call() {
            Err(error) if passes(&error) => error,
            done => return done,
        };
        backoff.failed();
        if !backoff.goes_on() {
            return Err(backoff.given_up(error));
        }
        let wait = backoff.left().as_secs_f64();
        let told = Told::of(&error).message;
        let message = format!("did not answer, and is asked again in {wait:.1} s: {told}");
        let name = match connections {
            [one] => Some(one.name.as_str()),
            _ => None,
        };
        console.log(Level::Warn, name, &message);
        while !backoff.is_due(LOOK) {}
    }
}
