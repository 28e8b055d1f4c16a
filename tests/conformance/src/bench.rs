//! A source that a check has made, with what it must hold.

use connector_core::ingest::IngestionMessage as Message;
use connector_core::{
    Checkpoint, ColumnInfo, ColumnMapping, Field, FieldType,
    ReplicationChangesTrackingType as Tracking, TableInfo,
};

use crate::fixture::{Capabilities, Capability, Change, Maker, Opened, Row, Tables};
use crate::outcome::Failure;
use crate::reading::Patience;
use crate::replay::Replayed;
use crate::state::State;
use crate::subject::{APP, CONNECTION, Subject, last_checkpoint};

/// The type of whole numbers.
pub(crate) const INTEGER: FieldType = FieldType::Int;

/// What a check is given: the fixture, without its type.
pub(crate) struct Context<'m> {
    maker: &'m dyn Maker,
    pub(crate) capabilities: Capabilities,
    pub(crate) patience: Patience,
}

/// A source, made for one check.
pub(crate) struct Bench<'c> {
    context: &'c Context<'c>,
    pub(crate) source: Box<dyn Opened>,
    pub(crate) state: State,
    /// The number of the next row.
    next: u64,
}

/// One step of a history: the change that it makes depends on what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Adds a row to this table.
    Insert(usize),
    /// Changes a row of this table: the one of this number, as often round as it takes.
    Update(usize, usize),
    /// Changes the key of a row.
    ChangeKey(usize, usize),
    /// Removes a row.
    Delete(usize, usize),
    /// Removes all rows.
    Truncate(usize),
}

/// What one reading told, and where the next one begins.
pub(crate) struct Begun {
    pub(crate) messages: Vec<Message>,
    pub(crate) checkpoint: Option<Checkpoint>,
}

impl<'m> Context<'m> {
    pub(crate) fn new(maker: &'m dyn Maker, patience: Patience) -> Self {
        Self {
            maker,
            capabilities: maker.capabilities(),
            patience,
        }
    }

    pub(crate) fn maker(&self) -> &dyn Maker {
        self.maker
    }

    /// Why a check that needs this does not apply.
    pub(crate) fn lacks(&self, needed: &[Capability]) -> Option<String> {
        let missing = needed
            .iter()
            .find(|capability| !self.capabilities.has(**capability))?;
        Some(format!("the source {missing}"))
    }

    /// The types of columns that the source makes; nothing where its tables are fixed.
    pub(crate) fn types(&self) -> Option<&[FieldType]> {
        match &self.capabilities.tables {
            Tables::Any(types) => Some(types),
            Tables::Fixed(_) => None,
        }
    }

    /// The tables of most checks: one with a key and columns of several types, one without a key where that can be.
    pub(crate) fn tables(&self) -> Vec<TableInfo> {
        match &self.capabilities.tables {
            Tables::Fixed(tables) => tables.clone(),
            Tables::Any(types) => {
                let key = ColumnInfo::new("id", INTEGER).key(1);
                let name = ColumnInfo::new("name", self.text());
                let more = (types.iter().take(6).enumerate())
                    .map(|(place, typ)| ColumnInfo::new(format!("c{place}"), *typ).nullable(true));
                let person = [key, name].into_iter().chain(more).collect();
                let place = ColumnInfo::new("place", self.text()).nullable(true);
                let count = ColumnInfo::new("count", INTEGER).nullable(true);
                let visit = if self.capabilities.has(Capability::Keyless) {
                    vec![place, count]
                } else {
                    vec![ColumnInfo::new("id", INTEGER).key(1), place, count]
                };
                vec![
                    TableInfo::new("person", person),
                    TableInfo::new("visit", visit),
                ]
            }
        }
    }

    /// The type of texts.
    pub(crate) fn text(&self) -> FieldType {
        let types = self.types().unwrap_or_default();
        if types.contains(&FieldType::Text) {
            FieldType::Text
        } else {
            FieldType::String
        }
    }

    /// Makes these tables.
    pub(crate) fn open(&self, tables: &[TableInfo]) -> Result<Bench<'_>, Failure> {
        let bench = Bench {
            context: self,
            source: self.maker.open(tables),
            state: State::new(tables),
            next: 0,
        };
        let mut connector = bench.source.connector();
        connector.named(&format!("{APP}/{CONNECTION}"));
        connector.validate(None)?;
        connector.prepare(&bench.selection())?;
        Ok(bench)
    }

    /// Makes the tables of most checks.
    pub(crate) fn bench(&self) -> Result<Bench<'_>, Failure> {
        self.open(&self.tables())
    }
}

