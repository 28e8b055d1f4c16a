//! The stream is stopped after every change and resumed there: the rest must be what it was.

use std::sync::Arc;

use connector_core::ingest::{IngestOptions, IngestionMessage, Ingestor, Until};
use connector_core::{Checkpoint, Error, ErrorKind, Phase, Result};

use super::Subject;

impl Subject {
    /// Resumes after every change of every transaction, and after every commit; gives after how many changes. Rows of a
    /// snapshot are left out: a restart in a snapshot takes a new one.
    ///
    /// # Errors
    /// When the stream fails.
    ///
    /// # Panics
    /// When a resumed stream does not give just the rest.
    pub fn resumes_at_every_position(&self) -> Result<usize> {
        self.resumes_at_every_position_from(None)
    }

    /// As [`resumes_at_every_position`](Self::resumes_at_every_position), beginning at a checkpoint.
    ///
    /// # Errors
    /// When the stream fails.
    ///
    /// # Panics
    /// When a resumed stream does not give just the rest.
    pub fn resumes_at_every_position_from(&self, start: Option<Checkpoint>) -> Result<usize> {
        let whole = self.messages(start.clone())?;
        let mut stored = start;
        let mut resumed = 0;
        for (place, message) in whole.iter().enumerate() {
            let checkpoint = match message {
                IngestionMessage::SnapshottingDone(end) | IngestionMessage::Commit(end) => {
                    stored = Some(end.clone());
                    end.clone()
                }
                IngestionMessage::Operation {
                    position: (lsn, seq),
                    ..
                }
                | IngestionMessage::Truncate {
                    position: (lsn, seq),
                    ..
                } => {
                    let before = stored.clone().unwrap_or_default();
                    if in_snapshot(&whole, place) {
                        continue;
                    }
                    resumed += 1;
                    Checkpoint {
                        lsn: *lsn,
                        seq: *seq,
                        complete: false,
                        phase: Phase::Changes,
                        ..before
                    }
                }
                IngestionMessage::SnapshottingStarted(_) => continue,
            };
            let rest = self.messages(Some(checkpoint.clone()))?;
            assert_eq!(
                operations(&rest),
                operations(whole.get(place + 1..).unwrap_or_default()),
                "resumed from {checkpoint:?}"
            );
        }
        Ok(resumed)
    }

    /// Everything that the stream says from a checkpoint on, up to the position that is current now.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn messages(&self, checkpoint: Option<Checkpoint>) -> Result<Vec<IngestionMessage>> {
        let until = self
            .connector
            .current_position()?
            .map_or(Until::CaughtUp, Until::Position);
        let from = checkpoint.as_ref().map(Checkpoint::position);
        let options = IngestOptions {
            checkpoint,
            until,
            reader: "conformance".to_owned(),
            ..IngestOptions::default()
        };
        let (ingestor, messages) = Ingestor::initialize_channel(options);
        let (connector, tables) = (Arc::clone(&self.connector), self.tables.clone());
        let source = std::thread::spawn(move || connector.start(from, &ingestor, tables));
        let messages = messages.collect();
        let ended = source
            .join()
            .unwrap_or_else(|_| Err(Error::protocol("the source's thread panicked")));
        match ended {
            // A connector that is written by hand ends so when it has come as far as it was to go.
            Err(error) if error.kind() != ErrorKind::Cancelled => Err(error),
            _ => Ok(messages),
        }
    }
}

fn in_snapshot(whole: &[IngestionMessage], place: usize) -> bool {
    whole
        .get(place..)
        .unwrap_or_default()
        .iter()
        .any(|later| matches!(later, IngestionMessage::SnapshottingDone(_)))
}

fn operations(messages: &[IngestionMessage]) -> Vec<&IngestionMessage> {
    let is_change = |message: &&IngestionMessage| {
        matches!(
            message,
            IngestionMessage::Operation { .. } | IngestionMessage::Truncate { .. }
        )
    };
    messages.iter().filter(is_change).collect()
}
