//! That the tables which are followed stay in the publication: the server tells nobody when one is taken out, and from then
//! on sends nothing of it.

use connector_core::{Error, ErrorKind, Fingerprint, Result};

use super::row::{OldRows, TablePlan};
use crate::catalog::{self, Publication};
use crate::pgoutput::{Relation, ReplicaIdentity};
use crate::quote::literal;
use crate::wire::{Connection, PgError};

/// Publications have schemas since this version.
const SCHEMAS: u32 = 150_000;

/// The entries that followed tables have in a publication, as they stood at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entries {
    publication: String,
    /// Of the publication itself: other after it was dropped and made anew, or given other options. `None`: it is gone.
    version: Option<String>,
    tables: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    relation: u32,
    /// As the server calls it; `None`: there is no such table any more.
    name: Option<String>,
    /// In the publication's list of tables: other after the table was taken out and put in again.
    listed: Option<String>,
    /// Because the publication is of the whole schema or database.
    covered: Option<String>,
}

impl Entries {
    /// Asks the server.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub(super) fn read(
        connection: &mut Connection,
        publication: &str,
        relations: &[u32],
    ) -> Result<Self, PgError> {
        let name = literal(publication);
        // `xmin` changes with the row: with the options and the owner, not with the list of tables.
        let rows = connection.query(&format!(
            "SELECT oid || ' ' || xmin AS version FROM pg_publication WHERE pubname = {name}"
        ))?;
        let version = match rows.iter().next() {
            Some(row) => Some(row.text("version")?.to_owned()),
            None => None,
        };
        let of_schema = if connection.server_version() >= SCHEMAS {
            "(SELECT 'schema ' || s.oid FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)"
        } else {
            "NULL"
        };
        let oids: Vec<String> = relations.iter().map(u32::to_string).collect();
        let rows = connection.query(&format!(
            "SELECT c.oid, n.nspname || '.' || c.relname AS name, r.oid AS listed,
                    CASE WHEN c.relpersistence <> 'p' OR c.relkind NOT IN ('r', 'p') THEN NULL
                         WHEN p.puballtables THEN 'all' ELSE {of_schema} END AS covered
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               LEFT JOIN pg_publication p ON p.pubname = {name}
               LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
              WHERE c.oid = ANY ('{{{}}}'::oid[])",
            oids.join(",")
        ))?;
        let mut tables: Vec<Entry> = (relations.iter().copied())
            .map(|relation| Entry {
                relation,
                name: None,
                listed: None,
                covered: None,
            })
            .collect();
        tables.sort_unstable_by_key(|entry| entry.relation);
        for row in rows.iter() {
            let oid: u32 = row.parse("oid")?;
            let place = tables.binary_search_by_key(&oid, |entry| entry.relation);
            if let Some(entry) = place.ok().and_then(|place| tables.get_mut(place)) {
                entry.name = row.get("name")?.map(str::to_owned);
                entry.listed = row.get("listed")?.map(str::to_owned);
                entry.covered = row.get("covered")?.map(str::to_owned);
            }
        }
        Ok(Self {
            publication: publication.to_owned(),
            version,
            tables,
        })
    }

    /// The same of these relations, where nothing was committed since they and the publication were read; `None` where what was
    /// read does not say it.
    pub(super) fn of(publication: &Publication, relations: &[&catalog::Relation]) -> Option<Self> {
        if !publication.listed_alone {
            return None;
        }
        let entry = |relation: &&catalog::Relation| {
            let published = publication.table(&relation.schema, &relation.name);
            Entry {
                relation: relation.oid,
                name: Some(relation.full_name()),
                listed: published.and_then(|published| published.listed.clone()),
                covered: None,
            }
        };
        let mut tables: Vec<Entry> = relations.iter().map(entry).collect();
        tables.sort_unstable_by_key(|entry| entry.relation);
        Some(Self {
            publication: publication.name.clone(),
            version: Some(publication.version.clone()),
            tables,
        })
    }

    /// The same, now.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub(super) fn now(&self, connection: &mut Connection) -> Result<Self, PgError> {
        let relations: Vec<u32> = self.tables.iter().map(|entry| entry.relation).collect();
        Self::read(connection, &self.publication, &relations)
    }

    /// A hash, for the checkpoint.
    pub(super) fn hash(&self) -> u64 {
        let version = self.version.as_deref().unwrap_or_default();
        let covered = (self.tables.iter())
            .filter(|entry| entry.listed.is_none())
            .filter_map(|entry| Some((entry.relation, entry.covered.as_deref()?)));
        let hash = Fingerprint::new()
            .text(version)
            .text(&self.listed().to_string());
        covered
            .fold(hash, |hash, (relation, entry)| {
                hash.text(&relation.to_string()).text(entry)
            })
            .finish()
    }

    /// The hash of earlier releases: of the entries in the list alone.
    pub(super) fn listed(&self) -> u64 {
        let listed = (self.tables.iter())
            .filter_map(|entry| Some((entry.relation, entry.listed.as_deref()?)));
        listed
            .fold(Fingerprint::new(), |hash, (relation, entry)| {
                hash.text(&relation.to_string()).text(entry)
            })
            .finish()
    }

    /// Whether these relations, as they were looked at, are all there under their names, and published where they can be: what
    /// was already missing when a run began would not be missed later.
    ///
    /// # Errors
    /// Which one is not, and what to do.
    pub(super) fn have(&self, relations: &[&catalog::Relation]) -> Result<()> {
        let publication = &self.publication;
        if self.version.is_none() {
            return Err(begun_too_soon(format!(
                "publication `{publication}` was dropped while the run began"
            )));
        }
        for relation in relations {
            let place = (self.tables).binary_search_by_key(&relation.oid, |entry| entry.relation);
            let entry = place.ok().and_then(|place| self.tables.get(place));
            is_named(relation, entry.and_then(|entry| entry.name.as_deref()))?;
            let is_published =
                entry.is_some_and(|entry| entry.listed.is_some() || entry.covered.is_some());
            if relation.kind.can_be_followed() && !is_published {
                return Err(begun_too_soon(format!(
                    "table `{}` is not in publication `{publication}`: its changes would not be told",
                    relation.full_name()
                )));
            }
        }
        Ok(())
    }

    /// Whether every table has been published all the time since `before`.
    ///
    /// # Errors
    /// Which one was not, and what to do.
    pub(super) fn still(&self, before: &Self) -> Result<()> {
        for (was, is) in before.tables.iter().zip(&self.tables) {
            let Some(name) = &was.name else { continue };
            match &is.name {
                None => {
                    return Err(Error::new(
                        ErrorKind::Drift,
                        format!("table `{name}` was dropped while it was followed"),
                    )
                    .with_help("take it out of `sources`, or make it anew and take a new snapshot with `dozer app reset`"));
                }
                Some(now) if now != name => return Err(renamed(name, now)),
                Some(_) => {}
            }
        }
        let publication = &self.publication;
        if self.version.is_none() {
            return Err(lost(format!(
                "publication `{publication}` was dropped: changes since then were not published"
            )));
        }
        for (was, is) in before.tables.iter().zip(&self.tables) {
            let (had, has) = (
                was.listed.as_ref().or(was.covered.as_ref()),
                is.listed.as_ref().or(is.covered.as_ref()),
            );
            if had == has {
                continue;
            }
            let name = was.name.as_deref().unwrap_or_default();
            if has.is_none() {
                return Err(lost(format!(
                    "table `{name}` was taken out of publication `{publication}`: its changes since then were not published"
                )));
            }
            if had.is_some() {
                return Err(lost(format!(
                    "table `{name}` was taken out of publication `{publication}` and put in again: its changes in between were not published"
                )));
            }
        }
        if self.version != before.version {
            return Err(lost(format!(
                "publication `{publication}` was made anew or given other options: changes may not have been published"
            )));
        }
        Ok(())
    }
}

