//! How deliveries flow: to an idle consumer at once, to a slow one within bounds; stopping and confirming.

use std::time::{Duration, Instant};

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::sink::{Null, SinkConfig};
use connector_core::{Checkpoint, Event, Field, TableInfo};

use crate::script::{LOG, Row, Script, Step, begin, commit, insert, told, user};

/// One change a transaction, each of about so many bytes.
fn transactions(count: u64, bytes: usize) -> Vec<Step> {
    let text = "x".repeat(bytes);
    (1..=count)
        .flat_map(|lsn| [begin(lsn), insert(user(1, &text)), commit()])
        .collect()
}

#[test]
fn a_consumer_that_waits_gets_a_transaction_at_its_commit() {
    let mut steps = transactions(3, 1);
    steps.push(begin(9));
    let script = Script {
        // Longer than the consumer needs to come back.
        pause: Duration::from_millis(100),
        ..Script::new(steps)
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions::default());
    let source = std::thread::spawn({
        let script = script.clone();
        move || script.start(None, &ingestor, None)
    });
    for lsn in 1..=3 {
        let delivery = deliveries.next_delivery().unwrap();
        // The event after the commit was not said yet.
        assert!(
            script.seen.lock().unwrap().said <= lsn * 3,
            "transaction {lsn}"
        );
        assert_eq!(
            delivery.end(),
            &Checkpoint {
                seq: 1,
                ..Checkpoint::after(lsn as u64)
            }
        );
    }
    drop(deliveries);
    // A source that has nothing to send notices it, too.
    let error = source.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), connector_core::ErrorKind::Cancelled);
}

/// The first delivery to a consumer that waits for it.
fn first_delivery(script: Script) -> Delivery {
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::CaughtUp,
        ..IngestOptions::default()
    });
    let source = std::thread::spawn(move || script.start(None, &ingestor, None));
    let first = deliveries.next_delivery().unwrap();
    while deliveries.next_delivery().is_some() {}
    source.join().unwrap().unwrap();
    first
}

#[test]
fn transactions_that_are_here_already_are_given_together() {
    let script = Script {
        pause: Duration::from_millis(20),
        ready: true,
        ..Script::new(transactions(5, 1))
    };
    let first = first_delivery(script);
    assert_eq!(first.end().lsn, 5);
    assert_eq!(told(&[first]).len(), 6);
}

#[test]
fn a_consumer_that_waits_gets_something_from_a_stream_that_always_has_more() {
    let empty = |lsn| [begin(lsn), commit()];
    for steps in [
        transactions(1_500, 1),
        (1..=1_500).flat_map(empty).collect(),
    ] {
        let script = Script {
            pause: Duration::from_micros(50),
            ready: true,
            ..Script::new(steps)
        };
        let end = first_delivery(script).end().lsn;
        assert!((1_024..1_500).contains(&end), "{end}");
    }
}

#[test]
fn a_consumer_that_waits_gets_the_first_rows_of_a_snapshot_soon_and_then_many() {
    let text = "x".repeat(200);
    let script = Script {
        // So that the consumer is back long before it could be given more.
        pause: Duration::from_micros(100),
        ..Script::new(
            (0..4_000)
                .map(|id| insert(user(id, &text)))
                .chain([Step::End]),
        )
    };
    let (delivered, ended) = script.run(IngestOptions::default());
    ended.unwrap();
    let rows = delivered.iter().filter_map(|delivery| match delivery {
        Delivery::Batch(batch) => Some(batch.rows()),
        _ => None,
    });
    // Of 1,024 rows the second time there would be less than 256 KiB.
    assert_eq!(rows.collect::<Vec<_>>(), [1_024, 2_048, 928]);
}

#[test]
fn the_rows_that_wait_for_a_slow_consumer_are_bounded_in_bytes() {
    const ROW: usize = 10_000;
    let script = Script::new(transactions(200, ROW));
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::CaughtUp,
        batch_bytes: 2 * ROW,
        queue_bytes: 8 * ROW,
        ..IngestOptions::default()
    });
    let source = std::thread::spawn({
        let script = script.clone();
        move || script.start(None, &ingestor, None)
    });
    std::thread::sleep(Duration::from_millis(300));
    deliveries.confirm(Checkpoint::after(1));
    std::thread::sleep(Duration::from_millis(1_500));
    {
        let seen = script.seen.lock().unwrap();
        // In the queue, blocked before it, and being filled; three events a row.
        assert!(seen.said <= (8 + 2 + 2) * 3, "{} events", seen.said);
        assert!(seen.kept_alive >= 1, "woken every second at least");
        assert_eq!(seen.confirmed, [Checkpoint::after(1)]);
    }
    let rest: Vec<Delivery> = std::iter::from_fn(|| deliveries.next_delivery()).collect();
    source.join().unwrap().unwrap();
    let rows = told(&rest)
        .iter()
        .filter(|line| line.contains("+I"))
        .count();
    assert_eq!(rows, 200);
    let largest = rest.iter().map(Delivery::byte_size).max();
    assert!(largest < Some(4 * ROW), "{largest:?}");
}

