//! The text of a UUID.

use std::fmt;

/// Sixteen bytes as a UUID's text: lower case, with hyphens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UuidText(pub(crate) [u8; 16]);

impl fmt::Display for UuidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
