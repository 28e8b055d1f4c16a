//! The replication stream, which delivers each change as it is committed.

use std::time::{Duration, Instant};

use connector_core::{TimeUnit, Timestamp};

use super::Arrived;
use crate::lsn::Lsn;
use crate::quote::{identifier, plain_literal};
use crate::source::target::Target;
use crate::wire::{Connection, Message, PgError, Replication};

/// How often the server is told that this side lives: its `wal_sender_timeout` is a minute unless set, and two seconds for
/// some.
const SIGN_OF_LIFE: Duration = Duration::from_millis(400);

/// How long it is waited for that another reader can go on, and how long at the end.
const LAST: Duration = Duration::from_secs(10);
const FAREWELL: Duration = Duration::from_secs(1);

/// The beginning of the year 2000, from which the server counts, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

/// A running replication stream.
#[derive(Debug)]
pub(in crate::source) struct Live {
    replication: Replication,
    /// What the server may forget.
    durable: Lsn,
    said: Instant,
    /// For how long the server was asked for a sign of life in vain, and how long that may be.
    silent: Duration,
    read_timeout: Option<Duration>,
}

impl Live {
    /// Starts behind `from`, over a connection for replication.
    pub(super) fn start(
        connection: Connection,
        target: &Target,
        from: Lsn,
        durable: Lsn,
    ) -> Result<Self, PgError> {
        let sql = start_replication(&target.slot, from, &target.options());
        Ok(Self {
            replication: connection.start_replication(&sql)?,
            durable,
            said: Instant::now(),
            silent: Duration::ZERO,
            read_timeout: target.settings.read_timeout(),
        })
    }

    pub(super) fn advance(&mut self, timeout: Duration) -> Result<Arrived, PgError> {
        if !self.replication.advance(timeout)? {
            self.silent += timeout;
            if let Some(after) = self.read_timeout.filter(|after| self.silent > *after) {
                let doing = "streaming changes";
                return Err(PgError::Timeout { doing, after });
            }
            // The answer says how far the server has come.
            self.keep_alive()?;
            self.replication.ask()?;
            return Ok(Arrived::Nothing);
        }
        self.silent = Duration::ZERO;
        match self.replication.message()? {
            Message::XLogData { .. } => Ok(Arrived::Data),
            Message::KeepAlive {
                end,
                reply_requested,
                ..
            } => {
                if reply_requested {
                    self.confirm(self.durable)?;
                }
                Ok(Arrived::Reached {
                    end: Lsn(end),
                    asked: reply_requested,
                })
            }
        }
    }

    /// How long ago a transaction was committed when its commit was sent; by the server's clock alone.
    pub(super) fn behind(&self, committed: Timestamp) -> Duration {
        let Ok(Message::XLogData { sent, .. }) = self.replication.message() else {
            return Duration::ZERO;
        };
        let committed = committed.to_unit(TimeUnit::Micro).unwrap_or(i64::MAX);
        let behind = sent.saturating_add(EPOCH).saturating_sub(committed);
        Duration::from_micros(u64::try_from(behind).unwrap_or(0))
    }

    /// Ends the stream in good order, so that the slot is free.
    pub(super) fn finish(mut self) -> Result<(), PgError> {
        self.replication.end(LAST)
    }

    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        match self.replication.message() {
            Ok(Message::XLogData { data, .. }) => data,
            _ => &[],
        }
    }

    pub(super) fn has_data(&self) -> bool {
        self.replication.has_data()
    }

    pub(super) fn confirm(&mut self, durable: Lsn) -> Result<(), PgError> {
        self.durable = durable;
        self.said = Instant::now();
        self.replication.confirm(durable.0)
    }

    pub(super) fn keep_alive(&mut self) -> Result<(), PgError> {
        if self.said.elapsed() < SIGN_OF_LIFE {
            return Ok(());
        }
        self.confirm(self.durable)
    }
}

/// The command that streams from a slot.
pub(super) fn start_replication(
    slot: &str,
    from: Lsn,
    options: &[(&'static str, String)],
) -> String {
    let options: Vec<String> = (options.iter())
        .map(|(name, value)| format!("{name} {}", plain_literal(value)))
        .collect();
    format!(
        "START_REPLICATION SLOT {} LOGICAL {from} ({})",
        identifier(slot),
        options.join(", ")
    )
}

impl Drop for Live {
    /// A server that is in the middle of sending hears nothing of what it was told last by a connection that is just closed.
    fn drop(&mut self) {
        let _: Result<(), PgError> = self.replication.end(FAREWELL);
    }
}
