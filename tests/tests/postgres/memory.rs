//! One transaction of a million rows, several times as large as the memory it may take.

use std::time::Instant;

use crate::shop::{Shop, shared, table};

const MANY: u64 = 1_000_000;
/// Of one row, in bytes.
const WIDTH: u64 = 400;
const LIMIT: u64 = 160 << 20;

#[test]
fn a_transaction_of_a_million_rows_takes_bounded_memory() {
    let cluster = shared();
    let schema = "CREATE TABLE entry(id int PRIMARY KEY, note text)";
    let shop = Shop::new(cluster, "million", schema, &[table("entry")]);
    shop.configure(
        cluster.port(),
        "",
        "  - { name: nowhere, config: !Null {} }\nmemory: 16MiB\nstate: state\n",
    );
    shop.done("migrate");
    shop.done("app run --once");
    let sql = format!(
        "INSERT INTO entry SELECT n, repeat('x', {WIDTH}) FROM generate_series(1, {MANY}) n"
    );
    shop.connect(cluster).execute(&sql).unwrap();
    let start = Instant::now();
    let mut running = shop.start("app run --once");
    let mut peak = 0;
    while running.has_ended().is_none() {
        peak = peak.max(running.peak().unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(ran.out.contains(&MANY.to_string()), "{ran}");
    println!(
        "{MANY} rows in {:?}, at most {} MiB",
        start.elapsed(),
        peak >> 20
    );
    assert!(peak > 0 && peak < LIMIT, "it took {peak} bytes");
    const { assert!(LIMIT * 2 < MANY * WIDTH, "the transaction is larger") };
}
