//! A backlog, read by SQL: the server decodes it several times faster than it streams it.
//!
//! The log is cut into pieces: the k-th holds the transactions whose commit begins behind the end of the piece before and before
//! its own. Two sessions take turns, each with a temporary copy of the slot, so that the server decodes one piece while the one
//! before is delivered. The copies are read and forgotten at once; the slot itself moves on only with what is durable
//! downstream, so that whatever is cut, its changes are still there.

use std::collections::VecDeque;
use std::time::Duration;

use super::Arrived;
use super::gap::Gap;
use super::session::{Opening, Piece, Session, SlotCopy};
use super::teller::Teller;
use crate::lsn::Lsn;
use crate::snapshot::{CopyForm, Fields};
use crate::source::target::Target;
use crate::types::PgValue;
use crate::wire::{Awaited, Connection, PgError};

/// The sessions that take turns, each with the end of what it reads first: two, where there is more than a piece to read and the
/// server has as many free slots.
#[derive(Debug)]
pub(super) struct Begun {
    first: (Session, Lsn),
    second: Option<(Opening, Lsn)>,
}

impl Begun {
    /// Opens the sessions at once; the first over `spare`, if that is still a connection. `None`: no free slot, or no right to copy
    /// one.
    pub(super) fn open(
        target: &Target,
        from: Lsn,
        gap: Gap,
        spare: Option<Connection>,
    ) -> Option<Self> {
        let (first, second) = gap.first_pieces(from, target.backlog_piece, target.end)?;
        let copied = SlotCopy {
            slot: target.slot.clone(),
            server: gap.server,
        };
        let second = second.and_then(|end| Some((Session::opening(target, copied.clone())?, end)));
        match Session::over_or_open(spare, target, &copied) {
            Ok(session) => Some(Self {
                first: (session, first),
                second,
            }),
            // The other one has the only slot that was free.
            Err(_) => Some(Self {
                first: (second?.0.session()?, first),
                second: None,
            }),
        }
    }
}

/// A backlog that is being read.
#[derive(Debug)]
pub(in crate::source) struct Backlog {
    /// In the order in which they are read.
    pieces: VecDeque<Piece>,
    /// Up to where pieces were asked for.
    asked: Lsn,
    teller: Teller,
    fields: Fields,
}

impl Backlog {
    /// Begins to read what is committed from `from` on, of as much as there was a moment ago; `teller` moves the slot.
    pub(super) fn start(
        target: &Target,
        from: Lsn,
        teller: Teller,
        Begun { first, second }: Begun,
    ) -> Result<Self, PgError> {
        let mut backlog = Self {
            pieces: VecDeque::with_capacity(2),
            asked: from,
            teller,
            fields: Fields::default(),
        };
        let (session, end) = first;
        backlog.ask(session, Some(end), target)?;
        // Without it the backlog is read all the same, one piece after the other.
        if let Some((opening, end)) = second
            && let Some(session) = opening.session()
            && let Ok(session) = session.moved_to(backlog.asked, target)
        {
            backlog.ask(session, Some(end), target)?;
        }
        Ok(backlog)
    }

    /// Asks for the piece up to `end`, if there is one; else the session ends.
    fn ask(&mut self, session: Session, end: Option<Lsn>, target: &Target) -> Result<(), PgError> {
        if let Some(end) = end {
            let piece = session.ask(target, self.asked, end)?;
            self.pieces.push_back(piece);
            self.asked = end;
        }
        Ok(())
    }

    pub(super) fn advance(
        &mut self,
        timeout: Duration,
        target: &Target,
    ) -> Result<Arrived, PgError> {
        loop {
            let Some(piece) = self.pieces.front_mut() else {
                return Ok(Arrived::CaughtUp);
            };
            match piece.advance(timeout)? {
                Awaited::Message => {
                    if self.fields.has_begun() && only_field(piece.message()).is_some() {
                        return Ok(Arrived::Data);
                    }
                    let read = self.fields.read(piece.message(), CopyForm::Binary, 1);
                    if read.map_err(|bad| PgError::Answer(bad.to_string()))? {
                        return Ok(Arrived::Data);
                    }
                }
                Awaited::Nothing => return Ok(Arrived::Nothing),
                Awaited::End => {
                    self.fields.reset();
                    let Some(piece) = self.pieces.pop_front() else {
                        continue;
                    };
                    let end = piece.end;
                    let mut session = piece.into_session();
                    let (asked, size) = (self.asked, target.backlog_piece);
                    // What is asked for already may be the last of it.
                    if target.end.is_none_or(|end| asked < end) {
                        let next = session.gap()?;
                        let next = next.and_then(|gap| gap.next_piece(asked, size, target.end));
                        self.ask(session, next, target)?;
                    }
                    return Ok(Arrived::Reached { end, asked: false });
                }
            }
        }
    }

    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        let Some(piece) = self.pieces.front() else {
            return &[];
        };
        let message = piece.message();
        if let Some(data) = only_field(message) {
            return data;
        }
        // Behind the header of the copy.
        match self.fields.value(message, CopyForm::Binary, 0) {
            PgValue::Binary(data) => data,
            _ => &[],
        }
    }

    pub(super) fn has_data(&self) -> bool {
        self.pieces.front().is_some_and(Piece::has_data)
    }

    pub(super) fn confirm(&mut self, durable: Lsn) -> Result<(), PgError> {
        self.teller.tell(durable)
    }

    /// Leaves the slot to another reader.
    pub(super) fn finish(self) -> Result<(), PgError> {
        self.teller.finish()
    }
}

/// The field of a row in binary form that has one, and it is not null: what every message but the first and the last is.
#[inline]
fn only_field(message: &[u8]) -> Option<&[u8]> {
    let (&[0, 1, a, b, c, d], field) = message.split_first_chunk()? else {
        return None;
    };
    let length = usize::try_from(i32::from_be_bytes([a, b, c, d])).ok()?;
    (length == field.len()).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_one_field_is_read_as_any_row_is() {
        let mut fields = Fields::default();
        let header = [&b"PGCOPY\n\xff\r\n\0"[..], &[0; 8], &[0, 1, 0, 0, 0, 0]].concat();
        assert!(!fields.has_begun());
        assert_eq!(only_field(&header), None);
        assert_eq!(fields.read(&header, CopyForm::Binary, 1), Ok(true));
        assert!(fields.has_begun());
        for (message, field) in [
            (&b"\0\x01\0\0\0\x02ab"[..], Some(&b"ab"[..])),
            (b"\0\x01\0\0\0\0", Some(b"")),
            (b"\0\x01\0\0\0\x02a", None),
            (b"\0\x01\0\0\0\x02abc", None),
            (b"\0\x01\xff\xff\xff\xff", None),
            (b"\0\x02\0\0\0\x02ab", None),
            (b"\xff\xff", None),
            (b"", None),
        ] {
            assert_eq!(only_field(message), field, "{message:?}");
            if let Some(field) = field {
                assert_eq!(fields.read(message, CopyForm::Binary, 1), Ok(true));
                let value = fields.value(message, CopyForm::Binary, 0);
                assert!(matches!(value, PgValue::Binary(bytes) if bytes == field));
            }
        }
    }
}
