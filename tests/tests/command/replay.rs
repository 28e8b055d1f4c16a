//! Rows that did not fit, replayed into a SQLite file after the policy was mended.

use serde_json::Value;

use crate::support::{BOTH, Place, ask, shop};

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
    INSERT INTO person VALUES(1, 'ada', 36), (2, 'grace', 'eighty-five'), (3, 'edith', 'four'), (4, 'mary', X'00ff');
";

fn configure(place: &Place, policy: &str) {
    let source = format!("person, on_misfit: {policy}");
    place.write("dozer.yaml", &shop(", capture: triggers", &[&source], BOTH));
}

fn copied(place: &Place) -> Vec<String> {
    ask(
        &place.file("copy.db"),
        "SELECT id, name, age FROM person ORDER BY id",
    )
}

#[test]
fn rejected_rows_are_written_after_the_policy_was_mended_and_no_newer_row_is_touched() {
    let place = Place::new();
    configure(&place, "reject");
    place.sqlite("source.db", SCHEMA);
    place.done("app run --once");
    assert_eq!(copied(&place), ["1|ada|36"]);
    // Mended in the source, deleted, and one more that does not fit.
    place.sqlite(
        "source.db",
        "UPDATE person SET age = 85 WHERE id = 2; DELETE FROM person WHERE id = 3;
         INSERT INTO person VALUES(5, 'joan', 'n/a');",
    );
    place.done("app run --once");
    assert_eq!(copied(&place), ["1|ada|36", "2|grace|85"]);

    let still = place.run("app replay --format json");
    assert_eq!(still.code, Some(5), "{still}");
    let json = &still.json()["connections"][0];
    assert_eq!(json["replayed"], 0, "{still}");
    assert_eq!(json["kept"].as_array().unwrap().len(), 2, "{still}");
    assert!(
        still.err.contains("column `age`: \"n/a\" does not fit"),
        "{still}"
    );

    configure(&place, "null");
    let lines = place.read("out/person.jsonl");
    let replayed = place.done("app replay");
    let cells = replayed.out.lines().last().unwrap().split_whitespace();
    assert_eq!(cells.collect::<Vec<_>>(), ["shop", "2", "0", "0", "0"]);
    assert_eq!(
        copied(&place),
        ["1|ada|36", "2|grace|85", "4|mary|", "5|joan|"]
    );
    assert_eq!(
        place.read("out/person.jsonl"),
        lines,
        "lines are no rows by key"
    );
    assert_eq!(place.read(".dozer/shop.rejected.jsonl"), "");
    let moved = place.read(".dozer/shop.rejected.replayed.jsonl");
    let outcome = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["outcome"].as_str().unwrap().to_owned()
    };
    let outcomes: Vec<String> = moved.lines().map(outcome).collect();
    assert_eq!(outcomes.iter().filter(|it| *it == "replayed").count(), 2);

    // The position is where it was: the next run has nothing to do, and what it does later comes on top.
    let ran = place.done("app run --once --format json").json();
    assert_eq!(ran["connections"][0]["rows"], 0, "{ran}");
    place.sqlite("source.db", "UPDATE person SET age = 7 WHERE id = 5");
    place.done("app run --once");
    assert_eq!(copied(&place)[3], "5|joan|7");
}

#[test]
fn a_replay_beside_a_run_is_refused() {
    let place = Place::new();
    configure(&place, "reject");
    place.sqlite("source.db", SCHEMA);
    let mut running = place.start("app run");
    running.wait_for("shop: snapshot done at ");
    place
        .run("app replay")
        .refused(8, &["another run is using application `shop`"]);
    running.signal("TERM");
    running.ended();
}
