//! Where groups end: positions that are written into the file, so that a group is the same at every reading.

use connector_core::{Result, failpoint};
use rusqlite::{Connection, OptionalExtension as _};

use super::layout::{id, last_id, lsn, operation};
use super::log::{Log, within};
use crate::connect::{Patience, retry, write};
use crate::error::sqlite_error;
use crate::read::Handle;

/// So many images are worth a boundary of their own while an earlier group is read.
const WORTH_A_GROUP: i64 = 4096;

impl<H: Handle> Log<H> {
    /// Lets a group have so many images at the most: what is larger is cut, also within a transaction, and also where another
    /// reader was given it whole: it gets the parts when it reads that group again. Unless it is said, nothing is cut.
    #[must_use]
    pub fn with_largest_group(mut self, images: Option<u64>) -> Self {
        self.largest_group = images;
        self
    }

    /// The end of the first group after the position `after`; `None` when there is nothing new.
    ///
    /// A group ends where the log ended when some reader first looked, so it holds whole transactions, one or more.
    /// Its end is written into the file before it is given: the same position gives the same group at every reading,
    /// until the log is pruned, or a reader with a smaller [largest group](Self::with_largest_group) cuts it. The write
    /// lock is taken only when there is something new.
    ///
    /// Fails with [`PositionLost`](connector_core::ErrorKind::PositionLost) where the log no longer reaches back to `after`, where
    /// it ends before it, and where a watched table was dropped or created anew.
    pub fn next_boundary(&mut self, after: u64, patience: Patience<'_>) -> Result<Option<u64>> {
        let boundary = self.find_boundary(after, patience)?;
        // Looked at after the end is known, so that the tables of every image before it are.
        retry(patience, || self.check_schema())?;
        Ok(boundary)
    }

    fn find_boundary(&mut self, after: u64, patience: Patience<'_>) -> Result<Option<u64>> {
        retry(patience, || self.check_schema())?;
        let position = id(after)?;
        let seen = retry(patience, || self.look(position))?;
        let (pruned, last, boundary) = seen;
        within(after, pruned, last)?;
        let largest = self.largest_group.unwrap_or(u64::MAX);
        let fits = |end: &i64| end.abs_diff(position) <= largest;
        if let Some(boundary) = boundary.filter(fits) {
            return Ok(Some(lsn(boundary)?));
        }
        if last == position {
            return Ok(None);
        }
        // Another reader may have been here in between, or given a group that is too large.
        let boundary = write(self.handle.connection(), patience, |connection| {
            let end = match self.look(position)? {
                (_, _, Some(boundary)) => boundary,
                (_, last, None) => last,
            };
            let end = self.cut(connection, position, end)?;
            bound(connection, end)?;
            failpoint::pass("sqlite_source.boundary.before")?;
            Ok(end)
        })?;
        failpoint::pass("sqlite_source.boundary.after")?;
        Ok(Some(lsn(boundary)?))
    }

    /// Notes the end of the log as the end of a group, where much has come since the last one: called while a group is read,
    /// so that what is written meanwhile is no single group. `false`: it is not worth it, or the file is busy.
    pub fn note_end(&self) -> Result<bool> {
        let connection = self.handle.connection();
        let worth = |last: i64| -> Result<bool> {
            let noted: Option<i64> = connection
                .prepare_cached("SELECT max(lsn) FROM main._dozer_groups WHERE NOT snapshot")
                .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
                .map_err(sqlite_error)?;
            Ok(last - noted.unwrap_or(0) >= WORTH_A_GROUP)
        };
        let once = Patience::new(std::time::Duration::ZERO);
        let noted = match last_id(connection).and_then(worth) {
            // All groups that were given end at or before the last boundary: one behind it cuts none of them.
            Ok(true) => write(connection, once, |connection| {
                bound(connection, last_id(connection)?)
            }),
            Ok(false) => return Ok(false),
            Err(error) => Err(error),
        };
        match noted {
            Err(error) if error.is_transient() => Ok(false),
            noted => noted.map(|()| true),
        }
    }

    /// Where a group from this position on ends that would end there.
    fn cut(&self, connection: &Connection, from: i64, end: i64) -> Result<i64> {
        let Some(largest) = self.largest_group else {
            return Ok(end);
        };
        let cut = from.saturating_add(i64::try_from(largest.max(1)).unwrap_or(i64::MAX));
        if cut >= end {
            return Ok(end);
        }
        // The two images of an update stay together.
        let op: Option<i64> = connection
            .prepare_cached("SELECT op FROM main._dozer_log WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([cut], |row| row.get(0)).optional())
            .map_err(sqlite_error)?;
        Ok(cut + i64::from(op == Some(operation::UPDATE_OLD)))
    }
}

/// Writes the end of a group, with a token of its own.
fn bound(connection: &Connection, end: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO main._dozer_groups(lsn, token) VALUES(?1, lower(hex(randomblob(8))))
             ON CONFLICT(lsn) DO UPDATE SET snapshot = 0",
        )
        .and_then(|mut statement| statement.execute([end]))
        .map(drop)
        .map_err(sqlite_error)
}
