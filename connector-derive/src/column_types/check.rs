//! The rules of column types, one function each, over the complete model.

use quote::ToTokens;
use syn::{DeriveInput, Ident};

use super::model::{ColumnType, TypeName, Types};
use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::shape::option_of;
use crate::suggest::nearest;

pub(crate) fn types(types: &Types<'_>, input: &DeriveInput, errors: &Errors) {
    types.private.check(errors);
    has_entries(types, input, errors);
    has_no_parameters(input, errors);
    names_are_declared_once(types, errors);
    other_comes_last(types, errors);
    for entry in &types.entries {
        if !entry.is_declared {
            is_undeclared(entry, errors);
            continue;
        }
        has_names(entry, errors);
        becomes_a_field_or_says_why_not(entry, errors);
        fields_are_filled(entry, errors);
        if let Some(field) = &entry.field {
            let parameters: Vec<Ident> = entry
                .fields
                .iter()
                .map(|(ident, _)| Ident::clone(ident))
                .collect();
            field.check(&parameters, errors);
        }
    }
}

/// A system without types has no columns.
fn has_entries(types: &Types<'_>, input: &DeriveInput, errors: &Errors) {
    if types.entries.is_empty() && matches!(input.data, syn::Data::Enum(_)) {
        let problem = Problem::at(types.ident, format!("`{}` declares no types", types.ident));
        errors.add(problem.help(
            "add a variant for each type: `#[column_type(\"INTEGER\", field = Int)] Integer`",
        ));
    }
}

/// The declaration is one table of constants.
fn has_no_parameters(input: &DeriveInput, errors: &Errors) {
    if !input.generics.params.is_empty() {
        let problem = Problem::at(&input.generics, "column types have no generic parameters");
        errors
            .add(problem.help(
                "remove them; the lifetime of raw values is written `'_`: `raw = Value<'_>`",
            ));
    }
}

/// Every variant says what it is.
fn is_undeclared(entry: &ColumnType<'_>, errors: &Errors) {
    let name = &entry.variant.ident;
    let problem = Problem::at(
        name,
        format!("variant `{name}` does not say which type it is"),
    );
    let upper = name.to_string().to_uppercase();
    errors.add(problem.help(format!(
        "write `#[column_type(\"{upper}\", field = …)]` on it"
    )));
}

