//! A backlog of Postgres changes as Arrow batches, and what it takes to advance the slot.

use std::any::Any;
use std::path::Path as Directory;
use std::process::{Command, Stdio};

use connector_arrow::BatchConverter;
use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::{ByteSize, Checkpoint, RowOp, TableInfo};
use connector_postgres::Postgres;
use connector_postgres::wire::Mode;
use serde::{Deserialize, Serialize};

use crate::cluster::{Cluster, Options, SUPERUSER, binaries};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side};
use crate::server::{Server, Stopped};
use crate::{Result, run};

const FILE: &str = "changes.json";
const DATABASE: &str = "changes";
/// Changes for each unit of the scale.
const CHANGES: f64 = 5_000_000.0;
/// How many changes a transaction has.
const SIZES: [u32; 3] = [1, 100, 10_000];

const SCHEMA: &str = "
    CREATE TABLE t(id int PRIMARY KEY, kind int, amount numeric(12, 2), at timestamptz, note text, price float8);
    CREATE PUBLICATION p FOR TABLE t;
    CREATE PROCEDURE work(changes int, size int) LANGUAGE plpgsql AS $$
    DECLARE last int := 0; first int := 0; turn int;
    BEGIN
      FOR i IN 0 .. changes - 1 LOOP
        turn := i % 20;
        IF turn < 10 THEN
          last := last + 1;
          INSERT INTO t VALUES (last, last % 7, last / 100.0, now(), 'note of row number ' || last, last * 1.5);
        ELSIF turn < 17 THEN
          UPDATE t SET kind = t.kind + 1, amount = amount + 1 WHERE id = last - turn % 10;
        ELSE
          first := first + 1;
          DELETE FROM t WHERE id = first;
        END IF;
        IF (i + 1) % size = 0 THEN COMMIT; END IF;
      END LOOP;
    END $$";

/// A backlog for each size of a transaction: half inserts, a third updates, the rest deletes.
#[derive(Debug, Serialize, Deserialize)]
struct Backlog {
    slot: String,
    changes: u64,
    /// Where the changes begin, and end.
    from: Checkpoint,
    end: String,
    until: u64,
}

/// One server, with a backlog of each kind.
pub(crate) fn group() -> Group {
    Group {
        name: "postgres-changes",
        prepare,
        paths: vec![
            by_sql::<0>(
                "postgres-changes-1",
                "Postgres changes, transactions of 1 → Arrow",
                Reach::Times(4.0),
            ),
            by_sql::<1>(
                "postgres-changes-100",
                "Postgres changes, transactions of 100 → Arrow",
                Reach::Times(4.0),
            ),
            by_sql::<2>(
                "postgres-changes-10000",
                "Postgres changes, transactions of 10,000 → Arrow",
                Reach::Times(3.0),
            ),
            by_stream::<0>(
                "postgres-stream-1",
                "the same by the stream, transactions of 1",
            ),
            by_stream::<1>(
                "postgres-stream-100",
                "the same by the stream, transactions of 100",
            ),
            by_stream::<2>(
                "postgres-stream-10000",
                "the same by the stream, transactions of 10,000",
            ),
            decoded::<0>(
                "postgres-decoding-1",
                "beside decoding alone, transactions of 1",
            ),
            decoded::<1>(
                "postgres-decoding-100",
                "beside decoding alone, transactions of 100",
            ),
            decoded::<2>(
                "postgres-decoding-10000",
                "beside decoding alone, transactions of 10,000",
            ),
        ],
    }
}

fn by_sql<const SIZE: usize>(name: &'static str, title: &'static str, reach: Reach) -> Path {
    against(
        name,
        title,
        pg_recvlogical::<SIZE>(),
        Side {
            label: "the backlog by SQL",
            run: sql::<SIZE>,
        },
        reach,
    )
}

fn by_stream<const SIZE: usize>(name: &'static str, title: &'static str) -> Path {
    against(
        name,
        title,
        pg_recvlogical::<SIZE>(),
        Side {
            label: "the replication stream",
            run: stream::<SIZE>,
        },
        Reach::Shown,
    )
}

fn decoded<const SIZE: usize>(name: &'static str, title: &'static str) -> Path {
    let inside = Side {
        label: "decoding inside the server, counted",
        run: count::<SIZE>,
    };
    against(
        name,
        title,
        inside,
        Side {
            label: "the backlog by SQL",
            run: sql::<SIZE>,
        },
        Reach::Shown,
    )
}

fn pg_recvlogical<const SIZE: usize>() -> Side {
    Side {
        label: "`pg_recvlogical` to nowhere",
        run: receive::<SIZE>,
    }
}

fn against(name: &'static str, title: &'static str, limit: Side, ours: Side, reach: Reach) -> Path {
    Path {
        name,
        title,
        limit,
        ours,
        by: By::Time,
        reach,
    }
}

