//! Tables are changed while they are followed: what is not read may change, and the rest stops with what has changed.

use crate::shop::{Shop, Table, shared};

const READ: Table = Table {
    name: "person",
    schema: "public",
    stored: "person",
    columns: &["id", "name", "age"],
};

/// The schema is not the one in the lock file any more.
const DRIFT: i32 = 6;

/// A table or a column that is read is not there.
const INVALID: i32 = 3;

fn followed(database: &str) -> Shop {
    let cluster = shared();
    let schema = "CREATE TABLE person(id int PRIMARY KEY, name text, age int, unread int);
         INSERT INTO person SELECT n, 'n' || n, n FROM generate_series(1, 10) n";
    let shop = Shop::new(cluster, database, schema, &[READ]);
    shop.done("migrate");
    shop.done("app run --once");
    shop
}

#[test]
fn what_is_not_read_may_change() {
    let cluster = shared();
    let shop = followed("unread");
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    let mut connection = shop.connect(cluster);
    for sql in [
        "INSERT INTO person VALUES (100, 'before', 1, 1)",
        "ALTER TABLE person ADD COLUMN more text, ADD COLUMN always int NOT NULL DEFAULT 7",
        "INSERT INTO person VALUES (101, 'added', 1, 1, 'x')",
        "ALTER TABLE person DROP COLUMN unread",
        "INSERT INTO person(id, name) VALUES (102, 'dropped')",
        "ALTER TABLE person RENAME COLUMN more TO most",
        "ALTER TABLE person ALTER COLUMN most TYPE int USING 1",
        "UPDATE person SET age = 5 WHERE id > 100",
    ] {
        connection.execute(sql).unwrap();
    }
    crate::support::until("the sink has the last change", || {
        shop.sink()["person"]
            .iter()
            .any(|row| row == "102, 'dropped', 5")
            .then_some(())
    });
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.sink_is_equal(cluster);
}

/// Changes the table while it is followed, and then a row: the run ends, and names the table.
fn stops(database: &str, ddl: &str, change: &str, texts: &[&str]) {
    let cluster = shared();
    let shop = followed(database);
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    let mut connection = shop.connect(cluster);
    connection
        .execute("INSERT INTO person VALUES (100, 'before', 1, 1)")
        .unwrap();
    running.wait_for("stored up to ");
    connection.execute(ddl).unwrap();
    connection.execute(change).unwrap();
    let ran = shop.ended(running);
    ran.refused(DRIFT, texts);
    let held = shop.sink();
    assert!(
        held["person"].contains(&"100, 'before', 1".to_owned()),
        "what was before the change is there: {held:?}"
    );
    // The next run does not go on over the gap either: it asks for the lock file to be written anew, or the column is gone.
    let ran = shop.run("app run --once");
    assert!(
        matches!(ran.code, Some(DRIFT | INVALID)) && ran.err.contains("person"),
        "{ran}"
    );
}

#[test]
fn a_column_that_is_read_is_dropped() {
    stops(
        "drop_column",
        "ALTER TABLE person DROP COLUMN age",
        "INSERT INTO person VALUES (101, 'after', 1)",
        &["public.person", "dropped"],
    );
}

#[test]
fn a_column_that_is_read_is_renamed() {
    stops(
        "rename_column",
        "ALTER TABLE person RENAME COLUMN age TO years",
        "INSERT INTO person VALUES (101, 'after', 1, 1)",
        &["public.person", "renamed"],
    );
}

#[test]
fn a_column_that_is_read_gets_another_type() {
    stops(
        "retype_column",
        "ALTER TABLE person ALTER COLUMN age TYPE text",
        "INSERT INTO person VALUES (101, 'after', 'x', 1)",
        &["public.person", "another type"],
    );
}

#[test]
fn a_column_that_is_read_is_made_anew() {
    stops(
        "column_made_anew",
        "ALTER TABLE person DROP COLUMN age, ADD COLUMN age int DEFAULT 5",
        "INSERT INTO person(id, name) VALUES (101, 'after')",
        &["public.person", "`age`", "dropped and made anew"],
    );
}

#[test]
fn a_table_that_is_dropped_is_told_at_the_next_run() {
    let cluster = shared();
    let shop = followed("drop_table");
    shop.connect(cluster).execute("DROP TABLE person").unwrap();
    let ran = shop.run("app run --once");
    ran.refused(INVALID, &["public.person"]);
}
