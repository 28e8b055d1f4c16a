//! One pair's trial: chapters of strikes while others write, and a comparison after each.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use connector_core::failpoint::{MET, PLAN};

use crate::sink::Sink;
use crate::source::{Over, Pace, Source};
use crate::strike::{Strike, failpoints};
use crate::support::{Bag, Place, Random, Running, until};
use crate::tally::Tally;

/// So many strikes come before the next comparison.
const CHAPTER: usize = 40;

/// So many transactions come quickly while a strike is prepared.
const WRITTEN: u64 = 40;

/// How long a failpoint may take that the run must come to, and one that it may come to once it has begun.
const MUST: Duration = Duration::from_secs(50);
const MAY: Duration = Duration::from_millis(1500);

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// One source, some sinks, and what has become of them.
pub(crate) struct Trial<'t> {
    source: &'t dyn Source,
    sinks: &'t [&'t dyn Sink],
    seed: u64,
    random: Random,
    failpoints: Vec<&'static str>,
    /// Those that are to be struck before others are struck at random.
    next: Vec<&'static str>,
    tally: Tally,
}

impl<'t> Trial<'t> {
    pub(crate) fn new(source: &'t dyn Source, sinks: &'t [&'t dyn Sink], seed: u64) -> Self {
        let failpoints = failpoints(source, sinks);
        Self {
            source,
            sinks,
            seed,
            random: Random::new(seed),
            next: failpoints.iter().rev().copied().collect(),
            failpoints,
            tally: Tally::new(),
        }
    }

    /// Strikes until so many processes were killed, and compares.
    pub(crate) fn run(mut self, kills: u64) {
        configure(self.source, self.sinks);
        let place = self.source.place();
        place.done("migrate");
        let guarantee = guarantee(place);
        // What the comparisons hold it to; another promise would need another comparison.
        assert_eq!(guarantee, "exactly-once");
        let mut chapter = 0;
        while self.tally.kills() < kills || !self.next.is_empty() {
            let seed = self.seed.wrapping_mul(1_000_003) + chapter * 2;
            self.chapter(seed, kills);
            chapter += 1;
            println!("{}: {}", self.name(), self.tally.so_far());
        }
        self.everything_was_met();
        println!("{}, promised {guarantee}:\n  {}", self.name(), self.tally);
    }

    fn name(&self) -> String {
        let names: Vec<&str> = self.sinks.iter().map(|sink| sink.name()).collect();
        let source = self.source.name();
        format!("{source} -> {}, seed {}", names.join(" and "), self.seed)
    }

    fn chapter(&mut self, seed: u64, kills: u64) {
        let pace = Pace::default();
        let source = self.source;
        let made: u64 = std::thread::scope(|scope| {
            let end = Over(&pace);
            let pace = &pace;
            let writers =
                [seed, seed + 1].map(|seed| scope.spawn(move || source.change(seed, pace)));
            for _ in 0..CHAPTER {
                if self.tally.kills() >= kills && self.next.is_empty() {
                    break;
                }
                pace.grant(WRITTEN);
                self.round();
            }
            drop(end);
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .sum()
        });
        self.tally.transactions += made;
        self.ends_well("app run --once");
        let compared = compare(self.source, self.sinks);
        self.tally.comparisons += 1;
        self.tally.rows += compared.rows;
        self.tally.dead_letters = compared.dead_letters;
    }

    /// Lets a run begin, strikes it, and looks at what is left.
    fn round(&mut self) {
        let place = self.source.place();
        let must = self.next.pop();
        let strike = match must {
            Some(place) => Strike::Abort { place, pass: 1 },
            None => Strike::at_random(&mut self.random, &self.failpoints),
        };
        let signalled = matches!(strike, Strike::Signal(_));
        if strike.is_of_snapshot() || (signalled && self.random.below(4) == 0) {
            place.done("app reset --connection shop");
            self.tally.resets += 1;
        } else if must.is_some() && !self.has_changes() {
            self.ends_well("app run --once");
        }
        let (plan, met) = (strike.plan(), self.met());
        let met = met.to_str().unwrap();
        let mut running = place.start_with(strike.command(), &[(PLAN, &plan), (MET, met)]);
        self.tally.starts += 1;
        match strike {
            Strike::Abort { place, .. } => self.aborts(&mut running, place, must.is_some()),
            Strike::Full { place } => self.is_full(&mut running, place),
            Strike::Signal(signal) => {
                self.wait_for_a_moment(&mut running);
                self.signal(&mut running, signal);
            }
            Strike::Source => {
                self.wait_for_a_moment(&mut running);
                let what = self.source.strike(&mut self.random, &mut running);
                self.tally.struck(what);
                self.wait_for_a_moment(&mut running);
                self.signal(&mut running, "KILL");
            }
            Strike::Locked => {
                self.wait_for_a_moment(&mut running);
                let sink = *self.random.one_of(self.sinks);
                let held = sink.lock(place);
                if held.is_some() {
                    self.tally.struck("sink locked for a while");
                }
                std::thread::sleep(Duration::from_millis(self.random.below(600)));
                if self.random.below(2) == 0 {
                    drop(held);
                    self.wait_for_a_moment(&mut running);
                }
                self.signal(&mut running, "KILL");
            }
        }
        let err = running.err();
        let told = |words| err.contains(words);
        let in_snapshot = told("shop: snapshot started at ") && !told("shop: snapshot done at ");
        self.tally.in_snapshot += u64::from(in_snapshot);
        self.nothing_is_lost();
    }

    fn met(&self) -> PathBuf {
        self.source.place().file("met")
    }

    /// Whether all sinks are past their snapshot.
    fn has_changes(&self) -> bool {
        let place = self.source.place();
        let mut stored = self.sinks.iter().map(|sink| sink.checkpoint(place));
        stored.all(|stored| stored.is_some_and(|stored| stored["phase"] == "changes"))
    }

    /// The run aborts at the failpoint; where it does not need to, it is killed after a while.
    fn aborts(&mut self, running: &mut Running, place: &str, must: bool) {
        let patience = if must { MUST } else { MAY };
        if !must {
            has_begun(running);
        }
        match ends_within(running, patience) {
            Some(status) if status.signal() == Some(SIGABRT) => {
                self.tally.killed(format!("abort at {place}"));
            }
            // A command that comes to its end by itself did not pass the failpoint so often.
            Some(status) => assert!(
                !must && status.success(),
                "{place} was to be met, and it ended with {status}:\n{}",
                running.err()
            ),
            None => {
                assert!(!must, "{place} is not met:\n{}", running.err());
                self.signal(running, "KILL");
            }
        }
    }

    /// The disk is full at the failpoint: the run says so and ends, unless it does not come there in time.
    fn is_full(&mut self, running: &mut Running, place: &str) {
        has_begun(running);
        let Some(status) = ends_within(running, MAY) else {
            self.signal(running, "KILL");
            return;
        };
        let err = running.err();
        if status.success() {
            return;
        }
        let said = err.contains("no space left on device");
        let code = if place.starts_with("lock_file.") {
            2
        } else {
            4
        };
        assert!(
            said && status.code() == Some(code),
            "without room at {place} it ended with {status}:\n{err}"
        );
        self.tally.struck("disk full, told, run ended");
    }

    /// Waits for a random moment of a run: of any, of the snapshot, or of the changes.
    fn wait_for_a_moment(&mut self, running: &mut Running) {
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
    fn signal(&mut self, running: &mut Running, signal: &str) {
        if running.has_ended().is_none() {
            running.signal(signal);
        }
        let status = running.ended();
        match (status.code(), status.signal()) {
            (None, Some(_)) if signal == "KILL" => self.tally.killed("SIGKILL at a random moment"),
            // Before a run begins, a signal ends the process as it ends any.
            (None, Some(_)) => self.tally.killed(format!("SIG{signal} at a random moment")),
            (Some(130), _) => self.tally.killed(format!("SIG{signal}, told and stopped")),
            // The source was not to be reached, and had not been yet.
            (Some(4), _) if running.err().contains("cannot connect to") => {
                self.tally.struck("run ended, source not reached yet");
            }
            _ => panic!(
                "it ended with {status} before SIG{signal}:\n{}",
                running.err()
            ),
        }
    }

    /// Nothing is confirmed to the source that a sink has not stored, and no sink shows a part of a transaction.
    fn nothing_is_lost(&self) {
        let place = self.source.place();
        for sink in self.sinks {
            if let Some(stored) = sink.checkpoint(place) {
                self.source.check_confirmed(&stored);
            }
            sink.check_whole(place);
        }
    }

    /// Runs a command to its end, and notes what it passes.
    fn ends_well(&mut self, arguments: &str) {
        let place = self.source.place();
        let met = self.met();
        let running = place.start_with(arguments, &[(MET, met.to_str().unwrap())]);
        let ran = running.finish(place.path());
        assert_eq!(ran.code, Some(0), "`dozer {arguments}`: {ran}");
        self.tally.starts += 1;
    }

    /// Every failpoint was struck, and none was passed that is not listed.
    fn everything_was_met(&self) {
        let listed: BTreeSet<&str> = self.failpoints.iter().copied().collect();
        let text = std::fs::read_to_string(self.met()).unwrap();
        let met: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('!')).collect();
        assert_eq!(
            met, listed,
            "the failpoints that were met, and those that are listed"
        );
        for place in &self.failpoints {
            let struck = self.tally.has(&format!("abort at {place}"));
            assert!(struck, "nothing was struck at {place}");
        }
    }
}

/// Makes what is read, and the configuration.
pub(crate) fn configure(source: &dyn Source, sinks: &[&dyn Sink]) {
    let lines = sinks.iter().map(|sink| sink.configuration());
    source.begin(&lines.collect::<String>());
}

/// What a comparison has looked at.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    rows: u64,
    dead_letters: u64,
}

