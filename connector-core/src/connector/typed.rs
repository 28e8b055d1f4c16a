//! Typed rows out of any source: an owned snapshot, or the stream of changes.

use std::collections::VecDeque;
use std::marker::PhantomData;
#[cfg(feature = "stream")]
use std::task::{Context, Poll};

use super::Connector;
use super::running::RunningSource;
use super::select::Tables;
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{RowOp, RowReader, TableBatch};
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{Delivery, IngestOptions, Until};
use crate::source::derived::described;
use crate::source::reading::{Kept, Lent, OneTable, ReadFrom};
use crate::source::{Cancellation, Change, Columns, Event, FromRow, Source, SourceRow};
use crate::types::{ColumnInfo, ReplicationChangesTrackingType as Tracking, TableInfo, readable};
use crate::validation::{Finding, Rule, Severity};

/// Typed rows over a source, with a row struct that derives [`DozerSource`](crate::DozerSource).
///
/// The source is cloned into a thread of its own; an [`Arc`](std::sync::Arc) of a source is a source, too.
#[diagnostic::on_unimplemented(
    message = "typed rows are not read from a `{Self}`",
    label = "not a source",
    note = "implement `connector_core::Source` for it: `get_tables` and `changes`"
)]
pub trait TypedSource: Source {
    /// The rows of `T`'s table, as a snapshot. It leaves nothing behind in the source.
    ///
    /// # Errors
    /// When the live table does not fit `T`: every difference is named.
    fn rows<T: OneTable + ReadFrom<Self>>(&self) -> Result<Rows<T>>
    where
        Self: Clone + 'static,
    {
        let stream = TypedStream::open::<T, _>(
            self,
            IngestOptions {
                until: Until::Snapshot,
                ..IngestOptions::default()
            },
        )?;
        Ok(Rows {
            stream,
            lent: None,
            marker: PhantomData,
        })
    }

    /// The rows of `T`'s table, then its changes, from a checkpoint or from the start.
    ///
    /// # Errors
    /// When the live table does not fit `T`, or does not tell of old rows what `T` declares.
    fn changes_of<T: Kept + ReadFrom<Self>>(&self, options: IngestOptions) -> Result<Changes<T>>
    where
        Self: Clone + 'static,
    {
        let checkpoint = options.checkpoint.clone();
        let stream = TypedStream::open::<T, _>(self, options)?;
        Ok(Changes {
            stream,
            events: VecDeque::new(),
            checkpoint,
            in_transaction: None,
        })
    }

    /// What keeps the live table from being read as `T`, column by column. Empty: it fits. A field that does not
    /// take what a change may leave out ([`ColumnInfo::may_be_left_out`]) is a warning.
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn check_rows<T: ReadFrom<Self>>(&self) -> Result<Vec<Finding>>
    where
        Self: Sized,
    {
        let declared = T::tables();
        let all = super::from_source::tables_with(self, Some(&declared))?;
        Ok(declared
            .iter()
            .flat_map(|declared| {
                let mut findings = misfits(declared, &all);
                findings.extend(left_out_misfits(declared, &all));
                findings
            })
            .collect())
    }
}

impl<S: Source> TypedSource for S {}

/// The rows of a table, owned. See [`TypedSource::rows`]. Dropped half-way, it stops the source.
#[derive(Debug)]
pub struct Rows<T> {
    stream: TypedStream,
    /// The row type that was last found to have the columns that are read.
    lent: Option<&'static str>,
    marker: PhantomData<fn() -> T>,
}

/// The events of a table, typed. See [`TypedSource::changes_of`]. Dropped half-way, it stops the source.
pub struct Changes<T: SourceRow> {
    stream: TypedStream,
    events: VecDeque<Event<T>>,
    checkpoint: Option<Checkpoint>,
    in_transaction: Option<u64>,
}

impl<T: SourceRow> std::fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes")
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}

/// A source running on its own thread, and the batch that is being read.
#[derive(Debug)]
struct TypedStream {
    source: RunningSource,
    current: Option<(TableBatch, usize)>,
    /// The names of the columns that are read.
    columns: Vec<String>,
}

