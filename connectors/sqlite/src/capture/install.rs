//! Installing the capture in a file, and removing it.

use connector_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, params};

use super::added;
use super::layout::{self, CapturedTable, NARROW, WIDEST, evict_table, operation};
use super::state::{AllTriggers, registered_objects};
use super::triggers::{Objects, Writer};
use crate::catalog::{self, Table};
use crate::connect::{Patience, write};
use crate::error::sqlite_error;
use crate::quote::identifier;

/// What [`install`] did for one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Installed {
    /// The table was not captured before.
    Added,
    /// Nothing was to do.
    Unchanged,
    /// Its columns, unique keys or triggers had changed; the capture was renewed and no change was missed, unless
    /// a unique key was added since: evictions by `OR REPLACE` through that key were not seen. Values that rows got in columns
    /// that were added since are logged as updates of these rows.
    Renewed,
    /// Its triggers were gone, since the table was dropped and created anew, or released. Changes were missed, so the
    /// log has a new incarnation and no readers: each position stored before is lost, each reader needs a new snapshot.
    Restored,
}

/// What [`install`] did, table by table, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Each table's name as the schema spells it, and what was done.
    pub tables: Vec<(String, Installed)>,
}

/// Captures these tables from now on. Tables that are captured already stay so.
///
/// All happens in one transaction, or nothing. Calling it again changes nothing; after a change of a table's columns
/// or unique keys, or after a trigger was added to it, it brings the capture up to date.
pub fn install(connection: &Connection, tables: &[&str], patience: Patience<'_>) -> Result<Report> {
    if connection.is_readonly("main").map_err(sqlite_error)? {
        return Err(Error::new(
            ErrorKind::Source,
            "the file cannot be written, so its changes cannot be captured",
        )
        .with_help("open it for writing, or take snapshots only"));
    }
    write(connection, patience, |connection| {
        if layout::meta(connection)?.is_none() {
            connection
                .execute_batch(layout::CREATE)
                .map_err(sqlite_error)?;
        } else {
            layout::upgrade(connection)?;
        }
        let registered = layout::captured(connection)?;
        let all = AllTriggers::read(connection)?;
        let tables = tables
            .iter()
            .map(|name| {
                install_table(connection, name, &registered, &all)
                    .map_err(|error| error.with_context(format!("table `{name}`")))
            })
            .collect::<Result<Vec<_>>>()?;
        if tables.iter().any(|(_, done)| *done == Installed::Restored) {
            layout::lose_positions(connection)?;
        }
        Ok(Report { tables })
    })
}

/// Takes the capture out of the file: triggers, log, readers. The schema is then as it was before.
///
/// `false` where none was installed.
pub fn remove(connection: &Connection, patience: Patience<'_>) -> Result<bool> {
    write(connection, patience, |connection| {
        let mut statement = connection
            .prepare(
                "SELECT type, name FROM main.sqlite_schema
                 WHERE type = 'trigger' AND name GLOB '_dozer_[0-9]*_[abe]*'
                 UNION ALL
                 SELECT type, name FROM main.sqlite_schema WHERE type = 'table' AND (name GLOB '_dozer_evict_[0-9]*'
                 OR name IN ('_dozer_meta', '_dozer_tables', '_dozer_log', '_dozer_log_wide', '_dozer_groups',
                             '_dozer_readers'))",
            )
            .map_err(sqlite_error)?;
        let drops = statement
            .query_map([], |row| {
                let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
                Ok(format!("DROP {kind} main.{};", identifier(&name)))
            })
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(sqlite_error)?;
        drop(statement);
        connection
            .execute_batch(&drops.concat())
            .map_err(sqlite_error)?;
        Ok(!drops.is_empty())
    })
}

/// Stops the capture of these tables and of no others. Their logged changes stay until they are pruned; a name that
/// is not captured is passed over, one that was dropped is not.
pub fn release(connection: &Connection, tables: &[&str], patience: Patience<'_>) -> Result<()> {
    write(connection, patience, |connection| {
        layout::installed(connection)?;
        let all = AllTriggers::read(connection)?;
        for known in layout::captured(connection)? {
            if known.current
                && tables
                    .iter()
                    .any(|name| known.name.eq_ignore_ascii_case(name))
            {
                for trigger in all.of(known.id) {
                    batch(
                        connection,
                        &format!("DROP TRIGGER main.{}", identifier(trigger)),
                    )?;
                }
                retire(connection, known.id)?;
            }
        }
        Ok(())
    })
}

/// Nothing is written under this number any more.
fn retire(connection: &Connection, id: i64) -> Result<()> {
    let kept = identifier(&evict_table(id));
    batch(connection, &format!("DROP TABLE IF EXISTS main.{kept}"))?;
    connection
        .execute(
            "UPDATE main._dozer_tables SET current = 0 WHERE tbl = ?1",
            [id],
        )
        .map(drop)
        .map_err(sqlite_error)
}

