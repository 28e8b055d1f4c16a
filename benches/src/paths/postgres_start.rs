//! From the start to the first row, in a database of many tables.

use std::any::Any;
use std::path::Path as Directory;

use connector_core::TableInfo;
use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_postgres::Postgres;
use connector_postgres::wire::Mode;

use crate::Result;
use crate::cluster::{Cluster, Options};
use crate::measure::{Amount, By, Group, Path, Reach, Run, Side};
use crate::server::Server;

const DATABASE: &str = "many";
/// How many tables there are: those that a run begins with are the "rows" of these lines.
const TABLES: usize = 1_000;

/// The reader under whose name the slot is made.
const READER: &str = "benchmark";

/// Ten columns each, and ten rows.
const SCHEMA: &str = "
    DO $$ BEGIN
      FOR number IN 1 .. 1000 LOOP
        EXECUTE format('CREATE TABLE table_%s(id bigint PRIMARY KEY, name text NOT NULL, amount numeric(12, 2),
          at timestamptz NOT NULL DEFAULT now(), kind int, note varchar(200), price float8, active bool, day date, more jsonb)', number);
        EXECUTE format('INSERT INTO table_%s(id, name) SELECT n, ''name'' FROM generate_series(1, 10) n', number);
      END LOOP;
    END $$";

/// What a driver asks by hand to learn of the tables, their keys and their columns.
const CATALOG: [&str; 3] = [
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    "SELECT i.indrelid, i.indkey, i.indnkeyatts FROM pg_index i WHERE i.indisprimary",
    "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod),
            a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND a.attnum > 0 AND NOT a.attisdropped",
];

/// One server with many tables.
pub(crate) fn group() -> Group {
    Group {
        name: "postgres-start",
        prepare,
        paths: vec![
            path(
                "postgres-start-one",
                "from the start to the first row, one of 1,000 tables",
                SNAPSHOT,
                (ours::<1>, "a snapshot"),
                Reach::AtMost(1.5),
            ),
            path(
                "postgres-start-all",
                "from the start to the first row, all of 1,000 tables",
                SNAPSHOT,
                (ours::<TABLES>, "a snapshot"),
                Reach::AtMost(1.5),
            ),
            path(
                "postgres-start-slot-one",
                "the same with a slot, one of 1,000 tables",
                SLOT,
                (followed::<1>, "a snapshot that is followed"),
                Reach::AtMost(1.5),
            ),
            path(
                "postgres-start-slot-all",
                "the same with a slot, all of 1,000 tables",
                SLOT,
                (followed::<TABLES>, "a snapshot that is followed"),
                Reach::AtMost(1.5),
            ),
        ],
    }
}

type Labelled = (fn(&Directory, Amount) -> Result<Run>, &'static str);

const SNAPSHOT: Labelled = (limit, "connecting, and the catalog alone");
const SLOT: Labelled = (
    limit_with_slot,
    "the same, and a slot on a second connection",
);

fn path(
    name: &'static str,
    title: &'static str,
    (limit, alone): Labelled,
    (ours, label): Labelled,
    reach: Reach,
) -> Path {
    Path {
        name,
        title,
        limit: Side {
            label: alone,
            run: limit,
        },
        ours: Side { label, run: ours },
        by: By::Time,
        reach,
    }
}

fn prepare(directory: &Directory, _: Amount, _: &[&Path]) -> Result<Box<dyn Any>> {
    let cluster = Cluster::start(&Options {
        // Each table takes locks in the transaction that makes them.
        conf: "max_locks_per_transaction = 256".to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database(DATABASE);
    connection.execute(SCHEMA)?;
    connection.execute("VACUUM ANALYZE")?;
    Server::note(directory, &cluster, DATABASE)?;
    Ok(Box::new(cluster))
}

fn limit(directory: &Directory, _: Amount) -> Result<Run> {
    by_hand(directory, false)
}

/// With the slot, whose making is the server's own work and takes what it takes.
fn limit_with_slot(directory: &Directory, _: Amount) -> Result<Run> {
    by_hand(directory, true)
}

fn by_hand(directory: &Directory, with_slot: bool) -> Result<Run> {
    let mut server = Server::find(directory)?;
    let watch = server.watch()?;
    let mut connection = server.connect(Mode::Query)?;
    let mut tables = None;
    for sql in CATALOG {
        let rows = connection.query(sql)?;
        tables.get_or_insert(rows.len() as u64);
    }
    if with_slot {
        let mut replication = server.connect(Mode::Replication)?;
        replication
            .query("CREATE_REPLICATION_SLOT by_hand TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")?;
    }
    drop(connection);
    let stopped = watch.stop();
    Ok(Run {
        rows: tables.unwrap_or_default(),
        took: server.took(stopped)?,
    })
}

fn ours<const SELECTED: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    first_row(directory, SELECTED, false)
}

fn followed<const SELECTED: usize>(directory: &Directory, _: Amount) -> Result<Run> {
    first_row(directory, SELECTED, true)
}

fn first_row(directory: &Directory, selected: usize, followed: bool) -> Result<Run> {
    let mut server = Server::find(directory)?;
    let tables = (1..=selected).map(|number| TableInfo::select(format!("table_{number}")));
    let tables: Vec<TableInfo> = tables.collect();
    let mut source = Postgres::new(&*server.url);
    let mut options = IngestOptions::default();
    if followed {
        // As `dozer migrate` leaves it: with a publication, and without a slot.
        Connector::named(&mut source, READER);
        READER.clone_into(&mut options.reader);
        Connector::prepare(&source, &tables)?;
        // What preparing has read is not read for the run.
        source = Postgres::new(&*server.url);
        Connector::named(&mut source, READER);
    } else {
        options.until = Until::Snapshot;
    }
    let again = source.clone();
    let watch = server.watch()?;
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let run = std::thread::spawn(move || source.start(None, &ingestor, Some(tables)));
    while let Some(delivery) = deliveries.next_delivery() {
        if matches!(delivery, Delivery::Batch(_)) {
            break;
        }
    }
    let stopped = watch.stop();
    // The rest is not measured; a run whose consumer has left ends with an error.
    drop(deliveries);
    let _ended = run.join().map_err(|_| "the source panicked")?;
    let took = server.took(stopped)?;
    if followed {
        Connector::clean(&again)?;
    }
    Ok(Run {
        rows: TABLES as u64,
        took,
    })
}
