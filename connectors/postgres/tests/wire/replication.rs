use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Message, Mode, PgError, Replication};

use crate::CLUSTER;
use crate::cluster::SUPERUSER;

const SECOND: Duration = Duration::from_secs(1);

/// A database with a table, a publication and a slot of this name; gives a connection for writing.
fn prepare(name: &str) -> Connection {
    let mut writer = CLUSTER.database(name);
    let sql = format!(
        "CREATE TABLE t (id int PRIMARY KEY, word text); CREATE PUBLICATION {name} FOR TABLE t"
    );
    writer.execute(&sql).unwrap();
    let sql = format!("SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");
    writer.execute(&sql).unwrap();
    writer
}

fn stream(name: &str) -> Replication {
    stream_by(&CLUSTER.settings(name), name)
}

fn stream_by(settings: &Settings, name: &str) -> Replication {
    let connection = Connection::open(settings, Mode::Replication).unwrap();
    let sql = format!(
        "START_REPLICATION SLOT {name} LOGICAL 0/0 (proto_version '1', publication_names '{name}')"
    );
    connection.start_replication(&sql).unwrap()
}

/// The first byte of each pgoutput message up to the first commit, and where the log ends after it.
fn transaction(stream: &mut Replication) -> (String, u64) {
    let mut kinds = String::new();
    let end = Instant::now() + 20 * SECOND;
    while Instant::now() < end {
        let Some(Message::XLogData { data, .. }) = stream.receive(SECOND).unwrap() else {
            continue;
        };
        kinds.push(char::from(data[0]));
        if data[0] == b'C' {
            // Flags, the commit's position, the position after it.
            return (kinds, u64::from_be_bytes(data[10..18].try_into().unwrap()));
        }
    }
    panic!("no commit: {kinds}");
}

fn confirmed(writer: &mut Connection, name: &str) -> u64 {
    let sql = format!(
        "SELECT confirmed_flush_lsn - '0/0'::pg_lsn AS lsn FROM pg_replication_slots WHERE slot_name = '{name}'"
    );
    writer
        .query(&sql)
        .unwrap()
        .one()
        .unwrap()
        .parse("lsn")
        .unwrap()
}

fn waits_for_confirmed(writer: &mut Connection, name: &str, lsn: u64) {
    let end = Instant::now() + 10 * SECOND;
    while confirmed(writer, name) < lsn {
        assert!(Instant::now() < end, "the position is not confirmed");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_transaction_is_streamed_and_its_position_confirmed() {
    let mut writer = prepare("streamed");
    let mut stream = stream("streamed");
    writer
        .execute(
            "BEGIN; INSERT INTO t VALUES (1, 'a'), (2, 'b'); DELETE FROM t WHERE id = 1; COMMIT",
        )
        .unwrap();
    let (kinds, end) = transaction(&mut stream);
    assert_eq!(kinds, "BRIIDC");
    assert!(confirmed(&mut writer, "streamed") < end);
    stream.confirm(end).unwrap();
    waits_for_confirmed(&mut writer, "streamed", end);
    // An older position takes nothing back.
    stream.confirm(1).unwrap();
    stream.confirm(0).unwrap();
    let mut connection = stream.finish().unwrap();
    assert!(confirmed(&mut writer, "streamed") >= end);
    connection.execute("SELECT 1").unwrap();
}

#[test]
fn what_is_confirmed_last_is_heard_although_the_server_goes_on_sending() {
    let mut writer = prepare("farewell");
    let write =
        "INSERT INTO t SELECT g, repeat('z', 1000) FROM generate_series(1, 500) g; DELETE FROM t";
    // Far more than both sides' buffers hold.
    for _ in 0..40 {
        writer.execute(write).unwrap();
    }
    let mut stream = stream("farewell");
    let (_, end) = transaction(&mut stream);
    stream.confirm(end).unwrap();
    stream.end(20 * SECOND).unwrap();
    assert_eq!(confirmed(&mut writer, "farewell"), end);
    stream.end(SECOND).unwrap();
    drop(stream);
    let rows = writer
        .query("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'farewell' AND active")
        .unwrap();
    assert!(rows.is_empty(), "the slot is free");
}

/// The size of the pieces in which what the server sends is passed on.
const PIECE: usize = 1 << 20;

/// A port that leads to the cluster. Once it is to hold back, each further piece of what the server sends is passed on only after
/// somebody has waited for it in vain.
#[derive(Debug)]
struct Narrows {
    port: u16,
    held_back: Arc<AtomicBool>,
    waited: Sender<()>,
}

fn narrows() -> Narrows {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let held_back = Arc::new(AtomicBool::new(false));
    let (waited, waits) = mpsc::channel();
    let holds_back = Arc::clone(&held_back);
    thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = TcpStream::connect(("127.0.0.1", CLUSTER.port())).unwrap();
        let (mut said, mut heard) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut said, &mut heard));
        let (mut server, mut client) = (server, client);
        let mut piece = vec![0; PIECE];
        while let Ok(count @ 1..) = server.read(&mut piece) {
            if holds_back.load(Ordering::SeqCst) {
                // Who waited before this piece was there does not count.
                while waits.try_recv().is_ok() {}
                if waits.recv().is_err() {
                    break;
                }
            }
            if client.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    });
    Narrows {
        port,
        held_back,
        waited,
    }
}

