//! What the database holds beside a new snapshot: the snapshot goes into temporary tables of the same shape, and SQL
//! compares.

use connector_core::sink::{ColumnMismatch, Compared, Comparison, Mismatch, MismatchKind};
use connector_core::{Batch, Error, ErrorKind, Result};

use super::of_sink;
use super::snapshot::Copies;
use super::store::Store;
use super::table::{OWN, SinkTable};
use crate::wire::{Connection, Row, Rows};

/// Of longer values only so many characters are shown.
const SHOWN: usize = 32;
/// So much of a long value is looked at for where it begins to differ.
const LOOKED_AT: usize = 65_536;
/// Of wider tables the rows that differ are listed without their columns: a query gives no more than 1664.
const WIDEST: usize = 400;

/// Whole tables are compared: not by their keys one by one, as changes are written.
const SESSION: &str = "SELECT pg_catalog.set_config(name, 'on', false)
     FROM (VALUES ('enable_seqscan'), ('enable_hashjoin'), ('enable_mergejoin')) AS s(name)";

/// A comparison that takes a snapshot.
#[derive(Debug)]
struct StoreComparison<'s> {
    store: &'s mut Store,
    /// The temporary tables, in the order of the store's own.
    taken: Vec<SinkTable>,
    copies: Copies,
}

impl Store {
    pub(super) fn compare(&mut self) -> Result<Box<dyn Comparison + '_>> {
        self.all_there()?;
        // Nothing is written: a run may begin.
        self.let_go()?;
        self.connection.execute(SESSION)?;
        let mut taken = Vec::with_capacity(self.tables.len());
        for (place, table) in self.tables.iter().enumerate() {
            let temporary = table.as_temporary(&format!("{OWN}snapshot_{place}"));
            self.connection.execute(&format!(
                "DROP TABLE IF EXISTS {0}; CREATE TEMPORARY TABLE {1} ({2})",
                temporary.qualified,
                temporary.name,
                temporary.definitions()
            ))?;
            taken.push(temporary);
        }
        Ok(Box::new(StoreComparison {
            store: self,
            taken,
            copies: Copies::default(),
        }))
    }
}

impl Comparison for StoreComparison<'_> {
    fn take(&mut self, batch: &Batch) -> Result<()> {
        let connection = &mut self.store.connection;
        self.copies
            .write(connection, &self.taken, batch, |table| {
                table.qualified.clone()
            })
            .map_err(of_sink)
    }

    fn finish(mut self: Box<Self>, listed: usize) -> Result<Vec<Compared>> {
        self.compared(listed).map_err(of_sink)
    }
}

impl StoreComparison<'_> {
    fn compared(&mut self, listed: usize) -> Result<Vec<Compared>> {
        self.copies.end(&mut self.store.connection, &self.taken)?;
        for table in &self.taken {
            let sql = format!("ANALYZE {}", table.qualified);
            self.store.connection.execute(&sql)?;
        }
        // All of one moment.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ";
        self.store.connection.execute(begin)?;
        if self.store.stored_now()? != self.store.stored {
            return Err(Error::new(
                ErrorKind::InUse,
                "a run has written into the sink while it was compared",
            )
            .with_help("stop the run, and compare again"));
        }
        let mut compared = Vec::with_capacity(self.taken.len());
        for (taken, held) in self.taken.iter().zip(&self.store.tables) {
            let pair = Pair { taken, held };
            compared.push(pair.compare(&mut self.store.connection, listed)?);
        }
        self.store.connection.execute("ROLLBACK")?;
        Ok(compared)
    }
}

/// A temporary table and the sink's own.
struct Pair<'t> {
    taken: &'t SinkTable,
    held: &'t SinkTable,
}

