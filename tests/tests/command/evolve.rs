//! Columns are added to tables of a SQLite file that is followed while others write, and while the run is killed; in the end the
//! sink holds what the source holds.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow_ipc::reader::StreamReader;
use rusqlite::Connection;

use crate::support::{Place, Random, dump, shop};

const SCHEMA: &str =
    "PRAGMA journal_mode = WAL; CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE entry(tx INTEGER, note TEXT);
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200)
    INSERT INTO person SELECT n, 'n' || n FROM c;
    INSERT INTO entry SELECT id % 20, name FROM person;";

const TABLES: [&str; 2] = ["person", "entry"];

fn stored() -> Place {
    let sources = [
        "person, schema_change: evolve",
        "entry, schema_change: evolve",
    ];
    let copy = "  - { name: copy, config: !Sqlite { path: copy.db } }\n";
    let place = Place::with(&shop(", capture: triggers", &sources, copy));
    place.sqlite("source.db", SCHEMA);
    place.done("migrate");
    place.done("app run --once");
    place
}

/// Changes both tables until it is told to end, setting each column that is there.
fn write(place: &Place, seed: u64, over: &AtomicBool) {
    let mut random = Random::new(seed);
    let connection = Connection::open(place.file("source.db")).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    while !over.load(Ordering::Relaxed) {
        let (a, b) = (random.below(300), random.below(300));
        let table = TABLES[usize::try_from(random.below(2)).unwrap()];
        let mut columns = connection
            .prepare("SELECT name FROM pragma_table_info(?1) WHERE cid > 1")
            .unwrap();
        let columns: Vec<String> = (columns.query_map([table], |row| row.get(0)).unwrap())
            .map(Result::unwrap)
            .collect();
        let sets: String = (columns.iter())
            .map(|column| match random.below(6) {
                0 => format!(", {column} = NULL"),
                1 | 2 => format!(", {column} = 'c{b}'"),
                _ => String::new(),
            })
            .collect();
        let statement = match (table, random.below(4)) {
            ("person", 0) => format!("INSERT OR REPLACE INTO person(id, name) VALUES({a}, 'n{b}')"),
            ("person", 1) => format!("DELETE FROM person WHERE id = {a}"),
            ("person", _) => {
                format!("UPDATE person SET id = id{sets} WHERE id BETWEEN {a} AND {a} + 5")
            }
            (_, 0) => format!("INSERT INTO entry(tx, note) VALUES({} , 'e{b}')", a % 20),
            (_, 1) => format!("DELETE FROM entry WHERE rowid = {a}"),
            _ => format!("UPDATE entry SET note = 'u{b}'{sets} WHERE tx = {}", a % 20),
        };
        connection.execute_batch(&statement).unwrap();
        std::thread::sleep(Duration::from_millis(random.below(5)));
    }
}

/// Ends the writers also when the test fails.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn is_equal(place: &Place) {
    let sorted = |file: &str| {
        let mut tables = dump(&place.file(file), &TABLES);
        for rows in tables.values_mut() {
            rows.sort();
        }
        tables
    };
    assert_eq!(sorted("copy.db"), sorted("source.db"));
    place.done("app verify");
}

#[test]
fn columns_are_taken_on_while_others_write_and_no_value_is_lost() {
    let place = stored();
    let mut running = place.start("app run --log debug");
    running.wait_for("goes on from ");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = Over(&over);
        for seed in [1, 2] {
            let (place, over) = (&place, &over);
            scope.spawn(move || write(place, seed, over));
        }
        for number in 1..=4 {
            for table in TABLES {
                std::thread::sleep(Duration::from_millis(100));
                place.sqlite(
                    "source.db",
                    &format!("ALTER TABLE {table} ADD COLUMN {table}_{number} TEXT"),
                );
                running.wait_for(&format!("goes on with `{table}_{number}`"));
            }
        }
        std::thread::sleep(Duration::from_millis(200));
    });
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    place.done("app run --once");
    is_equal(&place);
    let checked = place.done("migrate --check");
    assert!(checked.out.contains("no differences"), "{checked}");
}

#[test]
fn killed_around_the_change_it_loses_nothing_and_doubles_nothing() {
    let place = stored();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = Over(&over);
        for seed in [3, 4] {
            let (place, over) = (&place, &over);
            scope.spawn(move || write(place, seed, over));
        }
        let mut random = Random::new(5);
        for number in 1..=12 {
            let mut running = place.start("app run --log debug");
            running.wait_for("goes on from ");
            if random.below(2) == 0 {
                running.wait_for("stored up to ");
            }
            let table = TABLES[usize::try_from(random.below(2)).unwrap()];
            place.sqlite(
                "source.db",
                &format!("ALTER TABLE {table} ADD COLUMN k{number} TEXT"),
            );
            std::thread::sleep(Duration::from_millis(random.below(150)));
            running.signal("KILL");
            running.ended();
        }
    });
    place.done("app run --once");
    is_equal(&place);
}

#[test]
fn a_column_whose_old_rows_have_a_value_is_refused_until_a_reset() {
    for ddl in [
        "ADD COLUMN c INTEGER DEFAULT 7",
        "ADD COLUMN c INTEGER NOT NULL DEFAULT 7",
        "ADD COLUMN c INTEGER AS (id * 2)",
    ] {
        for below in [false, true] {
            let place = stored();
            let running = below.then(|| {
                let mut running = place.start("app run --log debug");
                running.wait_for("goes on from ");
                running
            });
            let change = format!(
                "ALTER TABLE person {ddl}; INSERT INTO person(id, name) VALUES(1000, 'new')"
            );
            place.sqlite("source.db", &change);
            let ran = match running {
                Some(running) => running.finish(place.path()),
                None => place.run("app run --once"),
            };
            ran.refused(
                6,
                &[
                    "column `c`",
                    "cannot be taken on: it has a default",
                    "help: ",
                ],
            );
            place.done("migrate");
            place.done("app reset --connection shop");
            place.done("app run --once");
            place.done("app verify");
        }
    }
}

#[test]
fn a_stream_of_arrow_ends_with_the_columns_that_it_began_with_and_a_new_one_has_all() {
    let sources = ["person, schema_change: evolve"];
    let sinks = "  - { name: out, config: !Arrow { path: \"-\" } }\n";
    let place = Place::with(&shop(", capture: triggers", &sources, sinks));
    place.sqlite("source.db", SCHEMA);
    let mut running = Command::new(env!("CARGO_BIN_EXE_dozer-under-test"))
        .args(["app", "run", "--log", "debug"])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(running.stderr.take().unwrap()).lines();
    assert!(err.any(|line| line.unwrap().contains("snapshot done at ")));
    place.sqlite(
        "source.db",
        "ALTER TABLE person ADD COLUMN more TEXT; INSERT INTO person VALUES(1000, 'new', 'm')",
    );
    let rest: Vec<String> = err.map(Result::unwrap).collect();
    assert_eq!(running.wait().unwrap().code(), Some(6), "{rest:?}");
    let told = rest.join("\n");
    assert!(
        told.contains("has other columns than the stream to"),
        "{told}"
    );
    assert!(
        told.contains("help: begin the run anew, with a new reader"),
        "{told}"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_dozer-under-test"))
        .args(["app", "run", "--once"])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let rows = StreamReader::try_new(output.stdout.as_slice(), None).unwrap();
    assert!(rows.schema().column_with_name("more").is_some());
    let rows: usize = rows.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 201);
}
