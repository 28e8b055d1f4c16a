//! An application that is held: one process at a time runs it or changes what its runs rely on.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind as IoErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::App;
use crate::error::{Error, ErrorKind, Result};
use crate::sink::{make_private_directory, open_private, private_directory};

/// A look by [`App::is_running`] holds the lock for a moment: who wants it tries so often, and waits in between.
const TRIES: usize = 4;
const BETWEEN: Duration = Duration::from_millis(25);

/// An application that no other process runs, resets or sets up while this lives. The system gives it free, too, when the
/// process dies.
#[derive(Debug)]
pub struct Held<'a> {
    pub(super) app: &'a App,
    /// Its lock is the hold.
    _file: File,
}

impl App {
    /// Holds the application: [`Held::run`] and [`Held::reset`] need it, and so does whoever changes what a run relies on.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another process, or another hold of this one, holds it; or when the state directory cannot
    /// be written.
    pub fn hold(&self) -> Result<Held<'_>> {
        let path = self.hold_path();
        let mut file = self
            .make_state_directory()
            .and_then(|()| open_private(&path))
            .map_err(|error| failed("write", &path, &error))?;
        let mut locked = file.try_lock();
        for _ in 1..TRIES {
            if !matches!(locked, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(BETWEEN);
            locked = file.try_lock();
        }
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.in_use(&path)),
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path, &error)),
        }
        // Read by whoever is refused.
        let note = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        note(&mut file).map_err(|error| failed("write", &path, &error))?;
        Ok(Held {
            app: self,
            _file: file,
        })
    }

    /// Whether a process holds the application now: a run, or a change of what runs rely on.
    ///
    /// # Errors
    /// When the state directory cannot be read.
    pub fn is_running(&self) -> Result<bool> {
        let path = self.hold_path();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("read", &path, &error)),
        };
        // Shared, so that two who look do not take each other for a run.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(failed("lock", &path, &error)),
        }
    }

    /// Makes the directory; those above it only where it was asked for by its name.
    fn make_state_directory(&self) -> std::io::Result<()> {
        let directory = self.state_directory();
        if self.config().state.is_some() {
            return make_private_directory(&directory);
        }
        match private_directory().create(&directory) {
            Err(_) if directory.is_dir() => Ok(()),
            made => made,
        }
    }

    fn hold_path(&self) -> PathBuf {
        let name = crate::sink::file_safe(&self.config().app_name) + ".running";
        self.state_directory().join(name)
    }

    fn in_use(&self, path: &Path) -> Error {
        let process = fs::read_to_string(path).ok();
        let process = process.and_then(|text| text.trim().parse::<u32>().ok());
        let process = process.map_or_else(String::new, |id| format!(" (process {id})"));
        let message = format!(
            "another run is using application `{}`{process}",
            self.config().app_name
        );
        Error::new(ErrorKind::InUse, message)
            .with_help("stop it first; `dozer app status` tells whether it still runs")
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let message = format!("cannot {what} `{}`: {error}", path.display());
    Error::config(message)
        .with_help("set `state` in the configuration to a directory that can be written")
}
