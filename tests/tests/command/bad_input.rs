//! Wrong configurations, files and sinks: each is refused with a message that says where and what to do, with its exit
//! code, and with everything left as it was.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{BOTH, JSONL, Lines, Place, Ran, bag, json_rows, shop, until};

const SCHEMA: &str = "
    CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
    INSERT INTO person VALUES(1, 'ada', 36), (2, 'grace', NULL);
    CREATE TABLE paper(id INTEGER PRIMARY KEY, doc JSONB);
    INSERT INTO paper VALUES(1, x'0c');
";

/// A place with this configuration and a database.
fn place(configuration: &str) -> Place {
    let place = Place::with(configuration);
    place.sqlite("source.db", SCHEMA);
    place
}

fn plain() -> String {
    shop("", &["person"], JSONL)
}

/// Runs once, with the source and the listing of the place left as they were, but for the directory by which a run is held.
fn refused(place: &Place, code: i32, texts: &[&str]) -> Ran {
    let look = || {
        let source = std::fs::read(place.file("source.db")).ok();
        let mut files = place.files(".");
        files.retain(|file| file != ".dozer");
        (source, files)
    };
    let before = look();
    let ran = place.run("app run --once");
    ran.refused(code, texts);
    assert!(look() == before, "something was changed: {ran}");
    ran
}

#[test]
fn a_database_that_is_not_there_is_named() {
    let place = Place::with(&plain());
    let text = "error: dozer.yaml:4:29: connections[0].config.path: there is no file `source.db`\n\
                help: check `path`; a relative one starts at the configuration file\n";
    refused(&place, 4, &[text]);
}

#[test]
fn a_text_file_is_not_taken_for_a_database() {
    let place = Place::with(&plain());
    place.write("source.db", &"no database, but text\n".repeat(100));
    refused(
        &place,
        4,
        &[
            "error: connection `shop`: `source.db`: file is not a database\n",
            "help: the file is not an SQLite database\n",
        ],
    );
}

#[test]
fn a_mistake_in_the_configuration_is_shown_with_its_place_and_a_suggestion() {
    let good = shop("", &["person"], JSONL);
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from:?}");
        good.replacen(from, to, 1)
    };
    let twice = shop("", &["person", "paper"], JSONL).replace("name: paper", "name: person");
    for (configuration, message) in [
        (
            shop(", captur: triggers", &["person"], JSONL),
            "error: dozer.yaml:4:40: connections[0].config: unknown key `captur`\n\
             help: did you mean `capture`?\n",
        ),
        (
            changed("!Sqlite", "!Sqlit"),
            "error: dozer.yaml:4:13: connections[0].config: unknown connector `!Sqlit`\n\
             help: did you mean `!Sqlite`?\n",
        ),
        (
            changed("!Jsonl", "!Json"),
            "unknown sink `!Json`\nhelp: did you mean `!Jsonl`?\n",
        ),
        (
            changed("!Ref shop", "!Ref shopp"),
            "help: did you mean `shop`?\n",
        ),
        (
            twice,
            "error: dozer.yaml:7:13: sources[1].name: duplicate source `person`, first on line 6\n\
             help: give each its own name",
        ),
    ] {
        refused(&place(&configuration), 2, &["error: dozer.yaml:", message]);
    }
}

#[test]
fn a_variable_that_is_not_set_is_named_with_its_place() {
    let configuration = plain().replace("path: source.db", "path: \"${DOZER_TEST_UNSET}/a.db\"");
    refused(
        &place(&configuration),
        2,
        &["error: dozer.yaml:4:29: ", "`DOZER_TEST_UNSET`", "help: "],
    );
}

#[test]
fn a_table_or_a_column_that_is_not_there_is_named_with_a_suggestion() {
    let table = plain().replace("table_name: person", "table_name: persons");
    refused(
        &place(&table),
        3,
        &[
            "error: connection `shop`: a finding is an error:\n",
            "source `person`: the connection has no table `persons` (did you mean `person`?)",
        ],
    );
    let column = shop("", &["person, columns: [id, nam]"], JSONL);
    refused(
        &place(&column),
        3,
        &["column `nam`: table `person` has no column `nam` (did you mean `name`?)"],
    );
}

#[test]
fn a_column_of_an_unsupported_type_is_refused_only_where_it_is_selected() {
    refused(
        &place(&shop("", &["paper"], JSONL)),
        3,
        &[
            "column `doc` of type `JSONB` of table `paper` is not supported: its bytes are SQLite's own",
            "leave it out: list the columns that you need under `columns`",
        ],
    );
    let without = place(&shop("", &["paper, columns: [id]"], JSONL));
    without.done("app run --once");
    assert!(without.read("out/paper.jsonl").contains("{\"id\":1}"));
}

