//! The file that is written: its tables, one transaction at a time, the checkpoint in it.

use std::path::Path;

use connector_core::sink::SinkTarget;
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Phase, Result, failpoint};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::table::SinkTable;
use crate::connect::{Patience, retry};
use crate::error::sqlite_error;

/// An open sink file.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) app: String,
    pub(super) name: String,
    pub(super) tables: Vec<SinkTable>,
    /// What is wrong with tables that were made and written, until a new snapshot makes them anew: they are gone, or have other
    /// columns.
    unfit: Vec<Unfit>,
    /// What was made by opening it.
    pub(super) made: Vec<String>,
    /// What the file holds as the checkpoint: if it holds anything else at the next commit, another run writes it.
    pub(super) stored: Option<String>,
}

/// A table that does not fit what is to be written.
#[derive(Debug)]
struct Unfit {
    table: String,
    what: String,
}

const META: &str = "CREATE TABLE IF NOT EXISTS _dozer_sink(
    app TEXT NOT NULL, connection TEXT NOT NULL, version INTEGER NOT NULL, checkpoint TEXT,
    tables TEXT NOT NULL, PRIMARY KEY(app, connection)) WITHOUT ROWID";
const VERSION: i64 = 1;

impl Store {
    pub(super) fn open(path: &Path, target: &SinkTarget) -> Result<Self> {
        let connection = create(path)?;
        let mut store = Self {
            connection,
            app: target.app.clone(),
            name: target.connection.clone(),
            tables: target
                .schemas
                .iter()
                .map(|schema| SinkTable::new(schema))
                .collect(),
            unfit: Vec::new(),
            made: Vec::new(),
            stored: None,
        };
        retry(Patience::default(), || store.begin())?;
        store.stored = store.make_tables(&target.widened)?;
        failpoint::pass("sqlite_sink.open.before")?;
        store.execute("COMMIT")?;
        failpoint::pass("sqlite_sink.open.after")?;
        Ok(store)
    }

    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let parse = |text: &String| {
            serde_json::from_str(text).map_err(|error| {
                Error::new(
                    ErrorKind::Sink,
                    format!("the stored checkpoint cannot be read: {error}"),
                )
                .with_help("remove the sink's file, and the next run takes a new snapshot")
            })
        };
        self.stored.as_ref().map(parse).transpose()
    }

    pub(super) fn execute(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(sqlite_error)
    }

    fn begin(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            self.execute("BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    /// Makes what is missing; gives the checkpoint that is stored. The tables of `widened` sources get the columns that they
    /// lack.
    fn make_tables(&mut self, widened: &[String]) -> Result<Option<String>> {
        self.execute(META)?;
        let found: Option<(i64, Option<String>, String)> = self
            .connection
            .query_row(
                "SELECT version, checkpoint, tables FROM _dozer_sink WHERE app = ?1 AND connection = ?2",
                params![self.app, self.name],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
            .map_err(sqlite_error)?;
        let (checkpoint, mut own) = match found {
            None => (None, Vec::new()),
            Some((VERSION, checkpoint, tables)) => {
                let own: Vec<String> = serde_json::from_str(&tables).map_err(Error::sink)?;
                (checkpoint, own)
            }
            Some((version, ..)) => {
                return Err(Error::new(
                    ErrorKind::Sink,
                    format!("the sink's tables are of version {version}, and this program writes version {VERSION}"),
                )
                .with_help("use the program that wrote it, or give the sink another `path`"));
            }
        };
        for table in &self.tables {
            let known = own.contains(&table.name);
            let mut found = table.columns(&self.connection)?;
            if known && checkpoint.is_some() && found.is_empty() {
                self.unfit.push(Unfit {
                    table: table.name.clone(),
                    what: "is gone, and its rows with it".to_owned(),
                });
                continue;
            }
            if found.is_empty() {
                table.make(&self.connection)?;
                self.made.push(format!("table `{}` made", table.name));
            } else if !known {
                return Err(table.foreign());
            } else if widened.contains(&table.name) {
                let had = found.len();
                found = table.widen(&self.connection, found)?;
                for column in found.iter().skip(had) {
                    self.made
                        .push(format!("column `{column}` added to table `{}`", table.name));
                }
            }
            if !found.is_empty() && !table.has(&found) {
                self.unfit.push(Unfit {
                    table: table.name.clone(),
                    what: table.difference(&found),
                });
            }
            if !known {
                own.push(table.name.clone());
            }
        }
        let tables = serde_json::to_string(&own).map_err(Error::sink)?;
        self.connection
            .execute(
                "INSERT INTO _dozer_sink VALUES(?1, ?2, ?3, NULL, ?4)
                 ON CONFLICT DO UPDATE SET tables = excluded.tables",
                params![self.app, self.name, VERSION, tables],
            )
            .map_err(sqlite_error)?;
        Ok(checkpoint)
    }

    pub(super) fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        // Stored before the first row: a run that breaks off begins with a new snapshot.
        self.store(checkpoint)?;
        failpoint::pass("sqlite_sink.snapshot.stored")?;
        retry(Patience::default(), || self.begin())?;
        for table in &self.tables {
            let unfit = self.unfit.iter().any(|unfit| unfit.table == table.name);
            if unfit || !table.is_as_declared(&self.connection)? {
                table.make_anew(&self.connection)?;
            } else {
                table.empty(&self.connection)?;
            }
        }
        self.unfit.clear();
        failpoint::pass("sqlite_sink.snapshot.emptied")?;
        Ok(())
    }

    /// Refuses to go on where rows that were stored are gone, or are others.
    pub(super) fn all_there(&self) -> Result<()> {
        let Some(Unfit { table, what }) = self.unfit.first() else {
            return Ok(());
        };
        Err(Error::new(
            ErrorKind::Sink,
            format!("table `{table}` of the sink {what}"),
        )
        .with_help("`dozer app reset` forgets the position: the next run makes it anew from a new snapshot"))
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<()> {
        self.all_there()?;
        retry(Patience::default(), || self.begin())?;
        let snapshot = batch.phase == Phase::Snapshot;
        for rows in &batch.tables {
            if let Some(table) = self.tables.get(rows.table) {
                table.write(&self.connection, rows, snapshot)?;
                failpoint::pass("sqlite_sink.write.after")?;
            }
        }
        Ok(())
    }

    pub(super) fn truncate(&mut self, table: usize) -> Result<()> {
        self.all_there()?;
        retry(Patience::default(), || self.begin())?;
        match self.tables.get(table) {
            Some(table) => table.empty(&self.connection),
            None => Ok(()),
        }
    }

    pub(super) fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.all_there()?;
        self.store(checkpoint)
    }

    fn store(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        retry(Patience::default(), || self.begin())?;
        failpoint::pass("sqlite_sink.checkpoint.before")?;
        let text = serde_json::to_string(checkpoint).map_err(Error::sink)?;
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE _dozer_sink SET checkpoint = ?3
                 WHERE app = ?1 AND connection = ?2 AND checkpoint IS ?4",
            )
            .and_then(|mut statement| {
                statement.execute(params![self.app, self.name, text, self.stored])
            })
            .map_err(sqlite_error)?;
        if changed != 1 {
            self.execute("ROLLBACK")?;
            return Err(Error::new(
                ErrorKind::InUse,
                format!(
                    "another run writes the sources of connection `{}` into the same file",
                    self.name
                ),
            )
            .with_help("stop the other run, or give this one another `path`"));
        }
        failpoint::pass("sqlite_sink.commit.before")?;
        retry(Patience::default(), || self.execute("COMMIT"))?;
        failpoint::pass("sqlite_sink.commit.after")?;
        self.stored = Some(text);
        Ok(())
    }

    pub(super) fn reset(&mut self) -> Result<()> {
        self.store(&Checkpoint::snapshot(0))
    }
}

/// Opens the file, or makes it: in WAL mode, so that others read it while it is written.
fn create(path: &Path) -> Result<Connection> {
    let place = |error| sqlite_error(error).with_context(format!("`{}`", path.display()));
    let fresh = !path.exists();
    if fresh {
        private(path).map_err(|error| {
            Error::new(
                ErrorKind::Sink,
                format!("cannot make `{}`: {error}", path.display()),
            )
            .with_help("check the sink's `path`, and that its directory exists and can be written")
        })?;
    }
    let connection = Connection::open(path).map_err(place)?;
    connection
        .busy_timeout(std::time::Duration::from_millis(50))
        .map_err(place)?;
    connection.set_prepared_statement_cache_capacity(256);
    let setting = |sql: &str| {
        retry(Patience::default(), || {
            connection.execute_batch(sql).map_err(place)
        })
    };
    if fresh {
        setting("PRAGMA journal_mode = WAL")?;
    }
    // A commit that was told must be there after a loss of power.
    setting("PRAGMA synchronous = FULL")?;
    setting("PRAGMA foreign_keys = OFF")?;
    Ok(connection)
}

/// Makes an empty file that only its owner can read.
fn private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
