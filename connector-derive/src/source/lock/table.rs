//! The row's table among those of the lock file.

use quote::ToTokens;

use super::super::model::Row;
use crate::diag::{Errors, Problem};
use crate::lock::{Column, Lock, Source};
use crate::suggest::nearest;

/// The most names that a message lists.
const LISTED: usize = 12;

/// A table, as all sources that read it know it.
pub(super) struct Table<'l> {
    /// The lock file, as the declaration names it.
    pub(super) file: &'l str,
    /// The name with the schema, where the lock file has one.
    pub(super) name: String,
    pub(super) sources: Vec<&'l Source>,
}

impl<'l> Table<'l> {
    /// The row's table: of its name, and of its schema where it gives one.
    pub(super) fn of(
        row: &Row<'_>,
        lock: &'l Lock,
        file: &'l str,
        errors: &Errors,
    ) -> Option<Self> {
        let schema = row.schema.as_ref().map(syn::LitStr::value);
        let is_it = |source: &&Source| {
            source.table == row.table.text && (schema.is_none() || source.schema == schema)
        };
        let sources: Vec<&Source> = lock.sources.iter().filter(is_it).collect();
        if let Some(first) = sources.first() {
            return Some(Self {
                file,
                name: first.full_name(),
                sources,
            });
        }
        errors.add(missing(row, lock, file));
        None
    }

    /// What each source has at this column.
    pub(super) fn column(&self, name: &str) -> Vec<(&'l Source, &'l Column)> {
        let find = |source: &&'l Source| {
            let column = source.columns.iter().find(|column| column.name == name)?;
            Some((*source, column))
        };
        self.sources.iter().filter_map(find).collect()
    }

    /// The names of all columns, each once.
    pub(super) fn columns(&self) -> Vec<&'l str> {
        let mut names = Vec::new();
        for column in self.sources.iter().flat_map(|source| &source.columns) {
            if !names.contains(&column.name.as_str()) {
                names.push(column.name.as_str());
            }
        }
        names
    }
}

fn missing(row: &Row<'_>, lock: &Lock, file: &str) -> Problem {
    let wanted = &row.table.text;
    let full_name = row.schema.as_ref().map_or_else(
        || wanted.clone(),
        |schema| format!("{}.{wanted}", schema.value()),
    );
    let what = format!("there is no table `{full_name}` in `{file}`");
    let elsewhere = (lock.sources.iter()).find(|source| source.table == *wanted);
    if let (Some(schema), Some(source)) = (&row.schema, elsewhere) {
        let problem = Problem::at(schema, what);
        return problem.help(match &source.schema {
            Some(other) => format!("write `schema = \"{other}\"`"),
            None => "remove `schema`: the table is in none".to_owned(),
        });
    }
    let problem = Problem::at(row.table.at.to_token_stream(), what);
    let mut names: Vec<&str> = Vec::new();
    for source in &lock.sources {
        if !names.contains(&source.table.as_str()) {
            names.push(&source.table);
        }
    }
    match nearest(wanted, names.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean `table = \"{meant}\"`?")),
        None if names.is_empty() => problem.help(
            "add a source for the table to the configuration, then run `dozer migrate -c dozer.yaml`",
        ),
        None => problem
            .help(format!("write `table = \"…\"` with one of {}", listed(&names)))
            .note("a table gets there by a source in the configuration and `dozer migrate -c dozer.yaml`"),
    }
}

/// The names in back-quotes, as many as a person reads.
pub(super) fn listed(names: &[&str]) -> String {
    let mut text: Vec<String> = (names.iter().take(LISTED))
        .map(|name| format!("`{name}`"))
        .collect();
    if let Some(more) = names.len().checked_sub(LISTED + 1) {
        text.push(format!("{} more", more + 1));
    }
    text.join(", ")
}
