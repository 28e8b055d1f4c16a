//! What the derives make, held to the same by hand, with no input and no output. Counted in instructions.

use std::hint::black_box;
use std::path::Path as Directory;

use connector_core::ingest::{Delivery, IngestOptions, Until};
use connector_core::prelude::*;
use connector_core::{FromRow, RowReader, TableBatch};

use crate::data::Reading;
use crate::limits::derived::{Builders, read};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};
use crate::{Result, run};

/// Rows of a derived struct.
pub(crate) fn group() -> Group {
    Group {
        name: "derived",
        prepare: |_, _, _| Ok(Box::new(())),
        paths: vec![
            Path {
                name: "derived-to-arrow",
                title: "derived row struct → Arrow",
                limit: Side {
                    label: "builders filled by hand",
                    run: built_by_hand,
                },
                ours: Side {
                    label: "a source of derived rows",
                    run: built_by_source,
                },
                by: By::Instructions,
                reach: Reach::Held {
                    at_most: 1.05,
                    was: 0.74,
                },
            },
            Path {
                name: "derived-from-row",
                title: "derived row struct out of a raw row",
                limit: Side {
                    label: "conversion written by hand",
                    run: read_by_hand,
                },
                ours: Side {
                    label: "the derived conversion",
                    run: read_by_derive,
                },
                by: By::Instructions,
                reach: Reach::Held {
                    at_most: 1.05,
                    was: 0.66,
                },
            },
        ],
    }
}

/// Enough rows for every batch to be closed by its size a few times.
fn rows(amount: Amount) -> u32 {
    amount
        .rows
        .and_then(|rows| u32::try_from(rows).ok())
        .unwrap_or(100_000)
}

/// How many different readings there are: made before the clock starts, and given again and again.
const MADE: u32 = 1_000;

fn made() -> Vec<Reading<'static>> {
    (0..MADE).map(Reading::numbered).collect()
}

/// So many readings, as an author's code gives them: owned, one after another.
fn readings(number: u32) -> impl Iterator<Item = Reading<'static>> {
    let made = made();
    let mut next = (0..MADE as usize).cycle();
    (0..number).map(move |_| made[next.next().unwrap_or(0)])
}

fn built_by_hand(_: &Directory, amount: Amount) -> Result<Run> {
    let rows = rows(amount);
    let bound = IngestOptions::default().batch_bytes;
    let watch = Watch::start();
    let mut builders = Builders::default();
    let mut built = 0;
    for (reading, seq) in readings(rows).zip(1..) {
        builders.push(&reading, seq);
        if builders.bytes() >= bound {
            built += black_box(builders.finish()?).num_rows() as u64;
        }
    }
    built += black_box(builders.finish()?).num_rows() as u64;
    Ok(Run {
        rows: built,
        took: watch.stop(),
    })
}

/// A source of so many readings.
#[derive(Debug, Clone)]
struct Readings(u32);

impl Source for Readings {
    fn get_tables(&self) -> connector_core::Result<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> connector_core::Result<impl ChangeStream> {
        Ok(readings(self.0).map(|reading| Ok(Event::insert(reading))))
    }
}

fn snapshot() -> IngestOptions {
    IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    }
}

fn built_by_source(_: &Directory, amount: Amount) -> Result<Run> {
    let source = Readings(rows(amount));
    let watch = Watch::start();
    let rows = run::to_arrow(source, "readings", snapshot())?;
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}

/// Reads rows of one small batch, again and again: making it is the same however many are read.
fn read_many(amount: Amount, read: impl Fn(&TableBatch, usize) -> Result<()>) -> Result<Run> {
    let mut batches = Vec::new();
    run::deliveries(Readings(MADE), "readings", snapshot(), |delivery| {
        if let Delivery::Batch(batch) = delivery {
            batches.extend(batch.tables);
        }
        Ok(())
    })?;
    let watch = Watch::start();
    let wanted = u64::from(rows(amount));
    let mut rows = 0;
    while rows < wanted {
        for batch in &batches {
            for row in 0..batch.len() {
                read(batch, row)?;
            }
            rows += batch.len() as u64;
        }
    }
    Ok(Run {
        rows,
        took: watch.stop(),
    })
}

fn read_by_hand(_: &Directory, amount: Amount) -> Result<Run> {
    read_many(amount, |batch, row| {
        black_box(read(&batch.columns, row)?);
        Ok(())
    })
}

fn read_by_derive(_: &Directory, amount: Amount) -> Result<Run> {
    read_many(amount, |batch, row| {
        let mut reader = RowReader::new(&batch.columns, row);
        let reading = Reading::from_row(&mut reader).map_err(|_| "the row does not fit")?;
        black_box(reading);
        Ok(())
    })
}
