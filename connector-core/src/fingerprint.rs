//! A hash that may be stored.

/// A hash that is the same in every release and on every machine, as what is stored must be: for
/// [`ChangeStream::fingerprint`](crate::ChangeStream::fingerprint), say. It is FNV-1a of 64 bits, and no defence against whoever
/// wants two things to have one hash.
///
/// ```
/// use connector_core::Fingerprint;
///
/// let one = Fingerprint::new().text("ab").text("c").finish();
/// let other = Fingerprint::new().text("a").text("bc").finish();
/// assert_ne!(one, other);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of nothing.
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// With a text, apart from those before and behind it.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        text.bytes().chain([0]).fold(self, Self::byte)
    }

    /// With something that is or is not.
    #[must_use]
    pub fn flag(self, on: bool) -> Self {
        self.byte(u8::from(on))
    }

    /// The hash.
    pub const fn finish(self) -> u64 {
        self.0
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_every_release() {
        assert_eq!(Fingerprint::new().finish(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(Fingerprint::new().text("").finish(), 0xaf63_bd4c_8601_b7df);
        let flags = |first, second| Fingerprint::new().flag(first).flag(second).finish();
        assert_ne!(flags(true, false), flags(false, true));
    }
}
