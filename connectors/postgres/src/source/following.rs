//! Following the changes: what a reader delivers, and what it takes to go on where it was cut.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use connector_core::{Backoff, Cancellation, Error, ErrorKind, Result, SchemaChange};

use super::fingerprint;
use super::place::Place;
use super::published;
use super::reader::{Arrived, Reader, Unable};
use super::relations::Relations;
use super::row::{ImagePlan, TablePlan};
use super::state::Stored;
use super::target::Target;
use super::tuple::Tuple;
use crate::lsn::Lsn;
use crate::pgoutput::Message as Logical;
use crate::slot::{self, SlotState};
use crate::wire::{Connection, Mode, PgError};

/// How long to wait for a message before saying that there is nothing to tell.
const IDLE: Duration = Duration::from_millis(400);
/// How long a stream that has fallen behind goes on, before another reader may have its turn again.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

/// The stream of changes.
#[derive(Debug)]
pub(super) struct Following {
    target: Target,
    /// `None` where its connection was lost, or another is to go on.
    reader: Option<Reader>,
    /// Whether a backlog may be read by SQL. Not where that came to its end, was refused or was cut: then the stream goes on,
    /// also within a transaction whose beginning is long past.
    by_sql: bool,
    /// When a stream that fell behind gave others their turn.
    looked: Option<Instant>,
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
    /// Starts behind `from`, over a connection for replication; `spare` is another one, which nobody needs any more.
    pub(super) fn start(
        target: Target,
        from: Lsn,
        (connection, spare): (Connection, Option<Connection>),
        cancellation: &Cancellation,
    ) -> Result<Self> {
        let mut following = Self {
            target,
            reader: None,
            by_sql: true,
            looked: None,
            backoff: Backoff::new(),
            relations: Relations::default(),
            position: from,
            told: false,
            durable: from,
            transaction: None,
            truncated: VecDeque::new(),
            new: Tuple::default(),
            old: Tuple::default(),
        };
        match following.read_over(connection, spare) {
            Ok(()) => return Ok(following),
            // The slot stays where the connection was lost.
            Err(Unable::Server(error)) if error.is_transient() => following.lost(&error),
            Err(unable) => return Err(following.unable(unable)),
        }
        let asked = Instant::now();
        loop {
            if following.backoff.is_due(IDLE) {
                match following.connect_again() {
                    Ok(()) => {
                        following.back();
                        return Ok(following);
                    }
                    Err(unable)
                        if unable.is_in_use() && asked.elapsed() > slot::RELEASED_WITHIN =>
                    {
                        return Err(following.given_up(unable));
                    }
                    Err(Unable::Server(error))
                        if error.is_transient() && following.backoff.goes_on() =>
                    {
                        following.lost(&error);
                    }
                    Err(unable) => return Err(following.given_up(unable)),
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

    /// Reads over this connection, if what comes after the position can be had there.
    fn read_over(
        &mut self,
        mut connection: Connection,
        spare: Option<Connection>,
    ) -> Result<(), Unable> {
        let stored = self.stored();
        let place = Place::read(&mut connection)?;
        place.holds(&stored).map_err(Unable::Lost)?;
        let slot = SlotState::read(&mut connection, &self.target.slot)?;
        SlotState::keeps(slot.as_ref(), &self.target.slot, stored.end).map_err(Unable::Lost)?;
        let published = self.target.published.now(&mut connection)?;
        published
            .still(&self.target.published)
            .map_err(Unable::Lost)?;
        self.target.timeline = place.timeline();
        self.relations.begin_again(self.transaction.is_some());
        let (target, from, durable) = (&self.target, self.position, self.durable);
        self.reader = Some(Reader::start(
            target,
            from,
            durable,
            connection,
            self.by_sql,
            spare,
        )?);
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
        self.reader.as_ref().map_or(&[], Reader::data)
    }

    /// Whether the next message is here already.
    pub(super) fn has_data(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::has_data)
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
        let durable = self.durable;
        self.say(|reader| reader.confirm(durable));
    }

    /// Called while nothing is asked for, so that the server does not hang up.
    pub(super) fn keep_alive(&mut self) {
        self.say(Reader::keep_alive);
    }

    /// Tells the server something. A connection that was cut is made anew when the next message is asked for.
    fn say(&mut self, tell: impl FnOnce(&mut Reader) -> Result<(), PgError>) {
        if let Some(Err(error)) = self.reader.as_mut().map(tell) {
            self.lost(&error);
        }
    }

    /// The connection was lost, or could not be made anew.
    fn lost(&mut self, error: &impl std::fmt::Display) {
        self.reader = None;
        self.backoff.failed();
        let wait = self.backoff.left().as_secs_f64();
        let text = format!(
            "there is no stream of changes, and it is asked for again in {wait:.1} s: {error}"
        );
        self.target.notices.warn(&text);
    }

    /// There is a reader anew: after the connection was lost, that is worth saying.
    fn back(&self) {
        if self.backoff.failures() == 0 {
            return;
        }
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
            if self.reader.is_none() && !self.reconnect()? {
                return Ok(Next::Idle(None));
            }
            let Some(reader) = &mut self.reader else {
                continue;
            };
            let next = match reader.advance(IDLE, &self.target) {
                Ok(Arrived::Data) => self.message(plans)?,
                Ok(Arrived::Reached { end, asked }) => {
                    if matches!(reader, Reader::Backlog(_)) {
                        // The next piece is decoded by itself, and describes the tables anew.
                        self.relations.begin_again(false);
                    }
                    self.reached(end, asked)
                }
                Ok(Arrived::Nothing) => return Ok(Next::Idle(None)),
                Ok(Arrived::CaughtUp) => {
                    self.by_sql = false;
                    self.give_way();
                    None
                }
                // Whatever it was, the stream says it once more or goes on.
                Err(error) if matches!(reader, Reader::Backlog(_)) => {
                    let text =
                        format!("the backlog cannot be read by SQL, and is streamed: {error}");
                    self.target.notices.warn(&text);
                    self.by_sql = false;
                    self.reader = None;
                    None
                }
                Err(error) if error.is_transient() => {
                    self.lost(&error);
                    None
                }
                Err(error) => return Err(self.refused(error)),
            };
            if let Some(next) = next {
                self.backoff.reset();
                return Ok(next);
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
            Err(Unable::Server(error)) if error.is_transient() && self.backoff.goes_on() => {
                self.lost(&error);
                Ok(false)
            }
            Err(unable) => Err(self.given_up(unable)),
        }
    }

    fn connect_again(&mut self) -> Result<(), Unable> {
        if let Some(transaction) = &mut self.transaction {
            // The server sends the whole transaction again.
            transaction.skip = transaction.skip.max(transaction.given);
            transaction.given = 0;
        }
        let connection = Connection::open(&self.target.settings, Mode::Replication)?;
        self.read_over(connection, None)
    }

    fn unable(&self, unable: Unable) -> Error {
        match unable {
            Unable::Server(error) => self.refused(error),
            Unable::Lost(error) => error,
        }
    }

    fn given_up(&self, unable: Unable) -> Error {
        self.backoff.given_up(self.unable(unable))
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
            // undefined_file, of the log: a slot that was carried to a server which had thrown away what it needs.
            Some("58P01") if error.to_string().contains("WAL") => Error::new(
                ErrorKind::PositionLost,
                format!("replication slot `{slot}` needs log that this server no longer has: {error}"),
            )
            .with_help("take a new snapshot with `dozer app reset`; raise `wal_keep_size` on a standby that is to take over"),
            _ => error.into(),
        }
    }

    /// Reads the message that has arrived. `None`: nothing to tell of it.
    fn message(&mut self, plans: &[TablePlan]) -> Result<Option<Next>> {
        let data = self.reader.as_ref().map_or(&[][..], Reader::data);
        match Logical::decode(data, false).map_err(Error::source)? {
            Logical::Begin { commit_lsn, .. } => self.begin(commit_lsn),
            Logical::Commit { end_lsn, time, .. } => {
                let behind =
                    (self.reader.as_ref()).is_some_and(|reader| reader.is_far_behind(time));
                let open = self.transaction.take();
                self.position = Lsn(end_lsn);
                self.told = false;
                if behind {
                    self.look_for_a_backlog();
                }
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
                let changed = self.relations.read(&relation, plans, &self.target);
                // What cuts the look at the catalog may cut the stream, too.
                if changed.as_ref().is_err_and(Error::is_transient) && self.backoff.goes_on() {
                    self.reader = None;
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

    /// The stream has fallen behind: gives another reader its turn, if one pays. Between two transactions.
    fn look_for_a_backlog(&mut self) {
        let early = |at: Instant| at.elapsed() < BETWEEN_LOOKS;
        if self.target.backlog_piece == 0 || self.looked.is_some_and(early) {
            return;
        }
        self.looked = Some(Instant::now());
        self.by_sql = true;
        self.give_way();
    }

    /// Ends the reader, for another one. Where it does not end in good order, its connection is lost, and was not needed.
    fn give_way(&mut self) {
        let _: Option<Result<(), PgError>> = self.reader.take().map(Reader::finish);
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

    /// Between transactions it is worth telling how far the server has come.
    fn reached(&mut self, end: Lsn, asked: bool) -> Option<Next> {
        // The end of the last transaction is worth telling, too: it lies behind the position of its commit.
        if self.transaction.is_some() || end < self.position || (self.told && end == self.position)
        {
            // A server that shuts down asks again and again until it hears of a position that is being stored: without a
            // word of this side it could not be told.
            return asked.then_some(Next::Idle(None));
        }
        self.position = end;
        self.told = true;
        // The next commit may begin exactly there, and has to be greater.
        Some(Next::Idle(end.0.checked_sub(1)))
    }
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
