//! Postgres as a source: the catalog as tables, checks, setting up and taking down what following changes needs.

mod begin;
mod database;
mod fingerprint;
mod following;
mod opening;
mod place;
mod published;
mod reader;
mod relations;
mod row;
mod snapshot;
mod state;
mod stream;
mod target;
mod tuple;

use std::sync::Arc;
use std::time::Duration;

use connector_core::prelude::*;
use connector_core::validation::Finding;
use connector_core::{ByteSize, ErrorKind, Replay};

use self::database::Database;
pub(crate) use self::database::SeenDatabase;
use self::following::Following;
use self::opening::{OpeningReplication, if_followed};
use self::place::Place;
use self::published::Entries;
pub(crate) use self::row::{PostgresRow, TablePlan};
use self::state::Stored;
use self::stream::PostgresStream;
use self::target::Target;
use crate::catalog::{Publication, Relation, ServerFacts};
use crate::checks::{Wanted, check_reading, check_server, findings, lag};
use crate::lsn::Lsn;
use crate::settings::{Capture, Postgres, Settings};
use crate::slot::{self, LagLimits, LagWatch, SlotState, Watched};
use crate::types::TypeOptions;
use crate::wire::{Connection, Mode};

/// How much log may be kept before that is worth a warning, unless it is said.
const SLOT_LAG: ByteSize = ByteSize::new(1 << 30);
/// How often a run asks how much log is kept, unless it is said.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How much log of a backlog is read by SQL at a time, unless it is said.
const BACKLOG_PIECE: ByteSize = ByteSize::new(64 << 20);
/// Since this version changes can be sent in binary form.
const BINARY_CHANGES: u32 = 140_000;

/// A connection, and what was asked over it.
struct Opened {
    settings: Settings,
    connection: Connection,
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

    /// A connection to a database that can be read.
    fn open_to_read(&self) -> Result<(Settings, Connection)> {
        let (settings, connection) = self.open()?;
        let encoding = connection.parameter("server_encoding").unwrap_or_default();
        check_reading(connection.server_version(), encoding, settings.database())?;
        Ok((settings, connection))
    }

    /// The same; if `kept` still is one, then that.
    fn open_again(&self, kept: Option<Connection>) -> Result<(Settings, Connection)> {
        if let Some(mut connection) = kept
            && connection.execute("").is_ok()
        {
            return Ok((self.settings()?, connection));
        }
        self.open_to_read()
    }

    /// A connection, and what the database holds of these tables: what was read when they were asked for, if that was just now.
    fn open_seen<'t>(&self, tables: impl Iterator<Item = &'t TableInfo> + Clone) -> Result<Opened> {
        let (database, kept) = self.seen.take().unzip();
        let (settings, mut connection) = self.open_again(kept.flatten())?;
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
        database: &Database,
        relations: &[&Relation],
    ) -> Result<(Publication, Vec<String>)> {
        let existing = Publication::read_with(connection, name, &database.relations)?;
        let followed: Vec<&Relation> = relations
            .iter()
            .copied()
            .filter(|relation| relation.kind.can_be_followed())
            .collect();
        if self.publication.is_none() && !followed.is_empty() {
            let done = slot::publish(connection, name, existing.as_ref(), &followed)?;
            let now = match existing {
                Some(existing) if done.is_empty() => Some(existing),
                _ => Publication::read_with(connection, name, &database.relations)?,
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
        version: u32,
        (publication, entries): (&Publication, Entries),
        plans: &[TablePlan],
        place: &Place,
    ) -> Target {
        Target {
            settings: settings.clone(),
            slot: self.slot_name(request.reader(), settings),
            publication: publication.name.clone(),
            binary: version >= BINARY_CHANGES && plans.iter().all(TablePlan::has_binary_form),
            backlog_piece: self.backlog_piece.unwrap_or(BACKLOG_PIECE).bytes(),
            // What is committed at the position itself is part of the run.
            end: request.end().map(|end| Lsn(end.saturating_add(1))),
            system: place.system,
            timeline: place.timeline(),
            entries: entries.hash(),
            published: entries,
            fingerprint: fingerprint::of(publication, version),
            notices: request.notices().clone(),
        }
    }

    fn resume(&self, request: &ChangeRequest) -> Result<PostgresStream> {
        let state = request
            .checkpoint()
            .map_or("", |checkpoint| checkpoint.state.as_str());
        let stored = Stored::parse(state)?;
        let replication = OpeningReplication::start(&self.settings()?)?;
        let Opened {
            settings,
            mut connection,
            database,
        } = self.open_seen(infos(request))?;
        let name = self.slot_name(request.reader(), &settings);
        let lost = |what: String| {
            Error::new(ErrorKind::PositionLost, what)
                .with_help("take a new snapshot with `dozer app reset`")
        };
        // Asked while the other session is opened; what is wrong with the server comes first.
        let facts = ServerFacts::read(&mut connection)?;
        let found = SlotState::read(&mut connection, &name)?;
        let publication_name = self.publication_name(request.reader());
        let publication =
            Publication::read_with(&mut connection, &publication_name, &database.relations)?;
        let (replication, place) = if_followed(replication.opened(), facts, true)?;
        place.holds(&stored)?;
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
        let publication = publication
            .ok_or_else(|| lost(format!("publication `{publication_name}` was dropped: changes since then were not published")))?;
        let entries = Entries::read(&mut connection, &publication.name, &relations)?;
        let target = self.target(
            request,
            &settings,
            connection.server_version(),
            (&publication, entries),
            &plans,
            &place,
        );
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
        let lag = self.watch(&target, request)?;
        let following = Following::start(
            target,
            stored.end,
            (replication, Some(connection)),
            request.cancellation(),
        )?;
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

impl Source for Postgres {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let (_, mut connection) = self.open_to_read()?;
        let database = self.database(&mut connection, None)?;
        let tables = database.tables();
        // Nobody may come for the connection.
        self.seen.note(database, None);
        Ok(tables)
    }

    fn get_wanted_tables(&self, wanted: &[TableInfo]) -> Result<Vec<TableInfo>> {
        let kept = self.seen.take().and_then(|(_, kept)| kept);
        let (_, mut connection) = self.open_again(kept)?;
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
        let (settings, mut connection) = self.open_to_read()?;
        if self.follows() {
            let facts = ServerFacts::read(&mut connection)?;
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
            database,
        } = self.open_seen(tables.iter())?;
        let facts = ServerFacts::read(&mut connection)?;
        let mut slot_lag = None;
        if let (true, Some(first)) = (self.follows(), tables.first()) {
            let limit = self.lag_limits().warn_from();
            slot_lag = SlotState::read(&mut connection, &self.slot_name(self.reader(), &settings))?
                .and_then(|slot| lag(&slot, limit, &facts, &first.name));
        }
        let name = self.publication_name(self.reader());
        let publication = Publication::read_with(&mut connection, &name, &database.relations)?;
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
            &database,
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
