//! The `!Postgres` sink, through the command: out of SQLite and out of another database of the server, killed at random moments.
//!
//! `DOZER_SINK_KILLS` is the number of kills of each test (20 unless set).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use connector_core::sink::{Sink as _, SinkTarget};
use connector_postgres::wire::{Connection, Mode};
use connector_postgres::{PostgresSink, identifier};

use crate::cluster::{Cluster, SUPERUSER};
use crate::proxy::{Moment, Proxy};
use crate::shop::{Shop, shared, table};
use crate::support::{Place, Random, Running, Writer, dump, until};

const SINK: &str = "copy";

fn sink(cluster: &Cluster, port: u16, database: &str, more: &str) -> String {
    drop(cluster.database(database));
    format!(
        "  - {{ name: {SINK}, config: !Postgres {{ url: \"postgres://{SUPERUSER}@127.0.0.1:{port}/{database}?sslmode=disable\"{more} }} }}\n"
    )
}

fn kills() -> u64 {
    let kills = std::env::var("DOZER_SINK_KILLS").ok();
    kills.map_or(20, |kills| kills.parse().expect("a number of kills"))
}

/// Kills the command at random moments, and starts it again.
fn kill(start: impl Fn() -> Running, random: &mut Random) {
    let mut running = start();
    for _ in 0..kills() {
        if random.below(2) == 0 {
            until("something is stored, or the run has ended", || {
                let stored = running.err().contains(": stored up to ");
                (stored || running.has_ended().is_some()).then_some(())
            });
        }
        std::thread::sleep(Duration::from_millis(random.below(250)));
        assert!(
            running.has_ended().is_none(),
            "a run ended by itself: {}",
            running.err()
        );
        running.signal("KILL");
        running.ended();
        running = start();
    }
    running.signal("KILL");
    running.ended();
}

/// Ends the writers also when the test fails.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn no_difference(place: &Place, tables: &[&str]) {
    let ran = place.run("app verify --format json");
    assert_eq!(ran.code, Some(0), "{ran}");
    let report = ran.json();
    let sink = &report["connections"][0]["sinks"][0];
    assert_eq!(sink["sink"], SINK, "{ran}");
    let sources = sink["sources"].as_array().unwrap();
    assert_eq!(sources.len(), tables.len(), "{ran}");
    for source in sources {
        assert_eq!(source["missing"], 0, "{ran}");
        assert_eq!(source["extra"], 0, "{ran}");
        assert_eq!(source["different"], 0, "{ran}");
    }
}

/// The rows of a table, each column as SQL, sorted.
fn rows(connection: &mut Connection, table: &str, columns: &[&str]) -> Vec<String> {
    let quoted = |name: &&str| format!("coalesce(quote_literal({}), 'NULL')", identifier(name));
    let columns: Vec<String> = columns.iter().map(quoted).collect();
    let sql = format!(
        "SELECT {} AS line FROM {table}",
        columns.join(" || ', ' || ")
    );
    let mut lines: Vec<String> = (connection.query(&sql).unwrap().iter())
        .map(|row| row.text("line").unwrap().to_owned())
        .collect();
    lines.sort();
    lines
}

const SQLITE: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, age INTEGER NOT NULL);
    CREATE TABLE event(kind TEXT, n INTEGER);
    CREATE TABLE stock(place TEXT, item INTEGER, count INTEGER, PRIMARY KEY(place, item)) WITHOUT ROWID;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO event SELECT 'old ' || n % 100, n % 7 FROM c;
    WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO stock SELECT 'p' || n % 10, n, n FROM c;";

fn sqlite_transaction(random: &mut Random) -> String {
    let mut statement = || {
        let (a, b) = (random.below(50), random.below(50));
        match random.below(8) {
            0 => format!("INSERT OR REPLACE INTO person VALUES({a}, 'it''s {b}', {b});"),
            1 => format!("UPDATE person SET age = age + {b}, name = NULL WHERE id % 5 = {a} % 5;"),
            2 => format!("UPDATE OR REPLACE person SET id = {a} WHERE id = {b};"),
            3 => format!("DELETE FROM person WHERE id = {a};"),
            4 => {
                format!("INSERT INTO event VALUES('new {a}', {b}), ('new {a}', {b}), (NULL, NULL);")
            }
            5 => format!(
                "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event WHERE n = {a} % 8 LIMIT 3);"
            ),
            6 => format!("UPDATE event SET kind = 'new {b}' WHERE kind = 'new {a}';"),
            _ => {
                format!("UPDATE OR REPLACE stock SET item = {a}, place = 'moved' WHERE item = {b};")
            }
        }
    };
    let statements: String = (0..4).map(|_| statement()).collect();
    format!("BEGIN IMMEDIATE; {statements} COMMIT;\n")
}

