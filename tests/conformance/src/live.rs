//! What can be asked of a live source without writing to it: the checks that need no fixture.

use std::sync::Arc;

use connector_core::connector::Connector;
use connector_core::ingest::{IngestOptions, IngestionMessage as Message, Until};
use connector_core::{Operation, TableInfo};

use crate::checks;
use crate::list::Check;
use crate::outcome::{Done, Failure, Outcome, ensure};
use crate::reading::{Patience, Reading};
use crate::replay::Replayed;
use crate::rows::Rows;
use crate::subject::Subject;

/// How many rows of a connection's tables are read: large tables are not read whole.
const ROWS: usize = 10_000;

/// How much the process may grow while nobody takes what is read.
const GROWTH: usize = 64 << 20;

/// What one check of a live source came to.
#[derive(Debug)]
pub struct LiveResult {
    /// The check of the suite that asks the same of a source of its own.
    pub check: &'static Check,
    /// What it came to.
    pub result: Result<Done, Failure>,
}

/// A check of the suite, and what is asked of a live source for it.
type LiveCheck = (&'static str, fn(&Subject) -> Outcome);

const LIVE: [LiveCheck; 9] = [
    ("tables_schemas_and_rows_agree", agree),
    ("columns_are_chosen_and_reordered", chosen),
    ("unknown_tables_and_columns_are_refused", |subject| {
        checks::refused(&*subject.connector, &selection(subject))
    }),
    (
        "validation_finds_what_is_wrong_and_nothing_else",
        |subject| checks::finds(&*subject.connector, &selection(subject)),
    ),
    ("rows_are_told_apart_by_their_key", keyed),
    ("positions_are_the_same_in_a_second_read", read_twice),
    ("two_readers_each_get_everything", read_by_two),
    ("a_slow_consumer_bounds_what_is_held", |subject| {
        checks::holds_little(subject, Until::Snapshot, 2 * GROWTH)
    }),
    ("a_stop_is_obeyed", stopped),
];

/// Runs every check that only reads, over these tables: snapshots alone, so that the source keeps nothing for the reader.
pub fn run(
    connector: &Arc<dyn Connector>,
    tables: &[TableInfo],
    patience: Patience,
) -> Vec<LiveResult> {
    let subject = Subject {
        patience,
        ..Subject::shared(Arc::clone(connector), "conformance/live").tables(tables.to_vec())
    };
    let result = |(name, run): &LiveCheck| {
        let check = Check::named(name)?;
        let result = run(&subject);
        Some(LiveResult { check, result })
    };
    LIVE.iter().filter_map(result).collect()
}

fn selection(subject: &Subject) -> Vec<TableInfo> {
    subject.tables.clone().unwrap_or_default()
}

/// The first rows of a snapshot, and whether they are all.
struct Begun {
    messages: Vec<Message>,
    whole: bool,
}

fn begin(subject: &Subject) -> Reading {
    Reading::with(
        subject,
        IngestOptions {
            until: Until::Snapshot,
            batch_bytes: 16 << 10,
            queue_bytes: 64 << 10,
            ..IngestOptions::default()
        },
    )
}

fn read(mut reading: Reading) -> Result<Begun, Failure> {
    let mut messages = Vec::new();
    while messages.len() < ROWS {
        let Some(message) = reading.next()? else {
            reading.ended()??;
            return Ok(Begun {
                messages,
                whole: true,
            });
        };
        messages.push(message);
    }
    reading.stop()?;
    Ok(Begun {
        messages,
        whole: false,
    })
}

fn agree(subject: &Subject) -> Outcome {
    checks::agree(subject)?;
    let begun = read(begin(subject))?;
    // The widths of rows, nulls and keys are what replaying asks for.
    Replayed::of(&subject.schemas()?, &begun.messages)?;
    Done::passed(checks::count(&begun.messages), "rows")
}

fn chosen(subject: &Subject) -> Outcome {
    let mut tried = 0;
    for table in selection(subject) {
        let whole = subject
            .connector
            .get_tables(Some(std::slice::from_ref(&table)))?;
        let names = whole.iter().flat_map(|table| &table.columns);
        let mut names: Vec<String> = names.map(|column| column.name.clone()).collect();
        names.reverse();
        let last = names.first().cloned().into_iter().collect();
        for columns in [names, last] {
            let narrowed = subject
                .clone()
                .tables(vec![table.clone().columns(columns.clone())]);
            let schemas = narrowed.schemas()?;
            let fields = schemas.iter().flat_map(|schema| &schema.schema.fields);
            let fields: Vec<&String> = fields.map(|field| &field.name).collect();
            ensure!(
                fields.iter().copied().eq(&columns),
                "columns {columns:?} of table `{}`: its schema has the fields {fields:?}",
                table.table_name
            );
            let begun = read(begin(&narrowed))?;
            Replayed::of(&schemas, &begun.messages).map_err(|failure| {
                failure.within(format!(
                    "columns {columns:?} of table `{}`",
                    table.table_name
                ))
            })?;
            tried += 1;
        }
    }
    Done::passed(tried, "choices of columns")
}

fn keyed(subject: &Subject) -> Outcome {
    let schemas = subject.schemas()?;
    if schemas
        .iter()
        .all(|schema| schema.schema.primary_index.is_empty())
    {
        return Done::not_applicable("no table has a key");
    }
    let begun = read(begin(subject))?;
    // That no key comes twice is what replaying asks for.
    Replayed::of(&schemas, &begun.messages)?;
    Done::passed(checks::count(&begun.messages), "rows")
}

/// The rows of a snapshot, where it was read to its end.
fn rows(subject: &Subject, begun: &Begun) -> Result<Rows, Failure> {
    let schemas = subject.schemas()?;
    let mut rows = Rows::default();
    for message in &begun.messages {
        if let Message::Operation {
            table,
            operation: Operation::Insert { new },
            ..
        } = message
            && let Some(schema) = schemas.get(*table)
        {
            rows.add(&schema.name, &new.values);
        }
    }
    Ok(rows)
}

/// Compares two snapshots, where both are whole and nothing was written between them.
fn same(subject: &Subject, before: Option<u64>, first: &Begun, second: &Begun) -> Outcome {
    if !first.whole || !second.whole {
        return Done::not_applicable(format!("there are more than {ROWS} rows to compare"));
    }
    if before != subject.connector.current_position()? {
        return Done::not_applicable("somebody wrote into the source between the two readings");
    }
    let expected = rows(subject, first)?;
    expected.must_be(&rows(subject, second)?)?;
    Done::passed(expected.count(), "rows, read twice")
}

fn read_twice(subject: &Subject) -> Outcome {
    let before = subject.connector.current_position()?;
    let (first, second) = (read(begin(subject))?, read(begin(subject))?);
    same(subject, before, &first, &second)
}

fn read_by_two(subject: &Subject) -> Outcome {
    let before = subject.connector.current_position()?;
    let other = subject.clone().read_as("conformance/second");
    let (first, second) = (begin(subject), begin(&other));
    let (first, second) = (read(first)?, read(second)?);
    same(subject, before, &first, &second)
}

fn stopped(subject: &Subject) -> Outcome {
    let mut reading = begin(subject);
    reading.next()?;
    reading.stop()?;
    Done::passed(1, "stop in a snapshot")
}
