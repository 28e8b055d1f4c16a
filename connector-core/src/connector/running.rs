//! A source on a thread of its own, for whoever consumes its deliveries in this process.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "stream")]
use std::task::{Context, Poll};

use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{Delivery, IngestOptions, IngestionIterator, Ingestor};
use crate::source::Cancellation;

/// The consumer's end of a source that runs. Dropped, it asks the source to stop, and does not wait: the thread ends with the
/// next thing that the source has to tell, which is at the latest the next time that it says it has nothing.
#[derive(Debug)]
pub(super) struct RunningSource {
    pub(super) iterator: IngestionIterator,
    end: Arc<End>,
    cancellation: Cancellation,
}

/// What the source's thread ends with.
#[derive(Debug, Default)]
struct End {
    state: Mutex<EndState>,
    told: Condvar,
}

#[derive(Debug, Default)]
struct EndState {
    over: bool,
    result: Option<Result<()>>,
    waker: Option<Waker>,
}

impl RunningSource {
    /// Starts a thread of this name.
    pub(super) fn start(
        name: &str,
        options: IngestOptions,
        run: impl FnOnce(&Ingestor) -> Result<()> + Send + 'static,
    ) -> Result<Self> {
        let cancellation = options.cancellation.child();
        let (ingestor, iterator) = Ingestor::initialize_channel(IngestOptions {
            cancellation: cancellation.clone(),
            ..options
        });
        let end = Arc::new(End::default());
        let over = Over(Arc::clone(&end));
        let work = move || {
            let result = run(&ingestor);
            drop(ingestor);
            over.0.tell(result);
        };
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)?;
        Ok(Self {
            iterator,
            end,
            cancellation,
        })
    }

    pub(super) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// The next delivery; at the end, what the source's thread ended with.
    pub(super) fn next_delivery(&mut self) -> Result<Option<Delivery>> {
        if let Some(delivery) = self.iterator.next_delivery() {
            return Ok(Some(delivery));
        }
        // The source waits at its end for what is stored: nothing more will be.
        self.iterator.leave();
        self.end.wait().map(|()| None)
    }

    /// As [`next_delivery`](Self::next_delivery), for a task that is woken.
    #[cfg(feature = "stream")]
    pub(super) fn poll_delivery(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Delivery>>> {
        match self.iterator.poll_delivery(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(delivery)) => Poll::Ready(Ok(Some(delivery))),
            Poll::Ready(None) => {
                self.iterator.leave();
                self.end.poll(context).map_ok(|()| None)
            }
        }
    }

    /// Refuses to take for whole what was stopped before its end.
    pub(super) fn whole(&self) -> Result<()> {
        if self.cancellation.is_cancelled() {
            return Err(Error::new(
                ErrorKind::Cancelled,
                "the rows were cancelled before their end",
            ));
        }
        Ok(())
    }
}

impl Drop for RunningSource {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}

/// Tells of the end also where the thread panics.
struct Over(Arc<End>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0
            .tell(Err(Error::protocol("the source's thread panicked")));
    }
}

impl End {
    fn lock(&self) -> MutexGuard<'_, EndState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of the end. What is told first counts.
    fn tell(&self, result: Result<()>) {
        let waker = {
            let mut state = self.lock();
            if state.over {
                return;
            }
            state.over = true;
            state.result = Some(result);
            state.waker.take()
        };
        self.told.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the end. What it was is told once.
    fn wait(&self) -> Result<()> {
        let mut state = self.lock();
        while !state.over {
            state = (self.told.wait(state)).unwrap_or_else(PoisonError::into_inner);
        }
        state.result.take().unwrap_or(Ok(()))
    }

    #[cfg(feature = "stream")]
    fn poll(&self, context: &Context<'_>) -> Poll<Result<()>> {
        let mut state = self.lock();
        if state.over {
            return Poll::Ready(state.result.take().unwrap_or(Ok(())));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
