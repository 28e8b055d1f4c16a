//! Beginning a snapshot: a slot whose changes go on where the snapshot ends, and connections that see it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use connector_core::ingest::SnapshotPart;
use connector_core::{ChangeRequest, Error, Result, failpoint};

use super::opening::{Led, for_replication, unopened};
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

/// How long the other parts of a snapshot wait for the first copy to begin: to log them all in would keep a small server from it.
const HEAD_START: Duration = Duration::from_millis(20);

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The sessions of a snapshot with a slot, which are opened while something else is asked: to log one in takes a server as long
/// as a large answer.
#[derive(Debug)]
pub(super) struct Sessions {
    holder: Receiver<Result<Led>>,
    reader: Receiver<Result<Connection>>,
}

impl Sessions {
    /// Opens them, one after the other.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn open(settings: &Settings) -> Result<Self> {
        let settings = settings.clone();
        let (has_holder, holder) = channel();
        let (has_reader, reader) = channel();
        std::thread::Builder::new()
            .name("sessions of a snapshot".to_owned())
            .spawn(move || {
                // Whatever is asked over this connection later ends the snapshot.
                let opened = for_replication(&settings);
                let failed = opened.is_err();
                // Nobody waits any more where the run has failed meanwhile.
                if has_holder.send(opened).is_err() || failed {
                    return;
                }
                let opened = Connection::open(&settings, Mode::Query);
                let _ = has_reader.send(opened.map_err(Error::from));
            })?;
        Ok(Self { holder, reader })
    }

    /// The connection for replication, and the server that it is of.
    pub(super) fn holder(&self) -> Result<Led> {
        self.holder.recv().unwrap_or_else(|_| Err(unopened()))
    }

    /// A session of its own for the snapshot: what it has to do with that breaks apart from what is known already.
    pub(super) fn reader(self, settings: &Settings) -> Result<Connection> {
        let mut reader = self.reader.recv().unwrap_or_else(|_| Err(unopened()))?;
        // A slot may have to wait for long transactions, and a session that does nothing may be ended meanwhile.
        if reader.execute("").is_err() {
            reader = Connection::open(settings, Mode::Query)?;
        }
        Ok(reader)
    }
}

/// Makes the slot, and with it the snapshot that its changes follow, which `holder` has.
///
/// `found`: a slot of that name that an earlier attempt left. It is replaced where `replace` says so: its changes would follow
/// another snapshot than the one that is taken now.
pub(super) fn with_slot(
    (holder, connection): (&mut Connection, &mut Connection),
    (name, found): (&str, Option<SlotState>),
    replace: impl FnOnce(&SlotState) -> bool,
    request: &ChangeRequest,
    database: &str,
) -> Result<Exported> {
    let found = match found {
        Some(_) => SlotState::released(connection, name, request)?,
        None => None,
    };
    if let Some(found) = found {
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
        .check(database)?;
        slot::drop_slot(connection, name)?;
    }
    failpoint::pass("postgres_source.snapshot.slot.before")?;
    let created = slot::create(holder, name)?;
    failpoint::pass("postgres_source.snapshot.slot.after")?;
    Ok(Exported {
        name: created.snapshot,
        at: created.consistent,
    })
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
    /// its first copy is under way, if there is a job left by then.
    pub(super) fn parts(
        self: &Arc<Self>,
        settings: &Settings,
        threads: usize,
        first: Option<Connection>,
        jobs: &Jobs,
        plans: &Arc<[TablePlan]>,
    ) -> Vec<SnapshotPart> {
        let others = threads.clamp(1, jobs.len().max(1)) - usize::from(first.is_some());
        let mut waiting = Vec::with_capacity(others);
        let mut parts: Vec<SnapshotPart> = Vec::with_capacity(others + 1);
        for _ in 0..others {
            let (begun, has_begun) = channel();
            let (settings, exported) = (settings.clone(), Arc::clone(self));
            let (jobs, plans) = (jobs.clone(), Arc::clone(plans));
            waiting.push(begun);
            parts.push(SnapshotPart::new(move || {
                // Nothing is sent: the other end is given up.
                let _ = has_begun.recv_timeout(HEAD_START);
                if jobs.len() == 0 {
                    return Ok(PartStream::new(None, jobs, plans));
                }
                let mut connection = Connection::open(&settings, Mode::Query)?;
                exported.look_at(&mut connection)?;
                Ok(PartStream::new(Some(connection), jobs, plans))
            }));
        }
        if let Some(first) = first {
            let (jobs, plans) = (jobs.clone(), Arc::clone(plans));
            let part = move || Ok(PartStream::new(Some(first), jobs, plans).before(waiting));
            parts.insert(0, SnapshotPart::new(part));
        }
        parts
    }
}
