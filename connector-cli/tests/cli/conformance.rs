//! `connector test`, over a SQLite file and over sources of the tests.

use rusqlite::Connection;

use crate::place::{Place, bank};

const CONFIGURATION: &str = "
app_name: files
connections:
  - { name: db, config: !Sqlite { path: source.db, capture: triggers } }
sources:
  - { name: people, connection: !Ref db, table_name: person }
  - { name: tags, connection: !Ref db, table_name: tag }
sinks: []
";

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL, photo BLOB);
    CREATE TABLE tag(a TEXT, b INTEGER);
    INSERT INTO person VALUES(1, 'Ada', 1.65, zeroblob(100)), (2, 'Grace', NULL, NULL), (3, 'Jean', 1.5, x'');
    INSERT INTO tag VALUES('x', 1), ('x', 1), (NULL, NULL);
";

fn place() -> Place {
    let place = Place::with(CONFIGURATION);
    let writer = Connection::open(place.file("source.db")).unwrap();
    writer.execute_batch(SCHEMA).unwrap();
    place
}

#[test]
fn a_sound_source_passes_and_nothing_is_written_into_it() {
    let place = place();
    let before = std::fs::read(place.file("source.db")).unwrap();
    let ran = place.run("connector test");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("a stop is obeyed"), "{}", ran.out);
    assert!(!ran.out.contains("FAILED"), "{}", ran.out);
    assert_eq!(std::fs::read(place.file("source.db")).unwrap(), before);
    let ran = place.run("connector test --format json");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["failed"], 0);
    let checks = report["connections"][0]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 9);
    assert_eq!(checks[0]["check"], "tables_schemas_and_rows_agree");
    assert_eq!(checks[0]["status"], "passed");
    assert_eq!(checks[0]["message"], "6 rows");
}

#[test]
fn all_tables_are_tried_where_none_is_configured() {
    let place = place();
    place.configure(
        "app_name: files\nconnections:\n  - { name: db, config: !Sqlite { path: source.db } }\nsources: []\nsinks: []\n",
    );
    let ran = place.run("connector test --format json");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("\"6 rows\""), "{}", ran.out);
}

#[test]
fn what_does_not_hold_is_said_with_exit_code_3() {
    let place = place();
    let writer = Connection::open(place.file("source.db")).unwrap();
    // SQLite lets a text into a column of numbers.
    writer
        .execute_batch("UPDATE person SET height = 'tall' WHERE id = 2")
        .unwrap();
    let ran = place.run("connector test");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("FAILED"), "{}", ran.out);
    assert!(ran.out.contains("height"), "{}", ran.out);
}

#[test]
fn a_source_that_cannot_be_reached_is_an_error_and_no_failed_check() {
    let place = Place::with(CONFIGURATION);
    assert_eq!(place.run("connector test").code, 4);
    let place = Place::with(&bank(""));
    let ran = place.run("connector test --connection nobody");
    assert_eq!(ran.code, 2, "{}", ran.err);
}
