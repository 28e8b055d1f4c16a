//! Bytes that a driver lends as text.

use super::Misfit;

/// A length from which on it pays to look at many bytes at once.
const LONG: usize = 64;

/// The bytes as text.
///
/// Most texts of a database are short and ASCII, which takes a third of the standard library's time to see; in longer ones
/// `simdutf8` looks at many bytes at once.
///
/// # Errors
/// When they are not UTF-8.
#[inline]
pub fn utf8(bytes: &[u8]) -> Result<&str, Misfit> {
    if bytes.len() < LONG && bytes.is_ascii() {
        #[expect(unsafe_code, reason = "the bytes were just looked at")]
        // SAFETY: ASCII is UTF-8.
        return Ok(unsafe { str::from_utf8_unchecked(bytes) });
    }
    simdutf8::basic::from_utf8(bytes).map_err(|_| not_utf8())
}

#[cold]
fn not_utf8() -> Misfit {
    Misfit::Other("text that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_what_the_standard_library_says(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..100),
                "[ -~]{0,200}".prop_map(String::into_bytes),
                ".{0,100}".prop_map(String::into_bytes),
            ],
            broken in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let mut bytes = bytes;
            if let Some((place, byte)) = broken.filter(|_| !bytes.is_empty()) {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            prop_assert_eq!(utf8(&bytes).ok(), str::from_utf8(&bytes).ok());
        }
    }
}
