//! The key and the tracking type beside the lock file.

use quote::ToTokens;

use super::super::model::{Member, Row, Tracking};
use super::table::Table;
use crate::diag::{Errors, Problem};
use crate::lock::OldRows;

/// A row that declares a key declares the table's. One source of it is enough: another may leave key columns out.
pub(super) fn is_the_locked_one(row: &Row<'_>, table: &Table<'_>, errors: &Errors) {
    let declared: Vec<&Member<'_>> = (row.key().into_iter())
        .filter_map(|place| row.members.get(place))
        .collect();
    let names: Vec<&str> = declared
        .iter()
        .map(|key| key.column.text.as_str())
        .collect();
    if names.is_empty() || table.sources.iter().any(|source| source.key == names) {
        return;
    }
    // A column that is not there is told by itself, and may be the one that the key lacks.
    if names.iter().any(|name| table.column(name).is_empty()) {
        return;
    }
    let mut keys = table.sources.iter().map(|source| source.key.as_slice());
    let locked = keys.find(|key| !key.is_empty()).unwrap_or_default();
    let at = if let Some((entry, _)) = &row.listed_key {
        entry.tokens.clone()
    } else {
        let outside = |key: &&&Member<'_>| !locked.contains(&key.column.text);
        let first = declared.iter().find(outside).or(declared.first());
        first
            .map(|key| key.key.to_token_stream())
            .unwrap_or_default()
    };
    let (file, name) = (table.file, &table.name);
    if locked.is_empty() {
        let problem = Problem::at(at, format!("`{name}` has no primary key in `{file}`"));
        errors.add(
            problem
                .help(if row.listed_key.is_some() {
                    "remove `primary_key(…)`"
                } else {
                    "remove `primary_key` from the fields"
                })
                .note("nor has a table of which the source leaves out a key column"),
        );
        return;
    }
    let what = format!(
        "the primary key of `{name}` is ({}) in `{file}`, and here it is ({})",
        locked.join(", "),
        names.join(", ")
    );
    errors.add(Problem::at(at, what).help(edit(row, &declared, locked)));
}

/// What makes the declared key the locked one.
fn edit(row: &Row<'_>, declared: &[&Member<'_>], locked: &[String]) -> String {
    let field = |column: &String| {
        let members = row.members.iter().filter(|member| member.is_column());
        members
            .into_iter()
            .find(|member| member.column.text == *column)
    };
    let lacking: Vec<String> = (locked.iter())
        .filter(|column| field(column).is_none())
        .map(|column| format!("`{column}`"))
        .collect();
    if !lacking.is_empty() {
        return if row.listed_key.is_some() {
            format!(
                "add a field for {}, and list it in `primary_key(…)`",
                lacking.join(" and ")
            )
        } else {
            format!(
                "add a field for {}, with `#[dozer(primary_key)]`",
                lacking.join(" and ")
            )
        };
    }
    let fields: Vec<String> = (locked.iter().filter_map(field))
        .map(|member| member.ident.to_string())
        .collect();
    let missing = (fields.iter())
        .filter(|field| declared.iter().all(|key| key.ident != field.as_str()))
        .map(|field| format!("add `#[dozer(primary_key)]` to `{field}`"));
    let extra = (declared.iter())
        .filter(|key| !locked.contains(&key.column.text))
        .map(|key| format!("remove `primary_key` from `{}`", key.ident));
    let edits: Vec<String> = missing.chain(extra).collect();
    let in_order = || {
        let marked = row.members.iter().map(|member| member.ident.to_string());
        let marked: Vec<String> = marked.filter(|field| fields.contains(field)).collect();
        marked == fields
    };
    if row.listed_key.is_none() && in_order() {
        return edits.join(", and ");
    }
    let list = format!("`primary_key({})`", fields.join(", "));
    if row.listed_key.is_some() {
        format!("write {list}")
    } else {
        format!(
            "list it on the struct, in the key's order, in place of the marks on the fields: {list}"
        )
    }
}

/// The source tells of old rows at least what the row declares.
pub(super) fn old_rows_are_told(row: &Row<'_>, table: &Table<'_>, errors: &Errors) {
    let wanted = match row.tracking {
        Tracking::Nothing => OldRows::Nothing,
        Tracking::OnlyPk => OldRows::OnlyPk,
        Tracking::FullChanges => OldRows::FullChanges,
    };
    let told = table.sources.iter().map(|source| source.old_rows).max();
    let (told, word) = match told {
        Some(told) if told >= wanted => return,
        Some(OldRows::OnlyPk) => ("tells only the key of old rows", "only_pk"),
        _ => ("tells nothing of old rows", "nothing"),
    };
    let what = format!("the source of `{}` {told}, in `{}`", table.name, table.file);
    let problem = Problem::at(&row.tracking_at, what);
    errors.add(problem.help(format!("write `tracking = \"{word}\"`")));
}
