//! Sources that others change at random while the command is struck down.

mod postgres;
mod sqlite;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

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

    /// Changes the tables at random until it is told that it is over; how many transactions it made.
    fn change(&self, seed: u64, over: &AtomicBool) -> u64;

    /// The rows of a table that a sink is to hold.
    fn rows(&self, table: &Table) -> Bag;

    /// The positions of changes that are kept elsewhere than in a sink, as dead letters.
    fn elsewhere(&self) -> BTreeSet<(u64, u64)> {
        BTreeSet::new()
    }

    /// Fails where the source was told that it may forget what lies after this checkpoint.
    fn check_confirmed(&self, stored: &Value);

    /// Strikes the source itself, below a command that runs; what it did.
    fn strike(&self, random: &mut Random, running: &mut Running) -> &'static str;
}

/// Ends the writers also when the test fails.
#[derive(Debug)]
pub(crate) struct Over<'o>(pub(crate) &'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
