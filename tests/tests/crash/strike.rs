//! What can strike the command, and where.

use std::fmt;

use connector_core::failpoint;

use crate::sink::Sink;
use crate::source::Source;
use crate::support::Random;

/// What the names of the failpoints begin with that every run passes, whatever its source and its sinks.
pub(crate) const OF_EVERY_RUN: &[&str] = &["drain.", "lock_file."];

/// How a run comes to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Strike {
    /// It aborts at a failpoint, when it passes it for this time.
    Abort { place: &'static str, pass: u64 },
    /// The disk is full at a failpoint.
    Full { place: &'static str },
    /// A signal comes at a random moment.
    Signal(Signal),
    /// Something happens to its source or its sinks, and later it is killed.
    Beside(Blow),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    Kill,
    Term,
    TermTwice,
    Int,
}

impl Signal {
    /// By the name that `kill` knows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Term | Self::TermTwice => "TERM",
            Self::Int => "INT",
        }
    }
}

/// How a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Death {
    /// It aborted at a failpoint.
    At(&'static str),
    /// A signal ended it at once.
    By(Signal),
    /// It stopped in order when a signal came.
    Stopped(Signal),
}

/// What happens beside a process, or to it without ending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Blow {
    DiskFull,
    /// The sink is held by somebody else for a while.
    SinkHeld,
    /// What the sink held is removed, or its sessions are ended.
    SinkGone,
    SourceHeld,
    SessionsEnded,
    /// The sessions are ended in the middle of a transaction, and it goes on there.
    SessionsEndedWithin,
    ServerRestarted,
    /// All its processes are ended at once.
    ServerCrashed,
    /// It is stopped, and started after a while.
    ServerDown,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(place) => write!(f, "abort at {place}"),
            Self::By(signal) => write!(f, "SIG{} at a random moment", signal.name()),
            Self::Stopped(Signal::TermTwice) => f.write_str("SIGTERM twice, stopped"),
            Self::Stopped(signal) => write!(f, "SIG{}, told and stopped", signal.name()),
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DiskFull => "disk full, told, run ended",
            Self::SinkHeld => "sink held by others",
            Self::SinkGone => "sink gone",
            Self::SourceHeld => "source held by others",
            Self::SessionsEnded => "sessions of the source ended",
            Self::SessionsEndedWithin => "sessions of the source ended within a transaction",
            Self::ServerRestarted => "server of the source restarted",
            Self::ServerCrashed => "server of the source crashed",
            Self::ServerDown => "server of the source down for a while",
        })
    }
}

/// All failpoints whose names begin with one of these.
pub(crate) fn places_of(prefixes: &[&str]) -> Vec<&'static str> {
    let lists = [
        failpoint::NAMES,
        connector_arrow::FAILPOINTS,
        connector_sqlite::FAILPOINTS,
        connector_postgres::FAILPOINTS,
    ];
    let mut all: Vec<&'static str> = lists.concat();
    all.retain(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)));
    all
}

/// The failpoints that a run of this source and these sinks passes.
pub(crate) fn failpoints(source: &dyn Source, sinks: &[&dyn Sink]) -> Vec<&'static str> {
    let mut prefixes = [OF_EVERY_RUN, source.failpoints()].concat();
    prefixes.extend(sinks.iter().flat_map(|sink| sink.failpoints()));
    places_of(&prefixes)
}

impl Strike {
    /// The first pass of a failpoint.
    pub(crate) fn at(place: &'static str) -> Self {
        Self::Abort { place, pass: 1 }
    }

