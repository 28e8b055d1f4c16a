//! Who may read what a run leaves.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use connector_cli::default_registry;
use connector_core::AppConfig;
use connector_core::pipeline::App;
use rusqlite::Connection;

use crate::{files, once};

/// An application of one table, of which one row does not fit, into every sink that writes files.
pub(crate) fn application(root: &Path) -> App {
    let source = Connection::open(root.join("source.db")).unwrap();
    source
        .execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, age INTEGER); INSERT INTO t VALUES(1, 36), (2, 'many'), (3, 85)")
        .unwrap();
    let text = "app_name: app
state: state
connections:
  - { name: c, config: !Sqlite { path: source.db } }
sources:
  - { name: t, table_name: t, connection: !Ref c, on_misfit: reject }
sinks:
  - { name: lines, config: !Jsonl { path: lines } }
  - { name: columns, config: !Parquet { path: parquet } }
  - { name: batches, config: !Arrow { path: arrow } }
  - { name: copy, config: !Sqlite { path: copy.db } }
";
    let config = AppConfig::parse(text, "dozer.yaml", root, |_| None).unwrap();
    App::new(config, &default_registry()).unwrap()
}

#[test]
fn what_a_run_leaves_is_for_its_owner_alone() {
    let root = tempfile::tempdir().unwrap();
    let app = application(root.path());
    once(&app).unwrap();
    let made = files(root.path());
    let names: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
    for part in [
        "rejected",
        "manifest",
        "state.json",
        ".lock",
        ".running",
        "parquet/t",
        "arrow/t",
        "t.jsonl",
        "copy.db",
    ] {
        assert!(
            names.iter().any(|name| name.contains(part)),
            "no `{part}` among {names:?}"
        );
    }
    let bits = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for path in made.iter().filter(|path| !path.ends_with("source.db")) {
        assert_eq!(bits(path), 0o600, "{}", path.display());
        let above = path
            .ancestors()
            .skip(1)
            .take_while(|above| *above != root.path());
        for directory in above {
            assert_eq!(bits(directory), 0o700, "{}", directory.display());
        }
    }
}
