//! The command is killed, its sessions are ended and the server is restarted at random moments, while others change the
//! database at random; in the end the sink holds what the source holds.
//!
//! `DOZER_KILLS` is the number of such moments (100 unless set), `DOZER_SEED` repeats the same statements and moments, as far as timing lets it:
//!
//! ```sh
//! DOZER_KILLS=1000 cargo test --release -p connector-tests --test postgres kill -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use connector_postgres::wire::{Connection, Mode};

use crate::cluster::{Cluster, Stop};
use crate::shop::{READER, Shop, server, table};
use crate::support::{Ran, Random, Running, Writer, sqlite, until};

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
            0..=2 => Self::Kill,
            3..=4 => Self::KillAndReset,
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
            Self::EndSessions => end_sessions(cluster),
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

/// What the blows have met.
#[derive(Debug, Default)]
struct Met {
    blows: BTreeMap<Blow, u32>,
    /// Blows between the beginning of a snapshot and its end.
    in_snapshot: u32,
    /// Transactions that were cut, and went on where they were.
    within_transaction: usize,
    /// Runs that ended by themselves.
    failed: u32,
}

impl Met {
    /// A run has ended. One that could not go on says that the server was not to be reached, when it had not been yet.
    fn ended(&mut self, ran: &Ran) {
        self.within_transaction += ran.err.matches("is back within transaction").count();
        if let Some(code) = ran.code {
            assert_eq!(code, 4, "{ran}");
            assert!(ran.err.contains("cannot connect to"), "{ran}");
            assert!(
                !ran.err.contains("starts at") && !ran.err.contains("goes on from"),
                "{ran}"
            );
            self.failed += 1;
        }
    }
}

/// Ends the sessions while the server waits for the reader to take more of a transaction, if it comes to that in time.
fn cut_within_a_transaction(cluster: &Cluster, shop: &Shop, patience: Duration) {
    let mut blocker = Writer::start(&shop.place.file("copy.db"));
    let locked = shop.place.file("blocked");
    blocker.write(&format!(
        "BEGIN IMMEDIATE;\n.shell touch {}\n",
        locked.display()
    ));
    until("the sink is blocked", || locked.exists().then_some(()));
    std::fs::remove_file(locked).unwrap();
    let mut connection = cluster.connect("kill");
    connection.execute(LONG).unwrap();
    let asked = Instant::now();
    while connection.query(TELLING).unwrap().iter().count() == 0 && asked.elapsed() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    end_sessions(cluster);
    blocker.write("COMMIT;\n");
    blocker.finish();
}

fn end_sessions(cluster: &Cluster) {
    cluster
        .connect("postgres")
        .execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'"
        ))
        .unwrap();
}

fn is_in_snapshot(err: &str) -> bool {
    let last = |words| err.rfind(words);
    last("shop: snapshot started at ") > last("shop: snapshot done at ")
        && last("shop: snapshot started at ") > last("is tried again from what is stored")
}

/// A transaction that takes longer to tell than to make.
const LONG: &str = "BEGIN;
    INSERT INTO entry(tx, note) SELECT -1, repeat('x', 1000) || n FROM generate_series(1, 15000) n;
    DELETE FROM entry WHERE tx = -1; COMMIT";

/// The server waits for the reader to take more of a transaction.
const TELLING: &str = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walsender'
    AND wait_event = 'WalSenderWriteData'";

#[test]
fn struck_at_random_moments_it_loses_nothing_and_doubles_nothing() {
    let seed = from_environment("DOZER_SEED").unwrap_or(1);
    let blows = from_environment("DOZER_KILLS").unwrap_or(100);
    println!("the seed is {seed}: DOZER_SEED={seed} repeats it");
    let cluster = server("");
    let tables = [table("account"), table("entry"), table("stock")];
    let shop = Shop::new(&cluster, "kill", SCHEMA, &tables);
    shop.done("migrate");
    let over = AtomicBool::new(false);
    let start = Instant::now();
    let mut met = Met::default();
    let made = std::thread::scope(|scope| {
        let end = Over(&over);
        let writers = [1, 2].map(|number| {
            let (cluster, over) = (&cluster, &over);
            scope.spawn(move || change(cluster, seed * 2 + number, over))
        });
        let mut random = Random::new(seed);
        let mut running = shop.start("app run --log debug");
        let mut aims_at_snapshot = true;
        for _ in 0..blows {
            let (blow, mut within) = (Blow::at_random(&mut random), random.below(400));
            if aims_at_snapshot && random.below(3) > 0 {
                until("the beginning of a snapshot", || {
                    (is_in_snapshot(&running.err()) || running.has_ended().is_some()).then_some(())
                });
                within = random.below(150);
            } else if random.below(10) == 0 && running.err().contains("shop: stored up to ") {
                cut_within_a_transaction(&cluster, &shop, Duration::from_secs(5));
                *met.blows.entry(Blow::EndSessions).or_default() += 1;
                continue;
            } else if random.below(2) == 0 {
                until("a stored change", || {
                    let stored = running.err().contains("shop: stored up to ");
                    (stored || running.has_ended().is_some()).then_some(())
                });
            }
            std::thread::sleep(Duration::from_millis(within));
            if running.has_ended().is_some() {
                met.ended(&shop.ended(running));
                running = shop.start("app run --log debug");
            }
            let in_snapshot = is_in_snapshot(&running.err());
            met.in_snapshot += u32::from(in_snapshot);
            blow.strike(&cluster, &shop, &mut running);
            *met.blows.entry(blow).or_default() += 1;
            aims_at_snapshot = in_snapshot || blow == Blow::KillAndReset;
            if matches!(blow, Blow::Kill | Blow::KillAndReset) {
                met.ended(&shop.ended(running));
                running = shop.start("app run --log debug");
            }
        }
        drop(end);
        let made: u64 = writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum();
        // Now that nothing else is to be told, it does come to that.
        running.wait_for("shop: stored up to ");
        let mut connection = cluster.connect("kill");
        until("the changes are told as they come", || {
            let live = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'";
            (connection.query(live).unwrap().iter().count() > 0).then_some(())
        });
        cut_within_a_transaction(&cluster, &shop, Duration::from_secs(20));
        running.wait_for("the stream of changes is back within transaction ");
        running.signal("KILL");
        met.ended(&shop.ended(running));
        made
    });
    println!("{made} transactions, {met:?} in {:?}", start.elapsed());
    let start = Instant::now();
    shop.done("app run --once");
    println!("the rest took {:?}", start.elapsed());
    shop.is_equal(&cluster);
    let rows = cluster
        .connect("kill")
        .query("SELECT slot_name FROM pg_replication_slots")
        .unwrap();
    let slots: Vec<&str> = (rows.iter())
        .map(|row| row.text("slot_name").unwrap())
        .collect();
    assert_eq!(slots.len(), 1, "{slots:?}");
    assert!(slots[0].starts_with("dozer_kill_shop_"), "{slots:?}");
    assert!(met.within_transaction >= 1, "{met:?}");
    // Fewer blows need not meet everything.
    if blows >= 100 {
        assert!(met.in_snapshot >= 5, "{met:?}");
        assert_eq!(met.blows.len(), 5, "{met:?}");
    }
}
