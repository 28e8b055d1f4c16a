//! What a server or a table lacks: the catalog is listed all the same, and nothing is changed before all is well.

use crate::shop::{Shop, server, shared, table};

const SCHEMA: &str = "CREATE TABLE person(id int PRIMARY KEY, name text);
     INSERT INTO person VALUES (1, 'Ada');
     CREATE UNLOGGED TABLE scratch(id int PRIMARY KEY)";

#[test]
fn a_server_whose_changes_cannot_be_followed_is_listed_and_generated_from() {
    let cluster = server("wal_level = replica");
    let shop = Shop::new(&cluster, "unready", SCHEMA, &[table("person")]);
    let listed = shop.done("connector ls");
    assert!(
        listed.err.starts_with("warning: connection `shop`: ")
            && listed.err.contains("`wal_level` is `replica`")
            && listed.err.contains("help: run `ALTER SYSTEM"),
        "{listed}"
    );
    assert!(
        listed.out.contains("not ready") && listed.out.contains("public.person"),
        "{listed}"
    );
    let generated = shop.done("connector generate --table person");
    assert!(generated.out.contains("struct Person"), "{generated}");
    for command in ["migrate", "app run --once"] {
        let ran = shop.run(command);
        assert_eq!(ran.code, Some(4), "{ran}");
        assert!(ran.err.contains("`wal_level` is `replica`"), "{ran}");
    }
}

#[test]
fn an_error_of_one_table_publishes_none() {
    let cluster = shared();
    let tables = [table("person"), table("scratch")];
    let shop = Shop::new(cluster, "half_ready", SCHEMA, &tables);
    let ran = shop.run("migrate");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.out.contains("none: it cannot run"), "{ran}");
    assert!(
        ran.err.contains("it is unlogged") && ran.err.contains("help: nothing was set up"),
        "{ran}"
    );
    let mut connection = shop.connect(cluster);
    let published = connection
        .query("SELECT pubname FROM pg_publication")
        .unwrap();
    assert_eq!(published.iter().count(), 0);
    connection
        .execute("ALTER TABLE scratch SET LOGGED")
        .unwrap();
    shop.done("migrate");
    shop.done("app run --once");
}

#[test]
fn a_second_run_is_refused_before_it_waits_for_the_slot() {
    let cluster = shared();
    let shop = Shop::new(cluster, "twice", SCHEMA, &[table("person")]);
    let mut running = shop.start("app run --log debug");
    running.wait_for("snapshot done");
    for command in ["app run --once", "migrate", "connector clean --yes"] {
        shop.run(command)
            .refused(8, &["another run is using application `twice` (process "]);
    }
    let status = shop.done("app status");
    assert!(status.out.contains("running"), "{status}");
    running.signal("TERM");
    assert_eq!(shop.ended(running).code, Some(130));
    shop.is_equal(cluster);
}
