//! `--format json`: one JSON document on stdout, and nothing else, also where something is wrong.

use serde_json::Value;

use crate::support::{BOTH, Place, shop};

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO person VALUES(1, 'ada');
";

fn followed() -> Place {
    let place = Place::with(&shop(", capture: triggers", &["person"], BOTH));
    place.sqlite("source.db", SCHEMA);
    place
}

/// The commands whose result is a table, with a key that each document has.
const COMMANDS: [(&str, &str); 6] = [
    ("connector types", "connectors"),
    ("connector ls", "connections"),
    ("migrate --check", "lock"),
    ("migrate", "lock"),
    ("app run --once", "connections"),
    ("app status", "connections"),
];

#[test]
fn every_result_is_one_json_document() {
    let place = followed();
    for (command, key) in COMMANDS {
        let ran = place.done(&format!("{command} --format json"));
        let document = ran.json();
        assert!(
            document.get(key).is_some(),
            "{command} has no `{key}`: {ran}"
        );
        let table = place.done(command);
        assert!(
            serde_json::from_str::<Value>(&table.out).is_err(),
            "{table}"
        );
    }
}

#[test]
fn a_run_that_is_stopped_prints_its_summary_as_json() {
    let place = followed();
    let mut running = place.start("app run --format json");
    running.wait_for("shop: snapshot done at ");
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    let summary = ran.json();
    assert_eq!(summary["interrupted"], true);
    assert_eq!(summary["connections"][0]["rows"], 1);
}

#[test]
fn a_source_that_fails_is_told_inside_the_document() {
    let place = followed();
    std::fs::remove_file(place.file("source.db")).unwrap();
    for command in ["connector ls", "migrate", "migrate --check", "app status"] {
        let ran = place.run(&format!("{command} --format json"));
        assert_eq!(ran.code, Some(4), "{command}: {ran}");
        let error = &ran.json()["connections"][0]["error"];
        assert_eq!(error["kind"], "source", "{command}: {ran}");
        assert!(error["message"].as_str().unwrap().contains("source.db"));
        assert!(error["help"].is_string(), "{command}: {ran}");
    }
    // A run has no result to print then.
    let ran = place.run("app run --once --format json");
    ran.refused(4, &["config.path: there is no file `source.db`"]);
}

#[test]
fn every_line_of_the_log_is_a_json_object_where_that_is_asked_for() {
    let place = followed();
    let ran = place.done("app run --once --log debug --log-format json --format json");
    ran.json();
    let lines: Vec<Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(lines.len() > 3, "{ran}");
    for line in &lines {
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}