impl TypedStream {
    fn open<T: OneTable, S: Source + Clone + 'static>(
        source: &S,
        options: IngestOptions,
    ) -> Result<Self> {
        let declared = T::tables();
        let [table] = declared.as_slice() else {
            return Err(Error::config(
                "typed rows are read one table at a time: use the row struct, not the enum",
            ));
        };
        let all = super::from_source::tables_with(source, Some(&declared))?;
        let mut findings = misfits(table, &all);
        if options.until != Until::Snapshot {
            findings.extend(tracking_misfit(table, &all));
        }
        if !findings.is_empty() {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            return Err(Error::new(
                ErrorKind::Validation,
                format!(
                    "the row type does not fit table `{}`:\n  {}",
                    table.full_name(),
                    lines.join("\n  ")
                ),
            ));
        }
        let selection = TableInfo {
            schema: table.schema.clone(),
            ..TableInfo::select(&table.table_name)
                .columns(table.columns.iter().map(|column| column.name.as_str()))
        };
        let from = match &options.checkpoint {
            Some(checkpoint) if checkpoint.phase == Phase::Changes => Some(checkpoint.position()),
            _ => None,
        };
        let source = source.clone();
        let run =
            move |ingestor: &_| Connector::start(&source, from, ingestor, Some(vec![selection]));
        Ok(Self {
            source: RunningSource::start(&format!("read {}", table.table_name), options, run)?,
            current: None,
            columns: table
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
        })
    }

    /// The next row of the snapshot as an `R`.
    fn next_as<'r, R: FromRow<'r>>(&'r mut self) -> Result<Option<R>> {
        if !self.next_row()? {
            return Ok(None);
        }
        self.row()
    }

    /// Goes to the next row of the snapshot. `false`: there is none.
    fn next_row(&mut self) -> Result<bool> {
        while !self.next_in_batch() {
            match self.source.next_delivery()? {
                None => return self.source.whole().map(|()| false),
                Some(delivery) => self.take(delivery),
            }
        }
        Ok(true)
    }

    /// As [`next_row`](Self::next_row), for a task that is woken.
    #[cfg(feature = "stream")]
    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        while !self.next_in_batch() {
            match self.source.poll_delivery(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(None)) => {
                    return Poll::Ready(self.source.whole().map(|()| false));
                }
                Poll::Ready(Ok(Some(delivery))) => self.take(delivery),
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Goes to the next row of the batch that is being read. `false`: it has no more.
    fn next_in_batch(&mut self) -> bool {
        if let Some((batch, next)) = &mut self.current {
            if *next < batch.len() {
                *next += 1;
                return true;
            }
            self.current = None;
        }
        false
    }

    /// Reads from these rows on, if there are any.
    fn take(&mut self, delivery: Delivery) {
        if let Delivery::Batch(batch) = delivery
            && let Some(table) = batch.tables.into_iter().next()
        {
            self.current = Some((table, 0));
        }
    }

    /// The row that was gone to.
    fn row<'r, R: FromRow<'r>>(&'r self) -> Result<Option<R>> {
        let Some((batch, next)) = &self.current else {
            return Ok(None);
        };
        read(batch, next.saturating_sub(1)).map(Some)
    }
}

impl<T> Rows<T> {
    /// Stops the source when it is set: the next item is then an error of the kind [`Cancelled`](ErrorKind::Cancelled).
    pub fn cancellation(&self) -> &Cancellation {
        self.stream.source.cancellation()
    }

    /// The next row, lent: `R` may borrow text and bytes from the batch that it is read from. It has the columns of `T`,
    /// in the same order: most often `T` itself, or `T` with another lifetime.
    ///
    /// # Errors
    /// What the source failed with, a value that does not fit a field of `R`, or an `R` of other columns.
    pub fn lend<'r, R: Lent<'r>>(&'r mut self) -> Result<Option<R>> {
        let name = std::any::type_name::<R>();
        if self.lent != Some(name) {
            same_columns::<R>(&self.stream.columns)?;
            self.lent = Some(name);
        }
        self.stream.next_as()
    }
}

/// Refuses to read rows as a type of other columns.
fn same_columns<R: Columns>(read: &[String]) -> Result<()> {
    let columns = described(R::COLUMNS);
    let lent: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if lent == read {
        return Ok(());
    }
    let message = format!(
        "rows are lent with the columns `{}`, and those that are read have `{}`",
        lent.join("`, `"),
        read.join("`, `")
    );
    Err(Error::new(ErrorKind::Validation, message)
        .with_help("call `rows` with the type that is lent, or with one of the same columns"))
}

