//! One stream for whoever reads: a named pipe, or stdout.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use connector_core::sink::{Delivery, Sink, SinkTarget};
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Result, SourceSchema};

use super::encoder::{END, Encoder};
use crate::files::{Format, RowsFormat};

const PIECE: usize = 64 << 10;

/// Whether a stream goes to stdout: there is room for one.
static STDOUT: AtomicBool = AtomicBool::new(false);

/// The sink that writes the Arrow IPC stream of one source into a named pipe or to stdout.
///
/// Rows go out as they come, and it keeps no position: what a run gives again is there twice. The stream ends with the marker
/// of its end when everything that was written was committed; otherwise it just breaks off.
#[derive(Debug)]
pub struct ArrowPipe {
    /// `None`: stdout.
    path: Option<PathBuf>,
    source: Option<Arc<SourceSchema>>,
    stream: Option<Stream>,
}

/// A stream that has begun.
#[derive(Debug)]
struct Stream {
    format: RowsFormat,
    encoder: Encoder,
    output: BufWriter<File>,
    /// Whether nothing was written since the last commit.
    whole: bool,
    _turn: Option<Turn>,
}

impl ArrowPipe {
    /// A sink for stdout, not opened yet.
    pub fn stdout() -> Self {
        Self {
            path: None,
            source: None,
            stream: None,
        }
    }

    /// A sink for a named pipe, not opened yet. The pipe is opened with the first row, and then waits for a reader.
    pub fn named(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::stdout()
        }
    }

    fn name(&self) -> String {
        let path = self.path.as_ref();
        path.map_or_else(
            || "stdout".to_owned(),
            |path| format!("`{}`", path.display()),
        )
    }

    /// The stream; it begins with its schema.
    fn begun(&mut self) -> Result<&mut Stream> {
        if self.stream.is_none() {
            let source = self.source.as_ref();
            let source = source.ok_or_else(|| {
                Error::protocol("the `!Arrow` sink was used before it was opened")
            })?;
            let format = RowsFormat::new(Format::Ipc, source)?;
            let turn = self.path.is_none().then(Turn::take).transpose()?;
            let begin = || {
                let encoder = Encoder::new(format.schema()).map_err(io::Error::other)?;
                let mut output = BufWriter::with_capacity(PIECE, self.output()?);
                output.write_all(encoder.header())?;
                output.flush()?;
                Ok((encoder, output))
            };
            let (encoder, output) = begin().map_err(|error| self.failed(&error))?;
            self.stream = Some(Stream {
                format,
                encoder,
                output,
                whole: true,
                _turn: turn,
            });
        }
        let stream = self.stream.as_mut();
        stream.ok_or_else(|| Error::protocol("the stream has not begun"))
    }

    fn output(&self) -> io::Result<File> {
        match &self.path {
            Some(path) => OpenOptions::new().write(true).open(path),
            None => stdout(),
        }
    }

    fn write_rows(&mut self, rows: &RecordBatch) -> Result<()> {
        let stream = self.begun()?;
        stream.whole = false;
        let written = stream
            .encoder
            .write(rows, &mut stream.output)
            .and_then(|_| stream.output.flush());
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> Error {
        let name = self.name();
        if error.kind() == io::ErrorKind::BrokenPipe {
            let message = format!("who reads the stream has closed {name}");
            return Error::new(ErrorKind::Closed, message);
        }
        Error::new(
            ErrorKind::Sink,
            format!("cannot write the stream to {name}: {error}"),
        )
        .with_help("check the sink's `path` and its permissions")
        .passing_as(error)
    }
}

impl Sink for ArrowPipe {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        let [source] = target.schemas.as_slice() else {
            return Err(Error::config(format!(
                "connection `{}` has {} sources, and {} takes the stream of one: a stream has one schema",
                target.connection,
                target.schemas.len(),
                self.name()
            ))
            .with_key("path")
            .with_help("give the sink a directory as its `path`, or select one source"));
        };
        let format = RowsFormat::new(Format::Ipc, source)?;
        let begun = self
            .stream
            .as_ref()
            .map(|stream| stream.format.fingerprint());
        if begun.is_some_and(|begun| begun != format.fingerprint()) {
            return Err(Error::new(
                ErrorKind::Drift,
                format!(
                    "source `{}` has other columns than the stream to {} has begun with",
                    source.name,
                    self.name()
                ),
            )
            .with_help("begin the run anew, with a new reader"));
        }
        self.source = Some(Arc::clone(source));
        Ok(None)
    }

    fn start_snapshot(&mut self, _checkpoint: &Checkpoint) -> Result<()> {
        self.begun().map(drop)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        for table in &batch.tables {
            let rows = self.begun()?.format.rows(table)?;
            self.write_rows(&rows)?;
        }
        Ok(())
    }

    fn truncate(&mut self, _table: usize, at: &Checkpoint) -> Result<()> {
        let row = self.begun()?.format.truncate(at.lsn, at.seq)?;
        self.write_rows(&row)
    }

    fn commit(&mut self, _checkpoint: &Checkpoint) -> Result<()> {
        self.begun()?.whole = true;
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn delivery(&self) -> Delivery {
        Delivery::Append
    }

    fn keeps_positions(&self) -> bool {
        false
    }

    fn takes_stdout(&self) -> bool {
        self.path.is_none()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.whole {
            // Who reads is told by the end of the file, too.
            let _ = self
                .output
                .write_all(&END)
                .and_then(|()| self.output.flush());
        }
    }
}

/// The right to write a stream to stdout.
#[derive(Debug)]
struct Turn(());

impl Turn {
    fn take() -> Result<Self> {
        if STDOUT.swap(true, Ordering::AcqRel) {
            return Err(Error::config(
                "stdout takes the stream of one source, and another source has begun one",
            )
            .with_key("path")
            .with_help("give the sink a directory as its `path`, or select one source"));
        }
        Ok(Self(()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        STDOUT.store(false, Ordering::Release);
    }
}

/// Stdout without the buffer that looks for ends of lines.
#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd as _;

    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Stdout without the buffer that looks for ends of lines.
#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;

    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}
