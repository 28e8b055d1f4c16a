//! Sinks, as their files show them after the command is gone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::source::Table;
use crate::support::{self, Bag, Place, Writer, bag, json_rows, sqlite};

/// A sink of a trial. To add one: its line of the configuration, how its checkpoint and its rows are read back, and the
/// beginnings of the names of its failpoints.
pub(crate) trait Sink: Sync {
    /// As it is in the configuration.
    fn name(&self) -> &'static str;

    /// Its line of the configuration.
    fn configuration(&self) -> &'static str;

    /// What the names of its failpoints begin with.
    fn failpoints(&self) -> &'static [&'static str];

    /// The checkpoint that it has stored.
    fn checkpoint(&self, place: &Place) -> Option<Value>;

    /// The rows of a table that it tells.
    fn rows(&self, place: &Place, table: &Table) -> Bag;

    /// Fails where a position is there twice, or one is missing that is not `elsewhere`.
    fn check(&self, _place: &Place, _tables: &[Table], _elsewhere: &BTreeSet<(u64, u64)>) {}

    /// Fails where it shows a part of a transaction, at a moment when no run is.
    fn check_whole(&self, _place: &Place) {}

    /// Holds up its writer; it is free again when what is given is dropped.
    fn lock(&self, _place: &Place) -> Option<Writer> {
        None
    }
}

/// `!Sqlite`.
#[derive(Debug)]
pub(crate) struct SqliteFile;

impl Sink for SqliteFile {
    fn name(&self) -> &'static str {
        "!Sqlite"
    }

    fn configuration(&self) -> &'static str {
        "  - { name: copy, config: !Sqlite { path: copy.db } }\n"
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["sqlite_sink."]
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        if !place.file("copy.db").exists() || !has(place, "_dozer_sink") {
            return None;
        }
        let text = place.sqlite("copy.db", "SELECT checkpoint FROM _dozer_sink");
        serde_json::from_str(&text).ok()
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        let sql = format!("SELECT * FROM {}", table.name);
        bag(json_rows(&place.file("copy.db"), &sql))
    }

    fn check_whole(&self, place: &Place) {
        if place.file("copy.db").exists() && has(place, "account") {
            let sum = place.sqlite("copy.db", "SELECT sum(amount) FROM account");
            let whole = ["", crate::source::SUM].contains(&sum.trim());
            assert!(whole, "a part of a transfer is visible: the sum is {sum}");
        }
    }

    fn lock(&self, place: &Place) -> Option<Writer> {
        let held = place.file("copy.db").exists() && has(place, "_dozer_sink");
        held.then(|| {
            let mut writer = Writer::start(&place.file("copy.db"));
            writer.write("BEGIN IMMEDIATE;\n");
            writer
        })
    }
}

fn has(place: &Place, table: &str) -> bool {
    let sql = format!("SELECT 1 FROM sqlite_schema WHERE name = '{table}'");
    !sqlite(&place.file("copy.db"), &sql).is_empty()
}

/// `!Jsonl`.
#[derive(Debug)]
pub(crate) struct Lines;

impl Sink for Lines {
    fn name(&self) -> &'static str {
        "!Jsonl"
    }

    fn configuration(&self) -> &'static str {
        support::JSONL
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["jsonl.", "state_file."]
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        let file = place.file("out/shop.state.json");
        let text = std::fs::read_to_string(file).ok()?;
        let state: Value = serde_json::from_str(&text).expect("a state file is never torn");
        Some(state["state"]["checkpoint"].clone())
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        support::Lines::read(&place.file("out"), &[table.name]).folded_by(table.name, table.key)
    }

    fn check(&self, place: &Place, tables: &[Table], elsewhere: &BTreeSet<(u64, u64)>) {
        let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
        let lines = support::Lines::read(&place.file("out"), &names);
        lines.positions_are_right_without(elsewhere);
    }
}
