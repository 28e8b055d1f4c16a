//! Which server a position was read from, and which of its histories: a copy that was restored or promoted counts on
//! with the same numbers, and means other changes by them.

use connector_core::{Error, ErrorKind, Result};

use super::state::{Stored, Timeline};
use crate::lsn::Lsn;
use crate::wire::{Connection, PgError};

/// The server has no file of this name.
const UNDEFINED_FILE: &str = "58P01";

/// The server that a connection leads to, and the log that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the cluster, which all copies of it share.
    pub(super) system: u64,
    /// The number of the timeline; each promotion begins another.
    timeline: u32,
    /// Where the log ends.
    end: Lsn,
    /// The timelines that this one came from, and where each was left; `None` where the server does not know any more.
    left: Option<Vec<(u32, Lsn)>>,
}

impl Place {
    /// Asks the server, over a connection for replication.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub(super) fn read(connection: &mut Connection) -> Result<Self, PgError> {
        let rows = connection.query("IDENTIFY_SYSTEM")?;
        let row = rows.one()?;
        let timeline = row.parse("timeline")?;
        Ok(Self {
            system: row.parse("systemid")?,
            timeline,
            end: row.parse("xlogpos")?,
            left: left(connection, timeline)?,
        })
    }

    /// The timeline, for the checkpoint.
    pub(super) fn timeline(&self) -> Timeline {
        Timeline {
            number: self.timeline,
            began: self.began(self.timeline).unwrap_or_default(),
        }
    }

    /// Where a timeline of this history began: where the one before it was left. `None`: nobody knows.
    fn began(&self, timeline: u32) -> Option<Lsn> {
        let left = self.left.as_ref()?;
        let before = left.iter().rev().find(|(number, _)| *number < timeline);
        Some(before.map_or(Lsn(0), |(_, at)| *at))
    }

    /// Whether a stored position is one of this history, so that what comes after it can be told.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn holds(&self, stored: &Stored) -> Result<()> {
        let lost = |what: String| {
            Err(Error::new(ErrorKind::PositionLost, what)
                .with_help("take a new snapshot with `dozer app reset`"))
        };
        if self.system != stored.system {
            return lost(format!(
                "the stored position is one of the server {}, and this server is {}: a database that was restored or moved",
                stored.system, self.system
            ));
        }
        if let Some(timeline) = stored.timeline
            && let Err(what) = self.has_been_on(timeline, stored.end)
        {
            return lost(what);
        }
        if stored.end > self.end {
            return lost(format!(
                "the server's log ends at {}, before the stored position {}: a database that was restored from an older copy, or a standby that lags behind",
                self.end, stored.end
            ));
        }
        Ok(())
    }

    fn has_been_on(&self, timeline: Timeline, position: Lsn) -> Result<(), String> {
        let number = timeline.number;
        let Some(left) = self.left.as_ref() else {
            return if number == self.timeline {
                Ok(())
            } else {
                Err(format!(
                    "the stored position {position} is on timeline {number}; the server is on timeline {}, and has no file of where it left the others",
                    self.timeline
                ))
            };
        };
        if number != self.timeline {
            match left.iter().find(|(left, _)| *left == number) {
                Some((_, at)) if position <= *at => {}
                Some((_, at)) => {
                    return Err(format!(
                        "the server left timeline {number} at {at}, before the stored position {position}: it was promoted, or restored, without the changes in between"
                    ));
                }
                None => {
                    return Err(format!(
                        "the stored position {position} is on timeline {number}, which the server, on timeline {}, never was on: a copy that was restored or promoted",
                        self.timeline
                    ));
                }
            }
        }
        match self.began(number) {
            // Two copies that were promoted apart give their timelines the same number.
            Some(began)
                if timeline.began != Lsn(0) && began != Lsn(0) && began != timeline.began =>
            {
                Err(format!(
                    "the stored position {position} is on a timeline {number} that began at {}, and the server's began at {began}: another copy that was promoted",
                    timeline.began
                ))
            }
            _ => Ok(()),
        }
    }
}

/// The timelines before this one, oldest first.
fn left(connection: &mut Connection, timeline: u32) -> Result<Option<Vec<(u32, Lsn)>>, PgError> {
    if timeline <= 1 {
        return Ok(Some(Vec::new()));
    }
    match connection.query(&format!("TIMELINE_HISTORY {timeline}")) {
        Ok(rows) => Ok(Some(history(rows.one()?.text("content")?))),
        Err(error) if error.code() == Some(UNDEFINED_FILE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A line of the file names a timeline, where it was left, and why.
fn history(file: &str) -> Vec<(u32, Lsn)> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    file.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "1\t0/3000\tno recovery target specified\n\n# a comment\n2\t0/5000\tbefore 2000-01-01 00:00:00+00\n";

    fn place(left: Option<Vec<(u32, Lsn)>>) -> Place {
        Place {
            system: 7,
            timeline: 3,
            end: Lsn(0x9000),
            left,
        }
    }

    fn stored(number: u32, began: u64, end: u64) -> Stored {
        Stored {
            end: Lsn(end),
            system: 7,
            entries: 0,
            timeline: Some(Timeline {
                number,
                began: Lsn(began),
            }),
        }
    }

    #[test]
    fn a_history_is_read() {
        assert_eq!(history(FILE), [(1, Lsn(0x3000)), (2, Lsn(0x5000))]);
        let place = place(Some(history(FILE)));
        assert_eq!(place.timeline(), stored(3, 0x5000, 0).timeline.unwrap());
    }

    #[test]
    fn positions_of_the_history_are_held() {
        let place = place(Some(history(FILE)));
        for (number, began, end) in [
            (1, 0, 0x2000),
            (1, 0, 0x3000),
            (2, 0x3000, 0x3001),
            (2, 0x3000, 0x5000),
            (3, 0x5000, 0x9000),
            (3, 0, 0x8000),
        ] {
            assert!(
                place.holds(&stored(number, began, end)).is_ok(),
                "{number} {end}"
            );
        }
        let before = Stored {
            timeline: None,
            ..stored(1, 0, 0x9000)
        };
        assert!(place.holds(&before).is_ok(), "stored by an earlier release");
    }

    #[test]
    fn positions_of_another_history_are_lost() {
        let place = place(Some(history(FILE)));
        let of_another_system = Stored {
            system: 8,
            ..stored(3, 0x5000, 0x6000)
        };
        for (stored, what) in [
            (stored(1, 0, 0x3001), "left timeline 1 at 0/3000"),
            (stored(2, 0x3000, 0x5001), "left timeline 2 at 0/5000"),
            (stored(2, 0x2000, 0x3001), "another copy that was promoted"),
            (stored(3, 0x4000, 0x6000), "another copy that was promoted"),
            (stored(4, 0x6000, 0x6001), "never was on"),
            (stored(3, 0x5000, 0x9001), "log ends at 0/9000"),
            (of_another_system, "restored or moved"),
        ] {
            let error = place.holds(&stored).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PositionLost);
            assert!(error.message().contains(what), "{}", error.message());
        }
    }

    #[test]
    fn without_its_history_a_server_is_believed_about_its_own_timeline_alone() {
        let place = place(None);
        assert!(place.holds(&stored(3, 0x5000, 0x6000)).is_ok());
        assert!(place.holds(&stored(2, 0x3000, 0x4000)).is_err());
    }
}
