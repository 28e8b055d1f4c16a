//! The way of records into the queue, for connectors that implement [`Connector`](super::Connector) by hand.

use std::sync::Arc;

use super::from_source::{agreed, placed};
use crate::checkpoint::Checkpoint;
use crate::columns::RowWriter;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{Bounds, Ingestor, OpenBatch, Runner, Selection};
use crate::source::{
    Change, ChangeStream, Event, Rejected, RowImage, SelectedTable, SourceRow, StartFrom,
    resume_from,
};
use crate::types::{Operation, Record, SourceSchema};

/// Takes the operations of a connector that is written by hand, and hands them on as core hands on a change stream:
/// in batches of columns, bounded in bytes, with the same checks of the protocol.
///
/// A call that comes when the run has gone as far as it was to go, or was stopped, gives an error of the kind
/// [`Cancelled`](ErrorKind::Cancelled): `start` may return it, and the run ends well. What was written of a
/// transaction that is not committed is forgotten.
///
/// ```
/// # use connector_core::connector::{Connector, RecordWriter};
/// # use connector_core::ingest::Ingestor;
/// # use connector_core::{Field, Operation, Record, Result, TableInfo};
/// fn start(
///     connector: &impl Connector,
///     from_seq: Option<(u64, u64)>,
///     ingestor: &Ingestor,
///     tables: Option<Vec<TableInfo>>,
/// ) -> Result<()> {
///     let schemas = connector.get_schemas(tables)?;
///     let mut writer = RecordWriter::new(ingestor, from_seq, schemas)?;
///     let row = || Record { values: vec![Field::Int(1)] };
///     writer.snapshot_started(7)?;
///     writer.operation(0, Operation::Insert { new: row() })?;
///     writer.snapshot_done(7)?;
///     writer.begin(8)?;
///     writer.operation(0, Operation::Delete { old: row() })?;
///     writer.commit()?;
///     loop {
///         writer.idle(Some(8))?; // at least every 500 ms
///     }
/// }
/// ```
#[derive(Debug)]
pub struct RecordWriter<'i> {
    ingestor: &'i Ingestor,
    runner: Runner<Told>,
    /// Whether a call failed: what comes after it cannot be whole.
    failed: bool,
    checkpoint: Option<Checkpoint>,
}

/// What was told and not taken yet, as a change stream.
#[derive(Debug, Default)]
struct Told {
    next: Option<Event<TableRecord>>,
    /// How many tables there are.
    tables: usize,
    state: String,
}

/// A record with the place of its table.
#[derive(Debug)]
struct TableRecord {
    table: usize,
    record: Record,
}

impl RowImage for TableRecord {
    fn table(&self) -> usize {
        self.table
    }

    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        (self.record.values.iter()).try_for_each(|field| row.push(field.as_value()))
    }
}

impl SourceRow for TableRecord {
    type Old = Self;
    type Tracking = crate::tracking::AtRunTime;
}

impl ChangeStream for Told {
    type Row<'a> = TableRecord;

    fn next_event(&mut self) -> Result<Option<Event<TableRecord>>> {
        let next = self.next.take();
        match next.as_ref().and_then(table_of) {
            Some(table) if table >= self.tables => Err(Error::protocol(format!(
                "there is no table {table} among the schemas"
            ))),
            _ => Ok(next),
        }
    }

    fn state(&self) -> &str {
        &self.state
    }
}

impl<'i> RecordWriter<'i> {
    /// A writer of records of these schemas, which operations name by their places. `from_seq` is what `start` was
    /// given.
    ///
    /// # Errors
    /// When `from_seq` is not the position of the ingestor's checkpoint.
    pub fn new(
        ingestor: &'i Ingestor,
        from_seq: Option<(u64, u64)>,
        schemas: Vec<SourceSchema>,
    ) -> Result<Self> {
        let checkpoint = agreed(from_seq, ingestor.checkpoint())?;
        let selected = schemas.into_iter().enumerate();
        let selected: Vec<SelectedTable> = selected
            .map(|(place, schema)| {
                let name = schema.name.clone();
                let columns = (0..schema.schema.fields.len()).collect();
                let info = Arc::new(super::table_of(schema));
                SelectedTable::new(place, name, info, columns)
            })
            .collect();
        let options = ingestor.options();
        let policy = |name: &str| options.on_misfit.get(name).copied().unwrap_or_default();
        let places: Vec<String> = selected
            .iter()
            .map(|table| table.info.full_name())
            .collect();
        let bounds = Bounds::of(options, &selected);
        let told = Told {
            tables: selected.len(),
            ..Told::default()
        };
        let selection = Selection::new(selected.into(), places.into(), true, policy);
        let open = OpenBatch::new(Arc::new(selection));
        let runner = Runner::new(told, open, bounds, checkpoint.as_ref())?;
        Ok(Self {
            ingestor,
            runner,
            failed: false,
            checkpoint,
        })
    }

