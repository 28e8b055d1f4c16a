//! The stream of a file: a snapshot in one read transaction, then the log, group by group.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use connector_core::ingest::{Following, LentInserts, SnapshotPart};
use connector_core::prelude::*;
use connector_core::{Cancellation, Change, ErrorKind, SelectedTable, failpoint};

use super::drift::{Changed, Columns, breaking};
use super::file::OpenFile;
use super::pages::FewPages;
use super::parts::{Company, Joined};
use super::row::{Handle, ImagePlan, SqliteRow, TablePlan};
use super::rows::{Pushing, TableRows};
use crate::capture::{self, Changes, DataVersion, Log, Operation, Snapshot};
use crate::connect::{Patience, retry};

/// How long to wait for a commit before saying that there is nothing to tell.
const IDLE: Duration = Duration::from_millis(400);

/// While a group is read, the end of the log is looked at so often, and not before so many changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: usize = 1024;

/// How often a snapshot is begun anew because someone committed in the microseconds in which others joined it. After that it
/// is read by one connection.
const ATTEMPTS: usize = 8;

/// The stream of one file.
#[derive(Debug)]
pub(super) struct SqliteStream {
    handle: Handle,
    /// The names of all tables, in the order of the catalog.
    places: Vec<String>,
    selected: Vec<SelectedTable>,
    plans: Vec<TablePlan>,
    /// Whether the file has a change log, whose positions the snapshot is given by.
    captured: bool,
    stage: Stage,
    follow: Option<Follow>,
    /// Written into every checkpoint: the incarnation of the log, the end of the last group, and that end's token.
    state: String,
    reader: String,
    cancellation: Cancellation,
    /// Who may read the snapshot beside this connection.
    company: Company,
    file: OpenFile,
}

#[derive(Debug)]
enum Stage {
    /// Nothing was read yet.
    Start,
    /// Rows of a snapshot: of the table at this place.
    Snapshot {
        snapshot: Snapshot<Handle>,
        lsn: u64,
        table: usize,
        rows: Option<TableRows>,
        _pages: Option<FewPages<Handle>>,
        /// Further connections that see the same.
        joined: Joined,
    },
    /// The log is followed; a group is read, or the next is waited for.
    Following,
    /// A snapshot was all there is.
    Ended,
}

/// What following the log needs.
#[derive(Debug)]
struct Follow {
    handle: Handle,
    file: OpenFile,
    /// The schema that the selected tables' columns were compared with.
    schema_version: i64,
    columns: Columns,
    log: Log<Handle>,
    wake: DataVersion<Handle>,
    /// Where the images of each captured table have the selected columns; made when its first row comes.
    images: BTreeMap<i64, Option<ImagePlan>>,
    position: u64,
    group: Option<Group>,
    /// Whether it was said that there is nothing more to tell.
    told: bool,
    /// How many images were read, and when the end of the log was looked at last, while a group is read.
    read: usize,
    looked: Instant,
    reader: String,
}

#[derive(Debug)]
struct Group {
    end: u64,
    rows: Changes<Handle>,
    /// A second cursor, for the old image of an update.
    old: Changes<Handle>,
}

impl Group {
    /// Lets go of the read locks; the next row is read under new ones.
    fn release(&mut self) -> Result<()> {
        self.rows.release()?;
        self.old.release()
    }
}

/// What comes next; where it has a row, the cursors stand on it.
enum Next {
    SnapshotStarted(u64),
    SnapshotRow,
    SnapshotDone(u64),
    Begin(u64),
    Insert(i64),
    Update(i64),
    Delete(i64),
    Commit,
    SchemaChanged(Changed),
    Idle(u64),
    End,
}

