//! Lock files on disk: each is parsed once, however many rows are compared with it.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{Lock, Unusable};

/// A file as it was when it was read: when it was written, and its length.
type State = (Option<SystemTime>, u64);

/// Each file that was read, with what came of it.
type Files = HashMap<PathBuf, (State, Result<Arc<Lock>, Unusable>)>;

/// An editor's server lives long and sees files change, so that a path alone says too little.
static READ: Mutex<Option<Files>> = Mutex::new(None);

/// A lock file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) lock: Arc<Lock>,
    /// Whether this compilation had not read it before.
    pub(crate) is_new: bool,
}

/// The lock file at this path.
pub(crate) fn open(path: &Path) -> Result<Opened, Unusable> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Unusable::NotThere,
        _ => Unusable::Unreadable(error.to_string()),
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    let state = (about.modified().ok(), about.len());
    let mut all = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_default();
    if let Some((then, lock)) = all.get(path)
        && *then == state
    {
        return lock.clone().map(|lock| Opened {
            lock,
            is_new: false,
        });
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let lock = match str::from_utf8(&bytes) {
        Ok(text) => Lock::read(text).map(Arc::new),
        Err(_) => Err(Unusable::NotALock("it is not text".to_owned())),
    };
    all.insert(path.to_owned(), (state, lock.clone()));
    lock.map(|lock| Opened { lock, is_new: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_parsed_once_and_again_when_it_changes() {
        let path = std::env::temp_dir().join(format!("dozer-{}.lock", std::process::id()));
        assert_eq!(open(&path), Err(Unusable::NotThere));
        fs::write(&path, "{\"version\": 1, \"sources\": {}}").unwrap();
        let first = open(&path).unwrap();
        let second = open(&path).unwrap();
        assert!(Arc::ptr_eq(&first.lock, &second.lock));
        assert_eq!([first.is_new, second.is_new], [true, false]);
        fs::write(&path, "{\"version\": 2, \"sources\": { }}").unwrap();
        assert_eq!(open(&path), Err(Unusable::Version(2)));
        fs::write(&path, [0xff]).unwrap();
        let no_text = Unusable::NotALock("it is not text".to_owned());
        assert_eq!(open(&path), Err(no_text));
        fs::remove_file(&path).unwrap();
        assert_eq!(open(&path), Err(Unusable::NotThere));
    }
}
