//! What there is to copy, cut into pieces that threads take side by side.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use super::copied::CopyForm;
use crate::quote::identifier;

/// Pages (of 8 KiB) of one piece, unless it is said: 256 MiB. Small enough that threads end at about the same time, large
/// enough that starting a piece costs nothing.
pub(crate) const PIECE: u64 = 32 * 1024;

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
pub(crate) struct Jobs(Arc<Mutex<VecDeque<Job>>>);

impl Jobs {
    pub(crate) fn new(jobs: Vec<Job>) -> Self {
        Self(Arc::new(Mutex::new(jobs.into())))
    }

    /// The next one, for whoever asks first.
    pub(crate) fn take(&self) -> Option<Job> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A table to be copied.
#[derive(Debug, Clone, Copy)]
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
}

/// The jobs of a snapshot, the large tables' first. `piece`: the pages of one job; `None` where the server finds a stretch
/// of a table only by reading the whole of it, as those before Postgres 14 do.
pub(crate) fn jobs(tables: &[Copied<'_>], piece: Option<u64>) -> Vec<Job> {
    let mut sized: Vec<(u64, Job)> = Vec::new();
    for table in tables {
        let pages = table.pages.unwrap_or(0);
        let Some(piece) = piece.filter(|&piece| pages > piece) else {
            sized.push((pages, table.job(None)));
            continue;
        };
        // The last piece has no end: what the table has grown by since its pages were counted is in it.
        let mut start = 0;
        while start < pages {
            let end = start + piece;
            let last = end >= pages;
            sized.push((pages, table.job(Some((start, (!last).then_some(end))))));
            start = end;
        }
    }
    sized.sort_by_key(|(pages, _)| std::cmp::Reverse(*pages));
    sized.into_iter().map(|(_, job)| job).collect()
}

impl Copied<'_> {
    fn job(&self, pages: Option<(u64, Option<u64>)>) -> Job {
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
        let what = match (self.pages, pages, self.filter) {
            (Some(_), None, None) if !self.columns.is_empty() => format!("{table} ({columns})"),
            (_, range, filter) => {
                // Tables that inherit from it have rows of their own.
                let only = if self.pages.is_some() { "ONLY " } else { "" };
                let mut query = format!("(SELECT {columns} FROM {only}{table}");
                let mut conditions = Vec::new();
                if let Some((start, end)) = range {
                    // Row 0 of a page is before all of its rows.
                    conditions.push(format!("ctid >= '({start},0)'::tid"));
                    conditions.extend(end.map(|end| format!("ctid < '({end},0)'::tid")));
                }
                conditions.extend(filter.map(|filter| format!("({filter})")));
                if !conditions.is_empty() {
                    let _ = write!(query, " WHERE {}", conditions.join(" AND "));
                }
                query.push(')');
                query
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
        }
    }

    #[test]
    fn a_small_table_is_one_job() {
        let jobs = jobs(&[table(Some(10))], Some(PIECE));
        assert_eq!(jobs.len(), 1);
        assert_eq!(
            jobs[0].sql,
            r#"COPY "Odd schema"."a ""b""" ("id", "Weird") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_view_is_queried() {
        let jobs = jobs(&[table(None)], Some(PIECE));
        assert_eq!(
            jobs[0].sql,
            r#"COPY (SELECT "id", "Weird" FROM "Odd schema"."a ""b""") TO STDOUT (FORMAT binary)"#
        );
    }

    #[test]
    fn a_large_table_is_cut_without_gap_or_overlap() {
        let jobs = jobs(&[table(Some(1)), table(Some(PIECE * 2 + 5))], Some(PIECE));
        let ranges: Vec<&str> = jobs
            .iter()
            .map(|job| {
                job.sql
                    .split("WHERE ")
                    .nth(1)
                    .unwrap_or_default()
                    .split(')')
                    .next()
                    .unwrap_or_default()
            })
            .collect();
        assert_eq!(jobs.len(), 4);
        assert!(ranges[0].starts_with("ctid >= '(0,0"), "{ranges:?}");
        assert!(jobs[0].sql.contains(&format!("ctid < '({PIECE},0)'")));
        assert!(jobs[1].sql.contains(&format!("ctid >= '({PIECE},0)'")));
        assert!(
            jobs[2]
                .sql
                .contains(&format!("ctid >= '({},0)'", PIECE * 2))
                && !jobs[2].sql.contains("ctid <")
        );
        assert!(!jobs[3].sql.contains("ctid"), "the small table comes last");
    }

    #[test]
    fn rows_that_are_not_published_are_not_copied() {
        let filtered = Copied {
            filter: Some("id > 5"),
            ..table(Some(1))
        };
        let jobs = jobs(&[filtered], Some(PIECE));
        assert!(
            jobs[0]
                .sql
                .contains("FROM ONLY \"Odd schema\".\"a \"\"b\"\"\" WHERE (id > 5))"),
            "{}",
            jobs[0].sql
        );
    }

    #[test]
    fn without_ranges_a_large_table_is_one_job() {
        assert_eq!(jobs(&[table(Some(PIECE * 9))], None).len(), 1);
    }

    #[test]
    fn each_job_is_taken_once() {
        let jobs = Jobs::new(jobs(&[table(Some(1)), table(None)], Some(PIECE)));
        let other = jobs.clone();
        assert!(jobs.take().is_some() && other.take().is_some());
        assert!(jobs.take().is_none() && other.len() == 0);
    }
}
