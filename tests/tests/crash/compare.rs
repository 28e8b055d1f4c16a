//! Source and sinks, compared row by row.

use std::collections::BTreeSet;

use crate::sink::Sink;
use crate::source::Source;
use crate::support::Bag;

/// What a comparison has looked at.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) rows: u64,
    pub(crate) dead_letters: u64,
}

/// Fails unless every sink holds what the source holds, row by row.
pub(crate) fn compare(source: &dyn Source, sinks: &[&dyn Sink]) -> Compared {
    let place = source.place();
    let elsewhere = source.elsewhere();
    let mut compared = Compared {
        dead_letters: elsewhere.len() as u64,
        ..Compared::default()
    };
    for table in source.tables() {
        let expected = source.rows(table);
        for sink in sinks {
            let found = sink.rows(place, table);
            assert!(
                found == expected,
                "{} does not hold `{}`: {}",
                sink.name(),
                table.name,
                difference(&expected, &found)
            );
            compared.rows += found.values().map(|count| *count as u64).sum::<u64>();
        }
    }
    for sink in sinks {
        sink.check(place, source.tables(), &elsewhere);
    }
    compared
}

/// The command finds the same.
pub(crate) fn verify(source: &dyn Source, sinks: &[&dyn Sink]) {
    if !sinks.iter().any(|sink| sink.is_read_back()) {
        return;
    }
    let verified = source.place().done("app verify --format json").json();
    let found = &verified["connections"][0]["sinks"];
    for (sink, found) in sinks.iter().zip(found.as_array().unwrap()) {
        let name = sink.name();
        assert_eq!(found["sources"].is_array(), sink.is_read_back(), "{name}");
    }
}

/// Some rows of which there are not equally many.
fn difference(expected: &Bag, found: &Bag) -> String {
    let rows: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let count = |bag: &Bag, row: &String| bag.get(row).copied().unwrap_or_default();
    let differ = rows
        .into_iter()
        .filter(|row| count(expected, row) != count(found, row));
    let lines = differ.take(5).map(|row| {
        let (wanted, is) = (count(expected, row), count(found, row));
        format!("\n  {is} times instead of {wanted}: {row}")
    });
    lines.collect()
}
