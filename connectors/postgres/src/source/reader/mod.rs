//! Where the messages of the output plugin come from: the replication stream, or, as long as there is a backlog, SQL.

mod backlog;
mod gap;
mod live;
mod session;
mod teller;

use std::time::Duration;

use connector_core::{Error, Timestamp};

use self::backlog::{Backlog, Begun};
use self::gap::Gap;
use self::live::Live;
use self::teller::{Teller, Told};
use super::target::Target;
use crate::lsn::Lsn;
use crate::wire::{Connection, PgError};

/// A stream that is so far behind is worth a look at the backlog.
const BEHIND: Duration = Duration::from_secs(10);

/// Gives the messages of the output plugin, in the order of the commits.
#[derive(Debug)]
pub(super) enum Reader {
    Live(Live),
    Backlog(Backlog),
}

/// What a reader came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// A message, which [`Reader::data`] gives.
    Data,
    /// Everything that is committed before this position has arrived; whether the server waits for an answer.
    Reached { end: Lsn, asked: bool },
    /// Nothing within the time.
    Nothing,
    /// The backlog is read: another reader goes on.
    CaughtUp,
}

/// Why a reader cannot start.
#[derive(Debug)]
pub(super) enum Unable {
    Server(PgError),
    /// What comes after the position cannot be had there any more.
    Lost(Error),
}

impl From<PgError> for Unable {
    fn from(error: PgError) -> Self {
        Self::Server(error)
    }
}

impl Unable {
    /// Whether the slot is still held by another reader, perhaps by the connection before.
    pub(super) fn is_in_use(&self) -> bool {
        matches!(self, Self::Server(error) if error.code() == Some("55006"))
    }
}

impl Reader {
    /// Starts behind `from`, over a connection for replication. A backlog is read by SQL where `by_sql` says so; `spare` is a
    /// connection for that, which nobody needs any more.
    pub(super) fn start(
        target: &Target,
        from: Lsn,
        durable: Lsn,
        mut connection: Connection,
        by_sql: bool,
        spare: Option<Connection>,
    ) -> Result<Self, Unable> {
        if let Some(gap) = Gap::read(&mut connection, &target.slot)? {
            let piece = target.backlog_piece;
            if by_sql && piece > 0 && gap.is_backlog(from, piece, target.end) {
                // Fails where somebody else reads from the slot, before anything is opened.
                let told = Told::first(&mut connection, &target.slot, durable)?;
                // The stream needs no other slot.
                if let Some(begun) = Begun::open(target, from, gap, spare) {
                    let teller = Teller::start(connection, &target.slot, told);
                    return Ok(Self::Backlog(Backlog::start(target, from, teller, begun)?));
                }
            }
        }
        Ok(Self::Live(Live::start(connection, target, from, durable)?))
    }

    /// Waits for the next message, up to `timeout`.
    #[inline]
    pub(super) fn advance(
        &mut self,
        timeout: Duration,
        target: &Target,
    ) -> Result<Arrived, PgError> {
        match self {
            Self::Live(live) => live.advance(timeout),
            Self::Backlog(backlog) => backlog.advance(timeout, target),
        }
    }

    /// The bytes of the message that was read last.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        match self {
            Self::Live(live) => live.data(),
            Self::Backlog(backlog) => backlog.data(),
        }
    }

    /// Whether a message of the output plugin is here already, so that [`advance`](Self::advance) does not wait for it.
    pub(super) fn has_data(&self) -> bool {
        match self {
            Self::Live(live) => live.has_data(),
            Self::Backlog(backlog) => backlog.has_data(),
        }
    }

    /// Whether so much lies behind a transaction that was committed then that SQL may be the faster reader.
    pub(super) fn is_far_behind(&self, committed: Timestamp) -> bool {
        match self {
            Self::Live(live) => live.behind(committed) >= BEHIND,
            Self::Backlog(_) => false,
        }
    }

    /// Ends, so that another reader can go on.
    pub(super) fn finish(self) -> Result<(), PgError> {
        match self {
            Self::Live(live) => live.finish(),
            Self::Backlog(backlog) => backlog.finish(),
        }
    }

    /// Everything up to here is stored downstream.
    pub(super) fn confirm(&mut self, durable: Lsn) -> Result<(), PgError> {
        match self {
            Self::Live(live) => live.confirm(durable),
            Self::Backlog(backlog) => backlog.confirm(durable),
        }
    }

    /// Called while nothing is asked for, so that the server does not hang up.
    pub(super) fn keep_alive(&mut self) -> Result<(), PgError> {
        match self {
            Self::Live(live) => live.keep_alive(),
            // The server waits for whoever reads a COPY.
            Self::Backlog(_) => Ok(()),
        }
    }
}
