//! When to try again after a connection was lost.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(30);
/// A server that is away for longer is reported.
const PATIENCE: Duration = Duration::from_mins(5);

/// Waits that double, each up to a half shorter by chance, so that many readers do not come back at one moment.
#[derive(Debug)]
pub(super) struct Backoff {
    wait: Duration,
    due: Option<Instant>,
    since: Option<Instant>,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self {
            wait: FIRST,
            due: None,
            since: None,
        }
    }

    /// It works again.
    pub(super) fn reset(&mut self) {
        if self.since.is_some() {
            *self = Self::new();
        }
    }

    /// It failed once more.
    pub(super) fn failed(&mut self) {
        let now = Instant::now();
        self.since.get_or_insert(now);
        self.due = Some(now + self.wait.mul_f64(1.0 - chance() / 2.0));
        self.wait = (self.wait * 2).min(LONGEST);
    }

    /// Whether another attempt is worth making.
    pub(super) fn goes_on(&self) -> bool {
        self.since.is_none_or(|since| since.elapsed() < PATIENCE)
    }

    /// Whether the next attempt is due; waits for it, up to `at_most`.
    pub(super) fn is_due(&self, at_most: Duration) -> bool {
        let Some(left) = self
            .due
            .and_then(|due| due.checked_duration_since(Instant::now()))
        else {
            return true;
        };
        std::thread::sleep(left.min(at_most));
        left <= at_most
    }
}

/// A number from 0 to 1 that two processes seldom share.
fn chance() -> f64 {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    f64::from(nanos.wrapping_mul(2_654_435_761) ^ std::process::id()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        let mut backoff = Backoff::new();
        assert!(backoff.is_due(Duration::ZERO) && backoff.goes_on());
        for _ in 0..20 {
            backoff.failed();
        }
        assert_eq!(backoff.wait, LONGEST);
        assert!(!backoff.is_due(Duration::ZERO) && backoff.goes_on());
        backoff.reset();
        assert!(backoff.is_due(Duration::ZERO));
        assert_eq!(backoff.wait, FIRST);
    }

    #[test]
    fn chance_is_a_share() {
        assert!((0.0..=1.0).contains(&chance()));
    }
}
