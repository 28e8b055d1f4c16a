//! Changes of a table as statements over arrays: one for all rows that are stored, one for all that are deleted.

use std::collections::BTreeMap;

use connector_core::{Result, TableBatch};

use super::collapse::{Put, Step, by_key, by_row};
use super::sql::{Kind, sql};
use super::table::SinkTable;
use crate::wire::{Connection, Parameters, PgError, Prepared};

/// The most rows of one statement: the server keeps the arrays, and the rows that it makes of them, in memory.
const ROWS: usize = 4096;

/// Applies the changes of a batch, in a transaction.
///
/// # Errors
/// When a value cannot be stored, or the server refuses.
pub(super) fn apply(
    connection: &mut Connection,
    table: &mut SinkTable,
    rows: &TableBatch,
) -> Result<()> {
    let context = format!("table `{}`", table.name);
    Apply {
        connection,
        table,
        rows,
    }
    .apply()
    .map_err(|error| error.with_context(context))
}

struct Apply<'a> {
    connection: &'a mut Connection,
    table: &'a mut SinkTable,
    rows: &'a TableBatch,
}

/// A column of the table, and the row of the batch that each of its values is taken from.
type Array<'r> = (usize, Vec<&'r usize>);

impl Apply<'_> {
    fn apply(mut self) -> Result<()> {
        if self.table.key.is_empty() {
            return self.by_row();
        }
        for step in by_key(self.table, self.rows)? {
            match step {
                Step::Keyed { deletes, puts } => {
                    for deletes in deletes.chunks(ROWS) {
                        let arrays = self.key_of(deletes);
                        self.run(Kind::Delete, &arrays, None)?;
                    }
                    self.put(&puts)?;
                }
                Step::Move { old, new } => {
                    let unknown: Vec<usize> = new.unknown().collect();
                    let mut arrays = self.key_of(std::slice::from_ref(&old));
                    arrays.extend(self.known(&unknown).map(|place| (place, vec![&new.row])));
                    self.run(Kind::Move(unknown), &arrays, None)?;
                }
            }
        }
        Ok(())
    }

    fn key_of<'r>(&self, rows: &'r [usize]) -> Vec<Array<'r>> {
        let key = self.table.key.iter();
        key.map(|&place| (place, rows.iter().collect())).collect()
    }

    fn known<'k>(&self, unknown: &'k [usize]) -> impl Iterator<Item = usize> + use<'k> {
        (self.table.all()).filter(|place| !unknown.contains(place))
    }

    fn put(&mut self, puts: &[Put]) -> Result<()> {
        // By the columns that are not known: mostly none.
        let mut groups: BTreeMap<Vec<usize>, Vec<&Put>> = BTreeMap::new();
        for put in puts {
            groups.entry(put.unknown().collect()).or_default().push(put);
        }
        for (unknown, puts) in groups {
            for puts in puts.chunks(ROWS) {
                let rows: Vec<(usize, Vec<usize>)> = (self.known(&unknown))
                    .map(|place| {
                        let sources = puts.iter().map(|put| put.source(place).unwrap_or(put.row));
                        (place, sources.collect())
                    })
                    .collect();
                let arrays: Vec<Array<'_>> = (rows.iter())
                    .map(|(place, rows)| (*place, rows.iter().collect()))
                    .collect();
                let kind = if unknown.is_empty() {
                    Kind::Upsert
                } else {
                    Kind::Patch(unknown.clone())
                };
                self.run(kind, &arrays, None)?;
            }
        }
        Ok(())
    }

    fn by_row(&mut self) -> Result<()> {
        let counts = by_row(self.table, self.rows)?;
        let mut taken: BTreeMap<Vec<bool>, Vec<(usize, u64)>> = BTreeMap::new();
        let mut added: Vec<usize> = Vec::new();
        let found_by = self.table.found_by();
        for (row, count) in counts {
            if count > 0 {
                added.extend((0..count).map(|_| row));
            } else {
                let null = |&place: &usize| {
                    (self.rows.columns.get(place)).is_none_or(|column| column.is_null(row))
                };
                let nulls = found_by.iter().map(null).collect();
                taken
                    .entry(nulls)
                    .or_default()
                    .push((row, count.unsigned_abs()));
            }
        }
        for (nulls, taken) in taken {
            for taken in taken.chunks(ROWS) {
                let rows = || taken.iter().map(|(row, _)| row).collect();
                let arrays: Vec<Array<'_>> =
                    self.table.all().map(|place| (place, rows())).collect();
                let counts: Vec<u64> = taken.iter().map(|(_, count)| *count).collect();
                let wanted: u64 = counts.iter().sum();
                let found = self.run(Kind::Take(nulls.clone()), &arrays, Some(&counts))?;
                debug_assert!(found <= wanted);
            }
        }
        for added in added.chunks(ROWS) {
            let arrays: Vec<Array<'_>> = (self.table.all())
                .map(|place| (place, added.iter().collect()))
                .collect();
            self.run(Kind::Insert, &arrays, None)?;
        }
        Ok(())
    }

    fn run(&mut self, kind: Kind, arrays: &[Array<'_>], counts: Option<&[u64]>) -> Result<u64> {
        let mut parameters = Parameters::new();
        for (place, rows) in arrays {
            self.array(&mut parameters, *place, rows)?;
        }
        if let Some(counts) = counts {
            let written: Result<(), std::convert::Infallible> = parameters.value(|out| {
                array_header(out, BIGINT, counts.len());
                for count in counts {
                    out.extend_from_slice(&8_u32.to_be_bytes());
                    out.extend_from_slice(&count.to_be_bytes());
                }
                Ok(())
            });
            let Ok(()) = written;
        }
        let statement = self.prepared(kind)?;
        Ok(self.connection.run(&statement, &parameters)?)
    }

    fn array(&self, parameters: &mut Parameters, place: usize, rows: &[&usize]) -> Result<()> {
        let (Some(column), Some(values)) =
            (self.table.columns.get(place), self.rows.columns.get(place))
        else {
            return Ok(());
        };
        parameters.value(|out| {
            array_header(out, column.oid, rows.len());
            for &&row in rows {
                (column.write(values, row, out))
                    .map_err(|refused| self.table.refused(self.rows, place, row, refused))?;
            }
            Ok(())
        })
    }

    fn prepared(&mut self, kind: Kind) -> Result<Prepared, PgError> {
        if let Some(prepared) = self.table.statements.get(&kind) {
            return Ok(prepared.clone());
        }
        let prepared = self.connection.prepare(&sql(self.table, &kind))?;
        self.table.statements.insert(kind, prepared.clone());
        Ok(prepared)
    }
}

const BIGINT: u32 = 20;

/// One dimension, from 1; values may be null.
fn array_header(out: &mut Vec<u8>, element: u32, count: usize) {
    for number in [1, 1, element, u32::try_from(count).unwrap_or_default(), 1] {
        out.extend_from_slice(&number.to_be_bytes());
    }
}
