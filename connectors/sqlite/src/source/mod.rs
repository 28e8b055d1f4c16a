//! SQLite as a source: the settings, the catalog as tables, setting up and taking down the capture.

mod drift;
mod file;
mod pages;
mod parts;
mod row;
mod rows;
mod seen;
mod stream;

use std::rc::Rc;
use std::time::Duration;

use connector_core::config::ConfigValue;
use connector_core::prelude::*;
use connector_core::validation::{Finding, Rule, Severity};
use connector_core::{ReplicationChangesTrackingType as Tracking, TableKind};
use rusqlite::Connection;
use serde::Deserialize;

use crate::capture;
use crate::catalog::{self, FileInfo, Table};
use crate::connect::{Access, Patience, open, retry};
use crate::error::needs_writing;
use crate::types::SqliteType;

use file::OpenFile;
use parts::Company;
use seen::SeenFile;
use stream::SqliteStream;

/// Reads a SQLite file: a snapshot of its tables and views, then, where changes are captured, every change that any
/// process makes.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "sqlite")]
#[serde(deny_unknown_fields)]
pub struct Sqlite {
    /// The database file. It must exist.
    path: ConfigPath,
    /// How changes are captured: `none` for snapshots only (the file is opened read-only), `triggers` for a change log in
    /// the same file. `dozer migrate` and `dozer app run` install the triggers, `dozer connector clean` removes them.
    #[serde(default)]
    capture: Capture,
    /// How many connections read a large snapshot side by side, all of one state of the file: as many as there are
    /// processors, and at most 4, unless set. With 1, rows come in the order of their table.
    snapshot_connections: Option<u16>,
    /// How many images of rows are stored in one step at the most; an update has two. SQLite tells nobody where a transaction
    /// ends: what was written while no run looked is one group, and stored as one, unless this cuts it, also within a
    /// transaction. A reader of the sink may then see a part of a transaction for a moment.
    largest_group: Option<u64>,
    /// The connection that read the catalog, where the stream can use it.
    #[serde(skip)]
    seen: SeenFile,
}

/// How changes are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// Not at all: every run takes a snapshot.
    #[default]
    None,
    /// By triggers that write into a change log in the same file.
    Triggers,
}

impl ConfigValue for Capture {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "enum": ["none", "triggers"], "default": "none" })
    }
}

impl Sqlite {
    /// Snapshots of this file.
    pub fn new(path: impl Into<std::path::PathBuf>) -> Self {
        Self {
            path: ConfigPath::new(path),
            capture: Capture::None,
            snapshot_connections: None,
            largest_group: None,
            seen: SeenFile::default(),
        }
    }

    /// Cuts groups of changes that have more images of rows, also within a transaction.
    #[must_use]
    pub fn with_largest_group(self, images: u64) -> Self {
        Self {
            largest_group: Some(images),
            ..self
        }
    }

    /// Reads large snapshots by so many connections.
    #[must_use]
    pub fn with_snapshot_connections(self, connections: u16) -> Self {
        Self {
            snapshot_connections: Some(connections),
            ..self
        }
    }

    /// Follows changes, too.
    #[must_use]
    pub fn with_capture(self, capture: Capture) -> Self {
        Self { capture, ..self }
    }

    fn open(&self, access: Access) -> Result<Connection> {
        let path = self.path.as_path();
        if path.is_dir() {
            return Err(Error::source(format!(
                "`{}` is a directory, not a database file",
                path.display()
            ))
            .with_help("set `path` to the file itself")
            .with_key("path"));
        }
        if !path.is_file() {
            return Err(
                Error::source(format!("there is no file `{}`", path.display()))
                    .with_help("check `path`; a relative one starts at the configuration file")
                    .with_key("path"),
            );
        }
        let opened = |access| {
            let connection = open(path, access)?;
            // Reading the schema is what tells a database from another file, and what waits for a writer.
            retry(Patience::default(), || FileInfo::read(&connection))
                .map_err(|error| error.with_context(format!("`{}`", path.display())))?;
            Ok(connection)
        };
        match opened(access) {
            // Where changes are captured, the file is written anyway.
            Err(error) if needs_writing(&error) && self.capture == Capture::Triggers => {
                drop(opened(Access::ReadWrite)?);
                opened(access)
            }
            opened => opened,
        }
    }

