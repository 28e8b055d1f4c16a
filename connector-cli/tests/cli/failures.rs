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
