//! When to try again after something failed that may work later.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::Error;

/// So often it is tried at the least, unless fewer attempts are allowed: one attempt may take longer than the patience.
const TRIES: u32 = 5;

/// How often, and for how long, something is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure; each one after it is twice as long.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// What has failed for so long, and five times in a row, is given up.
    pub give_up_after: Duration,
    /// What has failed so often in a row is given up, however short the time. 1: nothing is tried again.
    pub max_attempts: Option<u32>,
}

impl Default for RetryPolicy {
    /// Waits from 0.1 to 30 seconds, for five minutes.
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(30),
            give_up_after: Duration::from_mins(5),
            max_attempts: None,
        }
    }
}

/// Waits that double from the policy's first to its longest, each up to a half shorter by chance, so that many readers do not
/// come back at one moment.
#[derive(Debug)]
pub struct Backoff {
    policy: RetryPolicy,
    wait: Duration,
    due: Option<Instant>,
    since: Option<Instant>,
    failures: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

impl Backoff {
    /// Nothing has failed yet; the usual policy.
    pub fn new() -> Self {
        Self::with(RetryPolicy::default())
    }

    /// Nothing has failed yet.
    pub fn with(policy: RetryPolicy) -> Self {
        Self {
            policy,
            wait: policy.first_wait.min(policy.longest_wait),
            due: None,
            since: None,
            failures: 0,
        }
    }

    /// It works again.
    pub fn reset(&mut self) {
        if self.since.is_some() {
            *self = Self::with(self.policy);
        }
    }

    /// It failed once more.
    pub fn failed(&mut self) {
        let now = Instant::now();
        self.since.get_or_insert(now);
        self.failures += 1;
        self.due = Some(now + self.wait.mul_f64(1.0 - chance() / 2.0));
        self.wait = self.wait.saturating_mul(2).min(self.policy.longest_wait);
    }

    /// How long it is until the next attempt is due.
    pub fn left(&self) -> Duration {
        self.due
            .and_then(|due| due.checked_duration_since(Instant::now()))
            .unwrap_or_default()
    }

    /// How many times in a row it has failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The last error, when it is not worth another attempt: says how long it was tried, and is no longer one that trying
    /// again can help.
    #[must_use]
    pub fn given_up(&self, error: Error) -> Error {
        let Some(since) = self.since else {
            return error;
        };
        error
            .permanent()
            .with_context(format!(
                "given up after {} attempts in {} s; what is stored is complete, and the next run goes on from there",
                self.failures,
                since.elapsed().as_secs()
            ))
    }

    /// Whether another attempt is worth making.
    pub fn goes_on(&self) -> bool {
        if (self.policy.max_attempts).is_some_and(|most| self.failures >= most) {
            return false;
        }
        let patience = self.policy.give_up_after;
        self.failures < TRIES || self.since.is_none_or(|since| since.elapsed() < patience)
    }

    /// Whether the next attempt is due; waits for it, up to `at_most`.
    pub fn is_due(&self, at_most: Duration) -> bool {
        let left = self.left();
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
        assert_eq!(backoff.wait, RetryPolicy::default().longest_wait);
        assert!(!backoff.is_due(Duration::ZERO) && backoff.goes_on());
        backoff.reset();
        assert!(backoff.is_due(Duration::ZERO));
        assert_eq!(backoff.wait, RetryPolicy::default().first_wait);
    }

    #[test]
    fn a_policy_sets_the_waits_and_the_limits() {
        let policy = RetryPolicy {
            first_wait: Duration::from_secs(2),
            longest_wait: Duration::from_secs(3),
            give_up_after: Duration::ZERO,
            max_attempts: Some(3),
        };
        let mut backoff = Backoff::with(policy);
        backoff.failed();
        let left = backoff.left();
        assert!(left <= Duration::from_secs(2) && left > Duration::from_millis(900));
        backoff.failed();
        assert!(backoff.goes_on());
        assert_eq!(backoff.wait, policy.longest_wait);
        backoff.failed();
        assert!(!backoff.goes_on(), "the third failure is the last");
        let mut patient = Backoff::with(RetryPolicy {
            max_attempts: None,
            ..policy
        });
        (0..TRIES).for_each(|_| patient.failed());
        assert!(!patient.goes_on(), "tried for longer than was asked");
        backoff.reset();
        backoff.failed();
        assert!(backoff.goes_on(), "what works again begins anew");
    }

    #[test]
    fn what_is_given_up_says_how_often_it_was_tried() {
        let mut backoff = Backoff::new();
        let error = || Error::source("cut").transient();
        assert!(backoff.given_up(error()).is_transient(), "never failed");
        backoff.failed();
        backoff.failed();
        let given_up = backoff.given_up(error());
        assert!(!given_up.is_transient());
        assert!(
            given_up
                .to_string()
                .starts_with("given up after 2 attempts in 0 s")
        );
    }

    #[test]
    fn chance_is_a_share() {
        assert!((0.0..=1.0).contains(&chance()));
    }
}
