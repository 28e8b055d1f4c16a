//! What the row view tells, one message at a time.

use connector_core::Event;
use connector_core::connector::Connector;
use connector_core::ingest::{IngestOptions, IngestionMessage as Message, Ingestor};

use crate::script::{Script, Step, USER, begin, commit, insert, user};

#[test]
fn a_transaction_is_committed_before_a_truncate_that_begins_the_next() {
    let truncate = Event::Truncate { table: USER };
    let steps = [
        vec![begin(1), insert(user(1, "a")), commit()],
        vec![begin(2), insert(user(2, "b")), commit()],
        vec![begin(3), truncate.into(), insert(user(3, "c")), commit()],
        vec![Step::End],
    ];
    let (ingestor, messages) = Ingestor::initialize_channel(IngestOptions::default());
    // The stream ends, which is an error; what came before it is there.
    let ended = Script::new(steps.concat()).start(None, &ingestor, None);
    assert!(ended.is_err());
    drop(ingestor);
    let told: Vec<String> = messages
        .map(|message| match message {
            Message::Operation { position, .. } => format!("row {position:?}"),
            Message::Truncate { position, .. } => format!("truncate {position:?}"),
            Message::Commit(end) => format!("commit {}", end.lsn),
            other => format!("{other:?}"),
        })
        .collect();
    let expected = [
        "row (1, 1)",
        "commit 1",
        "row (2, 1)",
        "commit 2",
        "truncate (3, 1)",
        "row (3, 2)",
        "commit 3",
    ];
    assert_eq!(told, expected);
}
