//! Following the changes: the replication stream, and what it takes to go on where it was cut.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use connector_core::{Backoff, Cancellation, Error, ErrorKind, Notices, Result};

use super::fingerprint;
use super::place::Place;
use super::published::{self, Entries};
use super::row::{ImagePlan, TablePlan};
use super::state::{Stored, Timeline};
use super::tuple::Tuple;
use crate::lsn::Lsn;
use crate::pgoutput::{Message as Logical, Relation};
use crate::quote::{identifier, literal};
use crate::settings::Settings;
use crate::slot::{self, SlotState};
use crate::wire::{Connection, Message, Mode, PgError, Replication};

/// How long to wait for a message before saying that there is nothing to tell.
const IDLE: Duration = Duration::from_millis(400);
/// How often the server is told that this side lives: its `wal_sender_timeout` is a minute unless set, and two seconds for
/// some.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Where and what to follow.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) settings: Settings,
    pub(super) slot: String,
    pub(super) publication: String,
    /// Whether values are asked for in binary form.
    pub(super) binary: bool,
    pub(super) system: u64,
    pub(super) timeline: Timeline,
    /// The tables' entries in the publication, and a hash of them.
    pub(super) published: Entries,
    pub(super) entries: u64,
    /// A hash of what the numbering of changes depends on; the same after a reconnect, or changes cannot be counted.
    pub(super) fingerprint: u64,
    /// Where it is said that the connection was lost.
    pub(super) notices: Notices,
}

impl Target {
    /// A position, for the checkpoint.
    pub(super) fn stored(&self, end: Lsn) -> Stored {
        Stored {
            end,
            system: self.system,
            entries: self.entries,
            timeline: Some(self.timeline),
        }
    }
}