#[test]
fn a_stop_finishes_the_open_transaction() {
    let steps = [
        vec![begin(1), insert(user(1, "ada")), Step::Cancel],
        vec![insert(user(2, "bob")), commit()],
        transactions(9, 1).split_off(3),
    ];
    let began = Instant::now();
    let (deliveries, ended) = Script::new(steps.concat()).run(IngestOptions::default());
    ended.unwrap();
    assert_eq!(
        told(&deliveries),
        ["1.1 +I user 1 \"ada\"", "1.2 +I user 2 \"bob\"", "= 1"]
    );
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_transaction_that_does_not_come_to_its_end_is_given_up() {
    let steps = [
        transactions(1, 1),
        // What is whole is delivered before the next transaction begins, whether or not anybody waits for it.
        vec![Event::Idle { reached: None }.into()],
        vec![begin(2), insert(user(2, "bob")), Step::Cancel],
    ];
    // `Idle` in the middle of a transaction, on and on.
    let (deliveries, ended) = Script::new(steps.concat()).run(IngestOptions::default());
    ended.unwrap();
    let told = told(&deliveries);
    let ends: Vec<&String> = told.iter().filter(|line| line.starts_with('=')).collect();
    assert_eq!(ends, ["= 1"], "{told:?}");
}

#[test]
fn a_source_is_told_of_whole_transactions_alone() {
    let rows = |count| (0..count).map(|id| insert(user(id, "x")));
    let steps: Vec<Step> = (1..=20)
        .flat_map(|lsn| std::iter::once(begin(lsn)).chain(rows(5)).chain([commit()]))
        .collect();
    let script = Script {
        pause: Duration::from_millis(2),
        ..Script::new(steps)
    };
    let summary = Pipeline::from(script.clone())
        .into_boxed("nothing", Null::default().sink().unwrap())
        .batch_bytes(1)
        .run_with(&RunOptions {
            once: true,
            ..RunOptions::default()
        })
        .unwrap();
    assert_eq!(summary.rows[0].1, 100);
    let seen = script.seen.lock().unwrap();
    assert!(seen.confirmed.len() > 1);
    for checkpoint in &seen.confirmed {
        assert!(checkpoint.complete && checkpoint.seq == 5, "{checkpoint:?}");
    }
    let positions: Vec<u64> = seen.confirmed.iter().map(|it| it.lsn).collect();
    assert!(positions.is_sorted(), "{positions:?}");
}

#[test]
fn a_consumer_that_confirms_part_of_a_transaction_is_not_passed_on() {
    let script = Script {
        pause: Duration::from_millis(5),
        ..Script::new(transactions(20, 1))
    };
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::CaughtUp,
        ..IngestOptions::default()
    });
    let source = std::thread::spawn({
        let script = script.clone();
        move || script.start(None, &ingestor, None)
    });
    while let Some(delivery) = deliveries.next_delivery() {
        deliveries.confirm(Checkpoint {
            complete: delivery.end().lsn % 2 == 0,
            ..delivery.end().clone()
        });
    }
    source.join().unwrap().unwrap();
    let seen = script.seen.lock().unwrap();
    assert!(!seen.confirmed.is_empty());
    assert!(
        seen.confirmed.iter().all(|it| it.lsn % 2 == 0),
        "{:?}",
        seen.confirmed
    );
}

#[test]
fn the_tables_of_a_batch_are_in_the_order_of_the_selection_whichever_has_a_row_first() {
    let log = |text: &str| insert(Row(LOG, vec![Field::Text(text.to_owned())]));
    let script = Script::new(vec![
        begin(1),
        log("first"),
        insert(user(1, "one")),
        log("second"),
        commit(),
        begin(2),
        insert(user(2, "two")),
        commit(),
    ]);
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::CaughtUp,
        // Each transaction is a batch.
        batch_bytes: 1 << 20,
        ..IngestOptions::default()
    });
    let selected = ["log", "doc", "user"].map(TableInfo::select).to_vec();
    let run = std::thread::spawn(move || script.start(None, &ingestor, Some(selected)));
    let mut rows = Vec::new();
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = &delivery {
            let places: Vec<usize> = batch.tables.iter().map(|table| table.table).collect();
            assert!(places.is_sorted(), "{places:?}");
            rows.extend(batch.tables.iter().map(|table| (table.table, table.len())));
        }
        deliveries.confirm(delivery.end().clone());
    }
    run.join().unwrap().unwrap();
    let of = |place: usize| -> usize {
        let rows = rows.iter().filter(|(table, _)| *table == place);
        rows.map(|(_, rows)| rows).sum()
    };
    assert_eq!([of(0), of(1), of(2)], [2, 0, 2], "{rows:?}");
}
