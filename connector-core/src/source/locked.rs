//! Flattened groups beside a lock file: the derive does not see their columns, constants do.

use super::DeclaredColumn;
use super::message::{equal, stop};

/// Stops the compilation where a column of the group is not among `locked`; its name goes between the parts of the
/// message.
///
/// # Panics
/// When a column is missing; it is only called in constants.
#[track_caller]
pub const fn check_group(group: &[DeclaredColumn], locked: &[&str], before: &str, behind: &str) {
    if let Some(missing) = first_missing(group, locked) {
        stop(&[before, missing, behind]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::derived::column;
    use crate::types::FieldType;

    const fn one(name: &'static str) -> DeclaredColumn {
        column(name, FieldType::Int, false, false, 0, "")
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
}
