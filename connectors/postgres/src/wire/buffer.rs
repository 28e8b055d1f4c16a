//! The read buffer: whole messages are lent out of it, partial ones wait in it.

use std::io::{self, Read};
use std::ops::Range;

use super::error::{PgError, Result};

/// The size at rest: several of a server's network writes.
const REST: usize = 128 * 1024;
/// A buffer that grew beyond this goes back to rest after as many reads without need for it.
const KEPT: usize = 4 * 1024 * 1024;
const PATIENCE: u32 = 256;

/// The largest message that is taken before the login is done, and after it: a server never makes a larger one.
const BEFORE_LOGIN: usize = 64 * 1024;
const AFTER_LOGIN: usize = 1 << 30;

/// One message: its tag, and where its body stands in the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) tag: u8,
    pub(super) body: Range<usize>,
}

#[derive(Debug)]
pub(super) struct ReadBuffer {
    bytes: Vec<u8>,
    /// What was read from the socket and not given out yet.
    start: usize,
    end: usize,
    limit: usize,
    /// The reads since the buffer last needed its present size.
    idle: u32,
}

impl ReadBuffer {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; REST],
            start: 0,
            end: 0,
            limit: BEFORE_LOGIN,
            idle: 0,
        }
    }

    /// The login is done: messages may be as large as a row.
    pub(super) fn trust(&mut self) {
        self.limit = AFTER_LOGIN;
    }

    /// Takes the next message, where all of it is here. Its body stays valid until [`fill`](Self::fill).
    pub(super) fn next(&mut self) -> Result<Option<Frame>> {
        let Some(total) = self.whole()? else {
            return Ok(None);
        };
        let tag = self.bytes.get(self.start).copied().unwrap_or_default();
        let body = self.start + 5..self.start + total;
        self.start += total;
        Ok(Some(Frame { tag, body }))
    }

    /// The same where it has this tag. `None` says only that this way does not tell.
    #[inline]
    pub(super) fn next_of(&mut self, tag: u8) -> Option<Frame> {
        let waiting = self.bytes.get(self.start..self.end)?;
        let &[found, a, b, c, d] = waiting.first_chunk::<5>()?;
        let length = usize::try_from(i32::from_be_bytes([a, b, c, d])).ok()?;
        // The length counts itself, and not the tag.
        if found != tag || length < 4 || length >= waiting.len() || length > self.limit {
            return None;
        }
        let body = self.start + 5..self.start + 1 + length;
        self.start = body.end;
        Some(Frame { tag, body })
    }

    pub(super) fn body(&self, frame: &Frame) -> &[u8] {
        self.bytes.get(frame.body.clone()).unwrap_or_default()
    }

    /// The tag and the body of the next message, where all of it is here; it is not taken.
    pub(super) fn peek(&self) -> Option<(u8, &[u8])> {
        let total = self.whole().ok()??;
        let message = self.bytes.get(self.start..self.start + total)?;
        Some((*message.first()?, message.get(5..)?))
    }

    /// The size of the message that stands first, where all of it is here.
    fn whole(&self) -> Result<Option<usize>> {
        let here = self.end - self.start;
        Ok(self.announced()?.filter(|total| *total <= here))
    }

    /// The size of the message that stands first, with its tag and length, once these have arrived.
    fn announced(&self) -> Result<Option<usize>> {
        let waiting = self.bytes.get(self.start..self.end).unwrap_or_default();
        let Some(&[_, a, b, c, d]) = waiting.first_chunk::<5>() else {
            return Ok(None);
        };
        let length = i32::from_be_bytes([a, b, c, d]);
        match usize::try_from(length) {
            Ok(length @ 4..) if length <= self.limit => Ok(Some(length + 1)),
            Ok(length @ 4..) => Err(PgError::Protocol(format!(
                "a message of {length} bytes is larger than the {} that are taken",
                self.limit
            ))),
            _ => Err(PgError::protocol("the length of a message is not valid")),
        }
    }

    /// Reads once from `source`, making room first; 0 is its end. An error loses nothing that was read before.
    pub(super) fn fill(&mut self, source: &mut impl Read) -> Result<io::Result<usize>> {
        let needed = self.announced()?.unwrap_or(5);
        self.make_room(needed);
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        Ok(source.read(room).inspect(|count| self.end += count))
    }

    fn make_room(&mut self, needed: usize) {
        let waiting = self.end - self.start;
        if needed > REST {
            self.idle = 0;
        } else {
            self.idle = self.idle.saturating_add(1);
        }
        if self.bytes.len() > KEPT && self.idle > PATIENCE && waiting <= REST / 2 {
            let mut smaller = vec![0; REST];
            if let (Some(to), Some(from)) = (
                smaller.get_mut(..waiting),
                self.bytes.get(self.start..self.end),
            ) {
                to.copy_from_slice(from);
            }
            self.bytes = smaller;
            (self.start, self.end) = (0, waiting);
            return;
        }
        if waiting == 0 {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 && self.bytes.len() - self.start < needed.max(self.bytes.len() / 2)
        {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, waiting);
        }
        // A message is believed as it arrives: the buffer doubles, whatever length was announced.
        if self.end == self.bytes.len() {
            let larger = (self.bytes.len() * 2).min(self.limit + 1 + REST);
            self.bytes.resize(larger, 0);
        }
    }
}

#[cfg(test)]
mod tests;
