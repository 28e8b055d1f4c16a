//! A short rest before a read, where much arrives.
//!
//! A reader that waits is woken by each write of the server, and a server writes its log message by message: then waking costs
//! both sides more than the message. After a rest, many are read at once.

use std::time::{Duration, Instant};

/// The longest rest. Who asked for so much does not notice it.
const LONGEST: Duration = Duration::from_millis(1);
/// A rest ends when about so much is there: more would fill the system's buffer, and the server would wait for this side.
const ENOUGH: u128 = 64 * 1024;
/// What does not bring so much within the longest rest is waited for.
const WORTH: u128 = 4 * 1024;
/// What is shorter says nothing about how fast bytes arrive.
const LEAST: Duration = Duration::from_micros(100);

/// How fast bytes arrive, as seen since the last look.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    arrived: usize,
    /// Whether the last read took all there was.
    drained: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            arrived: 0,
            drained: false,
        }
    }

    /// How long to rest before the next read. Nothing where more is waiting already, or little is to be expected.
    pub(super) fn rest(&mut self) -> Option<Duration> {
        if !self.drained {
            return None;
        }
        let now = Instant::now();
        let passed = now.duration_since(self.since);
        if passed < LEAST {
            return None;
        }
        self.since = now;
        rest(std::mem::take(&mut self.arrived), passed)
    }

    /// So many bytes were read into `room`.
    pub(super) fn read(&mut self, count: usize, room: usize) {
        self.arrived += count;
        self.drained = count < room;
    }
}

/// How long to rest where so many bytes arrived in this time.
fn rest(arrived: usize, passed: Duration) -> Option<Duration> {
    let (arrived, passed) = (arrived as u128, passed.as_nanos());
    if arrived * LONGEST.as_nanos() < WORTH * passed {
        return None;
    }
    let rest = u64::try_from(ENOUGH * passed / arrived).ok()?;
    Some(Duration::from_nanos(rest).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_rest_is_as_long_as_it_takes_for_enough_to_arrive() {
        assert_eq!(rest(512 * 1024, micros(1_000)), Some(micros(125)));
        assert_eq!(rest(64 * 1024, micros(1_000)), Some(LONGEST));
        assert_eq!(rest(8 * 1024, micros(1_000)), Some(LONGEST));
        assert_eq!(rest(4 * 1024, micros(1_000)), Some(LONGEST));
    }

    #[test]
    fn what_comes_now_and_then_is_waited_for() {
        assert_eq!(rest(4 * 1024 - 1, micros(1_000)), None);
        assert_eq!(rest(0, micros(1_000)), None);
        assert_eq!(rest(100 * 1024, Duration::from_secs(1)), None);
    }

    #[test]
    fn where_more_is_waiting_there_is_no_rest() {
        let mut pace = Pace::new();
        pace.since -= LONGEST;
        pace.read(64 * 1024, 64 * 1024);
        assert_eq!(pace.rest(), None);
        pace.read(64 * 1024, 128 * 1024);
        assert!(pace.rest().is_some());
        // It starts to count anew, and nothing has arrived since.
        pace.since -= LONGEST;
        assert_eq!(pace.rest(), None);
    }
}
