//! Runs a change stream: checks its protocol, numbers its changes, fills batches.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::delivery::Delivery;
use super::ingestor::IngestOptions;
use super::inserts::{self, BYTES_TO_THE_HUNGRY, Bound, Following, ROWS_TO_THE_HUNGRY};
use super::open_batch::{OpenBatch, Position};
use super::parts::SnapshotPart;
use super::schema_change::OnSchemaChange;
use crate::checkpoint::{Checkpoint, Phase};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Cancellation, Change, ChangeStream, Event, SchemaChange, SelectedTable};

/// How long an open transaction may go on after a stop was asked for.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// What to do about a change that cannot be taken on.
const ANEW: &str = "`dozer migrate` shows the new schema and takes it on; then `dozer app reset` asks for a new snapshot";

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Until {
    /// On and on, until it is stopped.
    #[default]
    Stopped,
    /// Until everything up to this position was delivered.
    Position(u64),
    /// Until the source has nothing more to tell at the moment.
    CaughtUp,
    /// Until the snapshot is complete. The source keeps nothing for the reader, and cannot be resumed.
    Snapshot,
}

impl Until {
    /// The position up to which everything is to be delivered, where it is known.
    pub(crate) fn position(self) -> Option<u64> {
        match self {
            Self::Position(position) => Some(position),
            Self::Stopped | Self::CaughtUp | Self::Snapshot => None,
        }
    }
}

/// What a run of a stream is bounded by.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) batch_bytes: usize,
    pub(crate) until: Until,
    pub(crate) cancellation: Cancellation,
    /// Whether the sink bears to be given changes again.
    pub(crate) redelivery: bool,
    /// By table: what to do when columns are added.
    pub(crate) schema_change: Vec<Option<OnSchemaChange>>,
}

impl Bounds {
    /// The bounds that these options set for a run of these tables.
    pub(crate) fn of(options: &IngestOptions, tables: &[SelectedTable]) -> Self {
        let policy = |table: &SelectedTable| options.schema_change.get(&table.name).copied();
        Self {
            batch_bytes: options.batch_bytes,
            until: options.until,
            cancellation: options.cancellation.clone(),
            redelivery: options.redelivery,
            schema_change: tables.iter().map(policy).collect(),
        }
    }
}

/// What a step of a [`Runner`] gave.
#[derive(Debug)]
pub(crate) enum Step {
    /// Something for the consumer.
    Deliver(Delivery),
    /// Nothing at the moment.
    Idle,
    /// The stream came to a legal end.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was said yet.
    Fresh,
    /// Within a snapshot; `bare` when the stream never said so.
    Snapshot {
        lsn: u64,
        rows: u64,
        bare: bool,
    },
    /// Between transactions; `following` when an end would be an error.
    Between {
        following: bool,
    },
    /// Within a transaction, after `seq` changes; the first `skip` are dropped.
    Transaction {
        lsn: u64,
        seq: u64,
        skip: u64,
    },
    Ended,
}

impl State {
    /// The position of the next change; `None` when it is stored already.
    #[inline]
    fn next_change(&mut self, insert: bool) -> Result<Option<Position>> {
        match self {
            Self::Transaction { lsn, seq, skip } => {
                *seq += 1;
                Ok((seq > skip).then_some(Position {
                    lsn: *lsn,
                    seq: *seq,
                }))
            }
            Self::Snapshot { lsn, rows, .. } if insert => {
                *rows += 1;
                Ok(Some(Position {
                    lsn: *lsn,
                    seq: *rows,
                }))
            }
            Self::Snapshot { .. } => Err(Error::protocol(
                "an update or a delete arrived outside a transaction: send `Begin` before it",
            )),
            Self::Fresh | Self::Between { .. } | Self::Ended => Err(Error::protocol(
                "a change arrived outside a transaction: send `Begin` before it",
            )),
        }
    }

