//! Names and values that try to be more than that: SQL, paths, YAML.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use connector_core::pipeline::{App, RunOptions};
use connector_core::registry::Registry;
use connector_core::sink::Jsonl;
use connector_core::{AppConfig, OnMisfit};
use connector_sqlite::{Sqlite, SqliteSink, identifier};
use rusqlite::Connection;

const NAMES: [&str; 6] = [
    "x\"; DROP TABLE canary; --",
    "x'; DROP TABLE canary; --",
    "../../outside",
    "/tmp/outside",
    "a\nb: c\n- d",
    "${SECRET} {{SECRET}} [x](y)",
];

fn registry() -> Registry {
    let registry = Registry::new().connector::<Sqlite>();
    registry.sink::<Jsonl>().sink::<SqliteSink>()
}

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
    text += "sinks:\n  - name: lines\n    config: !Jsonl { path: out }\n  - name: copy\n    config: !Sqlite { path: copy.db }\n";
    let config = AppConfig::parse(&text, "dozer.yaml", &inside, |_| None).unwrap();
    assert!(
        config
            .sources
            .iter()
            .all(|source| source.on_misfit == OnMisfit::Reject)
    );
    App::new(config, &registry()).unwrap()
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
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
    let options = RunOptions {
        once: true,
        ..RunOptions::default()
    };
    let summary = app.run(&options).unwrap();
    assert_eq!(summary.rows(), NAMES.len() as u64);
    let inside = root.path().join("a/b/inside");
    let mut found = Vec::new();
    files(root.path(), &mut found);
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
