//! Configuration that changes nothing: a reader would look for its reason, and there is none.
//!
//! What spells out a default that could be another, `table = "reading"` or `tracking = "nothing"`, is no such thing: it
//! stays true when the struct is renamed, and says at the struct what is so.

use crate::attr::shown;
use crate::case::Case;
use crate::diag::{Errors, Problem};
use crate::shape::{argument_of, option_of, peeled};
use crate::source::model::{Default, Kind, Member, Row, column_name};

/// A rule renames a column, or could.
pub(super) fn rename_all_renames(row: &Row<'_>, errors: &Errors) {
    let Some((rule, case)) = &row.rename_all else {
        return;
    };
    let problem = |why: &str| {
        let problem = Problem::at(
            rule,
            format!(
                "`rename_all = \"{}\"` is redundant because {why}",
                rule.value()
            ),
        );
        errors.add(problem.help("remove it"));
    };
    if matches!(case, Case::Lower | Case::Snake) {
        problem("fields are named like that already");
    } else if !(row.members.iter())
        .any(|member| member.is_column() && member.entry("column").is_none())
    {
        problem("no column takes its name from a field");
    }
}

/// A column's own name is another than it would have.
pub(super) fn column_says_something_new(row: &Row<'_>, member: &Member<'_>, errors: &Errors) {
    let case = row.rename_all.as_ref().map(|(_, case)| *case);
    let Some(entry) = member.entry("column").filter(|_| member.is_column()) else {
        return;
    };
    let name = column_name(member.ident, case);
    if member.column.text != name {
        return;
    }
    let because = if case.is_some() {
        format!("`rename_all` names the column `{name}` already")
    } else {
        "a column is named after its field".to_owned()
    };
    let problem = Problem::at(
        &entry.tokens,
        format!("`column = \"{name}\"` is redundant because {because}"),
    );
    errors.add(problem.help("remove it"));
}

/// Null reads as `None`, and a skipped field as its type's default, without being told.
pub(super) fn default_says_something_new(member: &Member<'_>, errors: &Errors) {
    let Some(entry) = member.entry("default") else {
        return;
    };
    match (&member.kind, &member.default, member.option()) {
        (Kind::Skip, Some(Default::OfType), _) => {
            let problem = Problem::at(
                &entry.key,
                "`default` is redundant because a skipped field is its type's default",
            );
            errors.add(problem.help("remove it, or say which value it has: `default = path`"));
        }
        (Kind::Skip, ..) | (_, _, None) => {}
        (_, _, Some(inner)) => {
            let problem = Problem::at(
                &entry.key,
                "`default` is redundant because null reads as `None` in an `Option`",
            );
            errors.add(problem.help(format!(
                "remove `default`, or make the type `{}`",
                shown(inner)
            )));
        }
    }
}

/// What Rust's own types become.
const OWN_FIELD_TYPES: [(&str, &str); 23] = [
    ("u8", "UInt"),
    ("u16", "UInt"),
    ("u32", "UInt"),
    ("u64", "UInt"),
    ("usize", "UInt"),
    ("u128", "U128"),
    ("i8", "Int8"),
    ("i16", "Int"),
    ("i32", "Int"),
    ("i64", "Int"),
    ("isize", "Int"),
    ("i128", "I128"),
    ("f32", "Float"),
    ("f64", "Float"),
    ("bool", "Boolean"),
    ("String", "String"),
    ("str", "String"),
    ("Vec<u8>", "Binary"),
    ("Decimal", "Decimal"),
    ("Date", "Date"),
    ("Point", "Point"),
    ("Timestamp", "Timestamp"),
    ("Duration", "Duration"),
];

/// A declared type is another than the field's own.
pub(super) fn field_says_something_new(member: &Member<'_>, errors: &Errors) {
    let (Some(spec), Kind::Value) = (&member.field_type, &member.kind) else {
        return;
    };
    let mut ty = peeled(member.ty);
    while let Some(inner) = option_of(ty).or_else(|| argument_of(ty, "Sent")) {
        ty = peeled(inner);
    }
    let ty = shown(ty);
    let own = OWN_FIELD_TYPES
        .iter()
        .find(|(rust, _)| *rust == ty)
        .map(|(_, own)| *own);
    if spec.arguments.is_empty() && own.is_some_and(|own| spec.name == own) {
        let problem = Problem::at(
            &spec.tokens,
            format!(
                "`field = {}` is redundant because `{ty}` becomes that already",
                spec.name
            ),
        );
        errors.add(problem.help("remove it"));
    }
}

/// `json` stores what is no column of its own.
pub(super) fn json_says_something_new(member: &Member<'_>, errors: &Errors) {
    let Some(entry) = member.entry("json") else {
        return;
    };
    let ty = shown(peeled(member.option().unwrap_or(member.ty)));
    if matches!(ty.as_str(), "serde_json::Value" | "::serde_json::Value") {
        let problem = Problem::at(
            &entry.key,
            format!("`json` is redundant because `{ty}` becomes `Json` already"),
        );
        errors.add(problem.help("remove it"));
    }
}
