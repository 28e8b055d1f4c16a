//! Random numbers that a seed repeats.

/// A generator (xorshift64*).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % end
    }

    /// One of these.
    pub(crate) fn one_of<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        let place = self.below(of.len() as u64);
        &of[usize::try_from(place).unwrap()]
    }
}
