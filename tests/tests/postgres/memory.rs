//! One transaction of a million rows, many times as large as the memory it may take, into each kind of sink.

use std::time::Instant;

use crate::shop::{COPY, Shop, shared, table};

const MANY: u64 = 1_000_000;
/// Of one row, in bytes.
const WIDTH: u64 = 400;
/// What the configuration allows for rows on their way.
const MEMORY: u64 = 16 << 20;
/// What the process takes beside: its threads, the batch that is being made and the one that is being stored.
const BESIDE: u64 = 20 << 20;

const LINES: &str = "  - { name: lines, config: !Jsonl { path: out } }\n";

/// A shop of an empty table that is followed.
fn shop(database: &str, sink: &str, prepared: &str) -> Shop {
    let cluster = shared();
    let schema = format!("CREATE TABLE entry(id int PRIMARY KEY, note text); {prepared}");
    let shop = Shop::new(cluster, database, &schema, &[table("entry")]);
    let rest = format!("{sink}memory: {}MiB\nstate: state\n", MEMORY >> 20);
    shop.configure(cluster.port(), "", &rest);
    shop.done("migrate");
    shop.done("app run --once");
    shop
}

/// Runs a statement, and then the application, which may take no more memory than it was given.
fn is_bounded(shop: &Shop, sql: &str, bytes: u64) {
    assert!((MEMORY + BESIDE) * 3 < bytes, "the transaction is larger");
    shop.connect(shared()).execute(sql).unwrap();
    let start = Instant::now();
    let mut running = shop.start("app run --once");
    let mut peak = 0;
    while running.has_ended().is_none() {
        peak = peak.max(running.memory().unwrap_or(0));
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
    assert!(peak > 0 && peak < MEMORY + BESIDE, "it took {peak} bytes");
}

fn inserted() -> String {
    format!("INSERT INTO entry SELECT n, repeat('x', {WIDTH}) FROM generate_series(1, {MANY}) n")
}

#[test]
fn a_transaction_of_a_million_rows_takes_bounded_memory() {
    let shop = shop("million", "  - { name: nowhere, config: !Null {} }\n", "");
    is_bounded(&shop, &inserted(), MANY * WIDTH);
}

#[test]
fn a_transaction_of_a_million_rows_into_sqlite_takes_bounded_memory() {
    let shop = shop("million_copied", COPY, "");
    is_bounded(&shop, &inserted(), MANY * WIDTH);
    let count = shop.place.sqlite(
        "copy.db",
        "SELECT count(*), sum(id), sum(length(note)) FROM entry",
    );
    assert_eq!(
        count.trim(),
        format!("{MANY}|{}|{}", MANY * (MANY + 1) / 2, MANY * WIDTH)
    );
}

#[test]
fn a_transaction_of_a_million_rows_into_lines_takes_bounded_memory() {
    let shop = shop(
        "million_lines",
        LINES,
        "ALTER TABLE entry REPLICA IDENTITY FULL",
    );
    is_bounded(&shop, &inserted(), MANY * WIDTH);
    assert_eq!(lines(&shop), MANY);
    // Each with its old row.
    let sql = format!("UPDATE entry SET note = repeat('y', {WIDTH})");
    is_bounded(&shop, &sql, 2 * MANY * WIDTH);
    assert_eq!(lines(&shop), 2 * MANY);
}

/// How many lines the sink has.
fn lines(shop: &Shop) -> u64 {
    use std::io::BufRead as _;
    let file = std::fs::File::open(shop.place.file("out/entry.jsonl")).unwrap();
    let lines = std::io::BufReader::new(file).split(b'\n');
    lines.map(Result::unwrap).fold(0, |count, _| count + 1)
}
