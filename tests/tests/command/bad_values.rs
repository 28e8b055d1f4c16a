//! Text in a column of integers, under each policy, in a snapshot and among changes.

use serde_json::{Value, json};

use crate::support::{JSONL, Lines, Place, bag, shop};

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
    INSERT INTO person VALUES(1, 'ada', 36), (2, 'grace', 'eighty-five'), (3, 'edith', 4);
";
const HELP: &str = "help: mend the value in the source and take a new snapshot, or set `on_misfit: null` or `on_misfit: reject` on the source\n";

fn place(capture: &str, policy: &str, sql: &str) -> Place {
    let place = Place::new();
    set(&place, capture, policy);
    place.sqlite("source.db", sql);
    place
}

fn set(place: &Place, capture: &str, policy: &str) {
    let source = format!("person, on_misfit: {policy}");
    let settings = format!(", capture: {capture}");
    place.write("dozer.yaml", &shop(&settings, &[&source], JSONL));
}

/// The rows that the lines tell are these, as id, name and age.
fn tells(place: &Place, rows: &[(i64, &str, Value)]) {
    let row = |(id, name, age): &(i64, &str, Value)| {
        let row = json!({ "id": id, "name": name, "age": age });
        row.as_object().unwrap().clone()
    };
    let lines = Lines::read(&place.file("out"), &["person"]);
    assert_eq!(lines.folded("person"), bag(rows.iter().map(row)));
}

fn dead_letters(place: &Place) -> Vec<Value> {
    let text = place.read(".dozer/shop.rejected.jsonl");
    let letters = text.lines().map(|line| serde_json::from_str(line).unwrap());
    letters.collect()
}

#[test]
fn a_snapshot_fails_at_the_value_and_leaves_the_sink_as_it_was() {
    for capture in ["none", "triggers"] {
        let place = place(capture, "fail", SCHEMA);
        place.sqlite("source.db", "UPDATE person SET age = 85 WHERE id = 2");
        place.done("app run --once");
        let written = place.read("out/person.jsonl");
        place.sqlite(
            "source.db",
            "UPDATE person SET age = 'eighty-five' WHERE id = 2",
        );
        place.done("app reset --connection shop");
        let ran = place.run("app run --once");
        let told = [
            "error: connection `shop`: table `person`, column `age` of type `INTEGER` at position (",
            ", 2): \"eighty-five\" does not fit `Int`: not a whole number\n",
            HELP,
        ];
        ran.refused(5, &told);
        assert_eq!(place.read("out/person.jsonl"), written);
        place.sqlite("source.db", "UPDATE person SET age = 86 WHERE id = 2");
        place.done("app run --once");
        tells(
            &place,
            &[
                (1, "ada", json!(36)),
                (2, "grace", json!(86)),
                (3, "edith", json!(4)),
            ],
        );
    }
}

#[test]
fn a_value_becomes_null_where_that_is_asked_for_and_is_counted() {
    for capture in ["none", "triggers"] {
        let place = place(capture, "null", SCHEMA);
        let summary = place.done("app run --once --format json").json();
        assert_eq!(summary["connections"][0]["nulled"], 1, "{summary}");
        assert_eq!(summary["connections"][0]["rejected"], 0, "{summary}");
        tells(
            &place,
            &[
                (1, "ada", json!(36)),
                (2, "grace", Value::Null),
                (3, "edith", json!(4)),
            ],
        );
    }
}

#[test]
fn a_rejected_row_is_kept_with_its_reason_and_position_and_the_others_arrive() {
    for capture in ["none", "triggers"] {
        let place = place(capture, "reject", SCHEMA);
        let ran = place.done("app run --once --format json");
        let summary = &ran.json()["connections"][0];
        assert_eq!(summary["rejected"], 1, "{summary}");
        assert_eq!(summary["nulled"], 0, "{summary}");
        assert_eq!(summary["sources"][0]["rows"], 2, "{summary}");
        let warning = "warning: shop: rejected a row of source `person` at position (";
        assert!(ran.err.contains(warning), "{ran}");
        tells(&place, &[(1, "ada", json!(36)), (3, "edith", json!(4))]);
        let letters = dead_letters(&place);
        assert_eq!(letters.len(), 1, "{letters:?}");
        let letter = &letters[0];
        assert_eq!(letter["source"], "person");
        assert_eq!(letter["table"], "person");
        assert_eq!(letter["column"], "age");
        assert_eq!(letter["external_type"], "INTEGER");
        assert_eq!(letter["expected"], "Int");
        assert_eq!(letter["reason"], "not a whole number");
        assert_eq!(letter["row"]["id"], "2");
        assert_eq!(letter["row"]["age"], "eighty-five");
        assert_eq!(letter["seq"], 2);
        assert_eq!(letter["lsn"], summary["checkpoint"]["lsn"]);
    }
}

#[test]
fn a_change_fails_at_the_value_and_goes_on_from_there_once_rows_may_be_rejected() {
    let place = place("triggers", "fail", SCHEMA);
    place.sqlite("source.db", "UPDATE person SET age = 85 WHERE id = 2");
    place.done("app run --once");
    place.sqlite(
        "source.db",
        "INSERT INTO person VALUES(4, 'jean', 40); UPDATE person SET age = 'old' WHERE id = 1;
         INSERT INTO person VALUES(5, 'joan', 50);",
    );
    let ran = place.run("app run --once");
    let told = [
        "column `age` of type `INTEGER` at position (",
        ", 2): \"old\" does not fit `Int`: not a whole number\n",
        HELP,
    ];
    ran.refused(5, &told);
    // The three changes are one group: none of it is stored.
    let before = [
        (1, "ada", json!(36)),
        (2, "grace", json!(85)),
        (3, "edith", json!(4)),
    ];
    tells(&place, &before);

    // An update to a row that is rejected takes the old row away; one to a row that fits brings it back.
    set(&place, "triggers", "reject");
    let summary = place.done("app run --once --format json").json();
    assert_eq!(summary["connections"][0]["rejected"], 1, "{summary}");
    let mut after = vec![(2, "grace", json!(85)), (3, "edith", json!(4))];
    after.extend([(4, "jean", json!(40)), (5, "joan", json!(50))]);
    tells(&place, &after);
    let letters = dead_letters(&place);
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0]["row"]["age"], "old");
    place.sqlite("source.db", "UPDATE person SET age = 37 WHERE id = 1");
    place.done("app run --once");
    after.push((1, "ada", json!(37)));
    tells(&place, &after);
}
