//! The batch that is being filled: rows go from the stream straight into its columns.

mod many;
mod selection;

use std::sync::Arc;

use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{
    Batch, CastError, Column, Image, OnMisfit, Planned, Refusal, RejectedRow, RowOp, RowPlan,
    RowWriter, TableBatch, Taken, Why,
};
use crate::error::{Error, Result};
use crate::source::{Change, RowImage, SelectedTable, SourceRow};
use crate::types::{
    ColumnInfo, FieldType, ReplicationChangesTrackingType as Tracking, SourceSchema, TableInfo,
};
use crate::value::Misfit;

use self::selection::Selected;
pub(crate) use self::selection::Selection;

/// The open columns of the tables of a run.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    selection: Arc<Selection>,
    /// The tables that have had a row.
    tables: Vec<OpenTable>,
    /// For each table of the source, its place in `tables`; `None` before its first row, and where nobody selected it.
    opened: Vec<Option<usize>>,
    /// Whether the tables that the row type declares were compared with those of the source.
    declared: bool,
    rejected: Vec<RejectedRow>,
    commits: Vec<Checkpoint>,
    nulled: u64,
    rows: usize,
    bytes: usize,
    /// How many rows are inserted one by one before many are at once.
    one_by_one: u32,
    /// Why a row that was lent is refused after all.
    refused_late: Option<Error>,
}

#[derive(Debug)]
struct OpenTable {
    /// The place among the selected tables.
    place: usize,
    selected: SelectedTable,
    plan: RowPlan,
    on_misfit: OnMisfit,
    /// Whether rows were appended together: the columns are of the kinds of their values.
    by_column: bool,
    /// The bytes of a row without its texts: fixed-width values are counted as eight bytes each.
    fixed_bytes: usize,
    ops: Vec<RowOp>,
    lsn: Vec<u64>,
    seq: Vec<u64>,
    columns: Vec<Column>,
}

/// Where a change stands in its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    pub(crate) lsn: u64,
    pub(crate) seq: u64,
}

