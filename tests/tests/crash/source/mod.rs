//! Sources that others change at random while the command is struck down.

mod postgres;
mod sqlite;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::sink::Sink;
use crate::strike::Blow;
use crate::support::{Bag, Place, Random, Running};

pub(crate) use postgres::PostgresDatabase;
pub(crate) use sqlite::SqliteShop;

/// A table of a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of its primary key.
    pub(crate) key: &'static [&'static str],
}

/// What the amounts of all rows of `account` add up to after every transaction.
pub(crate) const SUM: &str = "5000";

/// A source of a trial. Its connection is called `shop`, and one of its tables is `account`.
pub(crate) trait Source: Sync {
    fn name(&self) -> String;

    /// What the names of its failpoints begin with.
    fn failpoints(&self) -> &'static [&'static str];

    /// Where the configuration is.
    fn place(&self) -> &Place;

    fn tables(&self) -> &'static [Table];

    /// Makes the tables, and the configuration with these sinks.
    fn begin(&self, sinks: &str);

    /// Changes the tables at random until it is over; how many transactions it made.
    fn change(&self, seed: u64, pace: &Pace) -> u64;

    /// The rows of a table that a sink is to hold.
    fn rows(&self, table: &Table) -> Bag;

    /// The positions of changes that are kept elsewhere than in a sink, as dead letters.
    fn elsewhere(&self) -> BTreeSet<(u64, u64)> {
        BTreeSet::new()
    }

    /// Fails where the source was told that it may forget what lies after this checkpoint.
    fn check_confirmed(&self, stored: &Value);

    /// What can happen to the source itself.
    fn blows(&self) -> &'static [Blow];

    /// Whether it is a server: every fourth strike is for it then.
    fn is_server(&self) -> bool {
        false
    }

    /// Strikes the source itself, below a command that runs, whose sink is one of these; whether it came to that.
    fn strike(
        &self,
        blow: Blow,
        sinks: &[&dyn Sink],
        random: &mut Random,
        running: &mut Running,
    ) -> bool;
}

/// How fast the writers may be: a machine that is busy elsewhere must not be left ever further behind.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    over: AtomicBool,
    granted: AtomicU64,
}

impl Pace {
    /// Lets the writers make so many transactions quickly.
    pub(crate) fn grant(&self, transactions: u64) {
        self.granted.store(transactions, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Waits between two transactions: for long when what was granted is used up.
    pub(crate) fn wait(&self, random: &mut Random) {
        let take = |granted: u64| granted.checked_sub(1);
        let granted = (self.granted).fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        let most = if granted.is_ok() { 20 } else { 400 };
        std::thread::sleep(Duration::from_millis(random.below(most)));
    }
}

/// Ends the writers also when the test fails.
#[derive(Debug)]
pub(crate) struct Over<'o>(pub(crate) &'o Pace);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
