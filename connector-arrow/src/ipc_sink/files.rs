//! Streams in files: appended to up to the checkpoint, a new file for a new schema or a new snapshot.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use connector_core::sink::{Comparison, Delivery, Sink, SinkTarget};
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Result, failpoint};

use super::encoder::Encoder;
use crate::files::{
    FileEntry, FilesComparison, Format, Range, Reading, RowsFormat, SinkDirectory, UNFINISHED,
    create_private, failed, sync_directory,
};

/// Messages are written in pieces of this size; what is larger goes without a detour.
const PIECE: usize = 64 << 10;

/// The sink that writes Arrow IPC streams into files, in a directory for each source.
///
/// The manifest holds the checkpoint and the length of each file up to it: what is longer was torn off by a broken run, and is
/// cut when the sink is opened. A snapshot is written into a new file, which takes the place of the old ones with the manifest of
/// its commit. Without a marker of its end a stream ends with its file.
#[derive(Debug)]
pub struct ArrowFiles {
    path: PathBuf,
    store: Option<Store>,
}

impl ArrowFiles {
    /// A sink for this directory, not opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            store: None,
        }
    }

    fn store(&mut self) -> Result<&mut Store> {
        self.store
            .as_mut()
            .ok_or_else(|| Error::protocol("the `!Arrow` sink was used before it was opened"))
    }
}

impl Sink for ArrowFiles {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        // One that was opened before holds the lock until it is gone.
        self.store = None;
        let store = Store::open(&self.path, target)?;
        let stored = store.directory.checkpoint().cloned();
        self.store = Some(store);
        Ok(stored)
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let store = self.store()?;
        store.in_snapshot = true;
        store
            .streams
            .iter_mut()
            .for_each(|stream| stream.open = None);
        store.directory.store_checkpoint(checkpoint.clone())?;
        Ok(failpoint::pass("arrow.snapshot.begun")?)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        let store = self.store()?;
        for table in &batch.tables {
            if let Some(stream) = store.streams.get(table.table) {
                let rows = stream.format.rows(table)?;
                store.append(table.table, &rows)?;
            }
        }
        Ok(())
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        let store = self.store()?;
        let Some(stream) = store.streams.get(table) else {
            return Ok(());
        };
        let row = stream.format.truncate(at.lsn, at.seq)?;
        store.append(table, &row)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.store()?.commit(checkpoint)
    }

    fn reset(&mut self) -> Result<()> {
        let directory = &mut self.store()?.directory;
        directory.store_checkpoint(Checkpoint::snapshot(0))
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }

    fn compare(&mut self) -> Result<Option<Box<dyn Comparison + '_>>> {
        let store = self.store()?;
        let schemas = (store.streams.iter()).map(|stream| stream.format.schema_of_source());
        let comparison = FilesComparison::new(
            &store.directory,
            Format::Ipc,
            schemas,
            read_up_to_checkpoint,
        )?;
        Ok(Some(Box::new(comparison)))
    }
}

#[derive(Debug)]
struct Store {
    directory: SinkDirectory,
    streams: Vec<Stream>,
    in_snapshot: bool,
}

/// The stream of one source.
#[derive(Debug)]
struct Stream {
    format: RowsFormat,
    encoder: Encoder,
    open: Option<OpenFile>,
}

/// A file that is appended to.
#[derive(Debug)]
struct OpenFile {
    entry: FileEntry,
    place: PathBuf,
    file: BufWriter<File>,
    /// What it is called until it is stored; `None`: it was stored before.
    unfinished: Option<PathBuf>,
    dirty: bool,
}

impl Store {
    fn open(path: &Path, target: &SinkTarget) -> Result<Self> {
        let stream = |schema| {
            let format = RowsFormat::new(Format::Ipc, schema)?;
            Ok(Stream {
                encoder: Encoder::new(format.schema()).map_err(Error::sink)?,
                format,
                open: None,
            })
        };
        let streams = target.schemas.iter().map(stream).collect::<Result<_>>()?;
        let directory = SinkDirectory::open(path, target, "arrows")?;
        for entry in directory.manifest().entries() {
            let place = directory.place(&entry.path);
            cut(&place, entry.bytes).map_err(|error| failed("cut", &place, &error))?;
        }
        Ok(Self {
            directory,
            streams,
            in_snapshot: false,
        })
    }

    fn append(&mut self, table: usize, rows: &RecordBatch) -> Result<()> {
        let Some(stream) = self.streams.get_mut(table) else {
            return Ok(());
        };
        if stream.open.is_none() {
            stream.open = Some(stream.file(&mut self.directory, self.in_snapshot)?);
        }
        let Some(file) = &mut stream.open else {
            return Ok(());
        };
        file.write(rows, &mut stream.encoder)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let mut manifest = self.directory.manifest().clone();
        manifest.checkpoint = Some(checkpoint.clone());
        for stream in &mut self.streams {
            let Some(held) = manifest.sources.get_mut(&stream.format.source().name) else {
                continue;
            };
            if self.in_snapshot {
                held.files.clear();
            }
            let Some(file) = stream.open.as_mut().filter(|file| file.dirty) else {
                continue;
            };
            file.complete()?;
            held.files.retain(|entry| entry.path != file.entry.path);
            held.files.push(file.entry.clone());
        }
        self.directory.store(manifest)?;
        self.in_snapshot = false;
        Ok(())
    }
}

