//! How far a reader is behind the server, and whether that is worth reading by SQL.

use crate::lsn::Lsn;
use crate::quote::literal;
use crate::wire::{Connection, PgError};

/// The log between where a slot begins to decode and what it is asked for is decoded again with every piece of a backlog.
/// Where a transaction that stays open makes that longer than this, the stream is faster, which decodes it once.
const FAR: u64 = 512 << 20;

/// What two sessions and their copies of the slot are worth, where a piece is not less: so much is read by SQL, and what is a
/// quarter more is divided.
const WORTH: u64 = 16 << 20;
/// Pieces do not grow beyond this, which the server keeps until it is delivered.
const LARGEST: u64 = 128 << 20;

/// SQL that tells one running server from another, a copy of it too: when it was started.
pub(super) const SERVER: &str =
    "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint";

/// Where a slot stands, and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// Which server it is: see [`SERVER`].
    pub(super) server: i64,
    /// Up to where there is something to read; `None` on a standby.
    pub(super) flushed: Option<Lsn>,
    /// Where decoding begins, whatever is asked for.
    pub(super) restart: Lsn,
}

impl Gap {
    /// Asks the server. `None`: the slot is not there, or has lost its log.
    pub(super) fn read(connection: &mut Connection, slot: &str) -> Result<Option<Self>, PgError> {
        let rows = connection.query(&format!(
            "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn() END AS flushed,
                    restart_lsn, {SERVER} AS server
               FROM pg_replication_slots
              WHERE slot_name = {} AND restart_lsn IS NOT NULL",
            literal(slot)
        ))?;
        let Some(row) = rows.iter().next() else {
            return Ok(None);
        };
        Ok(Some(Self {
            server: row.parse("server")?,
            flushed: row.get("flushed")?.and_then(|lsn| lsn.parse().ok()),
            restart: row.parse("restart_lsn")?,
        }))
    }

    /// Whether so much is to be read from `from` on that to read it by SQL pays.
    pub(super) fn is_backlog(&self, from: Lsn, piece: u64, end: Option<Lsn>) -> bool {
        (self.left(from, end)).is_some_and(|left| left >= piece.min(WORTH)) && self.way(from) <= FAR
    }

    /// How far two sessions read first, which begin at the same time: what they can read at once is divided between them. The
    /// second one is not always needed. `None`: as of [`next_piece`](Self::next_piece).
    pub(super) fn first_pieces(
        &self,
        from: Lsn,
        piece: u64,
        end: Option<Lsn>,
    ) -> Option<(Lsn, Option<Lsn>)> {
        let Left {
            bytes: left,
            size,
            unit,
        } = self.worth_a_piece(from, piece, end)?;
        if left / 5 <= unit / 4 {
            return Some((Lsn(from.0 + left), None));
        }
        if left / 4 > size {
            let first = Lsn(from.0 + size);
            return Some((first, self.next_piece(first, piece, end)));
        }
        // The session that reads the rest decodes the log before it, too, which costs about a quarter as much. Its part is the
        // larger one all the same: while it goes on, what the other one has decoded is delivered.
        let first = Lsn(from.0 + left.div_ceil(9) * 4);
        Some((first, Some(Lsn(from.0 + left))))
    }

    /// How far to read next, from `from`: a piece, or a larger one where it takes long to get there. `None`: what is left is not
    /// worth a piece, or the way there is too long. A run that ends at `end` reads by pieces up to there.
    pub(super) fn next_piece(&self, from: Lsn, piece: u64, end: Option<Lsn>) -> Option<Lsn> {
        let left = self.worth_a_piece(from, piece, end)?;
        Some(Lsn(from.0 + left.share()))
    }

    /// What is left from `from` on, if that is worth a piece.
    fn worth_a_piece(&self, from: Lsn, piece: u64, end: Option<Lsn>) -> Option<Left> {
        let left = self.left(from, end)?;
        let way = self.way(from);
        let worth = piece.min(WORTH);
        let is_last = end.is_some_and(|end| self.flushed >= Some(end));
        let least = if is_last { 1 } else { (worth / 2).max(1) };
        let size = (way / 2).clamp(piece, piece.saturating_mul(8).min(LARGEST).max(piece));
        let unit = (way / 2).clamp(worth, size);
        (left >= least && way <= FAR).then_some(Left {
            bytes: left,
            size,
            unit,
        })
    }

