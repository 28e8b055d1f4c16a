//! The ways in which a run is struck, and what it has to say then.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use super::Trial;
use crate::strike::{Blow, Death, Signal};
use crate::support::{Running, until};

/// How long a failpoint may take that the run must come to, and one that it may come to once it has begun.
const MUST: Duration = Duration::from_secs(50);
const MAY: Duration = Duration::from_millis(1500);

/// The signal of `abort`.
const SIGABRT: i32 = 6;

impl Trial<'_> {
    /// Something happens beside a run, which is killed afterwards; whether it came to that.
    pub(super) fn beside(&mut self, running: &mut Running, blow: Blow) -> bool {
        let place = self.source.place();
        let sink = *self.random.one_of(self.sinks);
        let mut held = None;
        let came = match blow {
            Blow::SinkHeld => {
                self.wait_for_a_moment(running);
                held = sink.hold(place);
                let came = held.is_some();
                std::thread::sleep(Duration::from_millis(self.random.below(600)));
                // Sometimes it is killed while it waits.
                if self.random.below(2) == 0 {
                    held = None;
                    self.wait_for_a_moment(running);
                }
                came
            }
            Blow::SinkGone => {
                Self::wait_for(running, "shop: stored up to ");
                let there = sink.checkpoint(place).is_some() && running.has_ended().is_none();
                if there {
                    sink.take_away(place);
                }
                self.wait_for_a_moment(running);
                there
            }
            blow => {
                self.wait_for_a_moment(running);
                let source = self.source;
                let came = source.strike(blow, self.sinks, &mut self.random, running);
                self.wait_for_a_moment(running);
                came
            }
        };
        if came {
            self.tally.struck(blow);
        }
        if running.has_ended().is_some() && blow == Blow::SinkGone {
            let code = running.ended().code();
            assert_eq!(code, Some(4), "{}", running.err());
            assert!(running.err().contains("help: "), "{}", running.err());
        } else {
            self.signal(running, Signal::Kill);
        }
        drop(held);
        came
    }

    /// The run aborts at the failpoint; where it does not need to, it is killed after a while.
    pub(super) fn aborts(&mut self, running: &mut Running, place: &'static str, must: bool) {
        let patience = if must { MUST } else { MAY };
        if !must {
            has_begun(running);
        }
        match ends_within(running, patience) {
            Some(status) if status.signal() == Some(SIGABRT) => {
                self.tally.died(Death::At(place));
            }
            // A command that comes to its end by itself did not pass the failpoint so often.
            Some(status) => assert!(
                !must && status.success(),
                "{place} was to be met, and it ended with {status}:\n{}",
                running.err()
            ),
            None => {
                assert!(!must, "{place} is not met:\n{}", running.err());
                self.signal(running, Signal::Kill);
            }
        }
    }

    /// The disk is full at the failpoint: the run says so, unless it does not come there in time, and ends, or tries again.
    pub(super) fn is_full(&mut self, running: &mut Running, place: &str, must: bool) {
        has_begun(running);
        let (began, patience) = (Instant::now(), if must { MUST } else { MAY });
        let told = until("a run without room, or the end of patience", || {
            let told = running.err().contains("no space left on device");
            let over = running.has_ended().is_some() || began.elapsed() > patience;
            (told || over).then_some(told)
        });
        assert!(told || !must, "{place} is not met:\n{}", running.err());
        if !told {
            // A command that comes to its end by itself did not pass the failpoint.
            if running.has_ended().is_none_or(|status| !status.success()) {
                self.signal(running, Signal::Kill);
            }
            return;
        }
        self.tally.struck(Blow::DiskFull);
        let Some(status) = ends_within(running, MAY / 3) else {
            self.signal(running, Signal::Kill);
            return;
        };
        let code = if place.starts_with("lock_file.") {
            2
        } else {
            4
        };
        assert!(
            status.code() == Some(code),
            "without room at {place} it ended with {status}:\n{}",
            running.err()
        );
    }

    /// Waits for a random moment of a run: of any, of the snapshot, or of the changes.
    pub(super) fn wait_for_a_moment(&mut self, running: &mut Running) {
        let most = match self.random.below(3) {
            0 => 300,
            1 => {
                Self::wait_for(running, "shop: snapshot started at ");
                60
            }
            _ => {
                Self::wait_for(running, "shop: stored up to ");
                300
            }
        };
        std::thread::sleep(Duration::from_micros(self.random.below(most * 1000)));
    }

    /// Waits for these words, but not for long: they may never come.
    fn wait_for(running: &mut Running, words: &str) {
        has_begun(running);
        let began = Instant::now();
        while !running.err().contains(words)
            && running.has_ended().is_none()
            && began.elapsed() < MAY
        {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends a run by a signal.
    pub(super) fn signal(&mut self, running: &mut Running, signal: Signal) {
        if running.has_ended().is_none() {
            running.signal(signal.name());
        }
        if signal == Signal::TermTwice && running.has_ended().is_none() {
            std::thread::sleep(Duration::from_micros(self.random.below(3000)));
            running.signal(signal.name());
        }
        let status = running.ended();
        match (status.code(), status.signal()) {
            (None, Some(_)) => self.tally.died(Death::By(signal)),
            (Some(130), _) => self.tally.died(Death::Stopped(signal)),
            // The source was not to be reached, and had not been yet.
            (Some(4), _) if running.err().contains("cannot connect to") => {}
            // It came to the full disk at the end of our patience.
            (Some(2 | 4), _) if running.err().contains("no space left on device") => {
                self.tally.struck(Blow::DiskFull);
            }
            _ => panic!(
                "it ended with {status} before {signal:?}:\n{}",
                running.err()
            ),
        }
    }
}

/// Waits until a run has opened its source and its sinks, or is over.
pub(super) fn has_begun(running: &mut Running) {
    until("the beginning of a run", || {
        let err = running.err();
        let begun = err.contains("shop: starts at") || err.contains("shop: goes on from");
        (begun || running.has_ended().is_some()).then_some(())
    });
}

fn ends_within(running: &mut Running, patience: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    until("the end of a run, or of patience", || {
        let ended = running.has_ended();
        (ended.is_some() || began.elapsed() > patience).then_some(ended)
    })
}
