//! `app status` and `app reset`.

use crate::place::{Place, bank};

#[test]
fn status_tells_positions_and_lag() {
    let place = Place::with(&bank(""));
    let fresh = place.run("app status");
    assert_eq!(fresh.code, 0);
    assert_eq!(
        fresh.cells(&["bank"]),
        ["bank", "entries", "not started", "-", "2", "-", "-"]
    );
    assert_eq!(place.run("app run --once").code, 0);
    place.write("ledger.txt", "1 alice 100\n2 bob 250\n7 carol 5\n");
    let behind = place.run("app status");
    assert_eq!(
        behind.cells(&["bank"]),
        ["bank", "entries", "stopped", "2", "7", "5", "-"]
    );
    let json = place.run("app status --format json").json();
    assert_eq!(json["connections"][0]["checkpoint"]["lsn"], 2);
    assert_eq!(json["connections"][0]["lag"], 5);
    assert_eq!(json["connections"][0]["running"], false);
}

#[test]
fn status_of_one_connection_that_fails_does_not_hide_the_others() {
    let place = Place::with(
        "app_name: a\nconnections:\n\
         \x20 - { name: gone, config: !Ledger { path: nowhere.txt } }\n\
         \x20 - { name: bank, config: !Ledger { path: ledger.txt } }\n",
    );
    let ran = place.run("app status");
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.starts_with("error: connection `gone`: "),
        "{}",
        ran.err
    );
    assert_eq!(ran.cells(&["gone"])[2], "failed");
    assert_eq!(
        ran.cells(&["bank"]),
        ["bank", "-", "no sources", "-", "2", "-", "-"]
    );
}

#[test]
fn status_tells_that_the_source_has_lost_the_position() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("app run --once").code, 0);
    place.configure(&bank(", fault: lost"));
    let ran = place.run("app status");
    assert_eq!(ran.code, 7);
    assert_eq!(
        ran.err,
        "error: connection `bank`: the source no longer holds position 2, the earliest is 12\n\
         help: take a new snapshot: `dozer app reset` forgets the position of a connection\n"
    );
    assert_eq!(
        ran.cells(&["bank"]),
        ["bank", "entries", "position lost", "2", "2", "-", "-"]
    );
    let json = place.run("app status --format json").json();
    assert_eq!(json["connections"][0]["error"]["kind"], "position-lost");
    assert_eq!(json["connections"][0]["lag"], serde_json::Value::Null);
    assert_eq!(place.run("app run --once").code, 7);
    // Where nothing is stored, nothing is lost.
    assert_eq!(place.run("app reset --connection bank").code, 0);
    assert_eq!(place.run("app status").code, 0);
}

#[test]
fn a_reset_is_told_in_json_too() {
    let place = Place::with(&bank(""));
    let json = place
        .run("app reset --connection bank --format json")
        .json();
    assert_eq!(
        json,
        serde_json::json!({ "connections": [{
            "name": "bank",
            "done": ["the position is forgotten; the next run takes a new snapshot"],
            "error": null,
        }] })
    );
}

#[test]
fn a_reset_connection_takes_a_new_snapshot() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("app run --once").code, 0);
    let reset = place.run("app reset --connection bank");
    assert_eq!(
        (reset.code, reset.out.as_str()),
        (
            0,
            "bank: the position is forgotten; the next run takes a new snapshot\n"
        )
    );
    let again = place.run("app run --once");
    assert_eq!(again.cells(&["bank", "entries"])[2], "2");
    assert_eq!(place.read("out/entries.jsonl").lines().count(), 2);
    assert_eq!(place.run("app reset --connection none").code, 2);
}
