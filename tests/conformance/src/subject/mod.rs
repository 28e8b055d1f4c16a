//! A connector under test, and what is tried at every position of its stream.

mod breaks;
mod memory;
mod positions;

use std::sync::Arc;

use connector_core::connector::Connector;
use connector_core::ingest::{IngestionMessage, Until};
use connector_core::{Checkpoint, SourceSchema, TableInfo};

use crate::outcome::Failure;
use crate::reading::{Patience, Reading};

pub use memory::{Memory, MemorySink};
pub(crate) use positions::same_changes;

/// The application and the connection that the kit reads as.
pub(crate) const APP: &str = "conformance";
pub(crate) const CONNECTION: &str = "subject";

/// A connector under test. Its source must not change while a test goes on.
#[derive(Debug, Clone)]
pub struct Subject {
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) tables: Option<Vec<TableInfo>>,
    pub(crate) reader: String,
    pub(crate) patience: Patience,
}

impl Subject {
    /// All tables of a connector.
    pub fn new(connector: impl Connector + 'static) -> Self {
        Self::named(Box::new(connector), &format!("{APP}/{CONNECTION}"))
    }

    /// A connector that reads under this name.
    pub(crate) fn named(mut connector: Box<dyn Connector>, reader: &str) -> Self {
        connector.named(reader);
        Self::shared(Arc::from(connector), reader)
    }

    /// A connector that was told its reader's name.
    pub(crate) fn shared(connector: Arc<dyn Connector>, reader: &str) -> Self {
        Self {
            connector,
            tables: None,
            reader: reader.to_owned(),
            patience: Patience::default(),
        }
    }

    /// These tables only.
    #[must_use]
    pub fn tables(self, tables: Vec<TableInfo>) -> Self {
        Self {
            tables: Some(tables),
            ..self
        }
    }

    /// Reads as another reader; [`stores`](Self::stores) and the runs with breaks keep their own.
    #[must_use]
    pub fn read_as(self, reader: impl Into<String>) -> Self {
        Self {
            reader: reader.into(),
            ..self
        }
    }

    /// The schemas of what is read.
    pub(crate) fn schemas(&self) -> Result<Vec<SourceSchema>, Failure> {
        Ok(self.connector.get_schemas(self.tables.clone())?)
    }

    /// Everything that the stream says from a checkpoint on, up to the position that is current now.
    ///
    /// # Errors
    /// When the stream fails, or says nothing for long.
    pub fn messages(
        &self,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Vec<IngestionMessage>, Failure> {
        let until = self.until()?;
        Reading::start(self, checkpoint, until).into_messages()
    }

    /// Up to the position that is current now.
    pub(crate) fn until(&self) -> Result<Until, Failure> {
        let position = self.connector.current_position()?;
        Ok(position.map_or(Until::CaughtUp, Until::Position))
    }
}

/// The last position that is complete among these messages, or the one before them.
pub(crate) fn last_checkpoint(
    messages: &[IngestionMessage],
    before: Option<Checkpoint>,
) -> Option<Checkpoint> {
    let complete = messages.iter().rev().find_map(|message| match message {
        IngestionMessage::SnapshottingDone(end) | IngestionMessage::Commit(end) => {
            Some(end.clone())
        }
        _ => None,
    });
    complete.or(before)
}
