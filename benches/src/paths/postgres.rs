//! A table of Postgres as Arrow batches.

use std::any::Any;
use std::io::{BufWriter, Write};
use std::path::Path as Directory;
use std::process::Stdio;

use connector_core::ByteSize;
use connector_core::ingest::{IngestOptions, Until};
use connector_postgres::Postgres;
use connector_postgres::wire::Mode;

use crate::cluster::{Cluster, Options};
use crate::data::{Cell, HALF_NULL, LINEITEM, NARROW, Table, WIDE};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side};
use crate::server::{Server, Stopped};
use crate::{Result, run};

/// How much of a table is copied at a time, where that is done by two connections.
const PIECE: ByteSize = ByteSize::new(64 << 20);
const DATABASE: &str = "tables";
const BY_PLACE: [Table; 4] = [LINEITEM, NARROW, WIDE, HALF_NULL];

/// The tables of one database, each copied as a snapshot.
pub(crate) fn group() -> Group {
    Group {
        name: "postgres",
        prepare,
        paths: vec![
            path::<0, 1>(
                "postgres-lineitem",
                "Postgres `lineitem` → Arrow",
                Reach::AtMost(1.15),
            ),
            path::<0, 2>(
                "postgres-lineitem-two",
                "Postgres `lineitem` → Arrow, by two connections",
                Reach::Times(1.0),
            ),
            path::<1, 1>(
                "postgres-narrow",
                "Postgres narrow integers → Arrow",
                Reach::AtMost(1.15),
            ),
            path::<2, 1>(
                "postgres-wide",
                "Postgres wide text → Arrow",
                Reach::AtMost(1.15),
            ),
            path::<3, 1>(
                "postgres-half-null",
                "Postgres 200 columns half null → Arrow",
                Reach::AtMost(1.15),
            ),
        ],
    }
}

fn path<const TABLE: usize, const CONNECTIONS: u16>(
    name: &'static str,
    title: &'static str,
    reach: Reach,
) -> Path {
    Path {
        name,
        title,
        limit: Side {
            label: "`COPY` to nowhere, text or binary: the faster",
            run: limit::<TABLE>,
        },
        ours: Side {
            label: if CONNECTIONS == 1 {
                "one connection"
            } else {
                "two connections"
            },
            run: ours::<TABLE, CONNECTIONS>,
        },
        by: By::Time,
        reach,
    }
}

/// Starts a server, and makes the tables that the paths read.
fn prepare(directory: &Directory, amount: Amount, paths: &[&Path]) -> Result<Box<dyn Any>> {
    let cluster = Cluster::start(&Options {
        conf: "max_wal_size = 8GB\nshared_buffers = 128MB".to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database(DATABASE);
    for table in BY_PLACE {
        let named = format!("postgres-{}", table.name.replace('_', "-"));
        if paths.iter().any(|path| path.name.starts_with(&named)) {
            connection.execute(&table.create())?;
            fill(&cluster, &table, amount.scale)?;
        }
    }
    connection.execute("VACUUM ANALYZE")?;
    Server::note(directory, &cluster, DATABASE)?;
    Ok(Box::new(cluster))
}

/// Copies the rows of a scale into a table that is there.
fn fill(cluster: &Cluster, table: &Table, scale: f64) -> Result<()> {
    let mut psql = cluster.program("psql");
    let copy = format!("COPY {} FROM STDIN", table.name);
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--dbname",
        DATABASE,
        "--command",
        &copy,
    ]);
    let mut psql = psql.stdin(Stdio::piped()).spawn()?;
    let mut rows = BufWriter::new(psql.stdin.take().ok_or("psql has no standard input")?);
    (table.rows)(scale, &mut |row| {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                rows.write_all(b"\t")?;
            }
            match *cell {
                Cell::Null => rows.write_all(b"\\N")?,
                Cell::Integer(number) => write!(rows, "{number}")?,
                Cell::Hundredths(number) => {
                    let sign = if number < 0 { "-" } else { "" };
                    let number = number.unsigned_abs();
                    write!(rows, "{sign}{}.{:02}", number / 100, number % 100)?;
                }
                // None of them has a character that is to be escaped.
                Cell::Text(text) => rows.write_all(text.as_bytes())?,
            }
        }
        Ok(rows.write_all(b"\n")?)
    })?;
    drop(rows.into_inner()?);
    let status = psql.wait()?;
    if !status.success() {
        return Err(format!("psql: {status}").into());
    }
    Ok(())
}

/// Reads what the server copies, in both formats in turn, and drops it. The faster one counts.
fn limit<const TABLE: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    let mut server = Server::find(directory)?;
    let mut runs = Vec::new();
    for format in ["text", "binary"] {
        let watch = server.watch()?;
        let mut connection = server.connect(Mode::Query)?;
        let table = BY_PLACE[TABLE].name;
        let mut copy = connection.copy_out(&format!("COPY {table} TO STDOUT (FORMAT {format})"))?;
        let mut rows = 0;
        while copy.advance()? {
            rows += 1;
        }
        // The end of a binary copy is a message, too.
        rows -= u64::from(format == "binary");
        drop(connection);
        runs.push(ran(&mut server, watch.stop(), rows)?);
    }
    let faster = |run: &Run, other: &Run| run.took.seconds.total_cmp(&other.took.seconds);
    Ok(runs.into_iter().min_by(faster).ok_or("no run")?)
}

fn ours<const TABLE: usize, const CONNECTIONS: u16>(
    directory: &Directory,
    _: Amount,
) -> Result<Run> {
    let mut server = Server::find(directory)?;
    let source = Postgres::new(&*server.url).with_snapshot(CONNECTIONS, PIECE);
    let watch = server.watch()?;
    let until = Until::Snapshot;
    let options = IngestOptions {
        until,
        ..IngestOptions::default()
    };
    let rows = run::to_arrow(source, BY_PLACE[TABLE].name, options)?;
    ran(&mut server, watch.stop(), rows)
}

fn ran(server: &mut Server, stopped: Stopped, rows: u64) -> Result<Run> {
    Ok(Run {
        rows,
        took: server.took(stopped)?,
    })
}