impl SqliteStream {
    pub(super) fn open(
        handle: Handle,
        file: OpenFile,
        company: Company,
        request: &ChangeRequest,
        captured: bool,
        largest_group: Option<u64>,
    ) -> Result<Self> {
        let mut stream = Self {
            handle,
            places: request.places().to_vec(),
            plans: request.tables().iter().map(TablePlan::new).collect(),
            selected: request.tables().to_vec(),
            captured,
            stage: Stage::Start,
            follow: None,
            state: String::new(),
            reader: request.reader().to_owned(),
            cancellation: request.cancellation().clone(),
            company,
            file,
        };
        // Who takes a snapshot alone is no reader of the log: the log would keep all that comes, for nobody.
        if !captured || request.snapshot_only() {
            return Ok(stream);
        }
        let cancellation = request.cancellation().clone();
        let cancelled = || cancellation.is_cancelled();
        let patience = Patience::default().unless(&cancelled);
        let stored = request
            .checkpoint()
            .map(|checkpoint| Stored::parse(&checkpoint.state))
            .transpose()?;
        let (position, stored) = match (request.from(), stored) {
            (StartFrom::Start, _) => (None, None),
            (StartFrom::After { lsn }, stored) => (Some(lsn), stored),
            (StartFrom::Within { .. }, Some(stored)) => (Some(stored.position), Some(stored)),
            (StartFrom::Within { lsn }, None) => {
                return Err(Error::new(
                    ErrorKind::PositionLost,
                    format!("where group {lsn} of the change log begins is kept in the checkpoint, and there is none"),
                )
                .with_help("resume with the whole checkpoint, or let `dozer app reset` take a new snapshot"));
            }
        };
        let followed = request.tables().iter().filter(|table| {
            table.info.tracking != connector_core::ReplicationChangesTrackingType::Nothing
        });
        let names: Vec<&str> = followed
            .map(|table| table.info.table_name.as_str())
            .collect();
        let incarnation = stored.as_ref().map(|stored| stored.incarnation.as_str());
        let mut log = retry(patience, || {
            Log::open(stream.handle.clone(), incarnation, &names)
        })?
        .with_largest_group(largest_group);
        if let Some(stored) = &stored
            && let Some(token) = &stored.token
        {
            log.check_token(stored.position, token, patience)?;
        }
        // Before the first row: what it has in a column that was added must not be older than the images that follow.
        log.renew(patience)?;
        // Known as a reader before the snapshot: from here on the log keeps what comes after it.
        capture::register_reader(&stream.handle, &stream.reader, patience)?;
        let wake = retry(patience, || DataVersion::watch(stream.handle.clone()))?;
        stream.follow = Some(Follow {
            handle: stream.handle.clone(),
            file: stream.file.clone(),
            schema_version: -1,
            columns: Columns::default(),
            log,
            wake,
            images: BTreeMap::new(),
            position: position.unwrap_or(0),
            group: None,
            told: false,
            read: 0,
            looked: Instant::now(),
            reader: stream.reader.clone(),
        });
        if position.is_some() {
            stream.stage = Stage::Following;
            stream.remember()?;
        }
        Ok(stream)
    }

    /// Notes the end of the last group for the next checkpoint.
    fn remember(&mut self) -> Result<()> {
        if let Some(follow) = &self.follow {
            let cancelled = || self.cancellation.is_cancelled();
            let patience = Patience::default().unless(&cancelled);
            let position = follow.position;
            let token = follow.log.token(position, patience)?;
            self.state = format!("{} {position} {token}", follow.log.incarnation());
        }
        Ok(())
    }

    /// Begins the snapshot, with further connections that see the same, where there is much to read.
    fn begin(&self) -> Result<(Snapshot<Handle>, Joined)> {
        let cancelled = || self.cancellation.is_cancelled();
        let patience = Patience::default().unless(&cancelled);
        let begin = || retry(patience, || Snapshot::begin(self.handle.clone()));
        for _ in 0..ATTEMPTS {
            let gathered = self.company.gather(&self.file);
            if gathered.is_empty() {
                break;
            }
            let snapshot = begin()?;
            if let Some(joined) = gathered.join() {
                return Ok((snapshot, joined));
            }
        }
        Ok((begin()?, Joined::default()))
    }

