//! The names of tables and columns.

use std::collections::HashMap;

use quote::ToTokens;

use crate::diag::{Errors, Problem};
use crate::source::model::{Member, Name, Row};

/// A name goes into queries, file names and logs: it is not empty, has no control characters, and has an end.
pub(super) fn names_can_be_names(row: &Row<'_>, errors: &Errors) {
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
pub(super) fn columns_have_their_own_names(row: &Row<'_>, errors: &Errors) {
    let mut seen: HashMap<String, &Member<'_>> = HashMap::new();
    for member in row.members.iter().filter(|member| member.is_column()) {
        let Some(first) = seen.insert(member.column.text.to_lowercase(), member) else {
            continue;
        };
        // Two fields of one name are rustc's to tell.
        if first.ident == member.ident {
            continue;
        }
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
