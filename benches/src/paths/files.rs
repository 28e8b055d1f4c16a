//! Batches into files.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path as Directory, PathBuf};

use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use connector_arrow::{Arrow, BatchConverter, Parquet};
use connector_core::sink::{Sink, SinkConfig as _, SinkTarget};
use connector_core::{Batch, Checkpoint};
use parquet::arrow::ArrowWriter;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::{sqlite, sqlite_sink};
use crate::Result;
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Watch};

/// One table, in memory as batches before the clock starts.
pub(crate) fn group() -> Group {
    Group {
        name: "files",
        prepare: sqlite::prepare,
        paths: vec![
            Path {
                name: "files-parquet",
                title: "batches of `lineitem` → Parquet sink",
                limit: Side {
                    label: "`ArrowWriter` into one file, synced",
                    run: parquet_by_hand,
                },
                ours: Side {
                    label: "the sink, a snapshot and its commit",
                    run: parquet_by_sink,
                },
                by: By::Time,
                reach: Reach::AtMost(1.15),
            },
            Path {
                name: "files-arrow",
                title: "batches of `lineitem` → Arrow IPC sink",
                limit: Side {
                    label: "`StreamWriter` into one file, synced",
                    run: stream_by_hand,
                },
                ours: Side {
                    label: "the sink, a snapshot and its commit",
                    run: stream_by_sink,
                },
                by: By::Time,
                reach: Reach::AtMost(1.15),
            },
        ],
    }
}

/// The converter of the batches.
fn converter(batches: &[Batch]) -> Result<BatchConverter> {
    let first = batches.first().and_then(|batch| batch.tables.first());
    let schema = first
        .map(|rows| rows.schema.clone())
        .ok_or("there are no rows")?;
    Ok(BatchConverter::new(schema)?)
}

fn parquet_by_hand(directory: &Directory, _: Amount) -> Result<Run> {
    let batches = sqlite_sink::batches(directory)?;
    let place = tempfile::tempdir_in(directory)?;
    let path = place.path().join("by-hand.parquet");
    let converter = converter(&batches)?;
    let properties = Parquet::new(place.path()).writer_properties();
    let watch = Watch::start();
    let mut writer =
        ArrowWriter::try_new(File::create(&path)?, converter.schema(), Some(properties))?;
    for batch in batches {
        for rows in batch.tables {
            writer.write(&converter.convert(rows)?)?;
        }
    }
    writer.into_inner()?.sync_all()?;
    let took = watch.stop();
    let rows = parquet_rows(&path)?;
    Ok(Run { rows, took })
}

fn parquet_by_sink(directory: &Directory, _: Amount) -> Result<Run> {
    let place = tempfile::tempdir_in(directory)?;
    let mut sink = Parquet::new(place.path()).sink()?;
    let took = by_sink(directory, sink.as_mut())?;
    let files = files(place.path(), "parquet")?;
    let rows = files
        .iter()
        .map(|path| parquet_rows(path))
        .sum::<Result<u64>>()?;
    Ok(Run { rows, took })
}

fn stream_by_hand(directory: &Directory, _: Amount) -> Result<Run> {
    let batches = sqlite_sink::batches(directory)?;
    let place = tempfile::tempdir_in(directory)?;
    let path = place.path().join("by-hand.arrows");
    let converter = converter(&batches)?;
    let watch = Watch::start();
    let file = BufWriter::new(File::create(&path)?);
    let mut writer = StreamWriter::try_new(file, &converter.schema())?;
    for batch in batches {
        for rows in batch.tables {
            writer.write(&converter.convert(rows)?)?;
        }
    }
    writer.into_inner()?.into_inner()?.sync_all()?;
    let took = watch.stop();
    let rows = stream_rows(&path)?;
    Ok(Run { rows, took })
}

fn stream_by_sink(directory: &Directory, _: Amount) -> Result<Run> {
    let place = tempfile::tempdir_in(directory)?;
    let mut sink = Arrow::new(place.path()).sink()?;
    let took = by_sink(directory, sink.as_mut())?;
    let files = files(place.path(), "arrows")?;
    let rows = files
        .iter()
        .map(|path| stream_rows(path))
        .sum::<Result<u64>>()?;
    Ok(Run { rows, took })
}

fn by_sink(directory: &Directory, sink: &mut dyn Sink) -> Result<crate::measure::Took> {
    let batches = sqlite_sink::batches(directory)?;
    let first = batches.first().and_then(|batch| batch.tables.first());
    let schema = first
        .map(|rows| rows.schema.clone())
        .ok_or("there are no rows")?;
    let end = batches.last().ok_or("there are no rows")?.end.clone();
    sink.open(&SinkTarget {
        app: "bench".to_owned(),
        connection: "bench".to_owned(),
        schemas: vec![schema],
        widened: Vec::new(),
    })?;
    let watch = Watch::start();
    sink.start_snapshot(&Checkpoint::snapshot(0))?;
    for batch in batches {
        sink.write(&batch)?;
    }
    sink.commit(&end)?;
    Ok(watch.stop())
}

fn files(place: &Directory, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(place.join("lineitem"))?;
    let paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    Ok(paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == ending))
        .collect())
}

fn parquet_rows(path: &Directory) -> Result<u64> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    Ok(u64::try_from(reader.metadata().file_metadata().num_rows())?)
}

fn stream_rows(path: &Directory) -> Result<u64> {
    let mut rows = 0;
    for batch in StreamReader::try_new_buffered(File::open(path)?, None)? {
        rows += batch?.num_rows() as u64;
    }
    Ok(rows)
}