    /// How much log there is from `from` on, up to `end`.
    fn left(&self, from: Lsn, end: Option<Lsn>) -> Option<u64> {
        let flushed = self.flushed?;
        let end = end.map_or(flushed, |end| end.min(flushed));
        Some(end.0.saturating_sub(from.0))
    }

    /// How much log is decoded before what is asked for.
    fn way(&self, from: Lsn) -> u64 {
        from.0.saturating_sub(self.restart.0)
    }
}

/// What is left of a backlog.
#[derive(Debug, Clone, Copy)]
struct Left {
    bytes: u64,
    /// How large a piece of it is.
    size: u64,
    /// What it pays to divide is larger than this.
    unit: u64,
}

impl Left {
    /// How much of it is read next, while another session reads what is before it.
    fn share(self) -> u64 {
        let Self {
            bytes: left,
            size,
            unit,
        } = self;
        if left / 5 > size / 2 {
            return size;
        }
        // The session that reads the rest decodes the log before it, too, which costs about a quarter as much. Where they divide
        // it like this, both are done at about the same time.
        let first = (left.div_ceil(7) * 4).min(left);
        if left - first < unit / 2 { left } else { first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: u64 = 16 << 20;

    fn gap(flushed: u64, restart: u64) -> Gap {
        Gap {
            server: 0,
            flushed: Some(Lsn(flushed)),
            restart: Lsn(restart),
        }
    }

    fn next(flushed: u64, restart: u64, from: u64) -> Option<u64> {
        let next = gap(flushed, restart).next_piece(Lsn(from), PIECE, None);
        next.map(|lsn| lsn.0)
    }

    #[test]
    fn a_backlog_is_read_in_pieces_down_to_a_rest() {
        assert_eq!(next(PIECE * 5, 0, 0), Some(PIECE));
        assert_eq!(next(PIECE * 5, 0, PIECE), Some(PIECE * 2));
        assert_eq!(next(PIECE * 5, 0, PIECE * 4), Some(PIECE * 5));
        assert_eq!(next(PIECE, 0, PIECE / 4), Some(PIECE));
        assert_eq!(next(PIECE, 0, PIECE / 2 + 1), None);
        assert_eq!(next(PIECE, 0, PIECE * 2), None);
    }

    #[test]
    fn what_would_be_left_and_is_not_worth_a_piece_is_read_with_the_one_before() {
        let least = PIECE / 2 / 3 * 7;
        assert_eq!(next(least - 7, 0, 0), Some(least - 7));
        assert_eq!(next(least + 7, 0, 0), Some((least + 7).div_ceil(7) * 4));
    }

    #[test]
    fn what_two_sessions_can_read_at_once_is_divided_between_them() {
        for left in [PIECE * 5 / 4, PIECE * 2, PIECE * 5 / 2] {
            let first = next(left, 0, 0).unwrap();
            assert_eq!(first, left.div_ceil(7) * 4);
            assert_eq!(next(left, 0, first), Some(left));
        }
    }

    #[test]
    fn two_sessions_begin_with_about_as_much() {
        let first = |left| {
            let pieces = gap(left, 0).first_pieces(Lsn(0), PIECE, None);
            pieces.map(|(first, second)| (first.0, second.map(|lsn| lsn.0)))
        };
        assert_eq!(first(PIECE / 2 - 1), None);
        for left in [PIECE / 2, PIECE, PIECE / 4 * 5] {
            assert_eq!(first(left), Some((left, None)));
        }
        for left in [PIECE / 4 * 5 + 5, PIECE * 2, PIECE * 4] {
            assert_eq!(first(left), Some((left.div_ceil(9) * 4, Some(left))));
        }
        assert_eq!(first(PIECE * 4 + 4), Some((PIECE, Some(PIECE * 2))));
        assert_eq!(
            gap(FAR * 2, 0).first_pieces(Lsn(FAR + 1), PIECE, None),
            None
        );
    }

    #[test]
    fn every_piece_gets_on() {
        for piece in [1, 2, 3, 4, 5, 1000, PIECE] {
            assert_eq!(gap(0, 0).next_piece(Lsn(0), piece, None), None);
            for left in (1..200).chain([PIECE, PIECE * 2, FAR]) {
                let gap = gap(left, 0);
                let end = Some(Lsn(left));
                let next = gap.next_piece(Lsn(0), piece, end).unwrap();
                assert!((1..=left).contains(&next.0), "{next} of {left}");
                let (first, second) = gap.first_pieces(Lsn(0), piece, end).unwrap();
                assert!((1..=left).contains(&first.0), "{first} of {left}");
                assert!(second.is_none_or(|second| first < second && second.0 <= left));
                assert!(second.is_some() || first.0 == left);
            }
        }
    }

    #[test]
    fn a_run_that_ends_somewhere_is_read_in_pieces_up_to_there() {
        let end = PIECE * 2 + 1;
        let next = |flushed, from| gap(flushed, 0).next_piece(Lsn(from), PIECE, Some(Lsn(end)));
        assert_eq!(next(PIECE * 9, PIECE), Some(Lsn(end)));
        assert_eq!(next(end, end - 1), Some(Lsn(end)));
        assert_eq!(next(end - 1, end - 2), None);
        assert_eq!(next(PIECE * 9, end), None);
        assert!(gap(PIECE * 9, 0).is_backlog(Lsn(PIECE), PIECE, Some(Lsn(end))));
        assert!(!gap(PIECE * 9, 0).is_backlog(Lsn(PIECE + 2), PIECE, Some(Lsn(end))));
    }

    #[test]
    fn pieces_grow_with_the_way_to_them_up_to_a_limit() {
        let far = u64::MAX / 2;
        assert_eq!(next(far, 0, PIECE * 6), Some(PIECE * 9));
        assert_eq!(next(far, 0, PIECE * 20), Some(PIECE * 28));
        assert_eq!(next(far, 0, FAR), Some(FAR + PIECE * 8));
        assert_eq!(next(far, 0, FAR + 1), None);
        assert!(!gap(far, 0).is_backlog(Lsn(FAR + 1), PIECE, None));
    }

    #[test]
    fn a_large_piece_keeps_nothing_from_being_read_and_divided() {
        const LARGE: u64 = PIECE * 4;
        let far = u64::MAX / 2;
        for piece in [LARGE, LARGEST * 2, u64::MAX] {
            assert!(gap(PIECE, 0).is_backlog(Lsn(0), piece, None));
            assert!(!gap(PIECE - 1, 0).is_backlog(Lsn(0), piece, None));
            let first = |left| gap(left, 0).first_pieces(Lsn(0), piece, None);
            assert_eq!(first(PIECE / 2 - 1), None);
            assert_eq!(first(PIECE / 4 * 5), Some((Lsn(PIECE / 4 * 5), None)));
            for left in [PIECE / 4 * 5 + 5, LARGE, LARGE * 4] {
                let parts = (Lsn(left.div_ceil(9) * 4), Some(Lsn(left)));
                assert_eq!(first(left), Some(parts));
            }
            let next = |left| gap(left, 0).next_piece(Lsn(0), piece, None);
            assert_eq!(next(PIECE / 2 - 1), None);
            assert_eq!(next(PIECE), Some(Lsn(PIECE)));
            assert_eq!(next(LARGE), Some(Lsn(LARGE.div_ceil(7) * 4)));
        }
        let next = |from| gap(far, 0).next_piece(Lsn(from), LARGE, None);
        assert_eq!(next(0), Some(Lsn(LARGE)));
        assert_eq!(next(LARGE * 3), Some(Lsn(LARGE * 3 + LARGE / 2 * 3)));
        assert_eq!(next(LARGE * 8), Some(Lsn(LARGE * 8 + LARGEST)));
        // Where the way is long, both sessions would go it.
        let way = LARGE * 4;
        let first = |left| gap(way + left, 0).first_pieces(Lsn(way), LARGE, None);
        assert_eq!(first(LARGE), Some((Lsn(way + LARGE), None)));
        assert_eq!(
            first(LARGE * 3).map(|(first, _)| first),
            Some(Lsn(way + (LARGE * 3).div_ceil(9) * 4))
        );
    }

    #[test]
    fn on_a_standby_nothing_is_read_by_sql() {
        let gap = Gap {
            server: 0,
            flushed: None,
            restart: Lsn(0),
        };
        assert_eq!(gap.next_piece(Lsn(0), PIECE, None), None);
        assert!(!gap.is_backlog(Lsn(0), 0, None));
    }
}
