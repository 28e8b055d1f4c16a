//! A Postgres database on a server of its own, changed over two connections.

use std::time::{Duration, Instant};

use connector_postgres::wire::{Connection, Mode};
use serde_json::Value;

use super::{Pace, Source, Table};
use crate::cluster::{Cluster, Stop};
use crate::shop::{READER, Shop, nothing_is_confirmed_beyond, server, table};
use crate::sink::Sink;
use crate::strike::Blow;
use crate::support::{Bag, Place, Random, Running, bag, until};

/// An application that follows a database.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    cluster: Cluster,
    shop: Shop,
    name: &'static str,
}

/// With a key and a unique index, without a key, with a key of two columns and values that are not sent again, and one whose sum
/// never changes.
const TABLES: [Table; 4] = [
    Table {
        name: "person",
        key: &["id"],
    },
    Table {
        name: "entry",
        key: &[],
    },
    Table {
        name: "stock",
        key: &["place", "item"],
    },
    Table {
        name: "account",
        key: &["id"],
    },
];

const SCHEMA: &str = "
    CREATE TABLE person(id int PRIMARY KEY, name text UNIQUE, amount int NOT NULL);
    CREATE TABLE entry(id bigserial, tx int, note text); ALTER TABLE entry REPLICA IDENTITY FULL;
    CREATE TABLE stock(place text, item int, count int, note text, PRIMARY KEY(place, item));
    ALTER TABLE stock ALTER note SET STORAGE EXTERNAL;
    CREATE TABLE account(id int PRIMARY KEY, amount int NOT NULL);
    INSERT INTO person SELECT n, 'owner ' || n, 100 FROM generate_series(1, 500) n;
    INSERT INTO entry(tx, note) SELECT 0, 'old ' || n FROM generate_series(1, 20000) n;
    INSERT INTO stock SELECT 'p' || n % 10, n, n, repeat('x', n % 4000) FROM generate_series(1, 3000) n;
    INSERT INTO account SELECT n, 100 FROM generate_series(0, 49) n";

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
    match random.below(13) {
        0 => format!(
            "INSERT INTO person VALUES ({a}, NULL, {b}) ON CONFLICT (id) DO UPDATE SET amount = person.amount + 1;"
        ),
        1 => format!("UPDATE person SET amount = amount + 1 WHERE id IN ({a}, {b});"),
        2 => format!("DELETE FROM person WHERE id = {a};"),
        3 => format!(
            "UPDATE person SET id = id + 1000 WHERE id = {a} AND NOT EXISTS (SELECT FROM person WHERE id = {a} + 1000);"
        ),
        4 => format!(
            "INSERT INTO entry(tx, note) SELECT {a}, 'new ' || n FROM generate_series(1, {b} % 40) n;"
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
        10 | 11 => format!(
            "UPDATE account SET amount = amount + CASE WHEN id = {a} % 50 THEN {b} ELSE -{b} END WHERE id IN ({a} % 50, ({a} + 1) % 50);"
        ),
        _ => format!("DELETE FROM stock WHERE item = {a};"),
    }
}

/// A transaction that takes longer to tell than to make.
const LONG: &str = "BEGIN;
    INSERT INTO entry(tx, note) SELECT -1, repeat('x', 1000) || n FROM generate_series(1, 15000) n;
    DELETE FROM entry WHERE tx = -1; COMMIT";

/// The server waits for the reader to take more of a transaction.
const TELLING: &str = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walsender'
    AND wait_event = 'WalSenderWriteData'";

impl PostgresDatabase {
    pub(crate) const FAILPOINTS: &[&str] = &["postgres_source."];

    pub(crate) fn new(name: &'static str) -> Self {
        let cluster = server("");
        let tables: Vec<_> = TABLES.iter().map(|of| table(of.name)).collect();
        let shop = Shop::new(&cluster, name, SCHEMA, &tables);
        Self {
            cluster,
            shop,
            name,
        }
    }

    /// Its server.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.shop.connect(&self.cluster).execute(sql).unwrap();
    }

    fn end_sessions(&self) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'"
        );
        self.cluster.connect("postgres").execute(&sql).unwrap();
    }

    /// Ends the sessions while the server waits for the reader to take more of a transaction; whether it came to that.
    fn cut_within_a_transaction(&self, sinks: &[&dyn Sink], running: &mut Running) -> bool {
        until("a stored change", || {
            let stored = running.err().contains("shop: stored up to ");
            (stored || running.has_ended().is_some()).then_some(())
        });
        // A reader whose sink is held takes no more than fits into its memory.
        let held: Vec<_> = (sinks.iter())
            .map(|sink| sink.hold(&self.shop.place))
            .collect();
        let mut connection = self.cluster.connect(self.name);
        connection.execute(LONG).unwrap();
        let asked = Instant::now();
        let waits = loop {
            if connection.query(TELLING).unwrap().iter().count() > 0 {
                break true;
            }
            if asked.elapsed() > Duration::from_secs(2) {
                break false;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        self.end_sessions();
        drop(held);
        let back = "the stream of changes is back within transaction ";
        waits
            && until("the end of a run, or its return", || {
                let back = running.err().contains(back);
                let later = running.err().matches("is asked for again").count() > 0
                    && asked.elapsed() > Duration::from_secs(10);
                (back || later || running.has_ended().is_some()).then_some(back)
            })
    }
}

impl Source for PostgresDatabase {
    fn name(&self) -> String {
        "Postgres".to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        Self::FAILPOINTS
    }

    fn place(&self) -> &Place {
        &self.shop.place
    }

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    fn begin(&self, sinks: &str) {
        self.shop.configure(self.cluster.port(), "", sinks);
    }

    fn change(&self, seed: u64, pace: &Pace) -> u64 {
        let mut random = Random::new(seed);
        let mut made = 0;
        let mut connection: Option<Connection> = None;
        while !pace.is_over() {
            let Some(open) = &mut connection else {
                connection = Connection::open(&self.cluster.settings(self.name), Mode::Query).ok();
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
            pace.wait(&mut random);
        }
        made
    }

    fn rows(&self, table: &Table) -> Bag {
        let sql = format!("SELECT row_to_json(t)::text AS line FROM {} t", table.name);
        let rows = self.shop.connect(&self.cluster).query(&sql).unwrap();
        let row = |line: &str| serde_json::from_str(line).unwrap();
        bag(rows.iter().map(|found| row(found.text("line").unwrap())))
    }

    fn check_confirmed(&self, stored: &Value) {
        nothing_is_confirmed_beyond(&self.cluster, stored["state"].as_str().unwrap_or_default());
    }

    fn blows(&self) -> &'static [Blow] {
        &[
            Blow::SessionsEnded,
            Blow::ServerRestarted,
            Blow::ServerCrashed,
            Blow::ServerDown,
            Blow::SessionsEndedWithin,
        ]
    }

    fn is_server(&self) -> bool {
        true
    }

    fn strike(
        &self,
        blow: Blow,
        sinks: &[&dyn Sink],
        random: &mut Random,
        running: &mut Running,
    ) -> bool {
        match blow {
            Blow::ServerRestarted => self.cluster.restart(Stop::Fast),
            Blow::ServerCrashed => self.cluster.restart(Stop::Immediate),
            Blow::ServerDown => {
                self.cluster.stop(Stop::Fast);
                std::thread::sleep(Duration::from_millis(random.below(500)));
                self.cluster.start_again();
            }
            Blow::SessionsEndedWithin => return self.cut_within_a_transaction(sinks, running),
            _ => self.end_sessions(),
        }
        true
    }
}
