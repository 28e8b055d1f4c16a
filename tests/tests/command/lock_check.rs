//! A row struct that names the lock file: what `migrate` writes decides whether it compiles.

use std::path::Path;
use std::process::Command;

use crate::support::{Place, shop};

const ROWS: &str = r#"
use connector_core::DozerSource;

#[derive(Debug, DozerSource)]
#[dozer(table = "person", lock = "dozer.lock")]
pub struct Person {
    #[dozer(primary_key)]
    pub id: i64,
    pub name: String,
    pub score: Option<f64>,
}
"#;

/// A crate with these rows beside the configuration, built like an author's: from the workspace's core, offline.
fn author(tables: &str) -> Place {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let core = workspace.join("connector-core");
    let place = Place::with(&shop("", &["person"], ""));
    place.write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"people\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nconnector-core = {{ path = \"{}\" }}\n\n[workspace]\n",
            core.display()
        ),
    );
    // The versions that are at hand.
    std::fs::copy(workspace.join("Cargo.lock"), place.file("Cargo.lock")).unwrap();
    std::fs::create_dir(place.file("src")).unwrap();
    place.write("src/lib.rs", ROWS);
    place.sqlite("source.db", tables);
    place
}

/// Whether the crate compiles, with what cargo says.
fn check(place: &Place) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--color=never"])
        .current_dir(place.path())
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("lock_check"),
        )
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), told)
}

fn compiles(place: &Place) -> String {
    let (compiled, told) = check(place);
    assert!(compiled, "{told}");
    told
}

fn refused(place: &Place) -> String {
    let (compiled, told) = check(place);
    assert!(!compiled, "{told}");
    told
}

#[test]
fn a_changed_database_stops_the_build_once_it_is_migrated() {
    const TABLE: &str =
        "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, score REAL);";
    let place = author(TABLE);
    let told = refused(&place);
    assert!(
        told.contains("error: there is no lock file `dozer.lock`"),
        "{told}"
    );

    place.done("migrate");
    compiles(&place);
    let told = compiles(&place);
    assert!(
        !told.contains("Checking people"),
        "nothing has changed: {told}"
    );

    place.sqlite(
        "source.db",
        "DROP TABLE person; CREATE TABLE person(id TEXT NOT NULL PRIMARY KEY, name TEXT, rating REAL);",
    );
    compiles(&place);
    place.done("migrate");
    let told = refused(&place);
    for message in [
        "column `id` of `person` is `Text` in `dozer.lock`, which `i64` does not read",
        "column `name` of `person` is nullable in `dozer.lock`, and field `name` is not",
        "`person` has no column `score` in `dozer.lock`",
    ] {
        assert!(told.contains(message), "{message} is not among\n{told}");
    }
    assert!(told.contains("due to 3 previous errors"), "{told}");

    place.sqlite("source.db", &format!("DROP TABLE person; {TABLE}"));
    place.done("migrate");
    compiles(&place);
    std::fs::remove_file(place.file("dozer.lock")).unwrap();
    refused(&place);
}
