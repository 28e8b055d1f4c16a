//! What a run guarantees: computed from its two ends.

use std::fmt;

use serde::Serialize;

use crate::sink::Delivery;
use crate::source::Replay;

/// How often a change of the source is found in the sink, whatever breaks in between. The weakest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// A break can lose changes: the source does not give them again.
    AtMostOnce,
    /// A break can store changes twice.
    AtLeastOnce,
    /// A break can store a row twice under the same key: it is there once.
    EffectivelyOnce,
    /// Each change is stored once, with the checkpoint, in one step.
    ExactlyOnce,
}

impl Guarantee {
    /// What follows from what the source gives again and how the sink takes it.
    pub fn of(replay: Replay, delivery: Delivery) -> Self {
        match (replay, delivery) {
            (Replay::Nothing, _) => Self::AtMostOnce,
            (Replay::Snapshot | Replay::Changes, Delivery::Transactional) => Self::ExactlyOnce,
            (Replay::Snapshot | Replay::Changes, Delivery::Idempotent) => Self::EffectivelyOnce,
            (Replay::Snapshot | Replay::Changes, Delivery::Append) => Self::AtLeastOnce,
        }
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtMostOnce => {
                "at most once: a break can lose changes, the source does not give them again"
            }
            Self::AtLeastOnce => "at least once: a break can store changes twice",
            Self::EffectivelyOnce => "effectively once: rows are stored by key",
            Self::ExactlyOnce => "exactly once: rows and checkpoint are stored in one step",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weaker_end_decides() {
        assert_eq!(
            Guarantee::of(Replay::Changes, Delivery::Transactional),
            Guarantee::ExactlyOnce
        );
        assert_eq!(
            Guarantee::of(Replay::Changes, Delivery::Append),
            Guarantee::AtLeastOnce
        );
        assert_eq!(
            Guarantee::of(Replay::Nothing, Delivery::Transactional),
            Guarantee::AtMostOnce
        );
        assert!(Guarantee::EffectivelyOnce < Guarantee::ExactlyOnce);
    }
}
