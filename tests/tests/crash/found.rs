//! The trials find what they look for: each spoiled sink, dead letter and confirmation is told from a whole one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::compare::compare;
use crate::sink::{ArrowFiles, Lines, ParquetFiles, Sink, SqliteFile};
use crate::source::{Source, SqliteShop};
use crate::trial::configure;

/// A source whose sink holds all of it.
fn stored(sink: &dyn Sink) -> SqliteShop {
    let source = SqliteShop::new("DELETE");
    configure(&source, &[sink]);
    source.place().done("migrate");
    source.place().done("app run --once");
    compare(&source, &[sink]);
    source
}

/// Fails where the panic that is expected does not come.
fn is_found(what: &str, look: impl FnOnce()) {
    let looked = catch_unwind(AssertUnwindSafe(look));
    assert!(looked.is_err(), "nobody found that {what}");
}

#[test]
fn rows_of_a_file_that_are_missing_twice_there_or_others_are_found() {
    let source = stored(&SqliteFile);
    let place = source.place();
    let whole = std::fs::read(place.file("copy.db")).unwrap();
    for sql in [
        "DELETE FROM event WHERE rowid = 7",
        "INSERT INTO event SELECT * FROM event WHERE rowid = 7",
        "UPDATE stock SET count = count + 1 WHERE item = 7",
        "UPDATE person SET score = NULL WHERE id = 7",
        "INSERT INTO reading VALUES(1000, 1)",
    ] {
        place.sqlite("copy.db", &format!("PRAGMA journal_mode = DELETE; {sql}"));
        is_found(sql, || {
            compare(&source, &[&SqliteFile]);
        });
        std::fs::write(place.file("copy.db"), &whole).unwrap();
        compare(&source, &[&SqliteFile]);
    }
    SqliteFile.check_whole(place);
    place.sqlite("copy.db", "UPDATE account SET amount = 1 WHERE id = 7");
    is_found("a transfer is torn", || SqliteFile.check_whole(place));
}

#[test]
fn lines_that_are_missing_twice_there_or_others_are_found() {
    let source = stored(&Lines);
    let place = source.place();
    place.sqlite(
        "source.db",
        "INSERT INTO event VALUES('a', 1); UPDATE event SET n = 2 WHERE kind = 'a'; DELETE FROM event WHERE kind = 'a';
         INSERT INTO account VALUES(1000, 1); UPDATE account SET id = 1001 WHERE id = 1000",
    );
    place.done("app run --once");
    compare(&source, &[&Lines]);
    for file in [
        "out/event.jsonl",
        "out/account.jsonl",
        ".dozer/shop.rejected.jsonl",
    ] {
        let whole = place.read(file);
        let lines: Vec<&str> = whole.lines().collect();
        let end = lines.len() - 1;
        let all = |lines: &[&str]| lines.join("\n") + "\n";
        let mut spoiled = vec![
            ("the last line is missing", all(&lines[..end])),
            ("the last line is torn", whole[..whole.len() - 9].to_owned()),
        ];
        if file.starts_with("out/") {
            spoiled.push((
                "the last line is there twice",
                whole.clone() + lines[end] + "\n",
            ));
            let swapped = [&lines[..end - 1], &[lines[end], lines[end - 1]]].concat();
            spoiled.push(("two lines changed places", all(&swapped)));
        }
        for (what, text) in spoiled {
            place.write(file, &text);
            is_found(&format!("{what} in {file}"), || {
                compare(&source, &[&Lines]);
            });
        }
        place.write(file, &whole);
        compare(&source, &[&Lines]);
    }
}

#[test]
fn a_position_that_is_confirmed_before_it_is_stored_is_found() {
    let source = stored(&Lines);
    let place = source.place();
    let stored = Lines.checkpoint(place).unwrap();
    source.check_confirmed(&stored);
    place.sqlite("source.db", "UPDATE _dozer_readers SET lsn = lsn + 1");
    is_found("more is confirmed", || source.check_confirmed(&stored));
}

#[test]
fn rows_of_files_that_are_missing_twice_there_or_torn_are_found() {
    let kinds: [(&dyn Sink, &str); 2] = [(&ParquetFiles, "lake"), (&ArrowFiles, "streams")];
    for (sink, directory) in kinds {
        let source = stored(sink);
        let place = source.place();
        let changes = "INSERT INTO event VALUES('a', 1); UPDATE event SET n = 2 WHERE kind = 'a';
             UPDATE stock SET place = 'moved' WHERE item = 7; DELETE FROM stock WHERE item = 8";
        place.sqlite("source.db", changes);
        place.done("app run --once");
        compare(&source, &[sink]);
        let manifest = format!("{directory}/shop.manifest.json");
        let whole = place.read(&manifest);
        let spoil = |what: &str, of: &str, spoil: &dyn Fn(&mut Vec<Value>)| {
            let mut spoiled: Value = serde_json::from_str(&whole).unwrap();
            let files = &mut spoiled["state"]["sources"][of]["files"];
            spoil(files.as_array_mut().unwrap());
            place.write(&manifest, &spoiled.to_string());
            is_found(&format!("{what} of {of} in {directory}"), || {
                compare(&source, &[sink]);
            });
        };
        for of in ["event", "stock"] {
            spoil("a file is missing", of, &|files| drop(files.pop()));
            spoil("a file is there twice", of, &|files| {
                files.push(files[files.len() - 1].clone());
            });
            spoil("a file is cut", of, &|files| {
                let bytes = files[0]["bytes"].as_u64().unwrap();
                files[0]["bytes"] = (bytes - 1).into();
            });
        }
        place.write(&manifest, &whole);
        let left = format!("{directory}/event/00009999.parquet");
        place.write(&left, "");
        is_found("a file is left over", || {
            compare(&source, &[sink]);
        });
        std::fs::remove_file(place.file(&left)).unwrap();
        compare(&source, &[sink]);
        sink.check_whole(place);
        place.sqlite("source.db", "UPDATE account SET amount = 1 WHERE id = 7");
        place.done("app run --once");
        is_found("a transfer is torn", || sink.check_whole(place));
    }
}
