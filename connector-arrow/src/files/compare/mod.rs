//! What the files of a manifest tell, beside a new snapshot of the source.
//!
//! The log is followed in its order, and each row's last state kept, in a temporary file; in memory is where each lies, about
//! 60 bytes a row.

mod cells;
mod log;
mod multiset;
mod rows_by_key;
mod spool;

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use connector_core::sink::{Compared, Comparison, Mismatch};
use connector_core::{Batch, Error, ErrorKind, Result, SourceSchema};

use self::cells::{Cells, Columns};
use self::log::Log;
use self::multiset::Multiset;
use self::rows_by_key::RowsByKey;
use super::{FileEntry, Format, RowsFormat, SinkDirectory};

/// The rows of a file, up to what counts.
pub(crate) type Reading = Box<dyn Iterator<Item = Result<RecordBatch>>>;

/// Opens a file of the manifest, which is at this place.
pub(crate) type Read = fn(&Path, &FileEntry) -> Result<Reading>;

/// A comparison that takes a snapshot. Nobody writes meanwhile: the directory is locked.
#[derive(Debug)]
pub(crate) struct FilesComparison<'s> {
    directory: &'s SinkDirectory,
    read: Read,
    sources: Vec<OneSource>,
}

/// The rows of one source, on both sides.
#[derive(Debug)]
struct OneSource {
    format: RowsFormat,
    columns: Columns,
    taken: u64,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    ByKey(RowsByKey),
    Multiset(Multiset),
}

impl<'s> FilesComparison<'s> {
    pub(crate) fn new<'a>(
        directory: &'s SinkDirectory,
        format: Format,
        schemas: impl Iterator<Item = &'a Arc<SourceSchema>>,
        read: Read,
    ) -> Result<Self> {
        let sources = schemas.map(|schema| OneSource::new(format, schema));
        Ok(Self {
            directory,
            read,
            sources: sources.collect::<Result<_>>()?,
        })
    }
}

impl Comparison for FilesComparison<'_> {
    fn take(&mut self, batch: &Batch) -> Result<()> {
        for rows in &batch.tables {
            if let Some(source) = self.sources.get_mut(rows.table) {
                let rows = source.format.rows(rows)?;
                source.take(&rows)?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, listed: usize) -> Result<Vec<Compared>> {
        let (directory, read) = (self.directory, self.read);
        let sources = self.sources.into_iter();
        let compare = |source: OneSource| {
            let name = source.format.source().name.clone();
            let compared = source.compare(directory, read, listed);
            compared.map_err(|error| error.with_context(format!("source `{name}`")))
        };
        sources.map(compare).collect()
    }
}

impl OneSource {
    fn new(format: Format, schema: &Arc<SourceSchema>) -> Result<Self> {
        let columns = Columns::of(schema);
        let rows = if schema.schema.primary_index.is_empty() {
            Rows::Multiset(Multiset::new()?)
        } else {
            Rows::ByKey(RowsByKey::new(schema.schema.primary_index.clone())?)
        };
        Ok(Self {
            format: RowsFormat::new(format, schema)?,
            columns,
            taken: 0,
            rows,
        })
    }

    fn take(&mut self, rows: &RecordBatch) -> Result<()> {
        let read = self.columns.of_batch(rows, &[])?;
        for row in 0..rows.num_rows() {
            let cells = read.cells(row)?;
            self.taken += 1;
            match &mut self.rows {
                Rows::ByKey(kept) => kept.source_has(&cells)?,
                Rows::Multiset(kept) => kept.source_has(&cells)?,
            }
        }
        Ok(())
    }

    fn compare(mut self, directory: &SinkDirectory, read: Read, listed: usize) -> Result<Compared> {
        let name = &self.format.source().name;
        let mut log = Log::of(directory, name, &self.columns, read);
        while let Some(logged) = log.next()? {
            match &mut self.rows {
                Rows::ByKey(kept) => kept.sink_tells(logged)?,
                Rows::Multiset(kept) => kept.sink_tells(logged)?,
            }
        }
        let mut compared = Compared {
            source: name.clone(),
            rows: self.taken,
            ..Compared::default()
        };
        match self.rows {
            Rows::ByKey(kept) => kept.compare(&self.columns, listed, &mut compared)?,
            Rows::Multiset(kept) => kept.compare(&self.columns, listed, &mut compared)?,
        }
        Ok(compared)
    }
}

/// The first rows that differ, sorted by what tells them apart; the others are only counted.
#[derive(Debug)]
struct First {
    most: usize,
    found: Vec<(Cells, Mismatch)>,
}

impl First {
    fn new(most: usize) -> Self {
        Self {
            most,
            found: Vec::new(),
        }
    }

    fn add(&mut self, by: Cells, mismatch: Mismatch) {
        self.found.push((by, mismatch));
        if self.found.len() > 4 * self.most.max(16) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.found.sort_by(|(one, a), (other, b)| {
            let kinds = (a.kind as u8).cmp(&(b.kind as u8));
            kinds.then_with(|| one.compared(other))
        });
        self.found.truncate(self.most);
    }

    fn into_list(mut self) -> Vec<Mismatch> {
        self.cut();
        let found = self.found.into_iter();
        found.map(|(_, mismatch)| mismatch).collect()
    }
}

/// What a log tells that no sink of this release writes.
fn unreadable(what: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Sink,
        format!("the files hold what this sink does not write: {what}"),
    )
    .with_help("`dozer app reset` the connection: the next run takes a new snapshot")
}
