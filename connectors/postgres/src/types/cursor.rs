//! Reading from the left of a value, in both forms; every length is checked.

use connector_core::Misfit;

/// What is left of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextCursor<'a>(&'a [u8]);

impl<'a> TextCursor<'a> {
    #[inline]
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    #[inline]
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    #[inline]
    pub(super) fn is_done(self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn peek(self) -> Option<u8> {
        self.0.first().copied()
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &[u8]) -> bool {
        match self.0.strip_prefix(word) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// The byte, or nothing: for a form that ends early.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    /// What comes before the first byte that `ends`.
    pub(super) fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|byte| ends(*byte));
        let (before, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        before
    }

    /// Exactly two digits.
    #[inline]
    pub(super) fn two(&mut self) -> Option<u8> {
        let [first, second, rest @ ..] = self.0 else {
            return None;
        };
        let (first, second) = (first.wrapping_sub(b'0'), second.wrapping_sub(b'0'));
        if first > 9 || second > 9 {
            return None;
        }
        self.0 = rest;
        Some(first * 10 + second)
    }

    /// All digits that follow, at least one; `None` also past 63 bits.
    #[inline]
    pub(super) fn number(&mut self) -> Option<i64> {
        let mut number = 0_i64;
        let before = self.0.len();
        while let [digit, rest @ ..] = self.0
            && digit.is_ascii_digit()
        {
            number = number
                .checked_mul(10)?
                .checked_add(i64::from(digit - b'0'))?;
            self.0 = rest;
        }
        (self.0.len() < before).then_some(number)
    }

    /// A fraction of a second of up to six digits, in microseconds.
    #[inline]
    pub(super) fn micros(&mut self) -> Option<i64> {
        let mut micros = 0_i64;
        let mut weight = 100_000;
        let before = self.0.len();
        while let [digit, rest @ ..] = self.0
            && digit.is_ascii_digit()
        {
            if weight == 0 {
                return None;
            }
            micros += i64::from(digit - b'0') * weight;
            weight /= 10;
            self.0 = rest;
        }
        (self.0.len() < before).then_some(micros)
    }
}

/// What is left of a binary value; `what` names the type in the error.
#[derive(Debug, Clone, Copy)]
pub(super) struct BinaryCursor<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> BinaryCursor<'a> {
    pub(super) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    #[cold]
    pub(super) fn malformed(self) -> Misfit {
        malformed(self.what)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Misfit> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.malformed());
        };
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Misfit> {
        self.array::<1>().map(|[byte]| byte)
    }

    #[inline]
    pub(super) fn int16(&mut self) -> Result<i16, Misfit> {
        self.array().map(i16::from_be_bytes)
    }

    #[inline]
    pub(super) fn uint16(&mut self) -> Result<u16, Misfit> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(super) fn int32(&mut self) -> Result<i32, Misfit> {
        self.array().map(i32::from_be_bytes)
    }

    #[inline]
    pub(super) fn float(&mut self) -> Result<f64, Misfit> {
        self.array().map(f64::from_be_bytes)
    }

    /// A count or a length, which is never negative.
    pub(super) fn count(&mut self) -> Result<usize, Misfit> {
        usize::try_from(self.int32()?).map_err(|_| self.malformed())
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Misfit> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.malformed());
        };
        self.rest = rest;
        Ok(taken)
    }

    /// A length and so many bytes; `None` for the length -1, a null.
    pub(super) fn sized(&mut self) -> Result<Option<&'a [u8]>, Misfit> {
        match self.int32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| self.malformed())?;
                self.take(length).map(Some)
            }
        }
    }

    /// Text up to its zero byte, which is taken, too.
    pub(super) fn until_zero(&mut self) -> Result<&'a [u8], Misfit> {
        let end = self.rest.iter().position(|byte| *byte == 0);
        let text = self.take(end.ok_or_else(|| self.malformed())?)?;
        self.byte()?;
        Ok(text)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_done(self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may follow.
    #[inline]
    pub(super) fn end(self) -> Result<(), Misfit> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.malformed())
        }
    }
}

/// A binary value of a fixed width.
#[inline]
pub(super) fn fixed<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], Misfit> {
    <[u8; N]>::try_from(bytes).map_err(|_| malformed(what))
}

/// The value is not what the server writes for its type.
#[cold]
pub(super) fn malformed(what: &'static str) -> Misfit {
    Misfit::Syntax {
        what: format!("{what} as Postgres writes it"),
    }
}
