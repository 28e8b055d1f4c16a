//! How many pages of a file are kept in memory.

use connector_core::{Result, TableInfo, TableKind};

use crate::error::sqlite_error;
use crate::read::Handle;

/// How many pages are kept while tables are read from end to end: enough for a row that is spread over several, of each of which
/// SQLite reads a column at a time. No other page is read twice then, and so few of the usual size, 4 KiB, stay in the processor's
/// cache from the read to the last value: SQLite's usual 2 MiB cost a twentieth to a tenth of the time of wide rows.
const FEW: i64 = 32;

/// Few pages are kept by a connection, until this is dropped.
#[derive(Debug)]
pub(super) struct FewPages<H: Handle> {
    handle: H,
    /// The setting before, as SQLite has it: pages, or KiB below zero.
    before: i64,
}

impl<H: Handle> FewPages<H> {
    /// For reading these tables. `None`: there is a view among them, which may read its tables in any order, and a page many times.
    pub(super) fn keep<'t>(
        handle: &H,
        mut tables: impl Iterator<Item = &'t TableInfo>,
    ) -> Result<Option<Self>> {
        if tables.any(|table| table.kind == TableKind::View) {
            return Ok(None);
        }
        let before = (handle.connection())
            .pragma_query_value(None, "cache_size", |row| row.get(0))
            .map_err(sqlite_error)?;
        let few = Self {
            handle: handle.clone(),
            before,
        };
        few.set(FEW).map(|()| Some(few))
    }

    fn set(&self, pages: i64) -> Result<()> {
        (self.handle.connection())
            .pragma_update(None, "cache_size", pages)
            .map_err(sqlite_error)
    }
}

impl<H: Handle> Drop for FewPages<H> {
    fn drop(&mut self) {
        // With few pages a connection is slower, and no less right.
        let _ = self.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn table(kind: TableKind) -> TableInfo {
        TableInfo {
            kind,
            ..TableInfo::new("t", Vec::new())
        }
    }

    fn kept(connection: &Connection) -> i64 {
        connection
            .pragma_query_value(None, "cache_size", |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn few_pages_are_kept_while_tables_are_read_and_as_many_as_before_afterwards() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "cache_size", -3000).unwrap();
        let few = FewPages::keep(&&connection, [table(TableKind::Table)].iter()).unwrap();
        assert_eq!(kept(&connection), FEW);
        drop(few);
        assert_eq!(kept(&connection), -3000);
        let tables = [table(TableKind::Table), table(TableKind::View)];
        assert!(
            FewPages::keep(&&connection, tables.iter())
                .unwrap()
                .is_none()
        );
        assert_eq!(kept(&connection), -3000);
    }
}