impl OpenBatch {
    /// A batch without a row. Each table is opened for its first one: of many tables, most have none in a batch.
    pub(crate) fn new(selection: Arc<Selection>) -> Self {
        Self {
            tables: Vec::new(),
            opened: vec![None; selection.by_place().len()],
            selection,
            declared: false,
            rejected: Vec::new(),
            commits: Vec::new(),
            nulled: 0,
            rows: 0,
            bytes: 0,
            one_by_one: many::BEFORE_MANY,
            refused_late: None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0 && self.rejected.is_empty()
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn byte_size(&self) -> usize {
        self.bytes
    }

    /// Notes the end of a transaction that has a state of the connector's own.
    pub(crate) fn note_commit(&mut self, end: &Checkpoint) {
        if !end.state.is_empty() && !self.is_empty() {
            self.commits.push(end.clone());
        }
    }

    /// The place, among the selected tables, of the source's table `place`; `None` when nobody selected it.
    pub(crate) fn selected(&self, place: usize) -> Result<Option<usize>> {
        match self.selection.by_place().get(place) {
            Some(selected) => Ok(*selected),
            None if place == usize::MAX => Ok(None),
            None => Err(self.no_table(place)),
        }
    }

    /// The place, among the open tables, of the source's table `place`, of which a row comes; `None` when nobody selected it.
    #[inline]
    pub(crate) fn open(&mut self, place: usize) -> Result<Option<usize>> {
        match self.opened.get(place) {
            Some(Some(open)) => Ok(Some(*open)),
            _ => self.open_first(place),
        }
    }

    /// The same, where it is not open.
    #[inline(never)]
    fn open_first(&mut self, place: usize) -> Result<Option<usize>> {
        let Some(selected) = self.selected(place)? else {
            return Ok(None);
        };
        let (Some(table), Some(opened)) =
            (self.selection.get(selected), self.opened.get_mut(place))
        else {
            return Ok(None);
        };
        let open = self.tables.len();
        self.tables.push(OpenTable::new(selected, table));
        *opened = Some(open);
        Ok(Some(open))
    }

    #[cold]
    fn no_table(&self, place: usize) -> Error {
        Error::protocol(format!(
            "a row or an event names table {place}, and `get_tables` gives {}: places count from 0",
            self.opened.len()
        ))
    }

    /// Compares the tables that the row type declares with those that `get_tables` gives, unless that was done.
    #[inline]
    pub(crate) fn compare_declared<R: SourceRow>(&mut self) -> Result<()> {
        if self.declared {
            return Ok(());
        }
        self.compare_tables::<R>()
    }

    #[cold]
    fn compare_tables<R: SourceRow>(&mut self) -> Result<()> {
        self.declared = true;
        let declared: Vec<String> = R::declared_tables()
            .iter()
            .map(TableInfo::full_name)
            .collect();
        if declared.is_empty() || declared == self.selection.places() {
            return Ok(());
        }
        Err(Error::protocol(format!(
            "the stream's rows are of the tables `{}`, in this order, and `get_tables` gives `{}`",
            declared.join("`, `"),
            self.selection.places().join("`, `")
        ))
        .with_help("let `get_tables` give the `tables()` of the stream's row type, as they are"))
    }

    /// Appends one change. Rows of tables that nobody selected are dropped.
    #[inline]
    pub(crate) fn append<R: SourceRow>(&mut self, change: &Change<R>, at: Position) -> Result<()> {
        self.compare_declared::<R>()?;
        match change {
            Change::Insert { new } => {
                self.one_by_one = self.one_by_one.saturating_sub(1);
                self.insert(new, at)
            }
            Change::Delete { old } => {
                self.ends_inserts();
                self.delete(old, at)
            }
            Change::Update { old, new } => {
                self.ends_inserts();
                self.update(old.as_ref(), new, at)
            }
        }
    }

    /// Inserts one row.
    #[inline]
    pub(crate) fn insert<R: RowImage>(&mut self, new: &R, at: Position) -> Result<()> {
        let Some(open) = self.open(new.table())? else {
            return Ok(());
        };
        self.put_in_line(open, RowOp::Insert, new, Image::New, at)
            .map(|_| ())
    }

    fn delete<R: RowImage>(&mut self, old: &R, at: Position) -> Result<()> {
        let Some(open) = self.open(old.table())? else {
            return Ok(());
        };
        let image = self.old_image(open, "a delete", at)?;
        self.put(open, RowOp::Delete, old, image, at).map(|_| ())
    }

    fn update<R: SourceRow>(&mut self, old: Option<&R::Old>, new: &R, at: Position) -> Result<()> {
        let Some(open) = self.open(new.table())? else {
            return Ok(());
        };
        let image = self.old_image(open, "an update", at)?;
        let before = match old {
            Some(old) if old.table() != new.table() => {
                return Err(Error::protocol(format!(
                    "an update at {at} has an old row of table {} and a new row of table {}",
                    old.table(),
                    new.table()
                )));
            }
            Some(old) => self.put(open, RowOp::UpdateBefore, old, image, at)?,
            None if image == Image::Key => {
                self.put(open, RowOp::UpdateBefore, new, Image::Key, at)?
            }
            None => {
                return Err(self.at_table(
                    open,
                    at,
                    "an update does not carry the full old row that its table declares",
                ));
            }
        };
        let image = if before {
            Image::After
        } else {
            Image::AfterRejected
        };
        let after = self.put(open, RowOp::UpdateAfter, new, image, at)?;
        // A row that was refused never reached the sink: the update of one is an insert, and into one a delete.
        let Some(table) = self.tables.get_mut(open) else {
            return Ok(());
        };
        match (before, after) {
            (true, false) => table.rename_last(RowOp::Delete),
            (false, true) => table.rename_last(RowOp::Insert),
            _ => {}
        }
        Ok(())
    }

    fn old_image(&self, open: usize, what: &str, at: Position) -> Result<Image> {
        match self
            .tables
            .get(open)
            .map(|table| table.selected.info.tracking)
        {
            Some(Tracking::FullChanges) => Ok(Image::Old),
            Some(Tracking::OnlyPK) => Ok(Image::Key),
            _ => Err(self.at_table(
                open,
                at,
                &format!("{what} arrived, and the table is declared append-only"),
            )),
        }
    }

    fn at_table(&self, open: usize, at: Position, message: &str) -> Error {
        let name = self
            .tables
            .get(open)
            .map_or("?", |table| &table.selected.info.table_name);
        Error::protocol(format!("table `{name}` at {at}: {message}"))
    }

    /// Appends one image, all or nothing. `false`: the row was refused and the policy is to reject.
    fn put<R: RowImage>(
        &mut self,
        open: usize,
        op: RowOp,
        row: &R,
        image: Image,
        at: Position,
    ) -> Result<bool> {
        self.put_in_line(open, op, row, image, at)
    }

    /// The same, for most rows: what is asked of a new row is then known to the compiler.
    #[expect(
        clippy::inline_always,
        reason = "30 instructions fewer for each row that is inserted"
    )]
    #[inline(always)]
    fn put_in_line<R: RowImage>(
        &mut self,
        open: usize,
        op: RowOp,
        row: &R,
        image: Image,
        at: Position,
    ) -> Result<bool> {
        let Some(table) = self.tables.get_mut(open) else {
            return Ok(false);
        };
        let mut writer = RowWriter::new(&mut table.columns, &table.plan, image, table.on_misfit);
        let appended = row.append(&mut writer);
        match writer.finish(appended) {
            Ok(Taken { bytes, nulled }) => {
                self.nulled += nulled;
                table.ops.push(op);
                table.lsn.push(at.lsn);
                table.seq.push(at.seq);
                self.rows += 1;
                self.bytes += table.fixed_bytes + bytes;
                Ok(true)
            }
            Err(refusal) => {
                table.roll_back();
                self.refused(open, op, row, image, at, refusal)
            }
        }
    }

