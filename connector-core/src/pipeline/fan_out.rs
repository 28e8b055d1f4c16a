//! Several sinks as one: each is given what it does not have yet.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::report::{Report, RunEvent};
use crate::checkpoint::{Checkpoint, Phase, selection_of};
use crate::columns::{Batch, Column, TableBatch};
use crate::error::{Error, Result};
use crate::failpoint;
use crate::sink::{Delivery, Sink, SinkTarget};

/// The sinks of a run, opened for one connection.
#[derive(Debug)]
pub(super) struct FanOut {
    sinks: Vec<Opened>,
    /// Stored with every checkpoint.
    selection: BTreeMap<String, u64>,
    passed_over: BTreeSet<String>,
}

#[derive(Debug)]
struct Opened {
    name: String,
    sink: Box<dyn Sink>,
    /// What it holds already, where that is more than the run resumes from.
    ahead: Option<Checkpoint>,
}

impl FanOut {
    /// Opens the sinks, and takes them when all are open. The second is where the run begins: the earliest of their
    /// checkpoints.
    pub(super) fn open(
        sinks: &mut Vec<(String, Box<dyn Sink>)>,
        target: &SinkTarget,
        report: &dyn Report,
    ) -> Result<(Self, Option<Checkpoint>)> {
        let mut stored = Vec::with_capacity(sinks.len());
        for (name, sink) in sinks.iter_mut() {
            let ahead = sink.open(target);
            stored.push(ahead.map_err(|error| error.with_context(format!("sink `{name}`")))?);
        }
        let mut opened: Vec<Opened> = (sinks.drain(..).zip(stored))
            .map(|((name, sink), ahead)| Opened { name, sink, ahead })
            .collect();
        // Who knows of no position comes first: what was stored by another one before a break is not given again.
        opened.sort_by_key(|opened| opened.sink.keeps_positions());
        let keeping = || opened.iter().filter(|opened| opened.sink.keeps_positions());
        let earliest = keeping()
            .map(|opened| opened.ahead.as_ref())
            .reduce(earlier)
            .flatten();
        let mut from = earliest
            .filter(|checkpoint| checkpoint.phase == Phase::Changes)
            .cloned();
        if let Some(from) = &mut from {
            // What one sink lacks, no other makes up for.
            let of_all = keeping().filter_map(|opened| opened.ahead.as_ref());
            from.passed_over = of_all
                .flat_map(|it| it.passed_over.iter().cloned())
                .collect();
        }
        if from.is_none() && keeping().any(|opened| holds_rows(opened.ahead.as_ref())) {
            let empty = keeping().find(|opened| !holds_rows(opened.ahead.as_ref()));
            let name = empty.map_or("", |opened| opened.name.as_str());
            let message = format!(
                "sink `{name}` has no position yet: all sinks take a new snapshot, which replaces what they hold"
            );
            report.event(&RunEvent::Warning {
                connection: &target.connection,
                message: &message,
            });
        }
        for sink in &mut opened {
            sink.ahead.take_if(|ahead| {
                from.as_ref()
                    .is_none_or(|from| ahead.cmp_position(from) != Ordering::Greater)
            });
        }
        let selection = selection_of(&target.schemas);
        Ok((
            Self {
                sinks: opened,
                selection,
                passed_over: BTreeSet::new(),
            },
            from,
        ))
    }

    /// Whether every sink that keeps anything bears to be given changes again.
    pub(super) fn bears_redelivery(&self) -> bool {
        let bears =
            |sink: &dyn Sink| !sink.keeps_positions() || sink.delivery() != Delivery::Append;
        self.sinks.iter().all(|opened| bears(opened.sink.as_ref()))
    }

    /// Whether any sink keeps a checkpoint.
    pub(super) fn keeps_positions(&self) -> bool {
        (self.sinks.iter()).any(|opened| opened.sink.keeps_positions())
    }

    /// Columns that were added to the tables of these sources are not stored.
    pub(super) fn pass_over(&mut self, sources: impl IntoIterator<Item = String>) {
        self.passed_over.extend(sources);
    }

    /// The sinks, to be opened again.
    pub(super) fn into_sinks(self) -> Vec<(String, Box<dyn Sink>)> {
        (self.sinks.into_iter())
            .map(|opened| (opened.name, opened.sink))
            .collect()
    }

