//! The network between the command and the server is cut and stalls; a slow sink makes the command wait.

use crate::proxy::Proxy;
use crate::shop::{COPY, Shop, server, table};
use crate::support::{Writer, until};

const SCHEMA: &str = "CREATE TABLE entry(id int PRIMARY KEY, note text);
     INSERT INTO entry SELECT n, 'n' || n FROM generate_series(1, 1000) n";

/// Waits until the sink holds this row.
pub(crate) fn holds(shop: &Shop, id: i32) {
    until("the row arrives in the sink", || {
        let start = format!("{id}, ");
        let found = shop.sink()["entry"]
            .iter()
            .any(|row| row.starts_with(&start));
        found.then_some(())
    });
}

#[test]
fn a_connection_that_is_cut_is_made_anew_also_within_a_transaction() {
    let cluster = server("");
    let proxy = Proxy::to(cluster.port());
    let shop = Shop::new(&cluster, "cut", SCHEMA, &[table("entry")]);
    shop.configure(proxy.port(), "", COPY);
    shop.done("migrate");
    shop.done("app run --once");
    let running = shop.start("app run --log debug");
    let mut connection = shop.connect(&cluster);
    connection
        .execute("INSERT INTO entry VALUES (-1, 'first')")
        .unwrap();
    holds(&shop, -1);
    for round in 0..6 {
        let first = 10_000 * (round + 1);
        // A transaction that takes longer to send than until the cut.
        let sql = format!(
            "INSERT INTO entry SELECT n, repeat('x', 200) FROM generate_series({first}, {first} + 8000) n"
        );
        let before = proxy.accepted();
        connection.execute(&sql).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(
            10 * u64::try_from(round).unwrap(),
        ));
        proxy.cut();
        until("a new connection", || {
            (proxy.accepted() > before).then_some(())
        });
    }
    connection
        .execute("INSERT INTO entry VALUES (-2, 'last')")
        .unwrap();
    holds(&shop, -2);
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.is_equal(&cluster);
}

#[test]
fn a_connection_that_stalls_goes_on_or_is_made_anew() {
    let cluster = server("wal_sender_timeout = 2s");
    let proxy = Proxy::to(cluster.port());
    let shop = Shop::new(&cluster, "stalled", SCHEMA, &[table("entry")]);
    shop.configure(proxy.port(), "", COPY);
    shop.done("migrate");
    let mut running = shop.start("app run --log debug");
    let mut connection = shop.connect(&cluster);
    running.wait_for("stored up to ");
    proxy.stall(true);
    connection
        .execute("INSERT INTO entry VALUES (-1, 'stalled')")
        .unwrap();
    // The server gives the silent reader up.
    until("the server ends the session", || {
        let rows = connection
            .query("SELECT slot_name FROM pg_replication_slots WHERE active")
            .unwrap();
        (rows.iter().count() == 0).then_some(())
    });
    proxy.stall(false);
    holds(&shop, -1);
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.is_equal(&cluster);
}

#[test]
fn a_slow_sink_does_not_cost_the_connection() {
    let cluster = server("wal_sender_timeout = 3s");
    let shop = Shop::new(&cluster, "slow", SCHEMA, &[table("entry")]);
    shop.done("migrate");
    let mut running = shop.start("app run --log debug");
    running.wait_for("stored up to ");
    let mut connection = shop.connect(&cluster);
    let session = |connection: &mut connector_postgres::wire::Connection| {
        let rows = connection
            .query("SELECT active_pid FROM pg_replication_slots WHERE active")
            .unwrap();
        rows.iter()
            .next()
            .map(|row| row.text("active_pid").unwrap().to_owned())
    };
    let before = until("the session", || session(&mut connection));
    // Another writer holds the sink's file for twice as long as the server waits.
    let mut blocker = Writer::start(&shop.place.file("copy.db"));
    let locked = shop.place.file("blocked");
    blocker.write(&format!(
        "BEGIN IMMEDIATE;\n.shell touch {}\n",
        locked.display()
    ));
    until("the sink is blocked", || locked.exists().then_some(()));
    connection
        .execute("INSERT INTO entry SELECT n, 'slow' FROM generate_series(10000, 30000) n")
        .unwrap();
    let start = std::time::Instant::now();
    until("twice the server's patience passes", || {
        assert_eq!(
            session(&mut connection).as_ref(),
            Some(&before),
            "the server hung up"
        );
        (start.elapsed() > std::time::Duration::from_secs(6)).then_some(())
    });
    assert_eq!(shop.sink()["entry"].len(), 1000, "the sink was blocked");
    blocker.write("COMMIT;\n");
    blocker.finish();
    holds(&shop, 30000);
    assert_eq!(session(&mut connection), Some(before));
    running.signal("TERM");
    let ran = shop.ended(running);
    assert_eq!(ran.code, Some(130), "{ran}");
    shop.is_equal(&cluster);
}
