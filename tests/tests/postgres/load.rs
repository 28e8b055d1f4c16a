//! `pgbench` writes while a snapshot is taken and changes are followed; in the end the sink holds what the source holds.

use std::process::{Command, Stdio};

use crate::shop::{COPY, READER, Shop, Table, shared};
use crate::support::until;

const fn table(name: &'static str, columns: &'static [&'static str]) -> Table {
    Table {
        name,
        schema: "public",
        stored: name,
        columns,
    }
}

const TABLES: [Table; 4] = [
    table("pgbench_accounts", &["aid", "bid", "abalance"]),
    table("pgbench_branches", &["bid", "bbalance"]),
    table("pgbench_tellers", &["tid", "bid", "tbalance"]),
    // It has no key: rows are only added.
    table("pgbench_history", &["tid", "bid", "aid", "delta"]),
];

fn pgbench(arguments: &str) -> Command {
    let mut command = shared().program("pgbench");
    command.args(arguments.split(' ')).arg("load");
    // The tables are the reader's.
    command.env("PGOPTIONS", format!("-c role={READER}"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn count(shop: &Shop) -> u64 {
    let rows = (shop.connect(shared()))
        .query("SELECT count(*) AS n FROM pgbench_history")
        .unwrap();
    rows.one().unwrap().parse("n").unwrap()
}

#[test]
fn the_load_of_pgbench_while_a_snapshot_is_taken_and_changes_are_followed() {
    let cluster = shared();
    let shop = Shop::new(cluster, "load", "", &TABLES);
    assert!(pgbench("-i -s 1").status().unwrap().success());
    shop.configure(cluster.port(), ", snapshot_piece: 1MiB", COPY);
    shop.done("migrate");
    let mut load = pgbench("-n -c 4 -j 2 -T 15").spawn().unwrap();
    until("the load has begun", || (count(&shop) > 0).then_some(()));
    let mut running = shop.start("app run --log debug");
    running.wait_for("snapshot done at ");
    let in_snapshot = count(&shop);
    assert!(load.wait().unwrap().success());
    assert!(
        count(&shop) > in_snapshot,
        "the load went on after the snapshot"
    );
    running.wait_for("stored up to ");
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.done("app run --once");
    shop.is_equal(cluster);
}

#[test]
fn a_snapshot_tells_about_how_many_rows_it_has() {
    let cluster = shared();
    let schema = "CREATE TABLE whole(id int PRIMARY KEY);
         INSERT INTO whole SELECT generate_series(1, 5000);
         CREATE TABLE parted(id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (1000);
         CREATE TABLE high PARTITION OF parted FOR VALUES FROM (1000) TO (9000);
         INSERT INTO parted SELECT generate_series(0, 2999);
         CREATE TABLE unknown(id int PRIMARY KEY) WITH (autovacuum_enabled = off);
         INSERT INTO unknown VALUES (1);
         ANALYZE whole; ANALYZE low; ANALYZE high";
    let tables = [table("whole", &[]), table("parted", &[])];
    let told = |database: &str, tables: &[Table]| {
        let shop = Shop::new(cluster, database, schema, tables);
        shop.done("app run --once").err
    };
    let err = told("about", &tables);
    assert!(err.contains(", about 8,000 rows\n"), "{err}");
    let err = told("unknown_rows", &[tables[0], table("unknown", &[])]);
    assert!(
        err.contains("snapshot started at ") && !err.contains("about"),
        "{err}"
    );
}