#[test]
fn sqlite_into_postgres_is_the_same_after_every_kill() {
    let cluster = shared();
    let tables = ["person", "event", "stock"];
    let sink = sink(
        cluster,
        cluster.port(),
        "from_sqlite",
        ", schema: \"the copy\", table_prefix: \"c_\"",
    );
    let place = Place::with(&crate::support::shop(", capture: triggers", &tables, &sink));
    place.sqlite("source.db", &format!("PRAGMA journal_mode = WAL; {SQLITE}"));
    let migrated = place.done("migrate");
    let told = migrated.out + &migrated.err;
    assert!(told.contains("exactly once"), "{told}");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let end = Over(&over);
        let writing = scope.spawn(|| {
            let mut writer = Writer::start(&place.file("source.db"));
            let mut random = Random::new(3);
            while !over.load(Ordering::Relaxed) {
                writer.write(&sqlite_transaction(&mut random));
                std::thread::sleep(Duration::from_millis(random.below(20)));
            }
            writer.finish();
        });
        kill(|| place.start("app run --log debug"), &mut Random::new(4));
        drop(end);
        writing.join().unwrap();
    });
    place.done("app run --once");
    no_difference(&place, &tables);
    // What the command finds, SQL finds, too.
    let mut connection = cluster.connect("from_sqlite");
    let source = dump(&place.file("source.db"), &tables);
    for (name, columns) in [
        ("person", &["id", "name", "age"][..]),
        ("event", &["kind", "n"]),
        ("stock", &["place", "item", "count"]),
    ] {
        let found = rows(&mut connection, &format!("\"the copy\".c_{name}"), columns);
        // SQLite writes a number without quotes.
        let plain = |lines: &[String]| {
            let mut lines: Vec<String> = lines
                .iter()
                .map(|line| line.replace("''", "\u{1}").replace('\'', ""))
                .collect();
            lines.sort();
            lines
        };
        assert!(plain(&found) == plain(&source[name]), "`{name}` differs");
    }
}

const SHOP: &str = "
    CREATE TABLE account(id int PRIMARY KEY, owner text, amount numeric(12, 2) NOT NULL, at timestamptz);
    CREATE TABLE entry(id bigserial, tx int, note text); ALTER TABLE entry REPLICA IDENTITY FULL;
    CREATE TABLE stock(place text, item int, count int, note text, doc jsonb, PRIMARY KEY(place, item));
    ALTER TABLE stock ALTER note SET STORAGE EXTERNAL;
    INSERT INTO account SELECT n, 'owner ' || n, n / 3.0, 'epoch' FROM generate_series(1, 500) n;
    INSERT INTO entry(tx, note) SELECT 0, 'old ' || n FROM generate_series(1, 10000) n;
    INSERT INTO stock SELECT 'p' || n % 10, n, n, repeat('x', n % 4000), '{\"a\": 1}' FROM generate_series(1, 3000) n";

fn postgres_transaction(random: &mut Random) -> String {
    let mut statement = || {
        let (a, b) = (random.below(500), random.below(500));
        match random.below(10) {
            0 => format!(
                "INSERT INTO account VALUES ({a}, NULL, {b}, now()) ON CONFLICT (id) DO UPDATE SET amount = account.amount + 1;"
            ),
            1 => format!("DELETE FROM account WHERE id = {a};"),
            2 => format!(
                "UPDATE account SET id = id + 1000 WHERE id = {a} AND NOT EXISTS (SELECT FROM account WHERE id = {a} + 1000);"
            ),
            3 => format!(
                "INSERT INTO entry(tx, note) SELECT {a}, 'new ' || n FROM generate_series(1, {b}) n;"
            ),
            4 => format!(
                "DELETE FROM entry WHERE ctid IN (SELECT ctid FROM entry WHERE tx = {a} LIMIT 20);"
            ),
            5 => format!(
                "UPDATE entry SET note = 'changed {b}' WHERE ctid IN (SELECT ctid FROM entry WHERE tx = {a} LIMIT 20);"
            ),
            6 => format!("UPDATE stock SET count = {b} WHERE item % 500 = {a};"),
            7 => format!(
                "UPDATE stock SET place = 'moved' WHERE item = {a} AND place = 'p2' AND NOT EXISTS (SELECT FROM stock WHERE place = 'moved' AND item = {a});"
            ),
            8 if b < 10 => "TRUNCATE entry;".to_owned(),
            _ => format!("DELETE FROM stock WHERE item = {a};"),
        }
    };
    let statements: String = (0..4).map(|_| statement()).collect();
    format!("BEGIN; {statements} COMMIT;")
}

