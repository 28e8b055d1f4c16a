//! `connector generate`: what it writes is `generated.rs`, which is compiled here and reads the database.

use connector_core::ingest::{IngestOptions, Until};
use connector_core::{Change, Event, Sent, TypedSource as _};
use connector_postgres::Postgres;

use crate::generated::{OrderItems, Users};
use crate::shop::{CANARY, READER, Shop, shared};

const SCHEMA: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE users (
        id bigint PRIMARY KEY, name varchar(40) NOT NULL, mood mood, tags text[], settings jsonb NOT NULL, token uuid,
        balance numeric(10, 2), worth numeric, seen timestamptz, born date, wakes time, photo bytea, place point, ratio real);
    INSERT INTO users VALUES (1, 'Ada', 'ok', '{a,b}', '{\"a\": 1}', '00000000-0000-0000-0000-00000000000a',
        1.50, 2.345, '2024-01-02 03:04:05+00', '1815-12-10', '07:30', '\\x0102', '(1,2)', 0.5), (2, 'Bob', null, null, '[]',
        null, null, null, null, null, null, null, null, null);
    ALTER TABLE users ALTER tags SET STORAGE EXTERNAL;
    CREATE TABLE \"Order items\" (\"line no.\" int, \"Order ID\" int, type text, PRIMARY KEY (\"Order ID\", \"line no.\"));
    INSERT INTO \"Order items\" VALUES (1, 7, 'book')";

/// What a hand may write, and what changes do not fit into.
#[derive(Debug, Clone, PartialEq, connector_core::DozerSource)]
#[dozer(table = "users", tracking = "only_pk", types = connector_postgres::PostgresType)]
struct Plain {
    #[dozer(primary_key)]
    id: i64,
    name: String,
}

#[test]
fn generated_rows_are_these_and_read_the_database() {
    let cluster = shared();
    let shop = Shop::new(cluster, "generated", SCHEMA, &[]);
    shop.place.write(
        "dozer.yaml",
        &format!(
            "app_name: generated\nconnections:\n  - name: shop\n    config: !Postgres {{ url: \
             \"postgres://{READER}:{CANARY}@127.0.0.1:{}/generated\" }}\n",
            cluster.port()
        ),
    );
    shop.done("connector generate --output rows.rs");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres/generated.rs");
    let rows = shop.place.read("rows.rs");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(file, &rows).unwrap();
    }
    assert_eq!(rows, std::fs::read_to_string(file).unwrap());
    shop.done("connector generate --output rows.rs --check");

    let url = format!(
        "postgres://{READER}:{CANARY}@127.0.0.1:{}/generated",
        cluster.port()
    );
    let mut source = Postgres::new(url);
    connector_core::Source::named(&mut source, "generated");
    assert!(source.check_rows::<Users>().unwrap().is_empty());
    assert!(source.check_rows::<OrderItems>().unwrap().is_empty());
    let findings = source.check_rows::<Plain>().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].column.as_deref(), Some("name"));
    assert!(findings[0].to_string().contains("make the field a `Sent`"));
    let users: Vec<Users> = source.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(users.len(), 2);
    assert_eq!(users[0].name, Sent::Value("Ada".to_owned()));
    assert_eq!(users[0].mood.as_deref(), Some("ok"));
    assert_eq!(users[0].balance.unwrap().to_string(), "1.50");
    assert_eq!(users[1].seen, None);
    let items: Vec<OrderItems> = source.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!((items[0].order_id, items[0].line_no), (7, 1));

    let mut connection = shop.connect(cluster);
    let options = IngestOptions {
        until: Until::Stopped,
        reader: "generated".to_owned(),
        ..IngestOptions::default()
    };
    let mut updated = None;
    for event in source.changes_of::<Users>(options).unwrap() {
        match event.unwrap() {
            Event::SnapshotDone { .. } => connection
                .execute(
                    "UPDATE users SET tags = ARRAY[repeat('x', 10000)] WHERE id = 1;
                     UPDATE users SET balance = 2 WHERE id = 1",
                )
                .unwrap(),
            Event::Change(Change::Update { new, .. }) if new.tags.is_unchanged() => {
                updated = Some(new);
                break;
            }
            _ => {}
        }
    }
    let updated = updated.unwrap();
    assert_eq!(updated.balance.unwrap().to_string(), "2.00");
    assert_eq!(updated.name, Sent::Value("Ada".to_owned()));

    connection
        .execute("ALTER TABLE users REPLICA IDENTITY FULL")
        .unwrap();
    let ran = shop.run("connector generate --output rows.rs --check");
    assert_eq!(ran.code, Some(6), "{ran}");
    assert!(
        ran.out.contains("the column is sent with every change now"),
        "{ran}"
    );
    connection
        .execute("ALTER TABLE users REPLICA IDENTITY DEFAULT; ALTER TABLE users ADD note text")
        .unwrap();
    let ran = shop.run("connector generate --output rows.rs --check");
    assert_eq!(ran.code, Some(6), "{ran}");
    assert!(ran.out.contains("note"), "{ran}");
}
