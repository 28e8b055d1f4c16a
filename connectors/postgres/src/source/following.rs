//! Following the changes: the replication stream, and what it takes to go on where it was cut.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use connector_core::{Cancellation, Error, ErrorKind, Result, SchemaChange};

use super::fingerprint;
use super::relations::Relations;
use super::retry::Backoff;
use super::row::{ImagePlan, TablePlan};
use super::state::Stored;
use super::tuple::Tuple;
use crate::lsn::Lsn;
use crate::pgoutput::Message as Logical;
use crate::quote::{identifier, literal};
use crate::settings::Settings;
use crate::wire::{Connection, Message, Mode, PgError, Replication};

/// How long to wait for a message before saying that there is nothing to tell.
const IDLE: Duration = Duration::from_millis(400);
/// How often the server is told that this side lives: its `wal_sender_timeout` is a minute unless set.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Where and what to follow.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) settings: Settings,
    pub(super) slot: String,
    pub(super) publication: String,
    /// Whether values are asked for in binary form.
    pub(super) binary: bool,
    pub(super) system: u64,
    /// A hash of the tables' entries in the publication.
    pub(super) entries: u64,
    /// A hash of what the numbering of changes depends on; the same after a reconnect, or changes cannot be counted.
    pub(super) fingerprint: u64,
}

/// The stream of changes.
#[derive(Debug)]
pub(super) struct Following {
    target: Target,
    /// `None` where the connection was lost.
    replication: Option<Replication>,
    backoff: Backoff,
    relations: Relations,
    /// The end of the last transaction that was given out.
    position: Lsn,
    /// Whether it was told that nothing else lies before `position`.
    told: bool,
    /// What is durable downstream.
    durable: Lsn,
    transaction: Option<Transaction>,
    /// Tables of a truncation that are still to be told.
    truncated: VecDeque<usize>,
    said: Instant,
    pub(super) new: Tuple,
    pub(super) old: Tuple,
}

#[derive(Debug, Clone, Copy)]
struct Transaction {
    lsn: u64,
    /// How many changes were given out.
    given: u64,
    /// How many of its changes are to be passed over, since they were given out before the connection was cut.
    skip: u64,
}

/// What comes next. Where it has a row, its values are in [`Following::new`] and [`Following::old`], and the message is
/// [`Following::data`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Begin(u64),
    Commit,
    Insert(u32),
    Update(u32, OldImage),
    Delete(u32, OldImage),
    Truncate(usize),
    /// Of the plan at this place; [`Following::changed`] says what.
    Changed(usize, SchemaChange),
    Idle(Option<u64>),
}

/// What is told of an old row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OldImage {
    None,
    Key,
    Row,
}

impl Following {
    /// Starts behind `from`, over `connection` where there is one for replication already.
    pub(super) fn start(
        target: Target,
        from: Lsn,
        connection: Option<Connection>,
        cancellation: &Cancellation,
    ) -> Result<Self> {
        let mut following = Self {
            target,
            replication: None,
            backoff: Backoff::new(),
            relations: Relations::default(),
            position: from,
            told: false,
            durable: from,
            transaction: None,
            truncated: VecDeque::new(),
            said: Instant::now(),
            new: Tuple::default(),
            old: Tuple::default(),
        };
        if let Some(connection) = connection {
            following.stream_over(connection)?;
            return Ok(following);
        }
        // The server may take a while to see that the run before this one is gone, and with it the slot's reader.
        loop {
            match following.connect_again() {
                Ok(()) => return Ok(following),
                Err(error) if is_in_use(&error) && following.backoff.goes_on() => {
                    following.backoff.failed();
                    while !following.backoff.is_due(IDLE) {
                        if cancellation.is_cancelled() {
                            return Err(Error::new(
                                ErrorKind::Cancelled,
                                "stopped while the slot was in use",
                            ));
                        }
                    }
                }
                Err(error) => return Err(following.refused(error)),
            }
        }
    }

    fn stream_over(&mut self, connection: Connection) -> Result<(), PgError> {
        let binary = if self.target.binary {
            ", binary 'true'"
        } else {
            ""
        };
        let sql = format!(
            "START_REPLICATION SLOT {} LOGICAL {} (proto_version '1', publication_names {}{binary})",
            identifier(&self.target.slot),
            self.position,
            literal(&identifier(&self.target.publication)),
        );
        self.relations.begin_again(self.transaction.is_some());
        self.replication = Some(connection.start_replication(&sql)?);
        self.said = Instant::now();
        Ok(())
    }

