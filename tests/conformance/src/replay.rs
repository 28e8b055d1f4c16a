//! Takes what a stream tells as what it says, change by change, and fails where that cannot be.

use std::collections::BTreeMap;

use connector_core::ingest::IngestionMessage as Message;
use connector_core::{
    Field, Operation, Record, ReplicationChangesTrackingType as Tracking, SourceSchema,
};

use crate::fixture::Row;
use crate::outcome::{Failure, ensure};
use crate::rows::{Rows, printed};

/// The rows that a stream has told of so far.
#[derive(Debug, Clone)]
pub(crate) struct Replayed {
    schemas: Vec<SourceSchema>,
    rows: Vec<BTreeMap<String, (Row, usize)>>,
    in_snapshot: bool,
    /// The last position, to which the next has to be greater.
    last: Option<(u64, u64)>,
    /// The transaction that is open.
    open: Option<u64>,
}

impl Replayed {
    pub(crate) fn new(schemas: &[SourceSchema]) -> Self {
        Self {
            schemas: schemas.to_vec(),
            rows: vec![BTreeMap::new(); schemas.len()],
            in_snapshot: false,
            last: None,
            open: None,
        }
    }

    /// Everything that was told, one after the other.
    pub(crate) fn of(schemas: &[SourceSchema], messages: &[Message]) -> Result<Self, Failure> {
        let mut replayed = Self::new(schemas);
        for message in messages {
            replayed.apply(message)?;
        }
        Ok(replayed)
    }

    pub(crate) fn apply(&mut self, message: &Message) -> Result<(), Failure> {
        match message {
            Message::SnapshottingStarted(_) => {
                self.in_snapshot = true;
                self.last = None;
                self.rows.iter_mut().for_each(BTreeMap::clear);
            }
            Message::SnapshottingDone(end) => {
                self.in_snapshot = false;
                self.last = Some(end.position());
            }
            Message::Commit(end) => {
                let last = self.last.unwrap_or_default();
                ensure!(
                    end.lsn >= last.0,
                    "the commit of {:?} came after position {last:?}",
                    end.position()
                );
                self.open = None;
                self.last = Some(end.position());
            }
            Message::Truncate { table, position } => {
                self.at(*position)?;
                self.place(*table, *position)?;
                if let Some(rows) = self.rows.get_mut(*table) {
                    rows.clear();
                }
            }
            Message::Operation {
                table,
                position,
                operation,
            } => {
                self.at(*position)?;
                self.place(*table, *position)?;
                self.operation(*table, operation)
                    .map_err(|failure| failure.within(format!("at position {position:?}")))?;
            }
        }
        Ok(())
    }

    /// Positions increase, and a transaction ends with its commit.
    fn at(&mut self, position: (u64, u64)) -> Result<(), Failure> {
        if self.in_snapshot {
            return Ok(());
        }
        if let Some(last) = self.last {
            ensure!(
                position > last,
                "position {position:?} was told after {last:?}: positions must increase"
            );
        }
        if let Some(open) = self.open {
            ensure!(
                open == position.0,
                "transaction {} began before transaction {open} was committed",
                position.0
            );
        }
        self.open = Some(position.0);
        self.last = Some(position);
        Ok(())
    }

    fn place(&self, table: usize, position: (u64, u64)) -> Result<&SourceSchema, Failure> {
        self.schemas.get(table).ok_or_else(|| {
            Failure::new(format!(
                "position {position:?} names table {table}, which was not asked for"
            ))
        })
    }