#[test]
fn a_message_is_not_lost_by_timeouts_while_it_arrives() {
    const TEXT: usize = 20_000_000;
    let mut writer = prepare("timeouts");
    let narrows = narrows();
    let url = format!("postgres://{SUPERUSER}@127.0.0.1:{}/timeouts", narrows.port);
    let mut stream = stream_by(&Settings::from_url(&url).unwrap(), "timeouts");
    assert_eq!(
        stream.receive(Duration::ZERO).unwrap().is_some(),
        stream.received() > 0
    );
    narrows.held_back.store(true, Ordering::SeqCst);
    writer
        .execute(&format!(
            "INSERT INTO t SELECT g, repeat('z', {TEXT}) FROM generate_series(1, 3) g"
        ))
        .unwrap();
    let (mut kinds, mut late) = (String::new(), 0);
    let end = Instant::now() + 60 * SECOND;
    while !kinds.ends_with('C') {
        assert!(Instant::now() < end, "{kinds}");
        match stream.receive(Duration::from_micros(10)).unwrap() {
            Some(Message::XLogData { data, .. }) => {
                kinds.push(char::from(data[0]));
                if data[0] == b'I' {
                    assert!(data.len() > TEXT);
                    assert!(data[100..TEXT].iter().all(|byte| *byte == b'z'));
                }
            }
            Some(Message::KeepAlive { .. }) => stream.confirm(0).unwrap(),
            None => {
                late += 1;
                narrows.waited.send(()).unwrap();
            }
        }
    }
    assert_eq!(kinds, "BRIIIC");
    assert!(late >= 3 * TEXT / PIECE, "{late} timeouts");
}

#[test]
fn an_idle_stream_gives_nothing_in_time_and_lives_by_its_answers() {
    let mut writer = prepare("idle");
    let mut stream = stream("idle");
    assert!(stream.receive(Duration::MAX).unwrap().is_some());
    let start = Instant::now();
    // Longer than the server's `wal_sender_timeout`.
    while start.elapsed() < 5 * SECOND {
        let before = Instant::now();
        match stream.receive(Duration::from_millis(300)).unwrap() {
            Some(Message::KeepAlive {
                reply_requested, ..
            }) => {
                if reply_requested {
                    stream.confirm(0).unwrap();
                }
            }
            Some(Message::XLogData { .. }) => panic!("nothing was written"),
            None => assert!(before.elapsed() >= Duration::from_millis(290)),
        }
    }
    writer.execute("INSERT INTO t VALUES (1, 'late')").unwrap();
    assert_eq!(transaction(&mut stream).0, "BRIC");
}

#[test]
fn a_slot_in_use_and_a_stream_that_is_terminated_can_be_tried_again() {
    let mut writer = prepare("busy");
    let mut first = stream("busy");
    let second = Connection::open(&CLUSTER.settings("busy"), Mode::Replication).unwrap();
    let sql =
        "START_REPLICATION SLOT busy LOGICAL 0/0 (proto_version '1', publication_names 'busy')";
    let error = second.start_replication(sql).unwrap_err();
    assert_eq!(error.code(), Some("55006"));
    assert!(error.is_transient());
    let sql = format!("SELECT pg_terminate_backend({})", first.process_id());
    writer.execute(&sql).unwrap();
    let error = loop {
        match first.receive(SECOND) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(error.is_transient(), "{error}");
    assert!(matches!(first.receive(SECOND), Err(PgError::Unusable(_))));
    assert!(matches!(first.confirm(0), Err(PgError::Unusable(_))));
}

#[test]
fn a_command_that_is_refused_is_the_servers_error() {
    let connection = Connection::open(&CLUSTER.settings("postgres"), Mode::Replication).unwrap();
    let sql = "START_REPLICATION SLOT no_such_slot LOGICAL 0/0";
    let error = connection.start_replication(sql).unwrap_err();
    assert_eq!(error.code(), Some("42704"));
    let mut connection =
        Connection::open(&CLUSTER.settings("postgres"), Mode::Replication).unwrap();
    let rows = connection.query("IDENTIFY_SYSTEM").unwrap();
    assert_eq!(rows.one().unwrap().text("dbname").unwrap(), "postgres");
}

#[test]
fn a_stop_of_the_server_ends_the_stream_in_a_way_that_can_be_tried_again() {
    use crate::cluster::{Cluster, Options, Stop};
    let cluster = Cluster::start(&Options::default());
    let mut writer = cluster.database("stopped");
    writer
        .execute("CREATE PUBLICATION stopped FOR ALL TABLES")
        .unwrap();
    writer
        .execute("SELECT pg_create_logical_replication_slot('stopped', 'pgoutput')")
        .unwrap();
    for stop in [Stop::Fast, Stop::Immediate] {
        let connection = Connection::open(&cluster.settings("stopped"), Mode::Replication).unwrap();
        let sql = "START_REPLICATION SLOT stopped LOGICAL 0/0 (proto_version '1', publication_names 'stopped')";
        let mut stream = connection.start_replication(sql).unwrap();
        let error = thread::scope(|scope| {
            scope.spawn(|| cluster.stop(stop));
            loop {
                match stream.receive(SECOND) {
                    Ok(Some(Message::KeepAlive { end, .. })) => stream.confirm(end).unwrap_or(()),
                    Ok(_) => {}
                    Err(error) => break error,
                }
            }
        });
        assert!(error.is_transient(), "{error}");
        cluster.start_again();
    }
}
