//! The slot that this run has made.

use std::sync::{Arc, Mutex, PoisonError};

use super::SlotState;
use crate::lsn::Lsn;

/// Remembers the slot that was made for a snapshot: when the snapshot breaks, the next attempt may replace this slot, also
/// where it has a name that somebody chose.
#[derive(Debug, Clone, Default)]
pub(crate) struct MadeSlot(Arc<Mutex<Option<(String, Lsn)>>>);

impl MadeSlot {
    /// A slot was made, whose changes begin there.
    pub(crate) fn note(&self, name: &str, at: Lsn) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), at));
    }

    /// Whether this slot is the one that was made, and nothing was read from it since.
    pub(crate) fn is(&self, found: &SlotState) -> bool {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (made.as_ref()).is_some_and(|(name, at)| {
            *name == found.name && found.confirmed == Some(*at) && found.active.is_none()
        })
    }
}
