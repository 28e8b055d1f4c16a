//! The documentation of a system's column types.

use std::fmt::Write;

use crate::types::ColumnTypes;

/// A Markdown table of every declared type: its names, the field type that it becomes or why it becomes none, and its
/// description.
pub fn markdown<T: ColumnTypes>() -> String {
    let mut table = String::from("| Type | Field type | Description |\n|---|---|---|\n");
    for entry in T::ENTRIES {
        let names: Vec<String> = entry.names.iter().map(|name| code(name)).collect();
        let names = match names.as_slice() {
            [] => "any other".to_owned(),
            names => names.join(", "),
        };
        let field = match entry.field {
            Ok(field) => code(field),
            Err(reason) => format!("not supported: {}", cell(reason)),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, "| {names} | {field} | {} |", cell(entry.description));
    }
    table
}

fn code(name: &str) -> String {
    format!("`{}`", cell(name))
}

/// One line, whose bars do not end the cell.
fn cell(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}