    /// Goes on to what comes next.
    fn advance(&mut self) -> Result<Next> {
        match &mut self.stage {
            Stage::Start => {
                let (snapshot, joined) = self.begin()?;
                if let Some(follow) = &mut self.follow {
                    // A column that came after the tables were looked at is in no row of this snapshot.
                    let changed =
                        (follow.columns).changed(snapshot.connection(), &self.selected)?;
                    if let Some(changed) = changed {
                        return Ok(Next::SchemaChanged(changed));
                    }
                }
                let lsn = match snapshot.lsn() {
                    Some(lsn) if self.captured => lsn,
                    None if self.follow.is_some() => {
                        return Err(Error::source("the change log is gone")
                            .with_help("`dozer migrate` installs the capture again"));
                    }
                    _ => 0,
                };
                failpoint::pass("sqlite_source.snapshot.begun")?;
                self.stage = Stage::Snapshot {
                    _pages: FewPages::keep(
                        &self.handle,
                        self.selected.iter().map(|table| &*table.info),
                    )?,
                    snapshot,
                    lsn,
                    table: 0,
                    rows: None,
                    joined,
                };
                Ok(Next::SnapshotStarted(lsn))
            }
            Stage::Snapshot {
                snapshot,
                lsn,
                table,
                rows,
                ..
            } => loop {
                if next_row(rows, table)? {
                    return Ok(Next::SnapshotRow);
                }
                if let Some(selected) = self.selected.get(*table) {
                    let cancelled = || self.cancellation.is_cancelled();
                    let patience = Patience::default().unless(&cancelled);
                    *rows = Some(retry(patience, || {
                        TableRows::all(snapshot.handle(), selected)
                    })?);
                    continue;
                }
                let lsn = *lsn;
                self.stage = if let Some(follow) = &mut self.follow {
                    follow.position = lsn;
                    Stage::Following
                } else {
                    Stage::Ended
                };
                failpoint::pass("sqlite_source.snapshot.read")?;
                self.remember()?;
                failpoint::pass("sqlite_source.snapshot.handed_over")?;
                return Ok(Next::SnapshotDone(lsn));
            },
            Stage::Following => {
                let Some(follow) = &mut self.follow else {
                    return Ok(Next::End);
                };
                let next = follow.advance(&self.selected, &self.cancellation)?;
                match next {
                    Next::Insert(table) | Next::Update(table) | Next::Delete(table) => {
                        self.plan(table)?;
                    }
                    Next::Commit => {
                        failpoint::pass("sqlite_source.group.read")?;
                        self.remember()?;
                    }
                    _ => {}
                }
                Ok(next)
            }
            Stage::Ended => Ok(Next::End),
        }
    }

    /// What comes next as an event, with the row that the cursors stand on. None: the end.
    fn event(&self, next: Next) -> Option<Event<SqliteRow<'_>>> {
        Some(match next {
            Next::SnapshotStarted(lsn) => Event::SnapshotStarted { lsn },
            Next::SnapshotRow => Event::Change(Change::Insert {
                new: self.snapshot_row(),
            }),
            Next::SnapshotDone(lsn) => Event::SnapshotDone { lsn },
            Next::Begin(lsn) => Event::Begin { lsn },
            Next::Insert(table) => Event::Change(Change::Insert {
                new: self.image(table, false),
            }),
            Next::Delete(table) => Event::Change(Change::Delete {
                old: self.image(table, false),
            }),
            Next::Update(table) => Event::Change(Change::Update {
                old: Some(self.image(table, true)),
                new: self.image(table, false),
            }),
            Next::Commit => Event::Commit,
            Next::SchemaChanged(Changed {
                table,
                change,
                what,
            }) => Event::SchemaChanged {
                table,
                change,
                what,
            },
            Next::Idle(reached) => Event::Idle {
                reached: Some(reached),
            },
            Next::End => return None,
        })
    }

    /// The row that the snapshot's statement stands on.
    fn snapshot_row(&self) -> SqliteRow<'_> {
        match &self.stage {
            Stage::Snapshot {
                table,
                rows: Some(rows),
                ..
            } => (self.plans.get(*table)).map_or(SqliteRow::Unselected, |plan| rows.row(plan)),
            _ => SqliteRow::Unselected,
        }
    }

    /// The image that the log's cursor stands on; `old` for the cursor of old images.
    fn image(&self, table: i64, old: bool) -> SqliteRow<'_> {
        let Some(follow) = &self.follow else {
            return SqliteRow::Unselected;
        };
        let (Some(Some(image)), Some(group)) = (follow.images.get(&table), &follow.group) else {
            return SqliteRow::Unselected;
        };
        let Some(plan) = self.plans.get(image.table) else {
            return SqliteRow::Unselected;
        };
        let changes = if old { &group.old } else { &group.rows };
        SqliteRow::Image {
            plan,
            image,
            values: changes.image(),
        }
    }

    /// Pushes the images of inserts that follow one of this table, as long as they are of it and there is room for them.
    fn lend_images(&mut self, table: i64, inserts: &mut LentInserts<'_>) -> Result<()> {
        if let Some(follow) = &mut self.follow
            && let Some(group) = &mut follow.group
            && let Some(Some(image)) = follow.images.get(&table)
            && let Some(plan) = self.plans.get(image.table)
            && inserts.has_room()
        {
            let mut pushing = Pushing::new(inserts);
            let read = &mut follow.read;
            let lent = group.rows.lend_inserts(|values| {
                *read += 1;
                pushing.push(&SqliteRow::Image {
                    plan,
                    image,
                    values,
                })
            });
            pushing.outcome(lent)?;
        }
        Ok(())
    }

    /// Makes the plan of a captured table's images when its first row comes.
    fn plan(&mut self, number: i64) -> Result<()> {
        let Some(follow) = &mut self.follow else {
            return Ok(());
        };
        if follow.images.contains_key(&number) {
            return Ok(());
        }
        let plan = match follow.log.tables().get(&number) {
            None => None,
            Some(captured) => {
                let named = |name: &str| name.eq_ignore_ascii_case(&captured.name);
                let place = self.places.iter().position(|name| named(name));
                let selected = self
                    .selected
                    .iter()
                    .position(|table| Some(table.place) == place);
                let selected = selected.and_then(|place| Some((place, self.selected.get(place)?)));
                selected
                    .map(|(place, selected)| ImagePlan::new(place, selected, captured))
                    .transpose()?
            }
        };
        follow.images.insert(number, plan);
        Ok(())
    }
}

