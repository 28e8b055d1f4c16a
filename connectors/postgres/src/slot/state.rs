//! A replication slot: how it stands, making one, dropping it.

use std::time::{Duration, Instant};

use connector_core::{Backoff, ChangeRequest, Error, ErrorKind, Result};

use crate::lsn::Lsn;
use crate::quote::{identifier, literal};
use crate::wire::{Connection, PgError, Row};

/// How long a slot may be in use by the run before, which the server has not seen ending yet: longer than the minute of
/// `wal_sender_timeout`.
pub(crate) const RELEASED_WITHIN: Duration = Duration::from_secs(75);

/// How often a stop is looked for while a slot is waited for.
const LOOK: Duration = Duration::from_millis(200);

/// A slot as the server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotState {
    pub(crate) name: String,
    /// The output plugin; `None` for a physical slot.
    pub(crate) plugin: Option<String>,
    pub(crate) database: Option<String>,
    /// The server's process that streams from it.
    pub(crate) active: Option<i32>,
    /// Everything before it is confirmed.
    pub(crate) confirmed: Option<Lsn>,
    /// How many bytes of log the server keeps because of it.
    pub(crate) held_back: Option<u64>,
    /// How many bytes of log lie behind the confirmed position.
    pub(crate) unconfirmed: Option<u64>,
    /// How many bytes more the server may write before it throws away what the slot needs; `None`: any number.
    pub(crate) safe: Option<u64>,
    /// Whether the server may throw it away at its next checkpoint.
    pub(crate) unreserved: bool,
    /// Whether the server has thrown away log that the slot needs.
    pub(crate) lost: bool,
}

