//! Stopping a run: in the middle of a flow, while a sink is blocked, and twice.

use crate::support::{BOTH, Lines, Place, Running, Writer, dump, rows_of, shop, until};

const TABLES: [&str; 1] = ["entry"];
const SCHEMA: &str = "CREATE TABLE entry(id INTEGER PRIMARY KEY, tx INTEGER NOT NULL, note TEXT);
    INSERT INTO entry VALUES(1, 0, 'first');";

fn place() -> Place {
    let place = Place::with(&shop(", capture: triggers", &TABLES, BOTH));
    place.sqlite("source.db", &format!("PRAGMA journal_mode = WAL; {SCHEMA}"));
    place
}

/// Transactions of so many rows each.
fn transactions(count: u64, rows: u64) -> String {
    (1..=count)
        .map(|tx| {
            format!(
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows})
                 INSERT INTO entry SELECT {tx} * 1000 + n, {tx}, 'é' || n FROM c;\n"
            )
        })
        .collect()
}

/// A run that has taken its snapshot.
fn follows(place: &Place) -> Running {
    let mut running = place.start("app run");
    running.wait_for("shop: snapshot done at ");
    running
}

/// A shell that holds the copy's write lock.
fn lock(place: &Place) -> Writer {
    let mut blocker = Writer::start(&place.file("copy.db"));
    let locked = place.file("locked");
    let touch = format!("BEGIN IMMEDIATE;\n.shell touch '{}'\n", locked.display());
    blocker.write(&touch);
    until("the lock", || locked.exists().then_some(()));
    blocker
}

/// The next run goes on where the last one was stopped, and both sinks have every row once.
fn the_next_run_completes(place: &Place) {
    place.done("app run --once");
    let source = place.file("source.db");
    assert_eq!(
        dump(&place.file("copy.db"), &TABLES),
        dump(&source, &TABLES)
    );
    let lines = Lines::read(&place.file("out"), &TABLES);
    lines.positions_are_right();
    assert_eq!(lines.folded("entry"), rows_of(&source, "entry"));
}

#[test]
fn a_signal_in_the_middle_of_a_flow_stores_what_is_whole() {
    for signal in ["INT", "TERM"] {
        let place = place();
        let running = follows(&place);
        let mut writer = Writer::start(&place.file("source.db"));
        writer.write(&transactions(150, 20));
        until("some of the flow", || {
            let lines = place.read("out/entry.jsonl").lines().count();
            (lines > 100).then_some(())
        });
        running.signal(signal);
        let ran = running.finish(place.path());
        assert_eq!(ran.code, Some(130), "{ran}");
        assert!(ran.err.contains("stopping: "), "{ran}");
        writer.finish();
        the_next_run_completes(&place);
    }
}

#[test]
fn a_run_whose_sink_is_blocked_is_left_in_bounded_time_or_at_the_second_signal() {
    for signals in [1, 2] {
        let place = place();
        let mut running = follows(&place);
        let blocker = lock(&place);
        place.sqlite("source.db", &transactions(3, 5));
        // The first of the two sinks has them, and the second one waits.
        until("the first sink", || {
            let lines = place.read("out/entry.jsonl").lines().count();
            (lines > 5).then_some(())
        });
        running.signal("TERM");
        running.wait_for("stopping: ");
        if signals == 2 {
            running.signal("INT");
        }
        let ran = running.finish(place.path());
        assert_eq!(ran.code, Some(130), "{ran}");
        let left = ran.err.contains("does not come back: the run is left");
        assert_eq!(left, signals == 1, "{ran}");
        drop(blocker);
        the_next_run_completes(&place);
    }
}

#[cfg(unix)]
#[test]
fn what_may_hold_data_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with(&shop("", &["entry, on_misfit: reject"], BOTH));
    place.sqlite("source.db", SCHEMA);
    place.sqlite(
        "source.db",
        "INSERT INTO entry VALUES(2, 'no number', NULL)",
    );
    place.done("app run --once");
    for directory in ["out", ".dozer", "."] {
        for name in place.files(directory) {
            let path = place.file(directory).join(&name);
            if path.is_dir() || name == "source.db" || name == "dozer.yaml" {
                continue;
            }
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{directory}/{name} has mode {mode:o}");
        }
    }
}