#[test]
fn postgres_into_postgres_is_the_same_after_every_kill() {
    let cluster = shared();
    let tables = [table("account"), table("entry"), table("stock")];
    let shop = Shop::new(cluster, "from_postgres", SHOP, &tables);
    shop.configure(
        cluster.port(),
        "",
        &sink(cluster, cluster.port(), "to_postgres", ""),
    );
    shop.done("migrate");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let end = Over(&over);
        let writing = scope.spawn(|| {
            let mut connection =
                Connection::open(&cluster.settings("from_postgres"), Mode::Query).unwrap();
            let mut random = Random::new(5);
            while !over.load(Ordering::Relaxed) {
                connection
                    .execute(&postgres_transaction(&mut random))
                    .unwrap();
                std::thread::sleep(Duration::from_millis(random.below(20)));
            }
        });
        kill(|| shop.start("app run --log debug"), &mut Random::new(6));
        drop(end);
        writing.join().unwrap();
    });
    shop.done("app run --once");
    no_difference(&shop.place, &["account", "entry", "stock"]);
    shop.keeps_the_secret();
    let (mut source, mut copy) = (
        cluster.connect("from_postgres"),
        cluster.connect("to_postgres"),
    );
    for (name, columns) in [
        ("account", &["id", "owner", "amount", "at"][..]),
        ("entry", &["id", "tx", "note"]),
        ("stock", &["place", "item", "count", "note", "doc"]),
    ] {
        let (expected, found) = (
            rows(&mut source, name, columns),
            rows(&mut copy, name, columns),
        );
        assert!(
            expected == found,
            "`{name}` differs: {} rows and {}",
            expected.len(),
            found.len()
        );
    }
}

#[test]
fn a_sink_that_is_lost_is_reached_again_and_nothing_is_stored_twice() {
    let cluster = shared();
    let schema = "CREATE TABLE entry(id int, note text); ALTER TABLE entry REPLICA IDENTITY FULL;
         INSERT INTO entry SELECT n, 'n' || n FROM generate_series(1, 1000) n";
    let shop = Shop::new(cluster, "sink_lost", schema, &[table("entry")]);
    let proxy = Proxy::to(cluster.port());
    shop.configure(
        cluster.port(),
        "",
        &sink(cluster, proxy.port(), "to_be_lost", ""),
    );
    shop.done("migrate");
    let mut running = shop.start("app run --log debug");
    running.wait_for("shop: stored up to ");
    let mut connection = shop.connect(cluster);
    let write = |connection: &mut Connection, id: usize| {
        let sql = format!("INSERT INTO entry VALUES (-{id}, 'round')");
        connection.execute(&sql).unwrap();
    };
    let mut copy = cluster.connect("to_be_lost");
    let mut arrives = |id: usize| {
        let sql = format!("SELECT id FROM entry WHERE note = 'round' AND id = -{id}");
        until("the row arrives", || {
            (!copy.query(&sql).unwrap().is_empty()).then_some(())
        });
    };
    for (round, moment) in [Moment::Before, Moment::After, Moment::Before, Moment::After]
        .into_iter()
        .enumerate()
    {
        let (stalled, sent_after) = (2 * round, 2 * round + 1);
        proxy.stall_at("COMMIT\0", 0, moment);
        write(&mut connection, stalled);
        until("a commit is stalled", || proxy.is_stalled().then_some(()));
        proxy.cut();
        proxy.stall(false);
        arrives(stalled);
        // The row before may have been stored by the commit whose answer was lost.
        write(&mut connection, sent_after);
        arrives(sent_after);
    }
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    no_difference(&shop.place, &["entry"]);
}

