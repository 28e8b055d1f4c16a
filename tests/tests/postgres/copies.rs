//! Standbys, restored backups and promoted servers: the same database by its number, and perhaps another history. A run goes
//! on where the stored position is part of it, and says so where it is not.

use crate::cluster::{Cluster, Stop};
use crate::proxy::Proxy;
use crate::shop::{COPY, Shop, server, table};
use crate::support::until;

const SCHEMA: &str = "CREATE TABLE person(id int PRIMARY KEY, name text, age int);
     INSERT INTO person SELECT n, 'n' || n, n FROM generate_series(1, 10) n";

/// The source cannot be read.
const SOURCE: i32 = 4;
/// The position is gone: only a new snapshot helps.
const LOST: i32 = 7;

/// A server, and a shop whose sink holds what is there.
fn caught_up(database: &str) -> (Cluster, Shop) {
    // What is done beside the test's statements would move the log on.
    // A standby keeps no log for a slot that it does not have yet.
    let cluster = server("autovacuum = off\nhot_standby_feedback = on\nwal_keep_size = 256MB");
    let shop = Shop::new(&cluster, database, SCHEMA, &[table("person")]);
    shop.done("migrate");
    shop.done("app run --once");
    shop.sink_is_equal(&cluster);
    (cluster, shop)
}

/// Writes a row, and much log.
fn write(cluster: &Cluster, shop: &Shop, id: i32) {
    let sql = format!(
        "INSERT INTO person VALUES ({id}, 'later', 1);
         CREATE TABLE IF NOT EXISTS filler(note text);
         INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 500)"
    );
    shop.connect(cluster).execute(&sql).unwrap();
}

fn slot(cluster: &Cluster) -> String {
    let rows = (cluster.connect("postgres"))
        .query("SELECT slot_name FROM pg_replication_slots WHERE plugin = 'pgoutput'")
        .unwrap();
    rows.one().unwrap().text("slot_name").unwrap().to_owned()
}

/// Waits until a standby has everything.
fn follows(standby: &Cluster, primary: &Cluster) {
    let rows = (primary.connect("postgres"))
        .query("SELECT pg_current_wal_lsn() AS at")
        .unwrap();
    let at = rows.one().unwrap().text("at").unwrap().to_owned();
    let mut connection = standby.connect("postgres");
    until("the standby has everything", || {
        let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{at}' AS has");
        let rows = connection.query(&sql).unwrap();
        rows.one().unwrap().is_true("has").unwrap().then_some(())
    });
}

/// Starts anew, as the error says.
fn recovers(shop: &Shop, cluster: &Cluster) {
    shop.done("app reset --connection shop");
    shop.done("app run --once");
    shop.is_equal(cluster);
}

#[test]
fn a_standby_before_version_16_gives_snapshots_and_no_changes() {
    let (primary, shop) = caught_up("standby");
    let standby = primary.standby();
    follows(&standby, &primary);
    let version = standby.connect("postgres").server_version();
    assert!(
        version < 160_000,
        "a newer server is followed: try that here"
    );
    shop.configure(standby.port(), "", COPY);
    let texts = [
        "is a standby",
        "Postgres 16",
        "primary server",
        "capture: none",
    ];
    let ran = shop.run("migrate");
    assert_eq!(ran.code, Some(SOURCE), "{ran}");
    let missing = texts.iter().find(|text| !ran.err.contains(**text));
    assert_eq!(missing, None, "{ran}");
    shop.run("app run --once").refused(SOURCE, &texts);
    // What the sink has is from the primary's changes: begin anew, as snapshots.
    shop.configure(primary.port(), "", COPY);
    shop.done("app reset --connection shop");
    shop.configure(standby.port(), ", capture: none", COPY);
    shop.done("migrate");
    shop.done("app run --once");
    shop.is_equal(&standby);
    write(&primary, &shop, 100);
    follows(&standby, &primary);
    shop.done("app run --once");
    shop.is_equal(&standby);
}

#[test]
fn a_backup_that_was_restored_without_its_slots() {
    let (cluster, shop) = caught_up("restored");
    let restored = cluster.restored();
    write(&restored, &shop, 100);
    shop.configure(restored.port(), "", COPY);
    let ran = shop.run("app run --once");
    ran.refused(
        LOST,
        &["is gone", "a copy that came without it", "dozer app reset"],
    );
    recovers(&shop, &restored);
}

#[test]
fn a_copy_that_is_older_than_the_stored_position() {
    let (cluster, shop) = caught_up("older");
    let copy = cluster.copy();
    write(&cluster, &shop, 100);
    shop.done("app run --once");
    shop.configure(copy.port(), "", COPY);
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["log ends at", "older copy", "dozer app reset"]);
    recovers(&shop, &copy);
}

