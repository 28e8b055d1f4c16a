//! One file: written under another name, synced, renamed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use connector_core::{Error, ErrorKind, Result, failpoint};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::files::{FileEntry, Range, UNFINISHED, create_private, failed};

/// A file that is being written.
pub(super) struct OpenFile {
    /// Below the sink's directory.
    path: String,
    place: PathBuf,
    unfinished: PathBuf,
    writer: ArrowWriter<File>,
    range: Range,
    /// When it was last written, in writes of the sink.
    pub(super) used: u64,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl OpenFile {
    /// Begins a file that is to be at `place`.
    pub(super) fn create(
        path: String,
        place: PathBuf,
        schema: &SchemaRef,
        properties: WriterProperties,
    ) -> Result<Self> {
        let mut unfinished = place.clone().into_os_string();
        unfinished.push(format!(".{UNFINISHED}"));
        let unfinished = PathBuf::from(unfinished);
        let create = || {
            failpoint::pass("parquet.create.before")?;
            let file = create_private(&unfinished)?;
            file.set_len(0)?;
            failpoint::pass("parquet.create.after")?;
            Ok(file)
        };
        let file = create().map_err(|error| failed("make", &unfinished, &error))?;
        let writer = ArrowWriter::try_new(file, SchemaRef::clone(schema), Some(properties))
            .map_err(|error| unwritten(&path, error))?;
        Ok(Self {
            path,
            place,
            unfinished,
            writer,
            range: Range::default(),
            used: 0,
        })
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let pass = |place| {
            failpoint::pass(place).map_err(|error| failed("write", &self.unfinished, &error))
        };
        pass("parquet.write.before")?;
        self.writer
            .write(rows)
            .map_err(|error| unwritten(&self.path, error))?;
        pass("parquet.write.after")?;
        self.range.join(Range::of(rows));
        Ok(())
    }

    pub(super) fn rows(&self) -> u64 {
        self.range.rows
    }

    /// The bytes that it has, about.
    pub(super) fn bytes(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    /// The memory that its open row group takes.
    pub(super) fn memory(&self) -> usize {
        self.writer.memory_size()
    }

    /// Ends the row group.
    pub(super) fn end_row_group(&mut self) -> Result<()> {
        self.writer
            .flush()
            .map_err(|error| unwritten(&self.path, error))
    }

    /// Completes the file. Its name is durable when the directory was synced.
    pub(super) fn finish(mut self, schema: &str) -> Result<FileEntry> {
        self.writer
            .finish()
            .map_err(|error| unwritten(&self.path, error))?;
        let file = self.writer.inner();
        let complete = || {
            failpoint::pass("parquet.sync.before")?;
            file.sync_all()?;
            failpoint::pass("parquet.sync.after")?;
            let bytes = file.metadata()?.len();
            failpoint::pass("parquet.rename.before")?;
            fs::rename(&self.unfinished, &self.place)?;
            failpoint::pass("parquet.rename.after")?;
            Ok(bytes)
        };
        let bytes = complete().map_err(|error| failed("complete", &self.place, &error))?;
        Ok(FileEntry {
            path: self.path,
            bytes,
            range: self.range,
            schema: schema.to_owned(),
        })
    }
}

fn unwritten(path: &str, error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(cause) => return failed("write", Path::new(path), &cause),
            Err(cause) => Error::sink(cause),
        },
        other => Error::new(ErrorKind::Sink, other.to_string()),
    };
    error.with_context(format!("file `{path}`"))
}
