//! The command is killed at random moments, and started again, while two other processes change the source at random;
//! in the end both sinks hold what the source holds.
//!
//! The tests are bounded for every change of the code. The full run, a few minutes:
//!
//! ```sh
//! DOZER_KILLS=1000 cargo test --release -p connector-tests --test command kill -- --nocapture
//! ```
//!
//! `DOZER_KILLS` is the number of kills of each test. A failure prints its seed; `DOZER_SEED` repeats the same
//! statements and the same moments, as far as the machine's own timing lets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::{BOTH, Lines, Place, Random, Running, Writer, dump, rows_of, shop};

/// With a key and a unique index, without a key, and with a key of two columns in a table without rowid.
const TABLES: [&str; 3] = ["person", "event", "stock"];

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER NOT NULL, score REAL);
    CREATE TABLE event(kind TEXT, n INTEGER);
    CREATE TABLE stock(place TEXT, item INTEGER, count INTEGER, PRIMARY KEY(place, item)) WITHOUT ROWID;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO event SELECT 'old ' || n % 100, n % 7 FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO stock SELECT 'p' || n % 10, n, n FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40)
    INSERT INTO person SELECT n, 'name ' || n, n, n / 4.0 FROM c;
";

/// A statement. None can fail, so that no transaction is given up; few keys, so that rows meet; floats that `sqlite3` prints
/// with all their digits.
fn statement(random: &mut Random) -> String {
    let (a, b) = (random.below(50), random.below(50));
    match random.below(14) {
        0 => format!("INSERT OR IGNORE INTO person VALUES({a}, 'name {b}', {b}, NULL);"),
        1 => format!("INSERT OR REPLACE INTO person VALUES({a}, 'name {b}', {b}, {a}.5);"),
        2 => format!(
            "INSERT INTO person VALUES({a}, NULL, 0, 0.1) ON CONFLICT DO UPDATE SET age = age + 1;"
        ),
        3 => format!(
            "UPDATE person SET age = age + {b}, score = round(score * 3) / 8 WHERE id % 5 = {a} % 5;"
        ),
        4 => format!("UPDATE OR IGNORE person SET id = {a} WHERE id = {b};"),
        5 => format!("UPDATE OR REPLACE person SET id = {a}, name = 'moved' WHERE id = {b};"),
        6 => format!("DELETE FROM person WHERE id = {a} OR name = 'name {b}';"),
        7 => format!("INSERT INTO event VALUES('new {a}', {b}), ('new {a}', {b}), (NULL, NULL);"),
        8 => format!(
            "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event WHERE n = {a} % 8 LIMIT 3);"
        ),
        9 => format!("UPDATE event SET kind = 'new {b}' WHERE kind = 'new {a}';"),
        10 => format!("INSERT OR REPLACE INTO stock VALUES('p1', {a}, {b}), ('p2', {b}, {a});"),
        11 => format!("UPDATE OR REPLACE stock SET item = {a}, place = 'moved' WHERE item = {b};"),
        12 => format!("DELETE FROM stock WHERE item % 50 = {a} AND place <> 'p3';"),
        _ => format!(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {a})
             INSERT OR REPLACE INTO stock SELECT 'many', n, {b} FROM c;"
        ),
    }
}

fn transaction(random: &mut Random) -> String {
    let statements: String = (0..=random.below(6)).map(|_| statement(random)).collect();
    let end = if random.below(10) == 0 {
        "ROLLBACK"
    } else {
        "COMMIT"
    };
    format!("BEGIN IMMEDIATE; {statements} {end};\n")
}

/// A process that changes the source until it is told to end.
struct Changes {
    thread: Option<JoinHandle<Writer>>,
    over: Arc<AtomicBool>,
}

