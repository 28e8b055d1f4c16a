//! Publications, tables and slots are changed while a run goes on: the server tells the reader of none of this. A run that
//! would miss changes ends, and says why; any other goes on.

use connector_postgres::identifier;
use connector_postgres::wire::Connection;

use crate::cluster::Cluster;
use crate::proxy::Proxy;
use crate::shop::{COPY, Shop, Table, server, shared, table};
use crate::support::{Running, until};

const SCHEMA: &str = "CREATE TABLE person(id int PRIMARY KEY, name text, age int);
     CREATE TABLE other(id int PRIMARY KEY, note text);
     INSERT INTO person SELECT n, 'n' || n, n FROM generate_series(1, 10) n";
const BOTH: [Table; 2] = [table("person"), table("other")];

const DRIFT: i32 = 6;
/// The position is gone: only a new snapshot helps.
const LOST: i32 = 7;

/// A run that follows both tables, and has stored a change.
fn running(cluster: &Cluster, database: &str, prepared: &str, settings: &str) -> (Shop, Running) {
    let shop = Shop::new(cluster, database, SCHEMA, &BOTH);
    cluster.connect(database).execute(prepared).unwrap();
    shop.configure(cluster.port(), settings, COPY);
    shop.done("migrate");
    shop.done("app run --once");
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    execute(
        &shop,
        cluster,
        "INSERT INTO person VALUES (100, 'before', 1)",
    );
    arrives(&shop, "person", "100, ");
    (shop, running)
}

fn execute(shop: &Shop, cluster: &Cluster, sql: &str) {
    shop.connect(cluster).execute(sql).unwrap();
}

fn arrives(shop: &Shop, table: &str, row: &str) {
    until("the row arrives in the sink", || {
        let held = shop.sink();
        held[table]
            .iter()
            .any(|found| found.starts_with(row))
            .then_some(())
    });
}

/// The name of the only publication, as SQL.
fn publication(connection: &mut Connection) -> String {
    let rows = connection
        .query("SELECT pubname FROM pg_publication")
        .unwrap();
    identifier(rows.one().unwrap().text("pubname").unwrap())
}

/// Ends the run with this code and these texts, once `sql` was run (`PUBLICATION` stands for the name).
fn ends(database: &str, sql: &str, code: i32, texts: &[&str]) -> Shop {
    let cluster = shared();
    let (shop, running) = running(cluster, database, "", "");
    let mut connection = cluster.connect(database);
    let publication = publication(&mut connection);
    connection
        .execute(&sql.replace("PUBLICATION", &format!("PUBLICATION {publication}")))
        .unwrap();
    shop.ended(running).refused(code, texts);
    shop
}

fn recovers(shop: &Shop, cluster: &Cluster) {
    shop.done("app reset --connection shop");
    shop.done("app run --once");
    shop.is_equal(cluster);
}

#[test]
fn a_table_that_is_taken_out_of_the_publication() {
    let shop = ends(
        "live_taken_out",
        "ALTER PUBLICATION DROP TABLE person; INSERT INTO person VALUES (101, 'missed', 1)",
        LOST,
        &[
            "table `public.person` was taken out of publication",
            "dozer app reset",
        ],
    );
    // The next run does not go on over the gap either.
    shop.run("app run --once")
        .refused(LOST, &["taken out", "dozer app reset"]);
    recovers(&shop, shared());
}

#[test]
fn a_table_that_is_taken_out_and_put_in_again() {
    let shop = ends(
        "live_put_in_again",
        "ALTER PUBLICATION DROP TABLE person; INSERT INTO person VALUES (101, 'missed', 1);
         ALTER PUBLICATION ADD TABLE person",
        LOST,
        &[
            "table `public.person` was taken out",
            "put in again",
            "dozer app reset",
        ],
    );
    recovers(&shop, shared());
}

#[test]
fn a_publication_that_is_dropped() {
    let shop = ends(
        "live_unpublished",
        "DROP PUBLICATION; INSERT INTO person VALUES (101, 'missed', 1)",
        LOST,
        &["was dropped", "dozer app reset"],
    );
    recovers(&shop, shared());
}

#[test]
fn a_publication_that_publishes_less() {
    let shop = ends(
        "live_less",
        "ALTER PUBLICATION SET (publish = 'insert'); UPDATE person SET age = 7 WHERE id = 1",
        LOST,
        &["given other options", "dozer app reset"],
    );
    let mut connection = shared().connect("live_less");
    let publication = publication(&mut connection);
    let sql = format!(
        "ALTER PUBLICATION {publication} SET (publish = 'insert, update, delete, truncate')"
    );
    connection.execute(&sql).unwrap();
    // What was done in between is missing all the same.
    shop.run("app run --once")
        .refused(LOST, &["given other options", "dozer app reset"]);
    recovers(&shop, shared());
}

