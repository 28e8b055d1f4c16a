//! A secret comes out nowhere: not in an output, a log, a state file, a lock file or a panic.

use std::path::Path;

use crate::place::{Place, bank};
use crate::process::start;

const CANARY: &str = "canary-7f3a";

#[test]
fn no_command_shows_a_secret() {
    let faults = [
        "",
        "unreachable",
        "lost",
        "protocol",
        "panic",
        "needs setup",
    ];
    let commands = [
        "connector ls",
        "connector ls --format json",
        "connector generate",
        "migrate --check",
        "migrate --format json",
        "app run --once",
        "app status --format json",
        "app reset --connection bank",
        "connector clean --yes",
        "connector clean",
        "app run --once --log-format json",
    ];
    for fault in faults {
        let settings = format!(", token: \"${{CANARY}}\", fault: \"{fault}\"");
        let place = Place::with(&bank(&settings));
        for command in commands {
            let command = format!("{command} --log debug");
            let child = start(&place, &command, ("CANARY", CANARY));
            let output = child.wait_with_output().unwrap();
            let printed = [output.stdout, output.stderr].concat();
            let text = String::from_utf8(printed).unwrap();
            assert!(!text.contains(CANARY), "`{command}` with {fault:?}: {text}");
            if command.starts_with("connector ls") && fault != "unreachable" {
                assert!(text.contains("bank"), "{text}");
                assert_eq!(output.status.code(), Some(0), "{text}");
            }
        }
        assert!(files(place.path()) > 1);
    }
}

#[test]
fn wrong_settings_do_not_show_the_secret_beside_them() {
    let place = Place::with(&bank(", tokn: \"${CANARY}\""));
    let wrong_key = start(&place, "migrate", ("CANARY", CANARY));
    let output = wrong_key.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("unknown key `tokn`"), "{text}");
    assert!(!text.contains(CANARY), "{text}");
    place.configure(&bank(", token: [\"${CANARY}\"]"));
    let wrong_type = start(&place, "migrate", ("CANARY", CANARY));
    let output = wrong_type.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8(output.stderr).unwrap().contains(CANARY));
}

#[test]
fn a_panic_of_a_connector_is_told_once_with_its_place() {
    let place = Place::with(&bank(", fault: panic"));
    let output = start(&place, "app run --once", ("CANARY", CANARY));
    let output = output.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    let text = String::from_utf8(output.stderr).unwrap();
    let told = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(
        (told("note: a connector panicked at "), told("error: ")),
        (1, 1),
        "{text}"
    );
    assert!(text.contains("ledger.rs:"), "{text}");
    assert!(
        text.contains("the connector's change stream panicked"),
        "{text}"
    );
}

/// Looks for the secret in every file but the configuration; gives how many files there are.
fn files(directory: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += files(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(CANARY), "{}", path.display());
        count += 1;
    }
    count
}