impl<T: Kept> Iterator for Rows<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.stream.next_as().transpose()
    }
}

#[cfg(feature = "stream")]
impl<T: Kept> Rows<T> {
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.stream.poll_row(context).map(|found| match found {
            Ok(true) => self.stream.row().transpose(),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

impl<T: SourceRow> Changes<T> {
    /// Stops the source when it is set: what is whole is still given, and then comes the end.
    pub fn cancellation(&self) -> &Cancellation {
        self.stream.source.cancellation()
    }

    /// The position after the last event that was taken, for a later run to resume from.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Says that everything up to the last [`checkpoint`](Self::checkpoint) is stored: the source may forget it.
    pub fn confirm(&self) {
        if let Some(checkpoint) = self
            .checkpoint
            .as_ref()
            .filter(|checkpoint| checkpoint.complete)
        {
            self.stream.source.iterator.confirm(checkpoint.clone());
        }
    }
}

impl<T: Kept> Iterator for Changes<T> {
    type Item = Result<Event<T>>;

    fn next(&mut self) -> Option<Result<Event<T>>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            match self.stream.source.next_delivery() {
                Ok(None) => return None,
                Ok(Some(delivery)) => {
                    if let Err(error) = self.read_out(delivery) {
                        return Some(Err(error));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T: Kept> Changes<T> {
    #[cfg(feature = "stream")]
    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event<T>>>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            match self.stream.source.poll_delivery(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(None)) => return Poll::Ready(None),
                Poll::Ready(Ok(Some(delivery))) => {
                    if let Err(error) = self.read_out(delivery) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    fn read_out(&mut self, delivery: Delivery) -> Result<()> {
        let end = delivery.end().clone();
        match delivery {
            Delivery::SnapshotStarted { at, .. } => self
                .events
                .push_back(Event::SnapshotStarted { lsn: at.lsn }),
            Delivery::Truncate { table, .. } => {
                self.begin(end.lsn);
                self.events.push_back(Event::Truncate { table });
            }
            // A row type reads the columns that it names.
            Delivery::SchemaChanged { .. } => {}
            Delivery::Reached(at)
                if at.seq == 0
                    && self
                        .checkpoint
                        .as_ref()
                        .is_some_and(|c| c.phase == Phase::Snapshot) =>
            {
                self.events.push_back(Event::SnapshotDone { lsn: at.lsn });
            }
            Delivery::Reached(at) => {
                if self.in_transaction.is_none() {
                    self.events.push_back(Event::Idle {
                        reached: Some(at.lsn),
                    });
                }
            }
            Delivery::Batch(batch) => {
                for table in &batch.tables {
                    self.changes(table, batch.phase)?;
                }
            }
        }
        if end.complete && self.in_transaction.take().is_some() {
            self.events.push_back(Event::Commit);
        }
        self.checkpoint = Some(end);
        Ok(())
    }

    fn begin(&mut self, lsn: u64) {
        if self.in_transaction == Some(lsn) {
            return;
        }
        if self.in_transaction.replace(lsn).is_some() {
            self.events.push_back(Event::Commit);
        }
        self.events.push_back(Event::Begin { lsn });
    }

    fn changes(&mut self, table: &TableBatch, phase: Phase) -> Result<()> {
        let mut before = None;
        for (row, op) in table.ops.iter().enumerate() {
            if phase == Phase::Changes
                && let Some((lsn, _)) = table.position(row)
            {
                self.begin(lsn);
            }
            let change = match op {
                RowOp::Insert => Change::Insert {
                    new: read(table, row)?,
                },
                RowOp::Delete => Change::Delete {
                    old: read(table, row)?,
                },
                RowOp::UpdateBefore => {
                    before = Some(read(table, row)?);
                    continue;
                }
                RowOp::UpdateAfter => Change::Update {
                    old: before.take(),
                    new: read(table, row)?,
                },
            };
            self.events.push_back(Event::Change(change));
        }
        Ok(())
    }
}

/// Reads one row of a batch.
fn read<'r, R: FromRow<'r>>(batch: &'r TableBatch, row: usize) -> Result<R> {
    let mut reader = RowReader::new(&batch.columns, row);
    R::from_row(&mut reader).map_err(|_| unread(batch, row, &reader))
}

#[cold]
fn unread(batch: &TableBatch, row: usize, reader: &RowReader<'_>) -> Error {
    let (column, why) = match reader.refusal() {
        Some((column, misfit)) => (column, misfit.to_string()),
        None => (0, "the row could not be read".to_owned()),
    };
    let name = batch
        .schema
        .schema
        .fields
        .get(column)
        .map_or("?", |field| field.name.as_str());
    let preview = batch
        .columns
        .get(column)
        .map_or_else(String::new, |column| column.value(row).preview());
    let (lsn, seq) = batch.position(row).unwrap_or_default();
    Error::new(
        ErrorKind::Value,
        format!(
            "table `{}`, column `{name}` at position ({lsn}, {seq}): {preview} does not fit the field: {why}",
            batch.schema.table_name
        ),
    )
}

/// What keeps the live table from being read as declared.
fn misfits(declared: &TableInfo, all: &[TableInfo]) -> Vec<Finding> {
    let error = |message: String| {
        Finding::table(
            &declared.table_name,
            Rule::RowFits,
            Severity::Error,
            message,
        )
    };
    let Some((_, live)) = Tables::of(all).find(declared) else {
        return vec![error(format!(
            "there is no table `{}`",
            declared.full_name()
        ))];
    };
    let mut findings = Vec::new();
    for column in &declared.columns {
        let Some(found) = live.columns.iter().find(|live| live.name == column.name) else {
            findings.push(error("there is no such column".to_owned()).for_column(&column.name));
            continue;
        };
        findings.extend(
            column_misfit(column, found)
                .map(|(message, fix)| error(message).for_column(&column.name).with_fix(fix)),
        );
    }
    let key = |table: &TableInfo| -> Vec<String> {
        table
            .key_columns()
            .into_iter()
            .filter_map(|place| table.columns.get(place))
            .map(|c| c.name.clone())
            .collect()
    };
    if !key(declared).is_empty() && key(declared) != key(live) {
        findings.push(error(format!(
            "the struct's key is `{}`, the table's is `{}`",
            key(declared).join(", "),
            key(live).join(", ")
        )));
    }
    findings
}

/// What keeps the changes of the live table from being told as declared.
fn tracking_misfit(declared: &TableInfo, all: &[TableInfo]) -> Option<Finding> {
    let live = Tables::of(all).find(declared)?.1.tracking;
    let enough = match declared.tracking {
        Tracking::Nothing => true,
        Tracking::OnlyPK => live != Tracking::Nothing,
        Tracking::FullChanges => live == Tracking::FullChanges,
    };
    let message = format!(
        "the struct declares old rows as {}, the source tells {live}",
        declared.tracking
    );
    let finding = Finding::table(
        &declared.table_name,
        Rule::RowFits,
        Severity::Error,
        message,
    );
    (!enough).then_some(finding)
}

/// The fields that do not take what a change of the live table may leave out.
///
/// A warning: rows of a snapshot are whole, and a change is refused only where it does leave something out.
fn left_out_misfits(declared: &TableInfo, all: &[TableInfo]) -> Vec<Finding> {
    let Some((_, live)) = Tables::of(all).find(declared) else {
        return Vec::new();
    };
    let left_out = |column: &&ColumnInfo| {
        let found = live.columns.iter().find(|live| live.name == column.name);
        !column.may_be_left_out && found.is_some_and(|live| live.may_be_left_out)
    };
    let finding = |column: &ColumnInfo| {
        let message = "a change may leave the column out where it is as before, and the field does not take that";
        Finding::table(
            &declared.table_name,
            Rule::RowFits,
            Severity::Warning,
            message,
        )
        .for_column(&column.name)
        .with_fix("make the field a `Sent`, or have the source send whole old rows")
    };
    let columns = declared.columns.iter();
    columns.filter(left_out).map(finding).collect()
}

fn column_misfit(declared: &ColumnInfo, live: &ColumnInfo) -> Option<(String, String)> {
    let (Some(wanted), Some(found)) = (declared.field_type(), live.field_type()) else {
        return Some((
            "its type is not supported by the source".to_owned(),
            "leave the field out".to_owned(),
        ));
    };
    if !readable(wanted, found) {
        return Some((
            format!("the struct reads `{wanted}`, the column is `{found}`"),
            format!("use a Rust type that holds `{found}`"),
        ));
    }
    (live.nullable && !declared.nullable).then(|| {
        (
            "the column is nullable, the field is not".to_owned(),
            "make the field an `Option`".to_owned(),
        )
    })
}
