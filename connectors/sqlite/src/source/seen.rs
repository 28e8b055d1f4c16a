//! The connection that read the catalog, for the stream that is asked for next: SQLite reads the schema anew for each connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::file::OpenFile;

/// So long a connection is kept; then the file is opened anew.
const RECENT: Duration = Duration::from_secs(5);

/// A connection that only reads, and the file that it has open. Shared by the clones of a source.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenFile(Arc<Mutex<Option<Seen>>>);

#[derive(Debug)]
struct Seen {
    file: OpenFile,
    connection: Connection,
    since: Instant,
}

impl SeenFile {
    /// Keeps a connection, which has no transaction open. The file was noted before it was opened.
    pub(super) fn keep(&self, file: OpenFile, connection: Connection) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(Seen {
            file,
            connection,
            since: Instant::now(),
        });
    }

    /// Gives it once, if it is recent and nobody has put another file under the path, or written to it.
    pub(super) fn take(&self) -> Option<(OpenFile, Connection)> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.take()?;
        let as_it_was = seen.since.elapsed() < RECENT && seen.file.is_untouched();
        as_it_was.then_some((seen.file, seen.connection))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_connection_is_given_once_and_not_where_the_file_is_another_by_then() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a"), directory.path().join("b"));
        let make = |path| {
            let connection = Connection::open(path).unwrap();
            connection.execute_batch("CREATE TABLE t(a)").unwrap();
        };
        make(&path);
        make(&other);
        let seen = SeenFile::default();
        let keep = || seen.keep(OpenFile::note(&path), Connection::open(&path).unwrap());

        keep();
        assert!(seen.clone().take().is_some());
        assert!(seen.take().is_none());

        // Where a file is written over, SQLite itself may take what it read of the one before for the new one's.
        keep();
        let later = fs::metadata(&path).unwrap().modified().unwrap() + Duration::from_secs(1);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(later).unwrap();
        assert!(seen.take().is_none());

        keep();
        fs::rename(&other, &path).unwrap();
        assert!(seen.take().is_none());
    }
}
