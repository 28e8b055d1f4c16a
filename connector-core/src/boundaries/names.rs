//! Names as declared, and as a database would spell them.

use crate::types::ColumnTypeEntry;

/// One name of an entry.
pub(super) struct Name {
    /// As declared: `DECIMAL(p, s)`.
    pub(super) declared: String,
    /// With numbers in place of the parameters: `DECIMAL(10, 2)`.
    pub(super) spelled: Vec<String>,
}

/// Numbers for the parameters of a name, in turn until some fit.
const PARAMETERS: [[u8; 4]; 4] = [[10, 2, 1, 1], [6, 0, 1, 1], [3, 0, 0, 0], [1, 1, 1, 1]];

/// A name for the entry that takes every name that is not listed.
const UNLISTED: &str = "a name that no entry lists";

/// Every name of an entry. An entry without one stands for every name that is not listed.
pub(super) fn of(entry: &ColumnTypeEntry) -> Vec<Name> {
    if entry.names.is_empty() {
        let (declared, spelled) = ("any other name".to_owned(), vec![UNLISTED.to_owned()]);
        return vec![Name { declared, spelled }];
    }
    let name = |declared: &&str| Name {
        declared: (*declared).to_owned(),
        spelled: spelled(declared),
    };
    entry.names.iter().map(name).collect()
}

fn spelled(declared: &str) -> Vec<String> {
    let parts = declared.split_once('(').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once(')')?;
        Some((before, inside.trim(), after))
    });
    let Some((before, inside, after)) = parts.filter(|(_, inside, _)| !inside.is_empty()) else {
        return vec![declared.to_owned()];
    };
    let count = inside.split(',').count();
    let spell = |numbers: [u8; 4]| {
        let numbers: Vec<String> = (numbers.iter().cycle().take(count))
            .map(ToString::to_string)
            .collect();
        format!("{before}({}){after}", numbers.join(", "))
    };
    PARAMETERS.map(spell).into()
}

/// The variant's name at the start of a derived `Debug` form.
pub(super) fn variant(debug: &str) -> &str {
    let end = debug.find(|c: char| !c.is_alphanumeric() && c != '_');
    debug.get(..end.unwrap_or(debug.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_numbers_and_the_rest_stays() {
        for (declared, expected) in [
            ("INTEGER", "INTEGER"),
            ("NOW()", "NOW()"),
            ("DECIMAL(p, s)", "DECIMAL(10, 2)"),
            (
                "TIMESTAMP(p) WITH TIME ZONE",
                "TIMESTAMP(10) WITH TIME ZONE",
            ),
            ("ENUM(..)", "ENUM(10)"),
            ("X(a,b,c,d,e)", "X(10, 2, 1, 1, 10)"),
        ] {
            assert_eq!(spelled(declared)[0], expected);
        }
        assert_eq!(spelled("T(p)")[1], "T(6)");
    }

    #[test]
    fn a_variant_is_the_first_word_of_its_debug_form() {
        for (debug, expected) in [
            ("Integer", "Integer"),
            ("Decimal { p: 10 }", "Decimal"),
            ("Var_1(3)", "Var_1"),
        ] {
            assert_eq!(variant(debug), expected);
        }
    }
}
