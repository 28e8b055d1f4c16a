//! The text of a UUID.

use std::fmt;

/// Sixteen bytes as a UUID's text: lower case, with hyphens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UuidText(pub(crate) [u8; 16]);

impl fmt::Display for UuidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; 36];
        let nibbles = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let places = text.iter_mut().enumerate();
        let places = places.filter(|(place, _)| !matches!(place, 8 | 13 | 18 | 23));
        for ((_, place), nibble) in places.zip(nibbles) {
            *place = if nibble < 10 {
                b'0' + nibble
            } else {
                b'a' + nibble - 10
            };
        }
        // Every byte is ASCII.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}
