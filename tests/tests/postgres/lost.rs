//! What a run needs is taken away under it: it ends with an error that says so, and never leaves a gap without a word.

use crate::cluster::Cluster;
use crate::shop::{COPY, Shop, server, shared, table};
use crate::support::until;

const SCHEMA: &str = "CREATE TABLE person(id int PRIMARY KEY, name text, age int);
     INSERT INTO person SELECT n, 'n' || n, n FROM generate_series(1, 10) n";

/// The position is gone: only a new snapshot helps.
const LOST: i32 = 7;

/// A shop whose sink holds the source, in a database of this name.
fn caught_up(cluster: &Cluster, database: &str) -> Shop {
    let shop = Shop::new(cluster, database, SCHEMA, &[table("person")]);
    shop.done("migrate");
    shop.done("app run --once");
    shop.sink_is_equal(cluster);
    shop.done("app status");
    shop
}

/// `app status` tells so without reading on.
fn status_tells(shop: &Shop, words: &str) {
    let ran = shop.run("app status");
    assert_eq!(ran.code, Some(LOST), "{ran}");
    assert!(ran.err.contains(words), "{ran}");
    assert!(ran.out.contains("position lost"), "{ran}");
}

/// Starts anew, as the error says.
fn recovers(shop: &Shop, cluster: &Cluster) {
    shop.done("app reset --connection shop");
    shop.done("app run --once");
    shop.is_equal(cluster);
}

#[test]
fn a_slot_that_was_dropped() {
    let cluster = shared();
    let shop = caught_up(cluster, "dropped_slot");
    let mut connection = shop.connect(cluster);
    connection
        .execute(
            "INSERT INTO person VALUES (100, 'missed', 1);
             SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = 'dropped_slot'",
        )
        .unwrap();
    status_tells(&shop, "is gone");
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["is gone", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn a_slot_that_is_dropped_while_it_is_followed() {
    let cluster = shared();
    let shop = caught_up(cluster, "dropped_live");
    let mut running = shop.start("app run --log debug");
    let mut connection = shop.connect(cluster);
    connection
        .execute("INSERT INTO person VALUES (100, 'live', 1)")
        .unwrap();
    running.wait_for("stored up to ");
    // The reader comes back at once: now and then it takes several attempts to get in between.
    until("the slot is dropped", || {
        connection
            .execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = 'dropped_live'")
            .unwrap();
        connection
            .execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = 'dropped_live'")
            .ok()
    });
    let ran = shop.ended(running);
    ran.refused(LOST, &["is gone", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn a_slot_made_anew_has_not_what_was_before_it() {
    let cluster = shared();
    let shop = caught_up(cluster, "anew");
    let mut connection = shop.connect(cluster);
    let rows = connection
        .query("SELECT slot_name FROM pg_replication_slots WHERE database = 'anew'")
        .unwrap();
    let name = rows.one().unwrap().text("slot_name").unwrap().to_owned();
    connection
        .execute(&format!("SELECT pg_drop_replication_slot('{name}')"))
        .unwrap();
    connection
        .execute("INSERT INTO person VALUES (100, 'missed', 1)")
        .unwrap();
    connection
        .execute(&format!(
            "SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')"
        ))
        .unwrap();
    status_tells(&shop, "has forgotten everything before");
    let ran = shop.run("app run --once");
    ran.refused(
        LOST,
        &["has forgotten everything before", "dozer app reset"],
    );
    recovers(&shop, cluster);
}

#[test]
fn a_slot_that_the_server_has_invalidated() {
    let cluster = server("max_slot_wal_keep_size = 1MB\nmin_wal_size = 32MB\nmax_wal_size = 32MB");
    let shop = caught_up(&cluster, "invalid");
    let mut connection = shop.connect(&cluster);
    connection
        .execute("CREATE TABLE filler(n int, t text)")
        .unwrap();
    let mut superuser = cluster.connect("invalid");
    until("the server invalidates the slot", || {
        connection
            .execute(
                "INSERT INTO filler SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n",
            )
            .unwrap();
        superuser
            .execute("SELECT pg_switch_wal(); CHECKPOINT")
            .unwrap();
        let lost = superuser
            .query("SELECT 1 AS lost FROM pg_replication_slots WHERE wal_status = 'lost'")
            .unwrap();
        (lost.iter().count() == 1).then_some(())
    });
    status_tells(&shop, "invalidated");
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["invalidated", "max_slot_wal_keep_size"]);
    recovers(&shop, &cluster);
}

#[test]
fn a_publication_that_was_dropped() {
    let cluster = shared();
    let shop = caught_up(cluster, "unpublished");
    let mut connection = shop.connect(cluster);
    let rows = connection
        .query("SELECT pubname FROM pg_publication")
        .unwrap();
    let name = rows.one().unwrap().text("pubname").unwrap().to_owned();
    connection
        .execute(&format!("DROP PUBLICATION {name}"))
        .unwrap();
    connection
        .execute("INSERT INTO person VALUES (100, 'missed', 1)")
        .unwrap();
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["dropped, taken out, made anew", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn a_table_that_was_taken_out_of_the_publication() {
    let cluster = shared();
    let shop = caught_up(cluster, "taken_out");
    let mut connection = shop.connect(cluster);
    connection
        .execute("CREATE TABLE other(id int PRIMARY KEY)")
        .unwrap();
    let rows = connection
        .query("SELECT pubname FROM pg_publication")
        .unwrap();
    let name = rows.one().unwrap().text("pubname").unwrap().to_owned();
    connection
        .execute(&format!("ALTER PUBLICATION {name} SET TABLE other"))
        .unwrap();
    connection
        .execute("INSERT INTO person VALUES (100, 'missed', 1)")
        .unwrap();
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["taken out, made anew", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn a_table_that_was_made_anew() {
    let cluster = shared();
    let shop = caught_up(cluster, "made_anew");
    let sql = format!("DROP TABLE person; {SCHEMA}");
    shop.connect(cluster).execute(&sql).unwrap();
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["taken out, made anew", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn another_server() {
    let shop = caught_up(shared(), "elsewhere");
    let other = server("");
    let away = Shop::new(&other, "elsewhere", SCHEMA, &[table("person")]);
    drop(away);
    shop.configure(other.port(), "", COPY);
    let ran = shop.run("app run --once");
    ran.refused(LOST, &["restored or moved", "dozer app reset"]);
    recovers(&shop, &other);
}
