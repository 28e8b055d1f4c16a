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
