//! Beginning a snapshot: a slot whose changes go on where the snapshot ends, and connections that see it.

use std::sync::Arc;

use connector_core::ingest::SnapshotPart;
use connector_core::{ChangeRequest, Error, Result, failpoint};

use super::place::Place;
use super::row::TablePlan;
use crate::lsn::Lsn;
use crate::quote::literal;
use crate::settings::Settings;
use crate::slot::{self, SlotState};
use crate::snapshot::{Jobs, PartStream};
use crate::wire::{Connection, Mode, PgError};

/// A snapshot that others can look at as well, for as long as the connection that has it is left alone.
#[derive(Debug)]
pub(super) struct Exported {
    /// The connection that holds it: one for replication, where a slot was made with it.
    pub(super) holder: Connection,
    /// The name for `SET TRANSACTION SNAPSHOT`.
    pub(super) name: String,
    /// Changes that are not in the snapshot are committed from here on.
    pub(super) at: Lsn,
}

/// A snapshot alone, without a slot: nothing will follow it.
pub(super) fn without_slot(mut holder: Connection) -> Result<Exported, PgError> {
    holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let rows = holder.query(
        "SELECT pg_export_snapshot() AS name,
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END AS at",
    )?;
    let row = rows.one()?;
    let (name, at) = (row.text("name")?.to_owned(), row.parse("at")?);
    Ok(Exported { holder, name, at })
}

/// Makes the slot, and with it the snapshot that its changes follow; and the server that it is of.
///
/// A slot of that name that an earlier attempt left is replaced where `replace` says so: its changes would follow another
/// snapshot than the one that is taken now.
pub(super) fn with_slot(
    settings: &Settings,
    name: &str,
    replace: impl FnOnce(&SlotState) -> bool,
    request: &ChangeRequest,
) -> Result<(Exported, Place)> {
    let mut holder = Connection::open(settings, Mode::Replication)?;
    // Now: whatever is asked over this connection later ends the snapshot.
    let place = Place::read(&mut holder)?;
    if let Some(found) = SlotState::released(&mut holder, name, request)? {
        if !replace(&found) {
            return Err(Error::source(format!("there is a replication slot `{name}` already, and this run has no position in it"))
                .with_help(format!(
                    "if nobody else needs it, drop it: SELECT pg_drop_replication_slot({}); or set `slot` to another name",
                    literal(name)
                )));
        }
        // A slot that has lost its log can be replaced all the more.
        SlotState {
            lost: false,
            ..found
        }
        .check(settings.database())?;
        slot::drop_slot(&mut holder, name)?;
    }
    failpoint::pass("postgres_source.snapshot.slot.before")?;
    let created = slot::create(&mut holder, name)?;
    failpoint::pass("postgres_source.snapshot.slot.after")?;
    let exported = Exported {
        holder,
        name: created.snapshot,
        at: created.consistent,
    };
    Ok((exported, place))
}

impl Exported {
    /// A connection in a transaction that sees the snapshot.
    ///
    /// # Errors
    /// When the server cannot be reached, or the connection that holds the snapshot is gone: a new one can be taken.
    pub(super) fn reader(&self, settings: &Settings) -> Result<Connection> {
        let mut connection = Connection::open(settings, Mode::Query)?;
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        connection
            .execute(&format!("SET TRANSACTION SNAPSHOT {}", literal(&self.name)))
            .map_err(|error| {
                let lost = error.server().is_some();
                let error = Error::from(error);
                if lost {
                    error
                        .transient()
                        .with_context("the connection that holds the snapshot was lost")
                } else {
                    error
                }
            })?;
        Ok(connection)
    }

    /// The parts of the snapshot: each a thread with a connection of its own, the first one with `first`.
    pub(super) fn parts(
        &self,
        settings: &Settings,
        threads: usize,
        first: Option<Connection>,
        jobs: &Jobs,
        plans: &Arc<[TablePlan]>,
    ) -> Result<Vec<SnapshotPart>> {
        let mut first = first;
        (0..threads.clamp(1, jobs.len().max(1)))
            .map(|_| {
                // Opened here, one after the other: the snapshot can be looked at only while its holder waits.
                let connection = match first.take() {
                    Some(first) => first,
                    None => self.reader(settings)?,
                };
                let (jobs, plans) = (jobs.clone(), Arc::clone(plans));
                Ok(SnapshotPart::new(move || {
                    Ok(PartStream::new(connection, jobs, plans))
                }))
            })
            .collect()
    }
}