fn install_table(
    connection: &Connection,
    name: &str,
    registered: &[CapturedTable],
    all: &AllTriggers,
) -> Result<(String, Installed)> {
    let table = catalog::table(connection, name)?.ok_or_else(|| {
        Error::new(ErrorKind::Validation, "no such table").with_help("list the tables of the file")
    })?;
    if !table.kind.can_be_captured() {
        return Err(Error::new(
            ErrorKind::Validation,
            "SQLite runs no triggers for changes of a view or a virtual table",
        )
        .with_help("take snapshots of it, or capture the tables beneath it"));
    }
    if table.columns.len() > WIDEST {
        return Err(Error::new(
            ErrorKind::Validation,
            format!(
                "it has {} columns, more than the {WIDEST} that can be captured",
                table.columns.len()
            ),
        ));
    }
    let triggers = all.on(&table.name);
    let named = |known: &CapturedTable| known.name.eq_ignore_ascii_case(&table.name);
    // A table that was renamed has kept its triggers: they say which one it was.
    let known: Vec<_> = registered
        .iter()
        .filter(|known| {
            let trigger = format!("_dozer_{}_after_insert", known.id);
            known.current && (named(known) || triggers.own.contains(&trigger))
        })
        .collect();
    // A table that was released, or stands where a captured one was, has changes that nobody logged.
    let mut missed = registered.iter().any(named) && !known.iter().any(|known| named(known));
    let mut renewed = known.len() > 1 || !triggers.later.is_empty();
    for known in &known {
        let objects = Writer::new(known.id, &table)?.objects()?;
        missed |= !triggers.complete(&objects);
        renewed |= registered_objects(connection, known.id)? != describe(&objects);
    }
    let done = match (known.is_empty(), missed, renewed) {
        (_, true, _) => Installed::Restored,
        (true, ..) => Installed::Added,
        (false, false, true) => Installed::Renewed,
        (false, false, false) => return Ok((table.name, Installed::Unchanged)),
    };
    let mut drops = triggers.own;
    for known in &known {
        // Those that went to another table with a renaming, too: what they write to goes away.
        drops.extend(all.of(known.id).iter().cloned());
    }
    for trigger in &drops {
        batch(
            connection,
            &format!("DROP TRIGGER IF EXISTS main.{}", identifier(trigger)),
        )?;
    }
    for known in &known {
        retire(connection, known.id)?;
    }
    let id = capture(connection, &table)?;
    if let ([known], Installed::Renewed) = (known.as_slice(), done) {
        added::tell(connection, id, &table, &known.columns)?;
    }
    Ok((table.name, done))
}

/// Registers the table as it is now and creates its triggers. Gives its number.
fn capture(connection: &Connection, table: &Table) -> Result<i64> {
    connection
        .execute(
            "INSERT INTO main._dozer_tables(name, columns, objects, current) VALUES(?1, ?2, '', 1)",
            params![table.name, serde_json::to_string(&table.columns)?],
        )
        .map_err(sqlite_error)?;
    let id = connection.last_insert_rowid();
    let objects = Writer::new(id, table)?.objects()?;
    connection
        .execute(
            "UPDATE main._dozer_tables SET objects = ?2 WHERE tbl = ?1",
            params![id, describe(&objects)],
        )
        .map_err(sqlite_error)?;
    widen(connection, "_dozer_log", 0..table.columns.len().min(NARROW))?;
    widen(connection, "_dozer_log_wide", NARROW..table.columns.len())?;
    let writable = statements(table);
    // A table that cannot be written here anyway, for want of a collation say, cannot be tried out either.
    let tried: Vec<_> = writable
        .into_iter()
        .filter(|sql| connection.prepare(sql).is_ok())
        .collect();
    if let Some(sql) = &objects.kept {
        batch(connection, sql)?;
    }
    for (_, sql) in &objects.triggers {
        batch(connection, sql)?;
    }
    for sql in tried {
        connection.prepare(&sql).map_err(|error| {
            sqlite_error(error)
                .with_context("its triggers would not run")
                .with_help("leave this table out of the capture")
        })?;
    }
    connection
        .execute(
            "INSERT INTO main._dozer_log(tbl, op) VALUES(?1, ?2)",
            params![id, operation::STARTED],
        )
        .map_err(sqlite_error)?;
    Ok(id)
}

/// The texts that an unchanged capture of the table would have.
pub(super) fn describe(objects: &Objects) -> String {
    let triggers = objects.triggers.iter().map(|(_, text)| text);
    objects
        .kept
        .iter()
        .chain(triggers)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(";\n")
}

/// Statements that compile every trigger of the table.
fn statements(table: &Table) -> Vec<String> {
    let name = identifier(&table.name);
    let mut statements = vec![
        format!("EXPLAIN INSERT INTO main.{name} DEFAULT VALUES"),
        format!("EXPLAIN DELETE FROM main.{name}"),
    ];
    let plain = table
        .columns
        .iter()
        .filter(|c| c.generated == catalog::Generated::No);
    statements.extend(plain.take(1).map(|column| {
        let column = identifier(&column.name);
        format!("EXPLAIN UPDATE main.{name} SET {column} = {column}")
    }));
    statements.extend(
        table
            .unique_indexes
            .iter()
            .flat_map(|index| &index.parts)
            .find_map(|(part, _)| {
                let catalog::IndexPart::Column(place) = part else {
                    return None;
                };
                let column = table.columns.get(*place)?;
                (column.generated == catalog::Generated::No).then(|| {
                    let column = identifier(&column.name);
                    format!("EXPLAIN UPDATE main.{name} SET {column} = {column}")
                })
            }),
    );
    statements
}

/// Gives a table of the log the columns `cN` of this range that it lacks.
fn widen(connection: &Connection, log: &str, range: std::ops::Range<usize>) -> Result<()> {
    for place in range {
        let column = format!("c{place}");
        if !connection
            .column_exists(Some("main"), log, &column)
            .map_err(sqlite_error)?
        {
            batch(
                connection,
                &format!("ALTER TABLE main.{log} ADD COLUMN {column}"),
            )?;
        }
    }
    Ok(())
}

fn batch(connection: &Connection, sql: &str) -> Result<()> {
    connection.execute_batch(sql).map_err(sqlite_error)
}
