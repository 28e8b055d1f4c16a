//! A disk without room, a sink that is gone, a source that is gone: the run says so and ends, or waits; when the fault is
//! mended, nothing is lost and nothing is there twice.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use crate::cluster::Stop;
use crate::compare::compare;
use crate::sink::{Lines, Sink, SqliteFile};
use crate::source::{PostgresDatabase, Source, SqliteShop};
use crate::support::{Random, Writer, until};
use crate::trial::configure;

/// Makes so many transactions.
fn write(source: &SqliteShop, seed: u64) {
    let mut random = Random::new(seed);
    let sql: String = (0..40)
        .map(|_| SqliteShop::transaction(&mut random))
        .collect();
    source.place().sqlite("source.db", &sql);
}

/// Runs `dozer app run --once` with files of at most so many blocks of 512 bytes; `told` leaves the signal that comes at
/// the limit to the process, which is ended by it, or has it ignored, so that the write fails.
fn run_without_room(source: &SqliteShop, blocks: u64, told: bool) -> (Option<i32>, String) {
    let trap = if told { "trap '' XFSZ; " } else { "" };
    let script = format!("{trap}ulimit -f {blocks}; exec \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_dozer-under-test")])
        .args(["app", "run", "--once"])
        .current_dir(source.place().path())
        .stdin(Stdio::null())
        .process_group(0)
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), err)
}

/// Every write that grows a file fails at some size, in a snapshot and among changes, with a part of it written.
fn is_without_room(sinks: &[&dyn Sink], seed: u64) {
    let source = SqliteShop::new("DELETE");
    configure(&source, sinks);
    source.place().done("migrate");
    let mut failed = 0;
    let mut ended = 0;
    for (round, told) in (0..10).flat_map(|round| [(round, true), (round, false)]) {
        if round % 5 == 4 {
            source.place().done("app reset --connection shop");
        }
        write(&source, seed + round);
        // The source itself is larger than some of these limits: what is confirmed to it may not fit either.
        let blocks = 40 + round * 260 + seed % 97;
        let (code, err) = run_without_room(&source, blocks, told);
        match code {
            Some(0) => continue,
            Some(4) => {
                assert!(err.contains("help: "), "{err}");
                failed += 1;
            }
            None if !told => ended += 1,
            _ => panic!("it ended with {code:?}:\n{err}"),
        }
        if round % 3 == 0 {
            source.place().done("app run --once");
            compare(&source, sinks);
        }
    }
    source.place().done("app run --once");
    compare(&source, sinks);
    println!("{failed} runs failed, {ended} were ended");
    assert!(
        failed >= 3 && ended >= 3,
        "{failed} runs failed, {ended} were ended"
    );
}

#[test]
fn without_room_for_lines_a_run_says_so_and_the_next_one_goes_on() {
    is_without_room(&[&Lines], 11);
}

#[test]
fn without_room_for_a_file_a_run_says_so_and_the_next_one_goes_on() {
    is_without_room(&[&SqliteFile], 12);
}

/// What a run is doing when its sink goes.
fn loses_its_sink(sink: &dyn Sink, files: &[&str]) {
    let source = SqliteShop::new("WAL");
    let place = source.place();
    configure(&source, &[sink]);
    place.done("migrate");
    place.done("app run --once");
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: goes on from ");
    for file in files {
        let path = place.file(file);
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    write(&source, 1);
    // Some go on with a file that has no name any more, and others notice; neither is to be trusted with a position.
    until("the run to store the change, or to end", || {
        let stored = running.err().contains("shop: stored up to ");
        (stored || running.has_ended().is_some()).then_some(())
    });
    if running.has_ended().is_none() {
        running.signal("TERM");
    }
    let ran = running.finish(place.path());
    assert!(matches!(ran.code, Some(4 | 130)), "{ran}");
    write(&source, 2);
    place.done("app run --once");
    compare(&source, &[sink]);
}

#[test]
fn a_directory_of_lines_that_is_removed_below_a_run_is_made_anew() {
    loses_its_sink(&Lines, &["out"]);
}

#[test]
fn a_file_that_is_removed_below_a_run_is_made_anew() {
    loses_its_sink(&SqliteFile, &["copy.db", "copy.db-wal", "copy.db-shm"]);
}

#[test]
fn a_file_that_is_moved_away_below_a_run_is_missed_and_read_on_when_it_is_back() {
    let source = SqliteShop::new("DELETE");
    let place = source.place();
    let sinks: [&dyn Sink; 2] = [&Lines, &SqliteFile];
    configure(&source, &sinks);
    place.done("migrate");
    place.done("app run --once");
    write(&source, 1);
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: stored up to ");
    let (here, away) = (place.file("source.db"), place.file("away.db"));
    std::fs::rename(&here, &away).unwrap();
    let ran = running.finish(place.path());
    ran.refused(4, &["the file ", "was removed or re", "help: "]);
    let ran = place.run("app run --once");
    ran.refused(4, &["there is no file `source.db`"]);
    place.sqlite(
        "away.db",
        "INSERT INTO person VALUES(1000, 'written while away', 1, 1.5)",
    );
    std::fs::rename(&away, &here).unwrap();
    place.done("app run --once");
    compare(&source, &sinks);
}

#[test]
fn a_server_that_is_down_for_a_while_is_waited_for() {
    let source = PostgresDatabase::new("down");
    let sinks: [&dyn Sink; 2] = [&Lines, &SqliteFile];
    configure(&source, &sinks);
    let place = source.place();
    place.done("migrate");
    let mut running = place.start("app run --log debug");
    running.wait_for("shop: snapshot done at ");
    for stop in [Stop::Fast, Stop::Immediate] {
        let before = running.err().matches("is asked for again").count();
        source.cluster().stop(stop);
        until("the run misses the server", || {
            let missed = running.err().matches("is asked for again").count();
            (missed > before).then_some(())
        });
        source.cluster().start_again();
        source.execute(
            "INSERT INTO entry(tx, note) SELECT 1, 'after ' || n FROM generate_series(1, 500) n",
        );
    }
    until("the sinks hold what came after", || {
        let table = &source.tables()[1];
        let expected = source.rows(table);
        let mut equal = sinks.iter().map(|sink| sink.rows(place, table) == expected);
        equal.all(|equal| equal).then_some(())
    });
    running.signal("TERM");
    let ran = running.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    compare(&source, &sinks);
}

#[test]
fn a_source_whose_writer_was_killed_in_a_transaction_is_read() {
    let source = SqliteShop::new("DELETE");
    let place = source.place();
    let sinks: [&dyn Sink; 1] = [&SqliteFile];
    configure(&source, &sinks);
    place.done("migrate");
    place.done("app run --once");
    let is_left = || place.file("source.db-journal").exists();
    for command in [
        "connector ls",
        "app status",
        "app reset --connection shop",
        "app run --once",
        "app verify",
    ] {
        let mut writer = Writer::start(&place.file("source.db"));
        // More than its cache holds, so that a part of it is in the file.
        let written = place.file("written");
        writer.write(&format!(
            "PRAGMA cache_size = 10; BEGIN IMMEDIATE; UPDATE event SET n = n + 1;\n.shell touch {}\n",
            written.display()
        ));
        until("the writer to write", || written.exists().then_some(()));
        std::fs::remove_file(written).unwrap();
        drop(writer);
        assert!(is_left(), "the killed writer left nothing");
        place.done(command);
    }
    compare(&source, &sinks);
}
