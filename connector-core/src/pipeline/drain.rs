//! Takes a source's deliveries into the sinks, and commits.

use std::time::{Duration, Instant};

use super::dead_letters::DeadLetters;
use super::expected::Expected;
use super::fan_out::FanOut;
use super::report::{Report, RunEvent};
use super::run::ConnectionSummary;
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{Batch, RowOp};
use crate::error::Result;
use crate::failpoint;
use crate::ingest::{Delivery, IngestionIterator};
use crate::source::Cancellation;

/// A commit is made at the latest when so much was written.
const COMMIT_BYTES: usize = 8 << 20;
/// A commit is made at the latest after so long, while changes keep coming.
const COMMIT_EVERY: Duration = Duration::from_millis(500);
/// So long a stop waits for the source to finish its transaction.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Takes deliveries into the sinks.
pub(super) struct Drain<'r> {
    sinks: FanOut,
    expected: Expected<'r>,
    dead_letters: DeadLetters,
    report: &'r dyn Report,
    /// A complete position that is written and not committed.
    pending: Option<Checkpoint>,
    written: usize,
    /// Whether anything but positions came since the last commit.
    has_news: bool,
    last_commit: Instant,
    in_snapshot: bool,
    /// What was written since the last commit.
    counts: Counts,
    summary: &'r mut ConnectionSummary,
    /// Whether the stream ended since columns are to be taken on.
    evolves: bool,
}

#[derive(Debug, Default)]
struct Counts {
    /// By table.
    rows: Vec<u64>,
    rejected: u64,
    nulled: u64,
}

impl<'r> Drain<'r> {
    pub(super) fn new(
        sinks: FanOut,
        expected: Expected<'r>,
        dead_letters: DeadLetters,
        report: &'r dyn Report,
        summary: &'r mut ConnectionSummary,
    ) -> Self {
        let counts = Counts {
            rows: vec![0; summary.rows.len()],
            ..Counts::default()
        };
        Self {
            counts,
            sinks,
            expected,
            dead_letters,
            report,
            pending: None,
            written: 0,
            has_news: false,
            last_commit: Instant::now(),
            in_snapshot: false,
            summary,
            evolves: false,
        }
    }

    /// The sinks, and whether the run is to go on with columns that were added.
    pub(super) fn into_sinks(self) -> (FanOut, bool) {
        (self.sinks, self.evolves)
    }

    pub(super) fn run(
        &mut self,
        deliveries: &mut IngestionIterator,
        cancellation: &Cancellation,
    ) -> Result<()> {
        let mut stopping: Option<Instant> = None;
        loop {
            let Ok(delivery) = deliveries.next_within(COMMIT_EVERY) else {
                return self.commit(deliveries);
            };
            if cancellation.is_cancelled()
                && stopping.get_or_insert_with(Instant::now).elapsed() > STOP_WITHIN
            {
                // The source hangs: what is complete is committed, and the source is left behind.
                return self.commit(deliveries);
            }
            let idle = delivery.is_none();
            if let Some(delivery) = delivery {
                self.take(delivery, deliveries)?;
            }
            let due = self.written >= COMMIT_BYTES || self.last_commit.elapsed() >= COMMIT_EVERY;
            // A position alone can wait: where the sink is in the source's own server, each commit makes the next one.
            if due || self.has_news && (idle || deliveries.is_drained()) {
                self.commit(deliveries)?;
            }
        }
    }

