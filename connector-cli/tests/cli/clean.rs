//! `connector clean`.

use crate::place::{Place, bank};

#[test]
fn clean_asks_and_refuses_where_nobody_can_answer() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("migrate").code, 0);
    let ran = place.run("connector clean");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "error: `connector clean` removes what was set up in `bank`, and there is no terminal to ask\n\
         help: give `--yes` to remove it without asking\n"
    );
    assert!(place.file("ledger.marker").exists());
}

#[test]
fn clean_prints_what_it_removed() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("migrate").code, 0);
    let ran = place.run("connector clean --yes");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "bank: removed the marker\n")
    );
    assert!(!place.file("ledger.marker").exists());
    let again = place.run("connector clean --yes --connection bank");
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "bank: nothing to remove\n")
    );
}

#[test]
fn clean_tells_in_json_what_it_removed_and_what_failed() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("migrate").code, 0);
    let clean = "connector clean --yes --format json";
    let done = &place.run(clean).json()["connections"][0];
    assert_eq!(done["name"], "bank");
    assert_eq!(done["done"], serde_json::json!(["removed the marker"]));
    assert_eq!(done["error"], serde_json::Value::Null);
    let again = &place.run(clean).json()["connections"][0];
    assert_eq!(again["done"], serde_json::json!([]));
    // A directory is not removed as a file.
    std::fs::create_dir(place.file("ledger.marker")).unwrap();
    let ran = place.run(clean);
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.starts_with("error: connection `bank`: "),
        "{}",
        ran.err
    );
    assert_eq!(ran.json()["connections"][0]["error"]["kind"], "source");
}
