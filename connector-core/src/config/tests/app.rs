use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment;
use crate::ErrorKind;
use crate::columns::OnMisfit;
use crate::config::{AppConfig, ByteSize, ConfigPath};
use crate::ingest::OnSchemaChange;
use crate::pipeline::OnFailure;

const FLIGHTS: &str = "\
app_name: flights
connections:
  - name: nyc
    config: !Sqlite
      path: data/nycflights.db
sources:
  - name: flights
    connection: !Ref nyc
    table_name: flights
    columns: [year, month]
    on_misfit: null
sinks:
  - name: out
    config: !Jsonl
      path: out
memory: 64MiB
state: state
";

fn parse(text: &str) -> crate::Result<AppConfig> {
    AppConfig::parse(text, "dozer.yaml", "/app", environment)
}

fn error(text: &str) -> String {
    let error = parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.to_string()
}

/// The flights with one piece of text replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(FLIGHTS.contains(from));
    error(&FLIGHTS.replacen(from, to, 1))
}

#[test]
fn retries_and_failures_are_set_for_the_whole_application() {
    let usual = parse(FLIGHTS).unwrap();
    assert_eq!(usual.retry, crate::RetryPolicy::default());
    assert_eq!(usual.on_failure, OnFailure::Continue);
    let more =
        "retry: { first_wait: 250ms, give_up_after: 1m, max_attempts: 3 }\non_failure: stop\n";
    let set = parse(&(FLIGHTS.to_owned() + more)).unwrap();
    assert_eq!(set.on_failure, OnFailure::Stop);
    assert_eq!(set.retry.first_wait.as_millis(), 250);
    assert_eq!(set.retry.longest_wait, usual.retry.longest_wait);
    assert_eq!(set.retry.give_up_after.as_secs(), 60);
    assert_eq!(set.retry.max_attempts, Some(3));
    let wrong = error(&(FLIGHTS.to_owned() + "retry: { first_wait: 3 }\n"));
    assert!(wrong.contains("dozer.yaml:18:22"), "{wrong}");
    let wrong = error(&(FLIGHTS.to_owned() + "retry: { firstwait: 3s }\n"));
    assert!(wrong.contains("did you mean `first_wait`"), "{wrong}");
    let wrong = error(&(FLIGHTS.to_owned() + "on_failure: resume\n"));
    assert!(wrong.contains("`resume`"), "{wrong}");
}

#[test]
fn a_whole_file_is_read() {
    #[derive(Deserialize)]
    struct File {
        path: ConfigPath,
    }
    let config = parse(FLIGHTS).unwrap();
    assert_eq!(config.app_name, "flights");
    assert_eq!(config.lock, Path::new("/app/dozer.lock"));
    assert_eq!(config.state, Some(PathBuf::from("/app/state")));
    assert_eq!(config.memory.map(ByteSize::bytes), Some(64 << 20));
    let [source] = config.sources.as_slice() else {
        panic!("one source")
    };
    assert_eq!(
        (source.name.as_str(), source.table_name.as_str()),
        ("flights", "flights")
    );
    assert_eq!(source.columns, ["year", "month"]);
    assert_eq!(
        (source.schema.as_deref(), source.on_misfit),
        (None, OnMisfit::Null)
    );
    let connection = config.connection(&source.connection).unwrap();
    assert_eq!(
        (connection.name.as_str(), connection.config.tag()),
        ("nyc", Some("Sqlite"))
    );
    let file: File = connection.config.read().unwrap();
    assert_eq!(file.path.as_path(), Path::new("/app/data/nycflights.db"));
    let [sink] = config.sinks.as_slice() else {
        panic!("one sink")
    };
    assert_eq!(
        (sink.name.as_str(), sink.config.tag()),
        ("out", Some("Jsonl"))
    );
    assert!(config.connection("la").is_none());
}

#[test]
fn sources_sinks_and_columns_may_be_absent_or_empty() {
    let config = parse("app_name: a\nconnections: []\nsources:\n").unwrap();
    assert!(config.sources.is_empty() && config.sinks.is_empty());
    assert_eq!((config.state, config.memory), (None, None));
    let source = |columns: &str| {
        let text = FLIGHTS.replacen("    columns: [year, month]\n", columns, 1);
        parse(&text).unwrap().sources.remove(0).columns
    };
    assert!(source("").is_empty());
    assert!(source("    columns:\n").is_empty());
    assert!(source("    columns: []\n").is_empty());
}

