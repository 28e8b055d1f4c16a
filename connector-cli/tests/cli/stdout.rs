//! `!Stdout`: lines on stdout, and nothing else there.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use crate::place::{Place, bank};
use crate::process::start;
use crate::signals::send;

const STDOUT: &str = "config: !Stdout {}";
const JSONL: &str = "config: !Jsonl { path: out }";

/// The lines of JSON on stdout; the test harness of the process prints lines of its own before and after.
fn lines(out: &str) -> Vec<Value> {
    let json = out.lines().filter(|line| line.starts_with('{'));
    json.map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn ran(place: &Place, command: &str) -> (Option<i32>, String, String) {
    let output = start(place, command, ("NONE", ""))
        .wait_with_output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_lines_are_those_of_jsonl_and_nothing_else_is_on_stdout() {
    let both = bank("").replace(JSONL, &format!("{JSONL}\n  - name: shown\n    {STDOUT}"));
    for format in ["", " --format json"] {
        let place = Place::with(&both);
        let (code, out, err) = ran(&place, &format!("app run --once{format}"));
        assert_eq!(code, Some(0), "{err}");
        let shown: Vec<&str> = out.lines().filter(|line| line.starts_with('{')).collect();
        let stored = place.read("out/entries.jsonl");
        assert_eq!(shown, stored.lines().collect::<Vec<_>>());
        let others = out.lines().filter(|line| !line.starts_with('{'));
        let harness = |line: &&str| line.is_empty() || line.starts_with("running 1 test");
        assert_eq!(others.filter(|line| !harness(line)).count(), 0, "{out}");
        // The summary is told where it is in nobody's way.
        assert!(err.contains("entries"), "{err}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_run_with_141() {
    let place = Place::with(&bank("").replace(JSONL, STDOUT));
    let mut child = start(&place, "app run", ("NONE", ""));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with('{') {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "no line came");
    }
    drop(out);
    place.write("ledger.txt", "1 alice 100\n2 bob 250\n3 carol 5\n");
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(141), "{err}");
    assert!(
        err.contains("who reads standard output has closed it: the run ends"),
        "{err}"
    );
    assert!(!err.contains("error"), "it is no error: {err}");
}

#[test]
fn a_signal_ends_a_run_in_bounded_time_whose_reader_does_not_read() {
    let place = Place::with(&bank("").replace(JSONL, STDOUT));
    // More than a pipe holds.
    let lines = (1..=4_000).map(|lsn| format!("{lsn} alice {lsn}\n"));
    place.write("ledger.txt", &lines.collect::<String>());
    let mut child = start(&place, "app run", ("NONE", ""));
    let mut out = child.stdout.take().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut told = |words: &str| {
        let line = err.by_ref().map(Result::unwrap);
        line.into_iter()
            .find(|line| line.contains(words))
            .unwrap_or_else(|| panic!("{words:?} was not told"))
    };
    told("snapshot started");
    let mut some = [0; 64];
    out.read_exact(&mut some).unwrap();
    send("-TERM", &child);
    told("stopping: ");
    told("a source or a sink does not come back: the run is left");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn debezium_events_are_an_option_of_both_sinks() {
    let settings = "format: debezium, keys: true, schemas: true";
    let both = bank("").replace(
        JSONL,
        &format!(
            "config: !Jsonl {{ path: out, {settings} }}\n  - name: shown\n    config: !Stdout {{ {settings} }}"
        ),
    );
    let place = Place::with(&both);
    let (code, out, err) = ran(&place, "app run --once");
    assert_eq!(code, Some(0), "{err}");
    let shown = lines(&out);
    let stored = lines(&place.read("out/entries.jsonl"));
    assert_eq!((shown.len(), stored.len()), (2, 2));
    for (shown, stored) in shown.iter().zip(&stored) {
        // The ledger has no key.
        assert_eq!(shown["key"], Value::Null);
        let [shown, stored] = [shown, stored].map(|line| &line["value"]["payload"]);
        assert_eq!(shown["after"], stored["after"]);
        assert_eq!(shown["op"], "r");
        assert_eq!(shown["source"]["table"], "entries");
    }
    // A file of one form takes no lines of another.
    place.configure(&both.replace(settings, "format: lines"));
    let (code, _, err) = ran(&place, "app run --once");
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("hold the form `debezium+keys+schemas`"),
        "{err}"
    );
}

#[test]
fn options_that_do_not_go_together_are_told_with_their_place() {
    for (settings, words) in [
        (
            "tombstones: true",
            "`tombstones` is an option of Debezium's",
        ),
        ("format: debezium, tombstones: true", "keys are not written"),
        ("format: avro", "avro"),
    ] {
        let place = Place::with(&bank("").replace(STDOUT, ""));
        place.configure(&bank("").replace(JSONL, &format!("config: !Stdout {{ {settings} }}")));
        let ran = place.told("app run --once");
        assert_eq!(ran.code, 2, "{settings}: {}", ran.err);
        assert!(ran.err.contains("dozer.yaml:9:"), "{settings}: {}", ran.err);
        assert!(ran.err.contains(words), "{settings}: {}", ran.err);
    }
}