fn prepare(directory: &Directory, amount: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    let cluster = Cluster::start(&Options {
        conf: "synchronous_commit = on\nmax_wal_size = 8GB\nshared_buffers = 128MB".to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database(DATABASE);
    connection.execute(SCHEMA)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of changes is small"
    )]
    let changes = (CHANGES * amount.scale / 20_000.0).ceil() as u64 * 20_000;
    let url = cluster.url(SUPERUSER, DATABASE);
    let mut backlogs = Vec::new();
    for size in SIZES {
        connection.execute("TRUNCATE t")?;
        let slot = format!("backlog_{size}");
        let source = Postgres::new(&*url).with_slot(&*slot, "p");
        let until = Until::Position(0);
        let from = run::deliveries(
            source,
            "t",
            IngestOptions {
                until,
                ..IngestOptions::default()
            },
            |_| Ok(()),
        )?;
        connection.execute(&format!("CALL work({changes}, {size})"))?;
        let rows = connection.query(
            "SELECT pg_current_wal_flush_lsn() AS end, pg_current_wal_flush_lsn() - '0/0'::pg_lsn - 1 AS until",
        )?;
        let row = rows.one()?;
        backlogs.push(Backlog {
            slot,
            changes,
            from,
            end: row.text("end")?.to_owned(),
            until: row.parse("until")?,
        });
    }
    Server::note(directory, &cluster, DATABASE)?;
    std::fs::write(directory.join(FILE), serde_json::to_string(&backlogs)?)?;
    Ok(Box::new(cluster))
}

impl Backlog {
    /// The backlog of this size, with a slot of its own for one run.
    fn of(directory: &Directory, size: usize) -> Result<(Self, Server)> {
        let mut backlogs: Vec<Self> =
            serde_json::from_str(&std::fs::read_to_string(directory.join(FILE))?)?;
        let mut backlog = backlogs.remove(size);
        let mut server = Server::find(directory)?;
        let slot = format!("run_{}", std::process::id());
        server.session.execute(&format!(
            "SELECT pg_copy_logical_replication_slot('{}', '{slot}')",
            backlog.slot
        ))?;
        backlog.slot = slot;
        Ok((backlog, server))
    }

    /// Ends a run, which must have moved its slot to the end unless it only looked.
    fn done(&self, mut server: Server, stopped: Stopped, rows: u64, moved: bool) -> Result<Run> {
        let took = server.took(stopped)?;
        let told = format!(
            "SELECT 1 FROM pg_replication_slots
              WHERE slot_name = '{}' AND (confirmed_flush_lsn >= '{}' OR NOT {moved})",
            self.slot, self.end
        );
        if server.session.query(&told)?.is_empty() {
            return Err(format!("the slot was not moved to {}", self.end).into());
        }
        let drop = format!("SELECT pg_drop_replication_slot('{}')", self.slot);
        server.session.execute(&drop)?;
        Ok(Run { rows, took })
    }
}

fn receive<const SIZE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let (backlog, mut server) = Backlog::of(directory, SIZE)?;
    let watch = server.watch()?;
    let status = Command::new(binaries().join("pg_recvlogical"))
        .args(["--dbname", &server.url, "--slot", &backlog.slot])
        .args(["--start", "--no-loop", "--file", "/dev/null"])
        .args(["--endpos", &backlog.end])
        .args(["-o", "proto_version=1", "-o", "publication_names=p"])
        .args(["-o", "binary=true"])
        .stdin(Stdio::null())
        .status()?;
    let stopped = watch.stop();
    if !status.success() {
        return Err(format!("pg_recvlogical: {status}").into());
    }
    backlog.done(server, stopped, backlog.changes, false)
}

fn count<const SIZE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let (backlog, mut server) = Backlog::of(directory, SIZE)?;
    let watch = server.watch()?;
    let mut connection = server.connect(Mode::Query)?;
    // Of each transaction, the messages that are changes: their first letter says so.
    let rows = connection.query(&format!(
        "SELECT count(*) FILTER (WHERE get_byte(data, 0) IN (68, 73, 85)) AS changes
           FROM pg_logical_slot_peek_binary_changes('{}', '{}', NULL, 'proto_version', '1', 'publication_names', 'p', 'binary', 'true')",
        backlog.slot, backlog.end
    ))?;
    let changes = rows.one()?.parse("changes")?;
    drop(connection);
    backlog.done(server, watch.stop(), changes, false)
}

fn sql<const SIZE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    ours(directory, SIZE, None)
}

fn stream<const SIZE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    ours(directory, SIZE, Some(ByteSize::new(0)))
}

/// Reads the backlog as an application would whose sink has stored each batch at once.
fn ours(directory: &Directory, size: usize, piece: Option<ByteSize>) -> Result<Run> {
    let (backlog, mut server) = Backlog::of(directory, size)?;
    let mut source = Postgres::new(&*server.url).with_slot(&*backlog.slot, "p");
    if let Some(piece) = piece {
        source = source.with_backlog_piece(piece);
    }
    let watch = server.watch()?;
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        checkpoint: Some(backlog.from.clone()),
        until: Until::Position(backlog.until),
        ..IngestOptions::default()
    });
    let from = Some(backlog.from.position());
    let tables = Some(vec![TableInfo::select("t")]);
    let source = std::thread::spawn(move || source.start(from, &ingestor, tables));
    let mut converter: Option<BatchConverter> = None;
    let mut changes = 0;
    while let Some(delivery) = deliveries.next_delivery() {
        let end = delivery.end().clone();
        if let Delivery::Batch(batch) = delivery {
            for table in batch.tables {
                let first = |op: &&RowOp| **op != RowOp::UpdateBefore;
                changes += table.ops.iter().filter(first).count() as u64;
                let converter = match &mut converter {
                    Some(converter) => converter,
                    None => converter.insert(BatchConverter::new(table.schema.clone())?),
                };
                converter.convert(table)?;
            }
        }
        deliveries.confirm(end);
    }
    source.join().map_err(|_| "the source panicked")??;
    backlog.done(server, watch.stop(), changes, true)
}