    /// Where the last transaction ends, for the checkpoint.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            end: self.position,
            system: self.target.system,
            entries: self.target.entries,
        }
    }

    pub(super) fn fingerprint(&self) -> u64 {
        self.target.fingerprint
    }

    /// The bytes of the message that was read last.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        match self.replication.as_ref().map(Replication::message) {
            Some(Ok(Message::XLogData { data, .. })) => data,
            _ => &[],
        }
    }

    /// The plan's place and where its columns stand, for a relation that a change names; `None`: nobody selected it.
    pub(super) fn image(&self, relation: u32) -> Option<(usize, &ImagePlan)> {
        self.relations.image(relation)
    }

    /// What changed of a table, in a person's words.
    pub(super) fn changed(&self) -> &str {
        self.relations.what()
    }

    /// Everything up to here is stored downstream.
    pub(super) fn confirm(&mut self, durable: Lsn) {
        self.durable = self.durable.max(durable);
        self.sign_of_life(true);
    }

    /// Called while nothing is asked for, so that the server does not hang up.
    pub(super) fn keep_alive(&mut self) {
        self.sign_of_life(false);
    }

    fn sign_of_life(&mut self, now: bool) {
        if !now && self.said.elapsed() < SIGN_OF_LIFE {
            return;
        }
        self.said = Instant::now();
        let confirmed = self.durable.0;
        let cut = |replication: &mut Replication| replication.confirm(confirmed).is_err();
        // A connection that was cut is made anew when the next message is asked for.
        if self.replication.as_mut().is_some_and(cut) {
            self.replication = None;
        }
    }

    /// Reads on until there is something to tell.
    pub(super) fn advance(&mut self, plans: &[TablePlan]) -> Result<Next> {
        if let Some(table) = self.truncated.pop_front() {
            return Ok(Next::Truncate(table));
        }
        loop {
            if self.replication.is_none() && !self.reconnect()? {
                return Ok(Next::Idle(None));
            }
            let Some(replication) = &mut self.replication else {
                continue;
            };
            match replication.advance(IDLE) {
                Ok(true) => {
                    if let Some(next) = self.message(plans)? {
                        self.backoff.reset();
                        return Ok(next);
                    }
                }
                Ok(false) => {
                    // The answer says how far the server has come.
                    self.sign_of_life(false);
                    if let Some(replication) = &mut self.replication
                        && replication.ask().is_err()
                    {
                        self.replication = None;
                    }
                    return Ok(Next::Idle(None));
                }
                Err(error) if error.is_transient() => {
                    self.replication = None;
                    self.backoff.failed();
                }
                Err(error) => return Err(self.refused(error)),
            }
        }
    }

    /// Makes a new connection, if it is time to. `false`: not now.
    fn reconnect(&mut self) -> Result<bool> {
        if !self.backoff.is_due(IDLE) {
            return Ok(false);
        }
        let connected = self.connect_again();
        match connected {
            Ok(()) => Ok(true),
            // A slot that is still held by the connection before is in use for a moment: that is transient, too.
            Err(error) if error.is_transient() && self.backoff.goes_on() => {
                self.backoff.failed();
                Ok(false)
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    fn connect_again(&mut self) -> Result<(), PgError> {
        if let Some(transaction) = &mut self.transaction {
            // The server sends the whole transaction again.
            transaction.skip = transaction.skip.max(transaction.given);
            transaction.given = 0;
        }
        let connection = Connection::open(&self.target.settings, Mode::Replication)?;
        self.stream_over(connection)
    }

    fn refused(&self, error: PgError) -> Error {
        let slot = &self.target.slot;
        match error.code() {
            // undefined_object, and object_not_in_prerequisite_state: the slot is gone, or has lost its log.
            Some("42704") => Error::new(
                ErrorKind::PositionLost,
                format!("{}: replication slot `{slot}` or publication `{}` was dropped", error, self.target.publication),
            )
            .with_help("take a new snapshot with `dozer app reset`"),
            Some("55000") => Error::new(
                ErrorKind::PositionLost,
                format!("replication slot `{slot}` can no longer be read: {error}"),
            )
            .with_help("take a new snapshot with `dozer app reset`; raise `max_slot_wal_keep_size` so that the server keeps more"),
            _ => error.into(),
        }
    }

    /// Reads the message that has arrived. `None`: nothing to tell of it.
    fn message(&mut self, plans: &[TablePlan]) -> Result<Option<Next>> {
        let Some(replication) = &self.replication else {
            return Ok(None);
        };
        let data = match replication.message()? {
            Message::XLogData { data, .. } => data,
            Message::KeepAlive {
                end,
                reply_requested,
                ..
            } => return Ok(self.heard(Lsn(end), reply_requested)),
        };
        match Logical::decode(data, false).map_err(Error::source)? {
            Logical::Begin { commit_lsn, .. } => self.begin(commit_lsn),
            Logical::Commit { end_lsn, .. } => {
                let open = self.transaction.take();
                self.position = Lsn(end_lsn);
                self.told = false;
                Ok(match open {
                    Some(transaction) if transaction.given < transaction.skip => {
                        return Err(shorter(transaction));
                    }
                    Some(_) => Some(Next::Commit),
                    None => None,
                })
            }
            Logical::Relation { relation, .. } => {
                let changed = self.relations.read(&relation, plans, &self.target);
                // What cuts the look at the catalog may cut the stream, too.
                if changed.as_ref().is_err_and(Error::is_transient) && self.backoff.goes_on() {
                    self.replication = None;
                    self.backoff.failed();
                    return Ok(None);
                }
                Ok(changed?.map(|(plan, change)| Next::Changed(plan, change)))
            }
            Logical::Insert { relation, new, .. } => {
                self.new.read(data, new);
                Ok(self.change(Next::Insert(relation)))
            }
            Logical::Update {
                relation, old, new, ..
            } => {
                self.new.read(data, new);
                let image = self.old.read_old(data, old);
                Ok(self.change(Next::Update(relation, image)))
            }
            Logical::Delete { relation, old, .. } => {
                let image = self.old.read_old(data, Some(old));
                Ok(self.change(Next::Delete(relation, image)))
            }
            message @ Logical::Truncate { .. } => {
                for relation in message.truncated() {
                    if let Some((plan, _)) = self.relations.image(relation)
                        && let Some(plan) = plans.get(plan)
                    {
                        let place = plan.place;
                        let told = change(&mut self.transaction);
                        if told {
                            self.truncated.push_back(place);
                        }
                    }
                }
                Ok(self.truncated.pop_front().map(Next::Truncate))
            }
            _ => Ok(None),
        }
    }

    fn begin(&mut self, lsn: u64) -> Result<Option<Next>> {
        if let Some(open) = &self.transaction {
            // After a reconnect the server begins again with the one that was cut.
            if open.lsn != lsn {
                return Err(Error::position_lost(open.lsn, Some(lsn)));
            }
            let asked = fingerprint::current(&self.target.settings, &self.target.publication);
            // What cut the stream may cut this, too.
            if asked.as_ref().is_err_and(Error::is_transient) && self.backoff.goes_on() {
                self.replication = None;
                self.backoff.failed();
                return Ok(None);
            }
            if asked? != self.target.fingerprint {
                return Err(Error::source(
                    "the publication was changed while the connection was cut in the middle of a transaction",
                )
                .with_help("run the application again: it goes on from the last position that is stored"));
            }
            return Ok(None);
        }
        self.transaction = Some(Transaction {
            lsn,
            given: 0,
            skip: 0,
        });
        Ok(Some(Next::Begin(lsn)))
    }

    fn change(&mut self, next: Next) -> Option<Next> {
        change(&mut self.transaction).then_some(next)
    }

    /// A sign of life of the server: between transactions it says how far it has come.
    fn heard(&mut self, end: Lsn, reply_requested: bool) -> Option<Next> {
        if reply_requested {
            self.sign_of_life(true);
        }
        // The end of the last transaction is worth telling, too: it lies behind the position of its commit.
        if self.transaction.is_some() || end < self.position || (self.told && end == self.position)
        {
            return None;
        }
        self.position = end;
        self.told = true;
        // The next commit may begin exactly there, and has to be greater.
        Some(Next::Idle(end.0.checked_sub(1)))
    }
}

/// Whether the slot is still held by the connection before.
fn is_in_use(error: &PgError) -> bool {
    error.code() == Some("55006")
}

/// Counts a change. `false`: it was given out before.
fn change(transaction: &mut Option<Transaction>) -> bool {
    let Some(transaction) = transaction else {
        return true;
    };
    transaction.given += 1;
    transaction.given > transaction.skip
}

#[cold]
fn shorter(transaction: Transaction) -> Error {
    Error::protocol(format!(
        "transaction {} had {} changes before the connection was cut, and {} when it was sent again",
        transaction.lsn, transaction.skip, transaction.given
    ))
}
