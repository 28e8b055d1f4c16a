//! Columns are added while their table is followed, and what each policy makes of it; in the end every sink holds what the
//! source holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connector_postgres::wire::Connection;
use serde_json::{Map, Value};

use crate::cluster::Cluster;
use crate::shop::{COPY, Shop, Table, shared, table};
use crate::support::{Lines, Random, Running, json_rows, until};

/// The schema is not the one that is stored or locked.
const DRIFT: i32 = 6;

const SCHEMA: &str = "
    CREATE TABLE person(id int PRIMARY KEY, name text);
    CREATE TABLE entry(tx int, note text); ALTER TABLE entry REPLICA IDENTITY FULL;
    INSERT INTO person SELECT n, 'n' || n FROM generate_series(1, 200) n;
    INSERT INTO entry SELECT n % 20, 'n' || n FROM generate_series(1, 200) n";

const TABLES: [Table; 2] = [table("person"), table("entry")];

/// An application that reads both tables, with a policy; `""` says none.
fn application(database: &str, policy: &str, sinks: &str) -> Shop {
    let shop = Shop::new(shared(), database, SCHEMA, &TABLES);
    shop.configure(shared().port(), "", sinks);
    says(&shop, policy);
    shop
}

/// Sets the policy of every source.
fn says(shop: &Shop, policy: &str) {
    let mut text = String::new();
    for line in shop.place.read("dozer.yaml").lines() {
        let line = match line.split_once(", schema_change: ") {
            Some((source, _)) => format!("{source} }}"),
            None => line.to_owned(),
        };
        let said = match line.strip_suffix(" }") {
            Some(source) if source.contains("table_name") && !policy.is_empty() => {
                format!("{source}, schema_change: {policy} }}")
            }
            _ => line,
        };
        text += &(said + "\n");
    }
    shop.place.write("dozer.yaml", &text);
}

