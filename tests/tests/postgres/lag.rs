//! The server's log is kept for the slot: a run moves it on while nothing happens to its tables, warns when much is kept, and
//! stops where a limit says so.

use std::ops::Range;
use std::time::{Duration, Instant};

use connector_postgres::wire::Connection;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::shop::{COPY, READER, Shop, server, table};
use crate::support::{Running, Writer, until};

const SCHEMA: &str = "CREATE TABLE entry(id int PRIMARY KEY, note text);
     INSERT INTO entry SELECT n, 'n' || n FROM generate_series(1, 1000) n;
     CREATE TABLE other(id int, note text)";

/// A source cannot be read on.
const STOPPED: i32 = 4;

/// Rows of about a kilobyte in the server's log, into a table that is not read.
fn write_elsewhere(connection: &mut Connection, megabytes: u32) {
    let rows = megabytes * 1024;
    connection
        .execute(&format!(
            "INSERT INTO other SELECT n, repeat('x', 1000) FROM generate_series(1, {rows}) n"
        ))
        .unwrap();
}

/// An application whose sink holds the source.
fn caught_up(cluster: &Cluster, settings: &str) -> Shop {
    let shop = Shop::new(cluster, "lagging", SCHEMA, &[table("entry")]);
    shop.configure(cluster.port(), settings, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    shop
}

/// The one slot's value, if it is not null.
fn slot(connection: &mut Connection, value: &str) -> Option<String> {
    let sql = format!("SELECT {value} AS value FROM pg_replication_slots");
    let rows = connection.query(&sql).unwrap();
    let row = rows.one().unwrap();
    row.get("value").unwrap().map(str::to_owned)
}

/// A transaction that has written, and stays open.
fn open_transaction(shop: &Shop, cluster: &Cluster, sql: &str) -> Connection {
    let mut connection = shop.connect(cluster);
    connection.execute(&format!("BEGIN; {sql}")).unwrap();
    connection
}

/// Ends a run by a signal.
fn stop(shop: &Shop, running: Running) {
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
}

#[test]
fn the_slot_moves_on_while_only_other_tables_are_written_to() {
    let cluster = server("");
    let shop = caught_up(&cluster, "");
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    let mut connection = shop.connect(&cluster);
    for _ in 0..3 {
        write_elsewhere(&mut connection, 1);
        let rows = connection
            .query("SELECT pg_current_wal_lsn() AS at")
            .unwrap();
        let written = rows.one().unwrap().text("at").unwrap().to_owned();
        until("the slot's confirmed position moves on", || {
            let confirmed = format!("confirmed_flush_lsn >= '{written}'");
            (slot(&mut connection, &confirmed).as_deref() == Some("t")).then_some(())
        });
    }
    stop(&shop, running);
    shop.is_equal(&cluster);
}

#[test]
fn a_transaction_that_stays_open_is_warned_of_until_it_ends() {
    let cluster = server("");
    let shop = caught_up(&cluster, ", slot_lag_warning: 4MiB");
    let mut running = shop.start("app run --log-format json");
    running.wait_for("goes on from ");
    let mut superuser = cluster.connect("lagging");
    let mut open = open_transaction(
        &shop,
        &cluster,
        "INSERT INTO entry VALUES (-1, 'in the open one')",
    );
    until("the run reads", || slot(&mut superuser, "active_pid"));
    // A session that asks and is cut is made anew, and the run goes on.
    until("the session that asks is cut", || {
        let cut = superuser
            .query(&format!(
                "SELECT pg_terminate_backend(pid) AS cut FROM pg_stat_activity
                  WHERE usename = '{READER}' AND backend_type = 'client backend'"
            ))
            .unwrap();
        (cut.iter().count() > 0).then_some(())
    });
    write_elsewhere(&mut superuser, 10);
    running.wait_for("a transaction that stays open on the server holds the slot back");
    open.execute("COMMIT").unwrap();
    until("the lag is over", || {
        superuser.execute("CHECKPOINT").unwrap();
        running
            .err()
            .contains("enough no more to warn of")
            .then_some(())
    });
    let lines: Vec<Value> = (running.err().lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let said = |text: &str| {
        let line = (lines.iter()).find(|line| line["message"].as_str().unwrap().contains(text));
        let line = line.unwrap_or_else(|| panic!("{text:?}: {lines:?}"));
        assert_eq!(line["connection"], "shop");
        line["level"].as_str().unwrap()
    };
    assert_eq!(said("more than 4MiB; a transaction"), "warn");
    assert_eq!(said("enough no more to warn of"), "info");
    stop(&shop, running);
    shop.is_equal(&cluster);
}

#[test]
fn log_that_the_server_may_throw_away_is_warned_of() {
    let cluster = server("max_slot_wal_keep_size = 32MB\ncheckpoint_timeout = 1h");
    let shop = caught_up(&cluster, "");
    let mut open = open_transaction(&shop, &cluster, "INSERT INTO entry VALUES (-1, 'open')");
    let mut connection = shop.connect(&cluster);
    write_elsewhere(&mut connection, 80);
    let mut running = shop.start("app run");
    running.wait_for("warning: shop: the server keeps ");
    running.wait_for("the next checkpoint may remove it, and then only a new snapshot helps");
    open.execute("COMMIT").unwrap();
    stop(&shop, running);
}

/// Each transaction of [`a_slow_sink_is_warned_of_and_the_limit_stops_the_run`] has so many rows.
const ROWS: usize = 2000;

#[test]
fn a_slow_sink_is_warned_of_and_the_limit_stops_the_run() {
    let cluster = server("wal_sender_timeout = 2s");
    let shop = caught_up(&cluster, ", slot_lag_warning: 4MiB, slot_lag_limit: 24MiB");
    let mut running = shop.start("app run");
    running.wait_for("goes on from ");
    let mut connection = shop.connect(&cluster);
    let reader = until("the run reads", || slot(&mut connection, "active_pid"));
    // Another writer holds the sink's file for longer than the server waits for a sign of life.
    let mut blocker = Writer::start(&shop.place.file("copy.db"));
    let locked = shop.place.file("blocked");
    blocker.write(&format!(
        "BEGIN IMMEDIATE;\n.shell touch {}\n",
        locked.display()
    ));
    until("the sink is blocked", || locked.exists().then_some(()));
    let start = Instant::now();
    let mut write = |transactions: Range<usize>| {
        for transaction in transactions {
            let first = 10_000 + transaction * ROWS;
            let last = first + ROWS - 1;
            connection
                .execute(&format!(
                    "INSERT INTO entry SELECT n, repeat('y', 500) FROM generate_series({first}, {last}) n"
                ))
                .unwrap();
        }
    };
    // More than may wait for a sink, and less than the limit.
    write(0..10);
    running.wait_for("are not stored yet");
    let mut watcher = shop.connect(&cluster);
    until("twice the server's patience passes", || {
        let session = slot(&mut watcher, "active_pid");
        let (err, log) = (running.err(), cluster.log());
        assert_eq!(session.as_ref(), Some(&reader), "{err}\n{log}");
        (start.elapsed() > Duration::from_secs(4)).then_some(())
    });
    write(10..40);
    until("the lag has doubled", || {
        let warnings = running.err().matches("are not stored yet").count();
        (warnings > 1).then_some(())
    });
    assert_eq!(shop.sink()["entry"].len(), 1000, "the sink was blocked");
    blocker.write("COMMIT;\n");
    blocker.finish();
    let ran = shop.ended(running);
    ran.refused(
        STOPPED,
        &[
            "more than the 24MiB of `slot_lag_limit`",
            "help: the slot is still there, and with it the log; raise `slot_lag_limit` and run again",
        ],
    );
    let stored = shop.sink()["entry"].len() - 1000;
    assert_eq!(stored % ROWS, 0, "only whole transactions are stored");

    shop.configure(cluster.port(), ", slot_lag_limit: 1GiB", COPY);
    shop.done("app run --once");
    shop.is_equal(&cluster);
}

#[test]
fn a_run_stops_at_once_where_the_limit_is_exceeded_already() {
    let cluster = server("");
    let shop = caught_up(&cluster, ", slot_lag_limit: 4MiB");
    let mut connection = shop.connect(&cluster);
    connection
        .execute("INSERT INTO entry VALUES (-1, 'late')")
        .unwrap();
    write_elsewhere(&mut connection, 10);
    let status = shop.done("app status --format json").json();
    let status = &status["connections"][0];
    let (lag, retained) = (&status["lag"], &status["retained_bytes"]);
    assert!(lag.as_u64().unwrap() > 10 << 20, "{status}");
    assert!(retained.as_u64() >= lag.as_u64(), "{status}");
    let listed = shop.done("app status");
    assert!(listed.out.contains("retained"), "{listed}");
    assert!(listed.out.contains(&format!("{retained}B")), "{listed}");

    // It has not come far enough to be told of the position that it is to stop at.
    let ran = shop.run("app run");
    ran.refused(STOPPED, &["more than the 4MiB of `slot_lag_limit`"]);
    shop.configure(cluster.port(), ", slot_lag_limit: 1GiB", COPY);
    shop.done("app run --once");
    shop.is_equal(&cluster);
}
