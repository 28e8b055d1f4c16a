//! `app replay` is struck down at each of its failpoints and at random moments: no rejected row is lost, none is there twice, and no
//! newer row is replaced.
//!
//! `DOZER_KILLS` is what it is for the pairs: a fifth of it is killed here.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use connector_core::failpoint::PLAN;
use serde_json::Value;

use crate::sink::{PostgresSchema, Sink, SqliteFile};
use crate::source::Table;
use crate::strike::places_of;
use crate::support::{Bag, Place, Random, Seed, bag, from_environment, json_rows, shop};

/// What the names of the failpoints of a replay begin with.
pub(crate) const FAILPOINTS: &[&str] = &["replay."];

const READING: Table = Table {
    name: "reading",
    key: &["id"],
};

const SCHEMA: &str = "CREATE TABLE reading(id INTEGER PRIMARY KEY, value INTEGER);";

/// Rows of which every third does not fit.
const ROWS: &str = "
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400)
    INSERT INTO reading SELECT n, iif(n % 3 = 0, 'no number ' || n, n) FROM c;";

/// Some rows that fit come to be others that do not; some that did not are mended or deleted, and new ones come.
fn changes(random: &mut Random) -> String {
    let (a, b) = (random.below(7), random.below(7));
    format!(
        "UPDATE reading SET value = 'changed {a}' WHERE id % 7 = {a};
         UPDATE reading SET value = {b} WHERE id % 21 = {b};
         DELETE FROM reading WHERE id % 35 = {a};
         INSERT OR IGNORE INTO reading SELECT id + 500, 'new' FROM reading WHERE id % 7 = {b} AND id < 500;"
    )
}

struct Rejected<'r> {
    place: Place,
    sinks: &'r [&'r dyn Sink],
}

impl Rejected<'_> {
    fn configure(&self, policy: &str) {
        let source = format!("reading, on_misfit: {policy}");
        let sinks: String = self.sinks.iter().map(|sink| sink.configuration()).collect();
        let text = shop(", capture: triggers", &[&source], &sinks);
        self.place.write("dozer.yaml", &text);
    }

    /// The rows of the source: without those that do not fit, or with nulls for what does not.
    fn expected(&self, with: bool) -> Bag {
        let sql = if with {
            "SELECT id, iif(typeof(value) = 'integer', value, NULL) AS value FROM reading"
        } else {
            "SELECT id, value FROM reading WHERE typeof(value) = 'integer'"
        };
        bag(json_rows(&self.place.file("source.db"), sql))
    }

    fn letters(&self) -> BTreeSet<String> {
        self.lines(".dozer/shop.rejected.jsonl")
            .into_iter()
            .collect()
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.place.file(file)).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(str::to_owned).collect()
    }

    /// Letters that were done.
    fn done(&self) -> BTreeSet<String> {
        let of = |line: &String| {
            let (_, letter) = line
                .split_once(",\"letter\":")
                .expect("a line with a letter");
            letter.strip_suffix('}').unwrap().to_owned()
        };
        let lines = self.lines(".dozer/shop.rejected.replayed.jsonl");
        lines.iter().map(of).collect()
    }

    /// Every sink holds these rows, or each one of two.
    fn hold(&self, one_of: &[&Bag], when: &str) {
        for sink in self.sinks {
            let found = sink.rows(&self.place, &READING);
            let name = sink.name();
            assert!(
                one_of.contains(&&found),
                "{name}, {when}: {} rows",
                found.len()
            );
        }
    }
}

