//! Who reads the log, how far each reader is, and pruning behind the last one.

use std::time::{Duration, Instant};

use connector_core::{Error, ErrorKind, Result, failpoint};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::layout::{self, id, last_id, lsn};
use crate::connect::{Patience, retry, write};
use crate::error::sqlite_error;

/// How many images one transaction prunes: a writer waits for no more than that.
const PRUNED_AT_ONCE: i64 = 4096;

/// How long one [`confirm`] goes on pruning; the rest is left to the next.
const PRUNING_TIME: Duration = Duration::from_millis(200);

/// A reader of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderState {
    /// Its name.
    pub name: String,
    /// What it has confirmed: it will not ask for this or anything before it again.
    pub lsn: u64,
    /// How many images it has still to read.
    pub lag: u64,
}

pub(super) fn readers(connection: &Connection, last: u64) -> Result<Vec<ReaderState>> {
    let mut statement = connection
        .prepare_cached("SELECT name, lsn FROM main._dozer_readers ORDER BY name")
        .map_err(sqlite_error)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect::<rusqlite::Result<Vec<(String, i64)>>>)
        .map_err(sqlite_error)?;
    rows.into_iter()
        .map(|(name, at)| {
            let at = lsn(at)?;
            Ok(ReaderState {
                name,
                lsn: at,
                lag: last.saturating_sub(at),
            })
        })
        .collect()
}

/// Makes a reader known: from now on the log keeps what it has not confirmed. Gives the position that it has
/// confirmed, which for a new reader is the end of the log: take the snapshot after this call.
pub fn register_reader(connection: &Connection, name: &str, patience: Patience<'_>) -> Result<u64> {
    retry(patience, || layout::installed(connection))?;
    failpoint::pass("sqlite_source.register.before")?;
    let at = write(connection, patience, |connection| {
        connection
            .execute(
                "INSERT OR IGNORE INTO main._dozer_readers SELECT ?1, ?2",
                params![name, last_id(connection)?],
            )
            .map_err(sqlite_error)?;
        connection
            .query_row(
                "SELECT lsn FROM main._dozer_readers WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .map_err(sqlite_error)
    })?;
    failpoint::pass("sqlite_source.register.after")?;
    lsn(at)
}

/// Forgets a reader, so that the log no longer waits for it. `false` where there was none of that name.
pub fn remove_reader(connection: &Connection, name: &str, patience: Patience<'_>) -> Result<bool> {
    retry(patience, || layout::installed(connection))?;
    let removed = write(connection, patience, |connection| {
        connection
            .execute("DELETE FROM main._dozer_readers WHERE name = ?1", [name])
            .map_err(sqlite_error)
    })?;
    prune(connection, patience)?;
    Ok(removed > 0)
}

/// Notes that the reader needs nothing up to `lsn` any more, and prunes what no reader needs.
///
/// Pruning goes in short transactions, for 200 ms at most; the next call goes on. Gives how many images were pruned.
pub fn confirm(
    connection: &Connection,
    reader: &str,
    lsn: u64,
    patience: Patience<'_>,
) -> Result<u64> {
    retry(patience, || layout::installed(connection))?;
    let confirmed = id(lsn)?;
    failpoint::pass("sqlite_source.confirm.before")?;
    write(connection, patience, |connection| {
        let last = last_id(connection)?;
        if confirmed > last {
            return Err(Error::new(
                ErrorKind::PositionLost,
                format!("position {lsn} is confirmed, but the log ends at {last}"),
            )
            .with_help("the file is older than the position, restored from a backup perhaps: `dozer app reset` takes a new snapshot"));
        }
        let at: Option<i64> = connection
            .query_row(
                "SELECT lsn FROM main._dozer_readers WHERE name = ?1",
                [reader],
                |row| row.get(0),
            )
            .optional()
            .map_err(sqlite_error)?;
        match at {
            None => Err(
                Error::source(format!("`{reader}` is not a registered reader of the log"))
                    .with_help("the capture was installed anew, perhaps: `dozer app reset` takes a new snapshot"),
            ),
            Some(at) if at >= confirmed => Ok(()),
            Some(_) => connection
                .execute(
                    "UPDATE main._dozer_readers SET lsn = ?2 WHERE name = ?1",
                    params![reader, confirmed],
                )
                .map(drop)
                .map_err(sqlite_error),
        }
    })?;
    failpoint::pass("sqlite_source.confirm.after")?;
    prune(connection, patience)
}

fn prune(connection: &Connection, patience: Patience<'_>) -> Result<u64> {
    let start = Instant::now();
    let mut pruned = 0;
    loop {
        // Looking first takes no lock from the writers when there is nothing to do.
        let (from, to) = retry(patience, || span(connection))?;
        if to <= from {
            return Ok(pruned);
        }
        pruned += write(connection, patience, prune_some)?;
        failpoint::pass("sqlite_source.prune.after")?;
        if start.elapsed() > PRUNING_TIME || patience.is_cancelled() {
            return Ok(pruned);
        }
    }
}

/// What is pruned already, and what may be: the log's last row stays, so that its id is never given again.
fn span(connection: &Connection) -> Result<(i64, i64)> {
    let pruned = layout::installed(connection)?.pruned;
    let behind: Option<i64> = connection
        .query_row("SELECT min(lsn) FROM main._dozer_readers", [], |row| {
            row.get(0)
        })
        .map_err(sqlite_error)?;
    Ok((pruned, behind.unwrap_or(pruned)))
}

fn prune_some(connection: &Connection) -> Result<u64> {
    let (from, to) = span(connection)?;
    let to = to.min(from.saturating_add(PRUNED_AT_ONCE));
    if to <= from {
        return Ok(0);
    }
    let kept = last_id(connection)?;
    let run = |sql: &str, to: i64| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([to]))
            .map_err(sqlite_error)
    };
    run("DELETE FROM main._dozer_log_wide WHERE id <= ?1", to)?;
    let gone = run(
        "DELETE FROM main._dozer_log WHERE id <= ?1",
        to.min(kept - 1),
    )?;
    // A reader that resumes shows the token of the position that it confirmed last.
    run(
        "DELETE FROM main._dozer_groups WHERE lsn <= ?1 AND lsn NOT IN (SELECT lsn FROM main._dozer_readers)",
        to,
    )?;
    run("UPDATE main._dozer_meta SET pruned = ?1", to)?;
    failpoint::pass("sqlite_source.prune.before")?;
    Ok(gone as u64)
}
