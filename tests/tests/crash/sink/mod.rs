//! Sinks, as their files show them after the command is gone.

mod files;
mod lines;
mod postgres;
mod sqlite;

use std::any::Any;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::source::Table;
use crate::support::{Bag, Place};

pub(crate) use files::{ArrowFiles, ParquetFiles};
pub(crate) use lines::Lines;
pub(crate) use postgres::PostgresSchema;
pub(crate) use sqlite::SqliteFile;

/// A sink of a trial. To add one: its line of the configuration, how its checkpoint and its rows are read back, and the
/// beginnings of the names of its failpoints.
pub(crate) trait Sink: Sync {
    /// As it is in the configuration.
    fn name(&self) -> &'static str;

    /// Its line of the configuration.
    fn configuration(&self) -> String;

    /// What the names of its failpoints begin with.
    fn failpoints(&self) -> &'static [&'static str];

    /// The failpoint that every commit of rows passes just before it stores them.
    fn stores_at(&self) -> &'static str;

    /// The checkpoint that it has stored.
    fn checkpoint(&self, place: &Place) -> Option<Value>;

    /// The rows of a table that it tells.
    fn rows(&self, place: &Place, table: &Table) -> Bag;

    /// Fails where a position is there twice, or one is missing that is not `elsewhere`.
    fn check(&self, _place: &Place, _tables: &[Table], _elsewhere: &BTreeSet<(u64, u64)>) {}

    /// Fails where it shows a part of a transaction, at a moment when no run is.
    fn check_whole(&self, _place: &Place) {}

    /// Takes it away from a run that has opened it: what it held is gone, or nobody can reach it for a moment.
    fn take_away(&self, place: &Place);

    /// Holds up its writer; it is free again when what is given is dropped.
    fn hold(&self, _place: &Place) -> Option<Box<dyn Any>> {
        None
    }

    /// Whether `app verify` reads it back.
    fn is_read_back(&self) -> bool {
        true
    }
}

/// Removes a directory into which a run may just be writing, in one step for the run.
fn remove_directory(directory: &Path) {
    let gone = directory.with_extension("gone");
    std::fs::rename(directory, &gone).unwrap();
    let removals = std::iter::repeat_with(|| std::fs::remove_dir_all(&gone));
    assert!(removals.take(100).any(|removed| removed.is_ok()));
}

/// Fails where the amounts of the accounts do not add up to what they do after every transaction.
fn sum_is_whole(sum: Option<&str>) {
    let whole = sum.is_none_or(|sum| sum == crate::source::SUM);
    assert!(whole, "a part of a transfer is visible: the sum is {sum:?}");
}