#[test]
fn the_lock_may_stand_elsewhere() {
    let config = parse("app_name: a\nconnections: []\nlock: x/y.lock\n").unwrap();
    assert_eq!(config.lock, Path::new("/app/x/y.lock"));
}

#[test]
fn misfits_fail_unless_the_source_says_otherwise() {
    let misfit = |line: &str| {
        let text = FLIGHTS.replacen("    on_misfit: null\n", line, 1);
        parse(&text).unwrap().sources.remove(0).on_misfit
    };
    assert_eq!(misfit(""), OnMisfit::Fail);
    assert_eq!(misfit("    on_misfit: fail\n"), OnMisfit::Fail);
    assert_eq!(misfit("    on_misfit: reject\n"), OnMisfit::Reject);
    assert_eq!(
        changed("on_misfit: null", "on_misfit: rejected"),
        "dozer.yaml:11:16: sources[0].on_misfit: unknown value `rejected`\n\
         help: did you mean `reject`?"
    );
}

#[test]
fn columns_that_are_chosen_do_not_evolve() {
    let said = |line: &str| FLIGHTS.replacen("    on_misfit: null\n", line, 1);
    let ignored = parse(&said("    schema_change: ignore\n")).unwrap();
    assert_eq!(
        ignored.sources[0].schema_change,
        Some(OnSchemaChange::Ignore)
    );
    assert_eq!(parse(&said("")).unwrap().sources[0].schema_change, None);
    assert_eq!(
        error(&said("    schema_change: evolve\n")),
        "dozer.yaml:11:20: sources[0].schema_change: `evolve` takes on every column that is added, and `columns` chooses them\n\
         help: remove `columns` to read all of them, or `schema_change`"
    );
}

#[test]
fn unknown_keys_are_errors() {
    assert_eq!(
        changed("sinks:", "sink:"),
        "dozer.yaml:12:1: unknown key `sink`\nhelp: did you mean `sinks`?"
    );
    assert_eq!(
        changed("table_name:", "table:"),
        "dozer.yaml:9:5: sources[0]: unknown key `table`\n\
         help: known: name, connection, table_name, schema, columns, on_misfit, schema_change"
    );
    assert_eq!(
        changed("config: !Sqlite", "confg: !Sqlite"),
        "dozer.yaml:4:5: connections[0]: unknown key `confg`\nhelp: did you mean `config`?"
    );
}

#[test]
fn missing_keys_are_errors() {
    assert_eq!(
        error("connections: []\n"),
        "dozer.yaml:1:1: missing key `app_name`\nhelp: add `app_name: …` to this mapping"
    );
    assert_eq!(
        changed("    table_name: flights\n", ""),
        "dozer.yaml:7:5: sources[0]: missing key `table_name`\n\
         help: add `table_name: …` to this mapping"
    );
    assert_eq!(
        error("app_name: a\nconnections: [{name: x}]\n"),
        "dozer.yaml:2:15: connections[0]: missing key `config`\n\
         help: add `config: …` to this mapping"
    );
    assert_eq!(
        error(""),
        "dozer.yaml:1:1: missing key `app_name`\nhelp: add `app_name: …` to this mapping"
    );
}

#[test]
fn an_unknown_connection_is_told_at_its_reference() {
    assert_eq!(
        changed("!Ref nyc", "!Ref nyx"),
        "dozer.yaml:8:17: sources[0].connection: unknown connection `nyx`\n\
         help: did you mean `nyc`?"
    );
    assert_eq!(
        changed("!Ref nyc", "!Ref NYC"),
        "dozer.yaml:8:17: sources[0].connection: unknown connection `NYC`\n\
         help: did you mean `nyc`?"
    );
    assert_eq!(
        changed("!Ref nyc", "!Ref losangeles"),
        "dozer.yaml:8:17: sources[0].connection: unknown connection `losangeles`\nhelp: known: nyc"
    );
    assert_eq!(
        changed("!Ref nyc", "nyc"),
        "dozer.yaml:8:17: sources[0].connection: a reference needs the tag `!Ref`\n\
         help: write `!Ref nyc`"
    );
}

