//! The stream is stopped after every change and resumed there: the rest must be what it was.

use connector_core::ingest::IngestionMessage as Message;
use connector_core::{Checkpoint, Phase};

use super::Subject;
use crate::outcome::{Failure, ensure};

impl Subject {
    /// Resumes after every change of every transaction, and after every commit; gives after how many changes. Rows of a
    /// snapshot are left out: a restart in a snapshot takes a new one.
    ///
    /// # Errors
    /// When the stream fails, or a resumed stream does not give just the rest.
    pub fn resumes_at_every_position(&self) -> Result<usize, Failure> {
        self.resumes_at_every_position_from(None)
    }

    /// As [`resumes_at_every_position`](Self::resumes_at_every_position), beginning at a checkpoint.
    ///
    /// # Errors
    /// When the stream fails, or a resumed stream does not give just the rest.
    pub fn resumes_at_every_position_from(
        &self,
        start: Option<Checkpoint>,
    ) -> Result<usize, Failure> {
        let whole = self.messages(start.clone())?;
        let changes_begin = whole
            .iter()
            .rposition(|message| matches!(message, Message::SnapshottingDone(_)))
            .unwrap_or(0);
        let mut stored = start;
        let mut resumed = 0;
        for (place, message) in whole.iter().enumerate().skip(changes_begin) {
            let checkpoint = match message {
                Message::SnapshottingDone(end) | Message::Commit(end) => {
                    stored = Some(end.clone());
                    end.clone()
                }
                Message::Operation { position, .. } | Message::Truncate { position, .. } => {
                    resumed += 1;
                    Checkpoint {
                        lsn: position.0,
                        seq: position.1,
                        complete: false,
                        phase: Phase::Changes,
                        ..stored.clone().unwrap_or_default()
                    }
                }
                Message::SnapshottingStarted(_) => continue,
            };
            let at = || format!("resumed after position {:?}", checkpoint.position());
            let rest = self
                .messages(Some(checkpoint.clone()))
                .map_err(|failure| failure.within(at()))?;
            same_changes(whole.get(place + 1..).unwrap_or_default(), &rest)
                .map_err(|failure| failure.within(at()))?;
        }
        Ok(resumed)
    }
}

/// Fails at the first change in which two readings differ.
pub(crate) fn same_changes(first: &[Message], second: &[Message]) -> Result<usize, Failure> {
    let (first, second) = (changes(first), changes(second));
    for (place, (expected, told)) in first.iter().zip(&second).enumerate() {
        ensure!(
            expected == told,
            "change {} differs between two readings: {expected:?}, then {told:?}",
            place + 1
        );
    }
    let shown = |more: &[&Message]| more.first().map(|message| format!("{message:?}"));
    if let Some(missing) = shown(first.get(second.len()..).unwrap_or_default()) {
        return Err(Failure::new(format!(
            "{} changes are missing in the second reading, first {missing}",
            first.len() - second.len()
        )));
    }
    if let Some(more) = shown(second.get(first.len()..).unwrap_or_default()) {
        return Err(Failure::new(format!(
            "the second reading has {} changes more, first {more}",
            second.len() - first.len()
        )));
    }
    Ok(first.len())
}

fn changes(messages: &[Message]) -> Vec<&Message> {
    let is_change = |message: &&Message| {
        matches!(
            message,
            Message::Operation { .. } | Message::Truncate { .. }
        )
    };
    messages.iter().filter(is_change).collect()
}
