//! A connection is ended or stalls in each phase of a run, and the server is restarted: the run goes on by itself.

use std::time::Duration;

use connector_postgres::wire::Connection;

use crate::cluster::{Cluster, Stop};
use crate::proxy::Proxy;
use crate::shop::{COPY, READER, Shop, server, table};
use crate::support::{Ran, Running, Writer, sqlite, until};

/// More rows than fit between the server and a sink that takes none.
const LARGE: &str = "CREATE TABLE entry(id int PRIMARY KEY, note text);
     INSERT INTO entry SELECT n, repeat('x', 1000) FROM generate_series(1, 40000) n";
const SMALL: &str = "CREATE TABLE entry(id int PRIMARY KEY, note text);
     INSERT INTO entry SELECT n, 'n' || n FROM generate_series(1, 1000) n";

const COPYING: &str = "query LIKE 'COPY%' AND wait_event = 'ClientWrite'";
const REPLICATING: &str = "backend_type = 'walsender'";
const WAITING: &str = "wait_event_type = 'Lock'";

/// An application that reaches its server through a proxy.
struct Broken {
    cluster: Cluster,
    proxy: Proxy,
    shop: Shop,
    admin: Connection,
}

impl Broken {
    fn new(conf: &str, schema: &str, settings: &str) -> Self {
        let cluster = server(conf);
        let proxy = Proxy::to(cluster.port());
        let shop = Shop::new(&cluster, "broken", schema, &[table("entry")]);
        shop.configure(proxy.port(), settings, COPY);
        let admin = cluster.connect("broken");
        Self {
            cluster,
            proxy,
            shop,
            admin,
        }
    }

    fn count(&mut self, sql: &str) -> u64 {
        let rows = self.admin.query(sql).unwrap();
        rows.one().unwrap().parse("count").unwrap()
    }

    /// How many of the reader's sessions are like this.
    fn sessions(&mut self, like: &str) -> u64 {
        self.count(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = '{READER}' AND {like}"
        ))
    }

    /// Ends the first of the reader's sessions that is like this, once there is one.
    fn end_session(&mut self, like: &str) {
        until(&format!("a session where {like}"), || {
            (self.sessions(like) > 0).then_some(())
        });
        let ended = self.count(&format!(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM
               (SELECT pid FROM pg_stat_activity WHERE usename = '{READER}' AND {like} ORDER BY pid LIMIT 1) sessions"
        ));
        assert_eq!(ended, 1, "no session was ended where {like}");
    }

    /// Starts a run and stops it where the slot is made, and nobody has looked at the snapshot.
    fn at_the_slot(&self) -> Running {
        self.proxy.hold_behind_replication(true);
        let mut running = self.shop.start("app run --log debug");
        until(
            "a connection behind the one that holds the snapshot",
            || {
                assert_eq!(running.has_ended(), None, "{}", running.err());
                let rows = self.slots();
                (self.proxy.holds() && rows.len() == 1).then_some(())
            },
        );
        running
    }

    /// Has the sink take nothing until the writer ends.
    fn block_the_sink(&self) -> Writer {
        let mut blocker = Writer::start(&self.shop.place.file("copy.db"));
        let locked = self.shop.place.file("blocked");
        blocker.write(&format!(
            "BEGIN IMMEDIATE;\n.shell touch {}\n",
            locked.display()
        ));
        until("the sink is blocked", || locked.exists().then_some(()));
        blocker
    }

    /// Starts a run and stops it in the middle of its snapshot, by a sink that takes nothing until the writer ends.
    fn in_the_snapshot(&mut self) -> (Running, Writer) {
        let running = self.at_the_slot();
        let blocker = self.block_the_sink();
        self.proxy.hold_behind_replication(false);
        until("rows wait", || (self.sessions(COPYING) > 0).then_some(()));
        (running, blocker)
    }

    /// The slots, each with where it began.
    fn slots(&self) -> Vec<String> {
        let rows = self
            .cluster
            .connect("broken")
            .query("SELECT slot_name || ' ' || confirmed_flush_lsn AS slot FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL ORDER BY 1")
            .unwrap();
        (rows.iter())
            .map(|row| row.text("slot").unwrap().to_owned())
            .collect()
    }

    /// Waits until the sink has what is committed from now on, and stops the run; all is there, once.
    fn goes_on(self, mut running: Running) -> Ran {
        running.wait_for("snapshot done at ");
        let mut connection = self.shop.connect(&self.cluster);
        connection
            .execute("INSERT INTO entry VALUES (-1, 'last')")
            .unwrap();
        until("the last row arrives", || {
            let copy = self.shop.place.file("copy.db");
            let found = sqlite(&copy, "SELECT count(*) FROM entry WHERE id = -1");
            (found.trim() == "1").then_some(())
        });
        running.signal("TERM");
        let ran = self.shop.ended(running);
        assert_eq!(ran.code, Some(130), "{ran}");
        assert_eq!(self.slots().len(), 1, "{ran}");
        self.shop.is_equal(&self.cluster);
        ran
    }
}