#[test]
fn names_are_unique_ignoring_case() {
    assert_eq!(
        error(
            "app_name: a\nconnections:\n- {name: x, config: !X {}}\n- {name: X, config: !X {}}\n"
        ),
        "dozer.yaml:4:10: connections[1].name: duplicate connection `X`, first on line 3\n\
         help: give each its own name; case does not make a difference"
    );
    assert_eq!(
        error(
            "app_name: a\nconnections: []\nsinks:\n- {name: x, config: !X }\n- {name: x, config: !X }\n"
        ),
        "dozer.yaml:5:10: sinks[1].name: duplicate sink `x`, first on line 4\n\
         help: give each its own name; case does not make a difference"
    );
    assert_eq!(
        changed(
            "sinks:",
            "  - {name: Flights, connection: !Ref nyc, table_name: f}\nsinks:"
        ),
        "dozer.yaml:12:12: sources[1].name: duplicate source `Flights`, first on line 7\n\
         help: give each its own name; case does not make a difference"
    );
    assert_eq!(
        changed("name: out", "name: ''"),
        "dozer.yaml:13:11: sinks[0].name: the sink's name is empty"
    );
}

#[test]
fn columns_are_named_once() {
    assert_eq!(
        changed("[year, month]", "[year, month, year]"),
        "dozer.yaml:10:28: sources[0].columns[2]: duplicate column `year`, first on line 10\n\
         help: remove one"
    );
    assert_eq!(
        changed("[year, month]", "['']"),
        "dozer.yaml:10:15: sources[0].columns[0]: the column's name is empty"
    );
    assert_eq!(
        changed("table_name: flights", "table_name: ''"),
        "dozer.yaml:9:17: sources[0].table_name: the table's name is empty"
    );
}

#[test]
fn the_application_has_a_name_that_files_and_tables_can_have() {
    for name in ["a b", "a/b", "9a", "-a", "é", "a;"] {
        assert_eq!(
            changed("app_name: flights", &format!("app_name: {name}")),
            format!(
                "dozer.yaml:1:11: app_name: `{name}` cannot name an application\n\
                 help: use a letter, then letters, digits, `_` and `-`"
            )
        );
    }
    assert_eq!(
        parse(&FLIGHTS.replace("app_name: flights", "app_name: a-B_9"))
            .unwrap()
            .app_name,
        "a-B_9"
    );
}

#[test]
fn the_file_itself_is_a_mapping_without_a_tag() {
    assert_eq!(
        error("- a\n"),
        "dozer.yaml:1:1: expected a mapping, found a list"
    );
    assert_eq!(
        error("!App\napp_name: a\n"),
        "dozer.yaml:1:1: unexpected tag `!App`\nhelp: remove the tag"
    );
}

#[test]
fn a_size_that_is_none_is_told_at_its_place() {
    assert_eq!(
        changed("64MiB", "64MBB"),
        "dozer.yaml:16:9: memory: `MBB` is not a unit of bytes\nhelp: did you mean `MiB`?"
    );
}

#[test]
fn a_file_is_loaded_with_paths_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dozer.yaml");
    std::fs::write(&path, FLIGHTS).unwrap();
    let config = AppConfig::load(&path).unwrap();
    assert_eq!(config.lock, dir.path().join("dozer.lock"));
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dozer.yaml");
    let file = path.display().to_string();
    assert_eq!(
        AppConfig::load(&path).unwrap_err().to_string(),
        format!(
            "there is no configuration file `{file}`\n\
             help: write one, or give the path of another"
        )
    );
    std::fs::write(&path, b"app_name: a\nb: \xff\n").unwrap();
    assert_eq!(
        AppConfig::load(&path).unwrap_err().to_string(),
        format!("{file}:2: the file is not UTF-8 text\nhelp: save it as UTF-8")
    );
    let error = AppConfig::load(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let directory = dir.path().display();
    assert!(
        error.to_string().starts_with(&format!(
            "cannot read the configuration file `{directory}`: "
        )),
        "{error}"
    );
}
