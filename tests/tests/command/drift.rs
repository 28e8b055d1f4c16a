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
        let place = Place::with(&shop("", &["person"], JSONL));
        place.sqlite("source.db", SCHEMA);
        if locked {
            place.done("migrate");
        }
        let evolving = shop("", &["person, schema_change: evolve"], JSONL);
        place.write("dozer.yaml", &evolving);
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
fn a_column_that_is_added_below_a_frozen_run_stops_it_and_the_next() {
    const ADDED: &str =
        "ALTER TABLE person ADD COLUMN age INTEGER; INSERT INTO person VALUES(2, 'grace', 85);";
    let told = [
        "table `person` has new columns: `age` (`INTEGER`, nullable)",
        "help: `schema_change` of the source is `freeze`: set it to `evolve`",
    ];
    for policy in ["", "freeze"] {
        let place = changed_below(policy, ADDED, DRIFT, &told);
        let ran = place.run("app run --once");
        ran.refused(DRIFT, &["source `person`, column `age`: is new, `Int`"]);
    }
}

#[test]
fn a_column_that_is_added_below_a_run_is_passed_over_with_one_warning_for_good() {
    let place = followed("ignore", true);
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: goes on from ");
    place.sqlite("source.db", "INSERT INTO person VALUES(2, 'before')");
    until("the row before the change", || {
        (last(&place)["id"] == 2).then_some(())
    });
    place.sqlite(
        "source.db",
        "ALTER TABLE person ADD COLUMN age INTEGER; INSERT INTO person VALUES(3, 'grace', 85)",
    );
    running.wait_for("`age` (`INTEGER`, nullable): passed over");
    place.sqlite(
        "source.db",
        "CREATE TABLE other(a); INSERT INTO person VALUES(4, 'mary', 86)",
    );
    until("the row after the change", || {
        (last(&place) == json!({ "id": 4, "name": "mary" })).then_some(())
    });
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.err.matches("passed over").count(), 1, "{ran}");
    place.sqlite("source.db", "INSERT INTO person VALUES(5, 'ada', 87)");
    place.done("app run --once");
    assert_eq!(last(&place), json!({ "id": 5, "name": "ada" }));
    // Its values are not stored, so that it can no longer be taken on.
    let yaml = place.read("dozer.yaml");
    place.write("dozer.yaml", &yaml.replace("ignore", "evolve"));
    place.run("app run --once").refused(
        DRIFT,
        &["source `person` has passed over columns", "app reset"],
    );
    place.done("app reset --connection shop");
    place.done("app run --once");
    holds_all(&place);
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
    for (sql, code, told) in [
        (
            "DROP TABLE person",
            LOST,
            "the captured table `person` was dropped",
        ),
        (
            "ALTER TABLE person RENAME TO people",
            DRIFT,
            "table `person` was renamed to `people`",
        ),
    ] {
        let place = changed_below("", sql, code, &[told]);
        let ran = place.run("app run --once");
        let gone = match code {
            DRIFT => told,
            _ => "the connection has no table `person`",
        };
        ran.refused(3, &[gone]);
    }
}
