//! Names and values that try to be more than that: SQL, paths, YAML, what a terminal obeys.

use std::fmt::Write as _;
use std::path::Path;

use connector_cli::default_registry;
use connector_core::pipeline::App;
use connector_core::{AppConfig, ErrorKind, OnMisfit};
use connector_sqlite::identifier;
use rusqlite::Connection;

use crate::{files, once, rows_of_lines};

const NAMES: [&str; 11] = [
    "x\"; DROP TABLE canary; --",
    "x'; DROP TABLE canary; --",
    "../../outside",
    "/tmp/outside",
    "a\nb: c\n- d",
    "${SECRET} {{SECRET}} [x](y)",
    "select",
    "..",
    "C:\\outside\\..",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    // More than Postgres keeps of a name, and no character boundary where it cuts.
    "a名前名前名前名前名前名前名前名前名前名前名前名前",
];

/// A source of tables with these names, whose columns and values are hostile, too; all of it under hostile names.
fn application(root: &Path) -> App {
    let inside = root.join("a/b/inside");
    std::fs::create_dir_all(&inside).unwrap();
    let source = Connection::open(inside.join("source.db")).unwrap();
    source
        .execute_batch("CREATE TABLE canary(x); INSERT INTO canary VALUES(1)")
        .unwrap();
    let mut sources = Vec::new();
    for (number, name) in NAMES.iter().enumerate() {
        let columns = NAMES.map(identifier).join(", ");
        let table = identifier(name);
        source
            .execute_batch(&format!("CREATE TABLE {table}({columns})"))
            .unwrap();
        let places = NAMES.map(|_| "?").join(", ");
        source
            .execute(&format!("INSERT INTO {table} VALUES({places})"), NAMES)
            .unwrap();
        sources.push(serde_json::json!({
            "name": format!("{name}{number}"), "table_name": name, "on_misfit": "reject",
        }));
    }
    let json = |value: &str| serde_json::Value::from(value).to_string();
    let connection = json(NAMES[2]);
    let mut text = format!(
        "app_name: {}\nconnections:\n  - name: {connection}\n    config: !Sqlite {{ path: source.db, capture: triggers }}\nsources:\n",
        json("app")
    );
    for source in &sources {
        // In a file, what looks like a variable is escaped or is one: names with it cannot be written as they are.
        let field = |key: &str| {
            json(source[key].as_str().unwrap())
                .replace("${", "$${")
                .replace("{{", "$${{")
        };
        writeln!(
            text,
            "  - {{ name: {}, table_name: {}, connection: !Ref {connection}, on_misfit: reject }}",
            field("name"),
            field("table_name")
        )
        .unwrap();
    }
    text += "sinks:\n  - name: lines\n    config: !Jsonl { path: out }\n  - name: copy\n    config: !Sqlite { path: copy.db }\n  - name: columns\n    config: !Parquet { path: parquet }\n  - name: batches\n    config: !Arrow { path: arrow }\n";
    let config = AppConfig::parse(&text, "dozer.yaml", &inside, |_| None).unwrap();
    assert!(
        config
            .sources
            .iter()
            .all(|source| source.on_misfit == OnMisfit::Reject)
    );
    std::fs::write(inside.join("dozer.yaml"), text).unwrap();
    App::new(config, &default_registry()).unwrap()
}

#[test]
fn hostile_names_and_values_stay_names_and_values_and_write_nothing_outside() {
    let root = tempfile::tempdir().unwrap();
    let app = application(root.path());
    for connection in app.connections() {
        let findings = connection.validate().unwrap();
        assert!(
            findings.iter().all(|finding| !finding.is_error()),
            "{findings:?}"
        );
        connection.prepare().unwrap();
    }
    once(&app).unwrap();
    let inside = root.path().join("a/b/inside");
    let found = files(root.path());
    for sink in ["out", "parquet", "arrow"] {
        // A row, or a file of rows, of each source.
        let of_sources = found.iter().filter(|path| {
            let ending = path.extension().unwrap_or_default();
            path.starts_with(inside.join(sink))
                && (ending == "jsonl" || ending == "parquet" || ending == "arrows")
        });
        assert_eq!(of_sources.count(), NAMES.len(), "{sink}: {found:?}");
    }
    assert_eq!(rows_of_lines(&inside.join("out")), NAMES.len());
    assert!(
        found.iter().all(|path| path.starts_with(&inside)),
        "{found:?}"
    );
    assert!(!Path::new("/tmp/outside").exists());
    for file in ["source.db", "copy.db"] {
        let connection = Connection::open(inside.join(file)).unwrap();
        for (number, name) in NAMES.iter().enumerate() {
            // The sink's tables are called as the sources are.
            let stored = if file == "copy.db" {
                format!("{name}{number}")
            } else {
                (*name).to_owned()
            };
            let row: Vec<String> = connection
                .query_row(
                    &format!("SELECT * FROM {}", identifier(&stored)),
                    [],
                    |row| (0..NAMES.len()).map(|place| row.get(place)).collect(),
                )
                .unwrap();
            assert_eq!(row, NAMES, "{file}, {stored}");
        }
    }
    let source = Connection::open(inside.join("source.db")).unwrap();
    let canary: i64 = source
        .query_row("SELECT count(*) FROM canary", [], |row| row.get(0))
        .unwrap();
    assert_eq!(canary, 1);
    for connection in app.connections() {
        connection.connector.clean().unwrap();
    }
}

