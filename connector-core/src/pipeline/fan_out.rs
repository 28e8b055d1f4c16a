//! Several sinks as one: each is given what it does not have yet.

use std::cmp::Ordering;

use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{Batch, Column, TableBatch};
use crate::error::{Error, Result};
use crate::sink::{Delivery, Sink, SinkTarget};

/// The sinks of a run, opened for one connection.
#[derive(Debug)]
pub(super) struct FanOut {
    sinks: Vec<Opened>,
}

#[derive(Debug)]
struct Opened {
    name: String,
    sink: Box<dyn Sink>,
    /// What it holds already, where that is more than the run resumes from.
    ahead: Option<Checkpoint>,
}

impl FanOut {
    /// Opens the sinks. The second is where the run begins: the earliest of their checkpoints.
    pub(super) fn open(
        sinks: impl IntoIterator<Item = (String, Box<dyn Sink>)>,
        target: &SinkTarget,
    ) -> Result<(Self, Option<Checkpoint>)> {
        let mut opened = Vec::new();
        for (name, mut sink) in sinks {
            let ahead = sink
                .open(target)
                .map_err(|error| error.with_context(format!("sink `{name}`")))?;
            opened.push(Opened { name, sink, ahead });
        }
        let earliest = opened.iter().map(|sink| sink.ahead.as_ref());
        let earliest = earliest.reduce(|least, other| match (least, other) {
            (Some(a), Some(b)) if b.cmp_position(a) == Ordering::Less => Some(b),
            (Some(a), Some(_)) => Some(a),
            _ => None,
        });
        let from = earliest
            .flatten()
            .filter(|checkpoint| checkpoint.phase == Phase::Changes)
            .cloned();
        for sink in &mut opened {
            sink.ahead.take_if(|ahead| {
                from.as_ref()
                    .is_none_or(|from| ahead.cmp_position(from) != Ordering::Greater)
            });
        }
        Ok((Self { sinks: opened }, from))
    }

    /// Whether every sink bears to be given changes again.
    pub(super) fn bears_redelivery(&self) -> bool {
        self.sinks
            .iter()
            .all(|sink| sink.sink.delivery() != Delivery::Append)
    }

    pub(super) fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.each(|opened| {
            // A new snapshot replaces everything, whatever the sink held.
            opened.ahead = None;
            opened.sink.start_snapshot(checkpoint)
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
        self.each(|opened| {
            if opened
                .ahead
                .as_ref()
                .is_some_and(|ahead| checkpoint.cmp_position(ahead) == Ordering::Less)
            {
                return Ok(());
            }
            opened.ahead = None;
            opened.sink.commit(checkpoint)
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
