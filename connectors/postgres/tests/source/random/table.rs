//! Random tables, and the SQL that makes them.

use std::fmt;

use connector_postgres::identifier;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::leaves::{BOTH, Kind, TEXT_ONLY, numeric_text};
use super::nested::NESTED;
use super::{POOL, Typed};

/// A column, and which of its values are null.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    typed: Typed,
    nulls: Option<[bool; POOL]>,
}

/// A table, whose key is a number `n`, and its rows.
#[derive(Clone)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// Has no binary form, so that all columns beside it are read in the text form.
    text_only: Column,
    /// Where that column stands among the others, and where the key does.
    places: [usize; 2],
    pub(super) rows: usize,
    pub(super) numeric_as_text: bool,
}

/// Whether a table has the column without a binary form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Binary,
    Text,
}

fn column(typed: BoxedStrategy<Typed>) -> impl Strategy<Value = Column> {
    let nulls = prop::option::of(any::<[bool; POOL]>());
    let name = "[a-zA-Z\"' %]{1,6}";
    (name, typed, nulls).prop_map(|(name, typed, nulls)| Column { name, typed, nulls })
}

/// Of some of all types, in any order.
pub(super) fn table() -> impl Strategy<Value = Table> {
    let kinds: Vec<Kind> = BOTH.iter().chain(NESTED).copied().collect();
    let some = subsequence(kinds, 1..28).prop_shuffle();
    (some, select(TEXT_ONLY), any::<bool>())
        .prop_flat_map(|(kinds, text_only, numeric_as_text)| {
            let mut columns: Vec<_> = kinds.into_iter().map(|kind| column(kind())).collect();
            if numeric_as_text {
                columns.push(column(numeric_text()));
            }
            let places = any::<[prop::sample::Index; 2]>();
            (
                columns,
                column(text_only()),
                places,
                1..=POOL,
                Just(numeric_as_text),
            )
        })
        .prop_map(
            |(columns, text_only, places, rows, numeric_as_text)| Table {
                places: places.map(|place| place.index(columns.len() + 1)),
                columns,
                text_only,
                rows,
                numeric_as_text,
            },
        )
}

impl Table {
    /// The entries of the table of types that occur.
    pub(super) fn variants(&self) -> impl Iterator<Item = &'static str> {
        self.all(Form::Text)
            .map(|(_, column)| match column.typed.variant {
                // As it is configured.
                "SizedNumeric" | "Numeric" if self.numeric_as_text => "NumericText",
                variant => variant,
            })
    }

    /// The columns but the key, in their order, each with a name of its own.
    fn all(&self, form: Form) -> impl Iterator<Item = (String, &Column)> {
        let (before, behind) = self.columns.split_at(self.places[0]);
        let text_only = (form == Form::Text).then_some(&self.text_only);
        let columns = before.iter().chain(text_only).chain(behind);
        columns
            .enumerate()
            .map(|(place, column)| (identifier(&format!("{}{place}", column.name)), column))
    }

    /// The place of the column that the other form lacks, the key not counted.
    pub(super) fn text_only(&self) -> usize {
        self.places[0]
    }

    /// The place of the key.
    pub(super) fn key(&self, form: Form) -> usize {
        self.places[1].min(self.all(form).count())
    }

    /// The names of the columns but the key.
    pub(super) fn names(&self, form: Form) -> String {
        let names: Vec<String> = self.all(form).map(|(name, _)| name).collect();
        names.join(", ")
    }

    /// What makes the table and its types, and fills it with rows from 0 on.
    pub(super) fn sql(&self, form: Form) -> String {
        let columns = self.all(form).map(|(name, column)| {
            let null = if column.nulls.is_some() {
                ""
            } else {
                " NOT NULL"
            };
            format!("{name} {}{null}", column.typed.declared)
        });
        let mut columns: Vec<String> = columns.collect();
        columns.insert(self.key(form), "n bigint PRIMARY KEY".to_owned());
        let mut statements: Vec<String> = Vec::new();
        for (_, column) in self.all(form) {
            statements.extend(column.typed.ddl.clone());
        }
        statements.push(format!("CREATE TABLE t (\n  {}\n)", columns.join(",\n  ")));
        statements.push("ALTER TABLE t REPLICA IDENTITY FULL".to_owned());
        for row in 0..self.rows {
            let values = self.all(form).map(|(_, column)| {
                let null = column.nulls.is_some_and(|nulls| nulls[row]);
                if null {
                    "NULL"
                } else {
                    column.typed.values[row].as_str()
                }
            });
            let values: Vec<&str> = values.collect();
            statements.push(format!(
                "INSERT INTO t (n, {}) VALUES ({row}, {})",
                self.names(form),
                values.join(", ")
            ));
        }
        statements.join(";\n")
    }
}

/// As the SQL that a person can run.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "-- numeric_as_text: {}\n{};",
            self.numeric_as_text,
            self.sql(Form::Text)
        )
    }
}