    #[cold]
    fn refused<R: RowImage>(
        &mut self,
        open: usize,
        op: RowOp,
        row: &R,
        image: Image,
        at: Position,
        refusal: Refusal,
    ) -> Result<bool> {
        let Some(table) = self.tables.get(open) else {
            return Ok(false);
        };
        let (misfit, preview) = match refusal.why {
            Why::Misfit { misfit, preview } => (misfit, preview),
            Why::Protocol(message) => return Err(self.at_table(open, at, message)),
        };
        let column = table.column_of(refusal.column);
        let error = table.cast_error(column, misfit, preview, at);
        if table.on_misfit == OnMisfit::Reject {
            self.rejected.push(table.printed(row, image, op, error));
            return Ok(false);
        }
        Err(failure(error, column))
    }

    /// Takes back the changes after this commit position: those of a transaction that will not be complete.
    #[cold]
    pub(crate) fn forget_after(&mut self, lsn: u64) {
        for table in &mut self.tables {
            let kept = table.lsn.partition_point(|of| *of <= lsn);
            table.ops.truncate(kept);
            table.lsn.truncate(kept);
            table.seq.truncate(kept);
            table.roll_back();
        }
        self.rejected.retain(|row| row.error.lsn <= lsn);
        self.rows = self.tables.iter().map(|table| table.ops.len()).sum();
    }

    /// Hands over what was filled, and begins anew.
    pub(crate) fn take(&mut self, phase: Phase, end: Checkpoint) -> Batch {
        let tables = self.tables.iter_mut().filter_map(OpenTable::take);
        let mut tables: Vec<TableBatch> = tables.collect();
        tables.sort_unstable_by_key(|table| table.table);
        self.rows = 0;
        self.bytes = 0;
        Batch {
            phase,
            tables,
            rejected: std::mem::take(&mut self.rejected),
            commits: std::mem::take(&mut self.commits),
            nulled: std::mem::take(&mut self.nulled),
            end,
        }
    }
}

