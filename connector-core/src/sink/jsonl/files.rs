//! The output files: appended to, synced, cut back, replaced.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;
use crate::sink::state_file::sync_directory_of;
use crate::sink::{make_private_directory, open_private};

/// The files of one connection's sources.
#[derive(Debug)]
pub(super) struct OutputFiles {
    directory: PathBuf,
    outputs: Vec<Output>,
    /// The lengths of files of sources that are not part of this run.
    others: BTreeMap<String, u64>,
    /// Held for as long as the run lasts.
    _lock: File,
}

#[derive(Debug)]
struct Output {
    name: String,
    file: Option<File>,
    length: u64,
    dirty: bool,
}

const SNAPSHOT: &str = "snapshot";

/// The name of a source's file. What could lead out of the directory, or hide the file, is percent-encoded.
pub(super) fn file_name(source: &str) -> String {
    format!("{}.jsonl", safe(source))
}

pub(super) fn state_name(connection: &str) -> String {
    format!("{}.state.json", safe(connection))
}

/// A name that is safe as a file's: what could lead out of a directory, or hide the file, is percent-encoded. Two names never
/// become one. The empty name stays empty, and a long one long.
pub fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for (place, letter) in name.char_indices() {
        let plain =
            letter.is_alphanumeric() || matches!(letter, '_' | '-') || (letter == '.' && place > 0);
        if plain {
            safe.push(letter);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in letter.encode_utf8(&mut bytes).bytes() {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

impl OutputFiles {
    pub(super) fn open(
        directory: &Path,
        connection: &str,
        names: impl Iterator<Item = String>,
    ) -> Result<Self> {
        make_private_directory(directory)
            .map_err(|error| failed("make the directory", directory, &error))?;
        let lock_path = directory.join(format!("{}.lock", safe(connection)));
        let lock = open_for_writing(&lock_path)?;
        if let Err(error) = lock.try_lock() {
            return Err(Error::new(
                ErrorKind::InUse,
                format!("another run writes the sources of connection `{connection}` into `{}`: {error}", directory.display()),
            )
            .with_help("stop the other run, or give this one another `path`"));
        }
        let output = |name| Output {
            name,
            file: None,
            length: 0,
            dirty: false,
        };
        Ok(Self {
            directory: directory.to_owned(),
            outputs: names.map(output).collect(),
            others: BTreeMap::new(),
            _lock: lock,
        })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.outputs
            .iter()
            .map(|output| output.name.clone())
            .collect()
    }

    pub(super) fn lengths(&self) -> BTreeMap<String, u64> {
        let own = self
            .outputs
            .iter()
            .map(|output| (output.name.clone(), output.length));
        self.others.clone().into_iter().chain(own).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn snapshot_path(&self, name: &str) -> PathBuf {
        self.directory.join(name).with_extension(SNAPSHOT)
    }

    /// Refuses to replace files that no run of this application is known to have written.
    pub(super) fn refuse_foreign(&self) -> Result<()> {
        for output in &self.outputs {
            let path = self.path(&output.name);
            if path.symlink_metadata().is_ok() {
                return Err(Error::new(
                    ErrorKind::Sink,
                    format!(
                        "`{}` exists, and no state file says that this application wrote it",
                        path.display()
                    ),
                )
                .with_help("remove it, or give the sink another `path`"));
            }
        }
        Ok(())
    }

    /// Removes what a broken snapshot left, and cuts what is longer than `lengths` says.
    pub(super) fn recover(&mut self, lengths: Option<&BTreeMap<String, u64>>) -> Result<()> {
        for name in self.names() {
            remove(&self.snapshot_path(&name))?;
        }
        let Some(lengths) = lengths else {
            return Ok(());
        };
        let names = self.names();
        self.others = lengths.clone();
        self.others.retain(|name, _| !names.contains(name));
        let directory = self.directory.clone();
        for output in &mut self.outputs {
            let path = directory.join(&output.name);
            let wanted = lengths.get(&output.name).copied().unwrap_or(0);
            let mut file = open_for_writing(&path)?;
            let found = file
                .metadata()
                .map_err(|error| failed("read", &path, &error))?
                .len();
            if found < wanted {
                return Err(Error::new(
                    ErrorKind::Sink,
                    format!("`{}` has {found} bytes, and {wanted} were stored: lines are missing", path.display()),
                )
                .with_help("restore the file; or remove it and the state file beside it, and the next run takes a new snapshot"));
            }
            let mut cut = || {
                failpoint::pass("jsonl.cut.before")?;
                file.set_len(wanted)?;
                failpoint::pass("jsonl.cut.after")?;
                file.seek(SeekFrom::Start(wanted))
            };
            cut().map_err(|error| failed("cut", &path, &error))?;
            output.file = Some(file);
            output.length = wanted;
        }
        Ok(())
    }

    /// From now on, lines go to new files beside the old ones.
    pub(super) fn start_snapshot(&mut self) -> Result<()> {
        let paths: Vec<PathBuf> = self
            .outputs
            .iter()
            .map(|output| self.snapshot_path(&output.name))
            .collect();
        for (output, path) in self.outputs.iter_mut().zip(paths) {
            remove(&path)?;
            output.file = Some(open_for_writing(&path)?);
            output.length = 0;
            output.dirty = true;
        }
        Ok(())
    }

    /// The files of a complete snapshot take the places of the old ones. May be done again.
    pub(super) fn finish_replacing(&mut self, names: &[String]) -> Result<()> {
        for name in names {
            let (from, to) = (self.snapshot_path(name), self.path(name));
            let rename = || {
                failpoint::pass("jsonl.snapshot.rename.before")?;
                fs::rename(&from, &to)?;
                failpoint::pass("jsonl.snapshot.rename.after")
            };
            match rename() {
                Ok(()) => {}
                Err(error) if error.kind() == IoErrorKind::NotFound => {}
                Err(error) => return Err(failed("replace", &to, &error)),
            }
        }
        let any = self.directory.join("any");
        sync_directory_of(&any).map_err(|error| failed("sync", &self.directory, &error))
    }

    pub(super) fn append(&mut self, output: usize, lines: &[u8]) -> Result<()> {
        let directory = &self.directory;
        let Some(output) = self.outputs.get_mut(output) else {
            return Ok(());
        };
        let file = match &mut output.file {
            Some(file) => file,
            none => none.insert(open_for_writing(&directory.join(&output.name))?),
        };
        let mut write = || {
            failpoint::pass("jsonl.append.before")?;
            file.write_all(lines)?;
            failpoint::pass("jsonl.append.after")
        };
        write().map_err(|error| failed("write", &directory.join(&output.name), &error))?;
        output.length += lines.len() as u64;
        output.dirty = true;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<()> {
        for output in self.outputs.iter_mut().filter(|output| output.dirty) {
            if let Some(file) = &output.file {
                file.sync_data()
                    .map_err(|error| failed("sync", &self.directory.join(&output.name), &error))?;
            }
            output.dirty = false;
        }
        Ok(())
    }
}

fn open_for_writing(path: &Path) -> Result<File> {
    open_private(path).map_err(|error| failed("open", path, &error))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != IoErrorKind::NotFound => Err(failed("remove", path, &error)),
        _ => Ok(()),
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot {what} `{}`: {error}", path.display());
    Error::new(ErrorKind::Sink, message)
        .with_help("check the sink's `path`, its permissions and the free space")
        .passing_as(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_name_never_leads_out_of_the_directory() {
        assert_eq!(file_name("flights"), "flights.jsonl");
        assert_eq!(file_name("../etc/passwd"), "%2E.%2Fetc%2Fpasswd.jsonl");
        assert_eq!(file_name(".hidden"), "%2Ehidden.jsonl");
        assert_eq!(file_name("Größe 1"), "Größe%201.jsonl");
    }
}
