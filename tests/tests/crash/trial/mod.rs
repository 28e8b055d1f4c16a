//! One pair's trial: chapters of strikes while others write, and a comparison after each.

mod ways;

use std::collections::BTreeSet;
use std::path::PathBuf;

use connector_core::failpoint::{MET, PLAN, TRACE};

use crate::compare::{compare, verify};
use crate::sink::Sink;
use crate::source::{Over, Pace, Source};
use crate::strike::{Blow, Death, Moment, Signal, Strike, failpoints};
use crate::support::{Place, Random};
use crate::tally::Tally;

use self::ways::has_begun;

/// So many strikes come before the next comparison.
const CHAPTER: usize = 40;

/// So many transactions come quickly while a strike is prepared.
const WRITTEN: u64 = 40;

/// So often a strike that must come to something is tried.
const TRIES: usize = 5;

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