    fn operation(&mut self, table: usize, operation: &Operation) -> Result<(), Failure> {
        let Some(schema) = self.schemas.get(table).cloned() else {
            return Ok(());
        };
        let within = |failure: Failure| failure.within(format!("table `{}`", schema.name));
        match operation {
            Operation::Insert { new } => self.add(table, &schema, new.values.clone()),
            Operation::Delete { old } => told_of_the_past(&schema, self.in_snapshot, old)
                .and_then(|()| self.remove(table, &schema, old).map(drop)),
            Operation::Update { old, new } => told_of_the_past(&schema, self.in_snapshot, old)
                .and_then(|()| {
                    let before = self.remove(table, &schema, old)?;
                    let kept = |(field, before): (&Field, &Field)| match field {
                        Field::Unchanged => before.clone(),
                        _ => field.clone(),
                    };
                    let row = new.values.iter().zip(&before).map(kept).collect();
                    self.add(table, &schema, row)
                }),
        }
        .map_err(within)
    }

    fn add(&mut self, table: usize, schema: &SourceSchema, row: Row) -> Result<(), Failure> {
        ensure!(
            row.len() == schema.schema.fields.len(),
            "a row has {} values, and the schema {} fields",
            row.len(),
            schema.schema.fields.len()
        );
        for (field, value) in schema.schema.fields.iter().zip(&row) {
            ensure!(
                field.nullable || !value.is_null(),
                "column `{}` is not nullable, and is null in {}",
                field.name,
                printed(&row)
            );
        }
        let name = name_of(schema, &row);
        let keyed = !schema.schema.primary_index.is_empty();
        let Some(rows) = self.rows.get_mut(table) else {
            return Ok(());
        };
        ensure!(
            !keyed || !rows.contains_key(&name),
            "a row was given twice: {}",
            printed(&row)
        );
        rows.entry(name).or_insert((row, 0)).1 += 1;
        Ok(())
    }

    fn remove(
        &mut self,
        table: usize,
        schema: &SourceSchema,
        old: &Record,
    ) -> Result<Row, Failure> {
        let name = name_of(schema, &old.values);
        let missing = || Failure::new(format!("an old row is not there: {}", printed(&old.values)));
        let rows = self.rows.get_mut(table).ok_or_else(missing)?;
        let (held, count) = rows.get_mut(&name).ok_or_else(missing)?;
        let same = |(old, held): (&Field, &Field)| old.is_unchanged() || old == held;
        ensure!(
            old.values.iter().zip(held.iter()).all(same),
            "an old row is not the one that is held: {} instead of {}",
            printed(&old.values),
            printed(held)
        );
        let held = held.clone();
        *count -= 1;
        if *count == 0 {
            rows.remove(&name);
        }
        Ok(held)
    }

    /// The rows, by the names of the sources.
    pub(crate) fn rows(&self) -> Rows {
        let mut all = Rows::default();
        for (schema, rows) in self.schemas.iter().zip(&self.rows) {
            for (row, count) in rows.values() {
                for _ in 0..*count {
                    all.add(&schema.name, row);
                }
            }
        }
        all
    }
}

/// Whether an old row is one that the table's tracking type tells.
fn told_of_the_past(schema: &SourceSchema, in_snapshot: bool, old: &Record) -> Result<(), Failure> {
    ensure!(!in_snapshot, "a snapshot tells of an old row");
    let unchanged = |place: usize| old.values.get(place).is_none_or(Field::is_unchanged);
    match schema.replication_type {
        Tracking::Nothing => Err(Failure::new(
            "the table is append-only, and an old row is told",
        )),
        Tracking::OnlyPK => {
            let key = &schema.schema.primary_index;
            ensure!(
                key.iter().all(|&place| !unchanged(place)),
                "an old row has no key: {}",
                printed(&old.values)
            );
            Ok(())
        }
        Tracking::FullChanges => {
            ensure!(
                (0..schema.schema.fields.len()).all(|place| !unchanged(place)),
                "an old row is not whole: {}",
                printed(&old.values)
            );
            Ok(())
        }
    }
}

fn name_of(schema: &SourceSchema, row: &[Field]) -> String {
    let key = &schema.schema.primary_index;
    if key.is_empty() {
        return printed(row);
    }
    let values: Row = key
        .iter()
        .filter_map(|&place| row.get(place).cloned())
        .collect();
    printed(&values)
}