    /// Where inserts that come now are counted: the position of their transaction or snapshot, and the number of the last one.
    #[inline]
    fn inserts(&mut self) -> Option<(u64, &mut u64)> {
        match self {
            Self::Snapshot { lsn, rows, .. } => Some((*lsn, rows)),
            Self::Transaction { lsn, seq, skip } if *seq >= *skip => Some((*lsn, seq)),
            _ => None,
        }
    }
}

/// What a stream said, without the row.
enum Said {
    Change,
    Begin(u64),
    Commit,
    SnapshotStarted(u64),
    SnapshotDone(u64),
    Truncate(usize),
    SchemaChanged(usize, SchemaChange, String),
    Idle(Option<u64>),
    End,
}

/// Runs one change stream.
#[derive(Debug)]
pub(crate) struct Runner<S> {
    stream: S,
    open: OpenBatch,
    bounds: Bounds,
    state: State,
    /// The last position that is done; a greater one must follow.
    last: u64,
    /// The transaction to replay and how many of its changes to drop.
    replay: Option<(u64, u64)>,
    resumed: bool,
    end: Checkpoint,
    /// The last position that the consumer was told.
    announced: Option<Checkpoint>,
    pending: VecDeque<Delivery>,
    /// How many inserts were taken from the stream and are not appended yet.
    held: u64,
    /// Whether a part of the open transaction was delivered already.
    cut: bool,
    /// How many transactions were kept from a consumer that waits, since more was here already.
    gathered: usize,
    /// The least bytes that a consumer which waits is given of a snapshot: the first rows as soon as there are enough of them.
    worth: usize,
    stopping: Option<Instant>,
    /// What the stream failed with, once what came before is delivered.
    failed: Option<Error>,
}

impl<S: ChangeStream> Runner<S> {
    pub(crate) fn new(
        stream: S,
        open: OpenBatch,
        bounds: Bounds,
        from: Option<&Checkpoint>,
    ) -> Result<Self> {
        let from = from.filter(|checkpoint| checkpoint.phase == Phase::Changes);
        let fingerprint = stream.fingerprint();
        let mut replay = None;
        if let Some(checkpoint) = from.filter(|checkpoint| !checkpoint.complete) {
            let same = checkpoint.fingerprint == fingerprint;
            if !same && !bounds.redelivery {
                return Err(Error::new(
                    ErrorKind::PositionLost,
                    format!(
                        "transaction {} was stored up to change {}, and what the source numbers its changes by is no longer the same",
                        checkpoint.lsn, checkpoint.seq
                    ),
                )
                .with_help("take a new snapshot: `dozer app reset`"));
            }
            replay = Some((checkpoint.lsn, if same { checkpoint.seq } else { 0 }));
        }
        let last = match from {
            Some(checkpoint) if checkpoint.complete => checkpoint.lsn,
            Some(checkpoint) => checkpoint.lsn.saturating_sub(1),
            None => 0,
        };
        let mut end = from.cloned().unwrap_or_default();
        end.fingerprint = fingerprint;
        Ok(Self {
            stream,
            open,
            bounds,
            state: State::Fresh,
            last,
            replay,
            resumed: from.is_some_and(|checkpoint| checkpoint.lsn > 0),
            announced: from.cloned(),
            end,
            pending: VecDeque::new(),
            held: 0,
            cut: false,
            gathered: 0,
            worth: 0,
            stopping: None,
            failed: None,
        })
    }

    /// Where the stream stands, for error messages.
    pub(crate) fn place(&self) -> String {
        match self.state {
            State::Fresh if self.resumed => {
                format!(
                    "resuming after position ({}, {})",
                    self.end.lsn, self.end.seq
                )
            }
            State::Fresh => "at the start".to_owned(),
            State::Snapshot { rows, .. } => {
                format!("in the snapshot, after {} rows", rows + self.held)
            }
            State::Between { .. } | State::Ended => {
                format!("after position ({}, {})", self.end.lsn, self.end.seq)
            }
            State::Transaction { lsn, seq, .. } => {
                format!("after position ({lsn}, {})", seq + self.held)
            }
        }
    }

