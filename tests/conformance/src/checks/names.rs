//! Names and numbers of columns that strain a source.

use connector_core::{ColumnInfo, TableInfo};

use super::{all_are_found, needs};
use crate::bench::{Context, INTEGER};
use crate::fixture::Capability;
use crate::outcome::{Done, Outcome};
use crate::replay::Replayed;

/// Names that only quoting keeps names.
pub(crate) const NAMES: [&str; 9] = [
    "two words",
    "qu\"ote",
    "it's",
    "select",
    "x\"; DROP TABLE y; --",
    "UPPER lower",
    "æøå 名前 🦀",
    "back\\slash`tick",
    "per%cent $1 ?1 :a {b}",
];

pub(crate) fn names_that_need_quotes_are_taken(context: &Context<'_>) -> Outcome {
    needs!(context, AnyName);
    let column = |place: usize, name: &&str| {
        let column = ColumnInfo::new(*name, context.text());
        if place == 0 {
            column.key(1)
        } else {
            column.nullable(true)
        }
    };
    let table = |name: &&str| {
        let columns = NAMES.iter().enumerate();
        TableInfo::new(
            *name,
            columns.map(|(place, name)| column(place, name)).collect(),
        )
    };
    let tables: Vec<TableInfo> = NAMES.iter().map(table).collect();
    let mut bench = context.open(&tables)?;
    bench.seed(2);
    let subject = bench.subject();
    all_are_found(&bench, &subject)?;
    let begun = bench.begin(&subject)?;
    if context.capabilities.has(Capability::Follow) {
        for _ in 0..2 {
            bench.history();
        }
        let mut messages = begun.messages;
        messages.extend(subject.messages(begun.checkpoint)?);
        let replayed = Replayed::of(&subject.schemas()?, &messages)?;
        bench.state.rows().must_be(&replayed.rows())?;
    }
    subject.connector.clean()?;
    Done::passed(NAMES.len(), "names, each of a table and of a column")
}

pub(crate) fn a_table_of_a_thousand_columns_is_read(context: &Context<'_>) -> Outcome {
    const COLUMNS: usize = 1000;
    needs!(context, ManyColumns);
    let key = ColumnInfo::new("id", INTEGER).key(1);
    let more =
        (1..COLUMNS).map(|place| ColumnInfo::new(format!("c{place}"), INTEGER).nullable(true));
    let columns = std::iter::once(key).chain(more).collect();
    let mut bench = context.open(&[TableInfo::new("wide", columns)])?;
    bench.seed(3);
    let subject = bench.subject();
    all_are_found(&bench, &subject)?;
    bench.begin(&subject)?;
    Done::passed(COLUMNS, "columns")
}
