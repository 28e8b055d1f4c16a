//! Rows that are marked.

use super::Bitmap;

/// A set of rows. It ends somewhere behind the last that is marked, so that rows without a mark cost nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// A bit for each row, the lowest of the first byte first.
    bytes: Vec<u8>,
}

impl Marks {
    /// How many bytes it grows by at a time.
    const STEP: usize = 64;

    #[inline]
    pub(super) fn mark(&mut self, row: usize) {
        if row / 8 >= self.bytes.len() {
            self.grow(row);
        }
        if let Some(byte) = self.bytes.get_mut(row / 8) {
            *byte |= 1 << (row % 8);
        }
    }

    #[cold]
    fn grow(&mut self, row: usize) {
        self.bytes.resize(row / 8 + Self::STEP, 0);
    }

    #[inline]
    pub(super) fn has(&self, row: usize) -> bool {
        let byte = self.bytes.get(row / 8);
        byte.is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    }

    /// Forgets the rows from `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len.div_ceil(8));
        if let Some(last) = self.bytes.get_mut(len / 8) {
            *last &= (1 << (len % 8)) - 1;
        }
    }

    /// The number of marked rows.
    pub(super) fn count(&self) -> usize {
        let ones = |byte: &u8| byte.count_ones() as usize;
        self.bytes.iter().map(ones).sum()
    }

    /// The bytes in use for `len` rows.
    pub(super) fn byte_size(&self, len: usize) -> usize {
        self.bytes.len().min(len.div_ceil(8))
    }

    /// A set bit for each marked row, of `len` rows.
    pub(super) fn into_bitmap(mut self, len: usize) -> Bitmap {
        self.bytes.resize(len.div_ceil(8), 0);
        Bitmap::from_bytes(self.bytes, len)
    }

    /// A set bit for each row without a mark, of `len` rows.
    pub(super) fn into_unmarked(mut self, len: usize) -> Bitmap {
        self.bytes.resize(len.div_ceil(8), 0);
        self.bytes.iter_mut().for_each(|byte| *byte = !*byte);
        Bitmap::from_bytes(self.bytes, len)
    }
}
