//! The rules of column types, one function each, over the complete model.

mod names;
mod parameters;

use syn::{DeriveInput, Ident};

use super::model::{ColumnType, Types};
use crate::attr::shown;
use crate::diag::{Errors, Problem};

pub(crate) fn types(types: &Types<'_>, input: &DeriveInput, errors: &Errors) {
    types.private.check(errors);
    has_entries(types, input, errors);
    has_no_parameters(input, errors);
    names::names_are_declared_once(types, errors);
    names::other_comes_last(types, errors);
    names::ignore_case_ignores_some(types, errors);
    for entry in &types.entries {
        // What is missing may be in what could not be read.
        let is_complete = !types.is_incomplete && !entry.is_incomplete;
        if is_complete && !entry.is_declared {
            is_undeclared(entry, errors);
        } else if is_complete {
            names::has_a_name(entry, errors);
            becomes_something(entry, errors);
        }
        names::names_are_written(entry, errors);
        unsupported_is_all_that_is_said(entry, errors);
        parameters::fields_are_filled(entry, errors);
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

/// A type becomes a field, or the reader is told why it does not.
fn becomes_something(entry: &ColumnType<'_>, errors: &Errors) {
    let variant = &entry.variant.ident;
    if entry.field.is_none() && entry.unsupported.is_none() {
        let problem = Problem::at(
            variant,
            format!("variant `{variant}` does not say what its columns become"),
        );
        errors.add(problem.help("write `field = …`, or `unsupported = \"what to do instead\"`"));
    }
}

/// An unsupported type has a reason, and nothing that only a column of it could have.
fn unsupported_is_all_that_is_said(entry: &ColumnType<'_>, errors: &Errors) {
    let Some(reason) = &entry.unsupported else {
        return;
    };
    if reason.value().trim().is_empty() {
        let problem = Problem::at(reason, "`unsupported` gives no reason");
        errors.add(
            problem.help("say what to do instead: `unsupported = \"select ST_AsText instead\"`"),
        );
    }
    if let Some(field) = &entry.field {
        let field = &field.tokens;
        let problem = Problem::at(field, "`field` does not go with `unsupported`");
        errors.add(
            problem
                .help(format!(
                    "remove `field = {}` or `unsupported`",
                    shown(field)
                ))
                .note("a type becomes a field type, or none"),
        );
    }
    if let Some(cast) = &entry.cast {
        let problem = Problem::at(cast, "`cast` does not go with `unsupported`");
        errors.add(
            problem
                .help(format!("remove `cast = {}` or `unsupported`", shown(cast)))
                .note("an unsupported column is never read"),
        );
    }
}
