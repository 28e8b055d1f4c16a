//! Where the messages of the output plugin come from: the replication stream, or, as long as there is a backlog, SQL.

mod live;

use std::time::Duration;

use self::live::Live;
use super::target::Target;
use crate::lsn::Lsn;
use crate::wire::{Connection, Mode, PgError};

/// Gives the messages of the output plugin, in the order of the commits.
#[derive(Debug)]
pub(super) enum Reader {
    Live(Live),
}

/// What a reader came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// A message, which [`Reader::data`] gives.
    Data,
    /// Everything that is committed before this position has arrived.
    Reached(Lsn),
    /// Nothing within the time.
    Nothing,
}

impl Reader {
    /// Starts behind `from`, over `connection` where there is one for replication already.
    pub(super) fn start(
        target: &Target,
        from: Lsn,
        durable: Lsn,
        connection: Option<Connection>,
    ) -> Result<Self, PgError> {
        let connection = match connection {
            Some(connection) => connection,
            None => Connection::open(&target.settings, Mode::Replication)?,
        };
        Live::start(connection, target, from, durable).map(Self::Live)
    }

    /// Waits for the next message, up to `timeout`.
    #[inline]
    pub(super) fn advance(&mut self, timeout: Duration) -> Result<Arrived, PgError> {
        match self {
            Self::Live(live) => live.advance(timeout),
        }
    }

    /// The bytes of the message that was read last.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        match self {
            Self::Live(live) => live.data(),
        }
    }

    /// Everything up to here is stored downstream.
    pub(super) fn confirm(&mut self, durable: Lsn) -> Result<(), PgError> {
        match self {
            Self::Live(live) => live.confirm(durable),
        }
    }

    /// Called while nothing is asked for, so that the server does not hang up.
    pub(super) fn keep_alive(&mut self) -> Result<(), PgError> {
        match self {
            Self::Live(live) => live.keep_alive(),
        }
    }
}
