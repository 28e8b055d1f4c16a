//! The names of types.

use syn::Ident;

use super::super::model::{ColumnType, TypeName, Types};
use crate::diag::{Errors, Problem};

/// A type is found by its name.
pub(super) fn has_a_name(entry: &ColumnType<'_>, errors: &Errors) {
    let variant = &entry.variant.ident;
    if entry.other.is_none() && entry.names.is_empty() {
        let problem = Problem::at(
            variant,
            format!("variant `{variant}` has no name in the system"),
        );
        errors.add(problem.help("write the names first: `#[column_type(\"NAME\", …)]`; for every name not listed, write `other`"));
    }
}

/// The names are names, and `other` has none.
pub(super) fn names_are_written(entry: &ColumnType<'_>, errors: &Errors) {
    if let (Some(other), Some(name)) = (&entry.other, entry.names.first()) {
        let given = name.literal.value();
        let problem = Problem::at(
            &name.literal,
            format!("the name `{given}` does not go with `{}`", other.name),
        );
        errors.add(
            problem
                .help(format!("remove `\"{given}\"` or `{}`", other.name))
                .note("`other` stands for every name that is not listed"),
        );
    }
    for name in &entry.names {
        if name.template.replace("()", "").trim().is_empty() {
            errors.add(
                Problem::at(&name.literal, "the name of a type is empty")
                    .help("write the type's name in the system"),
            );
        }
    }
}

/// Of two declarations of one name the second would never be found.
pub(super) fn names_are_declared_once(types: &Types<'_>, errors: &Errors) {
    let names: Vec<(&Ident, &TypeName)> = (types.entries.iter())
        .flat_map(|entry| entry.names.iter().map(|name| (&entry.variant.ident, name)))
        .collect();
    for (place, (_, name)) in names.iter().enumerate() {
        let first = names
            .iter()
            .take(place)
            .find(|(_, before)| before.covers(name, types.ignores_case()));
        if let Some((variant, before)) = first {
            let given = name.literal.value();
            let problem = Problem::at(
                &name.literal,
                format!("`{given}` is already a name of variant `{variant}`"),
            );
            let problem = problem.help("remove one of them");
            let declared = before.literal.value();
            errors.add(if declared == given {
                problem
            } else if before.template == name.template {
                problem.note(format!("`{declared}` takes it before"))
            } else {
                problem.note(format!("`{declared}` is the same name under `ignore_case`"))
            });
        }
    }
}

/// Nothing after `other` is ever found.
pub(super) fn other_comes_last(types: &Types<'_>, errors: &Errors) {
    let mut others = (types.entries.iter())
        .filter_map(|entry| Some((&entry.variant.ident, entry.other.as_ref()?)));
    let Some((first, other)) = others.next() else {
        return;
    };
    let last = types.entries.last().map(|entry| &entry.variant.ident);
    let mut is_only = true;
    for (_, second) in others {
        is_only = false;
        let problem = Problem::at(&second.key, format!("variant `{first}` is `other` already"));
        errors.add(
            problem
                .help("remove one of them")
                .note("`other` stands for every name that is not listed"),
        );
    }
    if is_only && last != Some(first) {
        let problem = Problem::at(&other.key, "`other` stands before other variants");
        errors.add(
            problem
                .help(format!("move variant `{first}` to the end"))
                .note("the variants are tried in their order"),
        );
    }
}

/// Names without letters are the same in upper and lower case.
pub(super) fn ignore_case_ignores_some(types: &Types<'_>, errors: &Errors) {
    let Some(ignore_case) = &types.ignore_case else {
        return;
    };
    let mut names = types
        .entries
        .iter()
        .flat_map(|entry| &entry.names)
        .peekable();
    if names.peek().is_some()
        && !names.any(|name| name.template.contains(|c: char| c.is_ascii_alphabetic()))
    {
        let problem = Problem::at(
            &ignore_case.key,
            "`ignore_case` is redundant because no name has letters of two cases",
        );
        errors.add(problem.help("remove it"));
    }
}