#[test]
fn a_table_that_is_dropped() {
    ends(
        "live_dropped",
        "DROP TABLE person",
        DRIFT,
        &["table `public.person` was dropped", "`sources`"],
    );
}

#[test]
fn a_table_that_is_renamed() {
    let shop = ends(
        "live_renamed",
        "ALTER TABLE person RENAME TO people; INSERT INTO people VALUES (101, 'later', 1)",
        DRIFT,
        &[
            "`public.person` was renamed to `public.people`",
            "rename it back",
        ],
    );
    execute(&shop, shared(), "ALTER TABLE people RENAME TO person");
    shop.run("app run --once").refused(DRIFT, &["renamed"]);
}

#[test]
fn a_table_that_another_takes_the_place_of() {
    let shop = ends(
        "live_replaced",
        "ALTER TABLE person RENAME TO people; CREATE TABLE person(id int PRIMARY KEY, name text, age int);
         ALTER TABLE person OWNER TO reader; INSERT INTO person VALUES (101, 'another', 1)",
        DRIFT,
        &["`public.person` was renamed to `public.people`"],
    );
    shop.run("app run --once")
        .refused(LOST, &["made anew", "dozer app reset"]);
    recovers(&shop, shared());
}

#[test]
fn a_table_that_is_added_to_the_publication_changes_nothing() {
    let cluster = shared();
    let (shop, running) = running(
        cluster,
        "live_added",
        "CREATE TABLE third(id int); ALTER TABLE third OWNER TO reader",
        "",
    );
    let mut connection = cluster.connect("live_added");
    let publication = publication(&mut connection);
    connection
        .execute(&format!(
            "ALTER PUBLICATION {publication} ADD TABLE third; INSERT INTO third VALUES (1); INSERT INTO person VALUES (101, 'after', 1)"
        ))
        .unwrap();
    arrives(&shop, "person", "101, ");
    goes_on(&shop, cluster, running);
}

/// The run goes on past the next look at the publication, which comes every five seconds, and so does the run after it.
fn goes_on(shop: &Shop, cluster: &Cluster, running: Running) {
    stays(shop, cluster, running);
    shop.done("app run --once");
    shop.sink_is_equal(cluster);
}

fn stays(shop: &Shop, cluster: &Cluster, mut running: Running) {
    std::thread::sleep(std::time::Duration::from_secs(7));
    assert_eq!(running.has_ended(), None, "{}", running.err());
    execute(shop, cluster, "INSERT INTO other VALUES (1, 'last')");
    arrives(shop, "other", "1, ");
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.sink_is_equal(cluster);
}

const ALL: &str = "CREATE PUBLICATION everything FOR ALL TABLES";
const NAMED: &str = ", publication: everything";

#[test]
fn tables_come_and_go_in_a_publication_of_all_tables() {
    let cluster = shared();
    let (shop, running) = running(cluster, "all_tables", ALL, NAMED);
    execute(
        &shop,
        cluster,
        "CREATE TABLE third(id int PRIMARY KEY); INSERT INTO third VALUES (1);
         BEGIN; INSERT INTO third VALUES (2); INSERT INTO person VALUES (101, 'after', 1); COMMIT; DROP TABLE third",
    );
    arrives(&shop, "person", "101, ");
    goes_on(&shop, cluster, running);
    // One that was not there for a while has not published what was done in between.
    cluster
        .connect("all_tables")
        .execute(&format!(
            "DROP PUBLICATION everything; INSERT INTO person VALUES (102, 'missed', 1); {ALL}"
        ))
        .unwrap();
    shop.run("app run --once")
        .refused(LOST, &["made anew", "dozer app reset"]);
    recovers(&shop, cluster);
}

#[test]
fn a_table_that_is_logged_no_more() {
    let cluster = shared();
    let (shop, running) = running(cluster, "unlogged", ALL, NAMED);
    execute(
        &shop,
        cluster,
        "ALTER TABLE person SET UNLOGGED; INSERT INTO person VALUES (101, 'missed', 1)",
    );
    shop.ended(running)
        .refused(LOST, &["`public.person`", "dozer app reset"]);
    execute(&shop, cluster, "ALTER TABLE person SET LOGGED");
    recovers(&shop, cluster);
}

#[test]
fn a_table_that_leaves_a_published_schema() {
    let cluster = shared();
    let (shop, running) = running(
        cluster,
        "schema",
        "CREATE PUBLICATION everything FOR TABLES IN SCHEMA public",
        NAMED,
    );
    let mut connection = cluster.connect("schema");
    connection.execute("ALTER PUBLICATION everything DROP TABLES IN SCHEMA public; INSERT INTO person VALUES (101, 'missed', 1)").unwrap();
    shop.ended(running).refused(
        LOST,
        &[
            "was taken out of publication `everything`",
            "dozer app reset",
        ],
    );
    connection
        .execute("ALTER PUBLICATION everything ADD TABLES IN SCHEMA public")
        .unwrap();
    recovers(&shop, cluster);
}

