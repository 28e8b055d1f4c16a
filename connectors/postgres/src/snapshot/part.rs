//! One thread's share of a snapshot: copies table after table, until no job is left.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use connector_core::ingest::{Following, LentInserts};
use connector_core::{ChangeStream, Error, Event, Result};

use super::copied::{CopyForm, Fields};
use super::job::Jobs;
use crate::source::{PostgresRow, TablePlan};
use crate::wire::{Connection, CopyOut, PgError};

/// The rows of the jobs that this thread takes.
#[derive(Debug)]
pub(crate) struct PartStream {
    jobs: Jobs,
    plans: Arc<[TablePlan]>,
    state: State,
    fields: Fields,
    /// Given up when the first copy is under way: what others wait for.
    waiting: Vec<Sender<()>>,
}

/// What the next step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A row.
    Row,
    /// The end of a job.
    Copied,
    /// The end of all jobs.
    End,
}

/// What is told at the end of a job.
const COPIED: Event<PostgresRow<'static>> = Event::Idle { reached: None };

#[derive(Debug)]
enum State {
    /// Between two jobs.
    Free(Connection),
    /// A row of a job was read last; the table's place among the plans.
    Copying(CopyOut<Connection>, usize, CopyForm),
    /// No job is left, or one has failed.
    Done,
}

impl PartStream {
    /// `connection` is in a transaction that sees the snapshot. `None`: there is nothing left to do.
    pub(crate) fn new(connection: Option<Connection>, jobs: Jobs, plans: Arc<[TablePlan]>) -> Self {
        Self {
            jobs,
            plans,
            state: connection.map_or(State::Done, State::Free),
            fields: Fields::default(),
            waiting: Vec::new(),
        }
    }

    /// The same; whoever has the other ends waits for its first copy.
    pub(crate) fn before(self, waiting: Vec<Sender<()>>) -> Self {
        Self { waiting, ..self }
    }

    /// The row that was gone to.
    #[inline]
    fn row(&self) -> Option<PostgresRow<'_>> {
        let State::Copying(copy, table, form) = &self.state else {
            return None;
        };
        Some(PostgresRow::Copied {
            plan: self.plans.get(*table)?,
            fields: &self.fields,
            message: copy.message(),
            form: *form,
        })
    }

    /// Goes to the next row, or to the end of a job.
    fn advance(&mut self) -> Result<Step> {
        loop {
            if let State::Copying(copy, table, form) = &mut self.state {
                let plan = self.plans.get(*table);
                let more = copy.advance().map_err(|error| located(error, plan))?;
                let width = plan.map_or(0, TablePlan::width);
                if more
                    && self
                        .fields
                        .read(copy.message(), *form, width)
                        .map_err(Error::source)?
                {
                    return Ok(Step::Row);
                }
                if more {
                    continue;
                }
            }
            let connection = match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(Step::End),
                State::Free(connection) => connection,
                State::Copying(copy, ..) => {
                    self.state = State::Free(copy.into_connection());
                    return Ok(Step::Copied);
                }
            };
            let Some(job) = self.jobs.take() else {
                self.jobs.keep(connection);
                return Ok(Step::End);
            };
            self.fields.reset();
            let plan = self.plans.get(job.table());
            let sql = job.sql(plan.into_iter().flat_map(TablePlan::names));
            let started = connection.into_copy_out(&sql);
            let copy = started.map_err(|error| located(error, plan))?;
            self.waiting.clear();
            self.state = State::Copying(copy, job.table(), job.form());
        }
    }
}

/// The error with the table that was copied.
#[cold]
fn located(error: PgError, plan: Option<&TablePlan>) -> Error {
    let name = plan.map_or("?", |plan| plan.name.as_str());
    Error::from(error).with_context(format!("copying table `{name}`"))
}

impl ChangeStream for PartStream {
    type Row<'a> = PostgresRow<'a>;

    fn next_event(&mut self) -> Result<Option<Event<PostgresRow<'_>>>> {
        Ok(match self.advance()? {
            Step::Row => self.row().map(Event::insert),
            Step::Copied => Some(COPIED),
            Step::End => None,
        })
    }

    const LENDS_INSERTS: bool = true;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<PostgresRow<'_>>> {
        while inserts.has_room() {
            match self.advance()? {
                Step::Row => {}
                // A consumer that waits is given what was copied before the next job is begun.
                Step::Copied => return Ok(Following::Break(Some(COPIED))),
                Step::End => return Ok(Following::Break(None)),
            }
            if let Some(row) = self.row() {
                inserts.push(&row)?;
            }
        }
        Ok(Following::Continue(()))
    }
}
