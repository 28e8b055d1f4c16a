//! The directory that is written: open files, commits, snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use connector_core::sink::SinkTarget;
use connector_core::{Checkpoint, Error, ErrorKind, Result, TableBatch, failpoint};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use super::Parquet;
use super::file::OpenFile;
use super::layout::{Layout, Part};
use super::merge::{Limits, to_merge};
use crate::files::{
    FileEntry, FilesComparison, Format, Manifest, Reading, SinkDirectory, failed, sync_directory,
};

/// Rows that are divided go to so many files at a time; the one that was written longest ago is closed for another.
const OPEN_FILES: usize = 64;
/// Open row groups take so much memory, all together; then they are ended.
const MEMORY: usize = 64 << 20;

/// An open sink.
#[derive(Debug)]
pub(super) struct Store {
    directory: SinkDirectory,
    layouts: Vec<Layout>,
    properties: WriterProperties,
    file_rows: u64,
    file_size: u64,
    /// By source and directory.
    open: BTreeMap<(usize, String), OpenFile>,
    /// Files that are complete and not stored, by source.
    finished: Vec<Vec<FileEntry>>,
    in_snapshot: bool,
    writes: u64,
}

impl Store {
    pub(super) fn open(settings: &Parquet, target: &SinkTarget) -> Result<Self> {
        let partition_by = settings.partition_by();
        for column in partition_by {
            let fields = target
                .schemas
                .iter()
                .flat_map(|source| &source.schema.fields);
            if !fields.into_iter().any(|field| field.name == *column) {
                let message = format!(
                    "`partition_by` names the column `{column}`, which no source of connection `{}` has",
                    target.connection
                );
                return Err(Error::config(message)
                    .with_key("partition_by")
                    .with_help("name columns of the sources"));
            }
        }
        let layouts = target
            .schemas
            .iter()
            .map(|schema| Layout::new(schema, partition_by));
        let layouts = layouts.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            directory: SinkDirectory::open(settings.path(), target, "parquet")?,
            finished: vec![Vec::new(); layouts.len()],
            layouts,
            properties: settings.writer_properties(),
            file_rows: settings.file_rows(),
            file_size: settings.file_size(),
            open: BTreeMap::new(),
            in_snapshot: false,
            writes: 0,
        })
    }

    pub(super) fn checkpoint(&self) -> Option<Checkpoint> {
        self.directory.checkpoint().cloned()
    }

    pub(super) fn compare(&self) -> Result<FilesComparison<'_>> {
        let schemas = self.layouts.iter().map(Layout::schema_of_source);
        FilesComparison::new(&self.directory, Format::Parquet, schemas, read_again)
    }

    pub(super) fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.in_snapshot = true;
        // What was not committed is forgotten.
        self.open.clear();
        self.finished.iter_mut().for_each(Vec::clear);
        self.directory.store_checkpoint(checkpoint.clone())?;
        Ok(failpoint::pass("parquet.snapshot.begun")?)
    }

    pub(super) fn reset(&mut self) -> Result<()> {
        self.directory.store_checkpoint(Checkpoint::snapshot(0))
    }

    pub(super) fn write(&mut self, rows: &TableBatch) -> Result<()> {
        let Some(layout) = self.layouts.get(rows.table) else {
            return Ok(());
        };
        let parts = layout.parts(rows)?;
        parts
            .into_iter()
            .try_for_each(|part| self.append(rows.table, part))
    }

    pub(super) fn truncate(&mut self, table: usize, position: (u64, u64)) -> Result<()> {
        let Some(layout) = self.layouts.get(table) else {
            return Ok(());
        };
        let part = layout.truncate(position)?;
        self.append(table, part)
    }

    fn append(&mut self, table: usize, part: Part) -> Result<()> {
        let key = (table, part.directory);
        let mut rest = part.rows;
        while rest.num_rows() > 0 {
            let limit = self.file_rows;
            let size = self.file_size;
            let file = self.file(&key)?;
            let room = usize::try_from(limit - file.rows()).unwrap_or(usize::MAX);
            let now = rest.slice(0, room.min(rest.num_rows()));
            rest = rest.slice(now.num_rows(), rest.num_rows() - now.num_rows());
            file.write(&now)?;
            if file.rows() >= limit || file.bytes() >= size {
                self.finish(&key)?;
            }
        }
        self.bound_memory()
    }

    /// The file that rows of a directory go to.
    fn file(&mut self, key: &(usize, String)) -> Result<&mut OpenFile> {
        self.writes += 1;
        if !self.open.contains_key(key) {
            if self.open.len() >= OPEN_FILES {
                let oldest = self.open.iter().min_by_key(|(_, file)| file.used);
                if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                    self.finish(&oldest)?;
                }
            }
            let file = self.create(key.0, &key.1)?;
            self.open.insert(key.clone(), file);
        }
        let file = self.open.get_mut(key);
        let file = file.ok_or_else(|| Error::protocol("a file that was made is gone"))?;
        file.used = self.writes;
        Ok(file)
    }

    fn layout(&self, table: usize) -> Result<&Layout> {
        let layout = self.layouts.get(table);
        layout.ok_or_else(|| Error::protocol(format!("there is no source {table}")))
    }

    fn create(&mut self, table: usize, below: &str) -> Result<OpenFile> {
        let source = self.layout(table)?.source().to_owned();
        let path = self.directory.new_file(&source, below)?;
        let place = self.directory.place(&path);
        OpenFile::create(
            path,
            place,
            self.layout(table)?.schema(),
            self.properties.clone(),
        )
    }

    fn finish(&mut self, key: &(usize, String)) -> Result<()> {
        let Some(file) = self.open.remove(key) else {
            return Ok(());
        };
        let entry = file.finish(self.layout(key.0)?.fingerprint())?;
        if let Some(finished) = self.finished.get_mut(key.0) {
            finished.push(entry);
        }
        Ok(())
    }

    /// Ends the row groups when they take too much memory.
    fn bound_memory(&mut self) -> Result<()> {
        if self.open.values().map(OpenFile::memory).sum::<usize>() < MEMORY {
            return Ok(());
        }
        self.open.values_mut().try_for_each(OpenFile::end_row_group)
    }

    pub(super) fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        while let Some(key) = self.open.keys().next().cloned() {
            self.finish(&key)?;
        }
        let mut manifest = self.directory.manifest().clone();
        manifest.checkpoint = Some(checkpoint.clone());
        // Files that were not stored yet and are merged already.
        let mut gone = Vec::new();
        for table in 0..self.layouts.len() {
            let finished = self
                .finished
                .get_mut(table)
                .map(std::mem::take)
                .unwrap_or_default();
            let source = self.layout(table)?.source().to_owned();
            let Some(held) = manifest.sources.get_mut(&source) else {
                continue;
            };
            let before = if self.in_snapshot {
                Vec::new()
            } else {
                std::mem::take(&mut held.files)
            };
            held.files = self.merged(table, before, finished, &mut gone)?;
        }
        self.sync_directories(&manifest)?;
        self.directory.store(manifest)?;
        self.in_snapshot = false;
        gone.iter().try_for_each(|entry: &FileEntry| {
            self.directory.remove(&self.directory.place(&entry.path))
        })
    }

    /// The files of a source after a commit: small ones that are next to each other are merged, in each directory that has
    /// news.
    fn merged(
        &mut self,
        table: usize,
        mut files: Vec<FileEntry>,
        finished: Vec<FileEntry>,
        gone: &mut Vec<FileEntry>,
    ) -> Result<Vec<FileEntry>> {
        let news: BTreeSet<String> = finished
            .iter()
            .map(|file| directory_of(file).to_owned())
            .collect();
        files.extend(finished);
        let limits = Limits::of(self.file_size, self.file_rows);
        for directory in news {
            loop {
                let within: Vec<usize> = (files.iter().enumerate())
                    .filter(|(_, file)| directory_of(file) == directory)
                    .map(|(place, _)| place)
                    .collect();
                let entries: Vec<&FileEntry> = within
                    .iter()
                    .filter_map(|place| files.get(*place))
                    .collect();
                let youngest = to_merge(&entries, self.layout(table)?.fingerprint(), limits);
                if youngest == 0 {
                    break;
                }
                let places: BTreeSet<usize> = within.into_iter().rev().take(youngest).collect();
                let (kept, merged): (Vec<_>, Vec<_>) = files
                    .into_iter()
                    .enumerate()
                    .partition(|(place, _)| !places.contains(place));
                files = kept.into_iter().map(|(_, file)| file).collect();
                let merged: Vec<FileEntry> = merged.into_iter().map(|(_, file)| file).collect();
                failpoint::pass("parquet.merge.before")?;
                files.push(self.merge(table, &merged)?);
                failpoint::pass("parquet.merge.after")?;
                gone.extend(merged);
            }
        }
        Ok(files)
    }

    /// Writes the rows of files into one.
    fn merge(&mut self, table: usize, files: &[FileEntry]) -> Result<FileEntry> {
        let first = files.first().map_or("", directory_of);
        let below = first
            .split_once('/')
            .map_or("", |(_, below)| below)
            .to_owned();
        let mut into = self.create(table, &below)?;
        for entry in files {
            let place = self.directory.place(&entry.path);
            let schema = self.layout(table)?.schema();
            for rows in read_again(&place, entry)? {
                let rows = RecordBatch::try_new(schema.clone(), rows?.columns().to_vec());
                into.write(&rows.map_err(|error| unread(&place, &error))?)?;
            }
        }
        into.finish(self.layout(table)?.fingerprint())
    }

    /// Makes the names of files durable that the manifest is to name.
    fn sync_directories(&self, manifest: &Manifest) -> Result<()> {
        let stored: BTreeSet<&str> = self
            .directory
            .manifest()
            .entries()
            .map(|it| it.path.as_str())
            .collect();
        let news = manifest
            .entries()
            .filter(|entry| !stored.contains(entry.path.as_str()));
        let directories: BTreeSet<&str> = news.map(directory_of).collect();
        for directory in directories {
            let place = self.directory.place(directory);
            sync_directory(&place).map_err(|error| failed("sync", &place, &error))?;
        }
        Ok(())
    }
}

/// The rows of a file that was stored.
fn read_again(place: &Path, _: &FileEntry) -> Result<Reading> {
    let file = File::open(place).map_err(|error| unread(place, &error))?;
    let rows = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| unread(place, &error))?;
    let place = place.to_owned();
    Ok(Box::new(rows.map(move |rows| {
        rows.map_err(|error| unread(&place, &error))
    })))
}

fn unread(place: &Path, error: &dyn std::fmt::Display) -> Error {
    let message = format!("cannot read `{}` again: {error}", place.display());
    Error::new(ErrorKind::Sink, message).with_help(
        "restore the file; or `dozer app reset` the connection, and the next run takes a new snapshot",
    )
}

fn directory_of(file: &FileEntry) -> &str {
    file.path
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory)
}
