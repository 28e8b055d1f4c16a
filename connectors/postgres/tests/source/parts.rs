//! A snapshot in pieces, while others write.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use connector_core::connector::Connector as _;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::{ByteSize, Field, Operation, TableInfo};
use connector_postgres::{Capture, SnapshotSplit};

use crate::read::Reading;
use crate::{CLUSTER, source};

const ROWS: i64 = 20_000;

/// Reads `t` in pieces of four pages while rows are added, changed and removed; applies the changes that follow, until the
/// last one of all has come, and compares with the table.
fn read_while_written(database: &str, create: &str, split: SnapshotSplit) {
    let mut connection = CLUSTER.database(database);
    connection.execute(create).unwrap();
    connection
        .execute(&format!(
            "INSERT INTO t SELECT g, repeat('x', g % 100) FROM generate_series(1, {ROWS}) g"
        ))
        .unwrap();
    let source = source(database)
        .with_snapshot(4, ByteSize::new(4 * 8192))
        .with_snapshot_split(split);
    let done = AtomicBool::new(false);
    let mut rows: HashMap<i64, String> = HashMap::new();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut connection = CLUSTER.connect(database);
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                n += 1;
                let (new, old) = (ROWS + n, n * 7919 % ROWS + 1);
                connection
                    .execute(&format!(
                        "BEGIN; INSERT INTO t VALUES ({new}, 'new'); UPDATE t SET v = 'changed {n}' WHERE id = {old};
                         DELETE FROM t WHERE id = {}; COMMIT",
                        n * 104_729 % ROWS + 1
                    ))
                    .unwrap();
            }
            connection.execute("INSERT INTO t VALUES (-1, 'the last')").unwrap();
        });
        let mut reading = Reading::start(&source, database, &["t"], Until::Stopped);
        for row in reading.snapshot() {
            let (id, text) = read(&row);
            assert!(rows.insert(id, text).is_none(), "row {id} came twice");
        }
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        while !rows.contains_key(&-1) {
            match reading.change() {
                Operation::Insert { new } => {
                    let (id, text) = read(&new.values);
                    assert!(rows.insert(id, text).is_none(), "row {id} came twice");
                }
                Operation::Update { new, .. } => {
                    let (id, text) = read(&new.values);
                    assert!(rows.insert(id, text).is_some(), "row {id} was missed");
                }
                Operation::Delete { old } => {
                    let Field::Int(id) = old.values[0] else {
                        panic!("{old:?}")
                    };
                    assert!(rows.remove(&id).is_some(), "row {id} was missed");
                }
            }
        }
    });
    let stored = connection.query("SELECT id, v FROM t").unwrap();
    let stored: HashMap<i64, String> = stored
        .iter()
        .map(|row| (row.parse("id").unwrap(), row.text("v").unwrap().to_owned()))
        .collect();
    assert!(
        stored == rows,
        "{} rows are stored, {} were read",
        stored.len(),
        rows.len()
    );
}

fn read(row: &[Field]) -> (i64, String) {
    match row {
        [Field::Int(id), Field::String(text) | Field::Text(text)] => (*id, text.clone()),
        other => panic!("{other:?}"),
    }
}

const TABLE: &str = "CREATE TABLE t (id bigint PRIMARY KEY, v text)";

const PARTITIONED: &str = "CREATE TABLE t (id bigint PRIMARY KEY, v text) PARTITION BY HASH (id);
     CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
     CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY HASH (id);
     CREATE TABLE t10 PARTITION OF t1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
     CREATE TABLE t11 PARTITION OF t1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)";

#[test]
fn pieces_of_a_table_have_no_gap_and_no_overlap() {
    read_while_written("pieces", TABLE, SnapshotSplit::Ctid);
}

#[test]
fn pieces_of_a_partitioned_table_have_no_gap_and_no_overlap() {
    read_while_written("partitioned", PARTITIONED, SnapshotSplit::Ctid);
}

#[test]
fn pieces_by_key_have_no_gap_and_no_overlap() {
    read_while_written("pieces_by_key", TABLE, SnapshotSplit::Key);
    read_while_written("partitioned_by_key", PARTITIONED, SnapshotSplit::Key);
}

/// Reads two tables, one of which is locked until the rows of the other have come. The large one is copied first.
fn read_while_locked(database: &str, locked: &str, connections: u16) {
    let mut connection = CLUSTER.database(database);
    connection
        .execute(&format!(
            "CREATE TABLE large (id int PRIMARY KEY, v text); CREATE TABLE small (id int PRIMARY KEY);
             INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n; INSERT INTO small VALUES (1);
             ANALYZE; ALTER DATABASE {database} SET lock_timeout = '30s'",
        ))
        .unwrap();
    connection
        .execute(&format!("BEGIN; LOCK {locked}"))
        .unwrap();
    let source = source(database)
        .with_capture(Capture::None)
        .with_snapshot(connections, ByteSize::new(1 << 30));
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::Snapshot,
        ..IngestOptions::default()
    });
    let names = ["large", "small"];
    let tables = names.map(TableInfo::select).to_vec();
    let run = std::thread::spawn(move || source.start(None, &ingestor, Some(tables)));
    let all = [1000, 1];
    let others = std::array::from_fn(|place| {
        if names[place] == locked {
            0
        } else {
            all[place]
        }
    });
    let mut rows = [0, 0];
    while let Some(delivery) = deliveries.next_delivery() {
        let Delivery::Batch(batch) = delivery else {
            continue;
        };
        for table in &batch.tables {
            rows[table.table] += table.len();
        }
        if rows == others {
            connection.execute("COMMIT").unwrap();
        }
    }
    assert_eq!(rows, all);
    drop(deliveries);
    run.join().unwrap().unwrap();
}

#[test]
fn a_table_that_is_locked_keeps_no_other_part_of_the_snapshot_from_its_rows() {
    read_while_locked("locked", "large", 4);
}

#[test]
fn the_rows_of_a_table_come_before_the_next_table_is_copied() {
    read_while_locked("locked_behind", "small", 1);
}