/// A type is found by its name.
fn has_names(entry: &ColumnType<'_>, errors: &Errors) {
    let variant = &entry.variant.ident;
    match (&entry.other, entry.names.first()) {
        (None, None) => {
            let problem = Problem::at(
                variant,
                format!("variant `{variant}` has no name in the system"),
            );
            errors.add(problem.help("write the names first: `#[column_type(\"NAME\", …)]`; for every name not listed, write `other`"));
        }
        (Some(other), Some(name)) => {
            let problem = Problem::at(&name.literal, "a name does not go with `other`");
            let help = format!("remove it, or remove `{}`", other.name);
            errors.add(
                problem
                    .help(help)
                    .note("`other` stands for every name that is not listed"),
            );
        }
        _ => {}
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

/// A type becomes a field, or the reader is told why it does not.
fn becomes_a_field_or_says_why_not(entry: &ColumnType<'_>, errors: &Errors) {
    let variant = &entry.variant.ident;
    match (&entry.field, &entry.unsupported) {
        (None, None) => {
            let problem = Problem::at(
                variant,
                format!("variant `{variant}` does not say what its columns become"),
            );
            errors
                .add(problem.help("write `field = …`, or `unsupported = \"what to do instead\"`"));
        }
        (Some(field), Some(_)) => {
            let problem = Problem::at(&field.tokens, "`field` does not go with `unsupported`");
            errors.add(problem.help("remove one of them"));
        }
        _ => {}
    }
    if let Some(reason) = &entry.unsupported {
        if reason.value().trim().is_empty() {
            let problem = Problem::at(reason, "`unsupported` gives no reason");
            errors.add(
                problem
                    .help("say what to do instead: `unsupported = \"select ST_AsText instead\"`"),
            );
        }
        if let Some(cast) = &entry.cast {
            let problem = Problem::at(cast, "`cast` does not go with `unsupported`");
            errors.add(
                problem
                    .help("remove one of them")
                    .note("an unsupported column is never read"),
            );
        }
    }
}

/// Every name fills every field that is not an `Option`.
fn fields_are_filled(entry: &ColumnType<'_>, errors: &Errors) {
    let variant = &entry.variant.ident;
    for (field, ty) in &entry.fields {
        let without = entry
            .names
            .iter()
            .find(|name| !name.named().iter().any(|parameter| *field == parameter));
        let at = match (without, &entry.other) {
            _ if option_of(ty).is_some() => continue,
            (Some(name), _) => name.literal.to_token_stream(),
            (None, Some(other)) => other.tokens.clone(),
            (None, None) => continue,
        };
        let problem = Problem::at(
            at,
            format!("nothing fills field `{field}` of variant `{variant}`"),
        );
        let ty = shown(ty);
        errors.add(problem.help(format!(
            "write the parameter: `\"NAME({field})\"`, or make the field `Option<{ty}>`"
        )));
    }
    for name in &entry.names {
        parameters_name_fields(entry, name, errors);
    }
}

/// A parameter that no field takes is written `_`; a variant without fields takes none of them.
fn parameters_name_fields(entry: &ColumnType<'_>, name: &TypeName, errors: &Errors) {
    let fields: Vec<String> = entry
        .fields
        .iter()
        .map(|(field, _)| field.to_string())
        .collect();
    for (place, parameter) in name.named().iter().enumerate() {
        let problem = |what: String| Problem::at(&name.literal, what);
        if parameter.is_empty() {
            errors.add(problem("a parameter has no name".to_owned()).help("remove the comma"));
        } else if parameter != "_"
            && name
                .named()
                .iter()
                .take(place)
                .any(|before| before == parameter)
        {
            errors.add(
                problem(format!("parameter `{parameter}` stands twice"))
                    .help("give each its own name"),
            );
        } else if parameter != "_" && !fields.is_empty() && !fields.contains(parameter) {
            let problem = problem(format!(
                "parameter `{parameter}` is no field of variant `{}`",
                entry.variant.ident
            ));
            errors.add(
                match nearest(parameter, fields.iter().map(String::as_str)) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => {
                        problem.help("add the field, or write `_` for a parameter that is not read")
                    }
                },
            );
        }
    }
}

/// Of two declarations of one name the second would never be found.
fn names_are_declared_once(types: &Types<'_>, errors: &Errors) {
    let names: Vec<(&Ident, &TypeName)> = (types.entries.iter())
        .flat_map(|entry| entry.names.iter().map(|name| (&entry.variant.ident, name)))
        .collect();
    for (place, (_, name)) in names.iter().enumerate() {
        let first = names
            .iter()
            .take(place)
            .find(|(_, before)| before.covers(name, types.ignores_case));
        if let Some((variant, before)) = first {
            let given = name.literal.value();
            let problem = Problem::at(
                &name.literal,
                format!("`{given}` is already a name of variant `{variant}`"),
            );
            let problem = problem.help("remove one of them");
            errors.add(if before.literal.value() == given {
                problem
            } else {
                problem.note(format!("it is declared as `{}`", before.literal.value()))
            });
        }
    }
}

/// Nothing after `other` is ever found.
fn other_comes_last(types: &Types<'_>, errors: &Errors) {
    let count = types.entries.len();
    for (place, entry) in types.entries.iter().enumerate() {
        if let Some(other) = &entry.other
            && place + 1 < count
        {
            let problem = Problem::at(&other.key, "`other` stands before other variants");
            errors.add(problem.help(format!("move variant `{}` to the end", entry.variant.ident)));
        }
    }
}