    fn take(&mut self, delivery: Delivery, deliveries: &IngestionIterator) -> Result<()> {
        self.has_news |= !matches!(delivery, Delivery::Reached(_));
        match delivery {
            Delivery::SnapshotStarted { at, estimated_rows } => {
                self.commit(deliveries)?;
                self.dead_letters.snapshot(&at)?;
                failpoint::pass("drain.snapshot.before")?;
                self.sinks.start_snapshot(&at)?;
                failpoint::pass("drain.snapshot.after")?;
                self.in_snapshot = true;
                let connection = &self.summary.connection;
                self.report.event(&RunEvent::SnapshotStarted {
                    connection,
                    lsn: at.lsn,
                    estimated_rows,
                });
            }
            Delivery::Batch(batch) => {
                self.expected.check(&batch)?;
                self.dead_letters.take(&batch)?;
                self.sinks.write(&batch)?;
                failpoint::pass("drain.write.after")?;
                self.count(&batch);
                self.written += batch.byte_size();
                self.pending = batch.end.complete.then(|| batch.end.clone());
            }
            Delivery::Truncate { table, end } => {
                self.dead_letters.truncated(table, &end)?;
                self.sinks.truncate(table, &end)?;
                self.pending = None;
            }
            Delivery::SchemaChanged {
                table, what, ends, ..
            } => self.schema_changed(table, &what, ends),
            Delivery::Reached(end) => self.pending = Some(end),
        }
        Ok(())
    }

    #[cold]
    fn schema_changed(&mut self, table: usize, what: &str, ends: bool) {
        let connection = &self.summary.connection;
        let source = self.summary.rows.get(table);
        let source = source.map_or("", |(source, _)| source.as_str());
        if ends {
            self.evolves = true;
            let message = format!("source `{source}`: {what}: taken on");
            self.report.event(&RunEvent::Info {
                connection,
                message: &message,
            });
            return;
        }
        self.sinks.pass_over([source.to_owned()]);
        let message = format!("source `{source}`: {what}: passed over");
        self.report.event(&RunEvent::Warning {
            connection,
            message: &message,
        });
    }

    fn count(&mut self, batch: &Batch) {
        let connection = self.summary.connection.as_str();
        for table in &batch.tables {
            let changes = table
                .ops
                .iter()
                .filter(|op| **op != RowOp::UpdateBefore)
                .count();
            if let (Some((source, _)), Some(rows)) = (
                self.summary.rows.get(table.table),
                self.counts.rows.get_mut(table.table),
            ) {
                *rows += changes as u64;
                self.report.event(&RunEvent::Written {
                    connection,
                    source,
                    rows: changes,
                });
            }
        }
        for row in &batch.rejected {
            self.report.event(&RunEvent::Rejected { connection, row });
        }
        if batch.nulled > 0 {
            self.report.event(&RunEvent::Nulled {
                connection,
                values: batch.nulled,
            });
        }
        self.counts.rejected += batch.rejected.len() as u64;
        self.counts.nulled += batch.nulled;
    }

    fn commit(&mut self, deliveries: &IngestionIterator) -> Result<()> {
        let Some(checkpoint) = self.pending.take() else {
            return Ok(());
        };
        failpoint::pass("drain.commit.before")?;
        self.sinks.commit(&checkpoint)?;
        failpoint::pass("drain.commit.after")?;
        self.written = 0;
        self.has_news = false;
        for ((_, total), rows) in self.summary.rows.iter_mut().zip(&mut self.counts.rows) {
            *total += std::mem::take(rows);
        }
        self.summary.rejected += std::mem::take(&mut self.counts.rejected);
        self.summary.nulled += std::mem::take(&mut self.counts.nulled);
        self.last_commit = Instant::now();
        let connection = self.summary.connection.as_str();
        if self.in_snapshot && checkpoint.phase == Phase::Changes {
            self.in_snapshot = false;
            self.report.event(&RunEvent::SnapshotDone {
                connection,
                lsn: checkpoint.lsn,
            });
        }
        self.report.event(&RunEvent::Committed {
            connection,
            checkpoint: &checkpoint,
        });
        // Only now may the source forget what is stored.
        deliveries.confirm(checkpoint.clone());
        failpoint::pass("drain.confirm.after")?;
        self.summary.checkpoint = Some(checkpoint);
        Ok(())
    }
}
