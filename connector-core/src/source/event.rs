//! What a change stream says.

use super::row::{Holds, SourceRow};
use super::tracking::{Tells, TellsSameKey};

/// One event of a change stream.
///
/// A stream of bare changes is a bounded snapshot: its end is legal, and a restart reads it again. A stream that
/// follows changes puts them between [`Begin`](Event::Begin) and [`Commit`](Event::Commit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<R, O = <R as SourceRow>::Old> {
    /// The rows of a snapshot taken at `lsn` follow.
    SnapshotStarted {
        /// The position of the snapshot: changes after it are not in it.
        lsn: u64,
    },
    /// The snapshot is complete; changes that follow have a greater `lsn`.
    SnapshotDone {
        /// The same position as in `SnapshotStarted`.
        lsn: u64,
    },
    /// The changes of one transaction follow.
    Begin {
        /// The commit position of the transaction, greater than every one before.
        lsn: u64,
    },
    /// One row was read, inserted, updated or deleted.
    Change(Change<R, O>),
    /// The transaction is complete.
    Commit,
    /// A table was emptied.
    Truncate {
        /// The table's place in the list that `get_tables` gives.
        table: usize,
    },
    /// A table's columns are no longer those that `get_tables` gave.
    SchemaChanged {
        /// The table's place in the list that `get_tables` gives.
        table: usize,
        /// Whether what is read can be read as before.
        change: SchemaChange,
        /// What changed, in a person's words.
        what: String,
    },
    /// Nothing to tell at the moment. A stream that follows gives this at least every 500 ms.
    Idle {
        /// Everything up to this position was told, where the source knows it.
        reached: Option<u64>,
    },
}

/// What a change of a table's columns means for who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaChange {
    /// Columns were added; what is read can be read as before. Told before the first row that may have a value there; the
    /// stream goes on if it is asked to.
    Additive,
    /// A column that is read was given a type that holds all that the old one did (see
    /// [`Source::widens`](crate::Source::widens)): told before the first row that may need it. The stream ends; where it is asked
    /// to go on, it is begun anew with the columns as they are then.
    Wider,
    /// What is read was dropped, renamed or given another type: the run ends.
    Breaking,
}

/// One change of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<R, O = <R as SourceRow>::Old> {
    /// A row of a snapshot, or one that was inserted.
    Insert {
        /// The row.
        new: R,
    },
    /// A row was updated.
    Update {
        /// What the source tells of the old row. `None` under `only_pk`: the key is the new row's.
        old: Option<O>,
        /// The row as it is now.
        new: R,
    },
    /// A row was deleted.
    Delete {
        /// What the source tells of the old row.
        old: O,
    },
}

impl<R: SourceRow> Event<R> {
    /// A row was inserted, or read in a snapshot.
    pub fn insert(new: R) -> Self {
        Self::Change(Change::Insert { new })
    }

    /// A row was updated; `old` is what the table's tracking type tells of the old row.
    #[inline]
    pub fn update<O>(old: O, new: R) -> Self
    where
        R::Tracking: Tells<R, O>,
    {
        R::Tracking::told(Event::Change(Change::Update {
            old: Some(old),
            new,
        }))
    }

    /// A row was updated and its key is as before; for `tracking = "only_pk"`.
    pub fn update_same_key(new: R) -> Self
    where
        R::Tracking: TellsSameKey<R>,
    {
        Self::Change(Change::Update { old: None, new })
    }

    /// A row was deleted; `old` is what the table's tracking type tells of it.
    #[inline]
    pub fn delete<O>(old: O) -> Self
    where
        R::Tracking: Tells<R, O>,
    {
        R::Tracking::told(Event::Change(Change::Delete { old }))
    }

    /// The same event in a stream of several tables: `E` is an enum with a variant that holds `R`.
    pub fn among<E: Holds<R>>(self) -> Event<E> {
        match self {
            Self::SnapshotStarted { lsn } => Event::SnapshotStarted { lsn },
            Self::SnapshotDone { lsn } => Event::SnapshotDone { lsn },
            Self::Begin { lsn } => Event::Begin { lsn },
            Self::Commit => Event::Commit,
            Self::Truncate { table } => Event::Truncate { table },
            Self::SchemaChanged {
                table,
                change,
                what,
            } => Event::SchemaChanged {
                table,
                change,
                what,
            },
            Self::Idle { reached } => Event::Idle { reached },
            Self::Change(change) => Event::Change(match change {
                Change::Insert { new } => Change::Insert { new: E::hold(new) },
                Change::Update { old, new } => Change::Update {
                    old: old.map(E::hold_old),
                    new: E::hold(new),
                },
                Change::Delete { old } => Change::Delete {
                    old: E::hold_old(old),
                },
            }),
        }
    }
}
