//! The dead-letter file: rows that did not fit, with the reason and the position, and what came later of them.
//!
//! A letter is replayed only if nothing that came later of its row reached the sinks: no change of its key, no truncate of its
//! table, no snapshot. The stream alone knows that, so it is noted in the same file as it passes, before the sinks take it.

mod file;
mod key;
mod letter;
mod open;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use self::file::LetterFile;
use self::letter::Later;
pub(super) use self::letter::{Kept, Letter, Line};
use self::open::OpenLetters;
use crate::checkpoint::Checkpoint;
use crate::columns::{Batch, RejectedRow};
use crate::error::Result;
use crate::types::SourceSchema;

/// Where the dead letters of a connection are.
pub(super) fn path_of(directory: &Path, connection: &str) -> PathBuf {
    directory.join(crate::sink::file_safe(connection) + ".rejected.jsonl")
}

/// Appends rejected rows to a file of JSON lines, made when the first one comes, and what came later of them.
#[derive(Debug)]
pub(super) struct DeadLetters {
    path: PathBuf,
    file: Option<File>,
    /// The sources, by the place in which batches name them.
    schemas: Vec<Arc<SourceSchema>>,
    open: OpenLetters,
}

impl DeadLetters {
    /// # Errors
    /// When there is a file that cannot be read.
    pub(super) fn open(
        directory: &Path,
        connection: &str,
        schemas: &[Arc<SourceSchema>],
    ) -> Result<Self> {
        let path = path_of(directory, connection);
        let file = LetterFile::read(&path)?;
        let lines = file.lines.iter().map(|(_, line)| line);
        Ok(Self {
            open: OpenLetters::read(lines, schemas),
            path,
            file: None,
            schemas: schemas.to_vec(),
        })
    }

    /// Appends the rejected rows of a batch, and notes which letters its rows are later than; durable when this returns.
    pub(super) fn take(&mut self, batch: &Batch) -> Result<()> {
        if batch.rejected.is_empty() && self.open.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for row in &batch.rejected {
            self.letter(&mut lines, row);
        }
        self.later_rows(&mut lines, batch);
        self.append(&lines)
    }

    /// Notes that a table was emptied.
    pub(super) fn truncated(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        let Some(schema) = self.schemas.get(table) else {
            return Ok(());
        };
        if self.open.of_source(&schema.name).is_none() {
            return Ok(());
        }
        let mut lines = Vec::new();
        let later = Later::all("truncate", Some(&schema.name), at.position());
        line(&mut lines, &later);
        self.open.close_all(&schema.name);
        self.append(&lines)
    }

    /// Notes that a new snapshot replaces everything.
    pub(super) fn snapshot(&mut self, at: &Checkpoint) -> Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        line(&mut lines, &Later::all("snapshot", None, at.position()));
        self.open.clear();
        self.append(&lines)
    }

    fn letter(&mut self, lines: &mut Vec<u8>, row: &RejectedRow) {
        let letter = Letter::of(row);
        line(lines, &letter);
        let schema = self.schemas.iter().find(|it| it.name == letter.source);
        if let Some(schema) = schema {
            self.open.add(&letter, schema, 0);
        }
    }

    fn later_rows(&mut self, lines: &mut Vec<u8>, batch: &Batch) {
        for table in &batch.tables {
            let source = &table.schema.name;
            for row in 0..table.len() {
                let Some(open) = self.open.of_source(source) else {
                    break;
                };
                let key = key::of_row(table, row);
                let Some(at) = table.position(row) else {
                    continue;
                };
                // A letter of the same change is of the row that the change led to.
                if let Some(opened) = open.get(&key).filter(|opened| opened.position < at) {
                    line(lines, &Later::change(source, opened.position, at));
                    open.remove(&key);
                }
            }
        }
    }

    fn append(&mut self, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(file::open_to_append(&self.path)?),
        };
        file::append(file, lines).map_err(|error| file::failed("write", &self.path, &error))
    }
}

fn line(lines: &mut Vec<u8>, line: &impl serde::Serialize) {
    // Writing to a `Vec` cannot fail, and the keys are texts.
    let _ = serde_json::to_writer(&mut *lines, line);
    lines.push(b'\n');
}
