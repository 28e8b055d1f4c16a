//! Whether the path still names the file that was opened.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use connector_core::{Error, Result};

/// How often to look: a look costs one system call.
const EVERY: Duration = Duration::from_secs(1);

/// The file behind a path, as it was when it was opened. SQLite itself goes on reading a file that was unlinked.
#[derive(Debug, Clone)]
pub(super) struct OpenFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
    /// When it was written to last, and how long it was.
    written: Option<(SystemTime, u64)>,
    looked: Instant,
}

impl OpenFile {
    /// Notes which file this is. To be called before the file is opened.
    pub(super) fn note(path: &Path) -> Self {
        let metadata = path.metadata().ok();
        Self {
            path: path.to_owned(),
            identity: metadata.as_ref().and_then(identity),
            written: metadata.as_ref().and_then(written),
            looked: Instant::now(),
        }
    }

    /// Whether the path names the same file now.
    pub(super) fn is_the_same(&self) -> bool {
        let now = self.path.metadata().ok().as_ref().and_then(identity);
        now.is_some() && now == self.identity
    }

    /// Whether the path names the same file now, and nobody has written to the file itself since.
    pub(super) fn is_untouched(&self) -> bool {
        let now = self.path.metadata().ok();
        let now = now.as_ref().map(|now| (identity(now), written(now)));
        now.is_some_and(|(identity, written)| {
            (identity.is_some() && identity == self.identity)
                && (written.is_some() && written == self.written)
        })
    }

    /// Fails where the file was replaced or removed; looks once a second.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.looked.elapsed() < EVERY {
            return Ok(());
        }
        self.looked = Instant::now();
        let path = self.path.display();
        let now = match self.path.metadata() {
            Ok(metadata) => identity(&metadata),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::source(format!(
                    "the file `{path}` was removed or renamed while it was followed"
                ))
                .with_help("put it back, then run again"));
            }
            // Rights that are missing for a moment say nothing about the file that is open.
            Err(_) => return Ok(()),
        };
        if now == self.identity {
            return Ok(());
        }
        Err(Error::source(format!(
            "the file `{path}` was replaced by another one while it was followed"
        ))
        .with_help(
            "run again: if the new file does not continue the old one's changes, the run says so, and \
             `dozer app reset` makes the next one take a new snapshot",
        ))
    }
}

fn written(metadata: &Metadata) -> Option<(SystemTime, u64)> {
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The device and the number of the file on it.
#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "on other systems there is nothing to tell files apart by"
)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_was_replaced_or_removed_is_found_out() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("a"), directory.path().join("b"));
        fs::write(&path, "a").unwrap();
        fs::write(&other, "b").unwrap();
        let mut file = OpenFile::note(&path);
        let mut look = || {
            file.looked = Instant::now().checked_sub(EVERY * 2).unwrap();
            file.check()
        };
        fs::write(&path, "more").unwrap();
        look().unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(look().unwrap_err().message().contains("replaced"));
        fs::remove_file(&path).unwrap();
        assert!(look().unwrap_err().message().contains("removed"));
    }
}
