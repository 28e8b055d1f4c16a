//! The dead-letter file as a whole: read, appended to, replaced by what is left of it.

use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Line;
use super::open::OpenLetters;
use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;
use crate::sink::{append_private, make_private_directory, replace_private, sync_directory_of};
use crate::types::SourceSchema;

/// The lines of a dead-letter file, each with its text.
#[derive(Debug)]
pub(in crate::pipeline) struct LetterFile {
    path: PathBuf,
    pub(in crate::pipeline) lines: Vec<(String, Line)>,
}

impl LetterFile {
    /// Reads a file; none has no lines. A line that was torn off by a crash is left out: what it was of comes again.
    pub(in crate::pipeline) fn read(path: &Path) -> Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == IoErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed("read", path, &error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let whole = text
            .rfind('\n')
            .map_or("", |end| text.get(..end).unwrap_or(""));
        let lines = whole.lines().filter(|line| !line.is_empty());
        Ok(Self {
            path: path.to_owned(),
            lines: lines
                .map(|line| (line.to_owned(), Line::parse(line)))
                .collect(),
        })
    }

    /// The numbers of the lines whose letters are open, in order.
    pub(in crate::pipeline) fn open(
        &self,
        schemas: &[std::sync::Arc<SourceSchema>],
    ) -> std::collections::BTreeSet<usize> {
        let lines = self.lines.iter().map(|(_, line)| line);
        OpenLetters::read(lines, schemas).lines().collect()
    }

    /// Moves the lines that are done to the file of what was replayed, and leaves the others. Whenever this breaks off, no line
    /// is lost: at worst, lines that are done are in both files.
    pub(in crate::pipeline) fn finish(
        &self,
        outcome: impl Fn(usize) -> Option<&'static str>,
    ) -> Result<()> {
        let done = self.path.with_extension("replayed.jsonl");
        let (mut moved, mut left) = (Vec::new(), Vec::new());
        for (number, (text, _)) in self.lines.iter().enumerate() {
            if let Some(outcome) = outcome(number) {
                moved.extend_from_slice(
                    format!("{{\"outcome\":\"{outcome}\",\"letter\":").as_bytes(),
                );
                moved.extend_from_slice(text.as_bytes());
                moved.extend_from_slice(b"}\n");
            } else {
                left.extend_from_slice(text.as_bytes());
                left.push(b'\n');
            }
        }
        if moved.is_empty() {
            return Ok(());
        }
        let mut file = open_to_append(&done)?;
        let mut keep = || {
            failpoint::pass("replay.move.before")?;
            append(&mut file, &moved)?;
            failpoint::pass("replay.move.after")
        };
        keep().map_err(|error| failed("write", &done, &error))?;
        let beside = self.path.with_extension("tmp");
        let replace = || {
            let mut file = replace_private(&beside)?;
            file.write_all(&left)?;
            failpoint::pass("replay.sync.before")?;
            file.sync_all()?;
            failpoint::pass("replay.rename.before")?;
            fs::rename(&beside, &self.path)?;
            failpoint::pass("replay.rename.after")?;
            sync_directory_of(&self.path)
        };
        replace().map_err(|error| failed("write", &self.path, &error))
    }
}

/// Opens a file that only its owner can read, behind its last whole line; makes it, and its directory, if they are not there.
pub(super) fn open_to_append(path: &Path) -> Result<File> {
    let open = || {
        if let Some(directory) = path.parent() {
            make_private_directory(directory)?;
        }
        let is_new = !path.exists();
        let file = append_private(path)?;
        if is_new {
            sync_directory_of(path)?;
        } else {
            cut_torn(path, &file)?;
        }
        Ok(file)
    };
    open().map_err(|error: std::io::Error| failed("write", path, &error))
}

/// Cuts a line that a crash tore off: the next one would be added to it.
fn cut_torn(path: &Path, file: &File) -> std::io::Result<()> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |end| end as u64 + 1);
    if whole < bytes.len() as u64 {
        file.set_len(whole)?;
    }
    Ok(())
}

/// Appends lines; they are durable when this returns.
pub(super) fn append(file: &mut File, lines: &[u8]) -> std::io::Result<()> {
    failpoint::pass("dead_letters.append.before")?;
    file.write_all(lines)?;
    failpoint::pass("dead_letters.append.after")?;
    file.sync_data()?;
    failpoint::pass("dead_letters.sync.after")
}

pub(super) fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let message = format!(
        "cannot {what} the dead-letter file `{}`: {error}",
        path.display()
    );
    Error::new(ErrorKind::Sink, message)
        .with_help("set `state` in the configuration to a directory that can be written")
        .passing_as(error)
}