#[test]
fn a_schema_that_has_drifted_is_told_difference_by_difference() {
    let place = place(&plain());
    place.done("app run --once");
    place.done("migrate");
    let written = place.read("out/person.jsonl");
    place.sqlite(
        "source.db",
        "DROP TABLE person; CREATE TABLE person(id INTEGER PRIMARY KEY, age TEXT, more REAL);
         INSERT INTO person VALUES(7, 'seven', 7.5)",
    );
    let differences = [
        "source `person`, column `name`: is gone\n",
        "source `person`, column `age`: was `Int`, now `Text`\n",
        "source `person`, column `more`: is new, `Float`\n",
    ];
    let mut texts = vec!["error: the source has drifted from `dozer.lock`:\n"];
    texts.extend(differences);
    texts.push("help: `dozer migrate` shows the new schema and takes it on\n");
    refused(&place, 6, &texts);
    let checked = place.run("migrate --check");
    assert_eq!(checked.code, Some(6), "{checked}");
    for difference in differences {
        assert!(checked.out.contains(difference), "{checked}");
    }
    assert_eq!(place.read("out/person.jsonl"), written);
    place.done("migrate");
    place.done("app run --once");
    assert!(place.read("out/person.jsonl").contains("seven"));

    place.sqlite("source.db", "DROP TABLE person");
    refused(&place, 3, &["the connection has no table `person`"]);
}

#[test]
fn a_sink_that_cannot_be_written_is_named() {
    for (sink, message) in [
        (
            "  - { name: lines, config: !Jsonl { path: source.db/out } }\n",
            "error: connection `shop`: sink `lines`: cannot make the directory `source.db/out`: ",
        ),
        (
            "  - { name: copy, config: !Sqlite { path: source.db/copy.db } }\n",
            "error: connection `shop`: sink `copy`: cannot make `source.db/copy.db`: ",
        ),
    ] {
        let place = place(&shop("", &["person"], sink));
        refused(&place, 4, &[message, "help: check the sink's `path`"]);
    }
}

#[test]
fn a_file_that_cannot_be_written_gives_snapshots_but_is_not_followed() {
    let place = place(&shop(", capture: triggers", &["person"], JSONL));
    let file = place.file("source.db");
    let mut bytes = std::fs::read(&file).unwrap();
    // A later format that this SQLite may only read: permissions do not stop a superuser.
    bytes[18] = 3;
    std::fs::write(&file, &bytes).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    refused(
        &place,
        4,
        &[
            "error: connection `shop`: `source.db` cannot be written, so its changes cannot be captured\n",
            "help: make the file and its directory writable, or set `capture: none` to take snapshots only\n",
        ],
    );
    place.write("dozer.yaml", &plain());
    place.done("app run --once");
    assert_eq!(place.read("out/person.jsonl").lines().count(), 2);
    assert!(std::fs::read(&file).unwrap() == bytes, "it was written");
}

#[test]
fn a_second_run_at_the_same_time_is_refused_and_the_first_goes_on() {
    let place = place(&shop(", capture: triggers", &["person"], BOTH));
    let mut first = place.start("app run");
    first.wait_for("shop: snapshot done at ");
    let second = place.run("app run --once");
    second.refused(
        8,
        &[
            "another run is using application `shop` (process ",
            "help: stop it first; `dozer app status` tells whether it still runs\n",
        ],
    );
    place.sqlite("source.db", "INSERT INTO person VALUES(3, 'later', 3)");
    until("the first run to store the row", || {
        place
            .read("out/person.jsonl")
            .contains("later")
            .then_some(())
    });
    first.signal("TERM");
    let ran = first.finish(place.path());
    assert_eq!(ran.code, Some(130), "{ran}");
    place.done("app run --once");
    let rows = json_rows(&place.file("source.db"), "SELECT * FROM person");
    assert_eq!(rows.len(), 3);
    let lines = Lines::read(&place.file("out"), &["person"]);
    assert_eq!(lines.folded("person"), bag(rows));
}

#[test]
fn a_state_file_that_is_torn_is_not_taken_for_none() {
    let place = place(&plain());
    place.done("app run --once");
    let state = place.read("out/shop.state.json");
    let lines = place.read("out/person.jsonl");
    place.write("out/shop.state.json", &state[..state.len() / 2]);
    place.sqlite("source.db", "DELETE FROM person");
    refused(
        &place,
        4,
        &[
            "sink `lines`: the state file `out/shop.state.json` is not a state file: ",
            "help: restore it from a backup; or remove it together with the output beside it",
        ],
    );
    assert_eq!(place.read("out/person.jsonl"), lines);
    assert_eq!(place.read("out/shop.state.json"), state[..state.len() / 2]);
    place.write("out/shop.state.json", &state);
    place.done("app run --once");
    assert_eq!(place.read("out/person.jsonl"), "");
}

#[test]
fn output_that_someone_else_wrote_is_left_alone() {
    let lines = place(&plain());
    std::fs::create_dir(lines.file("out")).unwrap();
    lines.write("out/person.jsonl", "foreign\n");
    refused(
        &lines,
        4,
        &[
            "sink `lines`: `out/person.jsonl` exists, and no state file says that this application wrote it\n",
            "help: remove it, or give the sink another `path`\n",
        ],
    );
    assert_eq!(lines.read("out/person.jsonl"), "foreign\n");

    let copy = "  - { name: copy, config: !Sqlite { path: copy.db } }\n";
    let copy = place(&shop("", &["person"], copy));
    copy.sqlite(
        "copy.db",
        "CREATE TABLE person(foreign_row); INSERT INTO person VALUES(1)",
    );
    refused(
        &copy,
        4,
        &["sink `copy`: the file has a table `person` that this application did not make\n"],
    );
    assert_eq!(copy.sqlite("copy.db", "SELECT * FROM person"), "1\n");
    copy.write("copy.db", &"no database\n".repeat(100));
    refused(
        &copy,
        4,
        &["sink `copy`: `copy.db`: file is not a database\n"],
    );
}
