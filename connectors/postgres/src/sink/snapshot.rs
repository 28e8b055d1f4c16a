//! A snapshot on its way: rows go by binary COPY into tables beside the old ones, which take their place at its end.

use connector_core::{Batch, Result, TableBatch};

use super::table::SinkTable;
use crate::quote::{identifier, literal};
use crate::wire::{Connection, CopyIn, PgError};

/// What stands before the rows of a binary COPY, and behind them.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &(-1_i16).to_be_bytes();
/// So much is sent at a time.
const SENT: usize = 128 << 10;
/// A COPY is ended after so much, to hear what the server thinks of it.
const COPIED: usize = 64 << 20;

/// Copies rows into tables of these names.
#[derive(Debug, Default)]
pub(super) struct Copies {
    running: Option<Running>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Running {
    table: usize,
    copy: CopyIn,
    bytes: usize,
}

impl Copies {
    /// Copies the rows of a batch; `to` names the table that takes a table's rows, quoted.
    ///
    /// # Errors
    /// When a value cannot be stored, or the server has refused what came before.
    pub(super) fn write(
        &mut self,
        connection: &mut Connection,
        tables: &[SinkTable],
        batch: &Batch,
        to: impl Fn(&SinkTable) -> String,
    ) -> Result<()> {
        for rows in &batch.tables {
            let Some(table) = tables.get(rows.table).filter(|_| !rows.is_empty()) else {
                continue;
            };
            let context = |error: PgError| {
                connector_core::Error::from(error).with_context(format!("table `{}`", table.name))
            };
            if let Some(running) = &self.running
                && (running.table != rows.table || running.bytes > COPIED)
            {
                self.end(connection, tables)?;
            }
            if self.running.is_none() {
                let sql = format!(
                    "COPY {} ({}) FROM STDIN (FORMAT binary)",
                    to(table),
                    table.list(table.all())
                );
                self.buffer.clear();
                self.buffer.extend_from_slice(HEADER);
                self.running = Some(Running {
                    table: rows.table,
                    copy: connection.start_copy_in(&sql).map_err(context)?,
                    bytes: 0,
                });
            }
            let Some(running) = &mut self.running else {
                continue;
            };
            let buffer = &mut self.buffer;
            for row in 0..rows.len() {
                write_row(table, rows, row, buffer)?;
                if buffer.len() >= SENT {
                    (connection.send_copy_data(&running.copy, buffer)).map_err(context)?;
                    running.bytes += buffer.len();
                    buffer.clear();
                }
            }
            // Sent at once: the server works while the source reads.
            (connection.send_copy_data(&running.copy, buffer)).map_err(context)?;
            running.bytes += buffer.len();
            buffer.clear();
        }
        Ok(())
    }

    /// Ends the COPY that is running, if one is.
    ///
    /// # Errors
    /// When the server has refused the rows.
    pub(super) fn end(&mut self, connection: &mut Connection, tables: &[SinkTable]) -> Result<()> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        connection
            .send_copy_data(&running.copy, TRAILER)
            .and_then(|()| connection.end_copy_in(running.copy))
            .map(drop)
            .map_err(|error| {
                let name = tables
                    .get(running.table)
                    .map_or("", |table| table.name.as_str());
                connector_core::Error::from(error).with_context(format!("table `{name}`"))
            })
    }
}

fn write_row(table: &SinkTable, rows: &TableBatch, row: usize, out: &mut Vec<u8>) -> Result<()> {
    let count = i16::try_from(table.columns.len()).unwrap_or(i16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    for (place, (column, values)) in table.columns.iter().zip(&rows.columns).enumerate() {
        column
            .write(values, row, out)
            .map_err(|refused| table.refused(rows, place, row, refused))?;
    }
    Ok(())
}

/// SQL that makes a table anew under another name, in place of what a broken run left there.
pub(super) fn made_anew(table: &SinkTable, staging: &str) -> String {
    format!(
        "DROP TABLE IF EXISTS {staging}; CREATE TABLE {staging} ({});",
        table.definitions()
    )
}

/// Puts the filled table in the place of the old one, in a transaction. What hangs on the old one (rights, views, indexes, foreign keys,
/// triggers, publications) keeps it, where its columns are still the same: its rows are then replaced.
///
/// # Errors
/// When the server refuses.
pub(super) fn take_place(
    connection: &mut Connection,
    table: &SinkTable,
    (schema, staging): (&str, &str),
    fits: bool,
) -> Result<(), PgError> {
    let quoted = format!("{}.{}", identifier(schema), identifier(staging));
    let held = connection.query(&format!(
        "SELECT c.oid, c.relacl IS NOT NULL
             OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
             OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                 LEFT JOIN pg_catalog.pg_constraint k
                     ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
                 WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.deptype IN ('n', 'a')
                     AND d.classid <> 'pg_catalog.pg_class'::regclass AND k.contype IS DISTINCT FROM 'p'
                     AND k.contype IS DISTINCT FROM 'n')
             OR (SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) > 1 AS kept,
             EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.confrelid = c.oid) AS referenced
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = {} AND c.relname = {}",
        literal(schema),
        literal(&table.name)
    ))?;
    let held = held.first();
    let (kept, referenced) = match &held {
        Some(row) => (row.is_true("kept")?, row.is_true("referenced")?),
        None => (false, false),
    };
    let to = &table.qualified;
    if kept && fits {
        let names = table.list(table.all());
        let emptied = if referenced {
            format!("DELETE FROM {to}")
        } else {
            format!("TRUNCATE {to}")
        };
        return connection.execute(&format!(
            "{emptied}; INSERT INTO {to} ({names}) SELECT {names} FROM {quoted}; DROP TABLE {quoted}"
        ));
    }
    let old = if held.is_some() {
        format!("DROP TABLE {to};")
    } else {
        String::new()
    };
    connection.execute(&format!(
        "{} {old} ALTER TABLE {quoted} RENAME TO {}",
        table.indexed(&quoted),
        identifier(&table.name)
    ))
}
