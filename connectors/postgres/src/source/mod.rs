//! Postgres as a source: the catalog as tables, checks, setting up and taking down what following changes needs.

mod begin;
mod database;
mod fingerprint;
mod following;
mod place;
mod published;
mod reader;
mod relations;
mod row;
mod state;
mod stream;
mod target;
mod tuple;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use connector_core::prelude::*;
use connector_core::validation::Finding;
use connector_core::{ByteSize, ErrorKind, Replay};

use self::begin::{Exported, with_slot, without_slot};
pub(crate) use self::database::SeenDatabase;
use self::database::{Database, is_of};
use self::following::Following;
use self::place::Place;
use self::published::Entries;
pub(crate) use self::row::{PostgresRow, TablePlan};
use self::state::Stored;
use self::stream::{Beginning, PostgresStream};
use self::target::Target;
use crate::catalog::{self, Publication, Relation, ServerFacts, StoredTable};
use crate::checks::{Wanted, check_reading, check_server, findings, lag};
use crate::lsn::Lsn;
use crate::settings::{Capture, Postgres, Settings, SnapshotSplit};
use crate::slot::{self, LagLimits, LagWatch, SlotState, Watched};
use crate::snapshot::{Copied, Jobs, KeyColumn, Keyed, PIECE, by_key, by_pages, jobs};
use crate::types::TypeOptions;
use crate::wire::{Connection, Mode};

/// The connections of a snapshot, unless it is said.
const CONNECTIONS: u16 = 4;
/// Since this version a stretch of a table is found by its pages, without reading the rest.
const PAGE_RANGES: u32 = 140_000;
/// How much log may be kept before that is worth a warning, unless it is said.
const SLOT_LAG: ByteSize = ByteSize::new(1 << 30);
/// How often a run asks how much log is kept, unless it is said.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How much log of a backlog is read by SQL at a time, unless it is said.
const BACKLOG_PIECE: ByteSize = ByteSize::new(16 << 20);
/// A table that had one such part of a piece when it was counted last is not worth another look at its size.
const SMALL: u64 = 16;
/// Bytes of a page.
const PAGE: u64 = 8192;
/// Since this version changes can be sent in binary form.
const BINARY_CHANGES: u32 = 140_000;

/// A connection, and what was asked over it.
struct Opened {
    settings: Settings,
    connection: Connection,
    facts: ServerFacts,
    database: Database,
}

impl Postgres {
    fn open(&self) -> Result<(Settings, Connection)> {
        let settings = self.settings()?;
        let connection = Connection::open(&settings, Mode::Query)?;
        Ok((settings, connection))
    }

    fn follows(&self) -> bool {
        self.capture == Capture::Replication
    }

    fn type_options(&self) -> TypeOptions {
        TypeOptions {
            numeric_as_text: self.numeric_as_text,
        }
    }

    fn database(
        &self,
        connection: &mut Connection,
        wanted: Option<&[TableInfo]>,
    ) -> Result<Database> {
        let read = Database::read(connection, self.type_options(), self.follows(), wanted);
        Ok(read?)
    }

    /// A connection, if `kept` still is one, then that; and what the server says of itself now.
    fn open_again(&self, kept: Option<Connection>) -> Result<(Settings, Connection, ServerFacts)> {
        if let Some(mut connection) = kept
            && let Ok(facts) = ServerFacts::read(&mut connection)
        {
            return Ok((self.settings()?, connection, facts));
        }
        let (settings, mut connection) = self.open()?;
        let facts = ServerFacts::read(&mut connection)?;
        Ok((settings, connection, facts))
    }

