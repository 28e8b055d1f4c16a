//! What a run that takes a snapshot begins with: the slot and what sees the snapshot, and what is copied of which table.

use std::collections::HashMap;
use std::sync::Arc;

use connector_core::prelude::*;

use super::begin::{Exported, Sessions, with_slot, without_slot};
use super::database::{Database, is_of};
use super::opening::if_followed;
use super::published::{self, Entries};
use super::stream::{Beginning, PostgresStream};
use super::target::Target;
use super::{Opened, TablePlan, infos, plans};
use crate::catalog::{self, Publication, Relation, ServerFacts, StoredTable};
use crate::settings::{Postgres, Settings, SnapshotSplit};
use crate::slot::SlotState;
use crate::snapshot::{self, Copied, Jobs, KeyColumn, Keyed, PIECE, by_key, by_pages, jobs};
use crate::wire::Connection;

/// The connections of a snapshot, unless it is said.
const CONNECTIONS: u16 = 4;
/// Since this version a stretch of a table is found by its pages, without reading the rest.
const PAGE_RANGES: u32 = 140_000;
/// A table that had one such part of a piece when it was counted last is not worth another look at its size.
const SMALL: u64 = 16;
/// Bytes of a page.
const PAGE: u64 = 8192;

/// A snapshot that was begun, and what it is of.
struct Begun {
    settings: Settings,
    database: Database,
    /// The numbers of the tables, and how their rows are read.
    plans: (Vec<u32>, Arc<[TablePlan]>),
    /// It sees the snapshot.
    connection: Connection,
    exported: Exported,
    publication: Option<Publication>,
    followed: Option<Followed>,
}

/// What follows a snapshot.
struct Followed {
    target: Target,
    /// The connection for replication that has the snapshot.
    holder: Connection,
    /// Whether the snapshot is of the moment at which the database was read.
    unchanged: bool,
}

