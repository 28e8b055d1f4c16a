//! `app verify`, over a captured SQLite file into a SQLite sink.

use rusqlite::{Connection, MAIN_DB};

use crate::place::{Place, bank};

const CONFIGURATION: &str = "
app_name: files
connections:
  - { name: db, config: !Sqlite { path: source.db, capture: triggers } }
sources:
  - { name: people, connection: !Ref db, table_name: person }
  - { name: tags, connection: !Ref db, table_name: tag }
sinks:
  - { name: copy, config: !Sqlite { path: sink.db } }
";

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL, photo BLOB);
    CREATE TABLE tag(a TEXT, b INTEGER);
    INSERT INTO person VALUES(1, 'Ada', 1.65, zeroblob(100)), (2, 'Grace', NULL, NULL), (3, 'Jean', 1.5, x'');
    INSERT INTO tag VALUES('x', 1), ('x', 1), (NULL, NULL);
";

fn open(place: &Place, file: &str) -> Connection {
    Connection::open(place.file(file)).unwrap()
}

/// A place whose sink has all that the source has.
fn copied() -> Place {
    let place = Place::with(CONFIGURATION);
    open(&place, "source.db").execute_batch(SCHEMA).unwrap();
    let ran = place.run("app run --once");
    assert_eq!(ran.code, 0, "{}", ran.err);
    place
}

fn readers(place: &Place) -> Vec<String> {
    let connection = open(place, "source.db");
    let mut statement = connection
        .prepare("SELECT name || ' ' || lsn FROM _dozer_readers")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[test]
fn after_a_run_nothing_differs_and_nothing_is_left_behind() {
    let place = copied();
    let (readers_before, status) = (readers(&place), place.run("app status").out);
    let ran = place.run("app verify");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.cells(&["db", "copy", "people"])[3..],
        ["3", "0", "0", "0"]
    );
    assert_eq!(
        ran.cells(&["db", "copy", "tags"])[3..],
        ["3", "0", "0", "0"]
    );
    assert_eq!(readers(&place), readers_before);
    assert_eq!(place.run("app status").out, status);
    let tables: i64 = open(&place, "sink.db")
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%snapshot%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(tables, 0);

    // What is compared goes on as before.
    open(&place, "source.db")
        .execute("UPDATE person SET name = 'Ada L.' WHERE id = 1", [])
        .unwrap();
    assert_eq!(place.run("app run --once").code, 0);
    assert_eq!(place.run("app verify").code, 0);
}

#[test]
fn a_blob_that_was_written_behind_the_capture_is_found() {
    let place = copied();
    {
        use std::io::{Seek, SeekFrom, Write};
        let source = open(&place, "source.db");
        let mut blob = source
            .blob_open(MAIN_DB, "person", "photo", 1, false)
            .unwrap();
        blob.seek(SeekFrom::Start(60)).unwrap();
        blob.write_all(&[0xab]).unwrap();
    }
    assert_eq!(place.run("app run --once").code, 0);
    let ran = place.run("app verify --format json");
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    let report = ran.json();
    assert_eq!(report["differing"], 1);
    let people = &report["connections"][0]["sinks"][0]["sources"][0];
    assert_eq!(people["different"], 1);
    assert_eq!(
        people["listed"],
        serde_json::json!([{
            "kind": "different",
            "key": [["id", "1"]],
            "columns": [{
                "column": "photo",
                "source": format!("x'{}ab{}' (bytes 52 to 84 of 100)", "00".repeat(8), "00".repeat(23)),
                "sink": format!("x'{}' (bytes 52 to 84 of 100)", "00".repeat(32)),
            }],
        }])
    );
    let table = place.run("app verify");
    assert_eq!(
        table.cells(&["copy", "people", "different"])[3..5],
        ["id = 1", "photo"]
    );
}