impl SlotState {
    /// The slot of this name, if there is one.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub(crate) fn read(connection: &mut Connection, name: &str) -> Result<Option<Self>, PgError> {
        // Slots are invalidated since Postgres 13, and say so there.
        let (status, safe) = if connection.server_version() >= 130_000 {
            ("wal_status", "safe_wal_size")
        } else {
            ("NULL", "NULL")
        };
        // A standby has of the log what it has received, or replayed from an archive.
        let end = "CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                        ELSE pg_current_wal_flush_lsn() END";
        let rows = connection.query(&format!(
            "SELECT slot_name, plugin, database, active_pid, confirmed_flush_lsn,
                    pg_wal_lsn_diff({end}, restart_lsn)::bigint AS held_back,
                    pg_wal_lsn_diff({end}, confirmed_flush_lsn)::bigint AS unconfirmed,
                    {safe}::bigint AS safe,
                    coalesce({status} = 'unreserved', false) AS unreserved, coalesce({status} = 'lost', false) AS lost
               FROM pg_replication_slots WHERE slot_name = {}",
            literal(name)
        ))?;
        rows.iter().next().map(|row| Self::of(&row)).transpose()
    }

    /// As [`read`](Self::read), when nobody uses it, or when it is still in use after a while.
    ///
    /// # Errors
    /// When the server cannot be asked, or the run is stopped.
    pub(crate) fn released(
        connection: &mut Connection,
        name: &str,
        request: &ChangeRequest,
    ) -> Result<Option<Self>> {
        let asked = Instant::now();
        let mut backoff = Backoff::new();
        loop {
            let found = Self::read(connection, name)?;
            let Some(pid) = found.as_ref().and_then(|slot| slot.active) else {
                return Ok(found);
            };
            if asked.elapsed() > RELEASED_WITHIN {
                return Ok(found);
            }
            backoff.failed();
            let wait = backoff.left().as_secs_f64();
            request.notices().warn(&format!(
                "replication slot `{name}` is in use by the server's process {pid}, and is asked for again in {wait:.1} s"
            ));
            while !backoff.is_due(LOOK) {
                if request.cancellation().is_cancelled() {
                    return Err(Error::new(
                        ErrorKind::Cancelled,
                        "stopped while the slot was in use",
                    ));
                }
            }
        }
    }

    fn of(row: &Row<'_>) -> Result<Self, PgError> {
        // What is below nothing is nothing: a confirmed position may be ahead of what is flushed.
        let bytes = |name| -> Result<Option<u64>, PgError> {
            let bytes = row.get(name)?.and_then(|bytes| bytes.parse::<i64>().ok());
            Ok(bytes.map(|bytes| bytes.max(0).cast_unsigned()))
        };
        Ok(Self {
            name: row.text("slot_name")?.to_owned(),
            plugin: row.get("plugin")?.map(str::to_owned),
            database: row.get("database")?.map(str::to_owned),
            active: row.get("active_pid")?.and_then(|pid| pid.parse().ok()),
            confirmed: row
                .get("confirmed_flush_lsn")?
                .and_then(|lsn| lsn.parse().ok()),
            held_back: bytes("held_back")?,
            unconfirmed: bytes("unconfirmed")?,
            safe: bytes("safe")?,
            unreserved: row.is_true("unreserved")?,
            lost: row.is_true("lost")?,
        })
    }

    /// Whether the slot `name`, as it was [read](Self::read), still has everything that was committed after a position.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn keeps(found: Option<&Self>, name: &str, position: Lsn) -> Result<()> {
        let lost = |what: String| {
            Err(Error::new(ErrorKind::PositionLost, what)
                .with_help("take a new snapshot with `dozer app reset`"))
        };
        let Some(found) = found else {
            return lost(format!(
                "replication slot `{name}` is gone, and with it the changes since {position}: it was dropped, or the server is a copy that came without it"
            ));
        };
        // A server that is asked for what it has forgotten goes on with what it still has, and says nothing.
        match found.confirmed {
            Some(confirmed) if confirmed > position => lost(format!(
                "replication slot `{name}` has forgotten everything before {confirmed}, and the stored position is {position}"
            )),
            _ => found.has_its_log(),
        }
    }

    fn has_its_log(&self) -> Result<()> {
        if !self.lost {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::PositionLost,
            format!("the server has invalidated replication slot `{}`: it kept more log than `max_slot_wal_keep_size` allows", self.name),
        )
        .with_help("take a new snapshot with `dozer app reset`; raise `max_slot_wal_keep_size` so that the server keeps more"))
    }

    /// Whether changes of this database can be streamed from it, and are by nobody else.
    ///
    /// # Errors
    /// Why not, and what to do.
    pub(crate) fn check(&self, database: &str) -> Result<()> {
        let name = &self.name;
        if self.plugin.as_deref() != Some("pgoutput") {
            let found = self.plugin.as_deref().map_or_else(
                || "is a physical slot".to_owned(),
                |plugin| format!("decodes by the plugin `{plugin}`"),
            );
            return Err(Error::source(format!(
                "replication slot `{name}` {found}, and not by `pgoutput`"
            ))
            .with_help("set `slot` to another name"));
        }
        if self.database.as_deref() != Some(database) {
            let other = self.database.as_deref().unwrap_or("another");
            return Err(Error::source(format!(
                "replication slot `{name}` is one of database `{other}`, not of `{database}`"
            ))
            .with_help("set `slot` to another name"));
        }
        self.has_its_log()?;
        if let Some(pid) = self.active {
            return Err(Error::new(
                ErrorKind::InUse,
                format!("replication slot `{name}` is in use by the server's process {pid}"),
            )
            .with_help(
                "stop the other run of this application; a slot feeds one reader at a time",
            ));
        }
        Ok(())
    }
}

/// What making a slot gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// Changes that are committed from here on are streamed; those before are in the snapshot.
    pub(crate) consistent: Lsn,
    /// The name under which other connections can see exactly what was committed before; valid until the connection that
    /// made the slot does something else.
    pub(crate) snapshot: String,
}

/// Makes a slot, and exports the snapshot that goes with it. `connection` is one for replication, and must stay as it is
/// until the snapshot was taken.
///
/// # Errors
/// When the server refuses: no free slot, no permission, a `wal_level` that is not `logical`.
pub(crate) fn create(connection: &mut Connection, name: &str) -> Result<Created, PgError> {
    // Understood by every version; the form with parentheses is not, before Postgres 15.
    let name = identifier(name);
    let rows = connection.query(&format!(
        "CREATE_REPLICATION_SLOT {name} LOGICAL pgoutput EXPORT_SNAPSHOT"
    ))?;
    let row = rows.one()?;
    Ok(Created {
        consistent: row.parse("consistent_point")?,
        snapshot: row.text("snapshot_name")?.to_owned(),
    })
}

/// Drops a slot that nobody uses.
///
/// # Errors
/// When it is in use or not there.
pub(crate) fn drop_slot(connection: &mut Connection, name: &str) -> Result<(), PgError> {
    connection.execute(&format!(
        "SELECT pg_drop_replication_slot({})",
        literal(name)
    ))
}
