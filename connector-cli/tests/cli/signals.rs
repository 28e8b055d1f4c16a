//! Signals stop a run that follows its source, with everything stored.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::place::{Place, bank};
use crate::process::start;

pub(crate) fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(status.success());
}

/// Reads stderr until a line holds these words; gives the lines before it.
fn wait_for(words: &str, lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Vec<String> {
    let mut read = Vec::new();
    for line in lines {
        let line = line.unwrap();
        if line.contains(words) {
            return read;
        }
        read.push(line);
    }
    panic!("{words:?} is not among {read:?}");
}

#[test]
fn a_signal_finishes_stores_and_exits_with_130() {
    for signal in ["-INT", "-TERM"] {
        let place = Place::with(&bank(""));
        let mut child = start(&place, "app run --log debug --format json", ("NONE", ""));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        wait_for("bank: stored up to 2", &mut lines);
        place.write("ledger.txt", "1 alice 100\n2 bob 250\n3 carol 5\n");
        wait_for("bank: stored up to 3", &mut lines);
        send(signal, &child);
        wait_for("stopping: ", &mut lines);
        let rest = wait_for("bank: finished, 3 rows", &mut lines);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{rest:?}");
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.contains("\"interrupted\": true"), "{out}");
        assert_eq!(place.read("out/entries.jsonl").lines().count(), 3);
        let next = place.run("app run --once");
        assert_eq!(next.cells(&["bank", "entries"])[2], "0");
    }
}

/// A configuration whose sink does not care how many runs there are.
fn counted() -> String {
    bank("").replace("!Jsonl { path: out }", "!Null {}")
}

#[test]
fn while_a_run_goes_on_nothing_else_runs_or_changes_what_it_relies_on() {
    for configuration in [bank(""), counted()] {
        let place = Place::with(&configuration);
        let mut child = start(&place, "app run --log debug", ("NONE", ""));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        wait_for("bank: stored up to 2", &mut lines);
        let refusal = format!(
            "error: another run is using application `accounts` (process {})\n\
             help: stop it first; `dozer app status` tells whether it still runs\n",
            child.id()
        );
        for command in [
            "app run",
            "app run --once",
            "app reset --connection bank",
            "connector clean --yes",
            "migrate",
        ] {
            let ran = place.run(command);
            assert_eq!((ran.code, &ran.err), (8, &refusal), "{command}");
            assert_eq!(ran.out, "");
        }
        for command in ["migrate --check", "connector ls", "app status"] {
            let ran = place.run(command);
            assert_eq!(ran.code, 0, "{command}: {}", ran.err);
        }
        assert_eq!(place.run("app status").cells(&["bank"])[2], "running");
        let json = place.run("app status --format json").json();
        assert_eq!(json["connections"][0]["running"], true);
        // Another application of the same directory is none of its business.
        place.configure(&counted().replace("app_name: accounts", "app_name: others"));
        let other = place.run("app run --once");
        assert_eq!(other.code, 0, "{}", other.err);
        place.configure(&configuration);
        // The system gives the application free, however the run ends.
        child.kill().unwrap();
        child.wait().unwrap();
        let json = place.run("app status --format json").json();
        assert_eq!(json["connections"][0]["running"], false);
        assert_eq!(place.run("app run --once").code, 0);
    }
}

#[test]
fn a_second_signal_exits_at_once() {
    let place = Place::with(&bank(", fault: hang"));
    let mut child = start(&place, "app run", ("NONE", ""));
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    wait_for("bank: starts at the beginning", &mut lines);
    send("-INT", &child);
    wait_for("stopping: ", &mut lines);
    let second = Instant::now();
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(second.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_run_without_a_terminal_prints_its_progress_in_plain_lines() {
    let place = Place::with(&bank(""));
    let mut child = start(&place, "app run", ("NONE", ""));
    let started = Instant::now();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    wait_for("bank: 2 rows, ", &mut lines);
    assert!(started.elapsed() >= Duration::from_secs(5));
    // What has not changed is not told again.
    std::thread::sleep(Duration::from_secs(6));
    send("-INT", &child);
    assert_eq!(wait_for("stopping: ", &mut lines), Vec::<String>::new());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
