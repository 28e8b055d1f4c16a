//! The primary key, and what an update or a delete tells of it.

use quote::ToTokens;

use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::source::key;
use crate::source::model::{Kind, Member, Row, Tracking};
use crate::{shape, suggest};

/// The key is listed on the struct or marked on the fields, not both: the order would be open.
pub(super) fn key_is_declared_once(row: &Row<'_>, errors: &Errors) {
    let Some((listed, _)) = &row.listed_key else {
        return;
    };
    for member in &row.members {
        if let Some(key) = &member.key {
            let problem = Problem::at(
                key,
                format!(
                    "the key is already listed on the struct: `{}`",
                    shown(&listed.tokens)
                ),
            );
            errors.add(
                problem
                    .help("remove `primary_key` here, or the list; the list says the key's order"),
            );
        }
    }
}

/// The listed key names fields, each of them once.
pub(super) fn key_names_fields(row: &Row<'_>, errors: &Errors) {
    let Some((_, names)) = &row.listed_key else {
        return;
    };
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|before| before == name) {
            let problem = Problem::at(name, format!("`{name}` is listed twice"));
            errors.add(problem.help("remove one of them"));
        }
        if row.members.iter().any(|member| member.ident == name) {
            continue;
        }
        let problem = Problem::at(name, format!("`{}` has no field `{name}`", row.ident));
        let fields: Vec<String> = row
            .members
            .iter()
            .map(|member| member.ident.to_string())
            .collect();
        let of_column = row
            .members
            .iter()
            .find(|member| *name == member.column.text);
        errors.add(
            match (
                of_column,
                suggest::nearest(&name.to_string(), fields.iter().map(String::as_str)),
            ) {
                (Some(member), _) => problem.help(format!(
                    "write the field's name, not the column's: `{}`",
                    member.ident
                )),
                (None, Some(meant)) => problem.help(format!("did you mean `{meant}`?")),
                (None, None) => {
                    let fields: Vec<String> =
                        fields.iter().map(|name| format!("`{name}`")).collect();
                    problem.help(format!("the fields are {}", fields.join(", ")))
                }
            },
        );
    }
}

/// `only_pk` promises the old key, so there is one.
pub(super) fn old_key_has_a_key(row: &Row<'_>, errors: &Errors) {
    let declared =
        row.listed_key.is_some() || row.members.iter().any(|member| member.key.is_some());
    if row.tracking == Tracking::OnlyPk && !declared && !row.is_incomplete {
        let problem = Problem::at(
            &row.tracking_at,
            "`tracking = \"only_pk\"` needs a primary key",
        );
        errors.add(
            problem
                .help("mark the key's fields with `#[dozer(primary_key)]`, or track `\"full_changes\"`")
                .note("an update or a delete tells the key of the old row, and nothing else of it"),
        );
    }
}

/// The key struct passes over the other columns, so it must be able to count them.
pub(super) fn key_struct_knows_the_columns_beside_it(row: &Row<'_>, errors: &Errors) {
    if row.tracking != Tracking::OnlyPk {
        return;
    }
    let kept = key::generics(row);
    let missing =
        |parameter: &&syn::TypeParam| !kept.type_params().any(|kept| kept.ident == parameter.ident);
    let missing: Vec<String> = row
        .generics
        .type_params()
        .filter(missing)
        .map(|parameter| parameter.ident.to_string())
        .collect();
    for member in row
        .members
        .iter()
        .filter(|member| matches!(member.kind, Kind::Flatten))
    {
        if shape::mentions(member.ty.to_token_stream(), &missing) {
            let ty = shown(member.ty);
            let problem = Problem::at(
                member.ty,
                format!(
                    "the key struct of `{}` cannot count the columns of `{ty}`",
                    row.ident
                ),
            );
            errors.add(
                problem
                    .help("track `\"full_changes\"`, or flatten a type without parameters")
                    .note("the key struct has only the parameters that the key uses"),
            );
        }
    }
}

/// A key column is never null, and two equal keys are equal bit by bit.
pub(super) fn key_is_a_column_of_its_own(row: &Row<'_>, member: &Member<'_>, errors: &Errors) {
    let listed = (row.listed_key.iter())
        .flat_map(|(_, names)| names)
        .find(|name| *name == member.ident);
    let Some(key) = member.key.as_ref().or(listed) else {
        return;
    };
    let name = member.ident;
    if listed.is_some() && !member.is_column() {
        let problem = Problem::at(
            key,
            format!("`{name}` is no column of its own, so it cannot be part of the key"),
        );
        errors.add(problem.help(format!(
            "remove it from the list, or remove `skip` and `flatten` from `{name}`"
        )));
        return;
    }
    if listed.is_some() && matches!(member.kind, Kind::Json) {
        let problem = Problem::at(
            key,
            format!("`{name}` is stored as JSON, so it cannot be part of the key"),
        );
        errors.add(
            problem
                .help("choose another column")
                .note("texts of one JSON value differ"),
        );
        return;
    }
    if let Some(inner) = member.option() {
        let problem = Problem::at(
            member.ty,
            format!("primary key column `{}` is nullable", member.column.text),
        );
        errors.add(problem.help(format!(
            "make it `{}`, or take it out of the key",
            shown(inner)
        )));
        return;
    }
    if let Some(inner) = shape::argument_of(member.ty, "Sent") {
        let problem = Problem::at(
            member.ty,
            format!(
                "primary key column `{}` may be left out",
                member.column.text
            ),
        );
        let help = format!("make it `{}`, or take it out of the key", shown(inner));
        errors.add(
            problem
                .help(help)
                .note("a change names its row by the key, so a key is always sent"),
        );
        return;
    }
    if let Some(default) = member.entry("default") {
        let problem = Problem::at(
            &default.key,
            format!(
                "`default` makes primary key column `{}` nullable",
                member.column.text
            ),
        );
        errors.add(problem.help("remove `default`, or take the column out of the key"));
    }
    let declared = member.field_type.as_ref().map(|spec| spec.name.to_string());
    let word = declared
        .or_else(|| shape::last_word(member.ty))
        .unwrap_or_default();
    let reason = match word.as_str() {
        "f32" | "f64" | "Float" => {
            "floating-point numbers that print alike may differ, and not-a-number equals nothing"
        }
        "Json" => "texts of one JSON value differ",
        "Point" => "a point is two floating-point numbers, and not-a-number equals nothing",
        _ => return,
    };
    let at = member
        .field_type
        .as_ref()
        .map_or_else(|| member.ty.to_token_stream(), |spec| spec.tokens.clone());
    let problem = Problem::at(
        at,
        format!(
            "`{word}` cannot be the type of primary key column `{}`",
            member.column.text
        ),
    );
    errors.add(
        problem
            .help("choose an exact type, such as an integer, a decimal or text")
            .note(reason),
    );
}
