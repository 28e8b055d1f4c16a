//! The rules of rows, one function each, over the complete model.

use std::collections::HashMap;

use quote::ToTokens;

use super::key;
use super::model::{Kind, Member, Name, Row, Rows, Tracking};
use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::{shape, suggest};

pub(crate) fn row(row: &Row<'_>, errors: &Errors) {
    has_columns(row, errors);
    names_can_be_names(row, errors);
    columns_have_their_own_names(row, errors);
    borrows_from_one_place(row, errors);
    crate_path_is_absolute(row, errors);
    key_is_declared_once(row, errors);
    key_names_fields(row, errors);
    old_key_has_a_key(row, errors);
    key_struct_knows_the_columns_beside_it(row, errors);
    for member in &row.members {
        keys_stand_together(member, errors);
        option_needs_no_default(member, errors);
        key_is_a_column_of_its_own(row, member, errors);
        if let Some(field_type) = &member.field_type {
            field_type.check(&[], errors);
        }
    }
}

/// A row without columns has nothing to deliver.
fn has_columns(row: &Row<'_>, errors: &Errors) {
    if row.members.is_empty() {
        let problem = Problem::at(
            row.ident,
            format!("`{}` has no fields, so its table has no columns", row.ident),
        );
        errors.add(problem.help("add a field for each column"));
    } else if row
        .members
        .iter()
        .all(|member| matches!(member.kind, Kind::Skip))
    {
        let problem = Problem::at(
            row.ident,
            format!("every field of `{}` is skipped", row.ident),
        );
        errors.add(problem.help("remove `skip` from the fields that are columns"));
    }
}

/// A name goes into queries, file names and logs: it is not empty, has no control characters, and has an end.
fn names_can_be_names(row: &Row<'_>, errors: &Errors) {
    check_name("table", &row.table, errors);
    if let Some(schema) = &row.schema {
        check_name(
            "schema",
            &Name {
                text: schema.value(),
                at: schema.to_token_stream(),
            },
            errors,
        );
    }
    for member in row.members.iter().filter(|member| member.is_column()) {
        check_name("column", &member.column, errors);
    }
}

/// The most bytes of a name: no known system takes more.
const MAX_NAME: usize = 255;

fn check_name(what: &str, name: &Name, errors: &Errors) {
    let problem = |wrong: String| Problem::at(&name.at, wrong);
    if name.text.trim().is_empty() {
        errors.add(
            problem(format!("the name of a {what} is empty"))
                .help(format!("write the {what}'s name in the external system")),
        );
    } else if name.text.chars().any(char::is_control) {
        errors.add(
            problem(format!("the name of a {what} has a control character")).help("remove it"),
        );
    } else if name.text.trim() != name.text {
        errors.add(
            problem(format!("the name of a {what} begins or ends with a space"))
                .help(format!("write `\"{}\"`", name.text.trim())),
        );
    } else if name.text.len() > MAX_NAME {
        let length = name.text.len();
        errors.add(
            problem(format!("the name of a {what} has {length} bytes"))
                .help(format!("shorten it to {MAX_NAME} bytes")),
        );
    }
}

/// Two columns of one name cannot be told apart. Many systems do not tell upper from lower case.
fn columns_have_their_own_names(row: &Row<'_>, errors: &Errors) {
    let mut seen: HashMap<String, &Member<'_>> = HashMap::new();
    for member in row.members.iter().filter(|member| member.is_column()) {
        let Some(first) = seen.insert(member.column.text.to_lowercase(), member) else {
            continue;
        };
        let name = &member.column.text;
        let mut problem = Problem::at(
            &member.column.at,
            format!(
                "column `{name}` is also the column of field `{}`",
                first.ident
            ),
        )
        .help("give one of them another name: `column = \"…\"`");
        if first.column.text != *name {
            problem = problem.note("names are compared without regard to case, as many systems do");
        }
        errors.add(problem);
    }
}

