//! A sink that is slower than its source for a while: the run holds no more rows than it may, and catches up afterwards.
//!
//! `DOZER_SECONDS` is how long the sink is slow, 5 seconds unless set; the long form is a minute:
//!
//! ```sh
//! DOZER_SECONDS=60 cargo test --release -p connector-tests --test crash slow -- --nocapture
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use crate::source::{Over, Pace};
use crate::support::{Place, Running, Writer, from_environment, shop, sqlite, until};

/// What the configuration allows for rows on their way.
const MEMORY: u64 = 8 << 20;
/// What the process takes beside: the program, its threads, the batch that is being made and the one that is being stored.
const BESIDE: u64 = 32 << 20;
/// Of one row, in bytes.
const WIDTH: u64 = 2000;
/// Of one transaction.
const ROWS: u64 = 500;
/// At least so many rows are written: many times as many as the run may hold.
const LEAST: u64 = 3 * (MEMORY + BESIDE) / WIDTH;

const SCHEMA: &str =
    "PRAGMA journal_mode = WAL; CREATE TABLE entry(id INTEGER PRIMARY KEY, note TEXT);";
const SINK: &str = "  - { name: copy, config: !Sqlite { path: copy.db } }\nmemory: 8MiB\n";

fn count(database: &Path) -> u64 {
    let count = sqlite(database, "SELECT count(*) FROM entry");
    count.trim().parse().unwrap()
}

/// Writes rows until it is over and there are enough; how many.
fn fill(source: &Path, pace: &Pace) -> u64 {
    let mut writer = Writer::start(source);
    let mut rows = 0;
    while rows < LEAST || !pace.is_over() {
        writer.write(&format!(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {ROWS})
             INSERT INTO entry SELECT {rows} + n, hex(zeroblob({})) FROM c;\n",
            WIDTH / 2
        ));
        rows += ROWS;
        // On a fast machine the file would be all that grows.
        std::thread::sleep(Duration::from_millis(20));
    }
    writer.finish();
    rows
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
    fn look(&mut self, running: &Running, source: &Path, sink: &Path) -> u64 {
        self.memory = self.memory.max(running.peak().unwrap_or(0));
        let (there, here) = (count(source), count(sink));
        self.behind = self.behind.max(there.saturating_sub(here));
        here
    }
}

#[test]
fn a_sink_that_is_slow_for_a_while_takes_no_more_memory_and_catches_up() {
    let seconds = Duration::from_secs(from_environment("DOZER_SECONDS").unwrap_or(5));
    let place = Place::with(&shop(", capture: triggers", &["entry"], SINK));
    let (source, sink) = (place.file("source.db"), place.file("copy.db"));
    place.sqlite("source.db", SCHEMA);
    place.done("migrate");
    place.done("app run --once");
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: goes on from ");
    let mut most = Most::default();
    let pace = Pace::default();
    let began = Instant::now();
    let written = std::thread::scope(|scope| {
        let end = Over(&pace);
        let (pace, source, sink) = (&pace, source.as_path(), sink.as_path());
        let filler = scope.spawn(move || fill(source, pace));
        let holder = scope.spawn(move || hold(sink, pace));
        while began.elapsed() < seconds || !filler.is_finished() {
            most.look(&running, source, sink);
            std::thread::sleep(Duration::from_millis(200));
            if began.elapsed() >= seconds {
                pace.end();
            }
        }
        drop(end);
        holder.join().unwrap();
        filler.join().unwrap()
    });
    until("the sink to catch up", || {
        (most.look(&running, &source, &sink) == written).then_some(())
    });
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    println!(
        "{written} rows of {WIDTH} bytes in {:.1?}; at most {} rows behind, at most {} MiB",
        began.elapsed(),
        most.behind,
        most.memory >> 20
    );
    let sum = "SELECT sum(id), sum(length(note)) FROM entry";
    assert_eq!(sqlite(&source, sum), sqlite(&sink, sum));
    assert!(
        most.behind * WIDTH > MEMORY,
        "it was never far behind: {most:?}"
    );
    assert!(most.memory > 0 && most.memory < MEMORY + BESIDE, "{most:?}");
}
