//! `connector ls` and `connector types`.

use crate::place::{Place, bank};

#[test]
fn every_table_and_column_is_listed_with_what_it_becomes() {
    let ran = Place::with(&bank("")).run("connector ls");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.cells(&["bank", "!Ledger"]),
        [
            "bank",
            "!Ledger",
            "ok",
            "2",
            "exactly once: rows and checkpoint are stored in one step"
        ]
    );
    assert_eq!(
        ran.cells(&["bank", "plots", "view"]),
        ["bank", "plots", "view", "append-only", "-"]
    );
    assert_eq!(
        ran.cells(&["bank", "entries", "amount"]),
        [
            "bank",
            "entries",
            "amount",
            "INTEGER",
            "Int",
            "yes",
            "-",
            "In cents."
        ]
    );
    assert_eq!(
        ran.cells(&["bank", "plots", "area"])[3..5],
        ["AREA", "unsupported: no field type holds an area"]
    );
    assert_eq!(ran.cells(&["bank", "plots", "id"])[6], "1");
}

#[test]
fn a_connection_that_fails_does_not_hide_the_others() {
    let place = Place::with(
        "app_name: a\nconnections:\n\
         \x20 - { name: shut, config: !Ledger { path: ledger.txt, fault: unreachable } }\n\
         \x20 - { name: open, config: !Weather { stations: 1 } }\n",
    );
    let ran = place.run("connector ls");
    assert_eq!(ran.code, 4);
    assert_eq!(
        ran.err,
        "error: connection `shut`: the vault is closed\ncaused by: nobody answers\nhelp: knock\n"
    );
    assert_eq!(
        ran.cells(&["shut"])[1..],
        ["!Ledger", "failed", "0", "no sink"]
    );
    assert_eq!(ran.cells(&["open", "readings", "station"])[4], "String");

    let json = place.run("connector ls --format json");
    let connections = &json.json()["connections"];
    assert_eq!(connections[0]["error"]["kind"], "source");
    assert_eq!(connections[0]["error"]["causes"][0], "nobody answers");
    assert_eq!(connections[1]["error"], serde_json::Value::Null);
    let column = &connections[1]["tables"][0]["columns"][1];
    assert_eq!(column["field_type"], "Float");
    assert_eq!(column["description"], "Degrees Celsius.");

    let one = place.run("connector ls --connection open");
    assert_eq!((one.code, one.err.as_str()), (0, ""));
    assert!(!one.out.contains("shut"));
}

#[test]
fn a_source_that_lacks_what_only_a_run_needs_is_listed_and_generated_from() {
    let place = Place::with(&bank(", fault: not ready"));
    let ran = place.run("connector ls");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "warning: connection `bank`: no line can be followed\nhelp: sharpen the pencil\n"
        )
    );
    assert_eq!(ran.cells(&["bank", "!Ledger"])[2], "not ready");
    assert_eq!(ran.cells(&["bank", "entries", "amount"])[4], "Int");
    let json = place.run("connector ls --format json");
    assert_eq!(
        json.json()["connections"][0]["error"],
        serde_json::Value::Null
    );
    assert_eq!(
        json.json()["connections"][0]["not_ready"]["help"],
        "sharpen the pencil"
    );
    let generated = place.run("connector generate --table entries");
    assert_eq!(generated.code, 0, "{}", generated.err);
    for command in ["migrate", "migrate --check", "app run --once"] {
        let ran = place.run(command);
        assert_eq!(ran.code, 4, "{command}");
        assert!(ran.err.contains("no line can be followed"), "{}", ran.err);
    }
}

#[test]
fn a_connection_that_is_not_there_is_refused_with_those_that_are() {
    let ran = Place::with(&bank("")).run("connector ls --connection bnak");
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: there is no connection `bnak`\nhelp: the configuration has `bank`\n"
    );
}

#[test]
fn types_lists_settings_and_says_which_are_secret() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let registry = crate::place::registry();
    let args = ["dozer", "connector", "types"];
    assert_eq!(
        connector_cli::execute(args, &registry, &mut out, &mut err),
        0
    );
    let ran = crate::place::Ran {
        code: 0,
        out: String::from_utf8(out).unwrap(),
        err: String::new(),
    };
    assert_eq!(
        ran.cells(&["connector", "!Ledger"])[2],
        "A file of entries that grows."
    );
    assert_eq!(
        ran.cells(&["connector", "!Ledger", "token"])[1..],
        ["!Ledger", "token", "string", "no", "yes", "Opens the door."]
    );
    assert_eq!(
        ran.cells(&["sink", "!Jsonl", "path"])[2..6],
        ["path", "string", "yes", "no"]
    );
    assert_eq!(
        ran.cells(&["sink", "!Postgres", "password"])[2..6],
        ["password", "string", "no", "yes"]
    );
}

