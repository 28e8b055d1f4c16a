//! Rows and changes as structs.

use connector_core::ingest::{IngestOptions, Until};
use connector_core::{Change, DozerSource, Event, Sent, TypedSource as _};
use connector_postgres::PostgresType;

use crate::{CLUSTER, source};

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(table = "users", tracking = "only_pk", types = PostgresType)]
struct User {
    #[dozer(primary_key)]
    id: i64,
    name: String,
    tags: Option<serde_json::Value>,
    /// Large: an update that leaves it alone does not send it.
    letter: Sent<Option<String>>,
}

#[test]
fn rows_are_read_and_changes_followed_as_structs() {
    let mut connection = CLUSTER.database("typed");
    connection
        .execute(
            "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20) NOT NULL, tags text[], letter text);
             ALTER TABLE users ALTER letter SET STORAGE EXTERNAL;
             INSERT INTO users VALUES (1, 'Ada', '{a,b}', repeat('x', 100000))",
        )
        .unwrap();
    let source = source("typed");
    let ada = User {
        id: 1,
        name: "Ada".to_owned(),
        tags: Some(serde_json::json!(["a", "b"])),
        letter: Sent::Value(Some("x".repeat(100_000))),
    };
    let rows: Vec<User> = source.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, std::slice::from_ref(&ada));
    let slots = connection.query("SELECT FROM pg_replication_slots WHERE database = 'typed'");
    assert_eq!(
        slots.unwrap().iter().count(),
        0,
        "a snapshot leaves nothing behind"
    );

    let options = IngestOptions {
        until: Until::Stopped,
        reader: "typed".to_owned(),
        ..IngestOptions::default()
    };
    let mut changes = source.changes_of::<User>(options).unwrap();
    let mut updated = None;
    while updated.is_none() {
        match changes.next().unwrap().unwrap() {
            Event::SnapshotDone { .. } => connection
                .execute("UPDATE users SET name = 'Countess' WHERE id = 1")
                .unwrap(),
            Event::Change(Change::Update { new, .. }) => updated = Some(new),
            _ => {}
        }
    }
    let countess = User {
        name: "Countess".to_owned(),
        letter: Sent::Unchanged,
        ..ada
    };
    assert_eq!(updated, Some(countess));
}
