//! A backlog is read by SQL, piece after piece, until the replication stream goes on. Whatever is struck on the way, at each
//! hand-over: in the end the sink holds what the source holds.

use std::fmt::Write as _;

use connector_postgres::wire::Connection;

use crate::cluster::{Cluster, Stop};
use crate::network::holds;
use crate::proxy::{Moment, Proxy};
use crate::shop::{COPY, READER, Shop, server, table};
use crate::support::{Writer, until};

const SCHEMA: &str = "CREATE TABLE entry(id int PRIMARY KEY, note text);
     CREATE TABLE event(id bigserial, kind int, note text); ALTER TABLE event REPLICA IDENTITY FULL;
     INSERT INTO entry SELECT n, 'n' || n FROM generate_series(1, 1000) n";
const PIECES: &str = ", backlog_piece: 32KiB";

/// The words that a session says when it asks for a piece.
const ASK: &str = "pg_logical_slot_get_binary_changes(";
/// When the slot itself is to move on.
const FORGET: &str = "SELECT pg_replication_slot_advance('";
const COPY_SLOT: &str = "pg_copy_logical_replication_slot(";
/// The second session's first, to go to its piece; then the stream, when the backlog is read.
const STREAM: &str = "START_REPLICATION";

/// Many small transactions, some large ones, and one of several pieces; about a MiB of log.
fn write(connection: &mut Connection, round: usize) {
    let first = 10_000 * (round + 1);
    let mut sql = String::new();
    for n in 0..200 {
        let id = first + n;
        let _ = write!(
            sql,
            "BEGIN; INSERT INTO entry VALUES ({id}, repeat('x', 500)); UPDATE entry SET note = note || 'y' WHERE id = {id} - 7; \
             INSERT INTO event(kind, note) SELECT {n} % 5, 'e' || m FROM generate_series(1, 10) m; COMMIT;"
        );
    }
    let _ = write!(
        sql,
        "BEGIN; INSERT INTO entry SELECT n, 'large' FROM generate_series({first} + 1000, {first} + 4000) n; \
         DELETE FROM event WHERE kind = {round} % 5; COMMIT; \
         BEGIN; SAVEPOINT s; DELETE FROM entry; ROLLBACK TO s; INSERT INTO entry VALUES (-{round} - 1, 'last'); COMMIT;"
    );
    connection.execute(&sql).unwrap();
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Kill,
    Cut,
    EndSessions,
    Crash,
}

impl Blow {
    fn strike(self, cluster: &Cluster, proxy: &Proxy) {
        match self {
            Self::Kill | Self::Cut => proxy.cut(),
            Self::EndSessions => cluster
                .connect("postgres")
                .execute(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}' AND pid <> pg_backend_pid()"
                ))
                .unwrap(),
            Self::Crash => cluster.restart(Stop::Immediate),
        }
    }
}