/// A row borrows from the buffer of the driver, which has one life.
fn borrows_from_one_place(row: &Row<'_>, errors: &Errors) {
    for extra in row.generics.lifetimes().skip(1) {
        let lifetime = &extra.lifetime;
        let problem = Problem::at(
            lifetime,
            format!("`{}` has a second lifetime, `{lifetime}`", row.ident),
        );
        errors.add(problem.help("use one lifetime for everything that the row borrows").note(
            "a row is read out of one buffer, and all that it borrows lives as long as that",
        ));
    }
}

/// A relative path means something else in each module of the crate that uses it.
fn crate_path_is_absolute(row: &Row<'_>, errors: &Errors) {
    row.private.check(errors);
}

/// The key is listed on the struct or marked on the fields, not both: the order would be open.
fn key_is_declared_once(row: &Row<'_>, errors: &Errors) {
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
            errors.add(problem.help("remove one of them; the list says the key's order"));
        }
    }
}

/// The listed key names fields, each of them once.
fn key_names_fields(row: &Row<'_>, errors: &Errors) {
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
                (None, None) => problem.help("write the names of fields, in the key's order"),
            },
        );
    }
}

/// `only_pk` promises the old key, so there is one.
fn old_key_has_a_key(row: &Row<'_>, errors: &Errors) {
    let declared =
        row.listed_key.is_some() || row.members.iter().any(|member| member.key.is_some());
    if row.tracking == Tracking::OnlyPk && !declared {
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
fn key_struct_knows_the_columns_beside_it(row: &Row<'_>, errors: &Errors) {
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
        "a flattened field is the columns of its own struct, which say this themselves",
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
fn keys_stand_together(member: &Member<'_>, errors: &Errors) {
    for (key, excluded, reason) in APART {
        if member.entry(key).is_none() {
            continue;
        }
        for name in excluded {
            if let Some(entry) = member.entry(name) {
                let problem = Problem::at(&entry.key, format!("`{name}` does not go with `{key}`"));
                errors.add(
                    problem
                        .help(format!("remove one of them from `{}`", member.ident))
                        .note(reason),
                );
            }
        }
    }
}

/// Null reads as `None` already.
fn option_needs_no_default(member: &Member<'_>, errors: &Errors) {
    let (Some(entry), Some(inner)) = (member.entry("default"), member.option()) else {
        return;
    };
    if matches!(member.kind, Kind::Skip) {
        return;
    }
    let problem = Problem::at(
        &entry.key,
        "`default` has no effect on an `Option`: null reads as `None`",
    );
    errors.add(problem.help(format!(
        "remove `default`, or make the type `{}`",
        shown(inner)
    )));
}

/// A key column is never null, and two equal keys are equal bit by bit.
fn key_is_a_column_of_its_own(row: &Row<'_>, member: &Member<'_>, errors: &Errors) {
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

pub(crate) fn rows(rows: &Rows<'_>, errors: &Errors) {
    rows.private.check(errors);
    each_row_has_its_own_variant(rows, errors);
    for extra in rows.generics.lifetimes().skip(1) {
        let problem = Problem::at(
            &extra.lifetime,
            format!("`{}` has a second lifetime", rows.ident),
        );
        errors.add(problem.help("use one lifetime for everything that the rows borrow"));
    }
}

/// An event is converted by its row type, so that names one variant.
fn each_row_has_its_own_variant(rows: &Rows<'_>, errors: &Errors) {
    for (place, variant) in rows.variants.iter().enumerate() {
        let ty = shown(shape::peeled(variant.ty));
        let first = rows
            .variants
            .iter()
            .take(place)
            .find(|before| shown(shape::peeled(before.ty)) == ty);
        if let Some(first) = first {
            let problem = Problem::at(
                variant.ty,
                format!("`{ty}` is already the row of variant `{}`", first.ident),
            );
            errors.add(
                problem
                    .help("give each table a row struct of its own")
                    .note("events are made from the row type, which therefore names one table"),
            );
        }
    }
}
