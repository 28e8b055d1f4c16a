//! Tables of a SQLite file that change between two runs and below one, with and without a lock file, under each policy: what is
//! not taken on is passed over and told, or stops the run, and nothing is stored under a schema that it does not have.

use serde_json::{Value, json};

use crate::support::{JSONL, Lines, Place, bag, json_rows, shop, until};

const SCHEMA: &str = "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO person VALUES(1, 'ada');";

/// The schema is not the one that is locked or stored.
const DRIFT: i32 = 6;
/// Changes may be missing.
const LOST: i32 = 7;

/// A followed table whose first run is over; `policy` is what its source says, or nothing.
fn followed(policy: &str, locked: bool) -> Place {
    let source = match policy {
        "" => "person".to_owned(),
        policy => format!("person, schema_change: {policy}"),
    };
    let place = Place::with(&shop(", capture: triggers", &[&source], JSONL));
    place.sqlite("source.db", SCHEMA);
    if locked {
        place.done("migrate");
    }
    let ran = place.done("app run --once");
    let warns = ran
        .err
        .contains("warning: there is no lock file `dozer.lock`");
    assert_eq!(warns, !locked, "{ran}");
    place
}

/// The last row that the lines tell.
fn last(place: &Place) -> Value {
    let lines = Lines::read(&place.file("out"), &["person"]);
    let line = lines.of("person").last().unwrap().clone();
    Value::Object(line.after.unwrap())
}

/// The sink holds what the source holds.
fn holds_all(place: &Place) {
    let rows = json_rows(&place.file("source.db"), "SELECT * FROM person");
    let lines = Lines::read(&place.file("out"), &["person"]);
    assert_eq!(lines.folded("person"), bag(rows));
}

#[test]
fn a_column_that_was_added_between_two_runs_is_passed_over_or_refused() {
    for (policy, locked, code) in [
        ("", false, 0),
        ("", true, DRIFT),
        ("ignore", false, 0),
        ("ignore", true, 0),
        ("freeze", false, DRIFT),
        ("freeze", true, DRIFT),
    ] {
        let place = followed(policy, locked);
        let lock = locked.then(|| place.read("dozer.lock"));
        place.sqlite(
            "source.db",
            "ALTER TABLE person ADD COLUMN age INTEGER; INSERT INTO person VALUES(2, 'grace', 85)",
        );
        let ran = place.run("app run --once");
        assert_eq!(ran.code, Some(code), "{policy:?}, locked {locked}: {ran}");
        if code == 0 {
            let warning = "table `person` has columns that are not read: `age` (`INTEGER`, nullable): passed over";
            assert!(ran.err.contains(warning), "{ran}");
            assert_eq!(last(&place), json!({ "id": 2, "name": "grace" }));
        } else {
            assert!(ran.err.contains("help: "), "{ran}");
            assert_eq!(last(&place), json!({ "id": 1, "name": "ada" }));
        }
        assert_eq!(locked.then(|| place.read("dozer.lock")), lock);

        // What the message asks for takes it on, with all rows.
        place.done("migrate");
        place.done("app reset --connection shop");
        place.done("app run --once");
        holds_all(&place);
        assert_eq!(last(&place), json!({ "id": 2, "name": "grace", "age": 85 }));
    }
}

#[test]
fn a_source_that_cannot_tell_of_columns_is_not_asked_to_evolve() {
    for locked in [false, true] {
        let place = followed("", locked);
        let yaml = place.read("dozer.yaml");
        place.write(
            "dozer.yaml",
            &yaml.replace(
                "table_name: person",
                "table_name: person, schema_change: evolve",
            ),
        );
        place.run("app run --once").refused(
            2,
            &[
                "error: source `person`: `schema_change: evolve` needs a connector that tells when columns are added",
                "help: set `freeze` or `ignore`",
            ],
        );
    }
}

/// Changes the table below a run, which ends with this code and says this; the row before is stored, and no later one.
fn changed_below(policy: &str, sql: &str, code: i32, texts: &[&str]) -> Place {
    let place = followed(policy, true);
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: goes on from ");
    place.sqlite("source.db", "INSERT INTO person VALUES(9, 'before')");
    until("the row before the change", || {
        (last(&place) == json!({ "id": 9, "name": "before" })).then_some(())
    });
    place.sqlite("source.db", sql);
    let ran = running.finish(place.path());
    ran.refused(code, texts);
    assert_eq!(last(&place), json!({ "id": 9, "name": "before" }));
    place
}

#[test]
fn a_column_that_is_added_below_a_run_stops_it_and_the_next_one_does_as_the_policy_says() {
    const ADDED: &str =
        "ALTER TABLE person ADD COLUMN age INTEGER; INSERT INTO person VALUES(2, 'grace', 85);";
    let told = [
        "table `person` changed while it was followed: column `age` was added",
        "help: `dozer migrate` shows the new schema and takes it on; then `dozer app reset`",
    ];
    let place = changed_below("", ADDED, DRIFT, &told);
    let ran = place.run("app run --once");
    ran.refused(DRIFT, &["source `person`, column `age`: is new, `Int`"]);

    let place = changed_below("ignore", ADDED, DRIFT, &told);
    place.done("app run --once");
    assert_eq!(last(&place), json!({ "id": 2, "name": "grace" }));
}

#[test]
fn a_column_that_is_renamed_below_a_run_stops_it_under_every_policy() {
    for policy in ["", "ignore", "freeze"] {
        let place = changed_below(
            policy,
            "ALTER TABLE person RENAME COLUMN name TO called; INSERT INTO person VALUES(2, 'grace')",
            DRIFT,
            &["column `name` is now `called`"],
        );
        let ran = place.run("app run --once");
        ran.refused(
            DRIFT,
            &[
                "source `person`, column `name`: is gone",
                "source `person`, column `called`: is new, `Text`",
            ],
        );
        place.done("migrate");
        place.done("app reset --connection shop");
        place.done("app run --once");
        holds_all(&place);
    }
}

#[test]
fn a_table_that_is_made_anew_below_a_run_loses_the_position_until_a_reset() {
    for policy in ["", "ignore"] {
        let place = changed_below(
            policy,
            "DROP TABLE person; CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT);
             INSERT INTO person VALUES(2, 'grace')",
            LOST,
            &["table `person`", "help: "],
        );
        let ran = place.run("app run --once");
        ran.refused(LOST, &["help: `dozer app reset` forgets the position"]);
        place.done("app reset --connection shop");
        place.done("app run --once");
        holds_all(&place);
    }
}

#[test]
fn a_table_that_is_gone_below_a_run_is_named() {
    for sql in ["DROP TABLE person", "ALTER TABLE person RENAME TO people"] {
        let told = ["the captured table `person` was dropped or renamed"];
        let place = changed_below("", sql, LOST, &told);
        let ran = place.run("app run --once");
        ran.refused(3, &["the connection has no table `person`"]);
    }
}