impl Follow {
    fn advance(&mut self, selected: &[SelectedTable], cancellation: &Cancellation) -> Result<Next> {
        let cancelled = || cancellation.is_cancelled();
        let patience = Patience::default().unless(&cancelled);
        let Some(group) = &mut self.group else {
            return self.look(selected, patience, &cancelled);
        };
        self.read += 1;
        if self.read >= BETWEEN_LOOKS {
            self.read = 0;
            if self.looked.elapsed() >= LOOK_EVERY {
                self.looked = Instant::now();
                group.release()?;
                self.log.note_end()?;
            }
        }
        loop {
            let Some(operation) = retry(patience, || group.rows.step())? else {
                self.position = group.end;
                self.group = None;
                return Ok(Next::Commit);
            };
            let table = group.rows.table_number();
            match operation {
                Operation::Insert => return Ok(Next::Insert(table)),
                Operation::Delete => return Ok(Next::Delete(table)),
                // What follows is the new image; the old one is read again, by the second cursor.
                Operation::Started | Operation::UpdateOld => {}
                Operation::UpdateNew => {
                    let at = group.rows.at();
                    group.old.seek(at.saturating_sub(2))?;
                    let found = retry(patience, || group.old.step())?;
                    if found != Some(Operation::UpdateOld) {
                        return Err(Error::source(format!(
                            "the change log lacks the old image of the update at {at}"
                        ))
                        .with_help(
                            "`dozer connector clean` removes the capture, `dozer migrate` installs it again, and `dozer app reset` takes a new snapshot",
                        ));
                    }
                    return Ok(Next::Update(table));
                }
            }
        }
    }

