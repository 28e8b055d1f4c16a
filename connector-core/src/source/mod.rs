//! What a connector author writes: rows, events and the [`Source`] that gives them.

pub(crate) mod clash;
mod column_values;
pub(crate) mod derived;
pub(crate) mod derived_types;
mod event;
pub(crate) mod fields;
pub(crate) mod locked;
mod message;
mod notices;
pub mod reading;
mod request;
mod row;
mod sent;
mod stream;
pub mod tracking;

use std::fmt::Debug;

pub use event::{Change, Event, SchemaChange};
pub use notices::{Notice, Notices};
pub(crate) use request::resume_from;
pub use request::{Cancellation, ChangeRequest, SelectedTable, StartFrom};
pub use row::{
    ColumnValue, Columns, DeclaredColumn, DozerSource, FromRow, FromValue, Holds, NoOldRow,
    RawValue, Rejected, RowImage, SourceRow,
};
pub use sent::Sent;
pub use stream::{ChangeStream, StreamItem};

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::types::TableInfo;
use crate::validation::Finding;

/// A system that rows come from, as its author describes it. Core makes the whole
/// [`Connector`](crate::connector::Connector) of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source",
    label = "rows do not come from it",
    note = "implement `connector_core::Source` for it: `get_tables` and `changes`"
)]
pub trait Source: Send + Sync + Debug {
    /// Every table that the source has, with all of its columns in the order in which rows deliver them.
    ///
    /// # Errors
    /// When the source cannot be reached or does not let its catalog be read.
    fn get_tables(&self) -> Result<Vec<TableInfo>>;

    /// As [`get_tables`](Self::get_tables), where only these are looked at: all tables, in the same order, of which the others
    /// may come without their columns. For a source that pays for every column it describes.
    ///
    /// # Errors
    /// As [`get_tables`](Self::get_tables).
    fn get_wanted_tables(&self, wanted: &[TableInfo]) -> Result<Vec<TableInfo>> {
        let _ = wanted;
        self.get_tables()
    }

    /// The rows of the requested tables, then their changes.
    ///
    /// Any iterator of events will do; one that yields nothing is `std::iter::empty::<Result<Event<Row>>>()`. To be told
    /// what is stored ([`ChangeStream::confirm`]), to keep a position of its own ([`ChangeStream::state`]) or to lend rows,
    /// implement [`ChangeStream`]. When [`ChangeRequest::cancellation`] is set, a stream that waits should stop waiting:
    /// give `Idle`, or end.
    ///
    /// Core may hold up to 256 rows of an iterator before it lets them go, so the iterator must not wait for one of them to be
    /// dropped (a permit or a pooled buffer in it, say); [`ChangeStream`] is for those.
    ///
    /// # Errors
    /// When the source cannot be reached, or no longer holds the position
    /// ([`Error::position_lost`](crate::Error::position_lost)).
    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream>;

    /// Checks that the source can be reached and read.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// What else is wrong with a table for this source, beyond what core finds by itself. With an error nothing is set up
    /// and nothing runs, so what [`prepare`](Self::prepare) would mend is a warning.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        let _ = table;
        Ok(Vec::new())
    }

    /// As [`validate_table`](Self::validate_table), of several tables at once: for a source that is asked once for all of them.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn validate_tables(&self, tables: &[TableInfo]) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for table in tables {
            findings.extend(self.validate_table(table)?);
        }
        Ok(findings)
    }

    /// The position that the source has reached now; what a run with `--once` runs up to. `None`: the stream says
    /// by `Idle` that it has caught up, or ends.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn current_position(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    /// How many bytes the source keeps because this reader has not stored them: of a server's log, say. `None`: it does
    /// not tell, or keeps nothing for a reader.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn retained_bytes(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    /// Whether the source still has everything that came after this checkpoint, as far as it knows without reading on: what
    /// `app status` asks.
    ///
    /// # Errors
    /// When it does not ([`Error::position_lost`](crate::Error::position_lost)), or cannot be asked.
    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        let _ = stored;
        Ok(())
    }

    /// What the source can deliver a second time: its whole content, unless it says otherwise.
    fn replay(&self) -> Replay {
        Replay::Snapshot
    }

    /// Whether `changes` delivers just the selected columns, in the selected order. Otherwise it delivers all of
    /// them, and core selects.
    fn selects_columns(&self) -> bool {
        false
    }

    /// Whether the stream tells of every column that is added, before the first row that may have a value there, and reads
    /// rows from before the column as null. Only then can `schema_change: evolve` take a column on.
    fn tells_added_columns(&self) -> bool {
        false
    }

    /// Whether a column of the declared type `from` that is given the type `to` keeps all its values, in the same form: what
    /// `schema_change: evolve` then takes on. No type, unless the source says so.
    fn widens(&self, from: &str, to: &str) -> bool {
        let _ = (from, to);
        false
    }

    /// Told before anything else, where an application uses the source: the name of the reader, the same in every run. What
    /// [`prepare`](Self::prepare) sets up for one reader is set up under it; [`ChangeRequest::reader`] is this name, too.
    fn named(&mut self, reader: &str) {
        let _ = reader;
    }

    /// The Rust path of the [`ColumnTypes`](crate::ColumnTypes) that the source's columns have, as a crate that depends on
    /// the connector's names it: `connector_sqlite::SqliteType`. `connector generate` writes it into `#[dozer(types = …)]`.
    /// `None`: rows of any source.
    fn column_types(&self) -> Option<&'static str> {
        None
    }

    /// Sets up what following these tables needs in the source (triggers, slots), as the configuration asks for.
    /// Returns a line for each thing done.
    ///
    /// # Errors
    /// When it cannot be set up.
    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        let _ = tables;
        Ok(Vec::new())
    }

    /// Removes everything that [`prepare`](Self::prepare) and the readers left in the source. Returns a line for
    /// each thing done.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn clean(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// What a source can deliver a second time: it decides what a run can guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Nothing: what was delivered and not stored is lost.
    Nothing,
    /// Its whole content, as a new snapshot.
    Snapshot,
    /// Every change after a stored position.
    Changes,
}

impl<S: Source> Source for std::sync::Arc<S> {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        (**self).get_tables()
    }

    fn get_wanted_tables(&self, wanted: &[TableInfo]) -> Result<Vec<TableInfo>> {
        (**self).get_wanted_tables(wanted)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        (**self).changes(request)
    }

    fn validate(&self) -> Result<()> {
        (**self).validate()
    }

    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        (**self).validate_table(table)
    }

    fn validate_tables(&self, tables: &[TableInfo]) -> Result<Vec<Finding>> {
        (**self).validate_tables(tables)
    }

    fn current_position(&self) -> Result<Option<u64>> {
        (**self).current_position()
    }

    fn retained_bytes(&self) -> Result<Option<u64>> {
        (**self).retained_bytes()
    }

    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        (**self).check_position(stored)
    }

    fn replay(&self) -> Replay {
        (**self).replay()
    }

    fn selects_columns(&self) -> bool {
        (**self).selects_columns()
    }

    fn tells_added_columns(&self) -> bool {
        (**self).tells_added_columns()
    }

    fn widens(&self, from: &str, to: &str) -> bool {
        (**self).widens(from, to)
    }

    /// Reaches the source only while nobody shares it.
    fn named(&mut self, reader: &str) {
        if let Some(source) = Self::get_mut(self) {
            source.named(reader);
        }
    }

    fn column_types(&self) -> Option<&'static str> {
        (**self).column_types()
    }

    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        (**self).prepare(tables)
    }

    fn clean(&self) -> Result<Vec<String>> {
        (**self).clean()
    }
}