impl Bench<'_> {
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.context.capabilities
    }

    pub(crate) fn tables(&self) -> &[TableInfo] {
        &self.state.tables
    }

    /// The tables, as a configuration selects them.
    pub(crate) fn selection(&self) -> Vec<TableInfo> {
        let select = |table: &TableInfo| TableInfo {
            schema: table.schema.clone(),
            ..TableInfo::select(&table.table_name).with_name(&table.name)
        };
        self.state.tables.iter().map(select).collect()
    }

    /// The connector with the tables of the check.
    pub(crate) fn subject(&self) -> Subject {
        self.subject_of(CONNECTION)
    }

    /// The same, as another reader.
    pub(crate) fn subject_of(&self, connection: &str) -> Subject {
        let connector = self.source.connector();
        Subject {
            patience: self.context.patience,
            ..Subject::named(connector, &format!("{APP}/{connection}")).tables(self.selection())
        }
    }

    /// Makes changes in the source, and notes them.
    pub(crate) fn apply(&mut self, transaction: &[Change]) {
        self.source.apply(transaction);
        for change in transaction {
            self.state.apply(change);
        }
    }

    /// The value of a column in a row of this number.
    pub(crate) fn value(&self, column: &ColumnInfo, number: u64) -> Field {
        let value = self.context.maker.sample(column, number);
        if self.context.maker.holds(column, &value) {
            value
        } else {
            self.context.maker.sample(column, 0)
        }
    }

    /// A row of this number: the number is in its key; in another version, the other columns differ.
    pub(crate) fn row(&self, table: usize, number: u64, version: u64) -> Row {
        let columns = self.state.tables.get(table).map(|table| &table.columns);
        let value = |(place, column): (usize, &ColumnInfo)| {
            let other = number
                .wrapping_mul(5)
                .wrapping_add(version.wrapping_mul(7) + place as u64);
            let number = if column.key.is_some() {
                number
            } else {
                other % 10_000
            };
            self.value(column, number)
        };
        let columns = columns.into_iter().flatten().enumerate();
        columns.map(value).collect()
    }

    /// The number of a row that is not there yet.
    pub(crate) fn new_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn insert(&mut self, table: usize) -> Change {
        let number = self.new_number();
        let row = self.row(table, number, 0);
        Change::Insert { table, row }
    }

    /// So many rows in each table, each table in a transaction of its own.
    pub(crate) fn seed(&mut self, rows: usize) {
        for table in 0..self.state.tables.len() {
            let inserts: Vec<Change> = (0..rows).map(|_| self.insert(table)).collect();
            self.apply(&inserts);
        }
    }

    /// Whether rows of this table are changed after they were added.
    pub(crate) fn is_mutable(&self, table: usize) -> bool {
        match &self.capabilities().tables {
            Tables::Any(_) => true,
            Tables::Fixed(tables) => tables
                .get(table)
                .is_some_and(|table| table.tracking != Tracking::Nothing),
        }
    }

    pub(crate) fn has_key(&self, table: usize) -> bool {
        let table = self.state.tables.get(table);
        table.is_some_and(|table| !table.key_columns().is_empty())
    }

    /// A change of a row that is there, where the source can: of its other columns, or of its key.
    pub(crate) fn update(&mut self, table: usize, pick: usize, keys: bool) -> Option<Change> {
        let needed = if keys {
            Capability::ChangeKeys
        } else {
            Capability::Update
        };
        if !self.capabilities().has(needed) || !self.is_mutable(table) {
            return None;
        }
        let rows = self.state.of_table(table);
        let old = rows.get(pick.checked_rem(rows.len())?)?.clone();
        let number = self.new_number();
        let mut new = self.row(table, number, number);
        if !keys && self.has_key(table) {
            for place in self.state.tables.get(table)?.key_columns() {
                *new.get_mut(place)? = old.get(place)?.clone();
            }
        }
        if keys && !self.has_key(table) {
            return None;
        }
        Some(Change::Update { table, old, new })
    }

    pub(crate) fn delete(&self, table: usize, pick: usize) -> Option<Change> {
        if !self.capabilities().has(Capability::Delete) || !self.is_mutable(table) {
            return None;
        }
        let rows = self.state.of_table(table);
        let row = rows.get(pick.checked_rem(rows.len())?)?.clone();
        Some(Change::Delete { table, row })
    }

    /// The change that a step makes of the state as it is, where the source can make it.
    fn planned(&mut self, step: Step) -> Option<Change> {
        match step {
            Step::Insert(table) => Some(self.insert(table)),
            Step::Update(table, pick) => self.update(table, pick, false),
            Step::ChangeKey(table, pick) => self.update(table, pick, true),
            Step::Delete(table, pick) => self.delete(table, pick),
            Step::Truncate(table) => self
                .capabilities()
                .has(Capability::Truncate)
                .then_some(Change::Truncate { table }),
        }
    }

    /// The changes that these steps make, each on what the one before left.
    fn plan(&mut self, steps: impl Iterator<Item = Step>) -> Vec<Change> {
        let mut transaction = Vec::new();
        for step in steps {
            if let Some(change) = self.planned(step) {
                self.state.apply(&change);
                transaction.push(change);
            }
        }
        transaction
    }

    /// Makes these steps, each on what the one before left, as one transaction.
    pub(crate) fn transaction(&mut self, steps: &[Step]) {
        let transaction = self.plan(steps.iter().copied());
        if !transaction.is_empty() {
            self.source.apply(&transaction);
        }
    }

    /// Makes two transactions that are open at the same time, of which the second is committed first; one after the other
    /// where the source cannot. Gives both, and whether it could.
    pub(crate) fn interleave(
        &mut self,
        first: &[Step],
        second: &[Step],
    ) -> (Vec<Change>, Vec<Change>, bool) {
        let before = self.state.clone();
        // What one of two has locked, the other would wait for: rows that are not told apart by a key are only added.
        let keyed: Vec<bool> = (0..before.tables.len())
            .map(|it| self.has_key(it))
            .collect();
        let has_key = |table: usize| keyed.get(table).copied().unwrap_or(false);
        let apart = |step: &Step| match *step {
            Step::Insert(_) => true,
            Step::Truncate(_) => false,
            Step::Update(table, _) | Step::ChangeKey(table, _) | Step::Delete(table, _) => {
                has_key(table)
            }
        };
        let first = self.plan(first.iter().copied().filter(apart));
        self.state = before.clone();
        for change in &first {
            if let Change::Update { table, old, .. } | Change::Delete { table, row: old } = change {
                self.state.remove(*table, old);
            }
        }
        let second = self.plan(second.iter().copied().filter(apart));
        self.state = before;
        for change in second.iter().chain(&first) {
            self.state.apply(change);
        }
        let both = !first.is_empty() && !second.is_empty();
        let could = both && self.source.interleave(&first, &second);
        if !could {
            for transaction in [&second, &first].into_iter().filter(|it| !it.is_empty()) {
                self.source.apply(transaction);
            }
        }
        (first, second, could)
    }

    /// A few transactions with a change of every kind that the source has, over all tables.
    pub(crate) fn history(&mut self) {
        use Step::{ChangeKey, Delete, Insert, Truncate, Update};
        let tables = 0..self.state.tables.len();
        let last = tables.end.saturating_sub(1);
        let all = |make: fn(usize) -> Vec<Step>| tables.clone().flat_map(make).collect::<Vec<_>>();
        self.transaction(&all(|table| vec![Insert(table), Insert(table)]));
        self.transaction(&[Insert(0)]);
        self.transaction(&all(|table| vec![Update(table, 1), Delete(table, 0)]));
        self.transaction(&[ChangeKey(0, 1), Insert(0), Update(0, 0)]);
        self.transaction(&[Insert(last), Truncate(last), Insert(last)]);
        self.transaction(&[Delete(0, 0)]);
        self.transaction(&[Insert(0)]);
    }

    /// Two transactions, of several changes and of one.
    pub(crate) fn short_history(&mut self) {
        use Step::{ChangeKey, Delete, Insert, Update};
        let last = self.state.tables.len().saturating_sub(1);
        self.transaction(&[Insert(0), Insert(last), Update(0, 0), ChangeKey(0, 1)]);
        self.transaction(&[Delete(0, 0)]);
    }

    /// Reads what there is, from the start, and compares.
    pub(crate) fn begin(&self, subject: &Subject) -> Result<Begun, Failure> {
        let messages = subject.messages(None)?;
        let replayed = Replayed::of(&subject.schemas()?, &messages)?;
        self.state.rows().must_be(&replayed.rows())?;
        Ok(Begun {
            checkpoint: last_checkpoint(&messages, None),
            messages,
        })
    }
}

/// The field type of a column, where it has one.
pub(crate) fn field_type(column: &ColumnInfo) -> Result<FieldType, Failure> {
    match &column.mapping {
        ColumnMapping::Field(typ) => Ok(*typ),
        ColumnMapping::Unsupported(why) => Err(Failure::new(format!(
            "column `{}` is said to be unsupported: {why}",
            column.name
        ))),
        ColumnMapping::Unresolved => Err(Failure::new(format!(
            "column `{}` has no field type",
            column.name
        ))),
    }
}
