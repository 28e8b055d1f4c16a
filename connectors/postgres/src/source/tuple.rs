//! Where the values of a tuple stand in its message: found once per row, taken in any order.

use super::following::OldImage;
use crate::pgoutput::{self, Old};
use crate::types::PgValue;

/// The values of one tuple. Kept from row to row, so that a row costs no allocation.
#[derive(Debug, Default)]
pub(crate) struct Tuple(Vec<Span>);

#[derive(Debug, Clone, Copy)]
enum Span {
    Null,
    Unchanged,
    Text(usize, usize),
    Binary(usize, usize),
}

impl Tuple {
    /// Finds the values of a tuple of `message`.
    #[inline]
    pub(super) fn read(&mut self, message: &[u8], tuple: pgoutput::Tuple<'_>) {
        self.0.clear();
        for value in tuple {
            self.push(message, value);
        }
    }

    /// Finds the values of what is told of an old row.
    #[inline]
    pub(super) fn read_old(&mut self, message: &[u8], old: Option<Old<'_>>) -> OldImage {
        match old {
            None => OldImage::None,
            Some(Old::Key(tuple)) => {
                self.read(message, tuple);
                OldImage::Key
            }
            Some(Old::Row(tuple)) => {
                self.read(message, tuple);
                OldImage::Row
            }
        }
    }

    /// Adds a value that is part of `message`.
    #[inline]
    fn push(&mut self, message: &[u8], value: PgValue<'_>) {
        let place = |bytes: &[u8]| {
            let start = bytes.as_ptr() as usize - message.as_ptr() as usize;
            (start, start + bytes.len())
        };
        self.0.push(match value {
            PgValue::Null => Span::Null,
            PgValue::Unchanged => Span::Unchanged,
            PgValue::Text(bytes) => {
                let (start, end) = place(bytes);
                Span::Text(start, end)
            }
            PgValue::Binary(bytes) => {
                let (start, end) = place(bytes);
                Span::Binary(start, end)
            }
        });
    }

    /// The value at this place of the tuple that was read from `message`.
    #[inline]
    pub(super) fn value<'m>(&self, message: &'m [u8], place: usize) -> PgValue<'m> {
        let bytes = |start: usize, end: usize| message.get(start..end).unwrap_or_default();
        match self.0.get(place) {
            None | Some(Span::Null) => PgValue::Null,
            Some(Span::Unchanged) => PgValue::Unchanged,
            Some(&Span::Text(start, end)) => PgValue::Text(bytes(start, end)),
            Some(&Span::Binary(start, end)) => PgValue::Binary(bytes(start, end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stood() {
        let message = b"xxoneyytwo";
        let mut tuple = Tuple::default();
        tuple.push(message, PgValue::Text(&message[2..5]));
        tuple.push(message, PgValue::Unchanged);
        tuple.push(message, PgValue::Binary(&message[7..]));
        tuple.push(message, PgValue::Text(&message[10..]));
        assert_eq!(tuple.value(message, 0), PgValue::Text(b"one"));
        assert_eq!(tuple.value(message, 1), PgValue::Unchanged);
        assert_eq!(tuple.value(message, 2), PgValue::Binary(b"two"));
        assert_eq!(tuple.value(message, 3), PgValue::Text(b""));
        assert_eq!(tuple.value(message, 9), PgValue::Null);
    }
}
