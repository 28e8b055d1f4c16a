//! A backlog is told the same, whether it is read by SQL or by the replication stream.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::{ByteSize, Checkpoint, TableInfo};
use connector_postgres::Postgres;
use connector_postgres::wire::Connection;

use crate::cluster::{Cluster, Options, SUPERUSER};

const TABLES: [&str; 3] = ["a", "b", "c"];

const SCHEMA: &str = "
    CREATE TABLE a (id int PRIMARY KEY, n int, note text); ALTER TABLE a ALTER note SET STORAGE EXTERNAL;
    CREATE TABLE b (id bigserial, word text, amount numeric); ALTER TABLE b REPLICA IDENTITY FULL;
    CREATE TABLE c (x int, y int, at timestamptz, PRIMARY KEY (x, y));
    CREATE TABLE unread (id int);
    CREATE PUBLICATION p FOR TABLE a, b, c";

/// Statements are logged, so that a test can tell who has read.
fn server() -> Cluster {
    Cluster::start(&Options {
        conf: "synchronous_commit = on\nlog_statement = all\nlog_replication_commands = on"
            .to_owned(),
        ..Options::default()
    })
}

/// How many pieces were read by SQL, and how often the stream was started.
fn readers(cluster: &Cluster) -> (usize, usize) {
    let log = cluster.log();
    let pieces = log.matches("statement: SELECT pg_replication_slot_advance(slot_name");
    // The copy of a slot has the session's number behind the name, and is streamed from only to be moved.
    let is_copy = |name: &str| {
        let (_, number) = name.rsplit_once('_').unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let streams = log.split(STREAM).skip(1);
    let streams = streams.filter(|rest| !is_copy(rest.split('"').next().unwrap()));
    (pieces.count(), streams.count())
}

/// How many copies of the slot were made, how many were moved by a stream, and how often the server decoded to move one.
fn copies(cluster: &Cluster) -> (usize, usize, usize) {
    let log = cluster.log();
    let copied = log.matches("pg_copy_logical_replication_slot(").count();
    let streams = log.matches(STREAM).count() - readers(cluster).1;
    // Each session's lines, as others write in between.
    let mut decoding: BTreeMap<&str, bool> = BTreeMap::new();
    let mut decoded = 0;
    for line in log.lines() {
        let Some((session, said)) = line.split_once("] ") else {
            continue;
        };
        if said.contains("starting logical decoding for slot") {
            decoding.insert(session.rsplit_once('[').unwrap().1, true);
        } else if said.contains("STATEMENT:") {
            let was = decoding.insert(session.rsplit_once('[').unwrap().1, false);
            let moves = said.contains("pg_replication_slot_advance(slot_name");
            decoded += usize::from(was == Some(true) && moves);
        }
    }
    (copied, streams, decoded)
}

const STREAM: &str = "received replication command: START_REPLICATION SLOT \"";

/// A reader of the tables with a slot of its own, which begins with a snapshot.
struct Reader {
    url: String,
    slot: &'static str,
    checkpoint: Option<Checkpoint>,
    /// The ends of the transactions that were told.
    ends: BTreeMap<u64, Checkpoint>,
}

impl Reader {
    fn new(cluster: &Cluster, slot: &'static str) -> Self {
        let mut reader = Self {
            url: cluster.url(SUPERUSER, "backlog"),
            slot,
            checkpoint: None,
            ends: BTreeMap::new(),
        };
        reader.read(0, Until::Position(0), usize::MAX);
        reader
    }

    fn source(&self, piece: u64) -> Postgres {
        let mut source = Postgres::new(&*self.url)
            .with_slot(self.slot, "p")
            .with_backlog_piece(ByteSize::new(piece));
        Connector::named(&mut source, self.slot);
        source
    }

    /// Reads from the checkpoint on, `piece` bytes of the log at a time, and keeps what `most` deliveries say; the rest is
    /// neither stored nor confirmed.
    fn read(&mut self, piece: u64, until: Until, most: usize) -> Vec<String> {
        let source = self.source(piece);
        let (ingestor, mut messages) = Ingestor::initialize_channel(IngestOptions {
            until,
            checkpoint: self.checkpoint.clone(),
            // Small, so that many end within a transaction.
            batch_bytes: 2000,
            redelivery: true,
            ..IngestOptions::default()
        });
        let tables = TABLES.map(TableInfo::select).to_vec();
        let from = self.checkpoint.as_ref().map(Checkpoint::position);
        let worker = std::thread::spawn(move || source.start(from, &ingestor, Some(tables)));
        let mut told = Vec::new();
        for _ in 0..most {
            let Some(delivery) = messages.next_delivery() else {
                break;
            };
            self.take(&delivery, &mut told);
            self.checkpoint = Some(delivery.end().clone());
            messages.confirm(delivery.end().clone());
        }
        drop(messages);
        let ended = worker.join().unwrap();
        if most == usize::MAX {
            ended.unwrap();
        }
        told
    }

    fn take(&mut self, delivery: &Delivery, told: &mut Vec<String>) {
        match delivery {
            Delivery::Batch(batch) => {
                for (place, row) in batch.in_order() {
                    let table = &batch.tables[place];
                    told.push(format!(
                        "{} {:?} {:?} {:?}",
                        table.table,
                        table.position(row).unwrap(),
                        table.ops[row],
                        table.record(row)
                    ));
                }
                for end in &batch.commits {
                    self.ends.insert(end.lsn, end.clone());
                }
            }
            Delivery::Truncate { table, end } => {
                told.push(format!("{table} {:?} truncated", end.position()));
            }
            Delivery::SchemaChanged { what, .. } => told.push(what.clone()),
            Delivery::SnapshotStarted { .. } | Delivery::Reached(_) => {}
        }
    }

    /// Up to what is there now.
    fn now(&self) -> Until {
        Until::Position(
            Connector::current_position(&self.source(0))
                .unwrap()
                .unwrap(),
        )
    }

    fn read_all(&mut self, piece: u64) -> Vec<String> {
        self.read(piece, self.now(), usize::MAX)
    }
}

/// Numbers that look random, and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn statement(random: &mut Random) -> String {
    let (id, n) = (random.below(300), random.below(300));
    match random.below(13) {
        0 | 1 => format!(
            "INSERT INTO a VALUES ({id}, {n}, repeat('x', {n} * 20)) ON CONFLICT (id) DO UPDATE SET n = {n}"
        ),
        2 => format!("UPDATE a SET n = n + 1 WHERE id % 7 = {n} % 7"),
        3 => format!(
            "UPDATE a SET id = id + 1000 WHERE id = {id} AND NOT EXISTS (SELECT FROM a WHERE id = {id} + 1000)"
        ),
        4 => format!("DELETE FROM a WHERE id = {id}"),
        5 => format!(
            "INSERT INTO b (word, amount) SELECT 'word ' || m, m / 7.0 FROM generate_series(1, {n}) m"
        ),
        6 => format!("UPDATE b SET word = NULL WHERE id % 50 = {n} % 50"),
        7 => format!("DELETE FROM b WHERE id % 20 = {n} % 20"),
        8 => format!(
            "INSERT INTO c VALUES ({id}, {n}, '2024-01-01'::timestamptz + {n} * interval '1 hour') ON CONFLICT DO NOTHING"
        ),
        9 => "TRUNCATE b, c".to_owned(),
        10 => format!(
            "SAVEPOINT s; INSERT INTO c SELECT -m, {n}, now() FROM generate_series(1, 20) m; ROLLBACK TO s; DELETE FROM c WHERE y = {n}"
        ),
        11 => format!(
            "SAVEPOINT s; INSERT INTO b (word) VALUES ('kept'); RELEASE s; SAVEPOINT t; DELETE FROM a WHERE id < {id} / 10; RELEASE t"
        ),
        _ => format!("INSERT INTO unread SELECT generate_series(1, {n})"),
    }
}

