//! One pair's trial: chapters of strikes while others write, and a comparison after each.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use connector_core::failpoint::{MET, PLAN, TRACE};

use crate::compare::{compare, verify};
use crate::sink::Sink;
use crate::source::{Over, Pace, Source};
use crate::strike::{Blow, Death, Moment, Signal, Strike, failpoints};
use crate::support::{Place, Random, Running, until};
use crate::tally::Tally;

/// So many strikes come before the next comparison.
const CHAPTER: usize = 40;

/// So many transactions come quickly while a strike is prepared.
const WRITTEN: u64 = 40;

/// How long a failpoint may take that the run must come to, and one that it may come to once it has begun.
const MUST: Duration = Duration::from_secs(50);
const MAY: Duration = Duration::from_millis(1500);

/// So often a strike that must come to something is tried.
const TRIES: usize = 5;

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// What a trial has to meet.
#[derive(Debug, Clone)]
pub(crate) struct Goal {
    /// So many processes are killed.
    pub(crate) kills: u64,
    /// Each of these failpoints is struck.
    pub(crate) places: Vec<&'static str>,
    /// Each of these comes to be.
    pub(crate) blows: Vec<Blow>,
    /// Whether every failpoint has to be passed.
    pub(crate) whole: bool,
}

/// One source, some sinks, and what has become of them.
pub(crate) struct Trial<'t> {
    source: &'t dyn Source,
    sinks: &'t [&'t dyn Sink],
    goal: Goal,
    seed: u64,
    random: Random,
    failpoints: Vec<&'static str>,
    /// Those that come before others at random, the first one last, and how often each was tried.
    next: Vec<(Strike, usize)>,
    drawn: usize,
    tally: Tally,
}

