//! A directory that one connection writes: locked, with a manifest that says what counts.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Result as IoResult};
use std::path::{Path, PathBuf};

use connector_core::sink::{SinkTarget, StateFile, open_private};
use connector_core::{Checkpoint, Error, ErrorKind, Phase, Result, failpoint};

use super::names::{connection_name, directory_name};
use super::{FileEntry, Manifest, failed};

/// What a file is called until it is complete.
pub(crate) const UNFINISHED: &str = "tmp";

/// The directory, open: no other run writes this connection's sources into it.
#[derive(Debug)]
pub(crate) struct SinkDirectory {
    path: PathBuf,
    state_file: StateFile,
    /// What is stored.
    manifest: Manifest,
    /// The number of the next file.
    next: u64,
    /// Held for as long as the run lasts.
    _lock: File,
}

impl SinkDirectory {
    /// Makes the directory if there is none, reads the manifest, and removes files that it does not name: those of a run that
    /// broke off. `ending` is that of the files' names.
    pub(crate) fn open(path: &Path, target: &SinkTarget, ending: &str) -> Result<Self> {
        let pass = |place| failpoint::pass(place).map_err(|error| failed("open", path, &error));
        pass("file_sink.open.before")?;
        make_private(path, None).map_err(|error| failed("make the directory", path, &error))?;
        let name = connection_name(&target.connection);
        let lock = lock(path, &name, &target.connection)?;
        let state_file = StateFile::new(path.join(format!("{name}.manifest.json")), target);
        let manifest = state_file.read::<Manifest>()?.unwrap_or_else(|| Manifest {
            files: ending.to_owned(),
            next: 1,
            ..Manifest::default()
        });
        if manifest.files != ending {
            return Err(Error::new(
                ErrorKind::Sink,
                format!(
                    "`{}` names `.{}` files, and this sink writes `.{ending}` files",
                    state_file.path().display(),
                    manifest.files
                ),
            )
            .with_help("give the sink another `path`"));
        }
        let directory = Self {
            path: path.to_owned(),
            state_file,
            next: manifest.next,
            manifest,
            _lock: lock,
        };
        directory.remove_leftovers()?;
        directory.all_there(target)?;
        pass("file_sink.open.after")?;
        Ok(directory)
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn checkpoint(&self) -> Option<&Checkpoint> {
        self.manifest.checkpoint.as_ref()
    }

    /// Where a path of the manifest is.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// A path of the manifest for a new file of a source; `below` is a path within the source's directory. The directories are
    /// made, and the source's is known as this sink's own before there is anything in it.
    pub(crate) fn new_file(&mut self, source: &str, below: &str) -> Result<String> {
        if !self.manifest.sources.contains_key(source) {
            self.claim(source)?;
        }
        let held = self.manifest.sources.get(source);
        let mut path = held.map_or_else(String::new, |held| held.directory.clone());
        if !below.is_empty() {
            path = format!("{path}/{below}");
        }
        let directory = self.place(&path);
        self.refuse_links(&directory)?;
        make_private(&directory, Some(&self.path))
            .map_err(|error| failed("make the directory", &directory, &error))?;
        let number = self.next;
        self.next += 1;
        Ok(format!("{path}/{number:08}.{}", self.manifest.files))
    }

    /// Who may write into the directory could lead rows anywhere by a link.
    fn refuse_links(&self, directory: &Path) -> Result<()> {
        let within = directory
            .ancestors()
            .take_while(|above| *above != self.path);
        for above in within {
            if above.symlink_metadata().is_ok_and(|it| it.is_symlink()) {
                return Err(Error::new(
                    ErrorKind::Sink,
                    format!(
                        "`{}` is a symbolic link, which is not followed",
                        above.display()
                    ),
                )
                .with_help("put the directory itself there, or remove the link"));
            }
        }
        Ok(())
    }

    fn claim(&mut self, source: &str) -> Result<()> {
        let name = directory_name(source);
        let path = self.path.join(&name);
        self.refuse_links(&path)?;
        if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::new(
                ErrorKind::Sink,
                format!("`{}` is not empty, and no manifest says that this application wrote what is in it", path.display()),
            )
            .with_help("remove it, or give the sink another `path`"));
        }
        let mut manifest = self.manifest.clone();
        let held = manifest.sources.entry(source.to_owned()).or_default();
        held.directory = name;
        self.store(manifest)
    }

    /// Stores another manifest, which is the step in which everything it says comes to be, and removes the files that only
    /// the one before named.
    pub(crate) fn store(&mut self, mut manifest: Manifest) -> Result<()> {
        manifest.files.clone_from(&self.manifest.files);
        manifest.next = self.next;
        let place = self.state_file.path().to_owned();
        let broken = |error: std::io::Error| failed("write", &place, &error);
        failpoint::pass("file_sink.manifest.before").map_err(broken)?;
        self.state_file.write(&manifest)?;
        let before = std::mem::replace(&mut self.manifest, manifest);
        failpoint::pass("file_sink.manifest.after").map_err(broken)?;
        let kept: BTreeSet<&str> = self.manifest.entries().map(|it| it.path.as_str()).collect();
        let gone = before
            .entries()
            .filter(|entry| !kept.contains(entry.path.as_str()));
        gone.map(|entry| self.place(&entry.path))
            .try_for_each(|path| self.remove(&path))
    }

    /// Stores another checkpoint for the same files.
    pub(crate) fn store_checkpoint(&mut self, checkpoint: Checkpoint) -> Result<()> {
        let manifest = Manifest {
            checkpoint: Some(checkpoint),
            ..self.manifest.clone()
        };
        self.store(manifest)
    }

    /// Removes a file, and the directories above it that are empty then.
    pub(crate) fn remove(&self, path: &Path) -> Result<()> {
        let remove = || {
            failpoint::pass("file_sink.remove.before")?;
            match fs::remove_file(path) {
                Err(error) if error.kind() != IoErrorKind::NotFound => return Err(error),
                _ => {}
            }
            failpoint::pass("file_sink.remove.after")
        };
        remove().map_err(|error| failed("remove", path, &error))?;
        let within = path.ancestors().skip(1).take_while(|above| {
            above
                .parent()
                .is_some_and(|it| it != self.path && it.starts_with(&self.path))
        });
        for above in within {
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Removes what the manifest does not name, in the directories that are this sink's own; what was not written by a sink
    /// like this one stays.
    fn remove_leftovers(&self) -> Result<()> {
        let named: BTreeSet<PathBuf> = (self.manifest.entries())
            .map(|entry| self.place(&entry.path))
            .collect();
        let mut left = Vec::new();
        for held in self.manifest.sources.values() {
            let path = self.path.join(&held.directory);
            self.find_own(&path, &mut left)
                .map_err(|error| failed("read", &path, &error))?;
        }
        left.iter()
            .filter(|path| !named.contains(*path))
            .try_for_each(|path| self.remove(path))
    }

    fn find_own(&self, directory: &Path, found: &mut Vec<PathBuf>) -> IoResult<()> {
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.find_own(&entry.path(), found)?;
            } else if entry
                .file_name()
                .to_str()
                .is_some_and(|name| self.is_own(name))
            {
                found.push(entry.path());
            }
        }
        Ok(())
    }

    /// Whether a file of this name was written by a sink like this one: a number and the ending.
    fn is_own(&self, name: &str) -> bool {
        let name = name
            .strip_suffix(UNFINISHED)
            .and_then(|it| it.strip_suffix('.'))
            .unwrap_or(name);
        name.split_once('.').is_some_and(|(number, ending)| {
            ending == self.manifest.files
                && number.len() >= 8
                && number.bytes().all(|digit| digit.is_ascii_digit())
        })
    }

    /// Refuses to go on where files that were stored are gone or torn; a new snapshot needs none of them.
    fn all_there(&self, target: &SinkTarget) -> Result<()> {
        let following = self
            .checkpoint()
            .is_some_and(|it| it.phase == Phase::Changes);
        if !following {
            return Ok(());
        }
        let own = target
            .schemas
            .iter()
            .filter_map(|schema| self.manifest.sources.get(&schema.name));
        for entry in own.flat_map(|held| &held.files) {
            self.is_there(entry)?;
        }
        Ok(())
    }

    fn is_there(&self, entry: &FileEntry) -> Result<()> {
        let path = self.place(&entry.path);
        let found = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() >= entry.bytes => return Ok(()),
            Ok(metadata) => format!(
                "has {} bytes, and {} were stored",
                metadata.len(),
                entry.bytes
            ),
            Err(error) if error.kind() == IoErrorKind::NotFound => "is gone".to_owned(),
            Err(error) => return Err(failed("read", &path, &error)),
        };
        Err(Error::new(
            ErrorKind::Sink,
            format!("`{}` {found}: rows are missing", path.display()),
        )
        .with_help(format!(
            "restore the file; or remove `{}` and the sources' directories beside it, and the next run takes a new snapshot",
            self.state_file.path().display()
        )))
    }
}