/// Makes a history of so many transactions.
fn history(connection: &mut Connection, random: &mut Random, transactions: u64) {
    for _ in 0..transactions {
        let statements: Vec<String> = (0..=random.below(4)).map(|_| statement(random)).collect();
        let end = if random.below(10) == 0 {
            "ROLLBACK"
        } else {
            "COMMIT"
        };
        let sql = format!("BEGIN; {}; {end}", statements.join("; "));
        connection.execute(&sql).unwrap();
    }
    connection.execute("CHECKPOINT").unwrap();
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "not in time: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Fails with the first message that differs.
fn equal(told: &[String], expected: &[String], how: &str) {
    let differ = (0..told.len().max(expected.len())).find(|at| told.get(*at) != expected.get(*at));
    if let Some(at) = differ {
        panic!(
            "{how}, message {at} of {} is\n{:?}, not\n{:?} of {}",
            told.len(),
            told.get(at),
            expected.get(at),
            expected.len()
        );
    }
}

#[test]
fn both_readers_tell_the_same_positions_rows_and_ends() {
    let cluster = server();
    let mut connection = cluster.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let mut by_stream = Reader::new(&cluster, "by_stream");
    let mut by_sql = Reader::new(&cluster, "by_sql");
    let mut in_parts = Reader::new(&cluster, "in_parts");
    let mut random = Random(7);
    for piece in [4 << 10, 32 << 10, 256 << 10] {
        history(&mut connection, &mut random, 40);
        let before = readers(&cluster);
        let expected = by_stream.read_all(0);
        assert_eq!(readers(&cluster), (before.0, before.1 + 1));
        assert!(expected.len() > 400, "{}", expected.len());
        let told = by_sql.read_all(piece);
        equal(&told, &expected, &format!("in pieces of {piece}"));
        if piece < 256 << 10 {
            assert!(
                readers(&cluster).0 > before.0 + 3,
                "read by SQL in pieces of {piece}"
            );
        }
        // Stopped in the middle of transactions, and gone on from what was stored: by the other reader each time.
        let mut told = Vec::new();
        let end = in_parts.now();
        for (count, by) in [(15, piece), (1, 0), (33, piece), (20, 0), (7, piece)] {
            told.extend(in_parts.read(by, end, count));
        }
        told.extend(in_parts.read_all(piece));
        equal(&told, &expected, &format!("in parts, in pieces of {piece}"));
    }
    for other in [&by_sql, &in_parts] {
        let both: Vec<u64> = (by_stream.ends.keys().copied())
            .filter(|lsn| other.ends.contains_key(lsn))
            .collect();
        assert!(both.len() > 20, "{}", both.len());
        for lsn in both {
            assert_eq!(other.ends[&lsn], by_stream.ends[&lsn]);
        }
    }
    until("the copies of the slots end with their sessions", || {
        let rows = connection.query("SELECT slot_name FROM pg_replication_slots WHERE temporary");
        rows.unwrap().is_empty()
    });
}

#[test]
fn without_a_free_slot_or_two_the_backlog_is_read_all_the_same() {
    let cluster = Cluster::start(&Options {
        conf: "synchronous_commit = on\nlog_statement = all\nlog_replication_commands = on\nmax_replication_slots = 2"
            .to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let mut reader = Reader::new(&cluster, "only");
    let write = "INSERT INTO a SELECT n, n, 'note' FROM generate_series(1, 5000) n";
    connection.execute(write).unwrap();
    assert_eq!(reader.read_all(4096).len(), 5000);
    let (pieces, streams) = readers(&cluster);
    assert!(pieces > 0, "one session reads where there is one free slot");
    // The copy of the slot is gone a moment after its session.
    until("the slot is free", || {
        connection
            .execute("SELECT pg_create_physical_replication_slot('taken')")
            .is_ok()
    });
    connection.execute("UPDATE a SET n = n + 1").unwrap();
    assert_eq!(reader.read_all(4096).len(), 10000);
    assert_eq!(
        readers(&cluster),
        (pieces, streams + 1),
        "the stream reads where there is none"
    );
}

#[test]
fn the_second_session_goes_to_its_piece_without_decoding_the_first() {
    const PIECE: u64 = 100 << 10;
    let cluster = server();
    let mut connection = cluster.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let mut writer = cluster.connect("backlog");
    let mut reader = Reader::new(&cluster, "divided");
    let mut end = || {
        let rows = connection
            .query("SELECT pg_current_wal_flush_lsn() - '0/0' AS bytes")
            .unwrap();
        rows.one().unwrap().parse::<u64>("bytes").unwrap()
    };
    let start = end();
    // Twice as much as a piece.
    let mut written = 0;
    while end() - start < PIECE * 2 {
        writer
            .execute("INSERT INTO b (word) SELECT 'word ' || n FROM generate_series(1, 100) n")
            .unwrap();
        written += 100;
    }
    let until = reader.now();
    assert_eq!(reader.read(PIECE, until, usize::MAX).len(), written);
    assert_eq!(readers(&cluster), (2, 0));
    assert_eq!(copies(&cluster), (2, 1, 0));
    // Where one session reads several pieces, it is moved by SQL.
    for _ in 0..20 {
        connection.execute("UPDATE b SET word = 'other'").unwrap();
    }
    reader.read_all(64 << 10);
    let (copied, streams, decoded) = copies(&cluster);
    assert_eq!((copied, streams), (4, 2));
    assert!(decoded > 3, "{decoded}");
}

#[test]
fn a_run_that_ends_somewhere_is_read_by_sql_up_to_there_and_leaves_the_slot_there() {
    let cluster = server();
    let mut connection = cluster.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let write = "INSERT INTO b (word) SELECT 'word ' || n FROM generate_series(1, 500) n";
    for (slot, piece) in [("streamed", 0), ("asked", 4096)] {
        let mut reader = Reader::new(&cluster, slot);
        for _ in 0..20 {
            connection.execute(write).unwrap();
        }
        let until = reader.now();
        // What lies behind is not read, and in the way of what is said last.
        for _ in 0..100 {
            connection.execute(write).unwrap();
        }
        let before = readers(&cluster);
        let told = reader.read(piece, until, usize::MAX).len();
        // The stream may come to the next transaction before it hears that there was none up to the end.
        assert!(
            told == 20 * 500 || (piece == 0 && told == 21 * 500),
            "{told}"
        );
        let after = readers(&cluster);
        if piece > 0 {
            assert!(after.0 > before.0 + 3);
            assert_eq!(after.1, before.1, "no stream is needed");
        }
        let Until::Position(until) = until else {
            panic!("a position");
        };
        let told = format!(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = '{slot}' AND confirmed_flush_lsn - '0/0' > {until}"
        );
        // By SQL the slot moves a moment after the run's last word.
        self::until("the slot is where the run ended", || {
            !connection.query(&told).unwrap().is_empty()
        });
        let free =
            format!("SELECT 1 FROM pg_replication_slots WHERE slot_name = '{slot}' AND active");
        self::until("the slot is free", || {
            connection.query(&free).unwrap().is_empty()
        });
    }
}

/// A port that leads the first connection to one server, where each thing that is said waits for a while, and all others to
/// another.
fn door(first: u16, wait: Duration, others: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (place, client) in listener.incoming().flatten().enumerate() {
            let (port, wait) = if place == 0 {
                (first, wait)
            } else {
                (others, Duration::ZERO)
            };
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || pass(ends.0, ends.1, wait));
            std::thread::spawn(move || pass(server, client, Duration::ZERO));
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, wait: Duration) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        std::thread::sleep(wait);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn url_of(port: u16) -> String {
    format!("postgres://{SUPERUSER}@127.0.0.1:{port}/backlog")
}

#[test]
fn no_session_reads_from_another_server_than_the_one_that_is_followed() {
    let before = server();
    let mut connection = before.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let mut reader = Reader::new(&before, "moved");
    drop(connection);
    let now = before.copy();
    // Its log is longer than that of the server before, which has the slot, too.
    let mut connection = now.connect("backlog");
    for _ in 0..100 {
        connection
            .execute("INSERT INTO b (word) SELECT 'word ' || n FROM generate_series(1, 100) n")
            .unwrap();
    }
    reader.url = url_of(now.port());
    let until = reader.now();
    // The catalog is read where the server was, and a moment later its name leads elsewhere.
    reader.url = url_of(door(before.port(), Duration::ZERO, now.port()));
    let told = reader.read(64 << 10, until, usize::MAX);
    assert_eq!(told.len(), 100 * 100);
    let (pieces, streams) = readers(&now);
    assert!(pieces > 0, "read by SQL");
    assert_eq!(streams, 0, "and not by the stream");
    assert_eq!(readers(&before).0, 0, "nothing is read where it was");
}

#[test]
fn a_run_goes_on_with_the_only_sender_that_the_server_has() {
    let cluster = Cluster::start(&Options {
        conf: "max_wal_senders = 1\nsynchronous_commit = on\nlog_statement = all\nlog_replication_commands = on"
            .to_owned(),
        ..Options::default()
    });
    let mut connection = cluster.database("backlog");
    connection.execute(SCHEMA).unwrap();
    let mut reader = Reader::new(&cluster, "alone");
    for piece in [0, 4096] {
        connection
            .execute("INSERT INTO b (word) SELECT 'word ' || n FROM generate_series(1, 500) n")
            .unwrap();
        let until = reader.now();
        // What is asked about the server is asked when the session for replication is long open.
        let wait = Duration::from_millis(30);
        reader.url = url_of(door(cluster.port(), wait, cluster.port()));
        assert_eq!(reader.read(piece, until, usize::MAX).len(), 500);
        reader.url = url_of(cluster.port());
    }
    let (copied, streams, decoded) = copies(&cluster);
    assert_eq!(
        (copied, streams),
        (2, 0),
        "the second session is an ordinary one"
    );
    assert!(decoded > 0);
}
