//! The parts of a message, from its beginning; every length is checked.

use super::DecodeError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> Bytes<'m> {
    pub(super) fn new(message: &'m [u8]) -> Self {
        Self { message, at: 0 }
    }

    /// The next part is not what it should be.
    #[cold]
    pub(super) fn missing(&self, expected: &'static str) -> DecodeError {
        DecodeError {
            message: self.message.first().copied(),
            expected,
            at: self.at,
        }
    }

    pub(super) fn rest(&self) -> &'m [u8] {
        self.message.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    pub(super) fn take(
        &mut self,
        length: usize,
        expected: &'static str,
    ) -> Result<&'m [u8], DecodeError> {
        let taken = self.rest().get(..length);
        let taken = taken.ok_or_else(|| self.missing(expected))?;
        self.at += length;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N], DecodeError> {
        let taken = self.rest().first_chunk::<N>().copied();
        let taken = taken.ok_or_else(|| self.missing(expected))?;
        self.at += N;
        Ok(taken)
    }

    pub(super) fn byte(&mut self, expected: &'static str) -> Result<u8, DecodeError> {
        self.array::<1>(expected).map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self, expected: &'static str) -> Result<u16, DecodeError> {
        self.array(expected).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self, expected: &'static str) -> Result<u32, DecodeError> {
        self.array(expected).map(u32::from_be_bytes)
    }

    pub(super) fn i32(&mut self, expected: &'static str) -> Result<i32, DecodeError> {
        self.array(expected).map(i32::from_be_bytes)
    }

    pub(super) fn u64(&mut self, expected: &'static str) -> Result<u64, DecodeError> {
        self.array(expected).map(u64::from_be_bytes)
    }

    pub(super) fn i64(&mut self, expected: &'static str) -> Result<i64, DecodeError> {
        self.array(expected).map(i64::from_be_bytes)
    }

    /// Text up to its zero byte, which is taken, too.
    pub(super) fn text(&mut self, expected: &'static str) -> Result<&'m str, DecodeError> {
        let end = self.rest().iter().position(|byte| *byte == 0);
        let end = end.ok_or_else(|| self.missing(expected))?;
        let text = self.rest().get(..end).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| self.missing(expected))?;
        self.at += end + 1;
        Ok(text)
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(self.missing("end"))
        }
    }
}
