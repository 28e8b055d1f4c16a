//! The lock files of the cases, where the derive looks for them: beside the `Cargo.toml` that the cases are built with.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// Puts `ui/lock/*.lock` into the project that trybuild makes.
pub(crate) fn put_in_place() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let project = target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"));
    fs::create_dir_all(&project).unwrap();
    for file in fs::read_dir("ui/lock").unwrap() {
        let path = file.unwrap().path();
        if path.extension() == Some(OsStr::new("lock")) {
            fs::copy(&path, project.join(path.file_name().unwrap())).unwrap();
        }
    }
}