/// Strikes when the words are said, and waits for the sink to hold everything.
fn strike_at(words: &'static str, places: &[usize], blows: &[Blow]) {
    let cluster = server("");
    let proxy = Proxy::to(cluster.port());
    let shop = Shop::new(
        &cluster,
        "struck",
        SCHEMA,
        &[table("entry"), table("event")],
    );
    shop.configure(proxy.port(), PIECES, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    let mut round = 0;
    for &spared in places {
        for moment in [Moment::Before, Moment::After] {
            for &blow in blows {
                println!("{blow:?} {moment:?} {words} for the {}. time", spared + 1);
                write(&mut shop.connect(&cluster), round);
                round += 1;
                proxy.stall_at(words, spared, moment);
                let mut running = shop.start("app run --log debug");
                until("the words are said", || {
                    assert!(
                        running.has_ended().is_none(),
                        "the words were never said: {}",
                        running.err()
                    );
                    proxy.is_stalled().then_some(())
                });
                if blow == Blow::Kill {
                    running.signal("KILL");
                    running.ended();
                }
                blow.strike(&cluster, &proxy);
                shop.nothing_is_confirmed_that_is_not_stored(&cluster);
                proxy.stall(false);
                if blow == Blow::Kill {
                    shop.done("app run --once");
                } else {
                    holds(&shop, -i32::try_from(round).unwrap());
                    running.signal("TERM");
                    let ran = shop.ended(running);
                    assert_eq!(ran.code, Some(130), "{ran}");
                }
                shop.nothing_is_confirmed_that_is_not_stored(&cluster);
                shop.sink_is_equal(&cluster);
            }
        }
    }
}

const BLOWS: [Blow; 3] = [Blow::Kill, Blow::Cut, Blow::EndSessions];

#[test]
fn struck_where_the_slot_is_copied() {
    strike_at(COPY_SLOT, &[0, 1], &BLOWS);
}

#[test]
fn struck_where_a_piece_is_asked_for() {
    strike_at(ASK, &[0, 1, 2, 7], &BLOWS);
}

#[test]
fn struck_where_the_slot_is_told_what_is_stored() {
    strike_at(FORGET, &[0, 1], &BLOWS);
}

#[test]
fn struck_where_a_session_goes_to_its_piece_and_where_the_stream_goes_on() {
    strike_at(
        STREAM,
        &[0, 1],
        &[Blow::Kill, Blow::Cut, Blow::EndSessions, Blow::Crash],
    );
}

#[test]
fn crashed_where_a_piece_is_asked_for() {
    strike_at(ASK, &[4], &[Blow::Crash]);
}

#[test]
fn killed_with_pieces_that_are_delivered_and_not_stored() {
    let cluster = server("");
    let proxy = Proxy::to(cluster.port());
    let shop = Shop::new(
        &cluster,
        "unstored",
        SCHEMA,
        &[table("entry"), table("event")],
    );
    shop.configure(proxy.port(), PIECES, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    write(&mut shop.connect(&cluster), 0);
    let before = shop.sink();
    proxy.stall_at(ASK, 0, Moment::Before);
    let mut running = shop.start("app run --log debug");
    until("the first piece is asked for", || {
        proxy.is_stalled().then_some(())
    });
    // Another writer holds the sink's file.
    let mut blocker = Writer::start(&shop.place.file("copy.db"));
    let locked = shop.place.file("blocked");
    blocker.write(&format!(
        "BEGIN IMMEDIATE;\n.shell touch {}\n",
        locked.display()
    ));
    until("the sink is blocked", || locked.exists().then_some(()));
    // A piece is asked for when the one two before it was delivered.
    proxy.stall_at(ASK, 6, Moment::After);
    proxy.stall(false);
    until("several pieces are delivered", || {
        proxy.is_stalled().then_some(())
    });
    running.signal("KILL");
    running.ended();
    proxy.cut();
    proxy.stall(false);
    assert_eq!(shop.sink(), before);
    shop.nothing_is_confirmed_that_is_not_stored(&cluster);
    blocker.write("COMMIT;\n");
    blocker.finish();
    shop.done("app run --once");
    shop.is_equal(&cluster);
}

#[test]
fn a_run_that_is_stopped_in_a_backlog_goes_on_with_the_rest() {
    let cluster = server("");
    let proxy = Proxy::to(cluster.port());
    let shop = Shop::new(
        &cluster,
        "stopped",
        SCHEMA,
        &[table("entry"), table("event")],
    );
    shop.configure(proxy.port(), PIECES, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    for spared in 1..6 {
        write(&mut shop.connect(&cluster), spared);
        proxy.stall_at(ASK, spared, Moment::After);
        let running = shop.start("app run --log debug");
        until("a piece is asked for", || proxy.is_stalled().then_some(()));
        running.signal("TERM");
        proxy.stall(false);
        let ran = shop.ended(running);
        assert_eq!(ran.code, Some(130), "{ran}");
        shop.nothing_is_confirmed_that_is_not_stored(&cluster);
    }
    shop.done("app run --once");
    shop.is_equal(&cluster);
}
