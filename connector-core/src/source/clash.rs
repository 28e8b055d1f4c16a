//! Names that clash, found while the declarations are compiled: the message names both parties.

use super::DeclaredColumn;
use super::message::{equal, stop};

/// Stops the compilation where a variant's table is that of a variant before it.
///
/// # Panics
/// When it is; it is only called in constants.
#[track_caller]
pub const fn table_is_new(variant: &str, table: Option<&str>, before: &[(&str, Option<&str>)]) {
    let Some(table) = table else { return };
    let mut rest = before;
    while let [(other, named), behind @ ..] = rest {
        if let Some(named) = named
            && equal(named, table)
        {
            stop(&[
                "table `",
                table,
                "` of variant `",
                variant,
                "` is also the table of variant `",
                other,
                "`\nhelp: give one of their row structs a name of its own: `table = \"…\"`",
            ]);
        }
        rest = behind;
    }
}

/// Stops the compilation where a column of a flattened field has the name of another column, upper and lower case
/// (ASCII) being one. The other columns, and the groups before this one, stand with their fields.
///
/// # Panics
/// When one has; it is only called in constants.
#[track_caller]
pub const fn group_is_apart(
    field: &str,
    group: &[DeclaredColumn],
    columns: &[(&str, &str)],
    groups: &[(&str, &[DeclaredColumn])],
) {
    let mut rest = group;
    while let [first, behind @ ..] = rest {
        match first {
            DeclaredColumn::One { name, .. } => {
                is_no_column(field, name, columns);
                is_in_no_group(field, name, groups);
            }
            DeclaredColumn::Group(inner) => group_is_apart(field, inner, columns, groups),
        }
        rest = behind;
    }
}

#[track_caller]
const fn is_no_column(field: &str, name: &str, columns: &[(&str, &str)]) {
    let mut rest = columns;
    while let [(other, column), behind @ ..] = rest {
        if column.eq_ignore_ascii_case(name) {
            two_columns(field, name, other);
        }
        rest = behind;
    }
}

#[track_caller]
const fn is_in_no_group(field: &str, name: &str, groups: &[(&str, &[DeclaredColumn])]) {
    let mut rest = groups;
    while let [(other, group), behind @ ..] = rest {
        if is_among(name, group) {
            two_columns(field, name, other);
        }
        rest = behind;
    }
}

const fn is_among(name: &str, columns: &[DeclaredColumn]) -> bool {
    let mut rest = columns;
    while let [first, behind @ ..] = rest {
        let found = match first {
            DeclaredColumn::One { name: other, .. } => other.eq_ignore_ascii_case(name),
            DeclaredColumn::Group(inner) => is_among(name, inner),
        };
        if found {
            return true;
        }
        rest = behind;
    }
    false
}

#[track_caller]
const fn two_columns(field: &str, name: &str, other: &str) {
    stop(&[
        "column `",
        name,
        "` of field `",
        field,
        "` is also a column of field `",
        other,
        "`\nhelp: give one of them another name: `column = \"…\"`",
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::derived::column;
    use crate::types::FieldType;

    const fn one(name: &'static str) -> DeclaredColumn {
        column(name, FieldType::Int, false, false, 0, "")
    }

    const GROUP: &[DeclaredColumn] = &[one("id"), DeclaredColumn::Group(&[one("Latitude")])];

    /// What the compiler would say.
    fn said(check: impl FnOnce() + std::panic::UnwindSafe) -> Option<String> {
        let panic = std::panic::catch_unwind(check).err()?;
        let message = panic.downcast_ref::<String>().expect("a message");
        message.lines().next().map(str::to_owned)
    }

    #[test]
    fn a_table_is_new_until_it_is_there() {
        table_is_new(
            "B",
            Some("b"),
            &[("A", Some("a")), ("None", None), ("Bb", Some("bb"))],
        );
        table_is_new("A", None, &[("None", None)]);
        assert_eq!(
            said(|| table_is_new("B", Some("a"), &[("A", Some("a"))])).as_deref(),
            Some("table `a` of variant `B` is also the table of variant `A`")
        );
    }

    #[test]
    fn a_column_of_a_group_is_told_with_the_other_field() {
        group_is_apart(
            "here",
            GROUP,
            &[("name", "name")],
            &[("there", &[one("height")])],
        );
        assert_eq!(
            said(|| group_is_apart("here", GROUP, &[("there", "latitude")], &[])).as_deref(),
            Some("column `Latitude` of field `here` is also a column of field `there`")
        );
        assert_eq!(
            said(|| group_is_apart("here", GROUP, &[], &[("there", &[one("latitude")])]))
                .as_deref(),
            Some("column `Latitude` of field `here` is also a column of field `there`")
        );
    }
}
