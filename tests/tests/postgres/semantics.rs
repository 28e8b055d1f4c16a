//! Every kind of change, of every kind of table, arrives in the sink.

use crate::shop::{Shop, Table, shared, table};

/// Runs to the end and compares, once for each of these pieces of SQL.
fn arrives(database: &str, schema: &str, tables: &[Table], changes: &[&str]) {
    let cluster = shared();
    let shop = Shop::new(cluster, database, schema, tables);
    shop.done("migrate");
    shop.done("app run --once");
    shop.is_equal(cluster);
    let mut connection = shop.connect(cluster);
    for change in changes {
        connection.execute(change).unwrap();
        shop.done("app run --once");
        shop.sink_is_equal(cluster);
    }
    shop.is_equal(cluster);
}

#[test]
fn inserts_updates_deletes_and_truncates() {
    arrives(
        "kinds",
        "CREATE TABLE person(id int PRIMARY KEY, name text, born date, rate numeric(8,2), weight float8, member bool, face bytea);
         CREATE TABLE visit(id bigint PRIMARY KEY, person int, note varchar(20));
         INSERT INTO person SELECT n, 'name ' || n, '2000-01-01'::date + n, n / 4.0, n / 8.0, n % 2 = 0, '\\x00ff' FROM generate_series(1, 1000) n;
         INSERT INTO visit SELECT n, n, NULL FROM generate_series(1, 100) n",
        &[table("person"), table("visit")],
        &[
            "INSERT INTO person VALUES (2001, 'Zoë ''Z''', NULL, NULL, NULL, NULL, NULL), (2002, '', '0001-01-01', -0.01, -1.5, true, '')",
            "UPDATE person SET name = upper(name), rate = rate + 1 WHERE id % 3 = 0",
            "DELETE FROM person WHERE id % 5 = 0",
            // In one transaction, each on what the one before left.
            "BEGIN; INSERT INTO person(id) VALUES (3000); UPDATE person SET name = 'x' WHERE id = 3000;
             DELETE FROM person WHERE id = 3000; INSERT INTO person(id, name) VALUES (3000, 'y'); COMMIT",
            "BEGIN; INSERT INTO person(id) VALUES (4000); SAVEPOINT a; INSERT INTO person(id) VALUES (4001);
             ROLLBACK TO a; INSERT INTO person(id) VALUES (4002); COMMIT",
            "BEGIN; DELETE FROM person; ROLLBACK",
            "BEGIN; INSERT INTO visit(id) VALUES (500); TRUNCATE visit; INSERT INTO visit(id) VALUES (501); COMMIT",
            "TRUNCATE person, visit",
            "INSERT INTO person(id) VALUES (1)",
        ],
    );
}

#[test]
fn keys_that_change() {
    arrives(
        "keys",
        "CREATE TABLE one(id int PRIMARY KEY, name text);
         CREATE TABLE two(place text, item int, count int, PRIMARY KEY(item, place));
         INSERT INTO one SELECT n, 'n' || n FROM generate_series(1, 50) n;
         INSERT INTO two SELECT 'p' || n % 3, n, n FROM generate_series(1, 50) n",
        &[table("one"), table("two")],
        &[
            "UPDATE one SET id = id + 1000 WHERE id < 10",
            // Each key goes where another row was.
            "BEGIN; UPDATE one SET id = -id; UPDATE one SET id = 1 - id; COMMIT",
            "UPDATE two SET place = 'moved', count = -1 WHERE item < 5",
            "UPDATE two SET item = item + 100 WHERE item > 40",
            "BEGIN; DELETE FROM one WHERE id = 20; INSERT INTO one VALUES (20, 'back'); COMMIT",
        ],
    );
}

#[test]
fn every_replica_identity() {
    arrives(
        "identities",
        "CREATE TABLE whole(id int, name text); ALTER TABLE whole REPLICA IDENTITY FULL;
         CREATE TABLE keyed_whole(id int PRIMARY KEY, name text); ALTER TABLE keyed_whole REPLICA IDENTITY FULL;
         CREATE TABLE indexed(id int PRIMARY KEY, code text NOT NULL, name text); CREATE UNIQUE INDEX by_code ON indexed(code);
         ALTER TABLE indexed REPLICA IDENTITY USING INDEX by_code;
         CREATE TABLE nothing(id int PRIMARY KEY, name text); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
         CREATE TABLE keyless(id int, name text);
         INSERT INTO whole SELECT n % 10, 'n' || n % 3 FROM generate_series(1, 100) n;
         INSERT INTO whole VALUES (NULL, NULL), (NULL, NULL);
         INSERT INTO keyed_whole SELECT n, 'n' || n FROM generate_series(1, 100) n;
         INSERT INTO indexed SELECT n, 'c' || n, 'n' || n FROM generate_series(1, 100) n;
         INSERT INTO nothing SELECT n, 'n' || n FROM generate_series(1, 10) n;
         INSERT INTO keyless SELECT n, 'n' || n FROM generate_series(1, 10) n",
        &[
            table("whole"),
            table("keyed_whole"),
            table("indexed"),
            table("nothing"),
            table("keyless"),
        ],
        &[
            // Of equal rows, as many as were changed.
            "DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE id = 3 LIMIT 2)",
            "UPDATE whole SET name = 'changed' WHERE ctid IN (SELECT ctid FROM whole WHERE id = 4 LIMIT 3)",
            "DELETE FROM whole WHERE ctid IN (SELECT ctid FROM whole WHERE id IS NULL LIMIT 1)",
            "UPDATE keyed_whole SET name = NULL WHERE id < 20; UPDATE keyed_whole SET id = id + 1000 WHERE id < 10; DELETE FROM keyed_whole WHERE id = 50",
            "UPDATE indexed SET name = 'x' WHERE id < 20; UPDATE indexed SET id = id + 1000 WHERE id > 90;
             UPDATE indexed SET code = 'moved' WHERE id = 30; DELETE FROM indexed WHERE id = 40",
            "INSERT INTO nothing VALUES (100, 'more'); INSERT INTO keyless VALUES (100, 'more')",
            "TRUNCATE keyless",
        ],
    );
}

