//! The rows of a source's files in the order of the stream, whatever directory they are in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{Array as _, RecordBatch, StringArray, UInt64Array};
use connector_core::Result;

use super::cells::{BatchCells, Cells, Columns};
use super::{Read, Reading, unreadable};
use crate::ChangeColumn;
use crate::files::names::{NULL, value_of_name};
use crate::files::{FileEntry, SinkDirectory};

/// What a row of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    Truncate,
    Delete,
    Old,
    Insert,
    New,
}

/// One row of the log. That of a truncate has no values.
#[derive(Debug)]
pub(super) struct Logged {
    pub(super) op: Op,
    pub(super) position: (u64, u64),
    pub(super) row: Cells,
}

/// Where the next row of a file is in the order: its position, and an old row before the new one.
type Next = ((u64, u64), Op);

/// The log of one source. Files that overlap, as those of divided sources do, are open at a time.
pub(super) struct Log<'l> {
    columns: &'l Columns,
    directory: &'l SinkDirectory,
    read: Read,
    /// Files that are not open yet, by the least position in them.
    waiting: VecDeque<(usize, &'l FileEntry)>,
    /// The open ones, by their next row; of equal ones the older file is first.
    next: BinaryHeap<Reverse<(Next, usize, usize)>>,
    open: Vec<Option<OpenFile>>,
}

/// A file that is read, at one of its rows.
struct OpenFile {
    batches: Reading,
    divided: Vec<(String, Option<String>)>,
    now: Option<Now>,
}

struct Now {
    cells: BatchCells,
    ops: StringArray,
    lsn: UInt64Array,
    seq: UInt64Array,
    row: usize,
}

impl<'l> Log<'l> {
    pub(super) fn of(
        directory: &'l SinkDirectory,
        source: &str,
        columns: &'l Columns,
        read: Read,
    ) -> Self {
        let held = directory.manifest().sources.get(source);
        let files = held.map(|held| held.files.as_slice()).unwrap_or_default();
        let mut waiting: Vec<(usize, &FileEntry)> = files.iter().enumerate().collect();
        waiting.sort_by_key(|(number, entry)| (entry.range.first, *number));
        Self {
            columns,
            directory,
            read,
            waiting: waiting.into(),
            next: BinaryHeap::new(),
            open: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Logged>> {
        self.open_due()?;
        let Some(Reverse(((position, op), number, slot))) = self.next.pop() else {
            return Ok(None);
        };
        let place = self.open.get_mut(slot);
        let Some(file) = place.as_ref().and_then(|file| file.as_ref()) else {
            return Ok(None);
        };
        let Some(now) = &file.now else {
            return Ok(None);
        };
        let row = if op == Op::Truncate {
            Cells::default()
        } else {
            now.cells.cells(now.row)?
        };
        let Some(place) = self.open.get_mut(slot) else {
            return Ok(None);
        };
        if let Some(file) = place {
            match file.advance(self.columns)? {
                Some(next) => self.next.push(Reverse((next, number, slot))),
                None => *place = None,
            }
        }
        Ok(Some(Logged { op, position, row }))
    }

    /// Opens the files that begin before the next row of those that are open.
    fn open_due(&mut self) -> Result<()> {
        while let Some(&(number, entry)) = self.waiting.front() {
            let before = |Reverse(((position, _), ..)): &Reverse<(Next, usize, usize)>| {
                *position < entry.range.first
            };
            if self.next.peek().is_some_and(before) {
                break;
            }
            self.waiting.pop_front();
            let place = self.directory.place(&entry.path);
            let mut file = OpenFile {
                batches: (self.read)(&place, entry)?,
                divided: divided(&entry.path),
                now: None,
            };
            let Some(next) = file.advance(self.columns)? else {
                continue;
            };
            let slot = self.open.iter().position(Option::is_none);
            let slot = slot.unwrap_or(self.open.len());
            if slot == self.open.len() {
                self.open.push(None);
            }
            if let Some(place) = self.open.get_mut(slot) {
                *place = Some(file);
            }
            self.next.push(Reverse((next, number, slot)));
        }
        Ok(())
    }
}

impl OpenFile {
    /// Goes to the next row; `None` at the end.
    fn advance(&mut self, columns: &Columns) -> Result<Option<Next>> {
        let within = self.now.as_mut().is_some_and(|now| {
            now.row += 1;
            now.row < now.ops.len()
        });
        if !within {
            self.now = None;
            for batch in &mut self.batches {
                let batch = batch?;
                if batch.num_rows() > 0 {
                    let cells = columns.of_batch(&batch, &self.divided)?;
                    self.now = Some(Now::new(&batch, cells)?);
                    break;
                }
            }
        }
        self.now.as_ref().map(Now::next).transpose()
    }
}

impl Now {
    fn new(batch: &RecordBatch, cells: BatchCells) -> Result<Self> {
        let column = |column: ChangeColumn| {
            let name = column.name();
            batch
                .column_by_name(name)
                .ok_or_else(|| unreadable(format!("rows without `{name}`")))
        };
        let numbers = |of: ChangeColumn| {
            let numbers = column(of)?.as_primitive_opt::<UInt64Type>().cloned();
            numbers.ok_or_else(|| unreadable("a position that is no number"))
        };
        let ops = column(ChangeColumn::Op)?.as_string_opt::<i32>().cloned();
        Ok(Self {
            ops: ops.ok_or_else(|| unreadable("a column `_op` of another type"))?,
            lsn: numbers(ChangeColumn::Lsn)?,
            seq: numbers(ChangeColumn::Seq)?,
            row: 0,
            cells,
        })
    }

    fn next(&self) -> Result<Next> {
        let op = match self.ops.value(self.row) {
            "+I" => Op::Insert,
            "-U" => Op::Old,
            "+U" => Op::New,
            "-D" => Op::Delete,
            "T" => Op::Truncate,
            other => return Err(unreadable(format!("a row of kind `{other}`"))),
        };
        Ok(((self.lsn.value(self.row), self.seq.value(self.row)), op))
    }
}

/// The values that a path of the manifest holds: `<source>/<column>=<value>/…/<file>`; `None` stands for null.
fn divided(path: &str) -> Vec<(String, Option<String>)> {
    let parts = path.split('/').skip(1);
    let value = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((
            value_of_name(name)?,
            match value {
                NULL => None,
                value => Some(value_of_name(value)?),
            },
        ))
    };
    parts.filter_map(value).collect()
}