    /// A connection, and what the database holds of these tables: what was read when they were asked for, if that was just now.
    fn open_seen<'t>(&self, tables: impl Iterator<Item = &'t TableInfo> + Clone) -> Result<Opened> {
        let (database, kept) = self.seen.take().unzip();
        let (settings, mut connection, facts) = self.open_again(kept.flatten())?;
        check_reading(&facts)?;
        let serves = |database: &Database| {
            database.serves(self.type_options(), self.follows(), tables.clone())
        };
        let database = if let Some(database) = database.filter(serves) {
            database
        } else {
            let wanted: Vec<TableInfo> = tables.cloned().collect();
            self.database(&mut connection, Some(&wanted))?
        };
        Ok(Opened {
            settings,
            connection,
            facts,
            database,
        })
    }

    fn slot_name(&self, reader: &str, settings: &Settings) -> String {
        self.slot
            .clone()
            .unwrap_or_else(|| slot::derived(reader, settings.database()))
    }

    fn publication_name(&self, reader: &str) -> String {
        self.publication
            .clone()
            .unwrap_or_else(|| slot::derived(reader, ""))
    }

    fn reader(&self) -> &str {
        self.reader.as_deref().unwrap_or("default")
    }

    fn watch(&self, target: &Target, request: &ChangeRequest) -> Result<LagWatch> {
        LagWatch::start(Watched {
            settings: target.settings.clone(),
            slot: target.slot.clone(),
            limits: self.lag_limits(),
            every: self.slot_lag_interval.unwrap_or(ASK_EVERY),
            notices: request.notices().clone(),
            also: Box::new({
                let published = target.published.clone();
                move |connection| Ok(published.now(connection)?.still(&published))
            }),
        })
    }

    fn lag_limits(&self) -> LagLimits {
        LagLimits {
            warning: self.slot_lag_warning.unwrap_or(SLOT_LAG),
            stop: self.slot_lag_limit,
        }
    }

    /// The publication, made or widened where it is this connector's own.
    fn published(
        &self,
        connection: &mut Connection,
        name: &str,
        relations: &[&Relation],
    ) -> Result<(Publication, Vec<String>)> {
        let existing = Publication::read(connection, name)?;
        let followed: Vec<&Relation> = relations
            .iter()
            .copied()
            .filter(|relation| relation.kind.can_be_followed())
            .collect();
        if self.publication.is_none() && !followed.is_empty() {
            let done = slot::publish(connection, name, existing.as_ref(), &followed)?;
            let now = match existing {
                Some(existing) if done.is_empty() => Some(existing),
                _ => Publication::read(connection, name)?,
            };
            return match now {
                Some(publication) => Ok((publication, done)),
                None => Err(Error::source(format!(
                    "publication `{name}` was dropped a moment after it was made"
                ))
                .transient()),
            };
        }
        let publication = existing.ok_or_else(|| {
            Error::source(format!("there is no publication `{name}`")).with_help(format!(
                "let the owner of the tables run: {};",
                slot::create_publication(name, &followed, connection.server_version())
            ))
        })?;
        Ok((publication, Vec::new()))
    }

    fn target(
        &self,
        request: &ChangeRequest,
        settings: &Settings,
        publication: &Publication,
        (relations, plans): (&[u32], &[TablePlan]),
        place: &Place,
        connection: &mut Connection,
    ) -> Result<Target> {
        let published = Entries::read(connection, &publication.name, relations)?;
        Ok(Target {
            settings: settings.clone(),
            slot: self.slot_name(request.reader(), settings),
            publication: publication.name.clone(),
            binary: connection.server_version() >= BINARY_CHANGES
                && plans.iter().all(TablePlan::has_binary_form),
            backlog_piece: self.backlog_piece.unwrap_or(BACKLOG_PIECE).bytes(),
            // What is committed at the position itself is part of the run.
            end: request.end().map(|end| Lsn(end.saturating_add(1))),
            system: place.system,
            timeline: place.timeline(),
            entries: published.hash(),
            published,
            fingerprint: fingerprint::of(publication, connection.server_version()),
            notices: request.notices().clone(),
        })
    }

    /// The jobs of a snapshot of these tables, as it sees them, and about how many rows they copy.
    fn jobs(
        &self,
        connection: &mut Connection,
        relations: &[u32],
        plans: &[TablePlan],
        database: &Database,
        publication: Option<&Publication>,
    ) -> Result<(Jobs, Option<u64>)> {
        let places: HashMap<u32, usize> = relations
            .iter()
            .enumerate()
            .map(|(place, oid)| (*oid, place))
            .collect();
        let by_oid: HashMap<u32, &Relation> = (database.relations.iter())
            .map(|relation| (relation.oid, relation))
            .collect();
        let stored = catalog::stored(connection, relations, self.piece() / SMALL)?;
        let mut copied = Vec::new();
        let mut estimated_rows = Some(0_u64);
        let names: Vec<Vec<&str>> = plans.iter().map(TablePlan::names).collect();
        for table in &stored {
            let Some(&place) = places.get(&table.selected) else {
                continue;
            };
            let (Some(plan), Some(columns)) = (plans.get(place), names.get(place)) else {
                continue;
            };
            let relation = by_oid.get(&table.selected).copied();
            let filter = relation
                .and_then(|relation| publication?.table(&relation.schema, &relation.name))
                .and_then(|published| published.filter.as_deref());
            // Nobody has counted what a filter leaves.
            let rows = table.estimated_rows.filter(|_| filter.is_none());
            estimated_rows = estimated_rows
                .zip(rows)
                .map(|(sum, rows)| sum.saturating_add(rows));
            copied.push(Copied {
                table: place,
                schema: &table.schema,
                name: &table.name,
                columns,
                form: plan.form(),
                filter,
                pages: table.pages,
                pieces: match (table.pages, relation) {
                    (Some(pages), Some(relation)) => {
                        self.pieces(connection, table, pages, relation)?
                    }
                    _ => Vec::new(),
                },
            });
        }
        Ok((Jobs::new(jobs(&copied)), estimated_rows))
    }

    /// How many pages of a large table are copied at a time.
    fn piece(&self) -> u64 {
        self.snapshot_piece
            .map_or(PIECE, |piece| (piece.bytes() / PAGE).max(1))
    }

    /// The conditions that cut a stored table of this relation; none where it is copied at once.
    fn pieces(
        &self,
        connection: &mut Connection,
        stored: &StoredTable,
        pages: u64,
        relation: &Relation,
    ) -> Result<Vec<String>> {
        let piece = self.piece();
        if pages <= piece {
            return Ok(Vec::new());
        }
        let by_its_version = if connection.server_version() >= PAGE_RANGES {
            SnapshotSplit::Ctid
        } else {
            SnapshotSplit::Key
        };
        if self.snapshot_split.unwrap_or(by_its_version) == SnapshotSplit::Ctid {
            return Ok(by_pages(pages, piece));
        }
        let key: Option<Vec<KeyColumn<'_>>> = relation
            .primary_key
            .iter()
            .map(|number| {
                let columns = relation.columns.iter();
                let column = columns
                    .filter(|column| column.readable)
                    .find(|column| column.number == *number)?;
                Some(KeyColumn {
                    name: &column.name,
                    type_name: &column.type_name,
                })
            })
            .collect();
        let table = Keyed {
            schema: &stored.schema,
            name: &stored.name,
            key: &key.unwrap_or_default(),
            pages,
            connections: self.snapshot_connections.unwrap_or(CONNECTIONS).into(),
        };
        Ok(by_key(connection, table, piece)?)
    }

    fn begin(&self, request: &ChangeRequest) -> Result<PostgresStream> {
        let Opened {
            settings,
            mut connection,
            facts,
            database,
        } = self.open_seen(infos(request))?;
        let follows = self.follows() && !request.snapshot_only();
        let (relations, plans) = plans(request, &database)?;
        let mut followed = None;
        let publication;
        let exported: Exported;
        if follows {
            let name = self.slot_name(request.reader(), &settings);
            let found = SlotState::read(&mut connection, &name)?;
            check_server(&facts, found.is_some())?;
            let selected = database.selected(&relations);
            // Before the slot: what decodes the changes looks the publication up as it was when they were made.
            let (made, _) = self.published(
                &mut connection,
                &self.publication_name(request.reader()),
                &selected,
            )?;
            // One that is named is replaced only where an attempt of this very run made it.
            let ours = |found: &SlotState| self.slot.is_none() || self.made.is(found);
            let (holder, place);
            (exported, holder, place) = with_slot(&settings, &name, ours, request)?;
            self.made.note(&name, exported.at);
            let target = self.target(
                request,
                &settings,
                &made,
                (&relations, &plans),
                &place,
                &mut connection,
            )?;
            target.published.have(&selected)?;
            // A session of its own: what it has to do with the snapshot breaks apart from what is known already.
            connection = Connection::open(&settings, Mode::Query)?;
            exported.look_at(&mut connection)?;
            followed = Some((target, holder));
            publication = Some(made);
        } else {
            // The same rows as a snapshot that is followed, where the publication leaves some out.
            publication = if self.follows() {
                let name = self.publication_name(request.reader());
                Publication::read(&mut connection, &name)?
            } else {
                None
            };
            exported = without_slot(&mut connection)?;
        }
        unchanged(&mut connection, &database, &relations, &plans)?;
        let (jobs, estimated_rows) = self.jobs(
            &mut connection,
            &relations,
            &plans,
            &database,
            publication.as_ref(),
        )?;
        let lag = (followed.as_ref())
            .map(|(target, _)| self.watch(target, request))
            .transpose()?;
        let beginning = Beginning {
            exported: Arc::new(exported),
            reader: Some(connection),
            settings,
            jobs,
            estimated_rows,
            threads: self.snapshot_connections.unwrap_or(CONNECTIONS).into(),
            followed,
        };
        Ok(PostgresStream::beginning(
            plans,
            beginning,
            lag,
            request.cancellation(),
        ))
    }

    fn resume(&self, request: &ChangeRequest) -> Result<PostgresStream> {
        let state = request
            .checkpoint()
            .map_or("", |checkpoint| checkpoint.state.as_str());
        let stored = Stored::parse(state)?;
        let Opened {
            settings,
            mut connection,
            facts,
            database,
        } = self.open_seen(infos(request))?;
        check_server(&facts, true)?;
        let name = self.slot_name(request.reader(), &settings);
        let lost = |what: String| {
            Error::new(ErrorKind::PositionLost, what)
                .with_help("take a new snapshot with `dozer app reset`")
        };
        let mut replication = Connection::open(&settings, Mode::Replication)?;
        let place = Place::read(&mut replication)?;
        place.holds(&stored)?;
        let found = SlotState::read(&mut connection, &name)?;
        if let Some(found) = &found {
            SlotState {
                active: None,
                ..found.clone()
            }
            .check(settings.database())?;
        }
        if let Some(pid) = found.as_ref().and_then(|found| found.active) {
            // Perhaps the run before, perhaps another one that moves the position on which this one would stand.
            SlotState::released(&mut connection, &name, request)?
                .map_or(Ok(()), |found| found.check(settings.database()))?;
            return Err(Error::source(format!(
                "replication slot `{name}` was in use by the server's process {pid} a moment ago"
            ))
            .transient());
        }
        SlotState::keeps(found.as_ref(), &name, stored.end)?;
        let (relations, plans) = plans(request, &database)?;
        let publication_name = self.publication_name(request.reader());
        let publication = Publication::read(&mut connection, &publication_name)?
            .ok_or_else(|| lost(format!("publication `{publication_name}` was dropped: changes since then were not published")))?;
        let target = self.target(
            request,
            &settings,
            &publication,
            (&relations, &plans),
            &place,
            &mut connection,
        )?;
        // An earlier release stored no timeline, and a hash of the listed tables alone.
        let entries = if stored.timeline.is_some() {
            target.entries
        } else {
            target.published.listed()
        };
        if entries != stored.entries {
            return Err(lost(format!(
                "publication `{publication_name}` or a table of it was dropped, taken out, made anew or given other options since the position was stored: changes in between may not have been published"
            )));
        }
        target.published.have(&database.selected(&relations))?;
        drop(connection);
        let lag = self.watch(&target, request)?;
        let following = Following::start(target, stored.end, replication, request.cancellation())?;
        Ok(PostgresStream::following(
            plans,
            following,
            lag,
            request.cancellation(),
        ))
    }
}

