//! One thread's share of a snapshot: copies table after table, until no job is left.

use std::sync::Arc;

use connector_core::{ChangeStream, Error, Event, Result};

use super::copied::Fields;
use super::job::{Job, Jobs};
use crate::source::{PostgresRow, TablePlan};
use crate::wire::{Connection, Copy};

/// The rows of the jobs that this thread takes.
#[derive(Debug)]
pub(crate) struct PartStream {
    connection: Connection,
    jobs: Jobs,
    plans: Arc<[TablePlan]>,
    running: Option<(Job, Copy)>,
    fields: Fields,
}

impl PartStream {
    /// `connection` is in a transaction that sees the snapshot.
    pub(crate) fn new(connection: Connection, jobs: Jobs, plans: Arc<[TablePlan]>) -> Self {
        Self {
            connection,
            jobs,
            plans,
            running: None,
            fields: Fields::default(),
        }
    }
}

impl ChangeStream for PartStream {
    type Row<'a> = PostgresRow<'a>;

    fn next_event(&mut self) -> Result<Option<Event<PostgresRow<'_>>>> {
        todo!()
    }
}
