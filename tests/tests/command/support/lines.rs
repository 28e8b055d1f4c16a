//! What `!Jsonl` wrote: read back, folded into the rows that it tells, and held to the rules of positions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::json_rows;

/// Rows and how many there are of each.
pub(crate) type Bag = BTreeMap<String, usize>;

/// Rows as a bag.
pub(crate) fn bag(rows: impl IntoIterator<Item = Map<String, Value>>) -> Bag {
    let mut bag = Bag::new();
    for row in rows {
        *bag.entry(Value::Object(row).to_string()).or_default() += 1;
    }
    bag
}

/// The rows of a table as `sqlite3` prints them.
pub(crate) fn rows_of(database: &Path, table: &str) -> Bag {
    bag(json_rows(database, &format!("SELECT * FROM \"{table}\"")))
}

/// Each part of a snapshot numbers its rows on from a multiple of this.
const PART: u64 = 1 << 40;

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) op: String,
    pub(crate) lsn: u64,
    pub(crate) seq: u64,
    pub(crate) before: Option<Map<String, Value>>,
    pub(crate) after: Option<Map<String, Value>>,
}

/// The files of some sources.
#[derive(Debug)]
pub(crate) struct Lines(BTreeMap<String, Vec<Line>>);

impl Lines {
    /// Reads `<source>.jsonl` of each source in a directory.
    pub(crate) fn read(directory: &Path, sources: &[&str]) -> Self {
        let file = |source: &&str| {
            let path = directory.join(format!("{source}.jsonl"));
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(
                text.is_empty() || text.ends_with('\n'),
                "{source} has a torn line"
            );
            ((*source).to_owned(), text.lines().map(parse).collect())
        };
        Self(sources.iter().map(file).collect())
    }

    /// Of lines that were read elsewhere, by source.
    pub(crate) fn of_all(lines: BTreeMap<String, Vec<Line>>) -> Self {
        Self(lines)
    }

    pub(crate) fn of(&self, source: &str) -> &[Line] {
        &self.0[source]
    }

    /// Positions increase from line to line; the changes of a transaction are numbered from 1 without a gap, over
    /// all sources together.
    pub(crate) fn positions_are_right(&self) {
        self.positions_are_right_without(&BTreeSet::new());
    }

    /// As [`positions_are_right`](Self::positions_are_right), but no line needs to have one of these positions.
    pub(crate) fn positions_are_right_without(&self, elsewhere: &BTreeSet<(u64, u64)>) {
        let mut transactions: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (source, lines) in &self.0 {
            // The parts of a snapshot are read side by side.
            let pairs = lines.windows(2).filter(|pair| pair[1].op != "r");
            for pair in pairs {
                let [first, second] = [&pair[0], &pair[1]].map(|line| (line.lsn, line.seq));
                assert!(first < second, "{source}: {second:?} follows {first:?}");
            }
            for line in lines {
                transactions.entry(line.lsn).or_default().push(line.seq);
            }
        }
        for (lsn, mut numbers) in transactions {
            numbers.sort_unstable();
            let double = numbers.windows(2).find(|pair| pair[0] == pair[1]);
            assert_eq!(double, None, "{lsn} has a change twice");
            for part in numbers.chunk_by(|a, b| a / PART == b / PART) {
                let mut missing = (part[0] / PART * PART + 1..part[part.len() - 1])
                    .filter(|number| part.binary_search(number).is_err());
                let gap = missing.find(|number| !elsewhere.contains(&(lsn, *number)));
                assert_eq!(gap, None, "the changes of {lsn} have a gap");
            }
        }
    }

    /// The rows that the lines of a source tell. An old row must be there, as it is told.
    pub(crate) fn folded(&self, source: &str) -> Bag {
        let mut bag = Bag::new();
        for line in &self.0[source] {
            let expected = match line.op.as_str() {
                "r" | "c" => (false, true),
                "u" => (true, true),
                "d" => (true, false),
                other => panic!("{source}: unexpected op {other}"),
            };
            let told = (line.before.is_some(), line.after.is_some());
            assert_eq!(told, expected, "{source}: {line:?}");
            if let Some(before) = &line.before {
                let before = Value::Object(before.clone()).to_string();
                let count = bag.get_mut(&before).unwrap_or_else(|| {
                    panic!(
                        "{source}: ({}, {}) tells an old row that is not there: {before}",
                        line.lsn, line.seq
                    )
                });
                *count -= 1;
                if *count == 0 {
                    bag.remove(&before);
                }
            }
            if let Some(after) = &line.after {
                *bag.entry(Value::Object(after.clone()).to_string())
                    .or_default() += 1;
            }
        }
        bag
    }

    /// As [`folded`](Self::folded), for a table with this key. A value that a line leaves out is the old row's.
    pub(crate) fn folded_by(&self, source: &str, key: &[&str]) -> Bag {
        if key.is_empty() {
            return self.folded(source);
        }
        let of = |row: &Map<String, Value>| {
            let values: Vec<&Value> = key.iter().map(|name| &row[*name]).collect();
            format!("{values:?}")
        };
        let mut rows: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for line in &self.0[source] {
            let at = (line.lsn, line.seq);
            let mut row = Map::new();
            if line.op == "u" || line.op == "d" {
                let named = line.before.as_ref().or(line.after.as_ref());
                let found = named.and_then(|named| rows.remove(&of(named)));
                row = found
                    .unwrap_or_else(|| panic!("{source}: {at:?} tells of no row that is there"));
                for (name, value) in line.before.iter().flatten() {
                    assert_eq!(&row[name], value, "{source}: {at:?} tells another old row");
                }
            }
            if let Some(after) = &line.after {
                row.extend(after.clone());
                let double = rows.insert(of(&row), row);
                assert_eq!(double, None, "{source}: {at:?} stores a row a second time");
            }
        }
        bag(rows.into_values())
    }
}

fn parse(line: &str) -> Line {
    let value: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    let number = |name: &str| value[name].as_u64().unwrap();
    Line {
        op: value["op"].as_str().unwrap().to_owned(),
        lsn: number("lsn"),
        seq: number("seq"),
        before: value["before"].as_object().cloned(),
        after: value["after"].as_object().cloned(),
    }
}