/// The stream of changes.
#[derive(Debug)]
pub(super) struct Following {
    target: Target,
    /// `None` where the connection was lost.
    replication: Option<Replication>,
    backoff: Backoff,
    /// The relations that the server has described, by their number.
    relations: HashMap<u32, Described>,
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
    /// For how long the server was asked for a sign of life in vain.
    silent: Duration,
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

/// Why there is no stream.
enum Cut {
    /// The server or the way to it refuses; that may pass.
    Refused(PgError),
    /// What comes after the position cannot be had any more.
    Lost(Error),
}

impl From<PgError> for Cut {
    fn from(error: PgError) -> Self {
        Self::Refused(error)
    }
}

/// A relation as the stream describes it.
#[derive(Debug)]
enum Described {
    /// Of the plan at this place.
    Selected(usize, ImagePlan),
    Unselected,
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
    Changed(usize),
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
    /// Starts behind `from`, over a connection for replication.
    pub(super) fn start(
        target: Target,
        from: Lsn,
        connection: Connection,
        cancellation: &Cancellation,
    ) -> Result<Self> {
        let mut following = Self {
            target,
            replication: None,
            backoff: Backoff::new(),
            relations: HashMap::new(),
            position: from,
            told: false,
            durable: from,
            transaction: None,
            truncated: VecDeque::new(),
            said: Instant::now(),
            silent: Duration::ZERO,
            new: Tuple::default(),
            old: Tuple::default(),
        };
        match following.stream_on(connection) {
            Ok(()) => return Ok(following),
            // The slot stays where the connection was lost.
            Err(Cut::Refused(error)) if error.is_transient() => following.lost(&error),
            Err(cut) => return Err(following.cut(cut)),
        }
        let asked = Instant::now();
        loop {
            if following.backoff.is_due(IDLE) {
                match following.connect_again() {
                    Ok(()) => {
                        following.back();
                        return Ok(following);
                    }
                    Err(Cut::Refused(error))
                        if error.is_transient()
                            && following.backoff.goes_on()
                            && !(is_in_use(&error) && asked.elapsed() > slot::RELEASED_WITHIN) =>
                    {
                        following.lost(&error);
                    }
                    Err(Cut::Refused(error)) => return Err(following.given_up(error)),
                    Err(Cut::Lost(error)) => return Err(error),
                }
            }
            if cancellation.is_cancelled() {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    "stopped before the slot could be read",
                ));
            }
        }
    }

    /// Streams over this connection, if what comes after the position can be had there.
    fn stream_on(&mut self, mut connection: Connection) -> Result<(), Cut> {
        let stored = self.stored();
        let place = Place::read(&mut connection)?;
        place.holds(&stored).map_err(Cut::Lost)?;
        let slot = SlotState::read(&mut connection, &self.target.slot)?;
        SlotState::keeps(slot.as_ref(), &self.target.slot, stored.end).map_err(Cut::Lost)?;
        let published = self.target.published.now(&mut connection)?;
        published.still(&self.target.published).map_err(Cut::Lost)?;
        self.target.timeline = place.timeline();
        Ok(self.stream_over(connection)?)
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
        self.relations.clear();
        self.replication = Some(connection.start_replication(&sql)?);
        self.said = Instant::now();
        self.silent = Duration::ZERO;
        Ok(())
    }

    /// Where the last transaction ends, for the checkpoint.
    pub(super) fn stored(&self) -> Stored {
        self.target.stored(self.position)
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
        match self.relations.get(&relation) {
            Some(Described::Selected(plan, image)) => Some((*plan, image)),
            Some(Described::Unselected) | None => None,
        }
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
        let told = (self.replication.as_mut()).map(|replication| replication.confirm(confirmed));
        // A connection that was cut is made anew when the next message is asked for.
        if let Some(Err(error)) = told {
            self.lost(&error);
        }
    }

    /// The connection was lost, or could not be made anew.
    fn lost(&mut self, error: &impl std::fmt::Display) {
        self.replication = None;
        self.backoff.failed();
        let wait = self.backoff.left().as_secs_f64();
        let text = format!(
            "there is no stream of changes, and it is asked for again in {wait:.1} s: {error}"
        );
        self.target.notices.warn(&text);
    }

    /// The connection was made anew.
    fn back(&self) {
        let text = match &self.transaction {
            Some(open) => format!(
                "the stream of changes is back within transaction {}, of which {} changes were given out before",
                open.lsn, open.skip
            ),
            None => format!(
                "the stream of changes is back, and goes on behind {}",
                self.position
            ),
        };
        self.target.notices.inform(&text);
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
                    self.silent = Duration::ZERO;
                    if let Some(next) = self.message(plans)? {
                        self.backoff.reset();
                        return Ok(next);
                    }
                }
                Ok(false) => {
                    self.silent += IDLE;
                    if let Some(after) = self.target.settings.read_timeout()
                        && self.silent > after
                    {
                        let doing = "streaming changes";
                        self.lost(&PgError::Timeout { doing, after });
                        return Ok(Next::Idle(None));
                    }
                    // The answer says how far the server has come.
                    self.sign_of_life(false);
                    if let Some(Err(error)) = self.replication.as_mut().map(Replication::ask) {
                        self.lost(&error);
                    }
                    return Ok(Next::Idle(None));
                }
                Err(error) if error.is_transient() => self.lost(&error),
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
            Ok(()) => {
                self.back();
                Ok(true)
            }
            // A slot that is still held by the connection before is in use for a moment: that is transient, too.
            Err(Cut::Refused(error)) if error.is_transient() && self.backoff.goes_on() => {
                self.lost(&error);
                Ok(false)
            }
            Err(Cut::Refused(error)) => Err(self.given_up(error)),
            Err(Cut::Lost(error)) => Err(error),
        }
    }

    fn connect_again(&mut self) -> Result<(), Cut> {
        if let Some(transaction) = &mut self.transaction {
            // The server sends the whole transaction again.
            transaction.skip = transaction.skip.max(transaction.given);
            transaction.given = 0;
        }
        let connection = Connection::open(&self.target.settings, Mode::Replication)?;
        self.stream_on(connection)
    }

    fn cut(&self, cut: Cut) -> Error {
        match cut {
            Cut::Refused(error) => self.refused(error),
            Cut::Lost(error) => error,
        }
    }

    fn given_up(&self, error: PgError) -> Error {
        self.backoff.given_up(self.refused(error))
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
                published::is_the_same(&relation, plans)?;
                let described = describe(&relation, plans);
                let oid = relation.oid;
                match described {
                    Ok(described) => {
                        self.relations.insert(oid, described);
                        Ok(None)
                    }
                    Err(plan) => Ok(Some(Next::Changed(plan))),
                }
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
                    if let Some(Described::Selected(plan, _)) = self.relations.get(&relation)
                        && let Some(plan) = plans.get(*plan)
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
        if let Some(open) = self.transaction {
            // After a reconnect the server begins again with the one that was cut.
            if open.lsn != lsn {
                return Err(Error::position_lost(open.lsn, Some(lsn)));
            }
            let asked = fingerprint::current(&self.target.settings, &self.target.publication);
            return match asked {
                Ok(now) if now == self.target.fingerprint => Ok(None),
                // Changes cannot be counted any more; the transaction as a whole can be had again.
                Ok(_) => Err(Error::source(
                    "the publication was changed while the connection was cut in the middle of a transaction",
                )
                .transient()),
                // What cut the stream may cut this, too.
                Err(error) if error.is_transient() && self.backoff.goes_on() => {
                    self.lost(&error.message());
                    Ok(None)
                }
                Err(error) => Err(self.backoff.given_up(error)),
            };
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
            // A server that shuts down asks again and again until it hears of a position that is being stored: without a
            // word of this side it could not be told.
            return reply_requested.then_some(Next::Idle(None));
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

/// Where the selected columns stand in the relation's tuples. `Err`: the plan that does not fit any more.
fn describe(relation: &Relation<'_>, plans: &[TablePlan]) -> Result<Described, usize> {
    let full = if relation.schema.is_empty() {
        format!("pg_catalog.{}", relation.name)
    } else {
        format!("{}.{}", relation.schema, relation.name)
    };
    let Some(place) = plans.iter().position(|plan| plan.name == full) else {
        return Ok(Described::Unselected);
    };
    let plan = plans.get(place).ok_or(place)?;
    let mut image = ImagePlan {
        places: Vec::with_capacity(plan.columns.len()),
        identity: Vec::with_capacity(plan.columns.len()),
    };
    for column in &plan.columns {
        let found = relation
            .columns()
            .enumerate()
            .find(|(_, found)| found.name == column.name);
        let (at, found) = found.ok_or(place)?;
        if !column.is_still(found.type_oid, found.modifier) {
            return Err(place);
        }
        image.places.push(at);
        image.identity.push(found.is_key);
    }
    Ok(Described::Selected(place, image))
}
