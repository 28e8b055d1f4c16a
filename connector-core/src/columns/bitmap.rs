//! A bit per row.

/// A growable row of bits, the lowest bit of the first byte first, as Arrow has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bitmap {
    bytes: Vec<u8>,
    len: usize,
}

impl Bitmap {
    /// No bits.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            len: 0,
        }
    }

    /// No bits, with room for so many.
    pub fn with_capacity(bits: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bits.div_ceil(8)),
            len: 0,
        }
    }

    /// So many equal bits.
    pub fn filled(bit: bool, len: usize) -> Self {
        let mut bitmap = Self {
            bytes: vec![if bit { u8::MAX } else { 0 }; len.div_ceil(8)],
            len,
        };
        bitmap.clear_tail();
        bitmap
    }

    /// The first `len` bits of these bytes, of which there are just as many as it takes.
    pub(super) fn from_bytes(bytes: Vec<u8>, len: usize) -> Self {
        let mut bitmap = Self { bytes, len };
        bitmap.clear_tail();
        bitmap
    }

    /// The number of bits.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a bit.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        let place = self.len % 8;
        match self.bytes.last_mut() {
            Some(last) if place != 0 => *last |= u8::from(bit) << place,
            _ => self.bytes.push(u8::from(bit)),
        }
        self.len += 1;
    }

    /// Adds many bits.
    #[inline]
    pub(super) fn append_all(&mut self, bits: impl Iterator<Item = bool>) {
        let mut place = self.len % 8;
        let mut byte = if place == 0 { None } else { self.bytes.pop() }.unwrap_or_default();
        let mut whole = self.bytes.len();
        self.bytes.reserve(bits.size_hint().0 / 8 + 1);
        for bit in bits {
            byte |= u8::from(bit) << place;
            place += 1;
            if place == 8 {
                self.bytes.push(byte);
                whole += 1;
                (byte, place) = (0, 0);
            }
        }
        if place != 0 {
            self.bytes.push(byte);
        }
        self.len = whole * 8 + place;
    }

    /// The bit of a row; `None` past the end.
    #[inline]
    pub fn get(&self, row: usize) -> Option<bool> {
        let byte = self.bytes.get(row / 8).filter(|_| row < self.len)?;
        Some(byte >> (row % 8) & 1 == 1)
    }

    /// Keeps the first `len` bits.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
            self.bytes.truncate(len.div_ceil(8));
            self.clear_tail();
        }
    }

    /// The number of bits that are set.
    pub fn count_ones(&self) -> usize {
        self.bytes
            .iter()
            .map(|byte| byte.count_ones() as usize)
            .sum()
    }

    /// The bytes; bits past the end are zero.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, to be a buffer; bits past the end are zero.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bits in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.len).filter_map(|row| self.get(row))
    }

    /// Bits past the end are zero, so that bits can be added with an or, and counted by the byte.
    fn clear_tail(&mut self) {
        if let Some(last) = self.bytes.last_mut()
            && !self.len.is_multiple_of(8)
        {
            *last &= (1 << (self.len % 8)) - 1;
        }
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut bitmap = Self::new();
        bits.into_iter().for_each(|bit| bitmap.push(bit));
        bitmap
    }
}
