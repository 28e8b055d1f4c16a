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

/// A snapshot that several connections can look at, for as long as the one that has it is left alone in its transaction.
#[derive(Debug)]
pub(super) struct Exported {
    /// The name for `SET TRANSACTION SNAPSHOT`.
    name: String,
    /// Changes that are not in the snapshot are committed from here on.
    pub(super) at: Lsn,
}

/// A snapshot alone, without a slot: nothing will follow it. The connection has it, and sees it.
pub(super) fn without_slot(connection: &mut Connection) -> Result<Exported, PgError> {
    let rows = connection.query(&format!(
        "{BEGIN}; SELECT pg_export_snapshot() AS name,
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END AS at"
    ))?;
    let row = rows.one()?;
    Ok(Exported {
        name: row.text("name")?.to_owned(),
        at: row.parse("at")?,
    })
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Makes the slot, and with it the snapshot that its changes follow; the connection for replication that has it, and the server
/// that it is of.
///
/// A slot of that name that an earlier attempt left is replaced where `replace` says so: its changes would follow another
/// snapshot than the one that is taken now.
pub(super) fn with_slot(
    settings: &Settings,
    name: &str,
    replace: impl FnOnce(&SlotState) -> bool,
    request: &ChangeRequest,
) -> Result<(Exported, Connection, Place)> {
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
        name: created.snapshot,
        at: created.consistent,
    };
    Ok((exported, holder, place))
}

impl Exported {
    /// Begins a transaction that sees the snapshot.
    ///
    /// # Errors
    /// When the server cannot be reached, or the connection that has the snapshot is gone: a new one can be taken.
    pub(super) fn look_at(&self, connection: &mut Connection) -> Result<()> {
        connection.execute(BEGIN)?;
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
            })
    }

    /// The parts of the snapshot, each a thread. The first one has `first`, which sees the snapshot; the others connect when
    /// they begin, if there is a job left by then.
    pub(super) fn parts(
        self: &Arc<Self>,
        settings: &Settings,
        threads: usize,
        first: Option<Connection>,
        jobs: &Jobs,
        plans: &Arc<[TablePlan]>,
    ) -> Vec<SnapshotPart> {
        let mut first = first;
        let part = |_| {
            let (first, exported) = (first.take(), Arc::clone(self));
            let (settings, jobs, plans) = (settings.clone(), jobs.clone(), Arc::clone(plans));
            SnapshotPart::new(move || {
                let connection = match first {
                    Some(first) => Some(first),
                    None if jobs.len() == 0 => None,
                    None => {
                        let mut connection = Connection::open(&settings, Mode::Query)?;
                        exported.look_at(&mut connection)?;
                        Some(connection)
                    }
                };
                Ok(PartStream::new(connection, jobs, plans))
            })
        };
        (0..threads.clamp(1, jobs.len().max(1))).map(part).collect()
    }
}
