//! A replay of the log in memory, which holds it to what a table can be.

use std::collections::BTreeMap;
use std::time::Duration;

use connector_sqlite::capture::{Log, Operation};
use connector_sqlite::catalog::{self, IndexPart};
use connector_sqlite::read::{Statement, ValueRef};
use connector_sqlite::{Patience, retry};
use rusqlite::Connection;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Real(u64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(value) => Self::Integer(value),
            ValueRef::Real(value) => Self::Real(value.to_bits()),
            ValueRef::Text(text) => Self::Text(text.to_vec()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

pub(crate) type Row = Vec<Value>;

/// One change as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Insert(Row),
    Update(Row, Row),
    Delete(Row),
}

pub(crate) fn patience() -> Patience<'static> {
    Patience::new(Duration::from_secs(20))
}

/// Every row of a table, in order of value.
pub(crate) fn rows(connection: &Connection, table: &str) -> Vec<Row> {
    let columns: Vec<_> = catalog::table(connection, table)
        .unwrap()
        .unwrap()
        .columns
        .iter()
        .map(|column| connector_sqlite::identifier(&column.name))
        .collect();
    let sql = format!(
        "SELECT {} FROM {}",
        columns.join(", "),
        connector_sqlite::identifier(table)
    );
    let mut statement = Statement::prepare(connection, &sql).unwrap();
    let mut rows = Vec::new();
    while statement.step().unwrap() {
        rows.push(
            (0..columns.len())
                .map(|place| statement.value(place).into())
                .collect(),
        );
    }
    rows.sort();
    rows
}

/// The changes after `from`, and the position of the end.
pub(crate) fn changes(connection: &Connection, from: u64) -> (Vec<(String, Change)>, u64) {
    groups(connection, from, usize::MAX)
}

/// The changes of so many groups after `from`, and the position of the end.
pub(crate) fn groups(
    connection: &Connection,
    from: u64,
    most: usize,
) -> (Vec<(String, Change)>, u64) {
    let mut log = retry(patience(), || Log::open(connection, None, &[])).unwrap();
    let mut at = from;
    let mut found = Vec::new();
    for _ in 0..most {
        let Some(to) = log.next_boundary(at, patience()).unwrap() else {
            break;
        };
        assert_eq!(
            log.next_boundary(at, patience()).unwrap(),
            Some(to),
            "a group stays the same"
        );
        let mut cursor = log.changes(at, to).unwrap();
        let mut old = None;
        let mut last = at;
        while let Some(row) = cursor.next_row().unwrap() {
            assert!(row.lsn > last && row.lsn <= to);
            last = row.lsn;
            let image: Row = (0..row.table.columns.len())
                .map(|place| row.value(place).into())
                .collect();
            let change = match (row.operation, old.take()) {
                (Operation::Started, None) => continue,
                (Operation::Insert, None) => Change::Insert(image),
                (Operation::Delete, None) => Change::Delete(image),
                (Operation::UpdateOld, None) => {
                    old = Some(image);
                    continue;
                }
                (Operation::UpdateNew, Some(old)) => Change::Update(old, image),
                (operation, old) => panic!("{operation:?} after the old image {old:?}"),
            };
            found.push((row.table.name.clone(), change));
        }
        assert_eq!(old, None, "no group ends inside an update");
        at = to;
    }
    (found, at)
}

/// Tables rebuilt from changes alone.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    tables: BTreeMap<String, Replayed>,
}

#[derive(Debug, Default)]
struct Replayed {
    rows: Vec<Row>,
    /// Unique keys: the places, and whether case counts.
    keys: Vec<Vec<(usize, bool)>>,
}

impl Replay {
    /// Begins with the tables as they are now.
    pub(crate) fn new(connection: &Connection, tables: &[&str]) -> Self {
        let mut replay = Self::default();
        for name in tables {
            let table = catalog::table(connection, name).unwrap().unwrap();
            let mut keys: Vec<Vec<(usize, bool)>> = table
                .unique_indexes
                .iter()
                .filter(|index| !index.partial)
                .filter_map(|index| {
                    let parts = index.parts.iter().map(|(part, collation)| match part {
                        IndexPart::Column(place) => Some((*place, collation == "BINARY")),
                        IndexPart::Expression => None,
                    });
                    parts.collect()
                })
                .collect();
            keys.extend(
                table
                    .columns
                    .iter()
                    .position(|c| c.is_rowid)
                    .map(|place| vec![(place, true)]),
            );
            let rows = rows(connection, name);
            replay
                .tables
                .insert((*name).to_owned(), Replayed { rows, keys });
        }
        replay
    }

    /// Applies one change; says what is impossible about it.
    pub(crate) fn apply(&mut self, table: &str, change: &Change) -> Result<(), String> {
        let table = self.tables.get_mut(table).ok_or("an unknown table")?;
        match change {
            Change::Insert(row) => table.insert(row),
            Change::Delete(row) => table.delete(row),
            Change::Update(old, new) => table.delete(old).and_then(|()| table.insert(new)),
        }
        .map_err(|problem| format!("{problem}\n change {change:?}\n rows {:?}", table.rows))
    }

    /// Applies all changes and compares the outcome with the tables as they are.
    pub(crate) fn check(
        &mut self,
        connection: &Connection,
        changes: &[(String, Change)],
    ) -> Result<(), String> {
        for (table, change) in changes {
            self.apply(table, change)
                .map_err(|problem| format!("table {table}: {problem}"))?;
        }
        for (name, table) in &mut self.tables {
            table.rows.sort();
            let live = rows(connection, name);
            if table.rows != live {
                return Err(format!(
                    "table {name}\n replayed {:?}\n live     {live:?}",
                    table.rows
                ));
            }
        }
        Ok(())
    }
}

impl Replayed {
    fn insert(&mut self, row: &Row) -> Result<(), String> {
        for key in &self.keys {
            let of = |row: &Row| {
                let parts = key.iter().map(|(place, case)| match &row[*place] {
                    Value::Null => None,
                    Value::Text(text) if !case => Some(Value::Text(text.to_ascii_lowercase())),
                    // SQLite takes 1 and 1.0 for the same key.
                    Value::Real(bits) => {
                        let real = f64::from_bits(*bits);
                        #[expect(
                            clippy::cast_possible_truncation,
                            reason = "the tests' reals are small"
                        )]
                        let whole = real as i64;
                        Some(if real.fract() == 0.0 {
                            Value::Integer(whole)
                        } else {
                            Value::Real(*bits)
                        })
                    }
                    value => Some(value.clone()),
                });
                parts.collect::<Option<Vec<_>>>()
            };
            if let Some(new) = of(row)
                && let Some(other) = self
                    .rows
                    .iter()
                    .find(|other| of(other).as_ref() == Some(&new))
            {
                return Err(format!("key {key:?} is taken by {other:?}"));
            }
        }
        self.rows.push(row.clone());
        Ok(())
    }

    fn delete(&mut self, row: &Row) -> Result<(), String> {
        let place = self
            .rows
            .iter()
            .position(|other| other == row)
            .ok_or("no such row")?;
        self.rows.swap_remove(place);
        Ok(())
    }
}