fn lock(directory: &Path, name: &str, connection: &str) -> Result<File> {
    let path = directory.join(format!("{name}.lock"));
    let lock = create_private(&path).map_err(|error| failed("open", &path, &error))?;
    if let Err(error) = lock.try_lock() {
        let directory = directory.display();
        return Err(Error::new(
            ErrorKind::InUse,
            format!(
                "another run writes the sources of connection `{connection}` into `{directory}`: {error}"
            ),
        )
        .with_help("stop the other run, or give this one another `path`"));
    }
    Ok(lock)
}

/// Makes a directory and those above it that are missing, which only their owner can read; but not `there`, without which
/// what was stored in it is gone.
fn make_private(path: &Path, there: Option<&Path>) -> IoResult<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if there == Some(path) {
        let gone = "what was written there before is gone";
        return Err(std::io::Error::new(IoErrorKind::NotFound, gone));
    }
    let above = path.parent().unwrap_or(Path::new(""));
    make_private(above, there)?;
    failpoint::pass("file_sink.directory.make.before")?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() != IoErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    failpoint::pass("file_sink.directory.make.after")?;
    sync_directory(above)
}

/// Opens a file for reading and writing, and makes it if there is none: one that only its owner can read.
pub(crate) fn create_private(path: &Path) -> IoResult<File> {
    open_private(path)
}

/// Makes what was created, renamed or removed in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> IoResult<()> {
    failpoint::pass("file_sink.directory.sync.before")?;
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)?.sync_all()?;
    failpoint::pass("file_sink.directory.sync.after")
}