#[test]
fn a_replica_identity_that_is_full_and_then_is_not() {
    let cluster = shared();
    let (shop, running) = running(
        cluster,
        "identity_less",
        "ALTER TABLE person REPLICA IDENTITY FULL",
        "",
    );
    execute(
        &shop,
        cluster,
        "ALTER TABLE person REPLICA IDENTITY DEFAULT; UPDATE person SET age = age + 1; DELETE FROM person WHERE id = 2",
    );
    let texts = [
        "replica identity of table `public.person` was full",
        "dozer migrate",
    ];
    shop.ended(running).refused(DRIFT, &texts);
    shop.done("migrate");
    recovers(&shop, cluster);
}

#[test]
fn a_replica_identity_that_is_the_key_and_then_another_index() {
    let cluster = shared();
    let prepared = "ALTER TABLE person ADD COLUMN code int NOT NULL GENERATED BY DEFAULT AS IDENTITY; CREATE UNIQUE INDEX by_code ON person(code)";
    let (shop, running) = running(cluster, "identity_other", prepared, "");
    // Of this update the server tells no old row: the row of before would stay in the sink.
    execute(
        &shop,
        cluster,
        "ALTER TABLE person REPLICA IDENTITY USING INDEX by_code; UPDATE person SET id = 1000 WHERE id = 1",
    );
    let texts = [
        "replica identity of table `public.person` was its key",
        "dozer migrate",
    ];
    shop.ended(running).refused(DRIFT, &texts);
}

#[test]
fn a_replica_identity_that_becomes_full() {
    let cluster = shared();
    let (shop, running) = running(cluster, "identity_full", "", "");
    execute(
        &shop,
        cluster,
        "ALTER TABLE person REPLICA IDENTITY FULL; UPDATE person SET age = age + 1; DELETE FROM person WHERE id = 2;
         UPDATE person SET id = id + 1000 WHERE id = 3",
    );
    stays(&shop, cluster, running);
    // More is told of old rows now: that is to be taken on.
    shop.run("app run --once")
        .refused(DRIFT, &["now full changes", "dozer migrate"]);
    shop.done("migrate");
    let ran = shop.run("app run --once");
    assert_eq!(ran.code, Some(0), "{ran}");
    shop.sink_is_equal(cluster);
}

#[test]
fn a_replica_identity_that_is_taken_away() {
    let cluster = shared();
    let (shop, running) = running(cluster, "identity_none", "", "");
    let mut connection = shop.connect(cluster);
    connection
        .execute("ALTER TABLE person REPLICA IDENTITY NOTHING")
        .unwrap();
    let refused = connection
        .execute("UPDATE person SET age = age + 1")
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("does not have a replica identity"),
        "{refused}"
    );
    // Inserts are told on.
    connection
        .execute("INSERT INTO person VALUES (101, 'after', 1)")
        .unwrap();
    arrives(&shop, "person", "101, ");
    connection
        .execute("ALTER TABLE person REPLICA IDENTITY DEFAULT; UPDATE person SET age = age + 1")
        .unwrap();
    goes_on(&shop, cluster, running);
}

#[test]
fn a_slot_that_the_server_invalidates_under_a_reader_that_does_not_read() {
    let cluster = server(
        "max_slot_wal_keep_size = 1MB\nmin_wal_size = 32MB\nmax_wal_size = 32MB\nwal_sender_timeout = 5s",
    );
    let proxy = Proxy::to(cluster.port());
    let (shop, mut first) = running(&cluster, "live_invalid", "CREATE TABLE filler(t text)", "");
    first.signal("TERM");
    first.ended();
    shop.configure(proxy.port(), "", COPY);
    let mut running = shop.start("app run --log debug");
    running.wait_for("goes on from ");
    execute(
        &shop,
        &cluster,
        "INSERT INTO person VALUES (101, 'read', 1)",
    );
    arrives(&shop, "person", "101, ");
    proxy.stall(true);
    let mut superuser = cluster.connect("live_invalid");
    until("the server invalidates the slot", || {
        superuser
            .execute("INSERT INTO filler SELECT repeat('x', 500) FROM generate_series(1, 20000); SELECT pg_switch_wal(); CHECKPOINT")
            .unwrap();
        let lost = superuser
            .query("SELECT 1 AS lost FROM pg_replication_slots WHERE wal_status = 'lost'")
            .unwrap();
        (lost.len() == 1).then_some(())
    });
    proxy.stall(false);
    let ran = shop.ended(running);
    ran.refused(
        LOST,
        &["invalidated", "max_slot_wal_keep_size", "dozer app reset"],
    );
    shop.configure(cluster.port(), "", COPY);
    recovers(&shop, &cluster);
}