impl OpenTable {
    fn new(place: usize, selected: Selected<'_>) -> Self {
        let Selected {
            table: selected,
            on_misfit,
            projected,
        } = selected;
        let fields = &selected.schema().schema.fields;
        let columns: Vec<Column> = fields.iter().map(|field| Column::new(field.typ)).collect();
        let planned = |place: usize, target: Option<usize>| {
            let column = selected.info.columns.get(place);
            Planned {
                target,
                nullable: column.is_none_or(|column| column.nullable),
                key: column.is_some_and(|column| column.key.is_some()),
            }
        };
        let plan = if projected {
            RowPlan::new(
                selected
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(target, &place)| planned(place, Some(target))),
            )
        } else {
            let target = |place| selected.columns.iter().position(|&wanted| wanted == place);
            RowPlan::new(
                (0..selected.info.columns.len()).map(|place| planned(place, target(place))),
            )
        };
        Self {
            place,
            selected: selected.clone(),
            plan,
            on_misfit,
            by_column: false,
            fixed_bytes: 17 + 8 * fields.len(),
            ops: Vec::new(),
            lsn: Vec::new(),
            seq: Vec::new(),
            columns,
        }
    }

    #[cold]
    fn roll_back(&mut self) {
        self.truncate(self.ops.len());
    }

    /// Keeps the first so many rows of each column.
    #[cold]
    fn truncate(&mut self, rows: usize) {
        for column in &mut self.columns {
            column.truncate(rows);
        }
    }

    fn rename_last(&mut self, op: RowOp) {
        if let Some(last) = self.ops.last_mut() {
            *last = op;
        }
    }

    /// The column that a row delivers at this place.
    fn column_of(&self, place: usize) -> Option<&ColumnInfo> {
        let columns = &self.selected.info.columns;
        if self.plan.width() == columns.len() {
            return columns.get(place);
        }
        self.selected
            .columns
            .get(place)
            .and_then(|&place| columns.get(place))
    }

    /// What is said of a value of this column that does not fit.
    fn cast_error(
        &self,
        column: Option<&ColumnInfo>,
        misfit: Misfit,
        preview: String,
        at: Position,
    ) -> CastError {
        CastError {
            table: self.selected.info.full_name(),
            column: column.map_or_else(|| "?".to_owned(), |column| column.name.clone()),
            external_type: column.and_then(|column| column.external_type.clone()),
            expected: column
                .and_then(ColumnInfo::field_type)
                .unwrap_or(FieldType::Text),
            preview,
            misfit,
            lsn: at.lsn,
            seq: at.seq,
        }
    }

    /// The row as text, column by column, for the dead-letter file.
    fn printed<R: RowImage>(
        &self,
        row: &R,
        image: Image,
        op: RowOp,
        error: CastError,
    ) -> RejectedRow {
        let fields = &self.selected.schema().schema.fields;
        let (texts, unread) = self.written_as(FieldType::Text, row, image);
        // What is no text may be bytes.
        let (binaries, _) = match unread {
            Some(0) => (Vec::new(), None),
            _ => self.written_as(FieldType::Binary, row, image),
        };
        let text = |column: &Column| match column.value(0) {
            crate::value::Value::Text(text) => Some(text.to_owned()),
            _ => None,
        };
        let mut rejected = RejectedRow {
            source: self.selected.name.clone(),
            op,
            error,
            row: Vec::with_capacity(fields.len()),
            bytes: Vec::new(),
            unsent: Vec::new(),
            incomplete: false,
        };
        for (place, (field, column)) in fields.iter().zip(&texts).enumerate() {
            let name = || field.name.clone();
            let text = text(column);
            if column.is_unchanged(0) {
                rejected.unsent.push(name());
            } else if text.is_none()
                && let Some(crate::value::Value::Bytes(bytes)) =
                    binaries.get(place).map(|column| column.value(0))
            {
                rejected.bytes.push((name(), bytes.to_vec()));
            }
            rejected.row.push((name(), text));
        }
        rejected.incomplete = unread != Some(rejected.bytes.len() as u64);
        rejected
    }

    /// The row in columns of one type, and how many values do not fit that type: they are null. None: not all of it was pushed.
    fn written_as<R: RowImage>(
        &self,
        typ: FieldType,
        row: &R,
        image: Image,
    ) -> (Vec<Column>, Option<u64>) {
        let fields = &self.selected.schema().schema.fields;
        let mut columns: Vec<Column> = fields.iter().map(|_| Column::new(typ)).collect();
        let plan = self.plan.lenient();
        let mut writer = RowWriter::new(&mut columns, &plan, image, OnMisfit::Null);
        let appended = row.append(&mut writer);
        let unread = writer.finish(appended).ok().map(|taken| taken.nulled);
        (columns, unread)
    }

    fn take(&mut self) -> Option<TableBatch> {
        if self.ops.is_empty() {
            return None;
        }
        let schema: Arc<SourceSchema> = Arc::clone(self.selected.schema());
        let rows = self.ops.len();
        let columns = self.columns.iter().map(Column::emptied).collect();
        Some(TableBatch {
            table: self.place,
            schema,
            ops: std::mem::replace(&mut self.ops, Vec::with_capacity(rows)),
            lsn: std::mem::replace(&mut self.lsn, Vec::with_capacity(rows)),
            seq: std::mem::replace(&mut self.seq, Vec::with_capacity(rows)),
            columns: std::mem::replace(&mut self.columns, columns),
        })
    }
}

/// What ends a run whose policy is not to go on past a value that does not fit its column.
fn failure(error: CastError, column: Option<&ColumnInfo>) -> Error {
    let nullable = column.is_some_and(|column| column.nullable);
    Error::from(error).with_help(if nullable {
        "mend the value in the source and take a new snapshot, or set `on_misfit: null` or `on_misfit: reject` on the source"
    } else {
        "mend the value in the source and take a new snapshot, or set `on_misfit: reject` on the source"
    })
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "position ({}, {})", self.lsn, self.seq)
    }
}
