//! A sink in memory that stores in one step, refuses what does not fit what it holds, and breaks where it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::outcome::Failure;
use crate::rows::Rows;
use connector_core::sink::{Delivery, Sink, SinkTarget};
use connector_core::{
    Batch, Checkpoint, Error, ErrorKind, Phase, Record, Result, RowOp, SourceSchema,
};

/// What a [`MemorySink`] has stored: it outlives the sink, as a disk does.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Stored>>);

#[derive(Debug, Clone, Default)]
struct Stored {
    /// For each source, its rows in printed form and how many there are of each.
    tables: BTreeMap<String, BTreeMap<String, Row>>,
    checkpoint: Option<Checkpoint>,
    steps: usize,
    break_at: Option<usize>,
    commits: Vec<Checkpoint>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    record: Record,
    count: usize,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of every source, printed, with how many there are of each.
    pub fn rows(&self) -> BTreeMap<String, Vec<(String, usize)>> {
        let stored = self.lock();
        let rows = |rows: &BTreeMap<String, Row>| {
            rows.values()
                .map(|row| (format!("{:?}", row.record.values), row.count))
                .collect()
        };
        stored
            .tables
            .iter()
            .map(|(name, table)| (name.clone(), rows(table)))
            .collect()
    }

    /// Fails where other rows are stored than here.
    pub(crate) fn same_rows(&self, other: &Self) -> Result<(), Failure> {
        self.all_rows().must_be(&other.all_rows())
    }

    /// All rows, to be compared.
    pub(crate) fn all_rows(&self) -> Rows {
        let mut rows = Rows::default();
        for (name, table) in &self.lock().tables {
            for row in table.values() {
                for _ in 0..row.count {
                    rows.add(name, &row.record.values);
                }
            }
        }
        rows
    }

    /// The checkpoint that is stored.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.lock().checkpoint.clone()
    }

    /// How many steps sinks over this memory have taken: each call has one before and one after it.
    pub fn steps(&self) -> usize {
        self.lock().steps
    }

    /// Every checkpoint that was stored, in order.
    pub fn commits(&self) -> Vec<Checkpoint> {
        self.lock().commits.clone()
    }

    /// The run breaks off at this step, once.
    pub fn break_at(&self, step: usize) {
        self.lock().break_at = Some(step);
    }

    /// Whether the run broke off where it was to.
    pub(crate) fn was_broken(&self) -> bool {
        self.lock().break_at.is_none()
    }

    /// The run breaks off nowhere.
    pub(crate) fn break_nowhere(&self) {
        self.lock().break_at = None;
    }

    /// A memory of its own that holds the same rows and checkpoint.
    #[must_use]
    pub fn fork(&self) -> Self {
        let stored = self.lock();
        let (tables, checkpoint) = (stored.tables.clone(), stored.checkpoint.clone());
        Self(Arc::new(Mutex::new(Stored {
            tables,
            checkpoint,
            ..Stored::default()
        })))
    }

    /// A sink that stores here.
    pub fn sink(&self) -> MemorySink {
        MemorySink {
            memory: self.clone(),
            schemas: Vec::new(),
            open: None,
        }
    }
}

/// The sink over a [`Memory`].
#[derive(Debug)]
pub struct MemorySink {
    memory: Memory,
    schemas: Vec<Arc<SourceSchema>>,
    /// What is written and not committed.
    open: Option<BTreeMap<String, BTreeMap<String, Row>>>,
}

impl MemorySink {
    /// One step; the run may break off here.
    fn step(&self) -> Result<()> {
        let mut stored = self.memory.lock();
        let at = stored.steps;
        stored.steps += 1;
        if stored.break_at.take_if(|step| *step == at).is_some() {
            return Err(Error::new(
                ErrorKind::Sink,
                format!("broken off at step {at}"),
            ));
        }
        Ok(())
    }

