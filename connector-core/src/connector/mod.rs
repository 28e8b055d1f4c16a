//! The [`Connector`] trait: what the commands call. Core implements it for every [`Source`](crate::Source).

mod batches;
mod from_source;
mod record_writer;
mod running;
mod select;
#[cfg(feature = "stream")]
mod stream;
mod typed;

use std::fmt::Debug;

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::ingest::Ingestor;
use crate::source::Replay;
use crate::types::{ColumnInfo, SourceSchema, TableInfo};
use crate::validation::ValidationResults;

pub use batches::{BatchedSource, Batches};
pub use record_writer::RecordWriter;
#[cfg(feature = "stream")]
pub use stream::SourceStream;
pub use typed::{Changes, Rows, TypedSource};

/// A connector, as `connector ls`, `migrate` and `app run` use it.
///
/// Authors implement [`Source`](crate::Source) and get this. It may also be implemented by hand: then `start` hands
/// its rows over with a [`RecordWriter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connector",
    label = "implements no `Source`",
    note = "implement `connector_core::Source` for it: `get_tables` and `changes`; core makes the connector of it"
)]
pub trait Connector: Send + Sync + Debug {
    /// Checks the configuration and that the source can be reached.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    fn validate(&self, tables: Option<Vec<TableInfo>>) -> Result<()>;

    /// What is to be said of every requested table and column.
    ///
    /// # Errors
    /// When the source cannot be asked. What is wrong with a table is a finding, not an error.
    fn validate_schemas(&self, tables: &[TableInfo]) -> Result<ValidationResults>;

    /// The schemas of the requested tables, in their order; of all tables without a request.
    ///
    /// # Errors
    /// When a table or a column does not exist, or a column's type is not supported.
    fn get_schemas(&self, table_names: Option<Vec<TableInfo>>) -> Result<Vec<SourceSchema>>;

    /// Delivers rows and changes of the requested tables until the run ends.
    ///
    /// `from_seq` is `(lsn, seq)`: the transaction, and how many of its changes are done; `(lsn, 0)` means that all
    /// up to `lsn` are. It must agree with the ingestor's checkpoint where there is one.
    ///
    /// # Errors
    /// What the source failed with, with the position.
    fn start(
        &self,
        from_seq: Option<(u64, u64)>,
        ingestor: &Ingestor,
        tables: Option<Vec<TableInfo>>,
    ) -> Result<()>;

    /// The tables that the source has, with their columns; of those requested, when there is a request.
    ///
    /// # Errors
    /// When the source cannot be asked, or a requested table does not exist.
    fn get_tables(&self, tables: Option<&[TableInfo]>) -> Result<Vec<TableInfo>>;

    /// The tables as their schemas map them. An unsupported column is an error.
    ///
    /// # Errors
    /// As [`get_schemas`](Self::get_schemas).
    fn get_tables_default(&self, tables: Option<&[TableInfo]>) -> Result<Vec<TableInfo>> {
        let schemas = self.get_schemas(tables.map(<[TableInfo]>::to_vec))?;
        Ok(schemas.into_iter().map(table_of).collect())
    }

    /// The position that the source has reached now.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn current_position(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    /// How many bytes the source keeps for this reader: see [`Source::retained_bytes`](crate::Source::retained_bytes).
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn retained_bytes(&self) -> Result<Option<u64>> {
        Ok(None)
    }

    /// Whether the source still has what came after a checkpoint: see
    /// [`Source::check_position`](crate::Source::check_position).
    ///
    /// # Errors
    /// When it does not, or cannot be asked.
    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        let _ = stored;
        Ok(())
    }

    /// What the source can deliver a second time.
    fn replay(&self) -> Replay {
        Replay::Snapshot
    }

    /// Whether the source tells of every column that is added: see
    /// [`Source::tells_added_columns`](crate::Source::tells_added_columns).
    fn tells_added_columns(&self) -> bool {
        false
    }

    /// Whether a column's type may be widened like this: see [`Source::widens`](crate::Source::widens).
    fn widens(&self, from: &str, to: &str) -> bool {
        let _ = (from, to);
        false
    }

    /// Told before anything else, where an application uses the connector: the name of the reader, the same in every run.
    fn named(&mut self, reader: &str) {
        let _ = reader;
    }

    /// The Rust path of the source's column types: see [`Source::column_types`](crate::Source::column_types).
    fn column_types(&self) -> Option<&'static str> {
        None
    }

    /// Sets up what following these tables needs in the source. Returns a line for each thing done.
    ///
    /// # Errors
    /// When it cannot be set up.
    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        let _ = tables;
        Ok(Vec::new())
    }

    /// Removes everything left in the source. Returns a line for each thing done.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn clean(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn table_of(source: SourceSchema) -> TableInfo {
    let key = source.schema.primary_index;
    let fields = source.schema.fields.into_iter().enumerate();
    let columns = fields.map(|(place, field)| ColumnInfo {
        key: key
            .iter()
            .position(|&field| field == place)
            .and_then(|order| u16::try_from(order + 1).ok()),
        external_type: field.external_type,
        description: field.description,
        ..ColumnInfo::new(field.name, field.typ).nullable(field.nullable)
    });
    TableInfo {
        schema: source.namespace,
        table_name: source.table_name,
        description: source.description,
        ..TableInfo::new(source.name, columns.collect()).with_tracking(source.replication_type)
    }
}
