//! The rows of one table.

use connector_core::SelectedTable;
use connector_core::ingest::LentInserts;
use connector_core::prelude::*;

use super::row::{Handle, SqliteRow, TablePlan};
use crate::quote::identifier;
use crate::read::{Lent, Query, Statement, Stopped, ValueRef, is_table};

/// The selected columns of a table's rows, or of a stretch of them.
#[derive(Debug)]
pub(super) struct TableRows(Statement<Handle>);

impl TableRows {
    /// All rows. To be asked for in the transaction in which they are read.
    pub(super) fn all(handle: Handle, table: &SelectedTable) -> Result<Self> {
        Self::read(handle, table, None)
    }

    /// The rows of the [stretch](Self::go_to) that is still to be named, by the name of the rowid.
    pub(super) fn stretches(handle: Handle, table: &SelectedTable, rowid: &str) -> Result<Self> {
        let within = format!("{rowid} BETWEEN ?1 AND ?2");
        Self::read(handle, table, Some(&within))
    }

    fn read(handle: Handle, table: &SelectedTable, within: Option<&str>) -> Result<Self> {
        let columns = (table.columns.iter())
            .filter_map(|&place| table.info.columns.get(place))
            .map(|column| identifier(&column.name));
        let columns: Vec<String> = columns.collect();
        let name = &table.info.table_name;
        let query = Query {
            columns: &columns,
            table: &format!("main.{}", identifier(name)),
            within,
            order: None,
        };
        // SQLite may look at the condition where a row of a view is not made yet, or for one that never will be. What was a table
        // when the catalog was read may be a view by now.
        if is_table(&handle, name) {
            Statement::lending(handle, query).map(Self)
        } else {
            Statement::prepare(handle, &query.plain()).map(Self)
        }
    }

    /// Begins with the rows between two rowids.
    pub(super) fn go_to(&mut self, first: i64, last: i64) -> Result<()> {
        self.0.bind(1, ValueRef::Integer(first))?;
        self.0.bind(2, ValueRef::Integer(last))
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
        match pushing.outcome(stopped)? {
            Stopped::Full => Ok(true),
            Stopped::Done => Ok(false),
            Stopped::Kept => Err(Error::protocol("a row of a snapshot was not taken")),
        }
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