#[test]
fn rows_that_only_one_side_has_are_named() {
    let place = copied();
    open(&place, "sink.db")
        .execute_batch(
            "DELETE FROM people WHERE id = 2;
             INSERT INTO people VALUES(7, 'Nobody', NULL, NULL);
             UPDATE people SET height = NULL, name = 'Joan' WHERE id = 3;
             DELETE FROM tags WHERE rowid = 1;
             INSERT INTO tags VALUES(NULL, NULL), (NULL, NULL), ('y', 2)",
        )
        .unwrap();
    let ran = place.run("app verify");
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    assert_eq!(
        ran.cells(&["db", "copy", "people"])[3..],
        ["3", "1", "1", "1"]
    );
    assert_eq!(
        ran.cells(&["db", "copy", "tags"])[3..],
        ["3", "1", "3", "0"]
    );
    let line = |begin: &[&str]| ran.cells(begin)[3..].join(" | ");
    assert_eq!(line(&["copy", "people", "missing"]), "id = 2 | - | - | -");
    assert_eq!(line(&["copy", "people", "extra"]), "id = 7 | - | - | -");
    assert_eq!(
        line(&["copy", "people", "different"]),
        "id = 3 | name | 'Jean' | 'Joan'"
    );
    assert!(ran.out.contains("height"), "{}", ran.out);
    assert_eq!(
        line(&["copy", "tags", "missing"]),
        "a = 'x', b = 1 | - | - | -"
    );
    assert_eq!(
        line(&["copy", "tags", "extra"]),
        "a = NULL, b = NULL | - | - | -"
    );
}

#[test]
fn files_are_read_back_through_their_manifest() {
    let place = Place::with(&CONFIGURATION.replace(
        "  - { name: copy, config: !Sqlite { path: sink.db } }",
        "  - { name: lake, config: !Parquet { path: lake, partition_by: [b] } }\n  \
         - { name: streams, config: !Arrow { path: streams } }",
    ));
    let source = open(&place, "source.db");
    source.execute_batch(SCHEMA).unwrap();
    assert_eq!(place.run("app run --once").code, 0);
    let changes =
        "UPDATE person SET id = 7, height = 2 WHERE id = 2; DELETE FROM tag WHERE rowid = 1;
         INSERT INTO tag VALUES('y', NULL); DELETE FROM person WHERE id = 3";
    source.execute_batch(changes).unwrap();
    assert_eq!(place.run("app run --once").code, 0);
    let before = place.run("app status").out;
    let ran = place.run("app verify");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    for sink in ["lake", "streams"] {
        for (source, rows) in [("people", "2"), ("tags", "3")] {
            let cells = ran.cells(&["db", sink, source]);
            assert_eq!(cells[3..], [rows, "0", "0", "0"], "{sink}");
        }
    }
    assert_eq!(place.run("app status").out, before);

    // What the capture has not seen is in no log.
    let unseen = "PRAGMA recursive_triggers = OFF; DROP TABLE tag;
         CREATE TABLE tag(a TEXT, b INTEGER); INSERT INTO tag VALUES('x', 1), ('z', 1)";
    source.execute_batch(unseen).unwrap();
    let ran = place.run("app verify");
    assert_eq!(ran.code, 3, "{}", ran.err);
    for sink in ["lake", "streams"] {
        assert_eq!(ran.cells(&["db", sink, "tags"])[3..], ["2", "1", "2", "0"]);
        let missing = ran.cells(&[sink, "tags", "missing"])[3..].join(" | ");
        assert_eq!(missing, "a = 'z', b = 1 | - | - | -");
    }
}

#[test]
fn a_sink_that_is_behind_is_said_to_be() {
    let place = copied();
    open(&place, "source.db")
        .execute("DELETE FROM person WHERE id = 1", [])
        .unwrap();
    let ran = place.run("app verify");
    assert_eq!(ran.code, 3);
    assert_eq!(
        ran.cells(&["db", "copy", "people"])[3..],
        ["2", "0", "1", "0"]
    );
    assert!(
        ran.err.starts_with("warning: db: sink `copy` stands at ")
            && ran.err.contains("`dozer app run --once` catches up"),
        "{}",
        ran.err
    );
    assert_eq!(place.run("app run --once").code, 0);
    let ran = place.run("app verify");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn a_sink_that_cannot_be_read_back_is_not_compared() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("app run --once").code, 0);
    let ran = place.run("app verify");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: connection `bank`: no sink can be read back, so there is nothing to compare with\n\
         help: `!Sqlite`, `!Postgres`, `!Parquet` and `!Arrow` files can be read back\n"
    );
    // Beside one that can be, it is left out and said to be.
    let both = "sinks:\n  - { name: copy, config: !Sqlite { path: sink.db } }\n";
    let place = Place::with(&bank("").replace("sinks:\n", both));
    assert_eq!(place.run("app run --once").code, 0);
    let ran = place.run("app verify");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.err,
        "warning: bank: sink `lines` cannot be read back: it was not compared\n"
    );
    assert_eq!(ran.cells(&["bank", "copy", "entries"])[3], "2");
}
