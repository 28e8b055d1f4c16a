//! Asks the server, while a run goes on, how much log it keeps for the slot, and whether all is still published.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connector_core::{Error, Notices, Result};

use super::SlotState;
use super::lag::{LagLimits, Said, Warnings, readable};
use crate::settings::Settings;
use crate::wire::{Connection, Mode, PgError};

/// The server has so long to answer. A session that hangs is left, and nobody else waits for it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long the first question waits.
const FIRST_AFTER: Duration = Duration::from_secs(1);
/// After so many failures in a row it is said that nobody watches.
const FAILURES: u32 = 3;

/// A thread with a session of its own, so that it asks also while the stream waits for a slow sink. It ends when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct LagWatch {
    heard: Arc<Heard>,
    _stop: Sender<()>,
}

/// What the thread has to say.
#[derive(Debug, Default)]
struct Heard {
    /// Whether there ever was anything: it is asked at each transaction, which so costs no lock.
    anything: AtomicBool,
    /// Why the run has to stop.
    exceeded: Mutex<Option<String>>,
    /// The same, for good.
    refused: Mutex<Option<Error>>,
}

/// A question that is asked over the same connection. The inner error ends the run.
pub(crate) type Question = Box<dyn FnMut(&mut Connection) -> Result<Result<()>, PgError> + Send>;

/// What is watched, and how.
pub(crate) struct Watched {
    pub(crate) settings: Settings,
    pub(crate) slot: String,
    pub(crate) limits: LagLimits,
    pub(crate) every: Duration,
    pub(crate) notices: Notices,
    pub(crate) also: Question,
}

impl LagWatch {
    /// Asks soon, and then again and again: what a run begins with has the server to itself.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(watched: Watched) -> Result<Self> {
        let (stop, stopped) = channel();
        let heard = Arc::new(Heard::default());
        let shared = Arc::clone(&heard);
        std::thread::Builder::new()
            .name(format!("lag of {}", watched.slot))
            .spawn(move || watch(watched, &shared, &stopped))?;
        Ok(Self { heard, _stop: stop })
    }

    /// Whether the run may go on.
    ///
    /// # Errors
    /// When the server keeps more log than the limit, or what else was asked is refused.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        if self.heard.anything.load(Ordering::Acquire) {
            self.heard.check()
        } else {
            Ok(())
        }
    }
}

impl Heard {
    fn check(&self) -> Result<()> {
        let refused = (self.refused.lock().unwrap_or_else(PoisonError::into_inner)).take();
        if let Some(error) = refused {
            return Err(error);
        }
        let exceeded = (self.exceeded.lock().unwrap_or_else(PoisonError::into_inner)).clone();
        match exceeded {
            None => Ok(()),
            Some(why) => Err(Error::source(why).with_help(
                "the slot is still there, and with it the log; raise `slot_lag_limit` and run again: nothing is lost. \
                 Or give the slot up with `dozer connector clean`, and take a new snapshot with `dozer app reset`",
            )),
        }
    }

    fn exceeds(&self, why: Option<String>) {
        let says = why.is_some();
        *self.exceeded.lock().unwrap_or_else(PoisonError::into_inner) = why;
        if says {
            self.anything.store(true, Ordering::Release);
        }
    }

    fn is_refused(&self, error: Error) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.anything.store(true, Ordering::Release);
    }
}

fn watch(watched: Watched, heard: &Heard, stopped: &Receiver<()>) {
    let Watched {
        settings,
        slot,
        limits,
        every,
        notices,
        mut also,
    } = watched;
    let settings = settings.with_read_timeout(Some(ANSWER_WITHIN));
    let mut connection = None;
    let mut warnings = Warnings::new(limits.warn_from());
    let mut failures = 0;
    if stopped.recv_timeout(FIRST_AFTER.min(every)) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    loop {
        let asked = ask(&mut connection, &settings, &slot);
        let waits = stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected);
        match asked {
            _ if !waits => return,
            // The stream says that a slot is gone.
            Ok(None) => {}
            Ok(Some(found)) => {
                failures = 0;
                match warnings.hear(&found, Instant::now()) {
                    Some(Said::Warning(text)) => notices.warn(&text),
                    Some(Said::Over(text)) => notices.inform(&text),
                    None => {}
                }
                heard.exceeds(limits.stop.and_then(|limit| beyond(&found, limit.bytes())));
                if let Some(Ok(Err(error))) = connection.as_mut().map(&mut also) {
                    heard.is_refused(error);
                    return;
                }
            }
            // The stream has its own connection: one that is cut here costs the run nothing.
            Err(error) => {
                connection = None;
                failures += 1;
                if failures == FAILURES {
                    notices.warn(&format!(
                        "nobody watches how much log the server keeps for replication slot `{slot}`: {error}"
                    ));
                }
            }
        }
        if stopped.recv_timeout(every) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn ask(
    connection: &mut Option<Connection>,
    settings: &Settings,
    slot: &str,
) -> Result<Option<SlotState>, PgError> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(Connection::open(settings, Mode::Query)?),
    };
    SlotState::read(connection, slot)
}

/// Why a run stops with this slot, if it does.
fn beyond(slot: &SlotState, limit: u64) -> Option<String> {
    let held = slot.held_back.filter(|held| *held > limit)?;
    Some(format!(
        "the server keeps {} of its log for replication slot `{}`, more than the {} of `slot_lag_limit`; {}",
        readable(held),
        slot.name,
        readable(limit),
        slot.reason()
    ))
}
