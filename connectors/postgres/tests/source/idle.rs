//! While nothing happens to the tables that are read.

use connector_core::Source as _;
use connector_core::ingest::Until;

use crate::read::Reading;
use crate::{CLUSTER, source};

#[test]
fn the_slot_moves_on_while_others_write() {
    let mut connection = CLUSTER.database("idle");
    connection
        .execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE busy (id int)")
        .unwrap();
    let source = source("idle");
    let mut reading = Reading::start(&source, "idle", &["t"], Until::Stopped);
    assert_eq!(reading.snapshot().len(), 0);
    connection
        .execute("INSERT INTO busy SELECT generate_series(1, 100000)")
        .unwrap();
    let written = source.current_position().unwrap().unwrap();
    reading.confirm_until(|| {
        let slots = connection
            .query("SELECT confirmed_flush_lsn - '0/0'::pg_lsn AS at FROM pg_replication_slots WHERE database = 'idle'")
            .unwrap();
        slots.one().unwrap().parse::<u64>("at").unwrap() >= written
    });
}