#[test]
fn a_sink_that_another_run_writes_is_told_and_its_position_can_be_seen() {
    let cluster = shared();
    let schema =
        "CREATE TABLE entry(id int PRIMARY KEY, note text); INSERT INTO entry VALUES (1, 'a')";
    let shop = Shop::new(cluster, "sink_second", schema, &[table("entry")]);
    let port = cluster.port();
    shop.configure(port, "", &sink(cluster, port, "in_use", ""));
    shop.done("migrate");
    shop.done("app run --once");
    // A run of the same application from another place.
    let url = format!("postgres://{SUPERUSER}@127.0.0.1:{port}/in_use?sslmode=disable");
    let mut other = PostgresSink::new(url).writer().unwrap();
    let target = SinkTarget {
        app: "sink_second".to_owned(),
        connection: "shop".to_owned(),
        schemas: Vec::new(),
        widened: Vec::new(),
    };
    let stored = other.open(&target).unwrap().unwrap();
    let status = shop.done("app status --format json");
    assert!(status.out.contains(&stored.lsn.to_string()), "{status}");
    no_difference(&shop.place, &["entry"]);
    shop.connect(cluster)
        .execute("INSERT INTO entry VALUES (2, 'b')")
        .unwrap();
    let ran = shop.run("app run --once");
    let text = "another run writes the sources of connection `shop` into the same schema";
    assert!(ran.err.contains(text), "{ran}");
    assert_ne!(ran.code, Some(0), "{ran}");
    drop(other);
    shop.done("app run --once");
    no_difference(&shop.place, &["entry"]);
}

#[test]
fn a_sink_beside_its_source_does_not_follow_its_own_commits_in_a_circle() {
    let cluster = shared();
    let schema =
        "CREATE TABLE entry(id int PRIMARY KEY, note text); INSERT INTO entry VALUES (1, 'a')";
    let shop = Shop::new(cluster, "sink_beside", schema, &[table("entry")]);
    shop.configure(
        cluster.port(),
        "",
        &sink(cluster, cluster.port(), "beside", ""),
    );
    shop.done("migrate");
    let mut running = shop.start("app run --log debug");
    running.wait_for("shop: stored up to ");
    let start = Instant::now();
    std::thread::sleep(Duration::from_secs(3));
    let stored = running.err().matches("shop: stored up to ").count();
    // Each commit is log that the source reads, too: a position alone is stored no more than twice a second.
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap();
    assert!(
        stored <= 2 * (seconds + 2),
        "{stored} commits in {seconds} s"
    );
    running.signal("TERM");
    assert_eq!(shop.ended(running).code, Some(130));
}

#[test]
fn migrate_makes_the_tables_of_the_sinks_and_widens_those_of_sources_that_evolve() {
    let cluster = shared();
    let sinks = sink(cluster, cluster.port(), "migrated", "")
        + "  - { name: file, config: !Sqlite { path: copy.db } }\n";
    let sources = ["person, schema_change: evolve"];
    let place = Place::with(&crate::support::shop(
        ", capture: triggers",
        &sources,
        &sinks,
    ));
    place.sqlite(
        "source.db",
        "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO person VALUES(1, 'a')",
    );
    let made = |told: [&str; 2]| {
        let ran = place.done("migrate --format json");
        let prepared = ran.json()["connections"][0]["prepared"].to_string();
        for line in told {
            assert!(prepared.contains(line), "{line:?} is not told: {ran}");
        }
        ran
    };
    made([
        "sink `copy`: table `person` made",
        "sink `file`: table `person` made",
    ]);
    let mut copy = cluster.connect("migrated");
    assert!(rows(&mut copy, "person", &["id", "name"]).is_empty());
    let again = place.done("migrate --format json");
    assert!(!again.out.contains("sink `"), "{again}");

    place.done("app run --once");
    place.sqlite("source.db", "ALTER TABLE person ADD COLUMN note TEXT");
    made([
        "sink `copy`: column `note` added to table `person`",
        "sink `file`: column `note` added to table `person`",
    ]);
    let columns = ["id", "name", "note"];
    assert_eq!(rows(&mut copy, "person", &columns), ["'1', 'a', NULL"]);
    place.sqlite("source.db", "INSERT INTO person VALUES(2, 'b', 'c')");
    place.done("app run --once");
    let stored = ["'1', 'a', NULL", "'2', 'b', 'c'"];
    assert_eq!(rows(&mut copy, "person", &columns), stored);
    no_difference(&place, &["person"]);
    place.done("app verify");
}

#[test]
fn migrate_leaves_a_table_that_is_not_the_sinks_own_alone() {
    let cluster = shared();
    let sinks = sink(cluster, cluster.port(), "foreign", "");
    let place = Place::with(&crate::support::shop("", &["person"], &sinks));
    place.sqlite("source.db", "CREATE TABLE person(id INTEGER PRIMARY KEY)");
    let mut copy = cluster.connect("foreign");
    copy.execute("CREATE TABLE person(id bigint)").unwrap();
    let ran = place.run("migrate");
    assert_ne!(ran.code, Some(0), "{ran}");
    assert!(ran.err.contains("did not make"), "{ran}");
    assert!(!place.file("dozer.lock").exists(), "{ran}");
}
