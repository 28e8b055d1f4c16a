//! The command is killed, its sessions are ended and the server is restarted at random moments, while others change the
//! database at random; in the end the sink holds what the source holds.
//!
//! `DOZER_KILLS` is the number of such moments, `DOZER_SEED` repeats the same statements and moments, as far as timing lets it:
//!
//! ```sh
//! DOZER_KILLS=100 cargo test --release -p connector-tests --test postgres kill -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use connector_postgres::wire::{Connection, Mode};

use crate::cluster::{Cluster, Stop};
use crate::shop::{READER, Shop, server, table};
use crate::support::{Random, Running, sqlite, until};

const SCHEMA: &str = "
    CREATE TABLE account(id int PRIMARY KEY, owner text UNIQUE, amount int NOT NULL);
    CREATE TABLE entry(id bigserial, tx int, note text); ALTER TABLE entry REPLICA IDENTITY FULL;
    CREATE TABLE stock(place text, item int, count int, note text, PRIMARY KEY(place, item));
    ALTER TABLE stock ALTER note SET STORAGE EXTERNAL;
    INSERT INTO account SELECT n, 'owner ' || n, 100 FROM generate_series(1, 500) n;
    INSERT INTO entry(tx, note) SELECT 0, 'old ' || n FROM generate_series(1, 30000) n;
    INSERT INTO stock SELECT 'p' || n % 10, n, n, repeat('x', n % 4000) FROM generate_series(1, 5000) n";

/// A transaction; one that fails is rolled back.
fn transaction(random: &mut Random) -> String {
    let statements: String = (0..=random.below(5)).map(|_| statement(random)).collect();
    let end = if random.below(10) == 0 {
        "ROLLBACK"
    } else {
        "COMMIT"
    };
    format!("BEGIN; {statements} {end};")
}

fn statement(random: &mut Random) -> String {
    let (a, b) = (random.below(500), random.below(500));
    match random.below(11) {
        0 => format!(
            "INSERT INTO account VALUES ({a}, NULL, {b}) ON CONFLICT (id) DO UPDATE SET amount = account.amount + 1;"
        ),
        1 => format!(
            "UPDATE account SET amount = amount + CASE WHEN id = {a} THEN 5 ELSE -5 END WHERE id IN ({a}, {b});"
        ),
        2 => format!("DELETE FROM account WHERE id = {a};"),
        3 => format!(
            "UPDATE account SET id = id + 1000 WHERE id = {a} AND NOT EXISTS (SELECT FROM account WHERE id = {a} + 1000);"
        ),
        4 => format!(
            "INSERT INTO entry(tx, note) SELECT {a}, 'new ' || n FROM generate_series(1, {b}) n;"
        ),
        5 => format!(
            "DELETE FROM entry WHERE ctid IN (SELECT ctid FROM entry WHERE tx = {a} LIMIT 20);"
        ),
        6 => format!(
            "UPDATE entry SET note = 'changed {b}' WHERE ctid IN (SELECT ctid FROM entry WHERE tx = {a} LIMIT 20);"
        ),
        7 => format!(
            "INSERT INTO stock VALUES ('p1', {a}, {b}, repeat('y', {b} * 10)) ON CONFLICT (place, item) DO UPDATE SET count = {b};"
        ),
        8 => format!("UPDATE stock SET count = {b} WHERE item % 500 = {a};"),
        9 => format!(
            "UPDATE stock SET place = 'moved', note = NULL WHERE item = {a} AND place = 'p2' AND NOT EXISTS (SELECT FROM stock WHERE place = 'moved' AND item = {a});"
        ),
        _ => format!("DELETE FROM stock WHERE item = {a};"),
    }
}

/// Changes the database until it is told to end; over a new connection whenever the one before was cut. How many
/// transactions were made.
fn change(cluster: &Cluster, seed: u64, over: &AtomicBool) -> u64 {
    let mut random = Random::new(seed);
    let mut made = 0;
    let mut connection: Option<Connection> = None;
    while !over.load(Ordering::Relaxed) {
        let Some(open) = &mut connection else {
            connection = Connection::open(&cluster.settings("kill"), Mode::Query).ok();
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        let done = open.execute(&transaction(&mut random));
        match done {
            Ok(()) => made += 1,
            // Two transactions met, and this one gave way; or the server is gone.
            Err(_) if open.execute("ROLLBACK").is_ok() => {}
            Err(_) => connection = None,
        }
        std::thread::sleep(Duration::from_millis(random.below(20)));
    }
    made
}

/// Ends the writers also when the test fails.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Blow {
    Kill,
    KillAndReset,
    EndSessions,
    RestartFast,
    RestartImmediate,
}