    fn guarded<T>(&mut self, call: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.step()?;
        let done = call(self)?;
        self.step()?;
        Ok(done)
    }

    fn table(&mut self, place: usize) -> Result<(&SourceSchema, &mut BTreeMap<String, Row>)> {
        let stored = || self.memory.lock().tables.clone();
        let open = self.open.get_or_insert_with(stored);
        let schema = self
            .schemas
            .get(place)
            .ok_or_else(|| Error::protocol(format!("there is no source {place}")))?;
        Ok((schema, open.entry(schema.name.clone()).or_default()))
    }

    fn apply(&mut self, place: usize, op: RowOp, record: Record, snapshot: bool) -> Result<()> {
        let (schema, table) = self.table(place)?;
        let keyed = !schema.schema.primary_index.is_empty();
        let name = name_of(schema, &record);
        match op {
            RowOp::Insert | RowOp::UpdateAfter => {
                if keyed && table.contains_key(&name) {
                    return Err(wrong(schema, "a row was given twice", &record));
                }
                table.entry(name).or_insert(Row { record, count: 0 }).count += 1;
            }
            RowOp::Delete | RowOp::UpdateBefore if snapshot => {
                return Err(wrong(schema, "a snapshot deletes a row", &record));
            }
            RowOp::Delete | RowOp::UpdateBefore => {
                let Some(row) = table.get_mut(&name) else {
                    return Err(wrong(schema, "an old row is not there", &record));
                };
                let same = |(old, held): (&connector_core::Field, &connector_core::Field)| {
                    matches!(old, connector_core::Field::Unchanged) || old == held
                };
                if !record.values.iter().zip(&row.record.values).all(same) {
                    return Err(wrong(
                        schema,
                        "an old row is not the one that is held",
                        &record,
                    ));
                }
                row.count -= 1;
                if row.count == 0 {
                    table.remove(&name);
                }
            }
        }
        Ok(())
    }
}

/// What tells rows apart: the key, or everything.
fn name_of(schema: &SourceSchema, record: &Record) -> String {
    let key = &schema.schema.primary_index;
    if key.is_empty() {
        return format!("{:?}", record.values);
    }
    let values: Vec<_> = key
        .iter()
        .filter_map(|&place| record.values.get(place))
        .collect();
    format!("{values:?}")
}

fn wrong(schema: &SourceSchema, what: &str, record: &Record) -> Error {
    Error::protocol(format!(
        "source `{}`: {what}: {:?}",
        schema.name, record.values
    ))
}

impl Sink for MemorySink {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        self.schemas.clone_from(&target.schemas);
        Ok(self.memory.checkpoint())
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.guarded(|sink| {
            sink.memory.lock().checkpoint = Some(checkpoint.clone());
            sink.open = Some(BTreeMap::new());
            Ok(())
        })
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        self.guarded(|sink| {
            for (table, row) in batch.in_order().collect::<Vec<_>>() {
                let Some(table) = batch.tables.get(table) else {
                    continue;
                };
                let Some(op) = table.ops.get(row) else {
                    continue;
                };
                sink.apply(
                    table.table,
                    *op,
                    table.record(row),
                    batch.phase == Phase::Snapshot,
                )?;
            }
            Ok(())
        })
    }

    fn truncate(&mut self, table: usize, _at: &Checkpoint) -> Result<()> {
        self.guarded(|sink| {
            sink.table(table)?.1.clear();
            Ok(())
        })
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.guarded(|sink| {
            if !checkpoint.complete {
                return Err(Error::protocol("a commit in the middle of a transaction"));
            }
            let mut stored = sink.memory.lock();
            if let Some(open) = sink.open.take() {
                stored.tables = open;
            }
            stored.checkpoint = Some(checkpoint.clone());
            stored.commits.push(checkpoint.clone());
            Ok(())
        })
    }

    fn reset(&mut self) -> Result<()> {
        self.memory.lock().checkpoint = None;
        Ok(())
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }
}
