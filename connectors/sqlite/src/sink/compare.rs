//! What the file holds beside a new snapshot: the snapshot goes into temporary tables of the same shape, and SQL
//! compares.

use std::fmt::Write as _;

use connector_core::sink::{ColumnMismatch, Compared, Comparison, Mismatch, MismatchKind};
use connector_core::{Batch, Error, ErrorKind, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::of_sink;
use super::store::Store;
use super::table::SinkTable;
use crate::connect::{Patience, retry};
use crate::error::sqlite_error;
use crate::quote::identifier;

/// Of longer values only so many bytes are shown.
const SHOWN: usize = 32;

/// A comparison that takes a snapshot.
#[derive(Debug)]
struct StoreComparison<'s> {
    store: &'s Store,
    /// The temporary tables, in the order of the store's own.
    taken: Vec<SinkTable>,
}

impl Store {
    pub(super) fn compare(&mut self) -> Result<Box<dyn Comparison + '_>> {
        self.all_there()?;
        let mut taken = Vec::with_capacity(self.tables.len());
        for (place, table) in self.tables.iter().enumerate() {
            let temporary = table.renamed(format!("_dozer_snapshot_{place}"));
            temporary.make_temporary(&self.connection)?;
            taken.push(temporary);
        }
        Ok(Box::new(StoreComparison { store: self, taken }))
    }
}

impl Comparison for StoreComparison<'_> {
    fn take(&mut self, batch: &Batch) -> Result<()> {
        self.in_transaction(|connection| {
            for rows in &batch.tables {
                if let Some(table) = self.taken.get(rows.table) {
                    table.write(connection, rows, true)?;
                }
            }
            Ok(())
        })
        .map_err(of_sink)
    }

    fn finish(self: Box<Self>, listed: usize) -> Result<Vec<Compared>> {
        self.in_transaction(|connection| {
            self.check_unmoved()?;
            let pairs = self.taken.iter().zip(&self.store.tables);
            pairs
                .map(|(taken, held)| Pair::new(taken, held).compare(connection, listed))
                .collect()
        })
        .map_err(of_sink)
    }
}

impl StoreComparison<'_> {
    /// Runs `body` in a transaction that writes to temporary tables alone: it takes no write lock on the file.
    fn in_transaction<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = &self.store.connection;
        retry(Patience::default(), || self.store.execute("BEGIN"))?;
        let outcome = body(connection);
        let end = if outcome.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        self.store.execute(end).and(outcome)
    }

    /// Fails where another run has written since the sink was opened.
    fn check_unmoved(&self) -> Result<()> {
        let same: bool = self
            .store
            .connection
            .query_row(
                "SELECT checkpoint IS ?3 FROM _dozer_sink WHERE app = ?1 AND connection = ?2",
                params![self.store.app, self.store.name, self.store.stored],
                |row| row.get(0),
            )
            .map_err(sqlite_error)?;
        if same {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InUse,
            "a run has written into the sink while it was compared",
        )
        .with_help("stop the run, and compare again"))
    }
}

/// A temporary table and the sink's own.
struct Pair<'t> {
    held: &'t SinkTable,
    taken_name: String,
    held_name: String,
    columns: Vec<String>,
}

impl<'t> Pair<'t> {
    fn new(taken: &SinkTable, held: &'t SinkTable) -> Self {
        let columns = held.fields().iter().map(|field| identifier(&field.name));
        Self {
            held,
            taken_name: format!("temp.{}", identifier(&taken.name)),
            held_name: format!("main.{}", identifier(&held.name)),
            columns: columns.collect(),
        }
    }

    fn compare(&self, connection: &Connection, listed: usize) -> Result<Compared> {
        let rows = count(
            connection,
            &format!("SELECT count(*) FROM {}", self.taken_name),
        )?;
        let mut compared = Compared {
            source: self.held.name.clone(),
            rows,
            ..Compared::default()
        };
        if self.held.key.is_empty() {
            self.multisets(connection, listed, &mut compared)?;
        } else {
            self.by_key(connection, listed, &mut compared)?;
        }
        Ok(compared)
    }

    fn key(&self) -> Vec<&str> {
        let name = |&place: &usize| self.columns.get(place).map(String::as_str);
        self.held.key.iter().filter_map(name).collect()
    }

