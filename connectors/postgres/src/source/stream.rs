//! The stream of a database: a snapshot in parts, then the changes.

use std::sync::Arc;

use connector_core::ingest::SnapshotPart;
use connector_core::prelude::*;
use connector_core::{Cancellation, Change, failpoint};

use super::begin::Exported;
use super::following::{Following, Next, OldImage};
use super::row::{PostgresRow, TablePlan};
use super::state::{Stored, StoredText};
use super::target::Target;
use crate::settings::Settings;
use crate::slot::LagWatch;
use crate::snapshot::Jobs;
use crate::wire::Connection;

/// The stream of one database.
#[derive(Debug)]
pub(super) struct PostgresStream {
    plans: Arc<[TablePlan]>,
    stage: Stage,
    /// Written into every checkpoint.
    state: StoredText,
    fingerprint: u64,
    /// `None`: there is no slot.
    lag: Option<LagWatch>,
    cancellation: Cancellation,
}

/// A snapshot that is about to be taken.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) exported: Arc<Exported>,
    /// A connection that sees the snapshot, for the first part of it; without a slot, the one that has it.
    pub(super) reader: Option<Connection>,
    pub(super) settings: Settings,
    pub(super) jobs: Jobs,
    /// About how many rows there are to copy; `None` where that is not known of one table.
    pub(super) estimated_rows: Option<u64>,
    pub(super) threads: usize,
    /// What is followed then, and the connection for replication that has the snapshot; `None`: nothing.
    pub(super) followed: Option<(Target, Connection)>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing was told yet.
    Start(Box<Beginning>),
    /// The parts of the snapshot are asked for and read.
    Snapshot(Box<Beginning>),
    /// The snapshot is done; the slot's changes come next.
    Done(Box<Beginning>),
    Following(Box<Following>),
    Ended,
}

impl PostgresStream {
    /// A stream that begins with a snapshot.
    pub(super) fn beginning(
        plans: Arc<[TablePlan]>,
        beginning: Beginning,
        lag: Option<LagWatch>,
        cancellation: &Cancellation,
    ) -> Self {
        let end = beginning.exported.at;
        let target = beginning.followed.as_ref().map(|(target, _)| target);
        let stored = match target {
            Some(target) => target.stored(end),
            None => Stored {
                end,
                system: 0,
                entries: 0,
                timeline: None,
            },
        };
        let fingerprint = target.map_or(0, |target| target.fingerprint);
        Self {
            plans,
            state: StoredText::new(stored),
            fingerprint,
            stage: Stage::Start(Box::new(beginning)),
            lag,
            cancellation: cancellation.clone(),
        }
    }

    /// A stream that goes on with changes.
    pub(super) fn following(
        plans: Arc<[TablePlan]>,
        following: Following,
        lag: LagWatch,
        cancellation: &Cancellation,
    ) -> Self {
        Self {
            plans,
            state: StoredText::new(following.stored()),
            fingerprint: following.fingerprint(),
            stage: Stage::Following(Box::new(following)),
            lag: Some(lag),
            cancellation: cancellation.clone(),
        }
    }

    #[inline]
    fn check_lag(&self) -> Result<()> {
        match &self.lag {
            Some(lag) => lag.check(),
            None => Ok(()),
        }
    }

    /// What is told next, apart from rows.
    fn advance(&mut self) -> Result<Said> {
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Ended => Ok(Said::End),
            Stage::Start(beginning) => {
                let lsn = snapshot_lsn(&beginning.exported);
                self.stage = Stage::Snapshot(beginning);
                Ok(Said::SnapshotStarted(lsn))
            }
            Stage::Snapshot(beginning) => {
                failpoint::pass("postgres_source.snapshot.read")?;
                let lsn = snapshot_lsn(&beginning.exported);
                self.stage = Stage::Done(beginning);
                Ok(Said::SnapshotDone(lsn))
            }
            Stage::Done(beginning) => {
                let Beginning {
                    exported, followed, ..
                } = *beginning;
                let Some((target, holder)) = followed else {
                    return Ok(Said::End);
                };
                let following =
                    Following::start(target, exported.at, (holder, None), &self.cancellation)?;
                failpoint::pass("postgres_source.snapshot.handed_over")?;
                self.stage = Stage::Following(Box::new(following));
                Ok(Said::Nothing)
            }
            Stage::Following(mut following) => {
                let next = following.advance(&self.plans)?;
                if matches!(next, Next::Commit) {
                    failpoint::pass("postgres_source.transaction.read")?;
                }
                // Not at a commit: what is whole is to be stored first.
                if matches!(next, Next::Begin(_) | Next::Idle(_)) {
                    self.check_lag()?;
                }
                if matches!(next, Next::Commit | Next::Idle(Some(_))) {
                    self.state.set(following.stored());
                }
                self.stage = Stage::Following(following);
                Ok(Said::Next(next))
            }
        }
    }
}

