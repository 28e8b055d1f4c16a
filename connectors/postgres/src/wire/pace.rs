//! When to let messages gather.

use std::time::{Duration, Instant};

/// So long they gather.
const NAP: Duration = Duration::from_millis(1);
/// From so many messages in a millisecond on.
const MANY: u32 = 10;
/// So long they are counted.
const WINDOW: Duration = Duration::from_millis(5);

/// A server sends each message of a stream by itself, and to be woken for each costs more than to read it. Under load,
/// a reader that has read everything sleeps for a moment, and then finds many; else it is woken at once.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    messages: u32,
    busy: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            messages: 0,
            busy: false,
        }
    }

    /// A message was read.
    #[inline]
    pub(super) fn count(&mut self) {
        self.messages = self.messages.saturating_add(1);
    }

    /// Everything that has arrived was read.
    pub(super) fn gather(&mut self) {
        self.look(self.since.elapsed());
        if self.busy {
            std::thread::sleep(NAP);
        }
    }

    fn look(&mut self, elapsed: Duration) {
        if elapsed < WINDOW {
            return;
        }
        self.busy = u128::from(self.messages) >= u128::from(MANY) * elapsed.as_millis();
        self.messages = 0;
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(messages: u32, elapsed: u64) -> bool {
        let mut pace = Pace::new();
        for _ in 0..messages {
            pace.count();
        }
        pace.look(Duration::from_millis(elapsed));
        pace.busy
    }

    #[test]
    fn messages_gather_only_under_load() {
        assert!(after(50, 5));
        assert!(!after(49, 5), "a few at a time are read at once");
        assert!(!after(1000, 4), "it is too early to tell");
        assert!(!after(1000, 400));
        assert!(!after(0, 60_000));
    }

    #[test]
    fn a_load_that_is_over_is_forgotten() {
        let mut pace = Pace::new();
        (0..100).for_each(|_| pace.count());
        pace.look(WINDOW);
        assert!(pace.busy);
        pace.look(WINDOW);
        assert!(!pace.busy);
    }
}
