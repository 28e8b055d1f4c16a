//! The keys of `config: !Postgres`.

use std::time::Duration;

use connector_core::config::{ByteSize, ConfigValue};
use connector_core::prelude::*;
use serde::Deserialize;

use super::SslMode;
use super::resolve::{Said, Settings};
use crate::slot::{self, MadeSlot};
use crate::source::SeenDatabase;

/// Reads a Postgres database: a consistent snapshot of its tables, then every change, by logical replication.
#[derive(Debug, Clone, Default, Deserialize, ConnectorConfig)]
#[connector(name = "postgres")]
#[serde(deny_unknown_fields, default)]
pub struct Postgres {
    /// Server, login and options in one: `postgres://user:password@host:port/database?sslmode=verify-full`. Each thing is
    /// said once: here, or as a key. Special characters are written with percent signs (`@` is `%40`).
    url: Option<Secret<String>>,
    /// The server's name or address, or the directory of its Unix socket. `localhost` unless set.
    host: Option<String>,
    /// The server's port: 5432 unless set.
    port: Option<u16>,
    /// The role to log in as.
    user: Option<String>,
    /// The role's password.
    password: Option<Secret<String>>,
    /// The database; named as the user unless set.
    database: Option<String>,
    /// How far TLS protects the connection: `disable`, `prefer` (unless set), `require`, `verify-ca`, `verify-full`.
    ssl_mode: Option<SslMode>,
    /// A PEM file with the authorities that may sign the server's certificate; the system's unless set.
    ssl_root_certificate: Option<ConfigPath>,
    /// A PEM file with the certificate that this client shows.
    ssl_certificate: Option<ConfigPath>,
    /// A PEM file with the private key of that certificate.
    ssl_key: Option<ConfigPath>,
    /// What the server calls the connection: `dozer` unless set.
    application_name: Option<String>,
    /// How many seconds connecting may take: 10 unless set.
    connect_timeout: Option<u32>,
    /// How many seconds the server may be silent while it answers: 0, for as long as it takes, unless set.
    read_timeout: Option<u32>,
    /// After how many silent seconds the network is asked whether the server still lives: 30 unless set, 0 for never.
    keepalives_idle: Option<u32>,
    /// How changes are captured: `replication` (unless set), by a replication slot, which keeps the server's log until what it
    /// holds was read; or `none`, for snapshots only. `dozer connector clean` drops the slot.
    pub(crate) capture: Capture,
    /// The replication slot; named after the application and the connection unless set. A slot that is named here is never
    /// replaced by a new one.
    pub(crate) slot: Option<String>,
    /// The publication, made and looked after by somebody else. Unless set, `dozer migrate` and `dozer app run` make one
    /// that is named after the application and the connection, and `dozer connector clean` drops it.
    pub(crate) publication: Option<String>,
    /// How many connections read a snapshot side by side: 4 unless set.
    pub(crate) snapshot_connections: Option<u16>,
    /// How much of a large table a connection copies at a time, at most: `256MiB` unless set. Pieces are about equal, and as many
    /// for each connection; a single one copies a table at once.
    pub(crate) snapshot_piece: Option<ByteSize>,
    /// Where large tables are cut: `ctid`, between pages, which servers find without reading the rest since Postgres 14, and
    /// which is what they do unless set; or `key`, between values of the primary key, which older servers do. By `key`, a
    /// table without a primary key is copied by one connection.
    pub(crate) snapshot_split: Option<SnapshotSplit>,
    /// How much log of a backlog is read by SQL at a time, about, which is several times faster than the replication stream:
    /// `64MiB` unless set. 0 for the replication stream alone.
    pub(crate) backlog_piece: Option<ByteSize>,
    /// How much log the server may keep for the slot before `dozer migrate` and `dozer app run` warn: `1GiB` unless set.
    pub(crate) slot_lag_warning: Option<ByteSize>,
    /// How much log the server may keep for the slot before `dozer app run` stops: any amount unless set. The slot stays.
    pub(crate) slot_lag_limit: Option<ByteSize>,
    /// Whether `numeric` columns become text, so that not-a-number and the infinities fit.
    pub(crate) numeric_as_text: bool,
    /// The name of the reader, as the application tells it.
    #[serde(skip)]
    pub(crate) reader: Option<String>,
    #[serde(skip)]
    pub(crate) slot_lag_interval: Option<Duration>,
    /// The slot that this run made.
    #[serde(skip)]
    pub(crate) made: MadeSlot,
    #[serde(skip)]
    pub(crate) seen: SeenDatabase,
}

