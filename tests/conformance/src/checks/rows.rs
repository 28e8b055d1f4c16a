//! What is read of what is there.

use std::collections::BTreeSet;

use connector_core::ingest::IngestionMessage as Message;
use connector_core::{ColumnInfo, Field, Operation, TableInfo};

use crate::bench::{Bench, Context, INTEGER};
use crate::fixture::{Change, Row};
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::rows::{Rows, printed};
use crate::samples;

pub(crate) fn a_snapshot_holds_every_row_once(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    bench.seed(20);
    same_contents(&bench)?;
    let subject = bench.subject();
    bench.begin(&subject)?;
    bench
        .begin(&subject)
        .map_err(|failure| failure.within("the second reading"))?;
    Done::passed(bench.state.rows().count(), "rows")
}

/// Whether the source holds what the fixture was asked to apply.
fn same_contents(bench: &Bench<'_>) -> Result<(), Failure> {
    for (place, table) in bench.tables().iter().enumerate() {
        let Some(contents) = bench.source.contents(table) else {
            continue;
        };
        let (mut held, mut expected) = (Rows::default(), Rows::default());
        for row in &contents {
            held.add(&table.name, row);
        }
        for row in bench.state.of_table(place) {
            expected.add(&table.name, &row);
        }
        expected
            .must_be(&held)
            .map_err(|failure| failure.within("the fixture does not apply what it is given"))?;
    }
    Ok(())
}

pub(crate) fn empty_tables_are_read(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    let subject = bench.subject();
    let begun = bench.begin(&subject)?;
    let told = begun.messages.iter().any(|message| {
        matches!(
            message,
            Message::Operation { .. } | Message::Truncate { .. }
        )
    });
    ensure!(!told, "something is told of tables that are empty");
    Done::passed(bench.tables().len(), "tables")
}

pub(crate) fn nulls_arrive_in_every_nullable_column(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    let mut nulls = 0;
    for (place, table) in bench.tables().to_vec().iter().enumerate() {
        let nullable: Vec<usize> = (table.columns.iter().enumerate())
            .filter(|(_, column)| column.nullable)
            .map(|(place, _)| place)
            .collect();
        let alone = nullable.iter().map(|column| vec![*column]);
        for columns in alone.chain([nullable.clone()]) {
            let number = bench.new_number();
            // A number whose samples are values.
            let mut row = bench.row(place, number, 0);
            for (value, column) in row.iter_mut().zip(&table.columns) {
                if value.is_null() {
                    *value = bench.value(column, 0);
                }
            }
            for column in columns {
                if let Some(value) = row.get_mut(column) {
                    *value = Field::Null;
                    nulls += 1;
                }
            }
            bench.apply(&[Change::Insert { table: place, row }]);
        }
    }
    if nulls == 0 {
        return Done::not_applicable("no column of the tables is nullable");
    }
    let subject = bench.subject();
    bench.begin(&subject)?;
    Done::passed(nulls, "nulls")
}

pub(crate) fn every_type_arrives_at_its_edges(context: &Context<'_>) -> Outcome {
    let tables = match context.types() {
        Some(types) => {
            let key = ColumnInfo::new("id", INTEGER).key(1);
            let columns = types.iter().enumerate();
            let columns = columns
                .map(|(place, typ)| ColumnInfo::new(format!("c{place}"), *typ).nullable(true));
            vec![TableInfo::new(
                "edge",
                std::iter::once(key).chain(columns).collect(),
            )]
        }
        None => context.tables(),
    };
    let mut bench = context.open(&tables)?;
    let mut tried = 0;
    for (place, table) in tables.iter().enumerate() {
        for (at, column) in table.columns.iter().enumerate() {
            if column.key.is_some() {
                continue;
            }
            let edges = column.field_type().map(samples::edges).unwrap_or_default();
            for edge in edges {
                if !context.maker().holds(column, &edge) {
                    continue;
                }
                let number = bench.new_number();
                let mut row: Row = bench.row(place, number, 0);
                if let Some(value) = row.get_mut(at) {
                    *value = edge;
                }
                if !context.capabilities.fits(&row) {
                    continue;
                }
                bench.apply(&[Change::Insert { table: place, row }]);
                tried += 1;
            }
        }
    }
    let subject = bench.subject();
    bench.begin(&subject)?;
    Done::passed(tried, "values at the edges")
}

pub(crate) fn column_types_hold_at_their_boundaries(context: &Context<'_>) -> Outcome {
    match context.maker().column_types() {
        None => Done::not_applicable("the fixture declares no column types"),
        Some(Err(faults)) => Err(Failure::new(faults.to_string())),
        Some(Ok(report)) => {
            let tried = |entry: &connector_core::boundaries::EntryReport| {
                entry.accepted.len() + entry.refused.len()
            };
            Done::passed(
                report.entries.iter().map(tried).sum(),
                "boundary values of declared types",
            )
        }
    }
}

pub(crate) fn rows_are_told_apart_by_their_key(context: &Context<'_>) -> Outcome {
    let mut bench = context.bench()?;
    let keyed = |table: &TableInfo| !table.key_columns().is_empty();
    if !bench.tables().iter().any(keyed) {
        return Done::not_applicable("no table has a key");
    }
    bench.seed(12);
    let subject = bench.subject();
    let schemas = subject.schemas()?;
    for (made, schema) in bench.tables().iter().zip(&schemas) {
        ensure!(
            !keyed(made) || !schema.schema.primary_index.is_empty(),
            "table `{}` has a key, and its schema has none",
            made.table_name
        );
    }
    let mut seen = BTreeSet::new();
    for message in subject.messages(None)? {
        let Message::Operation {
            table,
            operation: Operation::Insert { new },
            ..
        } = message
        else {
            continue;
        };
        let Some(schema) = schemas.get(table) else {
            continue;
        };
        let key = &schema.schema.primary_index;
        if key.is_empty() {
            continue;
        }
        let values: Row = key
            .iter()
            .filter_map(|&place| new.values.get(place).cloned())
            .collect();
        ensure!(
            values.len() == key.len() && !values.iter().any(Field::is_null),
            "table `{}`: the key of {} is not whole",
            schema.name,
            printed(&new.values)
        );
        ensure!(
            seen.insert((table, printed(&values))),
            "table `{}`: a row was given twice: two have the key {}",
            schema.name,
            printed(&values)
        );
    }
    ensure!(!seen.is_empty(), "no row of a table with a key was told");
    Done::passed(seen.len(), "keys")
}
