//! The parameters of a type's name, and the fields that take them.

use quote::ToTokens;

use super::super::model::{ColumnType, TypeName};
use crate::attr::shown;
use crate::diag::{Errors, Problem};
use crate::shape::option_of;
use crate::suggest::nearest;

/// Every name fills every field that is not an `Option`.
pub(super) fn fields_are_filled(entry: &ColumnType<'_>, errors: &Errors) {
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
        let name = without.map_or_else(
            || format!("NAME({field})"),
            |name| with_parameter(name, &field.to_string()),
        );
        errors.add(problem.help(format!(
            "write the parameter: `\"{name}\"`, or make the field `Option<{ty}>`"
        )));
    }
    for name in &entry.names {
        parameters_name_fields(entry, name, errors);
    }
}

/// The name with one more parameter.
fn with_parameter(name: &TypeName, parameter: &str) -> String {
    let mut parameters = name.named().to_vec();
    parameters.push(parameter.to_owned());
    let listed = format!("({})", parameters.join(", "));
    if name.template.contains("()") {
        name.template.replace("()", &listed)
    } else {
        format!("{}{listed}", name.template)
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
