//! Flattened groups beside a lock file: the derive does not see their columns, constants do.

use super::DeclaredColumn;
use super::clash::equal;
use super::derived::check;

/// Stops the compilation where a column of the group is not among `locked`; its name goes between the parts of the
/// message.
///
/// # Panics
/// When a column is missing; it is only called in constants.
#[track_caller]
pub const fn check_group(group: &[DeclaredColumn], locked: &[&str], before: &str, behind: &str) {
    if let Some(missing) = first_missing(group, locked) {
        let mut message = Message::new();
        message.push(before);
        message.push(missing);
        message.push(behind);
        check(false, message.text());
    }
}

const fn first_missing(group: &[DeclaredColumn], locked: &[&str]) -> Option<&'static str> {
    let mut rest = group;
    while let [first, others @ ..] = rest {
        let missing = match first {
            DeclaredColumn::One { name, .. } if is_among(name, locked) => None,
            DeclaredColumn::One { name, .. } => Some(*name),
            DeclaredColumn::Group(columns) => first_missing(columns, locked),
        };
        if missing.is_some() {
            return missing;
        }
        rest = others;
    }
    None
}

const fn is_among(name: &str, names: &[&str]) -> bool {
    let mut rest = names;
    while let [first, others @ ..] = rest {
        if equal(name, first) {
            return true;
        }
        rest = others;
    }
    false
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
    use crate::source::derived::column;
    use crate::types::FieldType;

    const fn one(name: &'static str) -> DeclaredColumn {
        column(name, FieldType::Int, false, 0, "")
    }

    #[test]
    fn the_first_missing_column_is_found_in_groups_of_groups() {
        const INNER: &[DeclaredColumn] = &[one("a"), one("b")];
        let group = [one("x"), DeclaredColumn::Group(INNER)];
        assert_eq!(first_missing(&group, &["a", "b", "x", "y"]), None);
        assert_eq!(first_missing(&group, &["a", "x"]), Some("b"));
        assert_eq!(first_missing(&group, &[]), Some("x"));
    }

    #[test]
    #[should_panic(expected = "`b` is not there")]
    fn the_missing_column_is_named_in_the_message() {
        check_group(&[one("b")], &["bb"], "`", "` is not there");
    }

    #[test]
    fn a_message_too_long_loses_a_part_and_nothing_else() {
        let mut message = Message::new();
        message.push("a");
        message.push(&"x".repeat(2048));
        message.push("ä");
        assert_eq!(message.text(), "aä");
    }
}
