//! Postgres as a sink: rows by key, or as a multiset without one; the checkpoint in the same transaction.

mod apply;
mod collapse;
mod column;
mod compare;
mod numeric;
mod snapshot;
mod sql;
mod store;
mod table;

use connector_core::prelude::*;
use connector_core::sink::{Comparison, Delivery, Sink, SinkConfig, SinkTarget};
use connector_core::{Batch, ErrorKind};

use self::store::{Place, Store};
use crate::settings::PostgresSink;

impl PostgresSink {
    /// The sink itself, not opened yet.
    ///
    /// # Errors
    /// Where the settings do not go together.
    pub fn writer(&self) -> Result<PostgresWriter> {
        Ok(PostgresWriter {
            place: Place {
                settings: self.settings()?,
                schema: self.schema().to_owned(),
                prefix: self.table_prefix().to_owned(),
            },
            store: None,
            made: Vec::new(),
            has_held: false,
        })
    }
}

impl SinkConfig for PostgresSink {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        Ok(Box::new(self.writer()?))
    }
}

/// The sink that writes into a Postgres database.
#[derive(Debug)]
pub struct PostgresWriter {
    place: Place,
    store: Option<Store>,
    /// What was made by opening it.
    made: Vec<String>,
    /// Whether a session of this sink has held the lock, and may do so still.
    has_held: bool,
}

impl PostgresWriter {
    fn with<'s, T>(&'s mut self, write: impl FnOnce(&'s mut Store) -> Result<T>) -> Result<T> {
        let Some(store) = &mut self.store else {
            return Err(Error::protocol(
                "the `!Postgres` sink was used before it was opened",
            ));
        };
        write(store).map_err(of_sink)
    }
}

impl Sink for PostgresWriter {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        // The session that was opened before holds the lock until it is gone.
        self.has_held |= self.store.take().is_some_and(|store| store.held);
        let store = Store::open(&self.place, target, self.has_held).map_err(of_sink)?;
        let stored = store.checkpoint()?;
        self.made.extend_from_slice(&store.made);
        self.store = Some(store);
        Ok(stored)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.with(|store| store.start_snapshot(checkpoint))
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.with(|store| store.write(batch))
    }

    fn truncate(&mut self, table: usize, _at: &Checkpoint) -> Result<()> {
        self.with(|store| store.truncate(table))
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.with(|store| store.commit(checkpoint))
    }

    fn reset(&mut self) -> Result<()> {
        self.with(Store::reset)
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }

    fn stores_by_key(&self) -> bool {
        true
    }

    fn makes_tables(&self) -> bool {
        true
    }

    fn made(&self) -> Vec<String> {
        self.made.clone()
    }

    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        self.with(Store::compare).map(Some)
    }
}

/// An error met while writing is the sink's.
fn of_sink(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Source => error.with_kind(ErrorKind::Sink),
        _ => error,
    }
}
