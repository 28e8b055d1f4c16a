//! The lines of the table, by what they are measured on.

mod derived;
mod files;
mod memory;
mod one_more;
mod postgres;
mod postgres_changes;
mod postgres_latency;
mod postgres_sink;
mod postgres_start;
mod sqlite;
mod sqlite_log;
mod sqlite_sink;

use crate::measure::Group;

/// All groups of paths, in the order of the table.
pub(crate) fn groups() -> Vec<Group> {
    vec![
        derived::group(),
        sqlite::group(),
        sqlite_log::group(),
        sqlite_sink::group(),
        files::group(),
        postgres::group(),
        postgres_changes::group(),
        postgres_sink::group(),
        postgres_latency::group(),
        postgres_start::group(),
        memory::group(),
        one_more::group(),
    ]
}