impl Changes {
    fn start(place: &Place, seed: u64) -> Self {
        let mut writer = Writer::start(&place.file("source.db"));
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut random = Random::new(seed);
            while !told.load(Ordering::Relaxed) {
                writer.write(&transaction(&mut random));
                // Not as fast as it can: the run is to come to its end with what there is.
                std::thread::sleep(Duration::from_millis(random.below(20)));
            }
            writer
        });
        Self {
            thread: Some(thread),
            over,
        }
    }

    fn finish(mut self) {
        self.over.store(true, Ordering::Relaxed);
        let thread = self.thread.take().unwrap();
        thread.join().unwrap().finish();
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Prints the seed when the test fails.
struct Seed(u64);

impl Seed {
    fn of_test(default: u64) -> Self {
        Self(from_environment("DOZER_SEED").unwrap_or(default))
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}: DOZER_SEED={} repeats it", self.0, self.0);
        }
    }
}

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Waits for a random moment of a run: of any, of the snapshot, or of the changes.
fn wait_for_a_moment(running: &mut Running, random: &mut Random, snapshot: bool) {
    let moment = |random: &mut Random, most: u64| Duration::from_micros(random.below(most * 1000));
    match random.below(3) {
        0 => std::thread::sleep(moment(random, 300)),
        _ if snapshot => {
            running.wait_for("shop: snapshot started at ");
            std::thread::sleep(moment(random, 60));
        }
        _ => {
            running.wait_for("shop: stored up to ");
            std::thread::sleep(moment(random, 300));
        }
    }
}

/// Lets a run end by a signal at a random moment. Whether that was within the snapshot.
fn end_at_random(place: &Place, random: &mut Random, signals: &[&str], snapshot: bool) -> bool {
    let mut running = place.start("app run --log debug");
    wait_for_a_moment(&mut running, random, snapshot);
    let signal = signals[usize::try_from(random.below(signals.len() as u64)).unwrap()];
    running.signal(signal);
    let status = running.ended();
    // Before a run begins, a signal ends the process as it ends any.
    let stopped = status.code() == Some(130) || status.code().is_none();
    assert!(
        stopped,
        "SIG{signal} ended it with {status}:\n{}",
        running.err()
    );
    assert!(signal != "KILL" || status.code().is_none(), "{status}");
    let told = |words| running.err().contains(words);
    told("shop: snapshot started at ") && !told("shop: snapshot done at ")
}

fn survives(journal: &str, signals: &[&str], kills: u64, seed: &Seed) {
    let place = Place::with(&shop(", capture: triggers", &TABLES, BOTH));
    place.sqlite(
        "source.db",
        &format!("PRAGMA journal_mode = {journal}; {SCHEMA}"),
    );
    place.done("migrate");
    let writers = [1, 2].map(|number| Changes::start(&place, seed.0 * 2 + number));
    let mut random = Random::new(seed.0);
    let mut snapshot = true;
    let mut in_snapshot = 0;
    for kill in 0..kills {
        in_snapshot += u64::from(end_at_random(&place, &mut random, signals, snapshot));
        // Now and then a snapshot takes the place of what the sinks hold; then it is let be done.
        // The last kills are in the changes.
        snapshot = kill % 8 < 2 && kill + 4 < kills;
        if snapshot {
            place.done("app reset --connection shop");
        } else if kill % 8 == 2 {
            place.done("app run --once");
        }
    }
    println!("{in_snapshot} of {kills} in a snapshot");
    for writer in writers {
        writer.finish();
    }
    place.done("app run --once");

    let source = place.file("source.db");
    let expected = dump(&source, &TABLES);
    for (table, rows) in dump(&place.file("copy.db"), &TABLES) {
        assert!(
            rows == expected[&table],
            "`!Sqlite` does not hold `{table}`"
        );
    }
    let lines = Lines::read(&place.file("out"), &TABLES);
    lines.positions_are_right();
    for table in TABLES {
        let equal = lines.folded(table) == rows_of(&source, table);
        assert!(equal, "`!Jsonl` does not tell `{table}`");
    }
    let changes = TABLES.iter().flat_map(|table| lines.of(table));
    let changes = changes.filter(|line| line.op != "r").count();
    assert!(changes > 0, "nothing was changed after the last snapshot");
}

#[test]
fn killed_at_random_moments_it_loses_nothing_and_doubles_nothing() {
    let seed = Seed::of_test(1);
    survives(
        "WAL",
        &["KILL"],
        from_environment("DOZER_KILLS").unwrap_or(25),
        &seed,
    );
}

#[test]
fn stopped_in_every_way_it_loses_nothing_and_doubles_nothing() {
    let seed = Seed::of_test(2);
    survives(
        "DELETE",
        &["KILL", "TERM", "INT"],
        from_environment("DOZER_KILLS").unwrap_or(15),
        &seed,
    );
}