impl Blow {
    fn at_random(random: &mut Random) -> Self {
        match random.below(10) {
            0..=3 => Self::Kill,
            4 => Self::KillAndReset,
            5..=7 => Self::EndSessions,
            8 => Self::RestartFast,
            _ => Self::RestartImmediate,
        }
    }

    fn strike(self, cluster: &Cluster, shop: &Shop, running: &mut Running) {
        match self {
            Self::Kill | Self::KillAndReset => {
                running.signal("KILL");
                running.ended();
                nothing_is_confirmed_that_is_not_stored(cluster, shop);
                if self == Self::KillAndReset {
                    shop.done("app reset --connection shop");
                }
            }
            Self::EndSessions => cluster
                .connect("postgres")
                .execute(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'"
                ))
                .unwrap(),
            Self::RestartFast => cluster.restart(Stop::Fast),
            Self::RestartImmediate => cluster.restart(Stop::Immediate),
        }
    }
}

/// Where the server was told that it may forget what lies before, the sink has stored it.
pub(crate) fn nothing_is_confirmed_that_is_not_stored(cluster: &Cluster, shop: &Shop) {
    let copy = shop.place.file("copy.db");
    if !copy.exists()
        || sqlite(
            &copy,
            "SELECT 1 FROM sqlite_schema WHERE name = '_dozer_sink'",
        )
        .is_empty()
    {
        return;
    }
    let state = sqlite(
        &copy,
        "SELECT json_extract(checkpoint, '$.state') FROM _dozer_sink",
    );
    let Some((end, _)) = state.split_once(" of ") else {
        return;
    };
    let sql = format!(
        "SELECT count(*) AS beyond FROM pg_replication_slots WHERE confirmed_flush_lsn > '{end}' AND NOT temporary"
    );
    let rows = cluster.connect("postgres").query(&sql).unwrap();
    let beyond = rows.one().unwrap().text("beyond").unwrap().to_owned();
    assert_eq!(
        beyond, "0",
        "the sink stands at {end}, and more was confirmed"
    );
}

/// The number that the environment gives this name.
fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

#[test]
fn struck_at_random_moments_it_loses_nothing_and_doubles_nothing() {
    let seed = from_environment("DOZER_SEED").unwrap_or(1);
    let blows = from_environment("DOZER_KILLS").unwrap_or(30);
    println!("the seed is {seed}: DOZER_SEED={seed} repeats it");
    let cluster = server("");
    let tables = [table("account"), table("entry"), table("stock")];
    let shop = Shop::new(&cluster, "kill", SCHEMA, &tables);
    shop.done("migrate");
    let over = AtomicBool::new(false);
    let start = Instant::now();
    let mut struck: BTreeMap<Blow, u32> = BTreeMap::new();
    let mut failed: Vec<String> = Vec::new();
    let made = std::thread::scope(|scope| {
        let end = Over(&over);
        let writers = [1, 2].map(|number| {
            let (cluster, over) = (&cluster, &over);
            scope.spawn(move || change(cluster, seed * 2 + number, over))
        });
        let mut random = Random::new(seed);
        let mut running = shop.start("app run --log debug");
        for _ in 0..blows {
            let moment = Instant::now() + Duration::from_millis(random.below(900));
            if random.below(2) == 0 {
                until("the beginning of a snapshot or a stored change", || {
                    let err = running.err();
                    let begun = err.contains("shop: snapshot started at ")
                        || err.contains("shop: stored up to ");
                    (begun || running.has_ended().is_some()).then_some(())
                });
            }
            std::thread::sleep(moment.saturating_duration_since(Instant::now()));
            let blow = Blow::at_random(&mut random);
            // A run that could not go on says that the source was not to be reached, and nothing else.
            if let Some(status) = running.has_ended() {
                let ran = shop.ended(running);
                assert_eq!(status.code(), Some(4), "before {blow:?}: {ran}");
                failed.extend(
                    ran.err
                        .lines()
                        .filter(|line| line.starts_with("error"))
                        .map(str::to_owned),
                );
                running = shop.start("app run --log debug");
            }
            blow.strike(&cluster, &shop, &mut running);
            *struck.entry(blow).or_default() += 1;
            if matches!(blow, Blow::Kill | Blow::KillAndReset) {
                let ran = shop.ended(running);
                assert!(ran.code.is_none() || ran.code == Some(4), "{ran}");
                running = shop.start("app run --log debug");
            }
        }
        drop(end);
        let made: u64 = writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum();
        running.signal("KILL");
        running.ended();
        made
    });
    println!(
        "{made} transactions, {struck:?} in {:?}; runs that failed: {failed:#?}",
        start.elapsed()
    );
    let start = Instant::now();
    shop.done("app run --once");
    println!("the rest took {:?}", start.elapsed());
    shop.is_equal(&cluster);
}