    pub(crate) fn at_random(random: &mut Random, failpoints: &[&'static str]) -> Self {
        let place = *random.one_of(failpoints);
        match random.below(20) {
            0..=9 => Self::Abort {
                place,
                pass: random.below(5) + 1,
            },
            10..=11 if stores(place) => Self::Full { place },
            10..=14 => Self::Signal(Signal::Kill),
            15..=17 => {
                Self::Signal(*random.one_of(&[Signal::Term, Signal::TermTwice, Signal::Int]))
            }
            18 => Self::Beside(Blow::SinkGone),
            _ => Self::Beside(Blow::SinkHeld),
        }
    }

    /// Whether it is about a snapshot, so that there has to be one.
    pub(crate) fn is_of_snapshot(self) -> bool {
        self.place().is_some_and(|place| {
            // A stream of Arrow is made anew for a snapshot, and old files are removed after one.
            let begins = [
                "arrow.create.",
                "arrow.rename.",
                "file_sink.directory.sync.",
                "file_sink.remove.",
            ];
            place.contains("snapshot") || begins.iter().any(|begin| place.starts_with(begin))
        })
    }

    /// Whether it is about making what is there once the first run is over.
    pub(crate) fn is_of_a_new_sink(self) -> bool {
        (self.place()).is_some_and(|place| place.starts_with("file_sink.directory.make."))
    }

    fn place(self) -> Option<&'static str> {
        match self {
            Self::Abort { place, .. } | Self::Full { place } => Some(place),
            Self::Signal(_) | Self::Beside(_) => None,
        }
    }

    /// The command that meets it.
    pub(crate) fn command(self) -> &'static str {
        if self.place().is_some_and(|it| it.starts_with("lock_file.")) {
            "migrate"
        } else {
            "app run --log debug"
        }
    }

    /// What the failpoints are told to do.
    pub(crate) fn plan(self) -> String {
        match self {
            Self::Abort { place, pass } => format!("{place}={pass}:abort"),
            Self::Full { place } => format!("{place}=1:full"),
            Self::Signal(_) | Self::Beside(_) => String::new(),
        }
    }
}

/// Whether something is stored at a failpoint, so that a disk can be full there.
fn stores(place: &str) -> bool {
    let steps = [
        "state_file.",
        "jsonl.append.",
        "jsonl.sync.",
        "jsonl.cut.",
        "jsonl.snapshot.",
        "dead_letters.",
        "lock_file.",
        "sqlite_sink.",
        "postgres_sink.",
        "parquet.",
        "arrow.",
        "file_sink.",
        "sqlite_source.register.",
        "sqlite_source.boundary.",
        "sqlite_source.confirm.",
        "sqlite_source.prune.",
    ];
    steps.iter().any(|step| place.starts_with(step))
}

/// What a run was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Snapshot,
    /// Rows of changes were written and not committed.
    Transaction,
    Between,
}

impl Moment {
    /// Of a process that passed these places, one a line.
    pub(crate) fn of(trace: &str) -> Self {
        trace.lines().fold(Self::Between, |now, place| match place {
            "drain.snapshot.before" => Self::Snapshot,
            "drain.commit.after" => Self::Between,
            place if now == Self::Between && writes(place) => Self::Transaction,
            _ => now,
        })
    }
}

fn writes(place: &str) -> bool {
    let is_of_rows = !place.starts_with("dead_letters.");
    is_of_rows && (place.ends_with("write.after") || place.ends_with("append.after"))
}

#[test]
fn a_trace_tells_what_a_run_was_doing() {
    let moment = |places: &[&str]| Moment::of(&places.join("\n"));
    let snapshot = [
        "drain.snapshot.before",
        "jsonl.append.after",
        "drain.write.after",
    ];
    assert_eq!(moment(&snapshot), Moment::Snapshot);
    let stored = [
        &snapshot[..],
        &["drain.commit.before", "drain.commit.after"],
    ]
    .concat();
    assert_eq!(moment(&stored), Moment::Between);
    let rejected = [&stored[..], &["dead_letters.append.after"]].concat();
    assert_eq!(moment(&rejected), Moment::Between);
    let written = [&stored[..], &["parquet.write.after", "parquet.sync.before"]].concat();
    assert_eq!(moment(&written), Moment::Transaction);
    assert_eq!(moment(&[]), Moment::Between);
}
