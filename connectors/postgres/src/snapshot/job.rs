//! What there is to copy, cut into pieces that threads take side by side.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::copied::CopyForm;
use crate::quote::identifier;
use crate::wire::Connection;

/// One COPY.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    copied: Arc<Copied>,
    /// The condition that cuts it out; `None`: the table is copied at once.
    piece: Option<String>,
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
pub(crate) struct Copied {
    /// The place among the selected tables.
    pub(crate) table: usize,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) form: CopyForm,
    /// The condition under which the publication publishes a row: SQL, as the server prints it.
    pub(crate) filter: Option<String>,
    /// How many pages it has; `None` where it has none of its own (a view, a partitioned or a foreign table).
    pub(crate) pages: Option<u64>,
}

/// The jobs of a snapshot, the large tables' first. Each table comes with the conditions that cut it; none where it is copied
/// at once.
pub(crate) fn jobs(tables: impl IntoIterator<Item = (Copied, Vec<String>)>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for (copied, pieces) in tables {
        let copied = Arc::new(copied);
        let job = |piece| Job {
            copied: Arc::clone(&copied),
            piece,
        };
        if pieces.is_empty() {
            jobs.push(job(None));
        }
        jobs.extend(pieces.into_iter().map(|piece| job(Some(piece))));
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.copied.pages.unwrap_or(0)));
    jobs
}

impl Job {
    /// The place of the table among the selected ones.
    pub(crate) fn table(&self) -> usize {
        self.copied.table
    }

    pub(crate) fn form(&self) -> CopyForm {
        self.copied.form
    }

    /// The statement, with these columns, in the order in which rows deliver them.
    pub(crate) fn sql<'c>(&self, columns: impl Iterator<Item = &'c str>) -> String {
        let Copied {
            schema,
            name,
            form,
            filter,
            pages,
            ..
        } = &*self.copied;
        let columns: Vec<String> = columns.map(identifier).collect();
        let columns = columns.join(", ");
        let table = format!("{}.{}", identifier(schema), identifier(name));
        let form = match form {
            CopyForm::Text => "text",
            CopyForm::Binary => "binary",
        };
        // A table that has its own rows may be copied by name, which is cheaper than a query; a partitioned one or a view may not.
        let what = match (pages, &self.piece, filter) {
            (Some(_), None, None) if !columns.is_empty() => format!("{table} ({columns})"),
            (pages, piece, filter) => {
                // Tables that inherit from it have rows of their own.
                let only = if pages.is_some() { "ONLY " } else { "" };
                let conditions = piece.iter().cloned();
                let conditions =
                    conditions.chain(filter.as_ref().map(|filter| format!("({filter})")));
                let conditions: Vec<String> = conditions.collect();
                let rows = if conditions.is_empty() {
                    String::new()
                } else {
                    format!(" WHERE {}", conditions.join(" AND "))
                };
                format!("(SELECT {columns} FROM {only}{table}{rows})")
            }
        };
        format!("COPY {what} TO STDOUT (FORMAT {form})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pages: Option<u64>) -> (Copied, Vec<String>) {
        let copied = Copied {
            table: 3,
            schema: "Odd schema".to_owned(),
            name: "a \"b\"".to_owned(),
            form: CopyForm::Binary,
            filter: None,
            pages,
        };
        (copied, Vec::new())
    }

    fn sql(job: &Job) -> String {
        job.sql(["id", "Weird"].into_iter())
    }

    #[test]
    fn a_small_table_is_one_job() {
        let jobs = jobs([table(Some(10))]);
        assert_eq!(jobs.len(), 1);
        assert_eq!(
            sql(&jobs[0]),
            r#"COPY "Odd schema"."a ""b""" ("id", "Weird") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_view_is_queried() {
        let jobs = jobs([table(None)]);
        assert_eq!(
            sql(&jobs[0]),
            r#"COPY (SELECT "id", "Weird" FROM "Odd schema"."a ""b""") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_large_table_is_cut_and_copied_first() {
        let large = Copied {
            filter: Some("a OR b".to_owned()),
            ..table(Some(9)).0
        };
        let pieces = vec!["id < 5".to_owned(), "id >= 5".to_owned()];
        let jobs = jobs([table(Some(1)), (large, pieces)]);
        let sql: Vec<String> = jobs.iter().map(sql).collect();
        let pieces: Vec<&str> = (sql.iter())
            .map(|sql| sql.split_once(" WHERE ").unwrap_or_default().1)
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
            filter: Some("id > 5".to_owned()),
            ..table(Some(1)).0
        };
        let sql = sql(&jobs([(filtered, Vec::new())])[0]);
        let rows = "FROM ONLY \"Odd schema\".\"a \"\"b\"\"\" WHERE (id > 5))";
        assert!(sql.contains(rows), "{sql}");
    }

    #[test]
    fn each_job_is_taken_once() {
        let jobs = Jobs::new(jobs([table(Some(1)), table(None)]));
        let other = jobs.clone();
        assert!(jobs.take().is_some() && other.take().is_some());
        assert!(jobs.take().is_none() && other.len() == 0);
    }
}
