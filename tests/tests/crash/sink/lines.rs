//! `!Jsonl`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Sink, remove_directory};
use crate::source::Table;
use crate::support::{self, Bag, Place};

#[derive(Debug)]
pub(crate) struct Lines;

impl Sink for Lines {
    fn name(&self) -> &'static str {
        "!Jsonl"
    }

    fn configuration(&self) -> String {
        support::JSONL.to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["jsonl.", "state_file."]
    }

    fn stores_at(&self) -> &'static str {
        "jsonl.sync.before"
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

    fn take_away(&self, place: &Place) {
        remove_directory(&place.file("out"));
    }

    fn is_read_back(&self) -> bool {
        false
    }
}