    fn by_key(&self, connection: &Connection, listed: usize, out: &mut Compared) -> Result<()> {
        let key = self.key();
        let equal: Vec<String> = key
            .iter()
            .map(|name| format!("t.{name} = h.{name}"))
            .collect();
        let equal = equal.join(" AND ");
        let (taken, held) = (&self.taken_name, &self.held_name);
        let lacking = |from: &str, as_: &str, other: &str, as_other: &str| {
            format!(
                "FROM {from} {as_} WHERE NOT EXISTS (SELECT 1 FROM {other} {as_other} WHERE {equal})"
            )
        };
        let sides = [
            (MismatchKind::Missing, "t", lacking(taken, "t", held, "h")),
            (MismatchKind::Extra, "h", lacking(held, "h", taken, "t")),
        ];
        for (kind, side, from) in sides {
            let lacking = count(connection, &format!("SELECT count(*) {from}"))?;
            if lacking > 0 {
                let names: Vec<String> = key.iter().map(|name| format!("{side}.{name}")).collect();
                let names = names.join(", ");
                let sql = format!("SELECT {names} {from} ORDER BY {names} LIMIT {listed}");
                list(connection, &sql, out, |row| {
                    Ok(Mismatch {
                        kind,
                        key: self.named(row, &self.held.key)?,
                        columns: Vec::new(),
                    })
                })?;
            }
            match kind {
                MismatchKind::Missing => out.missing = lacking,
                _ => out.extra = lacking,
            }
        }
        let same: Vec<String> = self
            .columns
            .iter()
            .map(|name| format!("t.{name} IS h.{name}"))
            .collect();
        let from = format!(
            "FROM {taken} t JOIN {held} h ON {equal} WHERE NOT ({})",
            same.join(" AND ")
        );
        out.different = count(connection, &format!("SELECT count(*) {from}"))?;
        if out.different > 0 {
            let names = |side: &str, names: &[&str]| {
                let names = names.iter().map(|name| format!("{side}.{name}"));
                names.collect::<Vec<_>>().join(", ")
            };
            let all: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            let sql = format!(
                "SELECT {}, {}, {} {from} ORDER BY {} LIMIT {listed}",
                names("t", &key),
                names("t", &all),
                names("h", &all),
                names("t", &key)
            );
            list(connection, &sql, out, |row| {
                Ok(Mismatch {
                    kind: MismatchKind::Different,
                    key: self.named(row, &self.held.key)?,
                    columns: self.differing(row)?,
                })
            })?;
        }
        Ok(())
    }

    /// Rows without a key: one side has more of the same row than the other.
    fn multisets(&self, connection: &Connection, listed: usize, out: &mut Compared) -> Result<()> {
        let (taken, held) = (&self.taken_name, &self.held_name);
        let columns = self.columns.join(", ");
        let places: Vec<String> = (1..=self.columns.len()).map(|n| n.to_string()).collect();
        let mut renamed = String::new();
        for place in &places {
            let _ = write!(
                renamed,
                "{}c{place}",
                if renamed.is_empty() { "" } else { ", " }
            );
        }
        let unequal = format!(
            "WITH rows({renamed}, n) AS (SELECT {columns}, 1 FROM {taken} UNION ALL SELECT {columns}, -1 FROM {held}),
             unequal AS (SELECT {renamed}, sum(n) AS n FROM rows GROUP BY {renamed} HAVING sum(n) <> 0)"
        );
        let more = |sign: &str| {
            let sum =
                format!("{unequal} SELECT coalesce(sum(abs(n)), 0) FROM unequal WHERE n {sign} 0");
            count(connection, &sum)
        };
        (out.missing, out.extra) = (more(">")?, more("<")?);
        if out.missing + out.extra == 0 {
            return Ok(());
        }
        let all: Vec<usize> = (0..self.columns.len()).collect();
        for (kind, sign) in [(MismatchKind::Missing, ">"), (MismatchKind::Extra, "<")] {
            let sql = format!(
                "{unequal} SELECT {renamed} FROM unequal WHERE n {sign} 0 ORDER BY {renamed} LIMIT {listed}"
            );
            list(connection, &sql, out, |row| {
                Ok(Mismatch {
                    kind,
                    key: self.named(row, &all)?,
                    columns: Vec::new(),
                })
            })?;
        }
        Ok(())
    }

