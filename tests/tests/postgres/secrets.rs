//! The password comes out nowhere, however it is given: not in an output, a log, a state file or an error, nor as it is
//! written in a URL.

use std::path::Path;

use connector_postgres::literal;

use crate::shop::{Shop, shared, table};
use crate::support::Place;

/// What a URL cannot hold as it is.
const CANARY: &str = "c4n4ry/p@ss w:rd%";
const ENCODED: &str = "c4n4ry%2Fp%40ss%20w%3Ard%25";
/// A part that every way to write it has, and its encoding as bytes of a connection's string.
const PARTS: [&str; 4] = ["c4n4ry", "p@ss w", "p%40ss", "YzRuNHJ5"];

const COMMANDS: [&str; 14] = [
    "connector ls",
    "connector ls --format json",
    "connector generate",
    "migrate",
    "migrate --format json",
    "app run --once",
    "app run --once --log-format json",
    "app status",
    "app status --format json",
    "app verify",
    "app reset --connection shop",
    "app run --once",
    "connector clean",
    "connector clean --yes",
];

fn database() -> u16 {
    let cluster = shared();
    let schema =
        "CREATE TABLE person(id int PRIMARY KEY, name text); INSERT INTO person VALUES (1, 'a')";
    drop(Shop::new(cluster, "secrets", schema, &[table("person")]));
    cluster
        .connect("secrets")
        .execute(&format!(
            "DO $$ BEGIN CREATE ROLE spy LOGIN SUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER ROLE spy PASSWORD {}",
            literal(CANARY)
        ))
        .unwrap();
    cluster.port()
}

/// Runs every command, and looks for the secret in all that comes of it. How many ended well.
fn keeps(settings: &str) -> usize {
    let place = Place::with(&format!(
        "app_name: secrets\nconnections:\n  - {{ name: shop, config: !Postgres {{ {settings} }} }}\n\
         sources:\n  - {{ name: person, connection: !Ref shop, table_name: person }}\n\
         sinks:\n  - {{ name: copy, config: !Sqlite {{ path: copy.db }} }}\n",
    ));
    let mut well = 0;
    for command in COMMANDS {
        let ran = place.run(&format!("{command} --log debug"));
        for part in PARTS {
            assert!(
                !ran.out.contains(part) && !ran.err.contains(part),
                "`{command}` with {settings}: {ran}"
            );
        }
        well += usize::from(ran.code == Some(0));
    }
    is_in_no_file(place.path());
    well
}

fn is_in_no_file(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            is_in_no_file(&path);
        } else if !path.ends_with("dozer.yaml") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let told = PARTS.iter().find(|part| text.contains(**part));
            assert_eq!(told, None, "{}", path.display());
        }
    }
}

#[test]
fn the_password_comes_out_nowhere() {
    let port = database();
    let url = |password: &str, port: u16, rest: &str| {
        format!("url: \"postgres://spy:{password}@127.0.0.1:{port}/{rest}\"")
    };
    let fields = |password: &str, port: u16| {
        format!(
            "host: 127.0.0.1, port: {port}, user: spy, database: secrets, password: \"{password}\""
        )
    };
    // In the order: right, and then wrong in every way.
    assert!(keeps(&url(ENCODED, port, "secrets")) >= COMMANDS.len() - 1);
    assert!(keeps(&fields(CANARY, port)) >= COMMANDS.len() - 1);
    let wrong = [
        url(&format!("{ENCODED}x"), port, "secrets"),
        fields(&format!("{CANARY}x"), port),
        url(ENCODED, 1, "secrets"),
        url(ENCODED, port, "nowhere"),
        url(ENCODED, port, "secrets?sslmode=verify-full"),
        url(ENCODED, port, "secrets?nonsense=1"),
        url(CANARY, port, "secrets"),
        format!("{}, password: \"{CANARY}\"", url(ENCODED, port, "secrets")),
        format!("{}, passwort: \"{CANARY}\"", url(ENCODED, port, "secrets")),
        format!("host: 127.0.0.1, port: 1, user: spy, password: [\"{CANARY}\"]"),
    ];
    for settings in wrong {
        assert_eq!(keeps(&settings), 0, "{settings}");
    }
}
