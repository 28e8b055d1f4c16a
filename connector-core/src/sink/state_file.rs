//! A small file that is either the old one or the new one, whatever happens in between.

use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{SinkTarget, replace_private};
use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;

const FORMAT: &str = "dozer-state";
const VERSION: u32 = 1;

/// A versioned JSON file that is replaced as a whole: written beside, synced, renamed, and the directory synced.
#[derive(Debug, Clone)]
pub struct StateFile {
    path: PathBuf,
    app: String,
    connection: String,
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    format: String,
    version: u32,
    app: String,
    connection: String,
    state: T,
}

impl StateFile {
    /// The state file at `path` for one connection of an application: a connection needs a file of its own.
    pub fn new(path: impl Into<PathBuf>, target: &SinkTarget) -> Self {
        Self {
            path: path.into(),
            app: target.app.clone(),
            connection: target.connection.clone(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; `None` when there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is torn, is not a state file, or is of another application or version. A
    /// missing state is never assumed in silence.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", &error)),
        };
        let envelope: Envelope<serde_json::Value> = serde_json::from_slice(&text)
            .map_err(|error| self.unusable(&format!("is not a state file: {error}")))?;
        if envelope.format != FORMAT {
            return Err(self.unusable("is not a state file"));
        }
        if envelope.version != VERSION {
            let message = format!(
                "is of version {}, and this program reads version {VERSION}",
                envelope.version
            );
            return Err(self.unusable(&message));
        }
        if envelope.app != self.app {
            let message = format!(
                "belongs to the application `{}`, not to `{}`",
                envelope.app, self.app
            );
            return Err(self.unusable(&message));
        }
        if envelope.connection != self.connection {
            let message = format!(
                "belongs to the connection `{}`, not to `{}`",
                envelope.connection, self.connection
            );
            return Err(self.unusable(&message));
        }
        serde_json::from_value(envelope.state)
            .map(Some)
            .map_err(|error| self.unusable(&format!("holds a state that cannot be read: {error}")))
    }

    /// Replaces what it holds; durable when this returns.
    ///
    /// # Errors
    /// When the file cannot be written; then the old one is still there.
    pub fn write<T: Serialize>(&self, state: &T) -> Result<()> {
        let envelope = Envelope {
            format: FORMAT.to_owned(),
            version: VERSION,
            app: self.app.clone(),
            connection: self.connection.clone(),
            state,
        };
        let mut text = serde_json::to_vec_pretty(&envelope).map_err(Error::sink)?;
        text.push(b'\n');
        let beside = self.path.with_extension("tmp");
        let replace = || {
            failpoint::pass("state_file.write.before")?;
            let mut file = replace_private(&beside)?;
            file.write_all(&text)?;
            failpoint::pass("state_file.sync.before")?;
            file.sync_all()?;
            failpoint::pass("state_file.rename.before")?;
            fs::rename(&beside, &self.path)?;
            failpoint::pass("state_file.rename.after")?;
            sync_directory_of(&self.path)
        };
        replace().map_err(|error| self.failed("write", &error))
    }

    /// Removes the file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Ok(()) => sync_directory_of(&self.path).map_err(|error| self.failed("remove", &error)),
            Err(error) if error.kind() == IoErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed("remove", &error)),
        }
    }

    fn unusable(&self, why: &str) -> Error {
        Error::new(ErrorKind::Sink, format!("the state file `{}` {why}", self.path.display())).with_help(
            "restore it from a backup; or remove it together with the output beside it, and the next run takes a new snapshot",
        )
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> Error {
        let message = format!(
            "cannot {what} the state file `{}`: {error}",
            self.path.display()
        );
        Error::new(ErrorKind::Sink, message)
            .with_help("check that its directory exists and can be written")
            .passing_as(error)
    }
}

/// Makes the creation, the renaming or the removal of a file durable.
pub(crate) fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_file(directory: &Path, app: &str, connection: &str) -> StateFile {
        let target = SinkTarget {
            widened: Vec::new(),
            app: app.to_owned(),
            connection: connection.to_owned(),
            schemas: Vec::new(),
        };
        StateFile::new(directory.join("a.state.json"), &target)
    }

    #[test]
    fn what_was_written_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let file = state_file(directory.path(), "app", "c");
        assert_eq!(file.read::<Vec<u64>>().unwrap(), None);
        file.write(&vec![1_u64, u64::MAX]).unwrap();
        assert_eq!(file.read::<Vec<u64>>().unwrap(), Some(vec![1, u64::MAX]));
        file.remove().unwrap();
        assert_eq!(file.read::<Vec<u64>>().unwrap(), None);
    }

    #[test]
    fn a_torn_or_foreign_file_is_an_error_with_a_way_out() {
        let directory = tempfile::tempdir().unwrap();
        let file = state_file(directory.path(), "app", "c");
        file.write(&7_u64).unwrap();
        let other = state_file(directory.path(), "other", "c")
            .read::<u64>()
            .unwrap_err()
            .to_string();
        let elsewhere = state_file(directory.path(), "app", "d")
            .read::<u64>()
            .unwrap_err()
            .to_string();
        assert!(
            elsewhere.contains("belongs to the connection `c`"),
            "{elsewhere}"
        );
        assert!(
            other.contains("belongs to the application `app`"),
            "{other}"
        );
        let whole = fs::read(file.path()).unwrap();
        fs::write(file.path(), &whole[..whole.len() / 2]).unwrap();
        let torn = file.read::<u64>().unwrap_err().to_string();
        assert!(
            torn.contains("is not a state file") && torn.contains("help: restore it"),
            "{torn}"
        );
    }
}