/// An application whose first run has stored a snapshot.
fn stored(database: &str, policy: &str) -> (Shop, Connection) {
    let shop = application(database, policy, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    let connection = shop.connect(shared());
    (shop, connection)
}

fn follow(shop: &Shop) -> Running {
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    running
}

fn stop(shop: &Shop, running: Running) -> String {
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    ran.err
}

/// Waits until the sink has this person.
fn has_person(shop: &Shop, id: u32) {
    let start = format!("{id}, ");
    until("the person in the sink", || {
        let rows = &shop.sink()["person"];
        rows.iter().any(|row| row.starts_with(&start)).then_some(())
    });
}

/// Changes both tables until it is told to end, naming the columns that are there.
fn write(cluster: &Cluster, shop: &Shop, seed: u64, over: &AtomicBool) {
    let mut random = Random::new(seed);
    let mut connection = shop.connect(cluster);
    while !over.load(Ordering::Relaxed) {
        let (a, b) = (random.below(300), random.below(300));
        let columns: String = (connection.query(
            "SELECT coalesce(string_agg(attname, ' ' ORDER BY attnum), '') AS added FROM pg_attribute
              WHERE attrelid = 'person'::regclass AND attnum > 2 AND NOT attisdropped",
        ))
        .map_or_else(|_| String::new(), |rows| rows.one().unwrap().text("added").unwrap().to_owned());
        let mut set = format!("name = 'w{b}'");
        for column in columns.split_whitespace().filter(|_| random.below(2) == 0) {
            write!(set, ", {column} = 'c{b}'").unwrap();
        }
        let statement = match random.below(6) {
            0 => format!("INSERT INTO person VALUES ({a}, 'i{b}') ON CONFLICT DO NOTHING"),
            1 | 2 => format!("UPDATE person SET {set} WHERE id BETWEEN {a} AND {a} + 5"),
            3 => format!("DELETE FROM person WHERE id = {a}"),
            4 => format!("INSERT INTO entry VALUES ({}, 'e{b}')", a % 20),
            _ => format!(
                "UPDATE entry SET note = 'u{b}' WHERE ctid IN (SELECT ctid FROM entry WHERE tx = {} LIMIT 3)",
                a % 20
            ),
        };
        // One that meets the change of the table or the other writer may give way.
        let _ = connection.execute(&statement);
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

/// The rows that the lines of a table with the key `id` tell; a column that a line is too old to have is null.
fn folded(lines: &Lines, source: &str, columns: &[&str]) -> BTreeMap<String, Map<String, Value>> {
    let mut rows = BTreeMap::new();
    for line in lines.of(source) {
        if let Some(before) = &line.before {
            rows.remove(&before["id"].to_string());
        }
        if let Some(after) = &line.after {
            let mut row = after.clone();
            for column in columns {
                row.entry(*column).or_insert(Value::Null);
            }
            rows.insert(row["id"].to_string(), row);
        }
    }
    rows
}

fn lines_are_equal(shop: &Shop, columns: &[&str]) {
    let lines = Lines::read(&shop.place.file("out"), &["person", "entry"]);
    let mut told = BTreeSet::new();
    for source in ["person", "entry"] {
        for line in lines.of(source).iter().filter(|line| line.op != "r") {
            let position = (line.lsn, line.seq);
            assert!(told.insert(position), "{position:?} is there twice");
        }
    }
    let rows = json_rows(&shop.place.file("copy.db"), "SELECT * FROM person");
    let rows: BTreeMap<String, Map<String, Value>> = rows
        .into_iter()
        .map(|row| (row["id"].to_string(), row))
        .collect();
    assert_eq!(folded(&lines, "person", columns), rows);
}

#[test]
fn nullable_columns_are_taken_on_through_every_sink_while_others_write() {
    let cluster = shared();
    let sinks = format!(
        "{COPY}  - {{ name: lines, config: !Jsonl {{ path: out }} }}\n  - {{ name: none, config: !Null {{}} }}\n"
    );
    let shop = application("evolve_sinks", "evolve", &sinks);
    shop.done("migrate");
    shop.done("app run --once");
    let running = {
        let mut running = follow(&shop);
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _end = Over(&over);
            for seed in [1, 2] {
                let (shop, over) = (&shop, &over);
                scope.spawn(move || write(cluster, shop, seed, over));
            }
            let mut connection = shop.connect(cluster);
            for (sql, told) in [
                ("ALTER TABLE person ADD COLUMN c1 text", "goes on with `c1`"),
                (
                    "ALTER TABLE person ADD COLUMN c2 text, ADD COLUMN c3 varchar(10)",
                    "`c2`, `c3`",
                ),
                (
                    "ALTER TABLE entry ADD COLUMN d1 bigint",
                    "goes on with `d1`",
                ),
            ] {
                std::thread::sleep(Duration::from_millis(200));
                connection.execute(sql).unwrap();
                running.wait_for(told);
            }
            connection
                .execute("UPDATE person SET c1 = 'x', c3 = 'y' WHERE id % 3 = 0; UPDATE entry SET d1 = 7 WHERE tx = 3")
                .unwrap();
            std::thread::sleep(Duration::from_millis(200));
        });
        running
    };
    stop(&shop, running);
    let once = shop.done("app run --once --format json").json();
    assert_eq!(once["interrupted"], false);
    shop.is_equal(cluster);
    lines_are_equal(&shop, &["c1", "c2", "c3"]);
    assert!(shop.sink()["person"].iter().any(|row| row.ends_with("'y'")));
    let lock = shop.place.read("dozer.lock");
    for column in ["c1", "c2", "c3", "d1"] {
        assert!(lock.contains(&format!("\"{column}\"")), "{column}: {lock}");
    }
    let checked = shop.done("migrate --check");
    assert!(checked.out.contains("no differences"), "{checked}");
}

#[test]
fn killed_around_the_change_it_loses_nothing_and_doubles_nothing() {
    let cluster = shared();
    let sinks = format!("{COPY}  - {{ name: lines, config: !Jsonl {{ path: out }} }}\n");
    let shop = application("evolve_kill", "evolve", &sinks);
    shop.done("migrate");
    shop.done("app run --once");
    let over = AtomicBool::new(false);
    let columns: Vec<String> = (1..=12).map(|number| format!("k{number}")).collect();
    std::thread::scope(|scope| {
        let _end = Over(&over);
        for seed in [3, 4] {
            let (shop, over) = (&shop, &over);
            scope.spawn(move || write(cluster, shop, seed, over));
        }
        let mut random = Random::new(5);
        let mut connection = shop.connect(cluster);
        for column in &columns {
            let mut running = follow(&shop);
            if random.below(2) == 0 {
                running.wait_for("stored up to ");
            }
            let sql = format!("ALTER TABLE person ADD COLUMN {column} text");
            connection.execute(&sql).unwrap();
            std::thread::sleep(Duration::from_millis(random.below(150)));
            running.signal("KILL");
            running.ended();
            shop.ended(running);
        }
    });
    shop.done("app run --once");
    shop.is_equal(cluster);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    lines_are_equal(&shop, &columns);
}

#[test]
fn a_sink_that_keeps_nothing_goes_on_where_it_was() {
    let shop = application(
        "evolve_null",
        "evolve",
        "  - { name: none, config: !Null {} }\n",
    );
    shop.done("migrate");
    let mut running = shop.start("app run --log debug --format json");
    running.wait_for("snapshot done at ");
    let mut connection = shop.connect(shared());
    connection
        .execute("ALTER TABLE person ADD COLUMN c text; INSERT INTO person VALUES (1000, 'a', 'b')")
        .unwrap();
    running.wait_for(": taken on");
    connection
        .execute("INSERT INTO person VALUES (1001, 'a', 'b')")
        .unwrap();
    let rows = connection
        .query("SELECT pg_current_wal_lsn() AS at")
        .unwrap();
    let at = rows.one().unwrap().text("at").unwrap().to_owned();
    until("the position is confirmed", || {
        let sql = format!(
            "SELECT count(*) AS behind FROM pg_replication_slots
              WHERE database = 'evolve_null' AND confirmed_flush_lsn < '{at}'"
        );
        let rows = connection.query(&sql).unwrap();
        (rows.one().unwrap().text("behind").unwrap() == "0").then_some(())
    });
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.err.matches("snapshot started").count(), 1, "{ran}");
    assert_eq!(ran.json()["connections"][0]["rows"], 402, "{ran}");
}