/// Fails unless every sink holds what the source holds, row by row.
pub(crate) fn compare(source: &dyn Source, sinks: &[&dyn Sink]) -> Compared {
    let place = source.place();
    let elsewhere = source.elsewhere();
    let mut compared = Compared {
        dead_letters: elsewhere.len() as u64,
        ..Compared::default()
    };
    for table in source.tables() {
        let expected = source.rows(table);
        for sink in sinks {
            let found = sink.rows(place, table);
            assert!(
                found == expected,
                "{} does not hold `{}`: {}",
                sink.name(),
                table.name,
                difference(&expected, &found)
            );
            compared.rows += found.values().map(|count| *count as u64).sum::<u64>();
        }
    }
    for sink in sinks {
        sink.check(place, source.tables(), &elsewhere);
    }
    compared
}

/// What a run guarantees, as the command says.
fn guarantee(place: &Place) -> String {
    let listed = place.done("connector ls --format json").json();
    let guarantee = &listed["connections"][0]["guarantee"];
    guarantee
        .as_str()
        .unwrap_or_else(|| panic!("{listed}"))
        .to_owned()
}

/// Waits until a run has opened its source and its sinks, or is over.
fn has_begun(running: &mut Running) {
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

/// Some rows of which there are not equally many.
fn difference(expected: &Bag, found: &Bag) -> String {
    let rows: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let count = |bag: &Bag, row: &String| bag.get(row).copied().unwrap_or_default();
    let differ = rows
        .into_iter()
        .filter(|row| count(expected, row) != count(found, row));
    let lines = differ.take(5).map(|row| {
        let (wanted, is) = (count(expected, row), count(found, row));
        format!("\n  {is} times instead of {wanted}: {row}")
    });
    lines.collect()
}