    fn access(&self) -> Access {
        match self.capture {
            Capture::None => Access::ReadOnly,
            Capture::Triggers => Access::ReadWrite,
        }
    }

    /// How many connections read a snapshot.
    fn connections(&self) -> u16 {
        self.snapshot_connections.unwrap_or_else(|| {
            let processors = std::thread::available_parallelism();
            processors.map_or(1, |number| u16::try_from(number.get().min(4)).unwrap_or(1))
        })
    }

    fn catalog(&self, connection: &Connection) -> Result<Vec<TableInfo>> {
        let tables = retry(Patience::default(), || catalog::tables(connection))?;
        // A log of another format is said by whoever reads it.
        let renamed = retry(Patience::default(), || capture::renamed(connection));
        let mut renamed = renamed.unwrap_or_default();
        let info = |table: &Table| TableInfo {
            formerly: renamed.remove(&table.name),
            ..self.table_info(table)
        };
        Ok(tables.iter().map(info).collect())
    }

    fn table_info(&self, table: &Table) -> TableInfo {
        let column = |column: &catalog::Column| {
            let info = SqliteType::column_of(&column.name, &column.declared_type)
                .nullable(column.nullable);
            ColumnInfo {
                has_default: !column.starts_as_null(),
                key: column
                    .key_position
                    .and_then(|place| u16::try_from(place).ok()),
                ..info
            }
        };
        let mut columns: Vec<ColumnInfo> = table.columns.iter().map(column).collect();
        if columns
            .iter()
            .any(|column| column.key.is_some() && column.nullable)
        {
            // A key that may be null tells no rows apart: such a table has none for a reader.
            for column in &mut columns {
                column.key = None;
            }
        }
        let followed = self.capture == Capture::Triggers && table.kind.can_be_captured();
        TableInfo {
            kind: if table.kind == catalog::TableKind::View {
                TableKind::View
            } else {
                TableKind::Table
            },
            ..TableInfo::new(&table.name, columns).with_tracking(if followed {
                Tracking::FullChanges
            } else {
                Tracking::Nothing
            })
        }
    }
}