    /// Where to begin. After [`StartFrom::Within`] the whole transaction is to be told again, from its first change: those
    /// that are stored already are dropped here.
    pub fn from(&self) -> StartFrom {
        resume_from(self.checkpoint.as_ref())
    }

    /// A snapshot taken at `lsn` begins: its rows follow as inserts.
    ///
    /// # Errors
    /// When it is not the first thing that is told, or the run is over.
    pub fn snapshot_started(&mut self, lsn: u64) -> Result<()> {
        self.tell(Some(Event::SnapshotStarted { lsn }))
    }

    /// The snapshot is complete.
    ///
    /// # Errors
    /// When none was started at `lsn`, or the run is over.
    pub fn snapshot_done(&mut self, lsn: u64) -> Result<()> {
        self.tell(Some(Event::SnapshotDone { lsn }))
    }

    /// The changes of the transaction with this commit position follow.
    ///
    /// # Errors
    /// When the position does not increase, a transaction is open, or the run is over.
    pub fn begin(&mut self, lsn: u64) -> Result<()> {
        self.tell(Some(Event::Begin { lsn }))
    }

    /// The transaction is complete.
    ///
    /// # Errors
    /// When none is open, or the run is over.
    pub fn commit(&mut self) -> Result<()> {
        self.tell(Some(Event::Commit))
    }

    /// One change of a row of the table at this place among the schemas. An old record has as many values as a new
    /// one; where the table tells the key alone, the other values do not matter.
    ///
    /// # Errors
    /// When there is no such table, the record does not fit it, no transaction or snapshot is open, or the run is over.
    pub fn operation(&mut self, table: usize, operation: Operation) -> Result<()> {
        let of_table = |record| TableRecord { table, record };
        self.tell(Some(Event::Change(match operation {
            Operation::Insert { new } => Change::Insert { new: of_table(new) },
            Operation::Delete { old } => Change::Delete { old: of_table(old) },
            Operation::Update { old, new } => Change::Update {
                old: Some(of_table(old)),
                new: of_table(new),
            },
        })))
    }

    /// The table at this place was emptied.
    ///
    /// # Errors
    /// When there is no such table, no transaction is open, or the run is over.
    pub fn truncate(&mut self, table: usize) -> Result<()> {
        self.tell(Some(Event::Truncate { table }))
    }

    /// There is nothing to tell at the moment; everything up to `reached` was told, where that is known. To be called at
    /// least every 500 ms while the connector waits.
    ///
    /// # Errors
    /// When the run is over.
    pub fn idle(&mut self, reached: Option<u64>) -> Result<()> {
        self.ingestor.check_consumer()?;
        self.tell(Some(Event::Idle { reached }))
    }

    /// The snapshot was all there is.
    ///
    /// # Errors
    /// When a transaction was told: a connector that follows changes has no end.
    pub fn finish(mut self) -> Result<()> {
        self.tell(None)
    }

    /// Sets the connector's own position beside `lsn`, which the checkpoint of the next commit keeps.
    pub fn set_state(&mut self, state: impl Into<String>) {
        self.runner.stream_mut().state = state.into();
    }

    /// What is stored by now, if it is news since the last call: the source may forget it.
    pub fn take_durable(&self) -> Option<Checkpoint> {
        self.ingestor.take_durable()
    }

    fn tell(&mut self, event: Option<Event<TableRecord>>) -> Result<()> {
        let over = || Error::new(ErrorKind::Cancelled, "the run is over");
        if std::mem::replace(&mut self.failed, true) {
            return Err(
                Error::protocol("a record was written after an error of the writer")
                    .with_context(self.runner.place())
                    .with_help("return the error out of `start`"),
            );
        }
        if self.runner.has_ended() {
            return Err(over());
        }
        self.runner.stream_mut().next = event;
        let (deliveries, told) = self.runner.take_one(|| self.ingestor.is_hungry());
        for delivery in deliveries {
            self.ingestor.send(delivery, || Ok(()))?;
        }
        told.map_err(|error| placed(error, &self.runner.place()))?;
        // Stopped before the event was taken.
        if self.runner.stream_mut().next.is_some() {
            return Err(over());
        }
        self.failed = false;
        Ok(())
    }
}

fn table_of(event: &Event<TableRecord>) -> Option<usize> {
    match event {
        Event::Change(Change::Insert { new: row } | Change::Update { new: row, .. }) => {
            Some(row.table)
        }
        Event::Change(Change::Delete { old }) => Some(old.table),
        Event::Truncate { table } => Some(*table),
        _ => None,
    }
}