/// Runs sources of these names into a sink.
fn of_names(sink: &str, names: &[&str]) -> Result<tempfile::TempDir, connector_core::Error> {
    let root = tempfile::tempdir().unwrap();
    let source = Connection::open(root.path().join("source.db")).unwrap();
    let mut text = "app_name: app\nconnections:\n  - { name: c, config: !Sqlite { path: source.db } }\nsources:\n".to_owned();
    for (place, name) in names.iter().enumerate() {
        source
            .execute_batch(&format!(
                "CREATE TABLE t{place}(id INTEGER PRIMARY KEY); INSERT INTO t{place} VALUES(1)"
            ))
            .unwrap();
        let name = serde_json::Value::from(*name);
        writeln!(
            text,
            "  - {{ name: {name}, table_name: t{place}, connection: !Ref c }}"
        )
        .unwrap();
    }
    writeln!(text, "sinks:\n  - {{ name: s, config: {sink} }}").unwrap();
    let config = AppConfig::parse(&text, "dozer.yaml", root.path(), |_| None)?;
    once(&App::new(config, &default_registry())?)?;
    Ok(root)
}

#[test]
fn names_that_differ_in_case_alone_are_refused() {
    // To SQLite and to some file systems both are one.
    let error = of_names("!Null", &["Order", "order"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(
        error
            .to_string()
            .contains("case does not make a difference"),
        "{error}"
    );
}

#[test]
fn a_zero_byte_in_a_name_is_a_part_of_it_or_an_error() {
    for sink in [
        "!Jsonl { path: out }",
        "!Parquet { path: out }",
        "!Arrow { path: out }",
    ] {
        let root = of_names(sink, &["a\0b", "a"]).unwrap();
        let named = |path: &std::path::PathBuf| path.display().to_string().contains("a%00b");
        assert!(files(&root.path().join("out")).iter().any(named), "{sink}");
    }
    let error = of_names("!Sqlite { path: copy.db }", &["a\0b"]).unwrap_err();
    assert!(!error.to_string().is_empty());
}

#[test]
fn a_name_longer_than_a_files_is_an_error_that_names_the_file_or_is_cut_with_a_hash() {
    let long = "n".repeat(300);
    for sink in ["!Parquet { path: out }", "!Arrow { path: out }"] {
        of_names(sink, &[&long, &format!("{long}x")]).unwrap();
    }
    let error = of_names("!Jsonl { path: out }", &[&long]).unwrap_err();
    assert!(error.to_string().contains("nnn"), "{error}");
    assert!(error.help().is_some(), "{error}");
}

#[test]
fn what_a_terminal_obeys_is_printed_as_what_it_is() {
    let root = tempfile::tempdir().unwrap();
    let _app = application(root.path());
    let config = root.path().join("a/b/inside/dozer.yaml");
    for command in [
        &["connector", "ls"][..],
        &["migrate"],
        &["app", "run", "--once"],
        &["app", "status"],
    ] {
        let config = config.to_str().unwrap();
        let arguments = std::iter::once("dozer")
            .chain(command.iter().copied())
            .chain(["-c", config]);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        connector_cli::execute(arguments, &default_registry(), &mut out, &mut err);
        let printed = String::from_utf8([out, err].concat()).unwrap();
        assert!(!printed.is_empty());
        let obeyed = printed.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "dozer {command:?}: {printed:?}");
    }
}
