//! One reading of a stream, on threads of its own, with a bound on how long it may say nothing.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use connector_core::ingest::{IngestOptions, IngestionMessage, Ingestor, Until};
use connector_core::{Cancellation, Checkpoint, Error, ErrorKind, Phase};

use crate::outcome::Failure;
use crate::subject::Subject;

/// How long the kit waits for a source that says nothing before it calls that a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience(Duration);

impl Default for Patience {
    /// Twenty seconds: a source on a busy machine is not at fault.
    fn default() -> Self {
        Self(Duration::from_secs(20))
    }
}

impl Patience {
    /// This long.
    pub const fn new(wait: Duration) -> Self {
        Self(wait)
    }

    pub(crate) fn wait(self) -> Duration {
        self.0
    }

    /// Runs something on a thread of its own and waits for it; what does not end is stopped, and left alone.
    pub(crate) fn bound<T: Send + 'static>(
        self,
        cancellation: &Cancellation,
        what: &str,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (done, result) = channel();
        let thread = std::thread::spawn(move || {
            // Nobody waits any more only after the bound.
            let _ = done.send(run());
        });
        match result.recv_timeout(3 * self.0) {
            Ok(result) => {
                joined(thread);
                Ok(result)
            }
            Err(RecvTimeoutError::Timeout) => {
                cancellation.cancel();
                Err(Failure::new(format!(
                    "{what} did not end within {} s",
                    (3 * self.0).as_secs()
                )))
            }
            Err(RecvTimeoutError::Disconnected) => Err(Failure::new(format!("{what} panicked"))),
        }
    }
}

/// Waits until a thread that has done its work is gone.
fn joined(thread: JoinHandle<()>) {
    // It has sent its result, so it did not panic.
    let _ = thread.join();
}

/// A stream that is read.
#[derive(Debug)]
pub(crate) struct Reading {
    messages: Receiver<IngestionMessage>,
    ended: Receiver<connector_core::Result<()>>,
    threads: Vec<JoinHandle<()>>,
    cancellation: Cancellation,
    patience: Patience,
}

impl Reading {
    /// Reads from a checkpoint on.
    pub(crate) fn start(subject: &Subject, checkpoint: Option<Checkpoint>, until: Until) -> Self {
        Self::with(
            subject,
            IngestOptions {
                checkpoint,
                until,
                ..IngestOptions::default()
            },
        )
    }

    /// Reads with these options, as the subject's reader.
    pub(crate) fn with(subject: &Subject, options: IngestOptions) -> Self {
        let cancellation = options.cancellation.clone();
        let from = options
            .checkpoint
            .as_ref()
            .filter(|checkpoint| checkpoint.phase == Phase::Changes)
            .map(Checkpoint::position);
        let (ingestor, iterator) = Ingestor::initialize_channel(IngestOptions {
            reader: subject.reader.clone(),
            ..options
        });
        let (connector, tables) = (Arc::clone(&subject.connector), subject.tables.clone());
        let (tell_end, ended) = channel();
        // What is not taken is not read on and on.
        let (tell, messages) = sync_channel(1024);
        let source = std::thread::spawn(move || {
            let ran = connector.start(from, &ingestor, tables);
            drop(ingestor);
            // Nobody waits any more only after the bound.
            let _ = tell_end.send(ran);
        });
        let collector = std::thread::spawn(move || {
            for message in iterator {
                if tell.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            messages,
            ended,
            threads: vec![source, collector],
            cancellation,
            patience: subject.patience,
        }
    }

    /// The next message, or nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<IngestionMessage>, Failure> {
        match self.messages.recv_timeout(self.patience.wait()) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                self.cancellation.cancel();
                Err(Failure::new(format!(
                    "the stream said nothing for {} s, and neither ended nor came to the position that was current when it began",
                    self.patience.wait().as_secs()
                )))
            }
        }
    }

    /// The next message if there is one within a short time.
    pub(crate) fn poll(&mut self, wait: Duration) -> Option<IngestionMessage> {
        self.messages.recv_timeout(wait).ok()
    }

    /// Whether the source's thread has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.threads.first().is_none_or(JoinHandle::is_finished)
    }

    /// All messages to the end, and how it ended.
    pub(crate) fn collect(
        mut self,
    ) -> Result<(Vec<IngestionMessage>, connector_core::Result<()>), Failure> {
        let mut all = Vec::new();
        while let Some(message) = self.next()? {
            all.push(message);
        }
        let ended = self.ended()?;
        Ok((all, ended))
    }

    /// All messages of a stream that comes to a legal end.
    pub(crate) fn into_messages(self) -> Result<Vec<IngestionMessage>, Failure> {
        let (all, ended) = self.collect()?;
        match ended {
            // A connector that is written by hand ends so when it has come as far as it was to go.
            Err(error) if error.kind() != ErrorKind::Cancelled => Err(error.into()),
            _ => Ok(all),
        }
    }

    /// How the stream ended, once it has.
    pub(crate) fn ended(&mut self) -> Result<connector_core::Result<()>, Failure> {
        let ended = match self.ended.recv_timeout(self.patience.wait()) {
            Ok(ended) => ended,
            Err(RecvTimeoutError::Disconnected) => {
                Err(Error::protocol("the source's thread panicked"))
            }
            Err(RecvTimeoutError::Timeout) => {
                return Err(Failure::new(format!(
                    "the stream was left, and did not end within {} s",
                    self.patience.wait().as_secs()
                )));
            }
        };
        for thread in self.threads.drain(..) {
            joined(thread);
        }
        Ok(ended)
    }

    /// Asks the stream to stop; gives how long that took and what was told meanwhile.
    pub(crate) fn stop(mut self) -> Result<(Duration, Vec<IngestionMessage>), Failure> {
        let since = Instant::now();
        self.cancellation.cancel();
        let mut told = Vec::new();
        while let Some(message) = self.next().map_err(|_| {
            Failure::new(format!(
                "the stream did not stop within {} s of being asked to",
                self.patience.wait().as_secs()
            ))
        })? {
            told.push(message);
        }
        match self.ended()? {
            Err(error) if error.kind() != ErrorKind::Cancelled => Err(error.into()),
            _ => Ok((since.elapsed(), told)),
        }
    }
}