impl Stream {
    /// The file that rows go to: the last one, if it has the same columns and no snapshot replaces it.
    fn file(&self, directory: &mut SinkDirectory, in_snapshot: bool) -> Result<OpenFile> {
        let source = &self.format.source().name;
        let fingerprint = self.format.fingerprint();
        let held = directory.manifest().sources.get(source);
        let last = held.and_then(|held| held.files.last());
        if let Some(last) = last.filter(|last| last.schema == fingerprint && !in_snapshot) {
            return OpenFile::again(last.clone(), directory.place(&last.path));
        }
        let path = directory.new_file(source, "")?;
        let place = directory.place(&path);
        let entry = FileEntry {
            path,
            bytes: 0,
            range: Range::default(),
            schema: fingerprint.to_owned(),
        };
        OpenFile::create(entry, place, self.encoder.header())
    }
}

impl OpenFile {
    /// A new file, with what its stream begins with.
    fn create(mut entry: FileEntry, place: PathBuf, header: &[u8]) -> Result<Self> {
        let mut unfinished = place.clone().into_os_string();
        unfinished.push(format!(".{UNFINISHED}"));
        let unfinished = PathBuf::from(unfinished);
        let create = || {
            failpoint::pass("arrow.create.before")?;
            let file = create_private(&unfinished)?;
            file.set_len(0)?;
            let mut file = BufWriter::with_capacity(PIECE, file);
            file.write_all(header)?;
            failpoint::pass("arrow.create.after")?;
            Ok(file)
        };
        let file = create().map_err(|error| failed("make", &unfinished, &error))?;
        entry.bytes = header.len() as u64;
        Ok(Self {
            entry,
            place,
            file,
            unfinished: Some(unfinished),
            dirty: true,
        })
    }

    /// A file that was stored, to be continued.
    fn again(entry: FileEntry, place: PathBuf) -> Result<Self> {
        let open = || {
            let mut file = fs::OpenOptions::new().write(true).open(&place)?;
            file.set_len(entry.bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok(BufWriter::with_capacity(PIECE, file))
        };
        let file = open().map_err(|error| failed("open", &place, &error))?;
        Ok(Self {
            entry,
            place,
            file,
            unfinished: None,
            dirty: false,
        })
    }

    fn write(&mut self, rows: &RecordBatch, encoder: &mut Encoder) -> Result<()> {
        let mut write = || {
            failpoint::pass("arrow.write.before")?;
            let bytes = encoder.write(rows, &mut self.file)?;
            self.file.flush()?;
            failpoint::pass("arrow.write.after")?;
            Ok(bytes)
        };
        let bytes = write().map_err(|error| failed("write", &self.place, &error))?;
        self.entry.bytes += bytes;
        self.entry.range.join(Range::of(rows));
        self.dirty = true;
        Ok(())
    }

    /// Makes what was written durable, under the name that the manifest is to have.
    fn complete(&mut self) -> Result<()> {
        let mut complete = || {
            failpoint::pass("arrow.sync.before")?;
            self.file.flush()?;
            self.file.get_ref().sync_all()?;
            failpoint::pass("arrow.sync.after")?;
            if let Some(unfinished) = &self.unfinished {
                failpoint::pass("arrow.rename.before")?;
                fs::rename(unfinished, &self.place)?;
                failpoint::pass("arrow.rename.after")?;
                sync_directory(self.place.parent().unwrap_or(Path::new("")))?;
            }
            Ok(())
        };
        complete().map_err(|error| failed("complete", &self.place, &error))?;
        self.unfinished = None;
        self.dirty = false;
        Ok(())
    }
}

/// The rows of a stream, as far as they were stored.
fn read_up_to_checkpoint(place: &Path, entry: &FileEntry) -> Result<Reading> {
    let unread = |place: &Path, error: &dyn std::fmt::Display| {
        let message = format!("cannot read `{}` again: {error}", place.display());
        Error::new(ErrorKind::Sink, message).with_help(
            "restore the file; or `dozer app reset` the connection, and the next run takes a new snapshot",
        )
    };
    let file = File::open(place).map_err(|error| unread(place, &error))?;
    let stream = io::BufReader::with_capacity(PIECE, file).take(entry.bytes);
    let rows = StreamReader::try_new(stream, None).map_err(|error| unread(place, &error))?;
    let place = place.to_owned();
    Ok(Box::new(rows.map(move |rows| {
        rows.map_err(|error| unread(&place, &error))
    })))
}

/// Cuts what is longer than what was stored.
fn cut(path: &Path, bytes: u64) -> io::Result<()> {
    let file = match fs::OpenOptions::new().write(true).open(path) {
        // Whether it is needed is known elsewhere.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    if file.metadata()?.len() > bytes {
        failpoint::pass("arrow.cut.before")?;
        file.set_len(bytes)?;
        failpoint::pass("arrow.cut.after")?;
    }
    Ok(())
}
