//! What there is to copy, cut into pieces that threads take side by side.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::copied::CopyForm;
use crate::quote::identifier;
use crate::wire::Connection;

/// One COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    /// The place of the table among the selected ones.
    pub(crate) table: usize,
    pub(crate) sql: String,
    pub(crate) form: CopyForm,
}

/// The jobs that are left. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    left: Arc<Mutex<VecDeque<Job>>>,
    /// The connections that have none to do any more: one of them may have the snapshot that others are still to look at.
    kept: Arc<Mutex<Vec<Connection>>>,
}

impl Jobs {
    pub(crate) fn new(jobs: Vec<Job>) -> Self {
        Self {
            left: Arc::new(Mutex::new(jobs.into())),
            kept: Arc::default(),
        }
    }

    /// Keeps a connection for as long as there is somebody who knows of the jobs.
    pub(crate) fn keep(&self, connection: Connection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(connection);
    }

    /// The next one, for whoever asks first.
    pub(crate) fn take(&self) -> Option<Job> {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

/// A table to be copied.
#[derive(Debug, Clone)]
pub(crate) struct Copied<'t> {
    /// The place among the selected tables.
    pub(crate) table: usize,
    pub(crate) schema: &'t str,
    pub(crate) name: &'t str,
    /// The columns, in the order in which rows deliver them.
    pub(crate) columns: &'t [&'t str],
    pub(crate) form: CopyForm,
    /// The condition under which the publication publishes a row: SQL, as the server prints it.
    pub(crate) filter: Option<&'t str>,
    /// How many pages it has; `None` where it has none of its own (a view, a partitioned or a foreign table).
    pub(crate) pages: Option<u64>,
    /// The conditions that cut it; none where it is copied at once.
    pub(crate) pieces: Vec<String>,
}

/// The jobs of a snapshot, the large tables' first.
pub(crate) fn jobs(tables: &[Copied<'_>]) -> Vec<Job> {
    let mut sized: Vec<(u64, Job)> = Vec::new();
    for table in tables {
        let pages = table.pages.unwrap_or(0);
        if table.pieces.is_empty() {
            sized.push((pages, table.job(None)));
        }
        for piece in &table.pieces {
            sized.push((pages, table.job(Some(piece))));
        }
    }
    sized.sort_by_key(|(pages, _)| std::cmp::Reverse(*pages));
    sized.into_iter().map(|(_, job)| job).collect()
}

impl Copied<'_> {
    fn job(&self, piece: Option<&String>) -> Job {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| identifier(column))
            .collect();
        let columns = columns.join(", ");
        let table = format!("{}.{}", identifier(self.schema), identifier(self.name));
        let form = match self.form {
            CopyForm::Text => "text",
            CopyForm::Binary => "binary",
        };
        // A table that has its own rows may be copied by name, which is cheaper than a query; a partitioned one or a view may not.
        let what = match (self.pages, piece, self.filter) {
            (Some(_), None, None) if !self.columns.is_empty() => format!("{table} ({columns})"),
            (pages, piece, filter) => {
                // Tables that inherit from it have rows of their own.
                let only = if pages.is_some() { "ONLY " } else { "" };
                let conditions = piece.cloned().into_iter();
                let conditions = conditions.chain(filter.map(|filter| format!("({filter})")));
                let conditions: Vec<String> = conditions.collect();
                let rows = if conditions.is_empty() {
                    String::new()
                } else {
                    format!(" WHERE {}", conditions.join(" AND "))
                };
                format!("(SELECT {columns} FROM {only}{table}{rows})")
            }
        };
        Job {
            table: self.table,
            sql: format!("COPY {what} TO STDOUT (FORMAT {form})"),
            form: self.form,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pages: Option<u64>) -> Copied<'static> {
        Copied {
            table: 3,
            schema: "Odd schema",
            name: "a \"b\"",
            columns: &["id", "Weird"],
            form: CopyForm::Binary,
            filter: None,
            pages,
            pieces: Vec::new(),
        }
    }

    #[test]
    fn a_small_table_is_one_job() {
        let jobs = jobs(&[table(Some(10))]);
        assert_eq!(jobs.len(), 1);
        assert_eq!(
            jobs[0].sql,
            r#"COPY "Odd schema"."a ""b""" ("id", "Weird") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_view_is_queried() {
        let jobs = jobs(&[table(None)]);
        assert_eq!(
            jobs[0].sql,
            r#"COPY (SELECT "id", "Weird" FROM "Odd schema"."a ""b""") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_large_table_is_cut_and_copied_first() {
        let large = Copied {
            pieces: vec!["id < 5".to_owned(), "id >= 5".to_owned()],
            filter: Some("a OR b"),
            ..table(Some(9))
        };
        let jobs = jobs(&[table(Some(1)), large]);
        let pieces: Vec<&str> = (jobs.iter())
            .map(|job| job.sql.split_once(" WHERE ").unwrap_or_default().1)
            .collect();
        let end = ") TO STDOUT (FORMAT binary)";
        assert_eq!(
            pieces,
            [
                format!("id < 5 AND (a OR b){end}").as_str(),
                format!("id >= 5 AND (a OR b){end}").as_str(),
                ""
            ]
        );
    }

    #[test]
    fn rows_that_are_not_published_are_not_copied() {
        let filtered = Copied {
            filter: Some("id > 5"),
            ..table(Some(1))
        };
        let jobs = jobs(&[filtered]);
        assert!(
            jobs[0]
                .sql
                .contains("FROM ONLY \"Odd schema\".\"a \"\"b\"\"\" WHERE (id > 5))"),
            "{}",
            jobs[0].sql
        );
    }

    #[test]
    fn each_job_is_taken_once() {
        let jobs = Jobs::new(jobs(&[table(Some(1)), table(None)]));
        let other = jobs.clone();
        assert!(jobs.take().is_some() && other.take().is_some());
        assert!(jobs.take().is_none() && other.len() == 0);
    }
}
