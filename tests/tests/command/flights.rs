//! The example with real data, held to what `sqlite3` prints of the same file.

use std::collections::BTreeMap;
use std::path::Path;

use connector_core::Timestamp;
use serde_json::{Map, Value};

use crate::support::{Lines, Place, json_rows};

/// Each source, its columns as the configuration selects them, and its key.
const SOURCES: [(&str, &str, &[&str]); 5] = [
    ("airlines", "*", &["carrier"]),
    ("airports", "faa, name, lat, lon, tzone", &["faa"]),
    ("planes", "*", &["tailnum"]),
    (
        "flights",
        "*",
        &["year", "month", "day", "carrier", "flight", "origin"],
    ),
    ("weather", "*", &["origin", "time_hour"]),
];
const NAMES: [&str; 5] = ["airlines", "airports", "planes", "flights", "weather"];
const DATABASE: &str = "data/nycflights.db";

/// A copy of the example.
fn example() -> Place {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/flights");
    let place = Place::new();
    std::fs::create_dir(place.file("data")).unwrap();
    for name in ["dozer.yaml", DATABASE] {
        std::fs::copy(example.join(name), place.file(name)).unwrap();
    }
    place
}

fn by_key(
    rows: impl IntoIterator<Item = Map<String, Value>>,
    key: &[&str],
) -> BTreeMap<String, Map<String, Value>> {
    let mut keyed = BTreeMap::new();
    for row in rows {
        let values: Vec<&Value> = key.iter().map(|&name| &row[name]).collect();
        let name = serde_json::to_string(&values).unwrap();
        let doubled = keyed.insert(name.clone(), row);
        assert_eq!(doubled, None, "{name} is there twice");
    }
    keyed
}

/// Numbers as numbers to the 15 digits that `sqlite3` prints, times as instants.
fn equal(name: &str, a: &Value, b: &Value) -> bool {
    let instant = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= a.abs() * 1e-14,
        _ if name == "time_hour" => instant(a).is_some() && instant(a) == instant(b),
        _ => a == b,
    }
}

/// The sink holds each row of each source once, and as it is.
fn holds_the_source(place: &Place) {
    let lines = Lines::read(&place.file("out"), &NAMES);
    lines.positions_are_right();
    let mut nulls = 0;
    for (source, columns, key) in SOURCES {
        let sql = format!("SELECT {columns} FROM {source}");
        let expected = by_key(json_rows(&place.file(DATABASE), &sql), key);
        let told = lines.of(source).iter().map(|line| {
            assert_eq!(line.op, "r", "{source}");
            line.after.clone().unwrap()
        });
        let told = by_key(told, key);
        assert_eq!(told.len(), expected.len(), "rows of {source}");
        for (name, expected) in &expected {
            let row = &told[name];
            let columns: (Vec<_>, Vec<_>) = (row.keys().collect(), expected.keys().collect());
            assert_eq!(columns.0, columns.1, "columns of {source}");
            for (column, expected) in expected {
                nulls += usize::from(expected.is_null());
                assert!(
                    equal(column, &row[column], expected),
                    "{source} {name}: `{column}` is {}, not {expected}",
                    row[column]
                );
            }
        }
    }
    assert!(nulls > 300, "the data has nulls");
}

#[test]
fn each_row_arrives_once_and_as_it_is_and_the_file_is_left_as_it_was() {
    let place = example();
    let bytes = std::fs::read(place.file(DATABASE)).unwrap();
    let ran = place.done("app run --once --format json");
    assert_eq!(ran.json()["connections"][0]["rows"], 31_092);
    holds_the_source(&place);
    assert!(
        std::fs::read(place.file(DATABASE)).unwrap() == bytes,
        "the database was changed"
    );
    assert_eq!(place.files("data"), ["nycflights.db"]);
    let mut expected: Vec<String> = NAMES.iter().map(|name| format!("{name}.jsonl")).collect();
    expected.extend(["nyc.lock".to_owned(), "nyc.state.json".to_owned()]);
    expected.sort();
    assert_eq!(place.files("out"), expected);
}

#[test]
fn a_second_run_replaces_what_the_first_wrote() {
    let place = example();
    place.done("app run --once");
    let files = place.files("out");
    place.sqlite(
        DATABASE,
        "UPDATE planes SET year = 1903 WHERE tailnum = 'N10156'; DELETE FROM airlines WHERE carrier > 'F';
         INSERT INTO airlines VALUES('__', 'New')",
    );
    let ran = place.done("app run --once --format json").json();
    let summary = &ran["connections"][0];
    assert_eq!(summary["checkpoint"]["complete"], true, "{summary}");
    holds_the_source(&place);
    assert_eq!(place.files("out"), files);
}

#[test]
fn the_listing_says_what_the_catalog_says() {
    let place = example();
    let listing = place.done("connector ls --format json").json();
    let connection = &listing["connections"][0];
    assert_eq!(connection["name"], "nyc");
    let tables = connection["tables"].as_array().unwrap();
    let columns = json_rows(
        &place.file(DATABASE),
        "SELECT m.name AS tab, c.name, c.type, c.\"notnull\", c.pk
         FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type IN ('table', 'view')",
    );
    let mut listed = 0;
    for table in tables {
        for column in table["columns"].as_array().unwrap() {
            let expected = columns
                .iter()
                .find(|known| {
                    known["tab"] == table["table_name"] && known["name"] == column["name"]
                })
                .unwrap_or_else(|| panic!("{column} of {table}"));
            assert_eq!(column["external_type"], expected["type"]);
            assert_eq!(column["nullable"], expected["notnull"] == 0, "{column}");
            let key = column["key"].as_u64();
            assert_eq!(key.is_some(), expected["pk"] != 0, "{column}");
            listed += 1;
        }
    }
    assert_eq!(listed, columns.len());
    assert_eq!(tables.len(), 6, "five tables and a view");
}

#[test]
fn migrate_writes_a_lock_file_that_the_next_run_keeps_to() {
    let place = example();
    let warning = "there is no lock file";
    let first = place.done("app run --once");
    assert!(first.err.contains(warning), "{first}");
    let migrated = place.done("migrate --format json").json();
    assert_eq!(migrated["lock"]["written"], true);
    assert_eq!(migrated["lock"]["found"], false);
    let lock: Value = serde_json::from_str(&place.read("dozer.lock")).unwrap();
    let sources: Vec<&String> = lock["sources"].as_object().unwrap().keys().collect();
    let mut names = NAMES;
    names.sort_unstable();
    assert_eq!(sources, names);
    let second = place.done("app run --once");
    assert!(!second.err.contains(warning), "{second}");
    holds_the_source(&place);
    let text = place.read("dozer.lock");
    let again = place.done("migrate --check --format json").json();
    assert_eq!(again["lock"]["found"], true);
    assert_eq!(again["lock"]["differences"], serde_json::json!([]));
    assert_eq!(place.read("dozer.lock"), text);
}