    /// The first columns of a result, which are those of the table at these places.
    fn named(&self, row: &Row<'_>, places: &[usize]) -> rusqlite::Result<Vec<(String, String)>> {
        let fields = places
            .iter()
            .filter_map(|&place| self.held.fields().get(place));
        let value = |(at, field): (usize, &connector_core::FieldDefinition)| {
            Ok((field.name.clone(), shown(row.get_ref(at)?, 0)))
        };
        fields.enumerate().map(value).collect()
    }

    /// The columns that differ in a result of the key, all columns of the source, and all of the sink.
    fn differing(&self, row: &Row<'_>) -> rusqlite::Result<Vec<ColumnMismatch>> {
        let (key, width) = (self.held.key.len(), self.columns.len());
        let mut columns = Vec::new();
        for (place, field) in self.held.fields().iter().enumerate() {
            let source = row.get_ref(key + place)?;
            let sink = row.get_ref(key + width + place)?;
            if source == sink {
                continue;
            }
            let common = common_start(source, sink);
            columns.push(ColumnMismatch {
                column: field.name.clone(),
                source: shown(source, common),
                sink: shown(sink, common),
            });
        }
        Ok(columns)
    }
}

/// Adds what a query gives to the list.
fn list(
    connection: &Connection,
    sql: &str,
    out: &mut Compared,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<Mismatch>,
) -> Result<()> {
    let mut statement = connection.prepare(sql).map_err(sqlite_error)?;
    let mut rows = statement.query([]).map_err(sqlite_error)?;
    while let Some(row) = rows.next().map_err(sqlite_error)? {
        out.listed.push(read(row).map_err(sqlite_error)?);
    }
    Ok(())
}

fn count(connection: &Connection, sql: &str) -> Result<u64> {
    let count: i64 = connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(sqlite_error)?;
    u64::try_from(count).map_err(Error::sink)
}

/// How many bytes two texts, or two blobs, begin with in common.
fn common_start(source: ValueRef<'_>, sink: ValueRef<'_>) -> usize {
    match (source, sink) {
        (ValueRef::Text(a), ValueRef::Text(b)) | (ValueRef::Blob(a), ValueRef::Blob(b)) => {
            a.iter().zip(b).take_while(|(a, b)| a == b).count()
        }
        _ => 0,
    }
}

/// A value as SQL would write it; of a long one the part around `at`.
fn shown(value: ValueRef<'_>, at: usize) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => format!("{value:?}"),
        ValueRef::Text(text) => part(text, at, |part| {
            format!("'{}'", String::from_utf8_lossy(part).replace('\'', "''"))
        }),
        ValueRef::Blob(bytes) => part(bytes, at, |part| {
            let mut hex = String::from("x'");
            for byte in part {
                let _ = write!(hex, "{byte:02x}");
            }
            hex.push('\'');
            hex
        }),
    }
}

fn part(bytes: &[u8], at: usize, print: impl Fn(&[u8]) -> String) -> String {
    if bytes.len() <= SHOWN {
        return print(bytes);
    }
    let start = at.saturating_sub(SHOWN / 4).min(bytes.len());
    let end = (start + SHOWN).min(bytes.len());
    let text = print(bytes.get(start..end).unwrap_or_default());
    format!("{text} (bytes {start} to {end} of {})", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_shown_where_it_begins_to_differ() {
        let (mut a, mut b) = (vec![0_u8; 1000], vec![0_u8; 1000]);
        (a[500], b[500]) = (1, 2);
        let (a, b) = (ValueRef::Blob(&a), ValueRef::Blob(&b));
        let at = common_start(a, b);
        assert_eq!(at, 500);
        assert_eq!(
            shown(b, at),
            format!(
                "x'{}02{}' (bytes 492 to 524 of 1000)",
                "00".repeat(8),
                "00".repeat(23)
            )
        );
        assert_eq!(shown(ValueRef::Text(b"it's"), 0), "'it''s'");
        assert_eq!(shown(ValueRef::Real(1.0), 0), "1.0");
    }
}
