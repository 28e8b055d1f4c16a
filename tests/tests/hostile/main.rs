//! Names, values and files that somebody made to do harm.

mod links;
mod modes;
mod names;

use std::path::{Path, PathBuf};

use connector_core::pipeline::{App, RunOptions};

/// Every file below a directory; a link is a file, wherever it leads.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// How many lines the files of lines in a directory have.
fn rows_of_lines(directory: &Path) -> usize {
    let files = files(directory).into_iter();
    let lines = files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    lines
        .map(|path| std::fs::read_to_string(path).unwrap().lines().count())
        .sum()
}

/// Runs an application once.
fn once(app: &App) -> Result<(), connector_core::Error> {
    let options = RunOptions {
        once: true,
        ..RunOptions::default()
    };
    app.run(&options).map(drop)
}

/// A directory in memory where the system has one: a run syncs what it writes, and there are many.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        return tempfile::tempdir_in(memory).unwrap();
    }
    tempfile::tempdir().unwrap()
}
