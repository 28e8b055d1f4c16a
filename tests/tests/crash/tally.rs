//! What a trial met, to be printed at its end.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

/// Counts of a trial.
#[derive(Debug)]
pub(crate) struct Tally {
    began: Instant,
    /// How often a process died, by what and where.
    kills: BTreeMap<String, u64>,
    /// What was struck beside: the source, a sink, the disk.
    blows: BTreeMap<String, u64>,
    pub(crate) starts: u64,
    pub(crate) resets: u64,
    pub(crate) in_snapshot: u64,
    pub(crate) transactions: u64,
    pub(crate) comparisons: u64,
    pub(crate) rows: u64,
    pub(crate) dead_letters: u64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            kills: BTreeMap::new(),
            blows: BTreeMap::new(),
            starts: 0,
            resets: 0,
            in_snapshot: 0,
            transactions: 0,
            comparisons: 0,
            rows: 0,
            dead_letters: 0,
        }
    }

    /// A process died.
    pub(crate) fn killed(&mut self, how: impl Into<String>) {
        *self.kills.entry(how.into()).or_default() += 1;
    }

    /// Something else happened to it.
    pub(crate) fn struck(&mut self, what: impl Into<String>) {
        *self.blows.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn kills(&self) -> u64 {
        self.kills.values().sum()
    }

    /// Whether a process died that way.
    pub(crate) fn has(&self, how: &str) -> bool {
        self.kills.contains_key(how)
    }

    /// The counts in a line, for who waits.
    pub(crate) fn so_far(&self) -> String {
        format!(
            "{} kills in {} starts, {} of them in a snapshot, {} comparisons of {} rows, none failed, {:.0?}",
            self.kills(),
            self.starts,
            self.in_snapshot,
            self.comparisons,
            self.rows,
            self.began.elapsed()
        )
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} kills in {} starts, {} of them in a snapshot, {} resets, in {:.0?}",
            self.kills(),
            self.starts,
            self.in_snapshot,
            self.resets,
            self.began.elapsed()
        )?;
        for (how, count) in &self.kills {
            writeln!(f, "  {count:>5}  {how}")?;
        }
        for (what, count) in &self.blows {
            writeln!(f, "  {count:>5}  ({what})")?;
        }
        write!(
            f,
            "  {} transactions, {} rows compared in {} comparisons, {} dead letters; failures: none",
            self.transactions, self.rows, self.comparisons, self.dead_letters
        )
    }
}