/// Strikes a replay into these sinks at each place, and so often more at random moments.
fn survives(sinks: &[&dyn Sink], seed: u64) {
    let seed = Seed::of_test(seed);
    let mut random = Random::new(seed.0);
    let place = Place::new();
    place.sqlite("source.db", SCHEMA);
    let rejected = Rejected { place, sinks };
    rejected.configure("reject");
    rejected.place.done("app run --once");
    let mut places = places_of(FAILPOINTS);
    for sink in sinks {
        places.push(sink.stores_at());
    }
    let kills = from_environment("DOZER_KILLS").unwrap_or_default() / 5;
    let at_random = usize::try_from(kills)
        .unwrap()
        .saturating_sub(places.len())
        .max(4);
    let strikes = places.iter().map(|place| Some(*place));
    let mut killed = 0;
    for (number, strike) in strikes.chain(vec![None; at_random]).enumerate() {
        rejected.configure("reject");
        let anew = format!("DELETE FROM reading; {ROWS}");
        rejected.place.sqlite("source.db", &anew);
        // A snapshot takes the place of what was replayed before.
        rejected.place.done("app reset --connection shop");
        rejected.place.done("app run --once");
        rejected.place.sqlite("source.db", &changes(&mut random));
        rejected.place.done("app run --once");
        let (before, after) = (rejected.expected(false), rejected.expected(true));
        assert_ne!(before, after, "nothing was rejected");
        rejected.hold(&[&before], "before the replay");
        let letters = rejected.letters();
        let done = rejected.done();

        rejected.configure("null");
        let plan = strike.map(|place| format!("{place}=1:abort"));
        let plan = plan.unwrap_or_default();
        let mut running = rejected.place.start_with("app replay", &[(PLAN, &plan)]);
        if strike.is_none() {
            std::thread::sleep(Duration::from_micros(random.below(20_000)));
            if running.has_ended().is_none() {
                running.signal("KILL");
            }
        }
        let status = running.ended();
        killed += u64::from(status.signal().is_some());
        assert!(
            status.signal().is_some() || strike.is_none() && status.success(),
            "{strike:?}: {status}: {}",
            running.err()
        );
        // A sink has all of them or none.
        rejected.hold(&[&before, &after], "struck");
        // Each letter is where it was, or with those that are done.
        let kept: BTreeSet<String> = &rejected.letters() | &rejected.done();
        let lost: Vec<&String> = letters.difference(&kept).collect();
        assert!(lost.is_empty(), "struck at {strike:?}, {lost:?} is lost");

        if number % 2 == 1 {
            // What comes in between is newer.
            let newer = "UPDATE reading SET value = 77 WHERE id % 11 = 3; DELETE FROM reading WHERE id % 13 = 5";
            rejected.place.sqlite("source.db", newer);
            rejected.place.done("app run --once");
        }
        rejected.place.done("app replay");
        rejected.hold(&[&rejected.expected(true)], "after the second replay");
        assert_eq!(rejected.letters(), BTreeSet::new());
        let all = rejected.done();
        assert!(all.is_superset(&letters) && all.is_superset(&done));
        rejected.place.done("app verify");
    }
    println!("{killed} replays were killed");
    assert!(killed >= places.len() as u64);
}

#[test]
fn a_replay_into_a_file_loses_nothing_and_doubles_nothing() {
    survives(&[&SqliteFile], 21);
}

#[test]
fn a_replay_into_a_database_and_a_file_loses_nothing_and_doubles_nothing() {
    survives(&[&PostgresSchema::new(), &SqliteFile], 22);
}

#[test]
fn a_replay_tells_what_it_wrote_into_a_database() {
    let sink = PostgresSchema::new();
    let place = Place::new();
    place.sqlite("source.db", SCHEMA);
    let rejected = Rejected {
        place,
        sinks: &[&sink],
    };
    rejected.configure("reject");
    rejected.place.sqlite("source.db", ROWS);
    rejected.place.done("app run --once");
    let mended = "UPDATE reading SET value = 5 WHERE id = 3; DELETE FROM reading WHERE id = 6";
    rejected.place.sqlite("source.db", mended);
    rejected.place.done("app run --once");
    rejected.configure("null");
    let replayed = rejected.place.done("app replay --format json").json();
    let told = &replayed["connections"][0];
    let counts = ["replayed", "superseded", "ahead"].map(|name| told[name].as_u64().unwrap());
    // The two are told with what they were, too.
    assert_eq!(counts, [131, 4, 0], "{replayed}");
    assert_eq!(told["kept"], Value::Array(Vec::new()), "{replayed}");
    rejected.hold(&[&rejected.expected(true)], "after the replay");
    // The position is where it was, and what comes later comes on top.
    let ran = rejected.place.done("app run --once --format json").json();
    assert_eq!(ran["connections"][0]["rows"], 0, "{ran}");
    let later = "UPDATE reading SET value = 9 WHERE id = 9";
    rejected.place.sqlite("source.db", later);
    rejected.place.done("app run --once");
    rejected.hold(&[&rejected.expected(true)], "after a change");
}