impl Pair<'_> {
    fn compare(&self, connection: &mut Connection, listed: usize) -> Result<Compared> {
        let rows = count(
            connection,
            &format!("SELECT count(*) AS n FROM {}", self.taken.qualified),
        )?;
        let mut compared = Compared {
            source: self.held.source.clone(),
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

    /// The columns of the key on one side, with commas, each as `name(place)`.
    fn key(&self, name: impl Fn(usize) -> String) -> String {
        let names: Vec<String> = self.held.key.iter().map(|&place| name(place)).collect();
        names.join(", ")
    }

    fn by_key(&self, connection: &mut Connection, listed: usize, out: &mut Compared) -> Result<()> {
        let equal = (self.held.key.iter())
            .map(|&place| format!("t.{0} = h.{0}", self.held.column(place)))
            .collect::<Vec<_>>()
            .join(" AND ");
        let (taken, held) = (&self.taken.qualified, &self.held.qualified);
        let lacking = |from: &str, side: &str, other: &str, other_side: &str| {
            format!(
                "FROM {from} {side} WHERE NOT EXISTS (SELECT FROM {other} {other_side} WHERE {equal})"
            )
        };
        let sides = [
            (MismatchKind::Missing, "t", lacking(taken, "t", held, "h")),
            (MismatchKind::Extra, "h", lacking(held, "h", taken, "t")),
        ];
        for (kind, side, from) in sides {
            let lacking = count(connection, &format!("SELECT count(*) AS n {from}"))?;
            if lacking > 0 {
                let shown = self.key(|place| self.start(side, place, &format!("s{place}")));
                let order = self.key(|place| format!("{side}.{}", self.held.column(place)));
                let sql = format!("SELECT {shown} {from} ORDER BY {order} LIMIT {listed}");
                for row in connection.query(&sql)?.iter() {
                    out.listed.push(Mismatch {
                        kind,
                        key: self.named(row, &self.held.key)?,
                        columns: Vec::new(),
                    });
                }
            }
            match kind {
                MismatchKind::Missing => out.missing = lacking,
                _ => out.extra = lacking,
            }
        }
        let from = format!(
            "FROM {taken} t JOIN {held} h ON {equal} WHERE {}",
            self.differ(&self.held.all().collect::<Vec<_>>())
        );
        out.different = count(connection, &format!("SELECT count(*) AS n {from}"))?;
        if out.different > 0 {
            let rows = self.different(connection, &from, listed)?;
            for row in rows.iter() {
                out.listed.push(Mismatch {
                    kind: MismatchKind::Different,
                    key: self.named(row, &self.held.key)?,
                    columns: self.differing(row)?,
                });
            }
        }
        Ok(())
    }

    fn different(&self, connection: &mut Connection, from: &str, listed: usize) -> Result<Rows> {
        let mut shown = vec![self.key(|place| self.start("t", place, &format!("s{place}")))];
        if self.held.columns.len() <= WIDEST {
            for place in self.held.all() {
                shown.push(format!("{} AS d{place}", self.differ(&[place])));
                shown.push(self.start("h", place, &format!("h{place}")));
                if !self.held.key.contains(&place) {
                    shown.push(self.start("t", place, &format!("s{place}")));
                }
            }
        }
        let order = self.key(|place| format!("t.{}", self.held.column(place)));
        let sql = format!(
            "SELECT {} {from} ORDER BY {order} LIMIT {listed}",
            shown.join(", ")
        );
        Ok(connection.query(&sql)?)
    }

    /// Whether columns differ in any byte: also of types that know no equality, and 1.0 is not 1.00.
    fn differ(&self, places: &[usize]) -> String {
        let row = |side: &str| {
            let names: Vec<String> = (places.iter())
                .map(|&place| format!("{side}.{}", self.held.column(place)))
                .collect();
            format!("(ROW({}))::record", names.join(", "))
        };
        format!("({} *<> {})", row("t"), row("h"))
    }

    /// The text of a column, as far as it is looked at.
    fn start(&self, side: &str, place: usize, name: &str) -> String {
        format!(
            "pg_catalog.left({side}.{}::text, {LOOKED_AT}) AS {name}",
            self.held.column(place)
        )
    }

    /// Rows without a key: one side has more of the same row than the other.
    fn multisets(
        &self,
        connection: &mut Connection,
        listed: usize,
        out: &mut Compared,
    ) -> Result<()> {
        let (taken, held) = (&self.taken.qualified, &self.held.qualified);
        let columns = self.held.list(self.held.all());
        // Under names that clash with none of ours.
        let renamed: Vec<String> = (self.held.all())
            .map(|place| format!("{} AS c{place}", self.held.column(place)))
            .collect();
        let renamed = renamed.join(", ");
        // The text of a row tells every value apart, a null from an empty text, and 1.0 from 1.00.
        let unequal = |more: &str| {
            format!(
                "SELECT pg_catalog.sum(n) AS n{more} FROM (
                     SELECT (ROW({columns}))::text AS whole, 1 AS n, {renamed} FROM {taken}
                     UNION ALL SELECT (ROW({columns}))::text, -1, {renamed} FROM {held}) AS r
                 GROUP BY whole HAVING pg_catalog.sum(n) <> 0"
            )
        };
        for (kind, sign) in [(MismatchKind::Missing, ">"), (MismatchKind::Extra, "<")] {
            let sql = format!(
                "SELECT coalesce(pg_catalog.sum(pg_catalog.abs(n)), 0)::bigint AS n FROM ({}) AS u WHERE n {sign} 0",
                unequal("")
            );
            let number = count(connection, &sql)?;
            match kind {
                MismatchKind::Missing => out.missing = number,
                _ => out.extra = number,
            }
            if number == 0 {
                continue;
            }
            let shown: Vec<String> = (self.held.all())
                .map(|place| {
                    format!(
                        ", pg_catalog.max(pg_catalog.left(c{place}::text, {LOOKED_AT})) AS s{place}"
                    )
                })
                .collect();
            let sql = format!(
                "SELECT * FROM ({}) AS u WHERE n {sign} 0 ORDER BY s0 LIMIT {listed}",
                unequal(&shown.concat())
            );
            let all: Vec<usize> = self.held.all().collect();
            for row in connection.query(&sql)?.iter() {
                out.listed.push(Mismatch {
                    kind,
                    key: self.named(row, &all)?,
                    columns: Vec::new(),
                });
            }
        }
        Ok(())
    }

    /// These columns of a row, with their values as text.
    fn named(&self, row: Row<'_>, places: &[usize]) -> Result<Vec<(String, String)>> {
        let named = |&place: &usize| {
            let name = self
                .held
                .columns
                .get(place)
                .map(|column| column.name.clone());
            let value = shown(row.get(&format!("s{place}"))?, 0);
            Ok((name.unwrap_or_default(), value))
        };
        places.iter().map(named).collect()
    }

    /// The columns whose values differ, with what both sides have.
    fn differing(&self, row: Row<'_>) -> Result<Vec<ColumnMismatch>> {
        let mut columns = Vec::new();
        if self.held.columns.len() > WIDEST {
            return Ok(columns);
        }
        for (place, column) in self.held.columns.iter().enumerate() {
            if !row.is_true(&format!("d{place}"))? {
                continue;
            }
            let source = row.get(&format!("s{place}"))?;
            let sink = row.get(&format!("h{place}"))?;
            let common = common_start(source.unwrap_or_default(), sink.unwrap_or_default());
            columns.push(ColumnMismatch {
                column: column.name.clone(),
                source: shown(source, common),
                sink: shown(sink, common),
            });
        }
        Ok(columns)
    }
}

