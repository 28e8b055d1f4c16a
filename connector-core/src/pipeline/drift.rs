//! What has drifted from the lock file, and what each source says is to be done about it.

use std::collections::HashMap;

use super::lock::DifferenceKind;
use super::selection::refused;
use super::{App, AppConnection, Difference, LockFile};
use crate::connector::Connector;
use crate::error::{Error, Result};
use crate::ingest::OnSchemaChange;
use crate::types::{SourceSchema, TableInfo};

/// What a run finds when it compares its sources with the lock file, and goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// Whether there is a lock file.
    pub locked: bool,
    /// What the run takes on and writes into the lock file.
    pub taken_on: Vec<Difference>,
}

impl App {
    /// Compares the sources with the lock file, and each difference with what its source says of changes.
    ///
    /// # Errors
    /// When a source has drifted and may not: each difference is named.
    pub fn check_drift(&self) -> Result<Drift> {
        self.check_drift_of(&self.active().collect::<Vec<_>>())
    }

    /// The same for some of the connections.
    ///
    /// # Errors
    /// As [`check_drift`](Self::check_drift).
    pub fn check_drift_of(&self, connections: &[&AppConnection]) -> Result<Drift> {
        let lock = self.lock_file();
        // Selections that do not go together are refused also where there is nothing to compare with.
        let mut sources = Vec::new();
        for &connection in connections {
            sources.push((
                connection,
                self.schema_changes(connection)?,
                connection.schemas()?,
            ));
        }
        let Some(locked) = lock.read()? else {
            return Ok(Drift::default());
        };
        let mut drift = Drift {
            locked: true,
            ..Drift::default()
        };
        let mut refusals = Vec::new();
        for (connection, policies, schemas) in sources {
            let mut described: Option<Vec<TableInfo>> = None;
            for live in schemas {
                let differences = lock.compare(locked.get(&live.name), &live);
                let connector = connection.connector.as_ref();
                let only_added = || (differences.iter()).all(|it| it.kind == DifferenceKind::Added);
                let may_be_taken_on =
                    || (differences.iter()).all(|it| it.kind.may_be_taken_on(connector));
                match policies.get(&live.name) {
                    // The stream tells of what it passes over.
                    Some(OnSchemaChange::Ignore) if only_added() => {}
                    Some(OnSchemaChange::Evolve) if may_be_taken_on() => {
                        if described.is_none() && !differences.is_empty() {
                            let tables = Some(&*connection.tables);
                            described = Some(connector.get_tables(tables)?);
                        }
                        for mut difference in differences {
                            match why_not(&difference, described.as_deref()) {
                                Some(why) => {
                                    difference.what.push_str(", and cannot be taken on: it ");
                                    difference.what.push_str(why);
                                    refusals.push(difference);
                                }
                                None => drift.taken_on.push(difference),
                            }
                        }
                    }
                    _ => refusals.extend(differences),
                }
            }
        }
        lock.refuse(&refusals)?;
        Ok(drift)
    }

    /// The connections that have sources.
    pub(super) fn active(&self) -> impl Iterator<Item = &AppConnection> {
        self.connections
            .iter()
            .filter(|connection| !connection.tables.is_empty())
    }

    /// What to do when columns are added, by source; those whose columns are chosen are left out.
    ///
    /// Unless it is said, the lock file decides: who keeps one wants to look at a new schema first.
    pub(super) fn schema_changes(
        &self,
        connection: &AppConnection,
    ) -> Result<HashMap<String, OnSchemaChange>> {
        let unless_said = if self.lock_file().exists() {
            OnSchemaChange::Freeze
        } else {
            OnSchemaChange::Ignore
        };
        let mut policies = HashMap::new();
        for source in &connection.sources {
            let said = source.schema_change;
            if said == Some(OnSchemaChange::Evolve) && !connection.connector.tells_added_columns() {
                return Err(Error::config(format!(
                    "source `{}`: `schema_change: evolve` needs a connector that tells when columns are added, and that of \
                     connection `{}` does not, as it is configured",
                    source.name, connection.name
                ))
                .with_help("set `freeze` or `ignore`; `dozer migrate` and `dozer app reset` take columns on"));
            }
            if source.columns.is_empty() {
                policies.insert(source.name.clone(), said.unwrap_or(unless_said));
            }
        }
        Ok(policies)
    }
}

/// Why a difference that may be taken on as such may not be in this table.
fn why_not(difference: &Difference, described: Option<&[TableInfo]>) -> Option<&'static str> {
    if difference.kind != DifferenceKind::Added {
        return None;
    }
    let name = difference.column.as_deref()?;
    let table = described?
        .iter()
        .find(|table| table.name == difference.source)?;
    refused(table.columns.iter().find(|column| column.name == name)?)
}

/// Takes a schema that differs from the locked one in what may be taken on into the lock file. `false`: there is no lock
/// file, or nothing to write.
pub(super) fn take_on(
    lock: &LockFile,
    live: &SourceSchema,
    connector: &dyn Connector,
) -> Result<bool> {
    let Some(locked) = lock.read()? else {
        return Ok(false);
    };
    let differences = lock.compare(locked.get(&live.name), live);
    if differences.is_empty() {
        return Ok(false);
    }
    let (_, refusals): (Vec<_>, Vec<_>) = differences
        .into_iter()
        .partition(|difference| difference.kind.may_be_taken_on(connector));
    lock.refuse(&refusals)?;
    lock.replace(live)?;
    Ok(true)
}
