//! Beginning again at a checkpoint.

use connector_core::connector::Connector;
use connector_core::ingest::{IngestOptions, Ingestor};
use connector_core::{Checkpoint, ErrorKind};

use crate::script::{
    Script, Step, begin, commit, insert, snapshot_done, snapshot_started, told, user,
};

fn from(checkpoint: Checkpoint) -> IngestOptions {
    IngestOptions {
        checkpoint: Some(checkpoint),
        ..IngestOptions::default()
    }
}

fn three_in(lsn: u64) -> Vec<Step> {
    let rows = (1..=3).map(|id| insert(user(id, "x")));
    let steps = std::iter::once(begin(lsn)).chain(rows);
    steps.chain([commit()]).collect()
}

#[test]
fn changes_of_a_replayed_transaction_that_are_stored_are_dropped() {
    let (deliveries, ended) = Script::new(three_in(4)).run(from(Checkpoint::within(4, 2)));
    ended.unwrap();
    assert_eq!(told(&deliveries), ["4.3 +I user 3 \"x\"", "= 4"]);
}

#[test]
fn a_replay_that_is_not_the_same_is_refused() {
    for (steps, at, kind, message) in [
        (
            three_in(4),
            Checkpoint::within(4, 5),
            ErrorKind::Protocol,
            "after position (4, 3): transaction 4 was stored up to change 5, and was replayed with 3 changes",
        ),
        (
            three_in(6),
            Checkpoint::within(4, 2),
            ErrorKind::PositionLost,
            "resuming after position (4, 2): the source no longer holds position 4, the earliest is 6\n\
             help: take a new snapshot: `dozer app reset` forgets the position of a connection",
        ),
        (
            three_in(4),
            Checkpoint::after(4),
            ErrorKind::Protocol,
            "resuming after position (4, 0): transaction 4 follows position 4: positions must increase",
        ),
        (
            vec![Step::End],
            Checkpoint::after(4),
            ErrorKind::Protocol,
            "resuming after position (4, 0): the change stream ended; a stream that follows changes never does\n\
             help: a stream that has nothing to tell gives `Idle`; one that failed gives an error",
        ),
    ] {
        let (deliveries, ended) = Script::new(steps).run(from(at));
        let error = ended.expect_err(message);
        assert_eq!((error.to_string().as_str(), error.kind()), (message, kind));
        assert_eq!(told(&deliveries), Vec::<String>::new());
    }
}

#[test]
fn another_fingerprint_never_skips_by_count() {
    let script = Script {
        fingerprint: 2,
        ..Script::new(three_in(4))
    };
    let stored = Checkpoint {
        fingerprint: 1,
        ..Checkpoint::within(4, 2)
    };
    let (_, ended) = script.run(from(stored.clone()));
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PositionLost);
    assert_eq!(
        error.to_string(),
        "at the start: transaction 4 was stored up to change 2, and what the source numbers its changes by is no longer \
         the same\nhelp: take a new snapshot: `dozer app reset`"
    );

    let bears = IngestOptions {
        redelivery: true,
        ..from(stored)
    };
    let (deliveries, ended) = script.run(bears);
    ended.unwrap();
    let told = told(&deliveries);
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(deliveries[0].end().fingerprint, 2);

    // Where the transaction is whole, nothing is counted.
    let whole = Checkpoint {
        fingerprint: 1,
        ..Checkpoint::after(3)
    };
    let (_, ended) = script.run(from(whole));
    ended.unwrap();
}

#[test]
fn the_position_given_to_start_must_be_the_checkpoints() {
    let refused = |given: Option<(u64, u64)>, stored: Option<Checkpoint>| {
        let options = IngestOptions {
            checkpoint: stored,
            ..IngestOptions::default()
        };
        let (ingestor, _deliveries) = Ingestor::initialize_channel(options);
        Script::default().start(given, &ingestor, None).unwrap_err()
    };
    let error = refused(Some((4, 1)), Some(Checkpoint::within(4, 2)));
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "`start` was asked to resume from (4, 1), and the ingestor's checkpoint says (4, 2)\n\
         help: give `start` the position of the checkpoint that the ingestor was made with"
    );
    let error = refused(None, Some(Checkpoint::after(4)));
    assert_eq!(
        error.message(),
        "`start` was asked to begin at the start, and the ingestor's checkpoint says (4, 0)"
    );
}

#[test]
fn a_snapshot_that_broke_off_is_taken_anew() {
    let steps = [
        snapshot_started(7),
        insert(user(1, "ada")),
        snapshot_done(7),
    ];
    let (deliveries, ended) = Script::new(steps).run(from(Checkpoint {
        seq: 5,
        ..Checkpoint::snapshot(3)
    }));
    ended.unwrap();
    assert_eq!(
        told(&deliveries),
        ["snapshot 7", "7.1 +I user 1 \"ada\"", "= 7"]
    );
}