impl Postgres {
    /// A stream that begins with a snapshot.
    pub(super) fn begin(&self, request: &ChangeRequest) -> Result<PostgresStream> {
        let follows = self.follows() && !request.snapshot_only();
        let sessions = if follows {
            Some(Sessions::open(&self.settings()?)?)
        } else {
            None
        };
        let opened = self.open_seen(infos(request))?;
        let Begun {
            settings,
            database,
            plans: (relations, plans),
            mut connection,
            exported,
            publication,
            followed,
        } = match sessions {
            Some(sessions) => self.begin_followed(request, opened, sessions)?,
            None => self.begin_alone(request, opened)?,
        };
        // Nothing was altered where the snapshot is of the moment at which the tables became known.
        let unchanged = match &followed {
            Some(followed) => followed.unchanged,
            None => is_of(database.moment.as_deref(), &mut connection)?,
        };
        if !unchanged {
            compare(&mut connection, &database, &relations, &plans)?;
        }
        let (jobs, estimated_rows) = self.jobs(
            &mut connection,
            (&relations, &plans),
            (&database, unchanged),
            publication.as_ref(),
        )?;
        let followed = followed.map(|followed| (followed.target, followed.holder));
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

    /// A snapshot alone.
    fn begin_alone(&self, request: &ChangeRequest, opened: Opened) -> Result<Begun> {
        let Opened {
            settings,
            mut connection,
            database,
        } = opened;
        let plans = plans(request, &database)?;
        // The same rows as a snapshot that is followed, where the publication leaves some out.
        let publication = if self.follows() {
            let name = self.publication_name(request.reader());
            Publication::read_with(&mut connection, &name, &database.relations)?
        } else {
            None
        };
        Ok(Begun {
            exported: without_slot(&mut connection)?,
            settings,
            database,
            plans,
            connection,
            publication,
            followed: None,
        })
    }

    /// A slot, and the snapshot that its changes follow.
    fn begin_followed(
        &self,
        request: &ChangeRequest,
        opened: Opened,
        sessions: Sessions,
    ) -> Result<Begun> {
        let Opened {
            settings,
            mut connection,
            database,
        } = opened;
        let name = self.slot_name(request.reader(), &settings);
        let facts = ServerFacts::read(&mut connection)?;
        let found = SlotState::read(&mut connection, &name)?;
        let (relations, plans) = plans(request, &database)?;
        let (mut holder, place) = if_followed(sessions.holder(), facts, found.is_some())?;
        let selected = database.selected(&relations);
        // Before the slot: what decodes the changes looks the publication up as it was when they were made.
        let (publication, _) = self.published(
            &mut connection,
            &self.publication_name(request.reader()),
            &database,
            &selected,
        )?;
        // One that is named is replaced only where an attempt of this very run made it.
        let ours = |found: &SlotState| self.slot.is_none() || self.made.is(found);
        let exported = with_slot(
            (&mut holder, &mut connection),
            (&name, found),
            ours,
            request,
            settings.database(),
        )?;
        self.made.note(&name, exported.at);
        let mut reader = sessions.reader(&settings)?;
        exported.look_at(&mut reader)?;
        let unchanged = is_of(database.moment.as_deref(), &mut reader)?;
        let entries = match Entries::of(&publication, &selected).filter(|_| unchanged) {
            Some(entries) => entries,
            None => Entries::read(&mut connection, &publication.name, &relations)?,
        };
        let target = self.target(
            request,
            &settings,
            connection.server_version(),
            (&publication, entries),
            &plans,
            &place,
        );
        target.published.have(&selected)?;
        Ok(Begun {
            settings,
            database,
            plans: (relations, plans),
            connection: reader,
            exported,
            publication: Some(publication),
            followed: Some(Followed {
                target,
                holder,
                unchanged,
            }),
        })
    }

    /// The jobs of a snapshot of these tables, as it sees them, and about how many rows they copy. `unchanged`: it sees what the
    /// database was read as.
    fn jobs(
        &self,
        connection: &mut Connection,
        (relations, plans): (&[u32], &[TablePlan]),
        (database, unchanged): (&Database, bool),
        publication: Option<&Publication>,
    ) -> Result<(Jobs, Option<u64>)> {
        let places: HashMap<u32, usize> = relations
            .iter()
            .enumerate()
            .map(|(place, oid)| (*oid, place))
            .collect();
        let mut by_place: Vec<Option<&Relation>> = vec![None; plans.len()];
        for relation in &database.relations {
            let place = places.get(&relation.oid);
            if let Some(entry) = place.and_then(|&place| by_place.get_mut(place)) {
                *entry = Some(relation);
            }
        }
        let small = self.piece() / SMALL;
        let known = |relation: Option<&Relation>| {
            let relation = relation.filter(|_| unchanged)?;
            StoredTable::of(relation, small)
        };
        let mut stored = Vec::with_capacity(relations.len());
        let mut asked = Vec::new();
        for (oid, relation) in relations.iter().zip(&by_place) {
            match known(*relation) {
                Some(known) => stored.push(known),
                None => asked.push(*oid),
            }
        }
        stored.extend(catalog::stored(connection, &asked, small)?);
        let mut copied = Vec::with_capacity(stored.len());
        let mut estimated_rows = Some(0_u64);
        for table in stored {
            let Some(&place) = places.get(&table.selected) else {
                continue;
            };
            let (Some(plan), Some(relation)) = (plans.get(place), by_place.get(place).copied())
            else {
                continue;
            };
            let filter = relation
                .and_then(|relation| publication?.table(&relation.schema, &relation.name))
                .and_then(|published| published.filter.clone());
            // Nobody has counted what a filter leaves.
            let rows = table.estimated_rows.filter(|_| filter.is_none());
            estimated_rows = estimated_rows
                .zip(rows)
                .map(|(sum, rows)| sum.saturating_add(rows));
            let pieces = match (table.pages, relation) {
                (Some(pages), Some(relation)) => {
                    self.pieces(connection, &table, pages, relation)?
                }
                _ => Vec::new(),
            };
            let table = Copied {
                table: place,
                schema: table.schema,
                name: table.name,
                form: plan.form(),
                filter,
                pages: table.pages,
            };
            copied.push((table, pieces));
        }
        Ok((Jobs::new(jobs(copied)), estimated_rows))
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
        let connections = self.snapshot_connections.unwrap_or(CONNECTIONS).into();
        let pieces = snapshot::pieces(pages, self.piece(), connections);
        if pieces < 2 {
            return Ok(Vec::new());
        }
        let by_its_version = if connection.server_version() >= PAGE_RANGES {
            SnapshotSplit::Ctid
        } else {
            SnapshotSplit::Key
        };
        if self.snapshot_split.unwrap_or(by_its_version) == SnapshotSplit::Ctid {
            return Ok(by_pages(pages, pieces));
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
            ranges: connections.min(pages.div_ceil(self.piece())),
        };
        Ok(by_key(connection, table, pieces)?)
    }
}

/// The tables as the snapshot sees them are those that were looked at, under their names: the rows of one that is gone would be
/// missed in silence, and those of another one read for its own. And they have the columns that are known: the values of another
/// one would be in no row, and told by no change, and those of one that was altered would be read for what they are not.
fn compare(
    snapshot: &mut Connection,
    database: &Database,
    relations: &[u32],
    plans: &[TablePlan],
) -> Result<()> {
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
        let known = plan.knows(&seen.name);
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
