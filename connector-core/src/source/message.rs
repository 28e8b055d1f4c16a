//! Messages that are put together while declarations are compiled.

use super::derived::check;

/// Stops the compilation with the parts as one message.
///
/// # Panics
/// Always; it is only called in constants.
#[track_caller]
pub(super) const fn stop(parts: &[&str]) {
    let mut message = Message::new();
    let mut rest = parts;
    while let [part, behind @ ..] = rest {
        message.push(part);
        rest = behind;
    }
    check(false, message.text());
}

/// Whether the names are one, case included.
pub(super) const fn equal(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([first, a_rest @ ..], [second, b_rest @ ..]) = (a, b) {
        if *first != *second {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.is_empty() && b.is_empty()
}

/// A text that is put together in a constant, where nothing can be allocated. What does not fit is left out.
struct Message {
    bytes: [u8; 2048],
    length: usize,
}

impl Message {
    const fn new() -> Self {
        Self {
            bytes: [0; 2048],
            length: 0,
        }
    }

    const fn push(&mut self, part: &str) {
        if let Some((_, free)) = self.bytes.split_at_mut_checked(self.length)
            && let Some((place, _)) = free.split_at_mut_checked(part.len())
        {
            place.copy_from_slice(part.as_bytes());
            self.length += part.len();
        }
    }

    const fn text(&self) -> &str {
        if let Some((written, _)) = self.bytes.split_at_checked(self.length)
            && let Ok(text) = str::from_utf8(written)
        {
            text
        } else {
            ""
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_too_long_loses_a_part_and_nothing_else() {
        let mut message = Message::new();
        message.push("a");
        message.push(&"x".repeat(2048));
        message.push("ä");
        assert_eq!(message.text(), "aä");
    }
}
