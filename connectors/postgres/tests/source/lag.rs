//! Log that the server keeps for a slot, while a stream reads it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector_core::connector::Connector as _;
use connector_core::ingest::{IngestOptions, IngestionMessage, Ingestor};
use connector_core::{ByteSize, ErrorKind, Field, Notice, Notices, Operation, TableInfo};

use crate::{CLUSTER, source};

#[test]
fn a_stream_says_that_its_slot_lags_and_stops_at_the_limit_with_what_arrived() {
    let mut connection = CLUSTER.database("stops");
    connection
        .execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int, note text)")
        .unwrap();
    let source = source("stops")
        .with_slot_lag_limit(ByteSize::new(8 << 20))
        .with_slot_lag_interval(Duration::from_millis(20));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    let (ingestor, messages) = Ingestor::initialize_channel(IngestOptions {
        notices: Notices::to(move |notice| {
            if let Notice::Warning(text) = notice {
                listener.lock().unwrap().push(text.to_owned());
            }
        }),
        ..IngestOptions::default()
    });
    let worker = {
        let source = source.clone();
        std::thread::spawn(move || {
            source.start(None, &ingestor, Some(vec![TableInfo::select("t")]))
        })
    };
    let mut arrived = Vec::new();
    for message in messages {
        match message {
            IngestionMessage::SnapshottingDone(_) => {
                connection.execute("INSERT INTO t VALUES (7)").unwrap();
            }
            IngestionMessage::Operation {
                operation: Operation::Insert { new },
                ..
            } => {
                arrived.extend(new.values);
                // Nothing is confirmed: the slot stays where it is.
                connection
                    .execute("INSERT INTO other SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n")
                    .unwrap();
            }
            _ => {}
        }
    }
    let error = worker.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source, "{error}");
    assert!(!error.is_transient(), "a retry does not help: {error}");
    assert!(
        error.message().contains("the 8MiB of `slot_lag_limit`"),
        "{error}"
    );
    assert_eq!(arrived, [Field::Int(7)]);
    let heard = heard.lock().unwrap().clone();
    let first = heard.first().unwrap();
    assert!(first.contains("more than 8MiB; "), "{heard:?}");

    let mut source = source;
    source.named("default");
    assert!(source.retained_bytes().unwrap() > Some(8 << 20));
    source.clean().unwrap();
    assert_eq!(source.retained_bytes().unwrap(), None);
}
