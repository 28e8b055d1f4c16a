//! Reads a source on a thread of its own.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use connector_core::connector::Connector;
use connector_core::ingest::{IngestOptions, IngestionIterator, IngestionMessage, Ingestor, Until};
use connector_core::{Field, Operation, Result, TableInfo};
use connector_postgres::Postgres;

/// A run: what it gives, and the thread that it runs on.
pub(crate) struct Reading {
    messages: IngestionIterator,
    worker: Option<JoinHandle<Result<()>>>,
}

impl Reading {
    pub(crate) fn start(source: &Postgres, reader: &str, tables: &[&str], until: Until) -> Self {
        let (ingestor, messages) = Ingestor::initialize_channel(IngestOptions {
            until,
            reader: reader.to_owned(),
            ..IngestOptions::default()
        });
        let source = source.clone();
        let tables = tables
            .iter()
            .map(|table| TableInfo::select(*table))
            .collect();
        let worker = std::thread::spawn(move || source.start(None, &ingestor, Some(tables)));
        Self {
            messages,
            worker: Some(worker),
        }
    }

    /// The rows of the snapshot.
    pub(crate) fn snapshot(&mut self) -> Vec<Vec<Field>> {
        let mut rows = Vec::new();
        loop {
            match self.next() {
                IngestionMessage::Operation {
                    operation: Operation::Insert { new },
                    ..
                } => rows.push(new.values),
                IngestionMessage::SnapshottingDone(_) => return rows,
                IngestionMessage::SnapshottingStarted(_) | IngestionMessage::Commit(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next change.
    pub(crate) fn change(&mut self) -> Operation {
        loop {
            match self.next() {
                IngestionMessage::Operation { operation, .. } => return operation,
                IngestionMessage::Commit(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Takes what comes and confirms it, until `done` or for too long.
    pub(crate) fn confirm_until(&mut self, mut done: impl FnMut() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !done() {
            assert!(Instant::now() < end, "it takes too long");
            let delivery = self.messages.next_within(Duration::from_millis(200));
            if let Some(delivery) = delivery.unwrap() {
                self.messages.confirm(delivery.end().clone());
            }
        }
    }

    /// Ends the run, so that another one may take its slot.
    pub(crate) fn stop(self) {
        drop(self.messages);
        // That it was left is what it ends with.
        let _ended = self.worker.map(JoinHandle::join);
    }

    fn next(&mut self) -> IngestionMessage {
        match self.messages.next() {
            Some(message) => message,
            None => panic!("{:?}", self.worker.take().map(JoinHandle::join)),
        }
    }
}

/// A snapshot alone.
pub(crate) fn snapshot(source: &Postgres, table: &str) -> Vec<Vec<Field>> {
    Reading::start(source, "snapshot", &[table], Until::Snapshot).snapshot()
}