    /// Looks for the next group; waits for a commit when there is none.
    fn look(
        &mut self,
        selected: &[SelectedTable],
        patience: Patience<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Next> {
        self.file.check()?;
        let mut boundary = self.log.next_boundary(self.position, patience)?;
        while self.schema_version != self.log.schema_version() {
            if let Some(changed) = retry(patience, || breaking(&self.handle, selected))? {
                return Ok(Next::SchemaChanged(changed));
            }
            // What was written since the change is told before the first image that has the new columns.
            if self.log.renew(patience)? {
                boundary = self.log.next_boundary(self.position, patience)?;
                continue;
            }
            if let Some(changed) = retry(patience, || self.columns.added(&self.handle, selected))? {
                return Ok(Next::SchemaChanged(changed));
            }
            self.schema_version = self.log.schema_version();
        }
        if let Some(end) = boundary {
            let rows = self.log.changes(self.position, end)?;
            let old = self.log.changes(self.position, end)?;
            self.images
                .retain(|number, _| self.log.tables().contains_key(number));
            self.group = Some(Group { end, rows, old });
            self.told = false;
            return Ok(Next::Begin(end));
        }
        // Who has just caught up should know at once: the wait comes after.
        if std::mem::replace(&mut self.told, true) {
            self.wake.wait(IDLE, cancelled)?;
        }
        Ok(Next::Idle(self.position))
    }
}

/// Goes to the next row of the table that is read. `false`: none is read, or its rows are done, and `table` is the next.
fn next_row(rows: &mut Option<TableRows>, table: &mut usize) -> Result<bool> {
    let Some(statement) = rows else {
        return Ok(false);
    };
    if statement.step()? {
        return Ok(true);
    }
    *rows = None;
    *table += 1;
    Ok(false)
}

impl ChangeStream for SqliteStream {
    type Row<'a> = SqliteRow<'a>;

    fn next_event(&mut self) -> Result<Option<Event<SqliteRow<'_>>>> {
        let next = self.advance()?;
        Ok(self.event(next))
    }

    const LENDS_INSERTS: bool = true;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<SqliteRow<'_>>> {
        while inserts.has_room() {
            // Of the rows of a snapshot there are many.
            if let Stage::Snapshot { rows, table, .. } = &mut self.stage
                && let Some(plan) = self.plans.get(*table)
                && let Some(reading) = rows
            {
                if reading.lend(plan, &mut inserts)? {
                    continue;
                }
                *rows = None;
                *table += 1;
            }
            match self.advance()? {
                Next::SnapshotRow => inserts.push(&self.snapshot_row())?,
                Next::Insert(table) => {
                    inserts.push(&self.image(table, false))?;
                    self.lend_images(table, &mut inserts)?;
                }
                next => return Ok(Following::Break(self.event(next))),
            }
        }
        Ok(Following::Continue(()))
    }

    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        let Stage::Snapshot {
            snapshot,
            table,
            joined,
            ..
        } = &mut self.stage
        else {
            return Ok(Vec::new());
        };
        let parts = std::mem::take(joined).parts(snapshot.connection(), &self.selected)?;
        if !parts.is_empty() {
            // All rows are in the parts: this connection has only the end of the snapshot to tell.
            *table = self.selected.len();
        }
        Ok(parts)
    }

    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        self.keep_alive()?;
        let cancellation = self.cancellation.clone();
        let cancelled = || cancellation.is_cancelled();
        match &self.follow {
            Some(follow) => {
                let patience = Patience::default().unless(&cancelled);
                capture::confirm(&self.handle, &follow.reader, durable.lsn, patience).map(drop)
            }
            None => Ok(()),
        }
    }

    fn keep_alive(&mut self) -> Result<()> {
        // A slow sink must not hold up the file's writers: the read locks of a group are let go of.
        if let Some(group) = self
            .follow
            .as_mut()
            .and_then(|follow| follow.group.as_mut())
        {
            group.release()?;
        }
        Ok(())
    }

    fn state(&self) -> &str {
        &self.state
    }
}

/// The state in a checkpoint: the incarnation of the log, the end of the last whole group, and that end's token, which
/// earlier versions did not write.
struct Stored {
    incarnation: String,
    position: u64,
    token: Option<String>,
}

impl Stored {
    fn parse(state: &str) -> Result<Self> {
        let mut words = state.split(' ');
        let mut parts = || {
            Some(Self {
                incarnation: words.next()?.to_owned(),
                position: words.next()?.parse().ok()?,
                token: words.next().map(str::to_owned),
            })
        };
        parts().ok_or_else(|| {
            Error::new(
                ErrorKind::PositionLost,
                "the checkpoint is not one of a followed SQLite file",
            )
            .with_help("was `capture` turned on since? take a new snapshot: `dozer app reset`")
        })
    }
}
