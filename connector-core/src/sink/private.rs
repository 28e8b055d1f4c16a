//! Files and directories for their owner alone, which nobody leads elsewhere by a symbolic link.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Opens a file for reading and writing; makes it if there is none, for its owner alone.
///
/// # Errors
/// When it cannot be opened, or is a symbolic link: who may write into the directory could lead the rows anywhere by it.
pub fn open_private(path: &Path) -> Result<File> {
    open(path, OpenOptions::new().read(true).write(true))
}

/// The same, to add to its end.
pub(crate) fn append_private(path: &Path) -> Result<File> {
    open(path, OpenOptions::new().append(true))
}

/// Makes a file in place of what is there.
pub(crate) fn replace_private(path: &Path) -> Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    make(path, OpenOptions::new().write(true))
}

/// Makes a directory and those above it that are missing, for their owner alone. One that is there stays as it is.
pub(crate) fn make_private_directory(path: &Path) -> Result<()> {
    private_directory().recursive(true).create(path)
}

/// What makes a directory for its owner alone.
pub(crate) fn private_directory() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn open(path: &Path, options: &mut OpenOptions) -> Result<File> {
    loop {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "it is a symbolic link, which is not followed: put the file itself there, or remove the link",
                ));
            }
            // To open a named pipe would wait for its other end.
            Ok(found) if !found.is_file() => {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "it is not a regular file",
                ));
            }
            Ok(_) => return options.open(path),
            Err(error) if error.kind() == ErrorKind::NotFound => match make(path, options) {
                // Somebody else was faster: what they made is looked at.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made,
            },
            Err(error) => return Err(error),
        }
    }
}

/// Makes a file that is not there; never through a link.
fn make(path: &Path, options: &mut OpenOptions) -> Result<File> {
    options.create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let made = options.open(path);
    options.create_new(false);
    made
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_link_is_neither_followed_nor_written_through() {
        let directory = tempfile::tempdir().unwrap();
        let (victim, link) = (directory.path().join("victim"), directory.path().join("a"));
        fs::write(&victim, "precious").unwrap();
        for target in [victim.clone(), directory.path().join("not there")] {
            symlink(&target, &link).unwrap();
            assert!(
                open_private(&link)
                    .unwrap_err()
                    .to_string()
                    .contains("symbolic link")
            );
            assert!(append_private(&link).is_err());
            replace_private(&link).unwrap().write_all(b"mine").unwrap();
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            assert!(!directory.path().join("not there").exists());
            assert_eq!(fs::read(&link).unwrap(), b"mine");
            fs::remove_file(&link).unwrap();
        }
    }

    #[test]
    fn what_is_made_is_private_and_what_is_there_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b/c/file");
        make_private_directory(path.parent().unwrap()).unwrap();
        open_private(&path).unwrap().write_all(b"one").unwrap();
        append_private(&path).unwrap().write_all(b"two").unwrap();
        let mut text = String::new();
        open_private(&path)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "onetwo");
        let modes = [
            path.as_path(),
            path.parent().unwrap(),
            &directory.path().join("b"),
        ]
        .map(mode);
        assert_eq!(modes, [0o600, 0o700, 0o700]);
    }
}
