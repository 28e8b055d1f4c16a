//! The dead-letter file: rows that did not fit, with the reason and the position.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::columns::RejectedRow;
use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;

/// Appends rejected rows to a file of JSON lines, made when the first one comes.
#[derive(Debug)]
pub(super) struct DeadLetters {
    path: PathBuf,
    file: Option<File>,
}

impl DeadLetters {
    pub(super) fn new(directory: &Path, connection: &str) -> Self {
        Self {
            path: directory.join(crate::sink::file_safe(connection) + ".rejected.jsonl"),
            file: None,
        }
    }

    /// Appends rows; they are durable when this returns.
    pub(super) fn write(&mut self, rows: &[RejectedRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for row in rows {
            let values: Map<String, Value> = row
                .row
                .iter()
                .map(|(name, text)| (name.clone(), json!(text)))
                .collect();
            let line = json!({
                "source": row.source,
                "table": row.error.table,
                "lsn": row.error.lsn,
                "seq": row.error.seq,
                "op": row.op.symbol(),
                "column": row.error.column,
                "external_type": row.error.external_type,
                "expected": row.error.expected.to_string(),
                "value": row.error.preview,
                "reason": row.error.misfit.to_string(),
                "row": values,
            });
            lines.extend_from_slice(line.to_string().as_bytes());
            lines.push(b'\n');
        }
        self.append(&lines).map_err(|error| {
            Error::new(
                ErrorKind::Sink,
                format!(
                    "cannot write the dead-letter file `{}`: {error}",
                    self.path.display()
                ),
            )
            .with_help("set `state` in the configuration to a directory that can be written")
        })
    }

    fn append(&mut self, lines: &[u8]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                if let Some(directory) = self.path.parent() {
                    std::fs::create_dir_all(directory)?;
                }
                let mut options = OpenOptions::new();
                options.append(true).create(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                none.insert(options.open(&self.path)?)
            }
        };
        failpoint::pass("dead_letters.append.before")?;
        file.write_all(lines)?;
        failpoint::pass("dead_letters.append.after")?;
        file.sync_data()?;
        failpoint::pass("dead_letters.sync.after")
    }
}