    fn selected(&self, checkpoint: &Checkpoint) -> Checkpoint {
        Checkpoint {
            selection: self.selection.clone(),
            passed_over: self.passed_over.clone(),
            ..checkpoint.clone()
        }
    }

    pub(super) fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let checkpoint = self.selected(checkpoint);
        self.each(|opened| {
            // A new snapshot replaces everything, whatever the sink held.
            opened.ahead = None;
            opened.sink.start_snapshot(&checkpoint)
        })
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<()> {
        self.each(|opened| match &opened.ahead {
            None => opened.sink.write(batch),
            Some(ahead) if batch.end.cmp_position(ahead) != Ordering::Greater => Ok(()),
            Some(ahead) => match news(batch, ahead)? {
                Some(news) => opened.sink.write(&news),
                None => Ok(()),
            },
        })
    }

    pub(super) fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        self.each(|opened| match &opened.ahead {
            Some(ahead) if !is_news(at.position(), ahead) => Ok(()),
            _ => opened.sink.truncate(table, at),
        })
    }

    pub(super) fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let checkpoint = self.selected(checkpoint);
        self.each(|opened| {
            if opened
                .ahead
                .as_ref()
                .is_some_and(|ahead| checkpoint.cmp_position(ahead) == Ordering::Less)
            {
                return Ok(());
            }
            opened.ahead = None;
            opened.sink.commit(&checkpoint)?;
            failpoint::pass("drain.commit.one_sink")?;
            Ok(())
        })
    }

    pub(super) fn reset(&mut self) -> Result<()> {
        self.each(|opened| opened.sink.reset())
    }

    fn each(&mut self, mut call: impl FnMut(&mut Opened) -> Result<()>) -> Result<()> {
        for opened in &mut self.sinks {
            call(opened)
                .map_err(|error: Error| error.with_context(format!("sink `{}`", opened.name)))?;
        }
        Ok(())
    }
}

/// The earlier of two checkpoints; none is the earliest.
fn earlier<'c>(
    one: Option<&'c Checkpoint>,
    other: Option<&'c Checkpoint>,
) -> Option<&'c Checkpoint> {
    let (one, other) = (one?, other?);
    Some(if other.cmp_position(one) == Ordering::Less {
        other
    } else {
        one
    })
}

fn holds_rows(checkpoint: Option<&Checkpoint>) -> bool {
    checkpoint.is_some_and(|checkpoint| checkpoint.phase == Phase::Changes)
}

/// Whether a change is one that a sink with this checkpoint does not have.
fn is_news((lsn, seq): (u64, u64), ahead: &Checkpoint) -> bool {
    lsn > ahead.lsn || (lsn == ahead.lsn && !ahead.complete && seq > ahead.seq)
}

/// The rows of a batch that are news; `None` when there are none. Copies them: this happens once after a break.
fn news(batch: &Batch, ahead: &Checkpoint) -> Result<Option<Batch>> {
    let mut tables = Vec::new();
    for table in &batch.tables {
        let wanted: Vec<usize> = (0..table.len())
            .filter(|&row| {
                table
                    .position(row)
                    .is_some_and(|position| is_news(position, ahead))
            })
            .collect();
        if !wanted.is_empty() {
            tables.push(taken(table, &wanted)?);
        }
    }
    let batch = Batch {
        phase: batch.phase,
        tables,
        rejected: Vec::new(),
        commits: Vec::new(),
        nulled: 0,
        end: batch.end.clone(),
    };
    Ok((!batch.tables.is_empty()).then_some(batch))
}

fn taken(table: &TableBatch, rows: &[usize]) -> Result<TableBatch> {
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let mut copy = Column::with_capacity(column.field_type(), rows.len());
        for &row in rows {
            copy.push_from(column, row)
                .map_err(|misfit| Error::protocol(format!("a row cannot be copied: {misfit}")))?;
        }
        columns.push(copy);
    }
    Ok(TableBatch {
        table: table.table,
        schema: std::sync::Arc::clone(&table.schema),
        ops: rows
            .iter()
            .filter_map(|&row| table.ops.get(row).copied())
            .collect(),
        lsn: rows
            .iter()
            .filter_map(|&row| table.lsn.get(row).copied())
            .collect(),
        seq: rows
            .iter()
            .filter_map(|&row| table.seq.get(row).copied())
            .collect(),
        columns,
    })
}