fn count(connection: &mut Connection, sql: &str) -> Result<u64> {
    Ok(connection.query(sql)?.one()?.parse("n")?)
}

/// How many characters two texts begin with in common.
fn common_start(source: &str, sink: &str) -> usize {
    let both = source.chars().zip(sink.chars());
    both.take_while(|(a, b)| a == b).count()
}

/// A value as SQL would write it; of a long one the part around `at`.
fn shown(value: Option<&str>, at: usize) -> String {
    let Some(text) = value else {
        return "NULL".to_owned();
    };
    let print = |part: &str| format!("'{}'", part.replace('\'', "''"));
    let length = text.chars().count();
    if length <= SHOWN {
        return print(text);
    }
    let start = at.saturating_sub(SHOWN / 4).min(length);
    let end = (start + SHOWN).min(length);
    let part: String = text.chars().skip(start).take(end - start).collect();
    let more = if length >= LOOKED_AT { " or more" } else { "" };
    format!(
        "{} (characters {start} to {end} of {length}{more})",
        print(&part)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_shown_where_it_begins_to_differ() {
        let (a, b) = (
            "ä".repeat(1000),
            format!("{}b{}", "ä".repeat(500), "ä".repeat(499)),
        );
        let at = common_start(&a, &b);
        assert_eq!(at, 500);
        let part = format!("{}b{}", "ä".repeat(8), "ä".repeat(23));
        assert_eq!(
            shown(Some(&b), at),
            format!("'{part}' (characters 492 to 524 of 1000)")
        );
        assert_eq!(shown(Some("it's"), 0), "'it''s'");
        assert_eq!(shown(None, 0), "NULL");
    }
}