impl Source for Sqlite {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let file = OpenFile::note(self.path.as_path());
        let connection = self.open(Access::ReadOnly)?;
        let tables = self.catalog(&connection)?;
        // A stream that follows changes needs one that writes.
        if self.capture == Capture::None {
            self.seen.keep(file, connection);
        }
        Ok(tables)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let access = if request.snapshot_only() {
            Access::ReadOnly
        } else {
            self.access()
        };
        let (file, connection) = match self.seen.take() {
            Some(seen) if access == Access::ReadOnly => seen,
            _ => {
                let file = OpenFile::note(self.path.as_path());
                (file, self.open(access)?)
            }
        };
        SqliteStream::open(
            Rc::new(connection),
            file,
            Company::new(self.path.as_path(), self.connections()),
            request,
            self.capture == Capture::Triggers,
            self.largest_group,
        )
    }

    fn validate(&self) -> Result<()> {
        let connection = self.open(self.access())?;
        if self.capture == Capture::Triggers
            && retry(Patience::default(), || FileInfo::read(&connection))?.read_only
        {
            return Err(Error::source(format!(
                "`{}` cannot be written, so its changes cannot be captured",
                self.path.as_path().display()
            ))
            .with_help("make the file and its directory writable, or set `capture: none` to take snapshots only"));
        }
        Ok(())
    }

    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        let finding =
            |severity, message: &str| Finding::table(&table.name, Rule::Source, severity, message);
        if self.capture == Capture::None {
            return Ok(vec![
                finding(Severity::Ok, "snapshot only: changes are not captured")
                    .with_fix("set `capture: triggers` on the connection to follow changes"),
            ]);
        }
        if table.tracking == Tracking::Nothing {
            return Ok(vec![finding(
                Severity::Warning,
                "snapshot only: SQLite fires no triggers for views and virtual tables",
            )]);
        }
        let connection = self.open(Access::ReadOnly)?;
        let state = retry(Patience::default(), || capture::state(&connection))?;
        let named = |name: &str| name.eq_ignore_ascii_case(&table.table_name);
        let Some(state) =
            state.filter(|state| state.tables.iter().any(|captured| named(&captured.name)))
        else {
            return Ok(vec![
                finding(Severity::Warning, "its changes are not captured yet")
                    .with_fix("`dozer migrate` installs the triggers, once nothing is an error"),
            ]);
        };
        let problems = state
            .problems
            .iter()
            .filter(|problem| named(problem.table()));
        Ok(problems
            .map(|problem| finding(Severity::Warning, &problem.to_string()))
            .collect())
    }

    fn current_position(&self) -> Result<Option<u64>> {
        if self.capture == Capture::None {
            return Ok(None);
        }
        let connection = self.open(Access::ReadOnly)?;
        Ok(retry(Patience::default(), || capture::state(&connection))?.map(|state| state.last))
    }

    fn replay(&self) -> Replay {
        match self.capture {
            Capture::None => Replay::Snapshot,
            Capture::Triggers => Replay::Changes,
        }
    }

    fn tells_added_columns(&self) -> bool {
        self.capture == Capture::Triggers
    }

    fn column_types(&self) -> Option<&'static str> {
        Some("connector_sqlite::SqliteType")
    }

    fn selects_columns(&self) -> bool {
        true
    }

    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        if self.capture == Capture::None {
            return Ok(Vec::new());
        }
        let connection = self.open(Access::ReadWrite)?;
        let known = retry(Patience::default(), || catalog::tables(&connection))?;
        let wanted = |table: &&Table| {
            let named =
                |selected: &TableInfo| selected.table_name.eq_ignore_ascii_case(&table.name);
            table.kind.can_be_captured() && tables.iter().any(named)
        };
        let names: Vec<&str> = known
            .iter()
            .filter(wanted)
            .map(|table| table.name.as_str())
            .collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let report = capture::install(&connection, &names, Patience::default())?;
        let done = report
            .tables
            .iter()
            .filter(|(_, done)| *done != capture::Installed::Unchanged);
        Ok(done
            .map(|(name, done)| match done {
                capture::Installed::Added => {
                    format!("captures changes of table `{name}` by triggers")
                }
                capture::Installed::Restored => format!(
                    "restored the triggers of table `{name}`, which was dropped and created anew: changes were missed, \
                     so `dozer app reset` has to come before the next run of each application that reads this file"
                ),
                _ => format!("renewed the triggers of table `{name}`"),
            })
            .collect())
    }

    fn clean(&self) -> Result<Vec<String>> {
        let connection = self.open(Access::ReadWrite)?;
        let patience = Patience::new(Duration::from_secs(30));
        // A capture that cannot be read can still be removed.
        let readers = retry(patience, || capture::state(&connection))
            .ok()
            .flatten()
            .map_or_else(Vec::new, |state| state.readers);
        let removed = capture::remove(&connection, patience)?;
        if !removed {
            return Ok(Vec::new());
        }
        let path = self.path.as_path().display();
        let log = format!("removed the triggers and the change log from `{path}`");
        let reader = |reader: &capture::ReaderState| {
            format!(
                "removed the reader `{}`, which was at position {}",
                reader.name, reader.lsn
            )
        };
        Ok(std::iter::once(log)
            .chain(readers.iter().map(reader))
            .collect())
    }
}