/// The tables of a request as they were described.
fn infos(request: &ChangeRequest) -> impl Iterator<Item = &TableInfo> + Clone {
    request.tables().iter().map(|table| &*table.info)
}

/// The numbers of the requested tables, and how their rows are read.
fn plans(request: &ChangeRequest, database: &Database) -> Result<(Vec<u32>, Arc<[TablePlan]>)> {
    let planned = request.tables().iter().map(|table| database.plan(table));
    let planned = planned.collect::<Result<Vec<_>>>()?;
    let (relations, plans): (_, Vec<TablePlan>) = planned.into_iter().unzip();
    Ok((relations, plans.into()))
}

/// The tables as the snapshot sees them are those that were looked at, under their names: the rows of one that is gone would be
/// missed in silence, and those of another one read for its own. And they have the columns that are known: the values of another
/// one would be in no row, and told by no change, and those of one that was altered would be read for what they are not. Nothing
/// was altered where the snapshot is of the moment at which they became known.
fn unchanged(
    snapshot: &mut Connection,
    database: &Database,
    relations: &[u32],
    plans: &[TablePlan],
) -> Result<()> {
    if is_of(database.moment.as_deref(), snapshot)? {
        return Ok(());
    }
    let names = catalog::names(snapshot, relations)?;
    for relation in database.selected(relations) {
        let now = names.get(&relation.oid);
        let now = now.map(|(schema, name)| format!("{schema}.{name}"));
        published::is_named(relation, now.as_deref())?;
    }
    let mut by_relation: HashMap<u32, Vec<&TablePlan>> = HashMap::new();
    for plan in plans {
        by_relation.entry(plan.relation).or_default().push(plan);
    }
    let standing = catalog::standing(snapshot, relations)?;
    let pairs = standing.iter().flat_map(|seen| {
        let plans = by_relation.get(&seen.relation).into_iter().flatten();
        plans.map(move |plan| (seen, *plan))
    });
    for (seen, plan) in pairs {
        let known = plan.known.contains(&seen.name);
        if !known || plan.altered(seen) {
            let what = if known { "altered in" } else { "added to" };
            return Err(Error::source(format!(
                "a column was {what} table `{}` while its snapshot began",
                plan.name
            ))
            .with_help("run it again"));
        }
    }
    Ok(())
}

