//! Streams that break a rule: each is refused with its place, and what was whole before is delivered.

use connector_core::ingest::{IngestOptions, OnSchemaChange};
use connector_core::{ErrorKind, Event, Field, SchemaChange};

use crate::script::{
    DOC, LOG, Row, Script, Step, USER, begin, commit, delete, doc, insert, snapshot_done,
    snapshot_started, told, update, user,
};

/// The stream, the kind of its error, and the whole message.
type Case = (Vec<Step>, ErrorKind, &'static str);

fn check(cases: impl IntoIterator<Item = Case>) {
    for (steps, kind, message) in cases {
        let (_, ended) = Script::new(steps.clone()).run(IngestOptions::default());
        let error = ended.expect_err(message);
        assert_eq!(
            (error.to_string().as_str(), error.kind()),
            (message, kind),
            "{steps:?}"
        );
    }
}

#[test]
fn events_out_of_order_are_refused() {
    use ErrorKind::Protocol;
    let ada = || insert(user(1, "ada"));
    check([
        (
            vec![begin(1), ada(), commit(), ada()],
            Protocol,
            "after position (1, 1): a change arrived outside a transaction: send `Begin` before it",
        ),
        (
            vec![begin(1), ada(), begin(2)],
            Protocol,
            "after position (1, 1): transaction 2 began before the one before it was committed",
        ),
        (
            vec![snapshot_started(1), ada(), begin(2)],
            Protocol,
            "in the snapshot, after 1 rows: transaction 2 began before the snapshot was done",
        ),
        (
            vec![ada(), begin(2)],
            Protocol,
            "in the snapshot, after 1 rows: transaction 2 began after rows outside a snapshot\n\
             help: a stream that follows changes sends `SnapshotStarted` before the rows of a snapshot",
        ),
        (
            vec![begin(5), commit(), begin(5)],
            Protocol,
            "after position (5, 0): transaction 5 follows position 5: positions must increase",
        ),
        (
            vec![snapshot_started(5), snapshot_done(5), begin(4)],
            Protocol,
            "after position (5, 0): transaction 4 follows position 5: positions must increase",
        ),
        (
            vec![commit()],
            Protocol,
            "at the start: a commit arrived outside a transaction",
        ),
        (
            vec![begin(1), commit(), commit()],
            Protocol,
            "after position (1, 0): a commit arrived outside a transaction",
        ),
        (
            vec![snapshot_started(1), ada(), snapshot_started(1)],
            Protocol,
            "in the snapshot, after 1 rows: a snapshot was started in the middle of the stream",
        ),
        (
            vec![snapshot_started(3), ada(), snapshot_done(4)],
            Protocol,
            "in the snapshot, after 1 rows: the snapshot at 3 was said to be done at 4",
        ),
        (
            vec![snapshot_done(4)],
            Protocol,
            "at the start: the end of a snapshot arrived, and none was started",
        ),
        (
            vec![snapshot_started(1), update(user(1, ""), user(1, "ada"))],
            Protocol,
            "in the snapshot, after 0 rows: an update or a delete arrived outside a transaction: send `Begin` before it",
        ),
        (
            vec![snapshot_started(1), Event::Truncate { table: USER }.into()],
            Protocol,
            "in the snapshot, after 0 rows: a truncate arrived outside a transaction: send `Begin` before it",
        ),
    ]);
}

#[test]
fn rows_that_do_not_fit_their_table_are_refused() {
    use ErrorKind::Protocol;
    let unsent = |table, values: &[Field]| Row(table, values.to_vec());
    let id = Field::Int(1);
    let full = || doc(1, Field::UInt(2));
    check([
        (
            vec![
                begin(1),
                delete(Row(LOG, vec![Field::Text("a".to_owned())])),
            ],
            Protocol,
            "after position (1, 1): table `log` at position (1, 1): a delete arrived, and the table is declared append-only",
        ),
        (
            vec![
                begin(1),
                update(None, Row(LOG, vec![Field::Text("a".to_owned())])),
            ],
            Protocol,
            "after position (1, 1): table `log` at position (1, 1): an update arrived, and the table is declared append-only",
        ),
        (
            vec![begin(1), update(None, full())],
            Protocol,
            "after position (1, 1): table `doc` at position (1, 1): an update does not carry the full old row that its table declares",
        ),
        (
            vec![
                begin(1),
                delete(unsent(DOC, &[id.clone(), Field::Unchanged, Field::Null])),
            ],
            Protocol,
            "after position (1, 1): table `doc` at position (1, 1): a full old row was announced, and a column of it was not sent",
        ),
        (
            vec![
                begin(1),
                delete(unsent(USER, &[Field::Unchanged, Field::Null])),
            ],
            Protocol,
            "after position (1, 1): table `user` at position (1, 1): a column of the primary key was not sent",
        ),
        (
            vec![
                begin(1),
                update(user(1, ""), unsent(USER, &[Field::Unchanged, Field::Null])),
            ],
            Protocol,
            "after position (1, 1): table `user` at position (1, 1): a column of the primary key was not sent",
        ),
        (
            vec![
                begin(1),
                insert(unsent(USER, &[id.clone(), Field::Unchanged])),
            ],
            Protocol,
            "after position (1, 1): table `user` at position (1, 1): a column of a new row was not sent; only an update may leave columns out",
        ),
        (
            vec![
                begin(1),
                insert(user(1, "ada")),
                insert(Row(USER, vec![id.clone()])),
            ],
            Protocol,
            "after position (1, 2): table `user` at position (1, 2): the row has fewer values than its table has columns",
        ),
        (
            vec![
                begin(1),
                insert(Row(USER, vec![id, Field::Null, Field::Null])),
            ],
            Protocol,
            "after position (1, 1): table `user` at position (1, 1): the row has more values than its table has columns",
        ),
        (
            vec![begin(7), update(full(), user(1, "ada"))],
            Protocol,
            "after position (7, 1): an update at position (7, 1) has an old row of table 1 and a new row of table 0",
        ),
    ]);
}

#[test]
fn a_stream_that_breaks_off_says_where() {
    let ada = || insert(user(1, "ada"));
    check([
        (
            vec![begin(1), ada(), commit(), Step::End],
            ErrorKind::Protocol,
            "after position (1, 1): the change stream ended; a stream that follows changes never does\n\
             help: a stream that has nothing to tell gives `Idle`; one that failed gives an error",
        ),
        (
            vec![begin(1), ada(), Step::End],
            ErrorKind::Protocol,
            "after position (1, 1): the change stream ended; a stream that follows changes never does\n\
             help: a stream that has nothing to tell gives `Idle`; one that failed gives an error",
        ),
        (
            vec![snapshot_started(1), ada(), Step::End],
            ErrorKind::Protocol,
            "in the snapshot, after 1 rows: the stream ended before its snapshot was done",
        ),
        (
            vec![begin(1), ada(), ada(), Step::Fail],
            ErrorKind::Source,
            "after position (1, 2): the cable is cut",
        ),
        (
            vec![Step::Fail],
            ErrorKind::Source,
            "at the start: the cable is cut",
        ),
        (
            vec![begin(1), ada(), Step::Panic],
            ErrorKind::Protocol,
            "after position (1, 1): the connector's change stream panicked: out of cheese\n\
             help: this is a bug in the connector; please report it to its author",
        ),
        (
            vec![
                begin(1),
                ada(),
                commit(),
                Event::SchemaChanged {
                    table: USER,
                    change: SchemaChange::Breaking,
                    what: "table `user` has no column `age` any more".to_owned(),
                }
                .into(),
            ],
            ErrorKind::Drift,
            "after position (1, 1): table `user` has no column `age` any more\n\
             help: `dozer migrate` shows the new schema and takes it on; then `dozer app reset` asks for a new snapshot",
        ),
    ]);
}

#[test]
fn a_panic_in_get_tables_is_an_error() {
    let script = Script {
        panics_in_get_tables: true,
        ..Script::default()
    };
    let (_, ended) = script.run(IngestOptions::default());
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(
        error.to_string(),
        "the connector's get_tables panicked: no catalog\n\
         help: this is a bug in the connector; please report it to its author"
    );
}

#[test]
fn whole_transactions_before_an_error_are_delivered_and_nothing_of_the_broken_one() {
    for broken in [Step::Fail, begin(9), insert(Row(USER, Vec::new()))] {
        let (deliveries, ended) = Script::new([
            begin(1),
            insert(user(1, "ada")),
            commit(),
            begin(2),
            insert(user(2, "bob")),
            commit(),
            begin(3),
            insert(user(3, "eve")),
            broken,
        ])
        .run(IngestOptions::default());
        assert!(ended.is_err());
        let told = told(&deliveries);
        assert_eq!(told.last().map(String::as_str), Some("= 2"), "{told:?}");
        assert!(!told.iter().any(|line| line.starts_with("3.")), "{told:?}");
        assert!(
            told.contains(&"2.1 +I user 2 \"bob\"".to_owned()),
            "{told:?}"
        );
    }
}

#[test]
fn a_wider_type_ends_the_stream_only_where_it_is_asked_for() {
    let wider = |place| {
        Script::new([
            begin(1),
            insert(user(1, "ada")),
            commit(),
            Event::SchemaChanged {
                table: place,
                change: SchemaChange::Wider,
                what: "`id` is wider".to_owned(),
            }
            .into(),
            begin(2),
            insert(user(2, "bob")),
            commit(),
        ])
    };
    let under = |policy: Option<OnSchemaChange>| IngestOptions {
        schema_change: policy
            .map(|policy| ("user".to_owned(), policy))
            .into_iter()
            .collect(),
        ..IngestOptions::default()
    };
    for (policy, help) in [
        (Some(OnSchemaChange::Freeze), "to `evolve` to take"),
        (Some(OnSchemaChange::Ignore), "to `evolve` to take"),
        (None, "`dozer migrate` shows the new schema"),
    ] {
        let (deliveries, ended) = wider(USER).run(under(policy));
        let error = ended.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Drift);
        assert!(error.to_string().contains(help), "{error}");
        assert_eq!(told(&deliveries).last().unwrap(), "= 1");
    }
    let (deliveries, ended) = wider(USER).run(under(Some(OnSchemaChange::Evolve)));
    ended.unwrap();
    assert_eq!(
        told(&deliveries).last().unwrap(),
        "`id` is wider, ends: true"
    );
}
