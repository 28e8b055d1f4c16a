//! What is installed in a file, who reads it, and what is wrong with it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use connector_core::Result;
use rusqlite::Connection;

use super::install::describe;
use super::layout::{self, CapturedTable, FORMAT, last_id, lsn};
use super::readers::{ReaderState, readers};
use super::triggers::{Objects, Writer};
use crate::catalog;
use crate::connect::at_one_moment;
use crate::error::sqlite_error;

/// Everything there is to say about an installed capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The version of the log's layout.
    pub format: i64,
    /// A random name, new with each installation: positions of another incarnation mean nothing.
    pub incarnation: String,
    /// The captured tables.
    pub tables: Vec<CapturedTable>,
    /// What is in the way of a complete capture.
    pub problems: Vec<Problem>,
    /// The position up to which the log is pruned.
    pub pruned: u64,
    /// The last position in the log.
    pub last: u64,
    /// The readers, with how far each is.
    pub readers: Vec<ReaderState>,
}

impl State {
    /// How many images the log holds.
    pub fn log_rows(&self) -> u64 {
        // Ids have no gaps: a transaction that is rolled back gives its ids back.
        self.last.saturating_sub(self.pruned)
    }
}

/// A way in which a captured table has changed since its capture was installed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The table is gone.
    Dropped {
        /// The captured name.
        table: String,
    },
    /// The table has another name now. SQLite took the triggers along, so no change was missed.
    Renamed {
        /// The captured name.
        table: String,
        /// What it is called now.
        now: String,
    },
    /// The table has lost triggers, most likely as it was dropped and created anew: changes were missed.
    TriggersMissing {
        /// The table.
        table: String,
    },
    /// Its columns or unique keys are not the captured ones: new columns are not in the log, and evictions through
    /// new keys are not seen.
    Outdated {
        /// The table.
        table: String,
    },
    /// A trigger was added after the capture and runs before it: what it changes in the same table is logged in the
    /// wrong order.
    LaterTrigger {
        /// The table.
        table: String,
        /// The trigger's name.
        trigger: String,
    },
}

impl Problem {
    /// The table that it is about.
    pub fn table(&self) -> &str {
        match self {
            Self::Dropped { table }
            | Self::Renamed { table, .. }
            | Self::TriggersMissing { table }
            | Self::Outdated { table }
            | Self::LaterTrigger { table, .. } => table,
        }
    }

    /// Whether changes were missed, so that a reader needs a new snapshot of the table.
    pub fn lost_changes(&self) -> bool {
        matches!(self, Self::Dropped { .. } | Self::TriggersMissing { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped { table } => {
                write!(f, "the captured table `{table}` was dropped")
            }
            Self::Renamed { table, now } => {
                write!(f, "the captured table `{table}` was renamed to `{now}`")
            }
            Self::TriggersMissing { table } => {
                write!(
                    f,
                    "table `{table}` has lost the triggers of its capture; changes were missed"
                )
            }
            Self::Outdated { table } => {
                write!(
                    f,
                    "the columns or unique keys of table `{table}` changed after its capture was installed"
                )
            }
            Self::LaterTrigger { table, trigger } => {
                write!(
                    f,
                    "trigger `{trigger}` on table `{table}` is newer than the capture and runs before it"
                )
            }
        }
    }
}

/// What is installed; `None` where nothing is.
pub fn state(connection: &Connection) -> Result<Option<State>> {
    at_one_moment(connection, || read_state(connection))
}

fn read_state(connection: &Connection) -> Result<Option<State>> {
    let Some(meta) = layout::meta(connection)? else {
        return Ok(None);
    };
    let last = lsn(last_id(connection)?)?;
    let tables: Vec<_> = layout::captured(connection)?
        .into_iter()
        .filter(|table| table.current)
        .collect();
    Ok(Some(State {
        format: FORMAT,
        incarnation: meta.incarnation,
        problems: problems(connection, &tables)?,
        tables,
        pruned: lsn(meta.pruned)?,
        last,
        readers: readers(connection, last)?,
    }))
}

/// The captured tables that have another name now: what each is called, and what it was.
pub fn renamed(connection: &Connection) -> Result<HashMap<String, String>> {
    let (all, captured) = at_one_moment(connection, || {
        if layout::meta(connection)?.is_none() {
            return Ok((AllTriggers::default(), Vec::new()));
        }
        Ok((
            AllTriggers::read(connection)?,
            layout::captured(connection)?,
        ))
    })?;
    let captured = captured.into_iter();
    let renamed = captured.filter(|table| table.current).filter_map(|table| {
        let now = all.table_of(table.id)?;
        (!now.eq_ignore_ascii_case(&table.name)).then(|| (now.to_owned(), table.name))
    });
    Ok(renamed.collect())
}

/// What has changed about these tables since they were captured: to be called in the transaction that they were read in.
pub(super) fn problems(connection: &Connection, tables: &[CapturedTable]) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let all = AllTriggers::read(connection)?;
    for captured in tables {
        let name = || captured.name.clone();
        let Some(table) = catalog::table(connection, &captured.name)? else {
            problems.push(match all.table_of(captured.id) {
                Some(now) => Problem::Renamed {
                    table: name(),
                    now: now.to_owned(),
                },
                None => Problem::Dropped { table: name() },
            });
            continue;
        };
        let triggers = all.on(&table.name);
        // A table that can no longer be captured is a changed one.
        let objects = Writer::new(captured.id, &table)
            .and_then(|writer| writer.objects())
            .ok();
        match &objects {
            Some(objects) if !triggers.complete(objects) => {
                problems.push(Problem::TriggersMissing { table: name() });
            }
            Some(objects) if describe(objects) == registered_objects(connection, captured.id)? => {}
            _ => problems.push(Problem::Outdated { table: name() }),
        }
        problems.extend(
            triggers
                .later
                .into_iter()
                .map(|trigger| Problem::LaterTrigger {
                    table: name(),
                    trigger,
                }),
        );
    }
    Ok(problems)
}