fn release(mut blocker: Writer) {
    blocker.write("COMMIT;\n");
    blocker.finish();
}

fn snapshots(ran: &Ran) -> usize {
    ran.err.matches("shop: snapshot started at ").count()
}

const ONE: &str = ", snapshot_connections: 1";

#[test]
fn a_copy_that_is_ended_costs_a_new_snapshot_and_no_more() {
    let mut broken = Broken::new("", LARGE, ONE);
    let (running, blocker) = broken.in_the_snapshot();
    broken.end_session(COPYING);
    release(blocker);
    let ran = broken.goes_on(running);
    assert_eq!(snapshots(&ran), 2, "{ran}");
    assert!(
        ran.err.contains("is tried again from what is stored"),
        "{ran}"
    );
}

#[test]
fn a_holder_that_is_ended_after_others_have_its_snapshot_costs_nothing() {
    let mut broken = Broken::new("", LARGE, ONE);
    let (running, blocker) = broken.in_the_snapshot();
    broken.end_session(REPLICATING);
    // Told by the slot, from where the snapshot ends.
    broken
        .admin
        .execute("INSERT INTO entry VALUES (-2, 'meanwhile')")
        .unwrap();
    release(blocker);
    let ran = broken.goes_on(running);
    assert_eq!(snapshots(&ran), 1, "{ran}");
    assert!(ran.err.contains("the stream of changes is back"), "{ran}");
}

#[test]
fn a_holder_that_is_ended_before_others_have_its_snapshot_costs_a_new_one() {
    for settings in ["", ", slot: chosen"] {
        let mut broken = Broken::new("", SMALL, settings);
        let running = broken.at_the_slot();
        broken.end_session(REPLICATING);
        broken.proxy.hold_behind_replication(false);
        let ran = broken.goes_on(running);
        let told = "the connection that holds the snapshot was lost";
        assert!(ran.err.contains(told), "{ran}");
        assert_eq!(ran.err.matches("is tried again").count(), 1, "{ran}");
    }
}

#[test]
fn a_session_that_is_ended_within_a_transaction_goes_on_within_it() {
    let mut broken = Broken::new("", SMALL, "");
    let mut running = broken.shop.start("app run --log debug");
    running.wait_for("snapshot done at ");
    let blocker = broken.block_the_sink();
    let long = "INSERT INTO entry SELECT n, repeat('x', 1000) FROM generate_series(10001, 50000) n";
    broken.admin.execute(long).unwrap();
    broken.end_session(&format!(
        "{REPLICATING} AND wait_event = 'WalSenderWriteData'"
    ));
    release(blocker);
    running.wait_for("the stream of changes is back within transaction ");
    let ran = broken.goes_on(running);
    let told = ran.err.lines().find(|line| line.contains("is back within"));
    assert!(!told.unwrap().contains("which 0 changes"), "{ran}");
    assert_eq!(snapshots(&ran), 1, "{ran}");
}

#[test]
fn a_server_that_is_restarted_in_the_snapshot_costs_a_new_one() {
    for stop in [Stop::Fast, Stop::Immediate] {
        let mut broken = Broken::new("", LARGE, ONE);
        let (running, blocker) = broken.in_the_snapshot();
        broken.cluster.restart(stop);
        release(blocker);
        let ran = broken.goes_on(running);
        assert_eq!(snapshots(&ran), 2, "{stop:?}: {ran}");
    }
}

#[test]
fn a_run_that_is_killed_between_the_slot_and_its_first_checkpoint_leaves_nothing_behind() {
    let broken = Broken::new("", SMALL, "");
    let mut running = broken.at_the_slot();
    let before = broken.slots();
    running.signal("KILL");
    running.ended();
    broken.proxy.hold_behind_replication(false);
    let copy = broken.shop.place.file("copy.db");
    let stored = sqlite(&copy, "SELECT count(checkpoint) FROM _dozer_sink");
    assert_eq!(stored.trim(), "0", "no checkpoint");
    let mut connection = broken.shop.connect(&broken.cluster);
    connection
        .execute("INSERT INTO entry VALUES (-2, 'between'); DELETE FROM entry WHERE id = 7")
        .unwrap();
    broken.shop.done("app run --once");
    broken.shop.is_equal(&broken.cluster);
    let (before, after) = (&before[0], &broken.slots()[..]);
    assert_eq!(after.len(), 1, "{before} and then {after:?}");
    let name = |slot: &str| slot.split(' ').next().unwrap().to_owned();
    assert_eq!(name(&after[0]), name(before));
    assert_ne!(&after[0], before, "the slot is another one");
}

