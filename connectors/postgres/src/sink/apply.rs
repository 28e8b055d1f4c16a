//! Changes of a table as statements over arrays: one for all rows that are stored, one for all that are deleted.

use std::collections::BTreeMap;

use connector_core::{Result, TableBatch};

use super::collapse::{Put, Step, by_key, by_row};
use super::table::SinkTable;
use crate::quote::identifier;
use crate::wire::{Connection, Parameters, PgError, Prepared};

/// The most rows of one statement: the server keeps the arrays, and the rows that it makes of them, in memory.
const ROWS: usize = 4096;

/// A statement that a table has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Stores rows in the place of those with the same key.
    Upsert,
    /// Adds rows.
    Insert,
    /// Deletes by key.
    Delete,
    /// Sets all columns but these, by key.
    Patch(Vec<usize>),
    /// The same, and the key, by the old key.
    Move(Vec<usize>),
    /// Deletes rows that are equal, as many as are asked for. Those columns by which rows are found are null that are `true` here.
    Take(Vec<bool>),
}

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

/// The parameters as rows `v` with these names.
fn rows_of(table: &SinkTable, columns: &[(usize, String)], counted: bool) -> String {
    let array = |(number, (place, _)): (usize, &(usize, String))| {
        let base = table
            .columns
            .get(*place)
            .map_or("text", |column| column.base);
        format!("${number}::{base}[]")
    };
    let mut arrays: Vec<String> = (1..).zip(columns).map(array).collect();
    let mut names: Vec<&str> = columns.iter().map(|(_, name)| name.as_str()).collect();
    if counted {
        arrays.push(format!("${}::bigint[]", columns.len() + 1));
        names.push("wanted");
    }
    format!("unnest({}) AS v({})", arrays.join(", "), names.join(", "))
}

fn sql(table: &SinkTable, kind: &Kind) -> String {
    let to = &table.qualified;
    // Names of our own, which clash with none of the table's: those stand behind `t.`.
    let new = |place: usize| (place, format!("c{place}"));
    let old = |place: usize| (place, format!("k{place}"));
    let equal = |name: fn(usize) -> String| {
        let equal = |&place: &usize| format!("t.{} = v.{}", table.column(place), name(place));
        let equal: Vec<String> = table.key.iter().map(equal).collect();
        equal.join(" AND ")
    };
    let all: Vec<(usize, String)> = table.all().map(new).collect();
    let names = table.list(table.all());
    match kind {
        Kind::Insert => format!(
            "INSERT INTO {to} ({names}) SELECT * FROM {}",
            rows_of(table, &all, false)
        ),
        Kind::Upsert => {
            let set: Vec<String> = (table.all())
                .filter(|place| !table.key.contains(place))
                .map(|place| format!("{0} = EXCLUDED.{0}", table.column(place)))
                .collect();
            let action = if set.is_empty() {
                "NOTHING".to_owned()
            } else {
                format!("UPDATE SET {}", set.join(", "))
            };
            format!(
                "INSERT INTO {to} ({names}) SELECT * FROM {} ON CONFLICT ({}) DO {action}",
                rows_of(table, &all, false),
                table.list(table.key.iter().copied())
            )
        }
        Kind::Delete => {
            let key: Vec<(usize, String)> = table.key.iter().copied().map(old).collect();
            format!(
                "DELETE FROM {to} AS t USING {} WHERE {}",
                rows_of(table, &key, false),
                equal(|place| format!("k{place}"))
            )
        }
        Kind::Patch(unknown) => {
            let known = table.all().filter(|place| !unknown.contains(place));
            let known: Vec<(usize, String)> = known.map(new).collect();
            let set: Vec<String> = (known.iter())
                .filter(|(place, _)| !table.key.contains(place))
                .map(|(place, name)| format!("{} = v.{name}", table.column(*place)))
                .collect();
            if set.is_empty() {
                // Nothing but the key is known, and it stays: a statement that takes the same parameters and does nothing.
                return format!("SELECT FROM {} WHERE false", rows_of(table, &known, false));
            }
            format!(
                "UPDATE {to} AS t SET {} FROM {} WHERE {}",
                set.join(", "),
                rows_of(table, &known, false),
                equal(|place| format!("c{place}"))
            )
        }
        Kind::Move(unknown) => {
            let known = table.all().filter(|place| !unknown.contains(place));
            let known: Vec<(usize, String)> = known.map(new).collect();
            let set: Vec<String> = (known.iter())
                .map(|(place, name)| format!("{} = v.{name}", table.column(*place)))
                .collect();
            let columns: Vec<(usize, String)> =
                (table.key.iter().copied().map(old)).chain(known).collect();
            format!(
                "UPDATE {to} AS t SET {} FROM {} WHERE {}",
                set.join(", "),
                rows_of(table, &columns, false),
                equal(|place| format!("k{place}"))
            )
        }
        Kind::Take(nulls) => {
            let row = |side: &str, names: Vec<String>| {
                let names = names.iter().map(|name| format!("{side}.{name}"));
                format!("(ROW({}))::record", names.collect::<Vec<_>>().join(", "))
            };
            let stored = row(
                "t",
                table
                    .columns
                    .iter()
                    .map(|it| identifier(&it.name))
                    .collect(),
            );
            let wanted = row("v", all.iter().map(|(_, name)| name.clone()).collect());
            let mut conditions: Vec<String> = (table.found_by().into_iter().zip(nulls))
                .map(|(place, is_null)| {
                    let column = table.column(place);
                    if *is_null {
                        format!("t.{column} IS NULL")
                    } else {
                        format!("t.{column} = v.c{place}")
                    }
                })
                .collect();
            // Byte by byte: also for types that know no equality, and 1.0 is not 1.00.
            conditions.push(format!("{stored} *= {wanted}"));
            format!(
                "DELETE FROM {to} WHERE ctid = ANY(ARRAY(SELECT d.ctid FROM {} CROSS JOIN LATERAL \
                 (SELECT t.ctid FROM {to} AS t WHERE {} LIMIT v.wanted) AS d))",
                rows_of(table, &all, true),
                conditions.join(" AND ")
            )
        }
    }
}
