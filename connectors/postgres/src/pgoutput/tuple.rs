//! The values of one row.

use super::DecodeError;
use super::bytes::Bytes;
use crate::types::PgValue;

/// The values of a row, borrowed from the message and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuple<'m> {
    columns: u16,
    values: &'m [u8],
}

impl<'m> Tuple<'m> {
    pub(super) fn read(bytes: &mut Bytes<'m>) -> Result<Self, DecodeError> {
        let columns = bytes.u16("number of values")?;
        let before = bytes.rest();
        for _ in 0..columns {
            match bytes.byte("kind of a value")? {
                b'n' | b'u' => {}
                b't' | b'b' => {
                    let length = bytes.u32("length of a value")?;
                    bytes.take(usize::try_from(length).unwrap_or(usize::MAX), "value")?;
                }
                _ => return Err(bytes.missing("known kind of value before this")),
            }
        }
        let length = before.len() - bytes.rest().len();
        let values = before.get(..length).unwrap_or_default();
        Ok(Self { columns, values })
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.columns.into()
    }

    /// Whether there are none: a table may have no columns.
    pub fn is_empty(&self) -> bool {
        self.columns == 0
    }

    /// The values in the order of the relation's columns. In a key, what is not part of it is null.
    pub fn values(&self) -> TupleValues<'m> {
        TupleValues {
            left: self.columns.into(),
            rest: self.values,
        }
    }
}

impl<'m> IntoIterator for Tuple<'m> {
    type Item = PgValue<'m>;
    type IntoIter = TupleValues<'m>;

    fn into_iter(self) -> TupleValues<'m> {
        self.values()
    }
}

/// The values of a row, one after another.
#[derive(Debug, Clone)]
pub struct TupleValues<'m> {
    left: usize,
    rest: &'m [u8],
}

impl<'m> Iterator for TupleValues<'m> {
    type Item = PgValue<'m>;

    #[inline]
    fn next(&mut self) -> Option<PgValue<'m>> {
        let (kind, rest) = self.rest.split_first()?;
        self.left -= 1;
        if let b'n' | b'u' = kind {
            self.rest = rest;
            return Some(if *kind == b'n' {
                PgValue::Null
            } else {
                PgValue::Unchanged
            });
        }
        // The lengths were checked when the row was read.
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(if *kind == b't' {
            PgValue::Text(value)
        } else {
            PgValue::Binary(value)
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for TupleValues<'_> {}