#[test]
fn a_session_that_is_ended_while_the_source_is_set_up_is_made_again() {
    for arguments in ["migrate", "app run --once"] {
        let mut broken = Broken::new("", SMALL, "");
        let mut other = broken.cluster.connect("broken");
        // The publication waits for the table.
        other.execute("BEGIN; LOCK TABLE entry").unwrap();
        let mut running = broken.shop.start(arguments);
        broken.end_session(WAITING);
        running.wait_for("did not answer, and is asked again in ");
        other.execute("ROLLBACK").unwrap();
        let ran = broken.shop.ended(running);
        assert_eq!(ran.code, Some(0), "{ran}");
        broken.shop.done("app run --once");
        broken.shop.is_equal(&broken.cluster);
    }
}

#[test]
fn a_session_that_is_ended_while_it_makes_the_slot_is_made_again() {
    let mut broken = Broken::new("", SMALL, "");
    broken.shop.done("migrate");
    let mut other = broken.cluster.connect("broken");
    // The slot waits for the transactions that are open.
    other
        .execute("BEGIN; INSERT INTO entry VALUES (-3, 'open')")
        .unwrap();
    let mut running = broken.shop.start("app run --log debug");
    broken.end_session(&format!("{REPLICATING} AND {WAITING}"));
    running.wait_for("is tried again from what is stored");
    other.execute("COMMIT").unwrap();
    broken.goes_on(running);
}

#[test]
fn a_server_that_starts_is_waited_for_and_one_that_is_not_there_is_not() {
    let broken = Broken::new("", SMALL, "");
    broken.proxy.refuse(3);
    let ran = broken.shop.done("migrate");
    assert_eq!(ran.err.matches("is asked again").count(), 3, "{ran}");
    assert!(
        ran.err.contains("the database system is starting up"),
        "{ran}"
    );
    broken.proxy.refuse(2);
    let ran = broken.shop.done("app run --once");
    assert_eq!(ran.err.matches("is asked again").count(), 2, "{ran}");
    broken.shop.is_equal(&broken.cluster);
    broken.shop.configure(crate::cluster::free_port(), "", COPY);
    for arguments in ["migrate", "app run --once"] {
        let ran = broken.shop.run(arguments);
        assert_eq!(ran.code, Some(4), "{ran}");
        assert!(!ran.err.contains("asked again"), "{ran}");
        assert!(ran.err.contains("check that the server runs"), "{ran}");
    }
}

const IMPATIENT: &str = ", connect_timeout: 1, read_timeout: 2";

#[test]
fn a_connection_that_stalls_at_the_start_is_made_again() {
    let broken = Broken::new("", SMALL, IMPATIENT);
    broken.proxy.stall(true);
    let mut running = broken.shop.start("app run --log debug");
    running.wait_for("did not answer, and is asked again in ");
    broken.proxy.stall(false);
    broken.goes_on(running);
}

#[test]
fn a_connection_that_stalls_in_the_snapshot_costs_a_new_one() {
    let mut broken = Broken::new("", LARGE, &format!("{ONE}{IMPATIENT}"));
    let (mut running, blocker) = broken.in_the_snapshot();
    broken.proxy.stall(true);
    release(blocker);
    running.wait_for("is tried again from what is stored");
    assert!(
        running.err().contains("did not answer within"),
        "{}",
        running.err()
    );
    broken.proxy.stall(false);
    let ran = broken.goes_on(running);
    assert_eq!(snapshots(&ran), 2, "{ran}");
}

#[test]
fn a_stream_that_stalls_is_made_again_by_the_reader_too() {
    // The server would wait for ever.
    let broken = Broken::new("wal_sender_timeout = 0", SMALL, IMPATIENT);
    let mut running = broken.shop.start("app run --log debug");
    running.wait_for("snapshot done at ");
    let quiet = running.err();
    std::thread::sleep(Duration::from_secs(4));
    assert!(
        !quiet.contains("no stream") && !running.err().contains("no stream"),
        "an idle server answers"
    );
    broken.proxy.stall(true);
    running.wait_for("there is no stream of changes, and it is asked for again in ");
    broken.proxy.stall(false);
    running.wait_for("the stream of changes is back");
    broken.goes_on(running);
}
