//! How far a reader is behind the server, and whether that is worth reading by SQL.

use crate::lsn::Lsn;
use crate::quote::literal;
use crate::wire::{Connection, PgError};

/// The log between where a slot begins to decode and what it is asked for is decoded again with every piece of a backlog.
/// Where a transaction that stays open makes that longer than this, the stream is faster, which decodes it once.
const FAR: u64 = 512 << 20;

/// Where a slot stands, and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
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
                    restart_lsn
               FROM pg_replication_slots
              WHERE slot_name = {} AND restart_lsn IS NOT NULL",
            literal(slot)
        ))?;
        let Some(row) = rows.iter().next() else {
            return Ok(None);
        };
        Ok(Some(Self {
            flushed: row.get("flushed")?.and_then(|lsn| lsn.parse().ok()),
            restart: row.parse("restart_lsn")?,
        }))
    }

    /// How far to read next, from `from`: a piece, or a larger one where it takes long to get there. `None`: what is left is
    /// less than `least`, or the way there is too long.
    pub(super) fn next_piece(&self, from: Lsn, piece: u64, least: u64) -> Option<Lsn> {
        let left = self.flushed?.0.saturating_sub(from.0);
        let way = from.0.saturating_sub(self.restart.0);
        let piece = (way / 2).clamp(piece, piece.saturating_mul(8));
        (left >= least && way <= FAR).then(|| Lsn(from.0 + left.min(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: u64 = 16 << 20;

    fn next(flushed: u64, restart: u64, from: u64) -> Option<u64> {
        let gap = Gap {
            flushed: Some(Lsn(flushed)),
            restart: Lsn(restart),
        };
        gap.next_piece(Lsn(from), PIECE, PIECE / 2).map(|lsn| lsn.0)
    }

    #[test]
    fn a_backlog_is_read_in_pieces_down_to_a_rest() {
        assert_eq!(next(PIECE * 5, 0, 0), Some(PIECE));
        assert_eq!(next(PIECE * 5, 0, PIECE * 4), Some(PIECE * 5));
        assert_eq!(next(PIECE, 0, PIECE / 4), Some(PIECE));
        assert_eq!(next(PIECE, 0, PIECE / 2 + 1), None);
        assert_eq!(next(PIECE, 0, PIECE * 2), None);
    }

    #[test]
    fn pieces_grow_with_the_way_to_them_up_to_a_limit() {
        let far = u64::MAX / 2;
        assert_eq!(next(far, 0, PIECE * 6), Some(PIECE * 9));
        assert_eq!(next(far, 0, PIECE * 20), Some(PIECE * 28));
        assert_eq!(next(far, 0, FAR), Some(FAR + PIECE * 8));
        assert_eq!(next(far, 0, FAR + 1), None);
    }

    #[test]
    fn on_a_standby_nothing_is_read_by_sql() {
        let gap = Gap {
            flushed: None,
            restart: Lsn(0),
        };
        assert_eq!(gap.next_piece(Lsn(0), PIECE, 0), None);
    }
}