    pub(crate) fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        self.stream.confirm(durable)
    }

    pub(crate) fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        self.stream.snapshot_parts()
    }

    pub(crate) fn keep_alive(&mut self) -> Result<()> {
        self.stream.keep_alive()
    }

    /// Goes on until there is something to deliver. `hungry` says whether the consumer waits.
    pub(crate) fn step(&mut self, hungry: impl Fn() -> bool) -> Result<Step> {
        loop {
            if let Some(delivery) = self.pending.pop_front() {
                return Ok(Step::Deliver(delivery));
            }
            if self.failed.is_some() {
                return self.failed.take().map_or(Ok(Step::End), Err);
            }
            if self.state == State::Ended {
                return Ok(Step::End);
            }
            if self.bounds.cancellation.is_cancelled() && self.stop_now() {
                continue;
            }
            match self.advance(&hungry) {
                Ok(idle) if idle && self.pending.is_empty() => return Ok(Step::Idle),
                Ok(_) => {}
                Err(error) => {
                    // Whole transactions that were read are delivered before the error is.
                    self.flush_whole();
                    self.failed = Some(error);
                }
            }
        }
    }

    /// Takes the one event that the stream has now, unless the run is to stop: for a stream that is told what it gives.
    /// Whatever comes of it, the deliveries go first.
    pub(crate) fn take_one(
        &mut self,
        hungry: impl Fn() -> bool,
    ) -> (VecDeque<Delivery>, Result<()>) {
        let mut told = Ok(());
        if !(self.bounds.cancellation.is_cancelled() && self.stop_now()) {
            told = self.advance(&hungry).map(drop);
            if told.is_err() {
                self.flush_whole();
            }
        }
        (std::mem::take(&mut self.pending), told)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Flushes the whole transactions of the open batch, and forgets what is there of one that is not complete.
    fn flush_whole(&mut self) {
        let state = self.state;
        match state {
            State::Between { .. } => self.flush(),
            State::Transaction { .. } => {
                self.open.forget_after(self.last);
                self.state = State::Between { following: true };
                self.flush();
                self.state = state;
            }
            State::Fresh | State::Snapshot { .. } | State::Ended => {}
        }
    }

    /// Ends the run unless a transaction is open that may still finish in time.
    fn stop_now(&mut self) -> bool {
        let since = *self.stopping.get_or_insert_with(Instant::now);
        if matches!(self.state, State::Transaction { .. }) && since.elapsed() < FINISH_WITHIN {
            return false;
        }
        self.flush_whole();
        self.state = State::Ended;
        true
    }

    /// Takes one event. `true`: the stream had nothing to tell.
    fn advance(&mut self, hungry: &impl Fn() -> bool) -> Result<bool> {
        let bound = self.state.inserts().map(|(lsn, seq)| Bound {
            lsn,
            seq,
            held: &mut self.held,
            batch_bytes: self.bounds.batch_bytes,
            cancellation: &self.bounds.cancellation,
        });
        // A lent row ends its life in this statement: what follows is free to use the stream.
        let said = {
            let next = inserts::next(&mut self.stream, &mut self.open, bound)?;
            match next {
                Following::Continue(()) => Said::Change,
                Following::Break(None) => Said::End,
                Following::Break(Some(event)) => match event {
                    Event::Change(change) => {
                        if self.state == State::Fresh {
                            self.state = State::Snapshot {
                                lsn: 0,
                                rows: 0,
                                bare: true,
                            };
                            let started = Checkpoint {
                                fingerprint: self.end.fingerprint,
                                ..Checkpoint::snapshot(0)
                            };
                            // Its end has to be told even where an earlier snapshot ended at the same position.
                            self.announced = None;
                            self.pending.push_back(Delivery::SnapshotStarted {
                                at: started,
                                estimated_rows: None,
                            });
                        }
                        if let Some(at) = self
                            .state
                            .next_change(matches!(change, Change::Insert { .. }))?
                        {
                            self.open.append(&change, at)?;
                        }
                        Said::Change
                    }
                    Event::Begin { lsn } => Said::Begin(lsn),
                    Event::Commit => Said::Commit,
                    Event::SnapshotStarted { lsn } => Said::SnapshotStarted(lsn),
                    Event::SnapshotDone { lsn } => Said::SnapshotDone(lsn),
                    Event::Truncate { table } => Said::Truncate(table),
                    Event::SchemaChanged {
                        table,
                        change,
                        what,
                    } => Said::SchemaChanged(table, change, what),
                    Event::Idle { reached } => Said::Idle(reached),
                },
            }
        };
        if !matches!(said, Said::Change) {
            self.open.ends_inserts();
        }
        match said {
            Said::Change => self.changed(hungry),
            Said::Begin(lsn) => self.begin(lsn)?,
            Said::Commit => self.commit(hungry)?,
            Said::SnapshotStarted(lsn) => self.snapshot_started(lsn)?,
            Said::SnapshotDone(lsn) => self.snapshot_done(lsn)?,
            Said::Truncate(table) => self.truncate(table)?,
            Said::SchemaChanged(table, change, what) => self.schema_changed(table, change, what)?,
            Said::Idle(reached) => {
                self.idle(reached, hungry);
                return Ok(true);
            }
            Said::End => self.stream_ended()?,
        }
        Ok(false)
    }

    /// Closes the batch when it is full, or when the consumer waits for rows of a snapshot.
    #[inline]
    fn changed(&mut self, hungry: &impl Fn() -> bool) {
        let full = self.open.byte_size() >= self.bounds.batch_bytes;
        let wanted = || {
            matches!(self.state, State::Snapshot { .. })
                && self.open.rows().is_multiple_of(ROWS_TO_THE_HUNGRY)
                && self.open.byte_size() >= self.worth
                && hungry()
        };
        if full || wanted() {
            self.flush();
            self.worth = BYTES_TO_THE_HUNGRY;
        }
    }

    fn begin(&mut self, lsn: u64) -> Result<()> {
        let open = match self.state {
            State::Fresh | State::Between { .. } | State::Ended => None,
            State::Transaction { .. } => Some("the one before it was committed"),
            State::Snapshot { bare: false, .. } => Some("the snapshot was done"),
            State::Snapshot { bare: true, .. } => {
                return Err(Error::protocol(format!(
                    "transaction {lsn} began after rows outside a snapshot"
                ))
                .with_help("a stream that follows changes sends `SnapshotStarted` before the rows of a snapshot"));
            }
        };
        if let Some(open) = open {
            return Err(Error::protocol(format!(
                "transaction {lsn} began before {open}"
            )));
        }
        if self.bounds.until == Until::Snapshot {
            return Err(
                Error::config("the source takes no snapshot: it tells of changes only")
                    .with_help("read its changes instead"),
            );
        }
        let skip = match self.replay.take() {
            Some((expected, skip)) if expected == lsn => skip,
            Some((expected, _)) => {
                return Err(Error::position_lost(expected, Some(lsn)));
            }
            None => 0,
        };
        if lsn <= self.last {
            return Err(Error::protocol(format!(
                "transaction {lsn} follows position {}: positions must increase",
                self.last
            )));
        }
        self.state = State::Transaction { lsn, seq: 0, skip };
        Ok(())
    }

    fn commit(&mut self, hungry: &impl Fn() -> bool) -> Result<()> {
        let State::Transaction { lsn, seq, skip } = self.state else {
            return Err(Error::protocol("a commit arrived outside a transaction"));
        };
        if seq < skip {
            return Err(Error::protocol(format!(
                "transaction {lsn} was stored up to change {skip}, and was replayed with {seq} changes"
            )));
        }
        self.last = lsn;
        self.state = State::Between { following: true };
        self.reached(lsn, seq);
        self.open.note_commit(&self.end);
        // Where all changes are delivered, no batch says that the transaction is complete.
        let untold = std::mem::take(&mut self.cut) && self.open.is_empty();
        if untold || (hungry() && !self.gathers()) {
            self.flush();
            self.announce();
            self.gathered = 0;
        }
        self.stop_at(lsn);
        Ok(())
    }

    /// Whether a consumer that waits is given more at once, since more is here already.
    fn gathers(&mut self) -> bool {
        self.gathered += 1;
        let enough = self.open.rows().max(self.gathered) >= ROWS_TO_THE_HUNGRY;
        !enough && self.stream.is_ready()
    }

    fn snapshot_started(&mut self, lsn: u64) -> Result<()> {
        if self.state != State::Fresh {
            return Err(Error::protocol(
                "a snapshot was started in the middle of the stream",
            ));
        }
        self.replay = None;
        self.worth = 0;
        self.state = State::Snapshot {
            lsn,
            rows: 0,
            bare: false,
        };
        let at = Checkpoint {
            fingerprint: self.end.fingerprint,
            ..Checkpoint::snapshot(lsn)
        };
        let estimated_rows = self.stream.estimated_rows();
        // Its end has to be told even where an earlier snapshot ended at the same position.
        self.announced = None;
        self.pending
            .push_back(Delivery::SnapshotStarted { at, estimated_rows });
        Ok(())
    }

    fn snapshot_done(&mut self, lsn: u64) -> Result<()> {
        match self.state {
            State::Snapshot {
                lsn: started,
                bare: false,
                ..
            } if started == lsn => self.end_snapshot(lsn),
            State::Snapshot {
                lsn: started,
                bare: false,
                ..
            } => {
                return Err(Error::protocol(format!(
                    "the snapshot at {started} was said to be done at {lsn}"
                )));
            }
            _ => {
                return Err(Error::protocol(
                    "the end of a snapshot arrived, and none was started",
                ));
            }
        }
        self.stop_at(lsn);
        Ok(())
    }

    fn end_snapshot(&mut self, lsn: u64) {
        self.flush();
        self.last = lsn;
        self.state = State::Between { following: false };
        self.reached(lsn, 0);
        self.announce();
    }

    fn truncate(&mut self, place: usize) -> Result<()> {
        let State::Transaction { lsn, seq, skip } = self.state else {
            return Err(Error::protocol(
                "a truncate arrived outside a transaction: send `Begin` before it",
            ));
        };
        let at = seq + 1;
        let selected = if at > skip {
            self.open.selected(place)?
        } else {
            None
        };
        // What comes before it ends before it.
        if selected.is_some() {
            self.flush();
        }
        self.state = State::Transaction { lsn, seq: at, skip };
        if let Some(table) = selected {
            let end = Checkpoint {
                lsn,
                seq: at,
                complete: false,
                ..self.end.clone()
            };
            self.cut = true;
            self.pending.push_back(Delivery::Truncate { table, end });
        }
        Ok(())
    }

    /// A table has columns that nobody asked for, although all were: the change came just before the stream did.
    pub(crate) fn has_more_columns(&mut self, table: &SelectedTable) -> Result<()> {
        let read = |place: &usize| table.columns.contains(place);
        let more: Vec<String> = (table.info.columns.iter().enumerate())
            .filter(|(place, _)| !read(place))
            .map(|(_, column)| column.described())
            .collect();
        if more.is_empty() {
            return Ok(());
        }
        let what = format!(
            "table `{}` has columns that are not read: {}",
            table.info.full_name(),
            more.join(", ")
        );
        self.schema_changed(table.place, SchemaChange::Additive, what)
    }

    #[cold]
    fn schema_changed(&mut self, place: usize, change: SchemaChange, what: String) -> Result<()> {
        let drift = |help: &str| Error::new(ErrorKind::Drift, &*what).with_help(help);
        if change == SchemaChange::Breaking {
            return Err(drift(ANEW));
        }
        let Some(table) = self.open.selected(place)? else {
            return Ok(());
        };
        let policy = self.bounds.schema_change.get(table).copied().flatten();
        if change == SchemaChange::Wider && policy != Some(OnSchemaChange::Evolve) {
            return Err(drift(match policy {
                Some(_) => {
                    "set `schema_change` of the source to `evolve` to take the wider type on"
                }
                None => ANEW,
            }));
        }
        let ends = match policy {
            None => return Ok(()),
            Some(OnSchemaChange::Freeze) => {
                return Err(drift(
                    "`schema_change` of the source is `freeze`: set it to `evolve` to take the column on, or to `ignore` to pass it over",
                ));
            }
            Some(OnSchemaChange::Ignore) => false,
            Some(OnSchemaChange::Evolve) => true,
        };
        if ends {
            self.flush_whole();
            self.state = State::Ended;
        }
        let end = Checkpoint {
            complete: false,
            ..self.end.clone()
        };
        self.pending.push_back(Delivery::SchemaChanged {
            table,
            what,
            ends,
            end,
        });
        Ok(())
    }

    fn idle(&mut self, reached: Option<u64>, hungry: &impl Fn() -> bool) {
        match self.state {
            State::Fresh | State::Between { .. } => self.state = State::Between { following: true },
            State::Snapshot { .. } | State::Transaction { .. } | State::Ended => {
                if hungry() {
                    self.flush();
                }
                return;
            }
        }
        if let Some(lsn) = reached.filter(|lsn| *lsn > self.last) {
            self.last = lsn;
            self.reached(lsn, 0);
        }
        self.flush();
        self.announce();
        match self.bounds.until {
            Until::Position(_) if reached.is_some() => self.stop_at(self.last),
            Until::Position(position) if self.last >= position => self.state = State::Ended,
            Until::CaughtUp | Until::Snapshot => self.state = State::Ended,
            _ => {}
        }
    }

    fn stream_ended(&mut self) -> Result<()> {
        match self.state {
            State::Fresh if !self.resumed => {
                // An empty bounded snapshot.
                self.snapshot_started(0)?;
                self.end_snapshot(0);
            }
            State::Snapshot { bare: true, .. } => self.end_snapshot(0),
            State::Between { following: false } => {}
            _ if self.bounds.cancellation.is_cancelled() => {}
            State::Snapshot { .. } => {
                return Err(Error::protocol(
                    "the stream ended before its snapshot was done",
                ));
            }
            _ => {
                return Err(Error::protocol("the change stream ended; a stream that follows changes never does")
                    .with_help("a stream that has nothing to tell gives `Idle`; one that failed gives an error"));
            }
        }
        self.flush();
        self.state = State::Ended;
        Ok(())
    }

    fn stop_at(&mut self, reached: u64) {
        let there = match self.bounds.until {
            Until::Position(position) => reached >= position,
            // Only the end of a snapshot comes here: there are no transactions.
            Until::Snapshot => true,
            Until::Stopped | Until::CaughtUp => false,
        };
        if there {
            self.flush();
            self.announce();
            self.state = State::Ended;
        }
    }

    /// Notes that everything up to here was taken from the stream.
    fn reached(&mut self, lsn: u64, seq: u64) {
        let state = self.stream.state();
        if self.end.state != state {
            state.clone_into(&mut self.end.state);
        }
        self.end.phase = Phase::Changes;
        self.end.lsn = lsn;
        self.end.seq = seq;
        self.end.complete = true;
    }

    /// Puts the open batch among what is to be delivered.
    fn flush(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let batch = match self.state {
            State::Snapshot { lsn, rows, .. } => {
                let end = Checkpoint {
                    lsn,
                    seq: rows,
                    phase: Phase::Snapshot,
                    complete: false,
                    ..self.end.clone()
                };
                self.open.take(Phase::Snapshot, end)
            }
            State::Transaction { lsn, seq, .. } => {
                self.cut = true;
                let end = Checkpoint {
                    lsn,
                    seq,
                    phase: Phase::Changes,
                    complete: false,
                    ..self.end.clone()
                };
                self.open.take(Phase::Changes, end)
            }
            _ => {
                self.announced = Some(self.end.clone());
                self.open.take(self.end.phase, self.end.clone())
            }
        };
        self.pending.push_back(Delivery::Batch(batch));
    }

    /// Says how far the stream has come, unless the consumer knows.
    fn announce(&mut self) {
        if !self.end.complete || self.announced.as_ref() == Some(&self.end) {
            return;
        }
        self.announced = Some(self.end.clone());
        self.pending.push_back(Delivery::Reached(self.end.clone()));
    }
}
