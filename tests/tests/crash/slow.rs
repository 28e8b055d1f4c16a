//! A sink that is slower than its source for a while: the run holds no more rows than it may, and catches up afterwards.
//!
//! `DOZER_SECONDS` is how long the sink is slow, 5 seconds unless set; the long form is a minute:
//!
//! ```sh
//! DOZER_SECONDS=60 cargo test --release -p connector-tests --test crash slow -- --nocapture --test-threads 1
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::shop::{Shop, server, table};
use crate::source::{Over, Pace};
use crate::support::{Place, Running, Writer, from_environment, shop, sqlite, until};

/// What the configuration allows for rows on their way.
const MEMORY: u64 = 8 << 20;
/// What the process takes beside: its threads, the batch that is being made and the one that is being stored.
const BESIDE: u64 = 16 << 20;
/// Of one row, in bytes.
const WIDTH: u64 = 2000;
/// Of one transaction.
const ROWS: u64 = 500;
/// At least so many rows are written: many times as many as the run may hold.
const LEAST: u64 = 3 * (MEMORY + BESIDE) / WIDTH;

const SINK: &str = "  - { name: copy, config: !Sqlite { path: copy.db } }\nmemory: 8MiB\n";

/// A table `entry(id, note)` that is followed.
trait Feed: Sync {
    fn place(&self) -> &Place;

    /// Writes rows until it is over and there are enough; how many.
    fn fill(&self, pace: &Pace) -> u64;

    /// How many rows there are, and the sums of their numbers and of their lengths.
    fn held(&self) -> [u64; 3];
}

/// A SQLite file.
struct File(Place);

/// A Postgres database on a server of its own.
struct Database {
    cluster: Cluster,
    shop: Shop,
}

impl Feed for File {
    fn place(&self) -> &Place {
        &self.0
    }

    fn fill(&self, pace: &Pace) -> u64 {
        let mut writer = Writer::start(&self.0.file("source.db"));
        let rows = fill(pace, |rows| {
            writer.write(&format!(
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {ROWS})
                 INSERT INTO entry SELECT {rows} + n, hex(zeroblob({})) FROM c;\n",
                WIDTH / 2
            ));
        });
        writer.finish();
        rows
    }

    fn held(&self) -> [u64; 3] {
        held(&self.0.file("source.db"))
    }
}

impl Feed for Database {
    fn place(&self) -> &Place {
        &self.shop.place
    }

    fn fill(&self, pace: &Pace) -> u64 {
        let mut connection = self.shop.connect(&self.cluster);
        fill(pace, |rows| {
            let sql = format!(
                "INSERT INTO entry SELECT {rows} + n, repeat('x', {WIDTH}) FROM generate_series(1, {ROWS}) n"
            );
            connection.execute(&sql).unwrap();
        })
    }

    fn held(&self) -> [u64; 3] {
        let sql = "SELECT count(*), coalesce(sum(id), 0) AS sum, coalesce(sum(length(note)), 0) AS length FROM entry";
        let rows = self.shop.connect(&self.cluster).query(sql).unwrap();
        let row = rows.one().unwrap();
        ["count", "sum", "length"].map(|name| row.parse(name).unwrap())
    }
}

/// Inserts transactions until it is over and there are enough rows; how many.
fn fill(pace: &Pace, mut insert: impl FnMut(u64)) -> u64 {
    let mut rows = 0;
    while rows < LEAST || !pace.is_over() {
        insert(rows);
        rows += ROWS;
        // On a fast machine the source would be all that grows.
        std::thread::sleep(Duration::from_millis(20));
    }
    rows
}

fn held(database: &Path) -> [u64; 3] {
    let sql = "SELECT count(*), coalesce(sum(id), 0), coalesce(sum(length(note)), 0) FROM entry";
    let text = sqlite(database, sql);
    let numbers: Vec<u64> = (text.trim().split('|'))
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

/// Leaves the sink to its run for moments only, until it is over.
fn hold(sink: &Path, pace: &Pace) {
    while !pace.is_over() {
        let mut holder = Writer::start(sink);
        holder.write("BEGIN IMMEDIATE;\n");
        std::thread::sleep(Duration::from_millis(700));
        holder.write("ROLLBACK;\n");
        holder.finish();
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a run held at most, and how far its sink was behind at most.
#[derive(Debug, Default)]
struct Most {
    memory: u64,
    behind: u64,
}

impl Most {
    fn look(&mut self, running: &Running, feed: &dyn Feed) -> u64 {
        self.look_at_memory(running);
        let [there, ..] = feed.held();
        let [here, ..] = held(&feed.place().file("copy.db"));
        self.behind = self.behind.max(there.saturating_sub(here));
        here
    }

    fn look_at_memory(&mut self, running: &Running) {
        self.memory = self.memory.max(running.memory().unwrap_or(0));
    }
}

/// Holds up the sink of a run for a while.
fn is_slow_for_a_while(feed: &dyn Feed) {
    let seconds = Duration::from_secs(from_environment("DOZER_SECONDS").unwrap_or(5));
    let place = feed.place();
    let sink = place.file("copy.db");
    place.done("migrate");
    place.done("app run --once");
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: goes on from ");
    let mut most = Most::default();
    let rhythm = Pace::default();
    let began = Instant::now();
    let written = std::thread::scope(|scope| {
        let end = Over(&rhythm);
        let (rhythm, sink) = (&rhythm, sink.as_path());
        let filler = scope.spawn(move || feed.fill(rhythm));
        let holder = scope.spawn(move || hold(sink, rhythm));
        while began.elapsed() < seconds || !filler.is_finished() {
            most.look(&running, feed);
            for _ in 0..40 {
                std::thread::sleep(Duration::from_millis(5));
                most.look_at_memory(&running);
            }
            if began.elapsed() >= seconds {
                rhythm.end();
            }
        }
        drop(end);
        holder.join().unwrap();
        filler.join().unwrap()
    });
    let slow = began.elapsed();
    until("the sink to catch up", || {
        (most.look(&running, feed) == written).then_some(())
    });
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    println!(
        "{written} rows of {WIDTH} bytes, the sink held up for {slow:.1?}, level after {:.1?}; \
         at most {} rows behind, at most {} MiB of memory, {} MiB of it for rows",
        began.elapsed(),
        most.behind,
        most.memory >> 20,
        MEMORY >> 20
    );
    assert_eq!(feed.held(), held(&sink));
    assert!(
        most.behind * WIDTH > MEMORY,
        "it was never far behind: {most:?}"
    );
    assert!(most.memory > 0 && most.memory < MEMORY + BESIDE, "{most:?}");
}

#[test]
fn a_sink_that_is_slower_than_a_file_for_a_while_takes_no_more_memory_and_catches_up() {
    let place = Place::with(&shop(", capture: triggers", &["entry"], SINK));
    let schema = "PRAGMA journal_mode = WAL; CREATE TABLE entry(id INTEGER PRIMARY KEY, note TEXT)";
    place.sqlite("source.db", schema);
    is_slow_for_a_while(&File(place));
}

#[test]
fn a_sink_that_is_slower_than_a_server_for_a_while_takes_no_more_memory_and_catches_up() {
    let cluster = server("");
    let schema = "CREATE TABLE entry(id int PRIMARY KEY, note text)";
    let shop = Shop::new(&cluster, "slow", schema, &[table("entry")]);
    shop.configure(cluster.port(), "", SINK);
    is_slow_for_a_while(&Database { cluster, shop });
}
