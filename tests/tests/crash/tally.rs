//! What a trial met.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::strike::{Blow, Death};

/// Counts of a trial.
#[derive(Debug)]
pub(crate) struct Tally {
    began: Instant,
    /// How often a process died, by what and where.
    deaths: BTreeMap<Death, u64>,
    /// What was struck beside: the source, a sink, the disk.
    blows: BTreeMap<Blow, u64>,
    pub(crate) strikes: u64,
    pub(crate) starts: u64,
    pub(crate) resets: u64,
    /// Processes that died between the beginning of a snapshot and its end.
    pub(crate) in_snapshot: u64,
    /// Processes that died with rows of changes written and not committed.
    pub(crate) in_transaction: u64,
    pub(crate) transactions: u64,
    pub(crate) comparisons: u64,
    pub(crate) rows: u64,
    pub(crate) dead_letters: u64,
    took: Duration,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            deaths: BTreeMap::new(),
            blows: BTreeMap::new(),
            strikes: 0,
            starts: 0,
            resets: 0,
            in_snapshot: 0,
            in_transaction: 0,
            transactions: 0,
            comparisons: 0,
            rows: 0,
            dead_letters: 0,
            took: Duration::ZERO,
        }
    }

    /// A process died.
    pub(crate) fn died(&mut self, how: Death) {
        *self.deaths.entry(how).or_default() += 1;
    }

    /// Something else happened.
    pub(crate) fn struck(&mut self, what: Blow) {
        *self.blows.entry(what).or_default() += 1;
    }

    pub(crate) fn kills(&self) -> u64 {
        self.deaths.values().sum()
    }

    /// How many processes died in one of these ways.
    pub(crate) fn of(&self, which: impl Fn(Death) -> bool) -> u64 {
        let deaths = self.deaths.iter().filter(|(how, _)| which(**how));
        deaths.map(|(_, count)| count).sum()
    }

    pub(crate) fn blows(&self, of: &[Blow]) -> u64 {
        of.iter().filter_map(|blow| self.blows.get(blow)).sum()
    }

    /// The failpoints at which a process died.
    pub(crate) fn places(&self) -> impl Iterator<Item = &'static str> {
        self.deaths.keys().filter_map(|how| match how {
            Death::At(place) => Some(*place),
            Death::By(_) | Death::Stopped(_) => None,
        })
    }

    pub(crate) fn end(&mut self) {
        self.took = self.began.elapsed();
    }

    /// How long it took from its beginning to its end.
    pub(crate) fn took(&self) -> Duration {
        self.took
    }

    /// That of two trials side by side.
    pub(crate) fn add(&mut self, other: &Self) {
        for (how, count) in &other.deaths {
            *self.deaths.entry(*how).or_default() += count;
        }
        for (blow, count) in &other.blows {
            *self.blows.entry(*blow).or_default() += count;
        }
        self.strikes += other.strikes;
        self.starts += other.starts;
        self.resets += other.resets;
        self.in_snapshot += other.in_snapshot;
        self.in_transaction += other.in_transaction;
        self.transactions += other.transactions;
        self.comparisons += other.comparisons;
        self.rows += other.rows;
        self.dead_letters += other.dead_letters;
        self.took = self.took.max(other.took);
    }

    /// The counts in a line, for who waits.
    pub(crate) fn so_far(&self) -> String {
        format!(
            "{} kills in {} starts, {} of them in a snapshot, {} within a transaction, {} comparisons of {} rows, none failed, {:.0?}",
            self.kills(),
            self.starts,
            self.in_snapshot,
            self.in_transaction,
            self.comparisons,
            self.rows,
            self.began.elapsed()
        )
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (how, count) in &self.deaths {
            writeln!(f, "  {count:>5}  {how}")?;
        }
        for (what, count) in &self.blows {
            writeln!(f, "  {count:>5}  ({what})")?;
        }
        write!(
            f,
            "  {} resets, {} transactions, {} rows compared in {} comparisons, {} dead letters",
            self.resets, self.transactions, self.rows, self.comparisons, self.dead_letters
        )
    }
}
