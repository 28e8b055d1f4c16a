//! What can strike the command, and where.

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
    Signal(&'static str),
    /// Its source is struck, and later it is killed.
    Source,
    /// A sink is held by another process for a while, and the run killed in that time or after it.
    Locked,
}

/// All failpoints whose names begin with one of these.
pub(crate) fn places_of(prefixes: &[&str]) -> Vec<&'static str> {
    let lists = [
        failpoint::NAMES,
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
    pub(crate) fn at_random(random: &mut Random, failpoints: &[&'static str]) -> Self {
        let place = *random.one_of(failpoints);
        match random.below(20) {
            0..=9 => Self::Abort {
                place,
                pass: random.below(5) + 1,
            },
            10..=11 if stores(place) => Self::Full { place },
            10..=15 => Self::Signal("KILL"),
            16..=17 => Self::Signal(["TERM", "INT"][usize::from(random.below(2) == 0)]),
            18 => Self::Source,
            _ => Self::Locked,
        }
    }

    /// Whether it is about a snapshot, so that there has to be one.
    pub(crate) fn is_of_snapshot(self) -> bool {
        match self {
            Self::Abort { place, .. } | Self::Full { place } => place.contains("snapshot"),
            _ => false,
        }
    }

    /// The command that meets it.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Abort { place, .. } | Self::Full { place } if place.starts_with("lock_file.") => {
                "migrate"
            }
            _ => "app run --log debug",
        }
    }

    /// What the failpoints are told to do.
    pub(crate) fn plan(self) -> String {
        match self {
            Self::Abort { place, pass } => format!("{place}={pass}:abort"),
            Self::Full { place } => format!("{place}=1:full"),
            _ => String::new(),
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
        "sqlite_source.register.",
        "sqlite_source.boundary.",
        "sqlite_source.confirm.",
        "sqlite_source.prune.",
    ];
    steps.iter().any(|step| place.starts_with(step))
}
