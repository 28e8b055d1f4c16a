//! Several connections in one run, one of which fails.

use crate::place::{Place, bank};

/// Two ledgers into a directory each; the second one has this fault.
fn two(fault: &str, on_failure: &str) -> String {
    let first = bank("");
    let second = format!(
        "  - name: branch\n    config: !Ledger {{ path: ledger.txt, fault: {fault} }}\nsources:\n  \
         - {{ name: loans, connection: !Ref branch, table_name: entries }}\n"
    );
    first.replace("sources:\n", &second) + on_failure
}

#[test]
fn one_that_fails_does_not_stop_the_others_and_decides_the_exit_code() {
    for fault in ["lost", "protocol"] {
        let code = if fault == "lost" { 7 } else { 70 };
        let place = Place::with(&two(fault, ""));
        let ran = place.run("app run --once");
        assert_eq!(ran.code, code, "{}", ran.err);
        assert_eq!(ran.cells(&["bank", "entries"])[2], "2");
        assert_eq!(place.read("out/entries.jsonl").lines().count(), 2);
        assert_eq!(ran.err.matches("error: connection `branch`: ").count(), 1);

        let ran = place.run("app run --once --format json --log error");
        assert_eq!(ran.code, code);
        let json = ran.json();
        assert_eq!(json["connections"][0]["connection"], "bank");
        assert_eq!(json["failed"][0]["connection"], "branch");
    }
}

#[test]
fn a_configuration_may_ask_for_all_to_stop_with_the_first_that_fails() {
    let place = Place::with(&two("lost", "on_failure: stop\n"));
    // Without `--once` the other one would follow for ever.
    let ran = place.run("app run");
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("connection `branch`"), "{}", ran.err);
}

#[test]
fn one_that_cannot_be_reached_at_the_start_is_tried_again_while_the_others_run() {
    let place = Place::with(&two(
        "away",
        "retry: { first_wait: 10ms, longest_wait: 10ms }\n",
    ));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // The other one is done before.
            let done = place.file("out/entries.jsonl");
            while !done.exists() {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            place.write("ledger.back", "");
        });
        let ran = place.run("app run --once");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let told =
            "branch: does not answer, and is left for later: connection `branch`: nobody is there";
        assert!(ran.err.contains(told), "{}", ran.err);
        assert_eq!(ran.cells(&["bank", "entries"])[2], "2");
        assert_eq!(ran.cells(&["branch", "loans"])[2], "2");
    });
    assert_eq!(place.read("out/loans.jsonl").lines().count(), 2);
    // It is set up as the others are.
    assert!(place.file("ledger.marker").exists());
}

#[test]
fn one_that_stays_away_is_given_up_as_the_configuration_says() {
    let retry = "retry: { first_wait: 1ms, max_attempts: 3 }\n";
    let place = Place::with(&two("away", retry));
    let ran = place.run("app run --once");
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("given up after 3 attempts"), "{}", ran.err);
    assert_eq!(ran.cells(&["bank", "entries"])[2], "2");
}

#[test]
fn one_that_cannot_be_reached_stops_all_where_that_is_asked_or_nobody_can_be() {
    let asked = two("away", "on_failure: stop\n");
    let nobody = two("away", "").replacen(
        "!Ledger { path: ledger.txt }",
        "!Ledger { path: ledger.txt, fault: away }",
        1,
    );
    assert_eq!(nobody.matches("fault: away").count(), 2, "{nobody}");
    for configuration in [asked, nobody] {
        let place = Place::with(&configuration);
        let ran = place.run("app run --once");
        assert_eq!(ran.code, 4, "{}", ran.err);
        assert!(ran.err.contains("nobody is there"), "{}", ran.err);
        assert!(!place.file("out").exists(), "nothing is written");
    }
}

#[test]
fn one_that_is_starting_is_waited_for_where_all_stop_with_one() {
    let place = Place::with(&two("starting", "on_failure: stop\n"));
    let ran = place.run("app run --once");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(place.file("ledger.asked").exists());
    assert_eq!(ran.cells(&["branch", "loans"])[2], "2");
}

#[test]
fn a_mistake_stops_all_before_anything_is_written_also_where_another_is_away() {
    for first in ["not ready", "locked"] {
        let place = Place::with(&two("away", "").replacen(
            "!Ledger { path: ledger.txt }",
            &format!("!Ledger {{ path: ledger.txt, fault: {first} }}"),
            1,
        ));
        let ran = place.run("app run --once");
        assert_ne!(ran.code, 0, "{}", ran.err);
        assert!(!place.file("ledger.marker").exists() && !place.file("out").exists());
    }
}
