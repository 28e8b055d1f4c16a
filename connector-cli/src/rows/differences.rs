//! What no longer matches between a file that was generated before and what would be generated now.

use serde::Serialize;

use super::read::{self, Column, Declared};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The table's full name; absent where the file as a whole differs.
    pub(crate) table: Option<String>,
    /// The column; absent where the table as a whole differs.
    pub(crate) column: Option<String>,
    /// What differs, in words.
    pub(crate) what: String,
}

/// How the text of a file differs from what would be generated now. Layout and comments do not count.
pub(crate) fn differences(written: &str, generated: &str) -> Vec<Difference> {
    let mut differences = Differences::default();
    if written.lines().next() != generated.lines().next() {
        let header = generated.lines().next().unwrap_or_default();
        differences.of_file(format!("its first line would be `{header}`"));
    }
    let before = match read::structs(written) {
        Ok(structs) => structs,
        Err(error) => {
            differences.of_file(format!("it holds what was not generated: {error}"));
            return differences.0;
        }
    };
    let now = read::structs(generated).unwrap_or_default();
    for declared in &before {
        match now.iter().find(|now| same_table(now, declared)) {
            Some(now) => tables(declared, now, &mut differences),
            None => differences.of_table(declared, "the source gives no such table"),
        }
    }
    for declared in &now {
        if !before.iter().any(|before| same_table(before, declared)) {
            differences.of_table(declared, "the file has no struct for it");
        }
    }
    differences.0
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn of_file(&mut self, what: String) {
        self.0.push(Difference {
            table: None,
            column: None,
            what,
        });
    }

    fn of_table(&mut self, table: &Declared, what: impl Into<String>) {
        self.0.push(Difference {
            table: Some(full_name(table)),
            column: None,
            what: what.into(),
        });
    }

    fn of_column(&mut self, table: &Declared, column: &Column, what: impl Into<String>) {
        self.0.push(Difference {
            table: Some(full_name(table)),
            column: Some(column.name.clone()),
            what: what.into(),
        });
    }
}

fn same_table(a: &Declared, b: &Declared) -> bool {
    (&a.schema, &a.table_name) == (&b.schema, &b.table_name)
}

fn full_name(table: &Declared) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.table_name),
        None => table.table_name.clone(),
    }
}

fn tables(before: &Declared, now: &Declared, out: &mut Differences) {
    let told = out.0.len();
    let key = |table: &Declared| match table.key.as_slice() {
        [] => "none".to_owned(),
        key => key.join(", "),
    };
    let parts = [
        ("struct", before.ident.clone(), now.ident.clone()),
        (
            "tracking type",
            before.tracking.clone(),
            now.tracking.clone(),
        ),
        ("primary key", key(before), key(now)),
        (
            "path of the column types",
            before.types.clone(),
            now.types.clone(),
        ),
    ];
    for (part, before, now_is) in parts {
        if before != now_is {
            let what = format!("the {part} is `{before}` in the file and `{now_is}` now");
            out.of_table(now, what);
        }
    }
    if before.description != now.description {
        out.of_table(now, "the table's description is another now");
    }
    columns(before, now, out);
    // A hand's edit that the words above do not cover.
    if out.0.len() == told && before.tokens != now.tokens {
        out.of_table(
            now,
            "the struct was edited: its derives, attributes or visibility",
        );
    }
}

fn columns(before: &Declared, now: &Declared, out: &mut Differences) {
    let find = |columns: &'_ [Column], name: &str| columns.iter().position(|it| it.name == name);
    for column in &before.columns {
        let found = find(&now.columns, &column.name).and_then(|place| now.columns.get(place));
        match found {
            Some(found) => column_of(now, column, found, out),
            None => out.of_column(now, column, "the source gives no such column"),
        }
    }
    for column in &now.columns {
        if find(&before.columns, &column.name).is_none() {
            let typ = typ(column);
            out.of_column(
                now,
                column,
                format!("the struct has no field for it: it is `{typ}`"),
            );
        }
    }
    let order = |columns: &[Column], others: &[Column]| -> Vec<String> {
        let shared = columns.iter().filter(|it| find(others, &it.name).is_some());
        shared.map(|it| it.name.clone()).collect()
    };
    if order(&before.columns, &now.columns) != order(&now.columns, &before.columns) {
        out.of_table(now, "its columns are in another order now");
    }
}

fn column_of(table: &Declared, before: &Column, now: &Column, out: &mut Differences) {
    let (before_type, now_type) = (typ(before), typ(now));
    match (before.left_out, now.left_out) {
        (false, true) => {
            let what = "a change may leave the column out now, and the field is no `Sent`";
            out.of_column(table, now, what);
        }
        (true, false) => {
            let what = "the column is sent with every change now, and the field is a `Sent`";
            out.of_column(table, now, what);
        }
        _ => {}
    }
    match (before.typ == now.typ, before.nullable, now.nullable) {
        (false, ..) => {
            let what = format!("the field is `{before_type}` in the file and `{now_type}` now");
            out.of_column(table, now, what);
        }
        (true, false, true) => {
            out.of_column(table, now, "the column is nullable now, the field is not");
        }
        (true, true, false) => {
            out.of_column(
                table,
                now,
                "the column is not nullable any more, the field is",
            );
        }
        (true, ..) => {}
    }
    if before.ident != now.ident {
        let (before, is) = (&before.ident, &now.ident);
        out.of_column(
            table,
            now,
            format!("its field is `{before}` in the file and `{is}` now"),
        );
    }
    if before.description != now.description {
        out.of_column(table, now, "its description is another now");
    }
}

/// The type in full.
fn typ(column: &Column) -> String {
    let (mut rust, declared) = match column.typ.split_once(" as ") {
        None => (column.typ.clone(), String::new()),
        Some((rust, declared)) => (rust.to_owned(), format!(" as {declared}")),
    };
    if column.nullable {
        rust = format!("Option<{rust}>");
    }
    if column.left_out {
        rust = format!("Sent<{rust}>");
    }
    rust + &declared
}