#[test]
fn a_promoted_standby_has_no_slot() {
    let (primary, shop) = caught_up("promoted");
    let standby = primary.standby();
    follows(&standby, &primary);
    standby.promote();
    shop.configure(standby.port(), "", COPY);
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["is gone", "dozer app reset"]);
    recovers(&shop, &standby);
}

#[test]
fn a_copy_that_was_promoted_before_the_stored_position_and_has_gone_further() {
    let (primary, shop) = caught_up("diverged");
    let standby = primary.standby();
    follows(&standby, &primary);
    standby.promote();
    let sql = format!(
        "SELECT pg_create_logical_replication_slot('{}', 'pgoutput')",
        slot(&primary)
    );
    shop.connect(&standby).execute(&sql).unwrap();
    write(&primary, &shop, 100);
    shop.done("app run --once");
    shop.sink_is_equal(&primary);
    // The numbers alone would do: the slot begins before the stored position, and the log ends behind it.
    for id in 101..105 {
        write(&standby, &shop, id);
    }
    shop.configure(standby.port(), "", COPY);
    let ran = shop.run("app run --once");
    ran.refused(
        LOST,
        &[
            "left timeline 1",
            "before the stored position",
            "dozer app reset",
        ],
    );
    recovers(&shop, &standby);
}

/// Waits until the standby has the log from where the slot begins to decode, which lay before the standby was made.
fn has_the_log_of_the_slot(standby: &Cluster, primary: &Cluster) {
    let (mut behind, mut before) = (standby.connect("postgres"), primary.connect("postgres"));
    until("the standby has the log of the slot", || {
        // Tells what is going on, from where decoding may begin.
        before.execute("CHECKPOINT").unwrap();
        let rows = before
            .query("SELECT pg_walfile_name(restart_lsn) AS file FROM pg_replication_slots WHERE plugin = 'pgoutput'")
            .unwrap();
        let file = rows.one().unwrap().text("file").unwrap().to_owned();
        let sql = format!("SELECT count(*) > 0 AS has FROM pg_ls_waldir() WHERE name = '{file}'");
        let rows = behind.query(&sql).unwrap();
        rows.one().unwrap().is_true("has").unwrap().then_some(())
    });
}

/// A standby that has everything, and the primary's slot, is promoted; the primary is gone.
fn fail_over(primary: &Cluster, standby: &Cluster) {
    follows(standby, primary);
    standby.stop(Stop::Fast);
    primary.stop(Stop::Fast);
    standby.take_slots(primary);
    standby.start_again();
    standby.promote();
}

#[test]
fn a_promoted_standby_that_got_the_slot_goes_on() {
    let (primary, shop) = caught_up("failover");
    let standby = primary.standby();
    write(&primary, &shop, 100);
    shop.done("app run --once");
    write(&primary, &shop, 101);
    fail_over(&primary, &standby);
    write(&standby, &shop, 102);
    shop.configure(standby.port(), "", COPY);
    shop.done("app run --once");
    shop.is_equal(&standby);
    // The position is one of the new timeline now.
    write(&standby, &shop, 103);
    shop.done("app run --once");
    shop.is_equal(&standby);
}

#[test]
fn a_failover_under_a_run_goes_on() {
    let (primary, shop) = caught_up("live_failover");
    let proxy = Proxy::to(primary.port());
    let standby = primary.standby();
    shop.configure(proxy.port(), "", COPY);
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    write(&primary, &shop, 100);
    running.wait_for("stored up to ");
    has_the_log_of_the_slot(&standby, &primary);
    fail_over(&primary, &standby);
    write(&standby, &shop, 101);
    proxy.lead_to(standby.port());
    until("the sink has the last row", || {
        let held = shop.sink();
        held["person"]
            .iter()
            .any(|row| row.starts_with("101, "))
            .then_some(())
    });
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.configure(standby.port(), "", COPY);
    shop.is_equal(&standby);
}

#[test]
fn an_older_copy_in_the_place_of_the_server_ends_a_run() {
    let (cluster, shop) = caught_up("live_copy");
    let copy = cluster.copy();
    let proxy = Proxy::to(cluster.port());
    shop.configure(proxy.port(), "", COPY);
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    write(&cluster, &shop, 100);
    running.wait_for("stored up to ");
    proxy.lead_to(copy.port());
    proxy.cut();
    let ran = shop.ended(running);
    ran.refused(LOST, &["log ends at", "older copy", "dozer app reset"]);
    shop.configure(copy.port(), "", COPY);
    recovers(&shop, &copy);
}
