//! The rows of one table.

use connector_core::ingest::LentInserts;
use connector_core::prelude::*;
use connector_core::{SelectedTable, TableKind};

use super::row::{Handle, SqliteRow, TablePlan};
use crate::quote::identifier;
use crate::read::{Lent, Query, Statement, Stopped, ValueRef};

/// The selected columns of a table's rows, or of a stretch of them.
#[derive(Debug)]
pub(super) struct TableRows(Statement<Handle>);

/// The name of the rowid, the first and the last one.
pub(super) type Stretch<'s> = (&'s str, i64, i64);

impl TableRows {
    pub(super) fn read(
        handle: Handle,
        table: &SelectedTable,
        stretch: Option<Stretch<'_>>,
    ) -> Result<Self> {
        let columns = (table.columns.iter())
            .filter_map(|&place| table.info.columns.get(place))
            .map(|column| identifier(&column.name));
        let columns: Vec<String> = columns.collect();
        let within = stretch.map(|(rowid, _, _)| format!("{rowid} BETWEEN ?1 AND ?2"));
        let query = Query {
            columns: &columns.join(", "),
            width: columns.len(),
            table: &format!("main.{}", identifier(&table.info.table_name)),
            within: within.as_deref(),
            ..Query::default()
        };
        let mut statement = match table.info.kind {
            TableKind::Table => Statement::lending(handle, query)?,
            // SQLite may look at the condition where a row of a view is not made yet, or for one that never will be.
            TableKind::View => Statement::prepare(handle, &query.plain())?,
        };
        if let Some((_, first, last)) = stretch {
            statement.bind(1, ValueRef::Integer(first))?;
            statement.bind(2, ValueRef::Integer(last))?;
        }
        Ok(Self(statement))
    }

    /// Goes to the next row; `false` when there is none.
    pub(super) fn step(&mut self) -> Result<bool> {
        self.0.step()
    }

    /// The row that was stepped to.
    pub(super) fn row<'r>(&'r self, plan: &'r TablePlan) -> SqliteRow<'r> {
        match self.0.row() {
            Some(values) => SqliteRow::Snapshot { plan, values },
            None => SqliteRow::Unselected,
        }
    }

    /// Pushes the rows that come next as long as there is room for them; `false` when there is no other.
    pub(super) fn lend(&mut self, plan: &TablePlan, inserts: &mut LentInserts<'_>) -> Result<bool> {
        let mut pushing = Pushing::new(inserts);
        let stopped = self
            .0
            .lend(|values| pushing.push(&SqliteRow::Snapshot { plan, values }));
        Ok(pushing.outcome(stopped)? != Stopped::Done)
    }
}

/// Inserts that are pushed where SQLite lends their rows.
pub(super) struct Pushing<'i, 'r> {
    inserts: &'i mut LentInserts<'r>,
    failed: Option<Error>,
}

impl<'i, 'r> Pushing<'i, 'r> {
    pub(super) fn new(inserts: &'i mut LentInserts<'r>) -> Self {
        Self {
            inserts,
            failed: None,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, row: &SqliteRow<'_>) -> Lent {
        match self.inserts.push(row) {
            Ok(()) if self.inserts.has_room() => Lent::Taken,
            Ok(()) => Lent::Full,
            Err(error) => {
                self.failed = Some(error);
                Lent::Full
            }
        }
    }

    /// What came of the lending: a row that was refused came first.
    pub(super) fn outcome<T>(self, lent: Result<T>) -> Result<T> {
        match self.failed {
            Some(error) => Err(error),
            None => lent,
        }
    }
}
