//! Many changes of a table as few: what is left of them for each key, or for each row where there is no key.

use std::collections::HashMap;

use connector_core::{Result, RowOp, TableBatch};

use super::table::SinkTable;

/// What has to be done, in this order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Rows to delete, by the key of these rows; then rows to store.
    Keyed { deletes: Vec<usize>, puts: Vec<Put> },
    /// A row gets another key, while not all of its values are known.
    Move { old: usize, new: Put },
}

/// A row to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    /// The row of the batch whose values these are, and whose key it is.
    pub(super) row: usize,
    /// For columns that this row leaves out: the row that says them, or none where the stored value stays.
    pub(super) left_out: Vec<(usize, Option<usize>)>,
}

impl Put {
    fn whole(row: usize) -> Self {
        Self {
            row,
            left_out: Vec::new(),
        }
    }

    /// Where the values of a column are; none where the stored value stays.
    pub(super) fn source(&self, column: usize) -> Option<usize> {
        let left_out = self.left_out.iter().find(|(place, _)| *place == column);
        left_out.map_or(Some(self.row), |(_, row)| *row)
    }

    /// The columns whose stored value stays.
    pub(super) fn unknown(&self) -> impl Iterator<Item = usize> + '_ {
        let unknown = self.left_out.iter().filter(|(_, row)| row.is_none());
        unknown.map(|(column, _)| *column)
    }

    fn is_complete(&self) -> bool {
        self.unknown().next().is_none()
    }

    /// With what an earlier row says of the columns that are left out.
    fn over(mut self, earlier: &Self) -> Self {
        for (column, row) in &mut self.left_out {
            if row.is_none() {
                *row = earlier.source(*column);
            }
        }
        self
    }
}

enum State {
    Deleted,
    Put(Put),
}

/// What is left of a stretch of changes.
#[derive(Default)]
struct Stretch<'k> {
    places: HashMap<&'k [u8], usize>,
    /// A row with the key, and what becomes of it.
    states: Vec<(usize, State)>,
}

impl<'k> Stretch<'k> {
    fn get(&self, key: &[u8]) -> Option<&State> {
        let place = self.places.get(key)?;
        self.states.get(*place).map(|(_, state)| state)
    }

    fn set(&mut self, key: &'k [u8], row: usize, state: State) {
        let place = *self.places.entry(key).or_insert(self.states.len());
        match self.states.get_mut(place) {
            Some(stored) => *stored = (row, state),
            None => self.states.push((row, state)),
        }
    }

    /// Ends the stretch.
    fn take(&mut self, steps: &mut Vec<Step>) {
        self.places.clear();
        let (mut deletes, mut puts) = (Vec::new(), Vec::new());
        for (row, state) in self.states.drain(..) {
            match state {
                State::Deleted => deletes.push(row),
                State::Put(put) => puts.push(put),
            }
        }
        if !deletes.is_empty() || !puts.is_empty() {
            steps.push(Step::Keyed { deletes, puts });
        }
    }
}

/// What is left of the changes of a table with a key.
///
/// # Errors
/// When a key holds what Postgres cannot.
pub(super) fn by_key(table: &SinkTable, rows: &TableBatch) -> Result<Vec<Step>> {
    let keys = Keys::of(table, rows, &table.key)?;
    let gaps = Gaps::of(rows);
    let mut steps = Vec::new();
    let mut stretch = Stretch::default();
    let mut before = None;
    for (row, op) in rows.ops.iter().enumerate() {
        let key = keys.get(row);
        match op {
            RowOp::Insert => stretch.set(key, row, State::Put(Put::whole(row))),
            RowOp::Delete => stretch.set(key, row, State::Deleted),
            RowOp::UpdateBefore => before = Some(row),
            RowOp::UpdateAfter => {
                let moved = before.take().filter(|&old| keys.get(old) != key);
                let old_key = moved.map_or(key, |old| keys.get(old));
                let mut put = gaps.put(rows, row);
                match stretch.get(old_key) {
                    Some(State::Put(earlier)) => put = put.over(earlier),
                    // Nothing is there to be changed.
                    Some(State::Deleted) if !put.is_complete() => continue,
                    _ => {}
                }
                if let Some(old) = moved {
                    if !put.is_complete() {
                        // The values are those of a row that is to be found by its old key, as it is then.
                        stretch.take(&mut steps);
                        steps.push(Step::Move {
                            old,
                            new: gaps.put(rows, row),
                        });
                        continue;
                    }
                    stretch.set(old_key, old, State::Deleted);
                }
                stretch.set(key, row, State::Put(put));
            }
        }
    }
    stretch.take(&mut steps);
    Ok(steps)
}

/// What is left of the changes of a table without a key: how many times a row is to be added, or to be taken away where the number is
/// below zero.
///
/// # Errors
/// When a row holds what Postgres cannot, or an update leaves values out.
pub(super) fn by_row(table: &SinkTable, rows: &TableBatch) -> Result<Vec<(usize, i64)>> {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let gaps = Gaps::of(rows);
    let keys = Keys::of(table, rows, &all)?;
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut counts: Vec<(usize, i64)> = Vec::new();
    for (row, op) in rows.ops.iter().enumerate() {
        let change = match op {
            RowOp::Insert | RowOp::UpdateAfter => 1,
            RowOp::Delete | RowOp::UpdateBefore => -1,
        };
        if *op != RowOp::Insert && !gaps.put(rows, row).is_complete() {
            return Err(table.needs_a_key());
        }
        let place = *places.entry(keys.get(row)).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((_, count)) => *count += change,
            None => counts.push((row, change)),
        }
    }
    counts.retain(|(_, count)| *count != 0);
    Ok(counts)
}

/// The keys of all rows.
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn of(table: &SinkTable, rows: &TableBatch, places: &[usize]) -> Result<Self> {
        let mut keys = Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(rows.len()),
        };
        let by_key = places == table.key;
        for row in 0..rows.len() {
            for &place in places {
                let (Some(column), Some(values)) =
                    (table.columns.get(place), rows.columns.get(place))
                else {
                    continue;
                };
                let written = if by_key {
                    column.write_key(values, row, &mut keys.bytes)
                } else {
                    column.write(values, row, &mut keys.bytes)
                };
                written.map_err(|refused| table.refused(rows, place, row, refused))?;
            }
            keys.ends.push(keys.bytes.len());
        }
        Ok(keys)
    }

    fn get(&self, row: usize) -> &[u8] {
        let end = |row: usize| self.ends.get(row).copied();
        let start = row.checked_sub(1).and_then(end).unwrap_or(0);
        let end = end(row).unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// The columns of a batch that leave values out in any row.
struct Gaps(Vec<usize>);

impl Gaps {
    fn of(rows: &TableBatch) -> Self {
        let columns = rows.columns.iter().enumerate();
        let with_gaps = columns.filter(|(_, column)| {
            column.null_count() > 0 && (0..column.len()).any(|row| column.is_unchanged(row))
        });
        Self(with_gaps.map(|(place, _)| place).collect())
    }

    fn put(&self, rows: &TableBatch, row: usize) -> Put {
        let unchanged = |&&place: &&usize| {
            (rows.columns.get(place)).is_some_and(|column| column.is_unchanged(row))
        };
        Put {
            row,
            left_out: (self.0.iter().filter(unchanged))
                .map(|&place| (place, None))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
