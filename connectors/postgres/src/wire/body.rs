//! The parts of one message's body.

use super::error::{PgError, Result};

/// Reads a body from its beginning; every length is checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self(body)
    }

    /// What has not been read yet.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(too_short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn count(&mut self) -> Result<usize> {
        self.array().map(|bytes| u16::from_be_bytes(bytes).into())
    }

    pub(super) fn int32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn int64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn uint64(&mut self) -> Result<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// Text up to its zero byte, which is taken, too.
    pub(super) fn bytes_to_zero(&mut self) -> Result<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.take(end.ok_or_else(too_short)?)?;
        self.take(1)?;
        Ok(text)
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        utf8(self.bytes_to_zero()?)
    }
}

pub(super) fn utf8(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes).map_err(|_| PgError::protocol("a text is not UTF-8"))
}

fn too_short() -> PgError {
    PgError::protocol("a message is shorter than what it announces")
}