#[test]
fn in_one_transaction_rows_are_before_and_after_the_column() {
    let (shop, mut connection) = stored("evolve_transaction", "evolve");
    let mut running = follow(&shop);
    connection
        .execute(
            "BEGIN; INSERT INTO person VALUES (1000, 'before'); ALTER TABLE person ADD COLUMN c text;
             INSERT INTO person VALUES (1001, 'after', 'x'); UPDATE person SET c = 'y' WHERE id = 1000; COMMIT",
        )
        .unwrap();
    running.wait_for("goes on with `c`");
    has_person(&shop, 1001);
    stop(&shop, running);
    shop.is_equal(shared());
}

#[test]
fn what_is_added_and_gone_again_is_no_matter() {
    let (shop, mut connection) = stored("evolve_gone", "evolve");
    let mut held = shop.connect(shared());
    let running = follow(&shop);
    // The stream stands still while the table is locked, so that it sees both changes at once.
    held.execute("BEGIN; ALTER TABLE person ADD COLUMN c text; INSERT INTO person VALUES (1000, 'a', 'b'); ALTER TABLE person DROP COLUMN c; COMMIT")
        .unwrap();
    connection
        .execute("INSERT INTO person VALUES (1001, 'a')")
        .unwrap();
    has_person(&shop, 1001);
    stop(&shop, running);
    shop.is_equal(shared());
}

