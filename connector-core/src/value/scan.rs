//! Reading digits from the left of a text.

use super::Misfit;

/// What is left of a text to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
        }
    }

    pub(super) fn is_done(self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    /// `Some(true)` after a minus, `Some(false)` after a plus.
    pub(super) fn sign(&mut self) -> Option<bool> {
        let sign = self.peek().filter(|byte| matches!(byte, b'+' | b'-'))?;
        self.next();
        Some(sign == b'-')
    }

    /// One digit.
    fn digit(&mut self) -> Option<u8> {
        let digit = self.peek().filter(u8::is_ascii_digit)?;
        self.next();
        Some(digit - b'0')
    }

    /// Exactly two digits.
    pub(super) fn two(&mut self) -> Option<u8> {
        Some(self.digit()? * 10 + self.digit()?)
    }

    /// All digits that follow, at least `least` of them; `None` also when the number passes 64 bits.
    pub(super) fn number(&mut self, least: usize) -> Option<i64> {
        let mut number = 0_i64;
        let mut count = 0;
        while let Some(digit) = self.digit() {
            number = number.checked_mul(10)?.checked_add(i64::from(digit))?;
            count += 1;
        }
        (count >= least).then_some(number)
    }

    /// A fraction of a second after its point, in nanoseconds. Digits past the ninth must be zeros.
    pub(super) fn nanos(&mut self) -> Option<Result<u32, Misfit>> {
        let mut nanos = u32::from(self.digit()?) * 100_000_000;
        let mut weight = 10_000_000;
        let mut exact = true;
        while let Some(digit) = self.digit() {
            nanos += u32::from(digit) * weight;
            exact &= weight > 0 || digit == 0;
            weight /= 10;
        }
        Some(if exact {
            Ok(nanos)
        } else {
            Err(Misfit::Inexact)
        })
    }
}