impl Source for Postgres {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let (_, mut connection) = self.open()?;
        check_reading(&ServerFacts::read(&mut connection)?)?;
        let database = self.database(&mut connection, None)?;
        let tables = database.tables();
        // Nobody may come for the connection.
        self.seen.note(database, None);
        Ok(tables)
    }

    fn get_wanted_tables(&self, wanted: &[TableInfo]) -> Result<Vec<TableInfo>> {
        let kept = self.seen.take().and_then(|(_, kept)| kept);
        let (_, mut connection, facts) = self.open_again(kept)?;
        check_reading(&facts)?;
        let database = self.database(&mut connection, Some(wanted))?;
        let tables = database.tables();
        self.seen.note(database, Some(connection));
        Ok(tables)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        match request.from() {
            StartFrom::After { .. } | StartFrom::Within { .. } if self.follows() => {
                self.resume(request)
            }
            // Without changes to follow, every run takes a snapshot.
            _ => self.begin(request),
        }
    }

    fn validate(&self) -> Result<()> {
        let (settings, mut connection) = self.open()?;
        let facts = ServerFacts::read(&mut connection)?;
        check_reading(&facts)?;
        if self.follows() {
            let name = self.slot_name(self.reader(), &settings);
            let found = SlotState::read(&mut connection, &name)?;
            check_server(&facts, found.is_some())?;
        }
        Ok(())
    }

    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        self.validate_tables(std::slice::from_ref(table))
    }

    fn validate_tables(&self, tables: &[TableInfo]) -> Result<Vec<Finding>> {
        let Opened {
            settings,
            mut connection,
            facts,
            database,
        } = self.open_seen(tables.iter())?;
        let mut slot_lag = None;
        if let (true, Some(first)) = (self.follows(), tables.first()) {
            let limit = self.lag_limits().warn_from();
            slot_lag = SlotState::read(&mut connection, &self.slot_name(self.reader(), &settings))?
                .and_then(|slot| lag(&slot, limit, &facts, &first.name));
        }
        let name = self.publication_name(self.reader());
        let publication = Publication::read(&mut connection, &name)?;
        let found = tables
            .iter()
            .filter_map(|table| Some((table, database.relation(table)?)));
        let findings = found.flat_map(|(table, relation)| {
            findings(
                relation,
                Wanted {
                    name: &table.name,
                    followed: self.follows(),
                    role: &facts.role,
                    publication: (&name, publication.as_ref()),
                    own_publication: self.publication.is_none(),
                },
            )
        });
        let findings = slot_lag.into_iter().chain(findings).collect();
        self.seen.note(database, Some(connection));
        Ok(findings)
    }

    fn current_position(&self) -> Result<Option<u64>> {
        if !self.follows() {
            return Ok(None);
        }
        let (_, mut connection) = self.open()?;
        let rows = connection.query(
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS at",
        )?;
        let at: Lsn = rows.one()?.parse("at")?;
        // What is committed next may begin exactly there.
        Ok(Some(at.0.saturating_sub(1)))
    }

    fn retained_bytes(&self) -> Result<Option<u64>> {
        if !self.follows() {
            return Ok(None);
        }
        let (settings, mut connection) = self.open()?;
        let name = self.slot_name(self.reader(), &settings);
        let slot = SlotState::read(&mut connection, &name)?;
        Ok(slot.and_then(|slot| slot.held_back))
    }

    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        if !self.follows() {
            return Ok(());
        }
        let end = Stored::parse(&stored.state)?.end;
        let (settings, mut connection) = self.open()?;
        let name = self.slot_name(self.reader(), &settings);
        SlotState::keeps(
            SlotState::read(&mut connection, &name)?.as_ref(),
            &name,
            end,
        )
    }

    fn replay(&self) -> Replay {
        if self.follows() {
            Replay::Changes
        } else {
            Replay::Snapshot
        }
    }

    fn selects_columns(&self) -> bool {
        true
    }

    fn tells_added_columns(&self) -> bool {
        self.follows()
    }

    fn widens(&self, from: &str, to: &str) -> bool {
        crate::types::widens(from, to)
    }

    fn column_types(&self) -> Option<&'static str> {
        Some("connector_postgres::PostgresType")
    }

    fn named(&mut self, reader: &str) {
        self.reader = Some(reader.to_owned());
    }

    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        if !self.follows() || self.publication.is_some() {
            return Ok(Vec::new());
        }
        let Opened {
            mut connection,
            database,
            ..
        } = self.open_seen(tables.iter())?;
        let relations: Vec<&Relation> = tables
            .iter()
            .filter_map(|table| database.relation(table))
            .collect();
        let (_, done) = self.published(
            &mut connection,
            &self.publication_name(self.reader()),
            &relations,
        )?;
        self.seen.note(database, Some(connection));
        Ok(done)
    }

    fn clean(&self) -> Result<Vec<String>> {
        let (settings, mut connection) = self.open()?;
        let mut done = Vec::new();
        let name = self.slot_name(self.reader(), &settings);
        if let Some(found) = SlotState::read(&mut connection, &name)? {
            SlotState {
                lost: false,
                ..found
            }
            .check(settings.database())?;
            slot::drop_slot(&mut connection, &name)?;
            done.push(format!("dropped replication slot `{name}`"));
        }
        // One that somebody else made stays.
        if self.publication.is_none() {
            let name = self.publication_name(self.reader());
            if Publication::read(&mut connection, &name)?.is_some() {
                connection.execute(&slot::drop_publication(&name))?;
                done.push(format!("dropped publication `{name}`"));
            }
        }
        Ok(done)
    }
}
