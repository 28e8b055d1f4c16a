//! What a change stream is asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::notices::Notices;
use crate::checkpoint::{Checkpoint, Phase};
use crate::types::{FieldDefinition, FieldType, Schema, SourceSchema, TableInfo};

/// What core asks of [`Source::changes`](crate::Source::changes).
#[derive(Debug, Clone)]
pub struct ChangeRequest {
    tables: Arc<[SelectedTable]>,
    /// The full names of all tables that `get_tables` gave, by their places.
    places: Arc<[String]>,
    checkpoint: Option<Checkpoint>,
    reader: String,
    snapshot_only: bool,
    end: Option<u64>,
    cancellation: Cancellation,
    notices: Notices,
}

/// A table of a request: as the source has it, and the columns that are wanted of it.
#[derive(Debug, Clone)]
pub struct SelectedTable {
    /// The table's place in the list that the source's `get_tables` gives: rows and events name it by this.
    pub place: usize,
    /// The name that the pipeline uses.
    pub name: String,
    /// The table as the source described it, all columns.
    pub info: Arc<TableInfo>,
    /// Places, in `info.columns`, of the wanted columns, in the wanted order.
    pub columns: Vec<usize>,
    /// Made when it is asked for, once for all clones: of many tables, most have no row for a while.
    schema: Arc<OnceLock<Arc<SourceSchema>>>,
}

impl SelectedTable {
    pub(crate) fn new(
        place: usize,
        name: String,
        info: Arc<TableInfo>,
        columns: Vec<usize>,
    ) -> Self {
        Self {
            place,
            name,
            info,
            columns,
            schema: Arc::default(),
        }
    }

    /// The schema of the wanted columns.
    pub fn schema(&self) -> &Arc<SourceSchema> {
        self.schema.get_or_init(|| Arc::new(self.make_schema()))
    }

    fn make_schema(&self) -> SourceSchema {
        let info = &self.info;
        let mut fields = Vec::with_capacity(self.columns.len());
        for column in (self.columns.iter()).filter_map(|&place| info.columns.get(place)) {
            fields.push(FieldDefinition {
                name: column.name.clone(),
                // Others are not selected.
                typ: column.field_type().unwrap_or(FieldType::Text),
                nullable: column.nullable,
                external_type: column.external_type.clone(),
                description: column.description.clone(),
                number: column.number,
            });
        }
        // A key of which a column is missing is none: rows could not be told apart by what is left.
        let key = info.key_columns();
        let places: Option<Vec<usize>> = (key.iter())
            .map(|key| self.columns.iter().position(|column| column == key))
            .collect();
        SourceSchema {
            name: self.name.clone(),
            namespace: info.schema.clone(),
            table_name: info.table_name.clone(),
            schema: Schema {
                fields,
                primary_index: places.unwrap_or_default(),
            },
            replication_type: info.tracking,
            description: info.description.clone(),
        }
    }
}

/// Where a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartFrom {
    /// At the start: a snapshot first, where the source takes one.
    Start,
    /// After transaction `lsn`.
    After {
        /// The last transaction that is done.
        lsn: u64,
    },
    /// With transaction `lsn`, replayed from its first change; core drops those that are done.
    Within {
        /// The transaction to replay.
        lsn: u64,
    },
}

/// Where a stream begins that has this checkpoint.
pub(crate) fn resume_from(checkpoint: Option<&Checkpoint>) -> StartFrom {
    match checkpoint {
        None => StartFrom::Start,
        Some(checkpoint) if checkpoint.phase == Phase::Snapshot => StartFrom::Start,
        Some(Checkpoint {
            lsn,
            complete: true,
            ..
        }) => StartFrom::After { lsn: *lsn },
        Some(Checkpoint { lsn, .. }) => StartFrom::Within { lsn: *lsn },
    }
}

impl ChangeRequest {
    pub(crate) fn new(
        tables: Vec<SelectedTable>,
        places: Vec<String>,
        checkpoint: Option<Checkpoint>,
        reader: impl Into<String>,
        cancellation: Cancellation,
    ) -> Self {
        Self {
            tables: tables.into(),
            places: places.into(),
            checkpoint,
            reader: reader.into(),
            snapshot_only: false,
            end: None,
            cancellation,
            notices: Notices::default(),
        }
    }

    /// The same request for a snapshot alone.
    pub(crate) fn with_snapshot_only(self, snapshot_only: bool) -> Self {
        Self {
            snapshot_only,
            ..self
        }
    }

    /// The same request of a run that ends with this position.
    pub(crate) fn with_end(self, end: Option<u64>) -> Self {
        Self { end, ..self }
    }

    /// The same request of somebody who listens to what the source says.
    pub(crate) fn with_notices(self, notices: Notices) -> Self {
        Self { notices, ..self }
    }

    /// The tables to deliver. Rows and events name a table by its [`place`](SelectedTable::place).
    pub fn tables(&self) -> &[SelectedTable] {
        &self.tables
    }

    /// The full names of all tables that `get_tables` gave, by their places.
    pub fn places(&self) -> &[String] {
        &self.places
    }

    /// Both, for what shares them.
    pub(crate) fn shared(&self) -> (Arc<[SelectedTable]>, Arc<[String]>) {
        (Arc::clone(&self.tables), Arc::clone(&self.places))
    }

    /// Where to begin.
    pub fn from(&self) -> StartFrom {
        resume_from(self.checkpoint.as_ref())
    }

    /// The checkpoint to resume from, with the connector's own state in it. `None` at the start.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint
            .as_ref()
            .filter(|checkpoint| checkpoint.phase == Phase::Changes)
    }

    /// The name of this reader, the same in every run: what a source keeps per reader is kept under it.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Whether the stream is left when its snapshot is done: no change is asked for, now or later. A source then
    /// keeps nothing for this reader.
    pub fn snapshot_only(&self) -> bool {
        self.snapshot_only
    }

    /// The position with which the run ends, where that is known: what is committed behind it need not be read.
    pub fn end(&self) -> Option<u64> {
        self.end
    }

    /// Set when the stream should come to an end soon.
    pub fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// Where the stream says what a person should know while it lasts. A stream keeps a clone.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }
}

/// A flag by which a run is asked to stop. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    set: AtomicBool,
    /// Stops this one, too.
    parent: Option<Cancellation>,
}

impl Cancellation {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody who holds a clone to stop.
    pub fn cancel(&self) {
        self.0.set.store(true, Ordering::Release);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
            || (self.0.parent.as_ref()).is_some_and(Cancellation::is_cancelled)
    }

    /// A flag that is set when this one is, and can be set alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(Arc::new(Flag {
            set: AtomicBool::new(false),
            parent: Some(self.clone()),
        }))
    }
}