/// The triggers on one table.
#[derive(Debug, Clone, Default)]
pub(super) struct LiveTriggers {
    /// The capture's.
    pub(super) own: BTreeSet<String>,
    /// Others that were created after the capture's first, and so run before it.
    pub(super) later: Vec<String>,
}

impl LiveTriggers {
    pub(super) fn complete(&self, objects: &Objects) -> bool {
        objects
            .triggers
            .iter()
            .all(|(name, _)| self.own.contains(name))
    }
}

/// The triggers of the whole file, read at once: a look for each table would go through the whole schema each time.
#[derive(Debug, Default)]
pub(super) struct AllTriggers {
    by_table: HashMap<String, LiveTriggers>,
    by_id: HashMap<i64, Vec<String>>,
    /// The table that the capture's triggers under a number are on.
    tables: HashMap<i64, String>,
}

impl AllTriggers {
    pub(super) fn read(connection: &Connection) -> Result<Self> {
        let mut statement = connection
            .prepare_cached(
                "SELECT name, name GLOB '_dozer_[0-9]*_[abe]*', tbl_name FROM main.sqlite_schema
                 WHERE type = 'trigger' ORDER BY rowid",
            )
            .map_err(sqlite_error)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, bool>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(sqlite_error)?;
        let mut all = Self::default();
        for (name, own, table) in rows {
            let triggers = all.by_table.entry(table.to_ascii_lowercase()).or_default();
            if own {
                let id = name
                    .strip_prefix(catalog::OWN_PREFIX)
                    .and_then(|name| name.split('_').next())
                    .and_then(|id| id.parse().ok());
                if let Some(id) = id {
                    all.by_id.entry(id).or_default().push(name.clone());
                    all.tables.insert(id, table);
                }
                triggers.own.insert(name);
            } else if !triggers.own.is_empty() {
                triggers.later.push(name);
            }
        }
        Ok(all)
    }

    /// Those on one table.
    pub(super) fn on(&self, table: &str) -> LiveTriggers {
        self.by_table
            .get(&table.to_ascii_lowercase())
            .cloned()
            .unwrap_or_default()
    }

    /// The table that the capture's triggers under a number are on, whatever its name was.
    fn table_of(&self, id: i64) -> Option<&str> {
        self.tables.get(&id).map(String::as_str)
    }

    /// Those of the capture under one number, whatever table they are on.
    pub(super) fn of(&self, id: i64) -> &[String] {
        self.by_id.get(&id).map_or(&[], Vec::as_slice)
    }
}

pub(super) fn registered_objects(connection: &Connection, id: i64) -> Result<String> {
    connection
        .query_row(
            "SELECT objects FROM main._dozer_tables WHERE tbl = ?1",
            [id],
            |row| row.get(0),
        )
        .map_err(sqlite_error)
}
