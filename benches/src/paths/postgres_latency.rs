//! How long a change is on its way, where the reader has caught up: from its commit to its batch.
//!
//! Both clocks are the machine's own, in microseconds since 1970. A change's begins in its row: `clock_timestamp()`, which the
//! server reads within the statement that is committed on its own, so that the commit is on the way, too. It ends when the
//! row stands in an Arrow batch, or, for a bare reader of the stream, when its message was read.

use std::any::Any;
use std::path::Path as Directory;
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use connector_arrow::BatchConverter;
use connector_core::TableInfo;
use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor};
use connector_postgres::Postgres;
use connector_postgres::wire::{Message, Mode};

use crate::Result;
use crate::cluster::{Cluster, Options};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side, Took};
use crate::server::Server;

const DATABASE: &str = "latency";
/// Two sessions commit so many transactions in a second, together.
const EACH_SECOND: u32 = 1_000;
const WRITERS: u32 = 2;
/// So many transactions pass before it is measured, and so many are measured.
const BEFORE: usize = 500;
const MEASURED: usize = 2_000;
/// How long a side waits for them.
const WITHIN: Duration = Duration::from_secs(60);

/// One server, whose changes are followed while they are made.
pub(crate) fn group() -> Group {
    Group {
        name: "postgres-latency",
        prepare,
        paths: vec![
            path::<50>(
                "postgres-latency-p50",
                "Postgres, from the commit to the batch at 1,000 transactions/s, p50",
            ),
            path::<99>("postgres-latency-p99", "the same, p99"),
        ],
    }
}

fn path<const PERCENT: usize>(name: &'static str, title: &'static str) -> Path {
    Path {
        name,
        title,
        limit: Side {
            label: "a bare reader of the stream",
            run: bare::<PERCENT>,
        },
        ours: Side {
            label: "the connector",
            run: ours::<PERCENT>,
        },
        by: By::Latency,
        reach: Reach::Shown,
    }
}

fn prepare(directory: &Directory, _: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    let cluster = Cluster::start(&Options {
        conf: "synchronous_commit = on".to_owned(),
        ..Options::default()
    });
    cluster.database(DATABASE).execute(
        "CREATE TABLE t(id bigserial PRIMARY KEY, at bigint NOT NULL, note text); CREATE PUBLICATION p FOR TABLE t",
    )?;
    Server::note(directory, &cluster, DATABASE)?;
    Ok(Box::new(cluster))
}

/// Commits one transaction after another, at its time, for as long as the reader takes rows. Who is late makes up for it.
fn write(server: &Server) -> Result<Vec<JoinHandle<()>>> {
    let until = BEFORE + MEASURED + BEFORE;
    let start = Instant::now();
    let between = Duration::from_secs(1) * WRITERS / EACH_SECOND;
    (0..WRITERS)
        .map(|writer| {
            let mut connection = server.connect(Mode::Query)?;
            let first = start + between / WRITERS * writer;
            Ok(std::thread::spawn(move || {
                for number in 0..u32::try_from(until).unwrap_or(0) / WRITERS {
                    sleep((first + between * number).saturating_duration_since(Instant::now()));
                    let insert = "INSERT INTO t(at, note)
                        VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'a note of some length')";
                    if connection.execute(insert).is_err() {
                        return;
                    }
                }
            }))
        })
        .collect()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(i64::MAX)
}

/// The latencies that are measured, and their percentile.
#[derive(Debug, Default)]
struct Latencies {
    seen: usize,
    micros: Vec<i64>,
}

impl Latencies {
    fn note(&mut self, at: i64) {
        self.seen += 1;
        if self.seen > BEFORE && self.micros.len() < MEASURED {
            self.micros.push(now() - at);
        }
    }

    fn is_full(&self) -> bool {
        self.micros.len() == MEASURED
    }