/// How changes are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// Not at all: every run takes a snapshot.
    None,
    /// By logical replication.
    #[default]
    Replication,
}

impl ConfigValue for Capture {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "enum": ["none", "replication"], "default": "replication" })
    }
}

/// Where large tables are cut for a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotSplit {
    /// Between pages.
    Ctid,
    /// Between values of the primary key.
    Key,
}

impl ConfigValue for SnapshotSplit {
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "enum": ["ctid", "key"] })
    }
}

impl Postgres {
    /// The server that a URL names.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Some(Secret::new(url.into())),
            ..Self::default()
        }
    }

    /// Captures changes so, or not at all.
    #[must_use]
    pub fn with_capture(self, capture: Capture) -> Self {
        Self { capture, ..self }
    }

    /// Follows changes by this slot and this publication, which somebody else has made.
    #[must_use]
    pub fn with_slot(self, slot: impl Into<String>, publication: impl Into<String>) -> Self {
        Self {
            slot: Some(slot.into()),
            publication: Some(publication.into()),
            ..self
        }
    }

    /// Reads snapshots by so many connections, each of which copies `piece` of a large table at a time, at most; a single one
    /// copies a table at once.
    #[must_use]
    pub fn with_snapshot(self, connections: u16, piece: ByteSize) -> Self {
        Self {
            snapshot_connections: Some(connections),
            snapshot_piece: Some(piece),
            ..self
        }
    }

    /// Cuts large tables there.
    #[must_use]
    pub fn with_snapshot_split(self, split: SnapshotSplit) -> Self {
        Self {
            snapshot_split: Some(split),
            ..self
        }
    }

    /// Reads a backlog by SQL, so much of its log at a time; 0 for the replication stream alone.
    #[must_use]
    pub fn with_backlog_piece(self, piece: ByteSize) -> Self {
        Self {
            backlog_piece: Some(piece),
            ..self
        }
    }

    /// Warns when the server keeps more log than this for the slot.
    #[must_use]
    pub fn with_slot_lag_warning(self, lag: ByteSize) -> Self {
        Self {
            slot_lag_warning: Some(lag),
            ..self
        }
    }

    /// Stops a run when the server keeps more log than this for the slot.
    #[must_use]
    pub fn with_slot_lag_limit(self, lag: ByteSize) -> Self {
        Self {
            slot_lag_limit: Some(lag),
            ..self
        }
    }

    /// Asks the server so often how much log it keeps for the slot: every five seconds unless set.
    #[must_use]
    pub fn with_slot_lag_interval(self, interval: Duration) -> Self {
        Self {
            slot_lag_interval: Some(interval),
            ..self
        }
    }

    /// The settings, checked and completed.
    ///
    /// # Errors
    /// Where something is missing, said twice, or contradicts something else; a password is never repeated.
    pub fn settings(&self) -> Result<Settings> {
        let path = |path: &Option<ConfigPath>| path.clone().map(ConfigPath::into_path_buf);
        let keys = Said {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            password: self.password.clone(),
            database: self.database.clone(),
            ssl_mode: self.ssl_mode,
            root_certificate: path(&self.ssl_root_certificate),
            certificate: path(&self.ssl_certificate),
            key: path(&self.ssl_key),
            application_name: self.application_name.clone(),
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
            keepalives: None,
            keepalives_idle: self.keepalives_idle,
        };
        if let Some(slot) = &self.slot {
            slot::check_name(slot)?;
        }
        Settings::of(self.url.as_ref(), keys)
    }
}

#[cfg(test)]
mod tests;
