//! The deliveries of a connector: batches of columns, and what comes between them.

use std::sync::Arc;
#[cfg(feature = "stream")]
use std::task::{Context, Poll};

use super::Connector;
use super::running::RunningSource;
use crate::checkpoint::{Checkpoint, Phase};
use crate::error::Result;
use crate::ingest::{Delivery, IngestOptions};
use crate::source::{Cancellation, Source};
use crate::types::TableInfo;

/// What a connector delivers, as an iterator: a snapshot, then its changes, from a checkpoint or from the start.
///
/// Rows come as [`Delivery::Batch`]; `connector-arrow` turns each of its tables into a record batch without a copy. Memory is
/// bounded by [`IngestOptions::queue_bytes`]: the source waits while nothing is taken. Dropped half-way, it stops the source,
/// whose thread ends within half a second where the source keeps its word.
#[derive(Debug)]
pub struct Batches {
    source: RunningSource,
    checkpoint: Option<Checkpoint>,
}

/// Batches of a source. The source is cloned into a thread of its own.
///
/// ```no_run
/// use connector_core::connector::BatchedSource;
/// use connector_core::ingest::{Delivery, IngestOptions, Until};
/// # fn read(source: impl connector_core::Source + Clone + 'static) -> connector_core::Result<()> {
///
/// let options = IngestOptions { until: Until::CaughtUp, ..IngestOptions::default() };
/// for delivery in source.batches(None, options)? {
///     if let Delivery::Batch(batch) = delivery? {
///         println!("{} rows up to {:?}", batch.rows(), batch.end.position());
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub trait BatchedSource: Source {
    /// The deliveries of these tables, or of all tables.
    ///
    /// # Errors
    /// When a thread cannot be started. What is wrong with a table is the first item.
    fn batches(&self, tables: Option<Vec<TableInfo>>, options: IngestOptions) -> Result<Batches>
    where
        Self: Clone + 'static,
    {
        Batches::start(Arc::new(self.clone()), tables, options)
    }
}

impl<S: Source> BatchedSource for S {}

impl Batches {
    /// The deliveries of any connector, of these tables or of all.
    ///
    /// # Errors
    /// As [`BatchedSource::batches`].
    pub fn start(
        connector: Arc<dyn Connector>,
        tables: Option<Vec<TableInfo>>,
        options: IngestOptions,
    ) -> Result<Self> {
        let checkpoint = options.checkpoint.clone();
        let from = (checkpoint.as_ref())
            .filter(|checkpoint| checkpoint.phase == Phase::Changes)
            .map(Checkpoint::position);
        let run = move |ingestor: &_| connector.start(from, ingestor, tables);
        Ok(Self {
            source: RunningSource::start("read batches", options, run)?,
            checkpoint,
        })
    }

    /// The position after the last delivery that was taken, for a later run to resume from.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Says that everything up to the last [`checkpoint`](Self::checkpoint) is stored: the source may forget it. Of a
    /// transaction that is not complete nothing is said.
    pub fn confirm(&self) {
        if let Some(checkpoint) = &self.checkpoint {
            self.source.iterator.confirm(checkpoint.clone());
        }
    }

    /// Stops the source when it is set: what is whole is still delivered, and then comes the end.
    pub fn cancellation(&self) -> &Cancellation {
        self.source.cancellation()
    }

    fn taken(&mut self, delivery: Result<Option<Delivery>>) -> Option<Result<Delivery>> {
        let delivery = delivery.transpose()?;
        if let Ok(delivery) = &delivery {
            self.checkpoint = Some(delivery.end().clone());
        }
        Some(delivery)
    }

    #[cfg(feature = "stream")]
    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Delivery>>> {
        (self.source.poll_delivery(context)).map(|delivery| self.taken(delivery))
    }
}

impl Iterator for Batches {
    type Item = Result<Delivery>;

    fn next(&mut self) -> Option<Result<Delivery>> {
        let delivery = self.source.next_delivery();
        self.taken(delivery)
    }
}
