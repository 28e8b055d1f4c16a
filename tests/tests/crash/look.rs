//! A short look into a SQLite file, within this process: a trial looks after every strike.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// The one value that a query gives; nothing where there is no such file or table yet, and for null.
pub(crate) fn look(database: &Path, sql: &str) -> Option<String> {
    if !database.exists() {
        return None;
    }
    // Writing undoes what a process that was killed left half done.
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = connection.unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    match connection.query_row(sql, [], |row| row.get(0)) {
        Ok(value) => value,
        Err(error) if error.to_string().contains("no such table") => None,
        Err(error) => panic!("{sql}: {error}"),
    }
}