/// Starts, changes the table and a row: the run ends and says why.
fn stops(shop: &Shop, connection: &mut Connection, ddl: &str, change: &str, texts: &[&str]) {
    let running = follow(shop);
    connection
        .execute("INSERT INTO person(id) VALUES (999)")
        .unwrap();
    has_person(shop, 999);
    connection.execute(ddl).unwrap();
    connection.execute(change).unwrap();
    let ran = shop.ended(running);
    ran.refused(DRIFT, texts);
}

#[test]
fn a_column_that_old_rows_may_have_a_value_in_is_refused_until_a_reset() {
    for (place, (ddl, change, why)) in [
        (
            "ADD COLUMN c int DEFAULT 7",
            "INSERT INTO person VALUES (1000, 'a', 1)",
            "has a default",
        ),
        (
            "ADD COLUMN c int NOT NULL DEFAULT 7",
            "INSERT INTO person VALUES (1000, 'a', 1)",
            "has a default",
        ),
        (
            "ADD COLUMN c float8 DEFAULT random()",
            "INSERT INTO person VALUES (1000, 'a', 1)",
            "has a default",
        ),
        (
            "ADD COLUMN c int GENERATED BY DEFAULT AS IDENTITY",
            "INSERT INTO person VALUES (1000, 'a', 1)",
            "has a default",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (shop, mut connection) = stored(&format!("evolve_default_{place}"), "evolve");
        let ddl = format!("ALTER TABLE person {ddl}");
        let texts = ["column `c`", "public.person", why, "app reset"];
        stops(&shop, &mut connection, &ddl, change, &texts);
        if ddl.contains("random") {
            continue;
        }
        // The way that the error tells.
        shop.run("app run --once")
            .refused(DRIFT, &["column `c`", why]);
        shop.done("migrate");
        shop.done("app reset --connection shop");
        shop.done("app run --once");
        shop.is_equal(shared());
    }
}

#[test]
fn a_default_that_is_dropped_again_has_filled_old_rows_all_the_same() {
    let (shop, mut connection) = stored("evolve_filled", "evolve");
    let ddl =
        "ALTER TABLE person ADD COLUMN c int DEFAULT 7; ALTER TABLE person ALTER c DROP DEFAULT";
    let change = "INSERT INTO person VALUES (1000, 'a', 1)";
    stops(
        &shop,
        &mut connection,
        ddl,
        change,
        &["column `c`", "has a default"],
    );
}

#[test]
fn what_is_read_and_changes_stops_the_run_under_every_policy() {
    let cases = [
        (
            "ALTER TABLE person DROP COLUMN name",
            "INSERT INTO person VALUES (1000)",
            "column `name` of table `public.person` was dropped",
        ),
        (
            "ALTER TABLE person RENAME COLUMN name TO called",
            "INSERT INTO person VALUES (1000)",
            "column `name` of table `public.person` was dropped, renamed",
        ),
        (
            "ALTER TABLE person ALTER COLUMN id TYPE numeric",
            "INSERT INTO person VALUES (1000)",
            "column `id` of table `public.person` was given another type, `numeric`",
        ),
        (
            "ALTER TABLE person RENAME TO people",
            "INSERT INTO people VALUES (1000)",
            "table `public.person` was renamed to `public.people`",
        ),
    ];
    for policy in ["evolve", "ignore"] {
        for (place, (ddl, change, text)) in cases.into_iter().enumerate() {
            let (shop, mut connection) = stored(&format!("{policy}_breaks_{place}"), policy);
            stops(&shop, &mut connection, ddl, change, &[text]);
        }
    }
}

#[test]
fn a_longer_text_and_a_dropped_not_null_go_on() {
    let cluster = shared();
    let schema = "CREATE TABLE person(id int PRIMARY KEY, name varchar(4) NOT NULL)";
    let shop = Shop::new(cluster, "evolve_wider", schema, &[table("person")]);
    says(&shop, "evolve");
    shop.done("migrate");
    shop.done("app run --once");
    let mut connection = shop.connect(cluster);
    let running = follow(&shop);
    connection
        .execute("ALTER TABLE person ALTER name TYPE varchar(20); INSERT INTO person VALUES (1, 'longer than four')")
        .unwrap();
    has_person(&shop, 1);
    stop(&shop, running);
    shop.is_equal(cluster);
    shop.done("migrate");
    connection
        .execute("ALTER TABLE person ALTER name DROP NOT NULL; INSERT INTO person VALUES (2, NULL)")
        .unwrap();
    shop.done("app run --once");
    shop.is_equal(cluster);
    assert!(shop.done("migrate --check").out.contains("no differences"));
}

#[test]
fn frozen_it_stops_and_evolves_when_it_is_told_to() {
    for (database, policy) in [("freeze", "freeze"), ("freeze_locked", "")] {
        let (shop, mut connection) = stored(database, policy);
        let texts = [
            "table `public.person` has new columns: `c` (`text`, nullable)",
            "schema_change",
            "evolve",
        ];
        let ddl = "ALTER TABLE person ADD COLUMN c text";
        let change = "INSERT INTO person VALUES (1000, 'a', 'x')";
        stops(&shop, &mut connection, ddl, change, &texts);
        let ran = shop.run("app run --once");
        ran.refused(DRIFT, &["column `c`: is new"]);
        says(&shop, "evolve");
        let ran = shop.done("app run --once");
        assert!(ran.err.contains("goes on with `c`"), "{ran}");
        shop.is_equal(shared());
        assert!(shop.done("migrate --check").out.contains("no differences"));
    }
}

#[test]
fn ignored_it_is_passed_over_with_one_warning_for_good() {
    for (database, policy, locked) in [("ignore", "ignore", true), ("ignore_unlocked", "", false)] {
        let shop = application(database, policy, COPY);
        if locked {
            shop.done("migrate");
        }
        shop.done("app run --once");
        let mut connection = shop.connect(shared());
        let running = follow(&shop);
        connection
            .execute(
                "ALTER TABLE person ADD COLUMN c text; INSERT INTO person VALUES (1000, 'a', 'x');
                 ALTER TABLE entry ADD COLUMN c int NOT NULL DEFAULT 1",
            )
            .unwrap();
        connection
            .execute("ANALYZE person; INSERT INTO person VALUES (1001, 'a', 'x')")
            .unwrap();
        has_person(&shop, 1001);
        let err = stop(&shop, running);
        assert_eq!(err.matches("`c` (`text`, nullable)").count(), 1, "{err}");
        // The next run does not read it either, and neither is it compared.
        connection
            .execute("INSERT INTO person VALUES (1002, 'a', 'x')")
            .unwrap();
        let ran = shop.done("app run --once");
        assert_eq!(ran.err.matches("passed over").count(), 2, "{ran}");
        assert!(shop.sink()["person"].contains(&"1002, 'a'".to_owned()));
        shop.done("app verify");
        // Its values are not stored, so that it can no longer be taken on.
        connection
            .execute("ALTER TABLE entry DROP COLUMN c")
            .unwrap();
        says(&shop, "evolve");
        let ran = shop.run("app run --once");
        ran.refused(
            DRIFT,
            &["source `person` has passed over columns", "app reset"],
        );
        shop.done("app reset --connection shop");
        shop.done("app run --once");
        shop.is_equal(shared());
    }
}

#[test]
fn a_column_that_was_added_between_two_runs_is_taken_on_at_the_start() {
    for locked in [true, false] {
        let shop = application(&format!("evolve_between_{locked}"), "evolve", COPY);
        if locked {
            shop.done("migrate");
        }
        shop.done("app run --once");
        shop.connect(shared())
            .execute(
                "INSERT INTO person VALUES (1000, 'before'); UPDATE entry SET note = 'b' WHERE tx = 1;
                 ALTER TABLE person ADD COLUMN c text; ALTER TABLE entry ADD COLUMN d text;
                 INSERT INTO person VALUES (1001, 'after', 'x'); DELETE FROM entry WHERE tx = 1;
                 UPDATE entry SET d = 'x' WHERE tx = 2",
            )
            .unwrap();
        let ran = shop.done("app run --once");
        assert!(ran.err.contains("goes on with `c`"), "{ran}");
        shop.is_equal(shared());
        if locked {
            assert!(shop.done("migrate --check").out.contains("no differences"));
        }
    }
}

#[test]
fn columns_that_are_chosen_cannot_evolve() {
    let columns: &[&str] = &["id"];
    let read = Table {
        columns,
        ..table("person")
    };
    let shop = Shop::new(shared(), "evolve_chosen", SCHEMA, &[read]);
    says(&shop, "evolve");
    let ran = shop.run("app run --once");
    ran.refused(2, &["sources[0].schema_change", "`columns` chooses them"]);
}

#[test]
fn a_type_is_widened_in_the_middle_of_a_transaction() {
    let (shop, mut connection) = stored("evolve_wider_transaction", "evolve");
    let mut running = follow(&shop);
    connection
        .execute("INSERT INTO person VALUES (1000, 'follows')")
        .unwrap();
    has_person(&shop, 1000);
    connection
        .execute(
            "BEGIN; INSERT INTO person VALUES (1001, 'before'); UPDATE entry SET note = 'b' WHERE tx = 1;
             ALTER TABLE person ALTER id TYPE bigint; ALTER TABLE entry ALTER tx TYPE bigint;
             INSERT INTO person VALUES (5000000000, 'after'); UPDATE person SET name = 'x' WHERE id = 1001;
             UPDATE entry SET tx = 6000000000 WHERE tx = 1; DELETE FROM person WHERE id = 1; COMMIT",
        )
        .unwrap();
    running.wait_for("given the wider type `bigint`: taken on");
    until("the row in the sink", || {
        let rows = &shop.sink()["person"];
        (rows.iter().any(|row| row.starts_with("5000000000, "))).then_some(())
    });
    stop(&shop, running);
    shop.is_equal(shared());
    assert!(shop.done("migrate --check").out.contains("no differences"));
}

#[test]
fn killed_around_wider_types_it_loses_nothing_and_doubles_nothing() {
    let cluster = shared();
    let schema = "CREATE TABLE person(id int PRIMARY KEY, n smallint, d numeric(4, 1));
        INSERT INTO person SELECT n, n, n FROM generate_series(1, 100) n";
    let shop = Shop::new(cluster, "evolve_wider_kill", schema, &[table("person")]);
    says(&shop, "evolve");
    shop.done("migrate");
    shop.done("app run --once");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = Over(&over);
        scope.spawn(|| {
            let mut connection = shop.connect(cluster);
            let mut random = Random::new(7);
            while !over.load(Ordering::Relaxed) {
                let (a, b) = (random.below(150), random.below(300));
                let sql = match random.below(3) {
                    0 => format!(
                        "INSERT INTO person VALUES ({a}, {b}, {b}.5) ON CONFLICT DO NOTHING"
                    ),
                    1 => format!(
                        "UPDATE person SET n = {b}, d = -{b}.5 WHERE id BETWEEN {a} AND {a} + 3"
                    ),
                    _ => format!("DELETE FROM person WHERE id = {a}"),
                };
                // One that meets the change of the table may give way.
                let _ = connection.execute(&sql);
                std::thread::sleep(Duration::from_millis(random.below(5)));
            }
        });
        let mut random = Random::new(8);
        let mut connection = shop.connect(cluster);
        for typed in [
            "n TYPE int",
            "d TYPE numeric(6, 1)",
            "id TYPE bigint",
            "d TYPE numeric(9, 1)",
            "n TYPE bigint",
            "d TYPE numeric(20, 1)",
        ] {
            let mut running = follow(&shop);
            if random.below(2) == 0 {
                running.wait_for("stored up to ");
            }
            connection
                .execute(&format!("ALTER TABLE person ALTER {typed}"))
                .unwrap();
            std::thread::sleep(Duration::from_millis(random.below(200)));
            running.signal("KILL");
            running.ended();
            shop.ended(running);
        }
    });
    shop.done("app run --once");
    shop.is_equal(cluster);
}
