//! Ctrl-C and termination signals: the first finishes what is open, the second exits at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use connector_core::{Cancellation, Error, Result};

use crate::exit::Exit;

/// So long after a signal the process ends, even if a source or a sink never comes back. What finishes in time takes less: a
/// source has 10 seconds for its transaction and 5 to end.
pub(crate) const STOP_WITHIN: Duration = Duration::from_secs(20);

/// How a run learns that it is to stop.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    cancellation: Cancellation,
    received: Arc<AtomicBool>,
    /// Whether this is a process of its own, whose signals are the command's.
    own_process: bool,
}

impl Signals {
    pub(crate) fn new(own_process: bool) -> Self {
        Self {
            cancellation: Cancellation::new(),
            received: Arc::default(),
            own_process,
        }
    }

    /// From now on a signal stops the run. Before, a signal ends the process, as nothing is open yet.
    pub(crate) fn listen(&self) -> Result<()> {
        if !self.own_process {
            return Ok(());
        }
        let signals = self.clone();
        let handler = move || {
            if signals.received.swap(true, Ordering::AcqRel) {
                std::process::exit(i32::from(Exit::INTERRUPTED.0));
            }
            signals.cancellation.cancel();
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Error::config(format!("cannot listen to signals: {error}")))
    }

    /// The flag that stops a run.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// Whether a signal that was seen at `since` came so long ago that what is open will not be finished.
    pub(crate) fn is_overdue(since: Instant) -> bool {
        since.elapsed() > STOP_WITHIN
    }

    /// Ends the process, where it is the command's own.
    pub(crate) fn leave(&self) {
        if self.own_process {
            std::process::exit(i32::from(Exit::INTERRUPTED.0));
        }
    }

    /// Whether a signal came.
    pub(crate) fn received(&self) -> bool {
        self.received.load(Ordering::Acquire)
    }
}
