//! The source's thread: started, watched, and abandoned when it hangs.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::checkpoint::{Checkpoint, Phase};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::Ingestor;
use crate::types::TableInfo;

/// How long a source may take to end after it was asked to.
const END_WITHIN: Duration = Duration::from_secs(5);

/// A connector's `start`, on a thread of its own.
#[derive(Debug)]
pub(super) struct Worker {
    thread: JoinHandle<Result<()>>,
}

impl Worker {
    pub(super) fn start(
        name: &str,
        connector: Arc<dyn Connector>,
        ingestor: Ingestor,
        tables: Vec<TableInfo>,
    ) -> Result<Self> {
        let from = ingestor
            .checkpoint()
            .filter(|checkpoint| checkpoint.phase == Phase::Changes);
        let from = from.map(Checkpoint::position);
        let work = move || connector.start(from, &ingestor, Some(tables));
        let thread = std::thread::Builder::new()
            .name(format!("source {name}"))
            .spawn(work)?;
        Ok(Self { thread })
    }

    /// What the source ended with. One that does not end in time is left behind.
    pub(super) fn join(self) -> Result<()> {
        let asked = Instant::now();
        while !self.thread.is_finished() {
            if asked.elapsed() > END_WITHIN {
                return Err(Error::new(
                    ErrorKind::Source,
                    format!(
                        "the source did not stop within {} seconds and was abandoned",
                        END_WITHIN.as_secs()
                    ),
                )
                .with_help("what is stored is complete; the next run goes on from there"));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.thread
            .join()
            .unwrap_or_else(|panic| Err(Error::of_panic("thread", panic.as_ref())))
    }
}
