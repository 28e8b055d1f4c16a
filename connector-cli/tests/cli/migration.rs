//! `migrate`, and the lock file that it writes.

use serde_json::json;

use crate::place::{Place, bank};

#[test]
fn migrate_prepares_prints_every_finding_and_writes_the_lock_file() {
    let place = Place::with(&bank(", fault: needs setup"));
    let ran = place.told("migrate");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("bank: made a marker\n"), "{}", ran.out);
    let amount = ran.cells(&["bank", "entries", "amount"]);
    assert_eq!(amount[3..7], ["INTEGER", "Int", "column-supported", "ok"]);
    assert!(
        ran.out.ends_with("lock file `DIR/dozer.lock` written\n"),
        "{}",
        ran.out
    );
    let lock: serde_json::Value = serde_json::from_str(&place.read("dozer.lock")).unwrap();
    assert_eq!(lock["sources"]["entries"]["table_name"], "entries");

    let again = place.told("migrate --format json");
    let document = again.json();
    assert_eq!(document["connections"][0]["prepared"], json!([]));
    assert_eq!(document["connections"][0]["guarantee"], "exactly-once");
    assert_eq!(document["lock"]["found"], true);
    assert_eq!(document["lock"]["differences"], json!([]));
}

#[test]
fn check_changes_nothing_and_tells_what_is_not_set_up() {
    let place = Place::with(&bank(", fault: needs setup"));
    let ran = place.told("migrate --check");
    assert_eq!(ran.code, 3);
    assert_eq!(
        ran.err,
        "error: connection `bank`: a finding is an error:\n  \
         table `entries`: is not set up to be followed (migrate)\n"
    );
    assert!(!place.file("ledger.marker").exists());
    assert!(!place.file("dozer.lock").exists());
}

#[test]
fn a_finding_that_is_an_error_keeps_the_lock_file_unwritten() {
    let configuration = bank("").replace("table_name: entries", "table_name: entriess");
    let place = Place::with(&configuration);
    let ran = place.told("migrate --format json");
    assert_eq!(ran.code, 3);
    let document = ran.json();
    assert_eq!(
        document["connections"][0]["findings"][0]["rule"],
        "table-exists"
    );
    assert_eq!(
        document["connections"][0]["findings"][0]["severity"],
        "error"
    );
    assert_eq!(document["connections"][0]["error"]["kind"], "validation");
    assert_eq!(document["lock"]["written"], false);
    assert!(!place.file("dozer.lock").exists());
    // Nothing is set up for a configuration that cannot run.
    assert!(!place.file("ledger.marker").exists());

    let table = place.run("migrate");
    assert_eq!(table.code, 3);
    assert_eq!(table.cells(&["bank", "entries"])[3..7].len(), 4);
    assert!(
        table.err.contains("did you mean `entries`?"),
        "{}",
        table.err
    );
}

#[test]
fn an_unsupported_column_is_refused_with_what_to_do() {
    let place = Place::with(&bank("").replace("table_name: entries", "table_name: plots"));
    let ran = place.run("migrate --check");
    assert_eq!(ran.code, 3);
    assert!(
        ran.out.contains("no field type holds an area"),
        "{}",
        ran.out
    );
}

#[test]
fn drift_is_told_by_check_refused_by_run_and_taken_on_by_migrate() {
    let place = Place::with(&bank(""));
    assert_eq!(place.run("migrate").code, 0);
    assert_eq!(place.run("app run --once").code, 0);
    let before = place.read("dozer.lock");

    place.configure(&bank(", wider: true"));
    let check = place.told("migrate --check");
    assert_eq!((check.code, check.err.as_str()), (6, ""));
    assert!(
        check.out.contains(
            "differs from the lock file: source `entries`, column `note`: is new, `Text`\n"
        ),
        "{}",
        check.out
    );
    assert_eq!(place.read("dozer.lock"), before);

    let run = place.told("app run --once");
    assert_eq!(run.code, 6);
    assert_eq!(run.out, "");
    assert_eq!(
        run.err,
        "error: the source has drifted from `DIR/dozer.lock`:\n  \
         source `entries`, column `note`: is new, `Text`\n\
         help: `dozer migrate` shows the new schema and takes it on\n"
    );

    assert_eq!(place.run("migrate").code, 0);
    assert_eq!(place.run("migrate --check").code, 0);
    // What is stored lacks the new column: only a new snapshot brings it.
    let run = place.told("app run --once");
    assert_eq!(run.code, 6);
    assert!(
        run.err
            .contains("source `entries` was stored with another table or other columns"),
        "{}",
        run.err
    );
    assert_eq!(place.run("app reset --connection bank").code, 0);
    assert_eq!(place.run("app run --once").code, 0);
}

#[test]
fn a_broken_lock_file_is_refused_by_check_and_written_anew_by_migrate() {
    let place = Place::with(&bank(""));
    place.write("dozer.lock", "not json");
    let check = place.told("migrate --check");
    assert_eq!(check.code, 6);
    assert!(
        check
            .err
            .starts_with("error: the lock file `DIR/dozer.lock` is not a lock file")
    );
    assert!(
        check
            .err
            .ends_with("help: `dozer migrate` writes it anew\n")
    );
    let migrate = place.told("migrate");
    assert_eq!(migrate.code, 0);
    assert!(
        migrate
            .err
            .starts_with("warning: the lock file `DIR/dozer.lock` is not a lock file")
    );
    assert_eq!(place.run("migrate --check").code, 0);
}

#[test]
fn a_lock_file_that_cannot_be_written_is_a_wrong_configuration() {
    let place = Place::with(&format!("{}lock: locked\n", bank("")));
    std::fs::create_dir(place.file("locked")).unwrap();
    let ran = place.told("migrate");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("cannot write the lock file `DIR/locked`"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("help: set `lock`"), "{}", ran.err);
}

#[test]
fn a_state_directory_that_cannot_be_made_is_a_wrong_configuration() {
    for key in ["lock: missing/dozer.lock", "state: ledger.txt/state"] {
        let place = Place::with(&format!("{}{key}\n", bank("")));
        for command in ["migrate", "app run --once"] {
            let ran = place.told(command);
            assert_eq!(ran.code, 2, "{key}: {}", ran.err);
            assert!(
                ran.err.contains("accounts.running`") && ran.err.contains("help: set `state`"),
                "{key}: {}",
                ran.err
            );
        }
        assert!(!place.file("missing").exists());
    }
}
