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
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.cells(&["bank", "entries", "-", "-", "-", "source"])[6..],
        ["warning", "is not set up yet", "migrate"]
    );
    assert!(!place.file("ledger.marker").exists());
    assert!(!place.file("dozer.lock").exists());
}

#[test]
fn nothing_is_set_up_anywhere_while_a_finding_is_an_error() {
    let other = "  - name: open\n    config: !Ledger { path: open.txt }\nsources:\n\
                 \x20 - { name: more, connection: !Ref open, table_name: entries }\n";
    for order in [false, true] {
        let mut configuration = bank(", fault: locked").replace("sources:\n", other);
        if order {
            // The connection that could be set up comes first.
            configuration = configuration
                .replace("path: ledger.txt, fault: locked", "path: LEDGER")
                .replace("path: open.txt", "path: ledger.txt, fault: locked")
                .replace("path: LEDGER", "path: open.txt");
        }
        let place = Place::with(&configuration);
        place.write("open.txt", "1 alice 100\n");
        let ran = place.told("migrate");
        let (name, source) = if order {
            ("open", "more")
        } else {
            ("bank", "entries")
        };
        assert_eq!(
            (ran.code, ran.err.clone()),
            (
                3,
                format!(
                    "error: connection `{name}`: a finding is an error:\n  \
                     table `{source}`: may not be read (unlock it)\n\
                     help: nothing was set up: mend what is an error, and migrate again\n"
                )
            )
        );
        assert_eq!(ran.cells(&[name, "none: it cannot run"]).len(), 2);
        assert_eq!(
            ran.out.lines().last(),
            Some("no lock file `DIR/dozer.lock` to compare with")
        );
        let json = place.run("migrate --format json").json();
        let failed = usize::from(order);
        assert_eq!(json["connections"][failed]["name"], name);
        assert_eq!(
            json["connections"][failed]["guarantee"],
            serde_json::Value::Null
        );
        for marker in ["ledger.marker", "open.marker", "dozer.lock"] {
            assert!(!place.file(marker).exists(), "{marker}");
        }
    }
}

#[test]
fn a_lock_file_of_another_application_is_left_alone() {
    let place = Place::with(&bank(", fault: needs setup"));
    assert_eq!(place.run("migrate").code, 0);
    let theirs = place.read("dozer.lock");
    place.configure(
        &bank(", fault: needs setup")
            .replace("accounts", "others")
            .replace("ledger.txt", "other.txt"),
    );
    place.write("other.txt", "1 alice 100\n");
    for command in ["migrate", "migrate --check", "app run --once"] {
        let ran = place.told(command);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command}");
        assert_eq!(
            ran.err,
            "error: the lock file `DIR/dozer.lock` belongs to the application `accounts`, not to `others`\n\
             help: give this application one of its own in the configuration: `lock: others.lock`; \
             or remove the file, where the application was renamed\n"
        );
    }
    assert_eq!(place.read("dozer.lock"), theirs);
    assert!(!place.file("other.marker").exists());
    let own = place.read("dozer.yaml") + "lock: others.lock\n";
    place.configure(&own);
    assert_eq!(place.run("migrate").code, 0);
    assert_eq!(place.run("app run --once").code, 0);
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
    assert_eq!(
        check.out.lines().last(),
        Some("lock file `DIR/dozer.lock` left as it is")
    );
    let lock = &place.run("migrate --check --format json").json()["lock"];
    assert_eq!(
        (&lock["found"], &lock["error"]["kind"]),
        (&json!(true), &json!("drift"))
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