impl<'t> Trial<'t> {
    pub(crate) fn new(
        source: &'t dyn Source,
        sinks: &'t [&'t dyn Sink],
        goal: Goal,
        seed: u64,
    ) -> Self {
        let mut next: Vec<Strike> = goal.places.iter().copied().map(Strike::at).collect();
        next.extend(goal.blows.iter().map(|blow| match blow {
            Blow::DiskFull => Strike::Full {
                place: sinks[0].stores_at(),
            },
            blow => Strike::Beside(*blow),
        }));
        next.extend(
            [Signal::Kill, Signal::TermTwice, Signal::Int, Signal::Term].map(Strike::Signal),
        );
        Self {
            source,
            sinks,
            seed,
            random: Random::new(seed),
            failpoints: failpoints(source, sinks),
            next: next.into_iter().rev().map(|strike| (strike, 0)).collect(),
            goal,
            drawn: 0,
            tally: Tally::new(),
        }
    }

    /// Strikes until the goal is reached, and compares.
    pub(crate) fn run(mut self) -> Tally {
        configure(self.source, self.sinks);
        let place = self.source.place();
        place.done("migrate");
        // What the comparisons hold it to; another promise would need another comparison.
        assert_eq!(guarantee(place), "exactly-once");
        let mut chapter = 0;
        while !self.is_over() {
            let seed = self.seed.wrapping_mul(1_000_003) + chapter * 2;
            self.chapter(seed);
            chapter += 1;
            println!("{}: {}", self.name(), self.tally.so_far());
        }
        verify(self.source, self.sinks);
        self.everything_was_met();
        self.tally.end();
        self.tally
    }

    fn is_over(&self) -> bool {
        self.tally.kills() >= self.goal.kills && self.next.is_empty()
    }

    fn name(&self) -> String {
        let names: Vec<&str> = self.sinks.iter().map(|sink| sink.name()).collect();
        let source = self.source.name();
        format!("{source} -> {}, seed {}", names.join(" and "), self.seed)
    }

    fn chapter(&mut self, seed: u64) {
        let pace = Pace::default();
        let source = self.source;
        let made: u64 = std::thread::scope(|scope| {
            let end = Over(&pace);
            let pace = &pace;
            let writers =
                [seed, seed + 1].map(|seed| scope.spawn(move || source.change(seed, pace)));
            for _ in 0..CHAPTER {
                if self.is_over() {
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

    /// The next strike, and, where it must come to something, how often it was tried.
    fn draw(&mut self) -> (Strike, Option<usize>) {
        if let Some((strike, tries)) = self.next.pop() {
            return (strike, Some(tries));
        }
        self.drawn += 1;
        if self.source.is_server() && self.drawn.is_multiple_of(4) {
            let blows = self.source.blows();
            let blow = blows[self.drawn / 4 % blows.len()];
            return (Strike::Beside(blow), None);
        }
        let strike = match Strike::at_random(&mut self.random, &self.failpoints) {
            Strike::Beside(Blow::SinkHeld) if !self.source.is_server() => {
                let own = self.source.blows().iter();
                let blows: Vec<Blow> = own.copied().chain([Blow::SinkHeld]).collect();
                Strike::Beside(*self.random.one_of(&blows))
            }
            strike => strike,
        };
        (strike, None)
    }

    /// Lets a run begin, strikes it, and looks at what is left.
    fn round(&mut self) {
        let place = self.source.place();
        let (strike, tries) = self.draw();
        let must = tries.is_some();
        self.prepare(strike, must);
        let (plan, met, trace) = (strike.plan(), self.met(), place.file("trace"));
        let (met, trace) = (met.to_str().unwrap(), trace.to_str().unwrap());
        let variables = [(PLAN, plan.as_str()), (MET, met), (TRACE, trace)];
        let mut running = place.start_with(strike.command(), &variables);
        self.tally.starts += 1;
        self.tally.strikes += 1;
        let before = self.tally.kills();
        match strike {
            Strike::Abort { place, .. } => self.aborts(&mut running, place, must),
            Strike::Full { place } => self.is_full(&mut running, place, must),
            Strike::Signal(signal) => {
                if signal != Signal::Kill {
                    // A shell that starts the tests in the background has it ignored, until a run listens to it.
                    has_begun(&mut running);
                }
                self.wait_for_a_moment(&mut running);
                self.signal(&mut running, signal);
            }
            Strike::Beside(blow) => {
                let came = self.beside(&mut running, blow);
                if let Some(tries) = tries.filter(|_| !came) {
                    assert!(tries < TRIES, "it does not come to this: {blow}");
                    self.next.push((strike, tries + 1));
                }
            }
        }
        if self.tally.kills() > before {
            self.note_moment();
        }
        self.nothing_is_lost();
    }

    /// Brings about what the strike needs.
    fn prepare(&mut self, strike: Strike, must: bool) {
        let place = self.source.place();
        if strike.is_of_a_new_sink() {
            if self
                .sinks
                .iter()
                .all(|sink| sink.checkpoint(place).is_some())
            {
                self.sinks.iter().for_each(|sink| sink.take_away(place));
            }
            return;
        }
        let signalled = matches!(strike, Strike::Signal(_));
        if strike.is_of_snapshot() || (signalled && self.random.below(4) == 0) {
            place.done("app reset --connection shop");
            self.tally.resets += 1;
        } else if must && !self.has_changes() {
            self.ends_well("app run --once");
        }
    }

    /// Something happens beside a run, which is killed afterwards; whether it came to that.
    fn beside(&mut self, running: &mut Running, blow: Blow) -> bool {
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

    /// What the process did that has died.
    fn note_moment(&mut self) {
        let trace = std::fs::read(self.source.place().file("trace")).unwrap_or_default();
        match Moment::of(&String::from_utf8_lossy(&trace)) {
            Moment::Snapshot => self.tally.in_snapshot += 1,
            Moment::Transaction => self.tally.in_transaction += 1,
            Moment::Between => {}
        }
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
    fn aborts(&mut self, running: &mut Running, place: &'static str, must: bool) {
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
    fn is_full(&mut self, running: &mut Running, place: &str, must: bool) {
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
    fn signal(&mut self, running: &mut Running, signal: Signal) {
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

    /// What was to be struck was, in snapshots and in transactions, and no failpoint was passed that is not listed.
    fn everything_was_met(&self) {
        let listed: BTreeSet<&str> = self.failpoints.iter().copied().collect();
        let text = std::fs::read_to_string(self.met()).unwrap();
        let met: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('!')).collect();
        if self.goal.whole {
            assert_eq!(
                met, listed,
                "the failpoints that were met, and those that are listed"
            );
        }
        let unlisted: Vec<&&str> = met.difference(&listed).collect();
        assert!(unlisted.is_empty(), "passed and not listed: {unlisted:?}");
        let tally = &self.tally;
        let struck: BTreeSet<&str> = tally.places().collect();
        for place in &self.goal.places {
            assert!(struck.contains(place), "nothing was struck at {place}");
        }
        for blow in &self.goal.blows {
            assert!(tally.blows(&[*blow]) > 0, "it came not to this: {blow}");
        }
        let at_places = tally.of(|how| matches!(how, Death::At(_)));
        let killed = tally.of(|how| how == Death::By(Signal::Kill));
        let twice = tally.of(|how| {
            matches!(
                how,
                Death::By(Signal::TermTwice) | Death::Stopped(Signal::TermTwice)
            )
        });
        let counts = [at_places, killed, twice];
        assert!(
            counts.iter().all(|count| *count > 0),
            "at failpoints, by SIGKILL, by SIGTERM twice: {counts:?}"
        );
        let within = [tally.in_snapshot, tally.in_transaction];
        let least = if self.goal.whole {
            tally.kills() / 40
        } else {
            1
        };
        assert!(
            within.iter().all(|count| *count >= least),
            "of {} kills in snapshots and within transactions: {within:?}",
            tally.kills()
        );
        // Beside those that are aimed at each failpoint once.
        let others = tally.strikes - self.goal.places.len() as u64;
        let of_source = tally.blows(self.source.blows());
        assert!(
            !self.source.is_server() || of_source * 6 >= others,
            "{of_source} of {others} strikes hit the server of the source"
        );
    }
}

/// Makes what is read, and the configuration.
pub(crate) fn configure(source: &dyn Source, sinks: &[&dyn Sink]) {
    let lines = sinks.iter().map(|sink| sink.configuration());
    source.begin(&lines.collect::<String>());
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
