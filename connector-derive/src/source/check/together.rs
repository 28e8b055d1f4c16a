//! Keys of one field that contradict each other.

use crate::diag::{Errors, Problem};
use crate::source::model::Member;

/// Keys of one field that contradict each other: the second one is to be removed, with the reason.
const APART: [(&str, &[&str], &str); 5] = [
    (
        "skip",
        &["primary_key", "column", "field", "json", "flatten", "with"],
        "a skipped field is no column",
    ),
    (
        "flatten",
        &["primary_key", "column", "field", "json", "with", "default"],
        "a flattened field is the columns of its own struct: what they are called and become is said there, and its key does not count here; a column of this table's key is a field of this struct",
    ),
    (
        "json",
        &["with", "field"],
        "`json` says how the value is stored",
    ),
    (
        "with",
        &["field"],
        "the module's `FIELD_TYPE` says what the column is",
    ),
    (
        "json",
        &["primary_key"],
        "texts of one JSON value differ, so it is no key",
    ),
];

/// Keys that contradict each other do not stand together.
pub(super) fn keys_stand_together(member: &Member<'_>, errors: &Errors) {
    for (key, excluded, reason) in APART {
        if member.entry(key).is_none() {
            continue;
        }
        for name in excluded {
            if let Some(entry) = member.entry(name) {
                let problem = Problem::at(&entry.key, format!("`{name}` does not go with `{key}`"));
                errors.add(
                    problem
                        .help(format!(
                            "remove `{name}` or `{key}` from field `{}`",
                            member.ident
                        ))
                        .note(reason),
                );
            }
        }
    }
}