#[test]
fn large_values_that_an_update_leaves_alone() {
    arrives(
        "toast",
        "CREATE TABLE page(id int PRIMARY KEY, title text, body text);
         CREATE TABLE page_whole(id int PRIMARY KEY, title text, body text); ALTER TABLE page_whole REPLICA IDENTITY FULL;
         ALTER TABLE page ALTER body SET STORAGE EXTERNAL; ALTER TABLE page_whole ALTER body SET STORAGE EXTERNAL;
         INSERT INTO page SELECT n, 'title', repeat('é' || n, 20000) FROM generate_series(1, 20) n;
         INSERT INTO page_whole SELECT * FROM page",
        &[table("page"), table("page_whole")],
        &[
            "UPDATE page SET title = 'new ' || id WHERE id < 10; UPDATE page_whole SET title = 'new ' || id WHERE id < 10",
            "UPDATE page SET body = repeat('b', 30000) WHERE id = 2; UPDATE page SET title = 'again' WHERE id = 2",
            // The key moves, and the value stays.
            "UPDATE page SET id = id + 100 WHERE id = 3; UPDATE page_whole SET id = id + 100 WHERE id = 3",
            "UPDATE page SET body = NULL WHERE id = 4; DELETE FROM page_whole WHERE id = 5",
            "BEGIN; INSERT INTO page VALUES (50, 'a', repeat('x', 40000)); UPDATE page SET title = 'b' WHERE id = 50; UPDATE page SET id = 51 WHERE id = 50; COMMIT",
        ],
    );
}

#[test]
fn names_that_need_quoting_partitions_and_schemas() {
    let read = |name, schema, stored| Table {
        name,
        schema,
        stored,
        columns: &[],
    };
    arrives(
        "names",
        r#"CREATE SCHEMA "Two Words"; CREATE SCHEMA other;
           CREATE TABLE "Two Words"."select ""x"" 'y'"("Id" int PRIMARY KEY, "a ""b"" c" text, "from" int, "größe" int);
           CREATE TABLE item(id int PRIMARY KEY, name text);
           CREATE TABLE other.item(id int PRIMARY KEY, name text);
           CREATE TABLE reading(day date, station int, value numeric, PRIMARY KEY(day, station)) PARTITION BY RANGE (day);
           CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
           CREATE TABLE reading_2(value numeric, station int NOT NULL, day date NOT NULL);
           ALTER TABLE reading ATTACH PARTITION reading_2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
           INSERT INTO "Two Words"."select ""x"" 'y'" SELECT n, 'n' || n, n, n FROM generate_series(1, 10) n;
           INSERT INTO item VALUES (1, 'public'); INSERT INTO other.item VALUES (1, 'other'), (2, 'other');
           INSERT INTO reading SELECT '2020-01-01'::date + n, n % 5, n / 10.0 FROM generate_series(0, 700) n"#,
        &[
            read("odd", "Two Words", "select \"x\" 'y'"),
            read("item", "public", "item"),
            read("other_item", "other", "item"),
            read("reading", "public", "reading"),
        ],
        &[
            r#"UPDATE "Two Words"."select ""x"" 'y'" SET "a ""b"" c" = NULL, "from" = 0 WHERE "Id" < 5;
               DELETE FROM "Two Words"."select ""x"" 'y'" WHERE "größe" = 7"#,
            "INSERT INTO item VALUES (2, 'public'); UPDATE other.item SET name = 'changed' WHERE id = 1; DELETE FROM other.item WHERE id = 2",
            "UPDATE reading SET value = value + 1 WHERE station = 1; DELETE FROM reading WHERE station = 2",
            // From one partition to the other.
            "UPDATE reading SET day = day + 366 WHERE day < '2020-03-01' AND station = 3",
            // A partition that comes later.
            "CREATE TABLE reading_3 PARTITION OF reading FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
             INSERT INTO reading VALUES ('2022-05-05', 1, 1.5)",
            // The server tells a truncation of the table, and none of one partition alone.
            "DELETE FROM reading_1",
            "TRUNCATE reading",
        ],
    );
}

#[test]
fn a_transaction_of_many_rows() {
    arrives(
        "many",
        "CREATE TABLE entry(id int PRIMARY KEY, note text, n int)",
        &[table("entry")],
        &[
            "INSERT INTO entry SELECT n, 'entry ' || n, n FROM generate_series(1, 100000) n",
            "UPDATE entry SET n = -n WHERE id % 2 = 0; DELETE FROM entry WHERE id % 3 = 0",
        ],
    );
}
