//! A SQLite file, changed through `sqlite3`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::{Pace, Source, Table};
use crate::look::look;
use crate::sink::Sink;
use crate::strike::Blow;
use crate::support::{Bag, Place, Random, Running, Writer, bag, json_rows, shop};

/// An application that follows a file.
#[derive(Debug)]
pub(crate) struct SqliteShop {
    place: Place,
    journal: &'static str,
}

/// With a key and a unique index, without a key, with a key of two columns in a table without rowid, with values that are
/// rejected, and one whose sum never changes.
const TABLES: [Table; 5] = [
    Table {
        name: "person",
        key: &["id"],
    },
    Table {
        name: "event",
        key: &[],
    },
    Table {
        name: "stock",
        key: &["place", "item"],
    },
    Table {
        name: "reading",
        key: &["id"],
    },
    Table {
        name: "account",
        key: &["id"],
    },
];

const SOURCES: [&str; 5] = [
    "person",
    "event",
    "stock",
    "reading, on_misfit: reject",
    "account",
];

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER NOT NULL, score REAL);
    CREATE TABLE event(kind TEXT, n INTEGER);
    CREATE TABLE stock(place TEXT, item INTEGER, count INTEGER, PRIMARY KEY(place, item)) WITHOUT ROWID;
    CREATE TABLE reading(id INTEGER PRIMARY KEY, value INTEGER);
    CREATE TABLE account(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 8000)
    INSERT INTO event SELECT 'old ' || n % 100, n % 7 FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 8000)
    INSERT INTO stock SELECT 'p' || n % 10, n, n FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50)
    INSERT INTO person SELECT n, 'name ' || n, n, n / 4.0 FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 50)
    INSERT INTO reading SELECT n, iif(n % 10 = 0, 'no number ' || n, n) FROM c;
    WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 49)
    INSERT INTO account SELECT n, 100 FROM c;
";

/// A statement. None can fail, so that no transaction is given up; few keys, so that rows meet; floats that `sqlite3` prints
/// with all their digits.
fn statement(random: &mut Random) -> String {
    let (a, b) = (random.below(50), random.below(50));
    match random.below(18) {
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
        13 => format!("INSERT OR REPLACE INTO reading VALUES({a}, 'no number {b}');"),
        14 => format!("INSERT OR REPLACE INTO reading VALUES({a}, {b});"),
        15 => format!("DELETE FROM reading WHERE id = {a};"),
        16 => format!(
            "UPDATE account SET amount = amount + {b} * ((id = {a}) - (id = ({a} + 1) % 50));"
        ),
        _ => {
            // Few are large, so that the run comes to its end with what there is.
            let count = if b == 0 { a * 60 } else { a };
            format!(
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count})
                 INSERT OR REPLACE INTO stock SELECT 'many', n, {b} FROM c;"
            )
        }
    }
}

impl SqliteShop {
    pub(crate) const FAILPOINTS: &[&str] = &["sqlite_source.", "dead_letters."];

    pub(crate) fn new(journal: &'static str) -> Self {
        Self {
            place: Place::new(),
            journal,
        }
    }

    /// A transaction of some statements.
    pub(crate) fn transaction(random: &mut Random) -> String {
        let statements: String = (0..=random.below(6)).map(|_| statement(random)).collect();
        let end = if random.below(10) == 0 {
            "ROLLBACK"
        } else {
            "COMMIT"
        };
        format!("BEGIN IMMEDIATE; {statements} {end};\n")
    }
}

impl Source for SqliteShop {
    fn name(&self) -> String {
        format!("SQLite, journal {}", self.journal)
    }

    fn failpoints(&self) -> &'static [&'static str] {
        Self::FAILPOINTS
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    fn begin(&self, sinks: &str) {
        let configuration = shop(", capture: triggers", &SOURCES, sinks);
        self.place.write("dozer.yaml", &configuration);
        let sql = format!("PRAGMA journal_mode = {}; {SCHEMA}", self.journal);
        self.place.sqlite("source.db", &sql);
    }

    fn change(&self, seed: u64, pace: &Pace) -> u64 {
        let mut writer = Writer::start(&self.place.file("source.db"));
        let mut random = Random::new(seed);
        let mut made = 0;
        while !pace.is_over() {
            writer.write(&Self::transaction(&mut random));
            made += 1;
            pace.wait(&mut random);
        }
        writer.finish();
        made
    }

    fn rows(&self, table: &Table) -> Bag {
        let fits = if table.name == "reading" {
            "WHERE typeof(value) = 'integer'"
        } else {
            ""
        };
        let sql = format!("SELECT * FROM {} {fits}", table.name);
        bag(json_rows(&self.place.file("source.db"), &sql))
    }

    fn elsewhere(&self) -> BTreeSet<(u64, u64)> {
        let text = self.place.read(".dozer/shop.rejected.jsonl");
        let letters: Vec<Value> = (text.lines())
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("torn: {line}")))
            .collect();
        // What is turned away now was kept.
        let kept: BTreeSet<String> = (letters.iter())
            .map(|letter| letter["row"].to_string())
            .collect();
        let sql = "SELECT CAST(id AS TEXT) AS id, value FROM reading WHERE typeof(value) = 'text'";
        for row in json_rows(&self.place.file("source.db"), sql) {
            let row = Value::Object(row).to_string();
            assert!(kept.contains(&row), "no dead letter keeps {row}");
        }
        let at = |letter: &Value| Some((letter["lsn"].as_u64()?, letter["seq"].as_u64()?));
        letters.iter().map(|letter| at(letter).unwrap()).collect()
    }

    fn check_confirmed(&self, stored: &Value) {
        if stored["phase"] != "changes" {
            return;
        }
        let sql = "SELECT CAST(max(lsn) AS TEXT) FROM _dozer_readers";
        let confirmed = look(&self.place.file("source.db"), sql);
        let confirmed: Option<u64> = confirmed.map(|lsn| lsn.parse().unwrap());
        assert!(
            confirmed.unwrap_or_default() <= stored["lsn"].as_u64().unwrap(),
            "the sink stands at {stored}, and {confirmed:?} was confirmed"
        );
    }

    fn blows(&self) -> &'static [Blow] {
        &[Blow::SourceHeld]
    }

    fn strike(&self, _: Blow, _: &[&dyn Sink], random: &mut Random, _: &mut Running) -> bool {
        let mut other = Writer::start(&self.place.file("source.db"));
        other.write("BEGIN IMMEDIATE;\n");
        std::thread::sleep(Duration::from_millis(random.below(300)));
        other.write("ROLLBACK;\n");
        other.finish();
        true
    }
}
