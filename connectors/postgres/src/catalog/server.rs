//! What logical replication needs of the server and of the role.

use crate::wire::{Connection, PgError};

/// How much a server writes into its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalLevel {
    /// Enough to decode changes from.
    Logical,
    /// Enough for a copy of the whole server.
    Replica,
    /// Enough to recover from a crash.
    Minimal,
}

/// Facts about the server and the connected role.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, as the catalog has it"
)]
pub(crate) struct ServerFacts {
    /// As in `150018`.
    pub(crate) version: u32,
    pub(crate) wal_level: WalLevel,
    pub(crate) max_slots: u32,
    pub(crate) used_slots: u32,
    pub(crate) max_senders: u32,
    pub(crate) used_senders: u32,
    /// How much log a slot may hold back before the server invalidates it, in bytes; `None`: without a limit.
    pub(crate) slot_limit: Option<u64>,
    /// Whether it is a standby. Until Postgres 16 changes cannot be decoded there.
    pub(crate) standby: bool,
    pub(crate) role: String,
    pub(crate) superuser: bool,
    /// Whether the role may replicate.
    pub(crate) replication: bool,
    /// Whether the role may create objects in the database: a publication is one.
    pub(crate) can_create: bool,
}

const FACTS: &str = "\
SELECT current_setting('server_version_num') AS version, current_setting('wal_level') AS wal_level,
       current_setting('max_replication_slots') AS max_slots, (SELECT count(*) FROM pg_get_replication_slots()) AS used_slots,
       current_setting('max_wal_senders') AS max_senders,
       (SELECT count(*) FROM pg_stat_get_wal_senders()) AS used_senders,
       pg_size_bytes(current_setting('max_slot_wal_keep_size', true)) AS slot_limit,
       pg_is_in_recovery() AS standby, r.rolname, r.rolsuper, r.rolreplication,
       has_database_privilege(current_database(), 'CREATE') AS can_create
  FROM pg_roles r WHERE r.rolname = current_user";

impl ServerFacts {
    /// Asks the server.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub(crate) fn read(connection: &mut Connection) -> Result<Self, PgError> {
        let rows = connection.query(FACTS)?;
        let row = rows.one()?;
        Ok(Self {
            version: row.parse("version")?,
            wal_level: match row.text("wal_level")? {
                "logical" => WalLevel::Logical,
                "minimal" => WalLevel::Minimal,
                _ => WalLevel::Replica,
            },
            max_slots: row.parse("max_slots")?,
            used_slots: row.parse("used_slots")?,
            max_senders: row.parse("max_senders")?,
            used_senders: row.parse("used_senders")?,
            // -1 is no limit; before Postgres 13 there was none to set.
            slot_limit: row.get("slot_limit")?.and_then(|bytes| bytes.parse().ok()),
            standby: row.is_true("standby")?,
            role: row.text("rolname")?.to_owned(),
            superuser: row.is_true("rolsuper")?,
            replication: row.is_true("rolreplication")?,
            can_create: row.is_true("can_create")?,
        })
    }
}
