//! What a source must hold after the changes that were made in it.

use std::collections::BTreeMap;

use connector_core::TableInfo;

use crate::fixture::{Change, Row};
use crate::rows::{Rows, printed};

/// Tables and their rows.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) tables: Vec<TableInfo>,
    /// For each table, its rows by what tells them apart, with how many there are.
    rows: Vec<BTreeMap<String, (Row, usize)>>,
}

impl State {
    pub(crate) fn new(tables: &[TableInfo]) -> Self {
        Self {
            tables: tables.to_vec(),
            rows: vec![BTreeMap::new(); tables.len()],
        }
    }

    fn name(&self, table: usize, row: &[connector_core::Field]) -> String {
        let key = self.tables.get(table).map(TableInfo::key_columns);
        match key {
            Some(key) if !key.is_empty() => {
                let values: Vec<_> = key
                    .iter()
                    .filter_map(|&place| row.get(place).cloned())
                    .collect();
                printed(&values)
            }
            _ => printed(row),
        }
    }

    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Insert { table, row } => self.add(*table, row),
            Change::Update { table, old, new } => {
                self.remove(*table, old);
                self.add(*table, new);
            }
            Change::Delete { table, row } => self.remove(*table, row),
            Change::Truncate { table } => {
                if let Some(rows) = self.rows.get_mut(*table) {
                    rows.clear();
                }
            }
        }
    }

    fn add(&mut self, table: usize, row: &Row) {
        let name = self.name(table, row);
        if let Some(rows) = self.rows.get_mut(table) {
            rows.entry(name).or_insert_with(|| (row.clone(), 0)).1 += 1;
        }
    }

    pub(crate) fn remove(&mut self, table: usize, row: &Row) {
        let name = self.name(table, row);
        if let Some(rows) = self.rows.get_mut(table)
            && let Some((_, count)) = rows.get_mut(&name)
        {
            *count -= 1;
            if *count == 0 {
                rows.remove(&name);
            }
        }
    }

    /// The rows of one table, equal ones several times.
    pub(crate) fn of_table(&self, table: usize) -> Vec<Row> {
        let rows = self.rows.get(table).into_iter().flat_map(BTreeMap::values);
        rows.flat_map(|(row, count)| std::iter::repeat_n(row.clone(), *count))
            .collect()
    }

    /// All rows, of these tables: by the name of the source, with the places of its columns.
    pub(crate) fn projected(&self, selected: &[(usize, String, Vec<usize>)]) -> Rows {
        let mut all = Rows::default();
        for (table, name, columns) in selected {
            for row in self.of_table(*table) {
                let values: Row = columns
                    .iter()
                    .filter_map(|&place| row.get(place).cloned())
                    .collect();
                all.add(name, &values);
            }
        }
        all
    }

    /// All rows of all tables, by the tables' names.
    pub(crate) fn rows(&self) -> Rows {
        let mut all = Rows::default();
        for (place, table) in self.tables.iter().enumerate() {
            for row in self.of_table(place) {
                all.add(&table.name, &row);
            }
        }
        all
    }
}
