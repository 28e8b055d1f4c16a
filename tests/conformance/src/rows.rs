//! The rows of several tables, printed and counted, to be compared with others.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use connector_core::Field;

use crate::outcome::Failure;

/// By table, how many of each row there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows(BTreeMap<String, BTreeMap<String, usize>>);

/// How many rows a message shows.
const SHOWN: usize = 4;

impl Rows {
    pub(crate) fn add(&mut self, table: &str, row: &[Field]) {
        let rows = self.0.entry(table.to_owned()).or_default();
        *rows.entry(printed(row)).or_default() += 1;
    }

    /// How many rows there are, all in all.
    pub(crate) fn count(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    /// Fails with the rows that are missing of `self`, and those that are more than it has.
    pub(crate) fn must_be(&self, told: &Self) -> Result<(), Failure> {
        let mut message = String::new();
        for (what, left, right) in [("missing", self, told), ("not in the source", told, self)] {
            for (table, rows) in &left.0 {
                let other = right.0.get(table);
                let more = |(row, count): (&String, &usize)| {
                    let found = other.and_then(|rows| rows.get(row)).copied().unwrap_or(0);
                    (found < *count).then(|| row.clone())
                };
                let found: Vec<String> = rows.iter().filter_map(more).collect();
                if found.is_empty() {
                    continue;
                }
                let shown = found.iter().take(SHOWN).cloned().collect::<Vec<_>>();
                // Writing to a `String` cannot fail.
                let _ = write!(
                    message,
                    "{}table `{table}`: {} rows are {what}: {}{}",
                    if message.is_empty() { "" } else { "; " },
                    found.len(),
                    shown.join(", "),
                    if found.len() > SHOWN { ", …" } else { "" }
                );
            }
        }
        if message.is_empty() {
            Ok(())
        } else {
            Err(Failure::new(message))
        }
    }
}

/// A row as messages show it: long values are cut, with a hash of the whole, so that no two rows look alike.
pub(crate) fn printed(row: &[Field]) -> String {
    let value = |field: &Field| {
        let whole = format!("{field:?}");
        if whole.len() <= 80 {
            return whole;
        }
        let hash = connector_core::Fingerprint::new().text(&whole).finish();
        let start: String = whole.chars().take(32).collect();
        format!("{start}… ({} bytes, {hash:016x})", whole.len())
    };
    format!("({})", row.iter().map(value).collect::<Vec<_>>().join(", "))
}