    #[expect(clippy::cast_precision_loss, reason = "a latency is short")]
    fn percentile(mut self, percent: usize) -> Result<Run> {
        self.micros.sort_unstable();
        let place = (self.micros.len() * percent).div_ceil(100).max(1) - 1;
        let micros = *self.micros.get(place).ok_or("no row arrived")?;
        Ok(Run {
            rows: self.micros.len() as u64,
            took: Took {
                seconds: micros as f64 / 1e6,
                cpu_seconds: 0.0,
            },
        })
    }
}

/// A slot of its own for one run.
fn slot(server: &mut Server) -> Result<String> {
    server.wait_for_the_end()?;
    let slot = format!("run_{}", std::process::id());
    let create = format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");
    server.session.execute(&create)?;
    Ok(slot)
}

fn end(server: &mut Server, slot: &str, writers: Vec<JoinHandle<()>>) -> Result<()> {
    for writer in writers {
        writer.join().map_err(|_| "a writer panicked")?;
    }
    server.wait_for_the_end()?;
    let drop = format!("SELECT pg_drop_replication_slot('{slot}')");
    Ok(server.session.execute(&drop)?)
}

fn bare<const PERCENT: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let mut server = Server::find(directory)?;
    let slot = slot(&mut server)?;
    let mut stream = server.connect(Mode::Replication)?.start_replication(&format!(
        "START_REPLICATION SLOT {slot} LOGICAL 0/0 (proto_version '1', publication_names 'p', binary 'true')"
    ))?;
    let writers = write(&server)?;
    let start = Instant::now();
    let mut latencies = Latencies::default();
    while !latencies.is_full() && start.elapsed() < WITHIN {
        let received = stream.receive(Duration::from_millis(400))?;
        if let Some(Message::XLogData { data, .. }) = received
            && let Some(at) = inserted_at(data)
        {
            latencies.note(at);
        }
    }
    stream.finish()?;
    end(&mut server, &slot, writers)?;
    latencies.percentile(PERCENT)
}

/// The second value of an insert: the message has its kind, the table, `N`, the number of columns, and each value with its
/// kind and its length; the first one is of eight bytes.
fn inserted_at(message: &[u8]) -> Option<i64> {
    const SECOND: usize = 1 + 4 + 1 + 2 + (1 + 4 + 8) + (1 + 4);
    (message.first() == Some(&b'I')).then_some(())?;
    let bytes = message.get(SECOND..SECOND + 8)?;
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

fn ours<const PERCENT: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let mut server = Server::find(directory)?;
    server.wait_for_the_end()?;
    server.session.execute("TRUNCATE t")?;
    // The connector makes it with its snapshot, of nothing.
    let slot = format!("run_{}", std::process::id());
    let source = Postgres::new(&*server.url).with_slot(&*slot, "p");
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions::default());
    let tables = Some(vec![TableInfo::select("t")]);
    let run = std::thread::spawn(move || source.start(None, &ingestor, tables));
    let mut writers = Vec::new();
    let mut converter: Option<BatchConverter> = None;
    let mut latencies = Latencies::default();
    let start = Instant::now();
    while let Some(delivery) = deliveries.next_delivery() {
        let end = delivery.end().clone();
        match delivery {
            // The snapshot is complete: the changes begin.
            Delivery::Reached(_) if writers.is_empty() => writers = write(&server)?,
            Delivery::Batch(batch) => {
                for table in batch.tables {
                    let converter = match &mut converter {
                        Some(converter) => converter,
                        None => converter.insert(BatchConverter::new(table.schema.clone())?),
                    };
                    let batch = converter.convert(table)?;
                    let at = batch.column_by_name("at").ok_or("no column `at`")?;
                    let at = at.as_primitive::<Int64Type>();
                    for row in 0..at.len() {
                        latencies.note(at.value(row));
                    }
                }
            }
            _ => {}
        }
        deliveries.confirm(end);
        if latencies.is_full() || start.elapsed() > WITHIN {
            break;
        }
    }
    drop(deliveries);
    let _ended = run.join().map_err(|_| "the source panicked")?;
    end(&mut server, &slot, writers)?;
    latencies.percentile(PERCENT)
}