/// Whether a relation is there under the name that it had when it was looked at; `now`: the one that it has, if it is there.
///
/// # Errors
/// When it was dropped, or renamed. Another one may have its name.
pub(super) fn is_named(relation: &catalog::Relation, now: Option<&str>) -> Result<()> {
    let name = relation.full_name();
    match now {
        Some(now) if now == name => Ok(()),
        Some(now) => Err(begun_too_soon(format!(
            "table `{name}` was renamed to `{now}` while the run began"
        ))),
        None => Err(begun_too_soon(format!(
            "table `{name}` was dropped while the run began"
        ))),
    }
}

/// Whether what the server describes is the table that was planned with, and no other of its name.
///
/// # Errors
/// When it was renamed, another has taken its name, or less is told of its old rows.
pub(super) fn is_the_same(relation: &Relation<'_>, plans: &[TablePlan]) -> Result<()> {
    let schema = if relation.schema.is_empty() {
        "pg_catalog"
    } else {
        relation.schema
    };
    let is_named = |plan: &TablePlan| {
        plan.name
            .strip_prefix(schema)
            .and_then(|rest| rest.strip_prefix('.'))
            == Some(relation.name)
    };
    for plan in plans {
        match (plan.relation == relation.oid, is_named(plan)) {
            (true, false) => {
                return Err(renamed(&plan.name, &format!("{schema}.{}", relation.name)));
            }
            (false, true) => {
                return Err(lost(format!(
                    "table `{}` was dropped and made anew while it was followed",
                    plan.name
                )));
            }
            (true, true) => tells_old_rows(relation, plan)?,
            (false, false) => {}
        }
    }
    Ok(())
}

fn tells_old_rows(relation: &Relation<'_>, plan: &TablePlan) -> Result<()> {
    // Without an identity the server refuses what would have an old row.
    if matches!(
        relation.identity,
        ReplicaIdentity::Full | ReplicaIdentity::Nothing
    ) {
        return Ok(());
    }
    let was = match &plan.old {
        OldRows::None => return Ok(()),
        OldRows::Whole => "full",
        OldRows::Key(key) => {
            let is_told = |name: &String| {
                let mut columns = relation.columns();
                columns.any(|column| column.is_key && column.name == name)
            };
            if key.iter().all(is_told) {
                return Ok(());
            }
            "its key"
        }
    };
    Err(Error::new(
        ErrorKind::Drift,
        format!(
            "the replica identity of table `{}` was {was}, and is not any more: the server tells less of old rows than before",
            plan.name
        ),
    )
    .with_help("set the replica identity as it was, or take the new one on with `dozer migrate`; then take a new snapshot with `dozer app reset`"))
}

#[cold]
fn renamed(from: &str, to: &str) -> Error {
    Error::new(
        ErrorKind::Drift,
        format!("table `{from}` was renamed to `{to}` while it was followed"),
    )
    .with_help("rename it back; or name the new one in `sources`, and take a new snapshot with `dozer app reset`")
}

#[cold]
fn begun_too_soon(what: String) -> Error {
    Error::source(what).with_help("run it again")
}

#[cold]
fn lost(what: String) -> Error {
    Error::new(ErrorKind::PositionLost, what)
        .with_help("take a new snapshot with `dozer app reset`")
}
