//! What a source says beside its events.

use std::fmt;
use std::sync::Arc;

/// Where a source says what a person should know while it is read: a run writes it into its log, under the connection's
/// name. Clones say it in the same place, from any thread; the default says it nowhere.
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<Told>>);

type Told = dyn Fn(Notice<'_>) + Send + Sync;

/// Something that a source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice<'a> {
    /// Somebody should do something.
    Warning(&'a str),
    /// Good to know; that what was warned of is over, say.
    Info(&'a str),
}

impl Notices {
    /// Hands every notice to `told`, which must not block for long.
    pub fn to(told: impl Fn(Notice<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Says that somebody should do something.
    pub fn warn(&self, message: &str) {
        self.tell(Notice::Warning(message));
    }

    /// Says what is good to know.
    pub fn inform(&self, message: &str) {
        self.tell(Notice::Info(message));
    }

    fn tell(&self, notice: Notice<'_>) {
        if let Some(told) = &self.0 {
            told(notice);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}