#[test]
fn types_gives_a_schema_of_the_whole_file() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let registry = crate::place::registry();
    let args = ["dozer", "connector", "types", "--format", "json"];
    assert_eq!(
        connector_cli::execute(args, &registry, &mut out, &mut err),
        0
    );
    let types: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let connectors = types["connectors"].as_array().unwrap();
    let ledger = connectors.iter().find(|it| it["tag"] == "!Ledger").unwrap();
    assert_eq!(ledger["secrets"], serde_json::json!(["token"]));
    let config = &types["file"]["properties"]["connections"]["items"]["properties"]["config"];
    let settings = config["anyOf"].as_array().unwrap();
    assert!(settings.contains(&ledger["schema"]));
    assert_eq!(settings.len(), connectors.len());
    assert_eq!(types["file"]["required"][0], "app_name");
}

#[test]
fn a_server_that_cannot_be_reached_is_told_once() {
    // Nobody listens on a port that was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let place = Place::with(&format!(
        "app_name: a\nconnections:\n\
         \x20 - {{ name: shop, config: !Postgres {{ host: 127.0.0.1, port: {port}, user: u }} }}\n"
    ));
    let ran = place.run("connector ls");
    assert_eq!(ran.code, 4);
    let told = ran.err.to_lowercase().matches("refused").count();
    assert_eq!(told, 1, "{}", ran.err);
    assert!(!ran.err.contains("caused by"), "{}", ran.err);
    let json = place.run("connector ls --format json").json();
    assert_eq!(
        json["connections"][0]["error"]["causes"],
        serde_json::json!([])
    );
}

#[test]
fn names_from_outside_stay_on_their_line() {
    let place = Place::with(
        "app_name: odd\nconnections:\n\
         \x20 - { name: file, config: !Sqlite { path: odd.db, capture: none } }\n\
         sources:\n\
         \x20 - { name: things, connection: !Ref file, table_name: \"odd\\nerror: name\" }\n\
         sinks:\n\
         \x20 - { name: nothing, config: !Null {} }\n",
    );
    let table = "CREATE TABLE \"odd\nerror: name\" (id INTEGER PRIMARY KEY, \"col\r\numn\" TEXT)";
    let database = rusqlite::Connection::open(place.file("odd.db")).unwrap();
    database.execute_batch(table).unwrap();
    let listed = place.run("connector ls");
    assert_eq!(
        listed.cells(&["file", r"odd\nerror: name", r"col\r\numn"])[3],
        "TEXT"
    );
    assert_eq!(place.run("migrate").code, 0);
    let changed = "ALTER TABLE \"odd\nerror: name\" RENAME COLUMN \"col\r\numn\" TO \"other\n\"";
    database.execute_batch(changed).unwrap();
    let checked = place.run("migrate --check");
    let run = place.run("app run --once");
    database
        .execute_batch("DROP TABLE \"odd\nerror: name\"")
        .unwrap();
    let gone = place.run("migrate");
    for (ran, code, words) in [
        (checked, 6, r"column `col\r\numn`: is gone"),
        (
            run,
            6,
            "\n  source `things`, column `col\\r\\numn`: is gone\n",
        ),
        (gone, 3, r"has no table `odd\nerror: name`"),
    ] {
        let printed = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, code, "{printed}");
        assert!(printed.contains(words), "{words}: {printed}");
        assert!(!printed.contains("\nerror: name"), "{printed}");
    }
}

#[test]
fn the_weakest_sink_that_keeps_rows_decides_what_is_guaranteed() {
    let guarantee = |sink: &str| {
        let place = Place::with(&(bank("") + sink));
        place.run("connector ls").cells(&["bank", "!Ledger"])[4].clone()
    };
    let exactly = "exactly once: rows and checkpoint are stored in one step";
    assert_eq!(guarantee("  - { name: none, config: !Null {} }\n"), exactly);
    assert_eq!(
        guarantee("  - { name: out, config: !Stdout {} }\n"),
        "at least once: a break can store changes twice"
    );
}