enum Said {
    SnapshotStarted(u64),
    SnapshotDone(u64),
    Next(Next),
    Nothing,
    End,
}

/// Changes that are committed at the slot's first position or later are not in the snapshot, and have to be greater.
fn snapshot_lsn(exported: &Exported) -> u64 {
    exported.at.0.saturating_sub(1)
}

impl ChangeStream for PostgresStream {
    type Row<'a> = PostgresRow<'a>;

    fn next_event(&mut self) -> Result<Option<Event<PostgresRow<'_>>>> {
        let next = match self.advance()? {
            Said::SnapshotStarted(lsn) => return Ok(Some(Event::SnapshotStarted { lsn })),
            Said::SnapshotDone(lsn) => return Ok(Some(Event::SnapshotDone { lsn })),
            Said::Nothing => return Ok(Some(Event::Idle { reached: None })),
            Said::End => return Ok(None),
            Said::Next(next) => next,
        };
        let Stage::Following(following) = &self.stage else {
            return Ok(None);
        };
        let rows = |relation: u32| Rows {
            following,
            plan: following
                .image(relation)
                .and_then(|(place, image)| Some((self.plans.get(place)?, image))),
        };
        Ok(Some(match next {
            Next::Begin(lsn) => Event::Begin { lsn },
            Next::Commit => Event::Commit,
            Next::Truncate(table) => Event::Truncate { table },
            Next::Idle(reached) => Event::Idle { reached },
            Next::Changed(plan, change) => Event::SchemaChanged {
                table: self.plans.get(plan).map_or(usize::MAX, |plan| plan.place),
                change,
                what: following.changed().to_owned(),
            },
            Next::Insert(relation) => Event::insert(rows(relation).new_row(OldImage::None)),
            Next::Update(relation, old) => {
                let rows = rows(relation);
                Event::Change(Change::Update {
                    old: (old != OldImage::None).then(|| rows.old_row(old)),
                    new: rows.new_row(old),
                })
            }
            Next::Delete(relation, old) => Event::Change(Change::Delete {
                old: rows(relation).old_row(old),
            }),
        }))
    }

    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        if let Stage::Following(following) = &mut self.stage {
            failpoint::pass("postgres_source.confirm.before")?;
            following.confirm(Stored::parse(&durable.state)?.end);
            failpoint::pass("postgres_source.confirm.after")?;
        }
        Ok(())
    }

    fn keep_alive(&mut self) -> Result<()> {
        match &mut self.stage {
            Stage::Following(following) => {
                following.keep_alive();
                Ok(())
            }
            // Of a snapshot that is broken off nothing is kept: there is no use in waiting.
            _ => self.check_lag(),
        }
    }

    fn is_ready(&self) -> bool {
        match &self.stage {
            Stage::Following(following) => following.has_data(),
            _ => false,
        }
    }

    fn estimated_rows(&self) -> Option<u64> {
        match &self.stage {
            Stage::Snapshot(beginning) => beginning.estimated_rows,
            _ => None,
        }
    }

    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        match &mut self.stage {
            Stage::Snapshot(beginning) => Ok(beginning.exported.parts(
                &beginning.settings,
                beginning.threads,
                beginning.reader.take(),
                &beginning.jobs,
                &self.plans,
            )),
            _ => Ok(Vec::new()),
        }
    }

    fn state(&self) -> &str {
        self.state.as_str()
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// The rows of the change that was read last.
struct Rows<'a> {
    following: &'a Following,
    /// `None`: of a table that nobody selected.
    plan: Option<(&'a TablePlan, &'a super::row::ImagePlan)>,
}

impl<'a> Rows<'a> {
    fn new_row(&self, old: OldImage) -> PostgresRow<'a> {
        let Some((plan, image)) = self.plan else {
            return PostgresRow::Unselected;
        };
        PostgresRow::Whole {
            plan,
            image,
            tuple: &self.following.new,
            old: (old != OldImage::None).then_some(&self.following.old),
            message: self.following.data(),
        }
    }

    fn old_row(&self, told: OldImage) -> PostgresRow<'a> {
        let Some((plan, image)) = self.plan else {
            return PostgresRow::Unselected;
        };
        let (tuple, message) = (&self.following.old, self.following.data());
        if told == OldImage::Row {
            PostgresRow::Whole {
                plan,
                image,
                tuple,
                old: None,
                message,
            }
        } else {
            PostgresRow::Identity {
                plan,
                image,
                tuple,
                message,
            }
        }
    }
}
