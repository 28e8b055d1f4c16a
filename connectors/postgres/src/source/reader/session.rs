//! A session that reads pieces of a backlog from a copy of the slot, which ends with the session.

use std::thread::JoinHandle;
use std::time::Duration;

use super::gap::{Gap, SERVER};
use super::live::start_replication;
use crate::lsn::Lsn;
use crate::quote::literal;
use crate::settings::Settings;
use crate::source::target::Target;
use crate::wire::{Awaited, AwaitedCopy, Connection, Mode, PgError};

/// A slot's name has no more bytes than this.
const NAME: usize = 63;
/// Since this version a session notices during a statement that its client is gone, where the system can tell.
const CHECKS_THE_CLIENT: u32 = 140_000;
/// Since this version a limit on the time of a transaction may be set.
const TRANSACTION_TIMEOUT: u32 = 170_000;

/// A session that waits to be asked for a piece.
#[derive(Debug)]
pub(super) struct Session {
    connection: Connection,
    /// The copy of the slot.
    slot: String,
    /// Whether it can stream, which it can do once.
    streams: bool,
}

/// A piece that was asked for.
#[derive(Debug)]
pub(super) struct Piece {
    copy: AwaitedCopy,
    slot: String,
    /// Everything that is committed before this position, and was not in the pieces before.
    pub(super) end: Lsn,
}

/// What a session makes its copy of.
#[derive(Debug, Clone)]
pub(super) struct SlotCopy {
    /// The slot, of this server: see [`SERVER`].
    pub(super) slot: String,
    pub(super) server: i64,
}

/// A session that a thread of its own opens.
#[derive(Debug)]
pub(super) struct Opening(JoinHandle<Result<Session, PgError>>);

impl Opening {
    /// The session, once it is open; `None` where it cannot be had.
    pub(super) fn session(self) -> Option<Session> {
        self.0.join().ok()?.ok()
    }
}

impl Session {
    /// Opens a session, and makes its copy of the slot, where the slot stands now.
    fn open(settings: &Settings, of: &SlotCopy) -> Result<Self, PgError> {
        Self::over(Connection::open(settings, Mode::Query)?, of)
    }

    /// The same, while something else is done; as one for replication, where the server has another sender.
    pub(super) fn opening(target: &Target, of: SlotCopy) -> Option<Opening> {
        let settings = target.settings.clone();
        let name = format!("backlog of {}", of.slot);
        let open = move || match Connection::open(&settings, Mode::Replication) {
            Err(error) if error.server().is_some() => Self::open(&settings, &of),
            connection => Ok(Self {
                streams: true,
                ..Self::over(connection?, &of)?
            }),
        };
        std::thread::Builder::new()
            .name(name)
            .spawn(open)
            .ok()
            .map(Opening)
    }

    /// The same, over a connection that is there already, if it still is one, and leads to this server.
    pub(super) fn over_or_open(
        connection: Option<Connection>,
        target: &Target,
        of: &SlotCopy,
    ) -> Result<Self, PgError> {
        match connection.map(|connection| Self::over(connection, of)) {
            Some(Ok(session)) => Ok(session),
            // The server's answer would be the same.
            Some(Err(error)) if error.server().is_some() && !error.is_transient() => Err(error),
            _ => Self::open(&target.settings, of),
        }
    }

    fn over(mut connection: Connection, of: &SlotCopy) -> Result<Self, PgError> {
        prepare(&mut connection)?;
        let suffix = format!("_{}", connection.process_id());
        let kept = NAME.saturating_sub(suffix.len());
        let name = of.slot.get(..kept).unwrap_or(&of.slot);
        let slot = format!("{name}{suffix}");
        let copied = connection.query(&format!(
            "SELECT CASE WHEN {SERVER} = {} THEN pg_copy_logical_replication_slot({}, {}, true)::text END AS copied",
            of.server,
            literal(&of.slot),
            literal(&slot)
        ))?;
        match copied.one()?.get("copied")? {
            Some(_) => Ok(Self {
                connection,
                slot,
                streams: false,
            }),
            // It has a log of its own.
            None => Err(PgError::Answer(
                "a session leads to another server than the one that is followed".to_owned(),
            )),
        }
    }

    /// Where the copy of the slot stands, and the server.
    pub(super) fn gap(&mut self) -> Result<Option<Gap>, PgError> {
        Gap::read(&mut self.connection, &self.slot)
    }

    /// Moves its copy of the slot to `from`, if it can: by a stream that says that everything up to there is stored, and is ended
    /// where it begins. To move it by SQL, the server decodes everything up to there.
    pub(super) fn moved_to(self, from: Lsn, target: &Target) -> Result<Self, PgError> {
        let Self {
            connection,
            slot,
            streams: true,
        } = self
        else {
            return Ok(self);
        };
        let start = start_replication(&slot, from, &target.options());
        let mut stream = connection.start_replication(&start)?;
        stream.confirm(from.0)?;
        Ok(Self {
            connection: stream.finish()?,
            slot,
            // The server hears nothing of another stream in the same session.
            streams: false,
        })
    }

    /// Asks for everything that is committed from `from` on and before `end`.
    pub(super) fn ask(self, target: &Target, from: Lsn, end: Lsn) -> Result<Piece, PgError> {
        let slot = literal(&self.slot);
        let options: Vec<String> = (target.options().iter())
            .flat_map(|(name, value)| [literal(name), literal(value)])
            .collect();
        let options = options.join(", ");
        // The copy may stand there already, or behind: the record across the end of a piece is read with that piece.
        let skip = format!(
            "SELECT pg_replication_slot_advance(slot_name, '{from}')
               FROM pg_replication_slots WHERE slot_name = {slot} AND confirmed_flush_lsn < '{from}'"
        );
        let copy = format!(
            "COPY (SELECT data FROM pg_logical_slot_get_binary_changes({slot}, '{end}', NULL, {options}))
               TO STDOUT (FORMAT binary)",
        );
        Ok(Piece {
            copy: self.connection.ask_copy_out(&[&skip, &copy])?,
            slot: self.slot,
            end,
        })
    }
}

/// Sets what a statement needs that takes as long as its reader does.
fn prepare(connection: &mut Connection) -> Result<(), PgError> {
    let version = connection.server_version();
    if version >= TRANSACTION_TIMEOUT {
        connection.execute("SET transaction_timeout = 0")?;
    }
    if version >= CHECKS_THE_CLIENT {
        // A system that cannot tell refuses: there the session ends with its statement.
        let set = connection.execute("SET client_connection_check_interval = '1s'");
        set.or_else(|error| error.server().is_some().then_some(()).ok_or(error))?;
    }
    Ok(())
}

impl Piece {
    #[inline]
    pub(super) fn advance(&mut self, timeout: Duration) -> Result<Awaited, PgError> {
        self.copy.advance(timeout)
    }

    #[inline]
    pub(super) fn message(&self) -> &[u8] {
        self.copy.message()
    }

    pub(super) fn has_data(&self) -> bool {
        self.copy.has_data()
    }

    /// The session, once the piece was read to its end.
    pub(super) fn into_session(self) -> Session {
        Session {
            connection: self.copy.into_connection(),
            slot: self.slot,
            streams: false,
        }
    }
}
