//! `app run`, from the checks to the summary.

use crate::place::{Place, bank};

const NULL: &str = "config: !Null {}";
const JSONL: &str = "config: !Jsonl { path: out }";

#[test]
fn a_run_once_stores_what_is_there_and_the_next_goes_on() {
    let place = Place::with(&bank(""));
    let first = place.told("app run --once");
    assert_eq!(first.code, 0);
    assert_eq!(
        first.cells(&["bank", "entries"]),
        ["bank", "entries", "2", "0", "0", "2"]
    );
    assert!(
        first
            .err
            .contains("warning: there is no lock file `DIR/dozer.lock`")
    );
    assert!(first.err.contains("bank: made a marker\n"));
    assert!(first.err.contains("bank: starts at the beginning\n"));
    assert!(first.err.contains("bank: snapshot started at 2\n"));
    assert!(
        first
            .err
            .contains("bank: snapshot done at 2, 2 rows so far\n")
    );
    assert!(
        first.err.ends_with("bank: finished, 2 rows\n"),
        "{}",
        first.err
    );

    place.write("ledger.txt", "1 alice 100\n2 bob 250\n3 carol 5\n");
    let second = place.told("app run --once --format json --log error");
    assert_eq!((second.code, second.err.as_str()), (0, ""));
    let summary = &second.json()["connections"][0];
    assert_eq!(summary["sources"][0]["rows"], 1);
    assert_eq!(summary["checkpoint"]["lsn"], 3);
    assert_eq!(second.json()["interrupted"], false);
    assert_eq!(place.read("out/entries.jsonl").lines().count(), 3);
}

fn weather(sources: &str) -> String {
    format!(
        "app_name: a\nconnections:\n\
         \x20 - {{ name: weather, config: !Weather {{ stations: 2500 }} }}\n\
         sources:\n\
         \x20 - {{ name: readings, connection: !Ref weather, table_name: readings }}\n\
         {sources}\
         sinks:\n\
         \x20 - {{ name: nothing, config: !Null {{}} }}\n"
    )
}

#[test]
fn a_bounded_source_runs_to_its_end() {
    let ran = Place::with(&weather("")).run("app run");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.cells(&["weather", "readings"])[2], "2500");
}

#[test]
fn a_table_that_two_sources_of_one_connection_select_is_refused() {
    let second = "  - { name: stations, connection: !Ref weather, table_name: readings }\n";
    let ran = Place::with(&weather(second)).run("app run");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: connection `weather`: `readings` and `stations` both select table `readings` of one connection\n\
         help: select it once, with all columns that are needed, or add a connection for the second\n"
    );
}

#[test]
fn a_value_that_does_not_fit_fails_the_run() {
    let place = Place::with(&bank(""));
    place.write("ledger.txt", "1 alice plenty\n");
    let ran = place.told("app run --once");
    assert_eq!(ran.code, 5);
    assert_eq!(ran.out, "");
    let error = ran.err.split("error: ").nth(1).unwrap();
    for word in [
        "connection `bank`",
        "`entries`",
        "`amount`",
        "plenty",
        "help: ",
    ] {
        assert!(error.contains(word), "{word} in {error}");
    }
}

#[test]
fn rejected_and_nulled_values_are_counted_and_told() {
    let with = |policy: &str| {
        let table = "table_name: entries";
        bank("").replace(table, &format!("{table}, on_misfit: {policy}"))
    };
    let place = Place::with(&with("reject"));
    place.write("ledger.txt", "1 alice plenty\n2 bob 5\n");
    let ran = place.told("app run --once");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.cells(&["bank", "entries"]),
        ["bank", "entries", "1", "1", "0", "2"]
    );
    assert!(
        ran.err
            .contains("warning: bank: rejected a row of source `entries` at position ("),
        "{}",
        ran.err
    );
    assert!(place.read(".dozer/bank.rejected.jsonl").contains("plenty"));

    let place = Place::with(&with("null"));
    place.write("ledger.txt", "1 alice plenty\n2 bob 5\n");
    let ran = place.told("app run --once");
    assert_eq!(
        ran.cells(&["bank", "entries"]),
        ["bank", "entries", "2", "0", "1", "2"]
    );
}

#[test]
fn many_rejected_rows_do_not_flood_the_log() {
    let table = "table_name: entries";
    let place = Place::with(&bank("").replace(table, &format!("{table}, on_misfit: reject")));
    let lines = (1..=50).map(|lsn| format!("{lsn} alice plenty\n"));
    place.write("ledger.txt", &lines.collect::<String>());
    let ran = place.run("app run --once");
    assert_eq!(ran.err.matches("rejected a row").count(), 10);
    assert_eq!(ran.err.matches("further rejected rows").count(), 1);
    assert_eq!(ran.cells(&["bank", "entries"])[3], "50");
}

#[test]
fn what_breaks_a_run_decides_its_exit_code() {
    for (fault, code, words) in [
        ("unreachable", 4, "caused by: nobody answers"),
        ("lost", 7, "no longer holds position"),
        ("protocol", 70, "outside a transaction"),
        ("panic", 70, "panicked"),
    ] {
        let place = Place::with(&bank(&format!(", fault: {fault}")));
        let ran = place.run("app run --once");
        assert_eq!(ran.code, code, "{fault}: {}", ran.err);
        assert!(ran.err.contains(words), "{fault}: {}", ran.err);
        assert!(
            ran.err.contains("connection `bank`"),
            "{fault}: {}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
}

#[test]
fn what_migrate_would_refuse_does_not_run() {
    let place = Place::with(&bank("").replace("table_name: entries", "table_name: entriess"));
    let ran = place.run("app run --once");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("`entriess`"), "{}", ran.err);
    assert!(
        ran.err
            .ends_with("help: `dozer migrate --check` shows every finding\n"),
        "{}",
        ran.err
    );
    assert!(!place.file("out").exists());
}

#[test]
fn a_run_sets_up_what_a_finding_asks_for() {
    let place = Place::with(&bank(", fault: needs setup"));
    let ran = place.run("app run --once");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(place.file("ledger.marker").exists());
}

#[test]
fn without_sources_or_sinks_there_is_nothing_to_run() {
    let sources = "app_name: a\nconnections: []\nsinks:\n  - { name: n, config: !Null {} }\n";
    let ran = Place::with(sources).run("app run");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            2,
            "error: the configuration has no sources: there is nothing to run\n"
        )
    );
    let sinks = bank("");
    let ran = Place::with(sinks.split("sinks:").next().unwrap()).run("app run");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("help: add one under `sinks`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_sink_that_cannot_be_written_is_unreachable() {
    let place = Place::with(&bank("").replace("path: out", "path: ledger.txt/out"));
    let ran = place.told("app run --once");
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.contains(
            "error: connection `bank`: sink `lines`: cannot make the directory `DIR/ledger.txt/out`"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn a_sink_that_keeps_nothing_counts() {
    let place = Place::with(&bank("").replace(JSONL, NULL));
    for _ in 0..2 {
        let ran = place.run("app run --once");
        assert_eq!(ran.cells(&["bank", "entries"])[2], "2");
    }
}
